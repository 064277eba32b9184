"""The entries of a worker process for signing files from outside: calls with positional arguments, plain values back.

What a stranger made is parsed here and nowhere else; keys, time-stamps and status evidence stay with the caller. Only
what was appended comes back, never the file.
"""

from collections import Counter
from datetime import datetime

from signing.pades.longterm import with_evidence
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
    continued, _ = with_evidence(pdf, lambda chain: by_chain.get(chain, Evidence()), known=known)
    return continued[len(pdf) :]


def _chains(pdf: bytes, known: Chain) -> list[Chain]:
    asked: list[Chain] = []

    def listen(chain: Chain) -> Evidence:
        asked.append(chain)
        return Evidence()

    with_evidence(pdf, listen, known=known)
    return asked
