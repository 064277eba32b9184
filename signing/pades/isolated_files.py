"""The entries of a worker process for signing large files by their names: the caller never holds one in memory.

For a command on the holder's own machine; a service gets bytes and uses ``isolated``. Only what is to be appended comes
back.
"""

import gc
from datetime import datetime
from pathlib import Path

from signing.pades.archive import ArchiveNeed, archive_need
from signing.pades.intake import open_for_signing
from signing.pades.isolated import (
    Chain,
    added_chains,
    evidence_in_worker,
    open_chains,
    prepare_in_worker,
    timestamp_in_worker,
)
from signing.pades.longterm import certificates_to_preserve, evidence_tail
from signing.pades.open_value import OpenRevision
from signing.pades.prepared import PreparedSignature
from signing.pades.sign import SigningRequest
from signing.trust import Evidence


def prepare_file(
    path: str,
    request: SigningRequest,
    with_stamp: bool,  # noqa: FBT001 - a worker's call has positional arguments only
    at: datetime,
) -> PreparedSignature:
    """``prepare_signature`` for a file."""
    return prepare_in_worker(_read(path), request, with_stamp, at)


def chains_of_file(path: str, base_length: int, known: Chain) -> tuple[Chain, ...]:
    """``chains_in_worker`` for a file; of the file and its first part one lies in memory at a time."""
    before = open_chains(_read(path, base_length), known)
    return added_chains(before, open_chains(_read(path), known))


def evidence_for_file(path: str, found: tuple[tuple[Chain, Evidence], ...], known: Chain) -> bytes:
    """``evidence_in_worker`` for a file."""
    return evidence_in_worker(_read(path), found, known)


def chains_to_prove(path: str, renew: bool) -> tuple[Chain, ...]:  # noqa: FBT001 - as above
    """The chains of everything in a signed file whose status is not in it yet; ``renew`` as in ``with_evidence``.

    Raises:
        DocumentNotSignable: nothing is signed, or no further change is possible. MalformedDocument.
    """
    pdf = _read(path)
    return open_chains(pdf, certificates_to_preserve(open_for_signing(pdf)), renew=renew)


def proof_for_file(
    path: str,
    found: tuple[tuple[Chain, Evidence], ...],
    renew: bool,  # noqa: FBT001 - as above
) -> tuple[bytes, bool]:
    """What to append so that the file holds this evidence, and whether every chain in it got some.

    Raises:
        EvidenceUnavailable: what was found cannot be read. Otherwise as ``chains_to_prove``.
    """
    pdf, by_chain = _read(path), dict(found)
    known = certificates_to_preserve(open_for_signing(pdf))
    return evidence_tail(pdf, lambda chain: by_chain.get(chain, Evidence()), known=known, renew=renew)


def timestamp_for_file(path: str, at: datetime) -> OpenRevision:
    """``timestamp_in_worker`` for a file."""
    return timestamp_in_worker(_read(path), at)


def need_of_file(path: str) -> ArchiveNeed:
    """``archive_need`` of a file."""
    return archive_need(_read(path))


def _read(path: str, size: int = -1) -> bytes:
    """A file or its first part. What was read before goes first: a document's objects hold each other, and it."""
    gc.collect()
    with Path(path).open("rb") as file:
        return file.read(size)
