"""The entries of a worker process for signing files from outside: calls with positional arguments, plain values back.

What a stranger made is parsed here and nowhere else; keys, time-stamps and status evidence stay with the caller. Only
what was appended comes back, never the file.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from signing.pades.intake import open_for_signing, require_open_field
from signing.pades.longterm import certificates_to_preserve, evidence_tail, open_timestamp
from signing.pades.open_value import OpenRevision
from signing.pades.prepared import PreparedSignature
from signing.pades.sign import SigningRequest, prepare_signature
from signing.pades.soundness import require_sound
from signing.trust import Evidence

Chain = tuple[bytes, ...]
"""Certificates in DER, leaf first."""


def prepare_in_worker(
    pdf: bytes,
    request: SigningRequest,
    with_stamp: bool,  # noqa: FBT001 - a worker's call has positional arguments only
    at: datetime,
) -> PreparedSignature:
    """``prepare_signature`` for a caller in another process, of a file that a check of it will not doubt."""
    prepared = prepare_signature(pdf, request, with_stamp=with_stamp, at=at)
    require_sound(pdf, prepared)
    return prepared


def chains_in_worker(pdf: bytes, base_length: int, known: Chain) -> tuple[Chain, ...]:
    """The chains whose status is not in the file yet, of what was signed behind its first ``base_length`` bytes."""
    return added_chains(open_chains(pdf[:base_length], known), open_chains(pdf, known))


def added_chains(before: Sequence[Chain], after: Sequence[Chain]) -> tuple[Chain, ...]:
    """The chains that came with the second of two lists: the others are of somebody else, their status not ours."""
    left, found = Counter(before), []
    for chain in after:
        if left[chain]:
            left[chain] -= 1
        else:
            found.append(chain)
    return tuple(found)


def evidence_in_worker(pdf: bytes, found: tuple[tuple[Chain, Evidence], ...], known: Chain) -> bytes:
    """What to append so that the file holds this evidence."""
    by_chain = dict(found)
    tail, _ = evidence_tail(pdf, lambda chain: by_chain.get(chain, Evidence()), known=known)
    return tail


def open_chains(pdf: bytes, known: Chain, *, renew: bool = False) -> tuple[Chain, ...]:
    """The chains of everything in a file whose status is not in it yet; ``renew`` as in ``with_evidence``."""
    asked: list[Chain] = []

    def listen(chain: Chain) -> Evidence:
        asked.append(chain)
        return Evidence()

    evidence_tail(pdf, listen, known=known, renew=renew)
    return tuple(asked)


def timestamp_in_worker(pdf: bytes, at: datetime) -> OpenRevision:
    """Room for a time-stamp over a signed file, for a caller that asks the authority itself.

    Raises:
        DocumentNotSignable: nothing is signed, or no further change is possible. MalformedDocument.
    """
    writer = open_for_signing(pdf)
    certificates_to_preserve(writer)
    field_name = f"Timestamp{at:%Y%m%d%H%M%S}{sha256(pdf).hexdigest()[:6]}"
    require_open_field(writer, field_name, certify=False, timestamp=True)
    return replace(open_timestamp(writer, field_name), base=None)  # a running digest stays where it runs
