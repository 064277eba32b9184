"""The entries of a worker process for signing files from outside: calls with positional arguments, plain values back.

What a stranger made is parsed here and nowhere else; keys, time-stamps and status evidence stay with the caller. Only
what was appended comes back, never the file.
"""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from signing.errors import DocumentNotSignable
from signing.pades.filled import filled_fields
from signing.pades.intake import open_for_signing, require_open_field
from signing.pades.longterm import evidence_tail, open_timestamp
from signing.pades.open_value import OpenRevision
from signing.pades.prepared import PreparedSignature
from signing.pades.sign import SigningRequest, prepare_signature
from signing.trust import Evidence

Chain = tuple[bytes, ...]
"""Certificates in DER, leaf first."""


def prepare_in_worker(
    pdf: bytes,
    request: SigningRequest,
    with_stamp: bool,  # noqa: FBT001 - a worker's call has positional arguments only
    at: datetime,
) -> PreparedSignature:
    """``prepare_signature`` for a caller in another process."""
    return prepare_signature(pdf, request, with_stamp=with_stamp, at=at)


def chains_in_worker(pdf: bytes, base_length: int, known: Chain) -> tuple[Chain, ...]:
    """The chains whose status is not in the file yet, of what was signed behind its first ``base_length`` bytes."""
    before = Counter(_chains(pdf[:base_length], known))
    found = []
    for chain in _chains(pdf, known):
        if before[chain]:
            before[chain] -= 1  # somebody else's signature: its status is not ours to tell
        else:
            found.append(chain)
    return tuple(found)


def evidence_in_worker(pdf: bytes, found: tuple[tuple[Chain, Evidence], ...], known: Chain) -> bytes:
    """What to append so that the file holds this evidence."""
    by_chain = dict(found)
    tail, _ = evidence_tail(pdf, lambda chain: by_chain.get(chain, Evidence()), known=known)
    return tail


def _chains(pdf: bytes, known: Chain) -> list[Chain]:
    asked: list[Chain] = []

    def listen(chain: Chain) -> Evidence:
        asked.append(chain)
        return Evidence()

    evidence_tail(pdf, listen, known=known)
    return asked


def timestamp_in_worker(pdf: bytes, at: datetime) -> OpenRevision:
    """Room for a time-stamp over a signed file, for a caller that asks the authority itself.

    Raises:
        DocumentNotSignable: nothing is signed, or no further change is possible. MalformedDocument.
    """
    writer = open_for_signing(pdf)
    if not filled_fields(writer.prev):
        raise DocumentNotSignable("there is no signature to preserve")
    field_name = f"Timestamp{at:%Y%m%d%H%M%S}{sha256(pdf).hexdigest()[:6]}"
    require_open_field(writer, field_name, certify=False, timestamp=True)
    return replace(open_timestamp(writer, field_name), base=None)  # a running digest stays where it runs
