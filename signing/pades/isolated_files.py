"""The entries of a worker process for signing large files by their names: the caller never holds one in memory.

For a command on the holder's own machine; a service gets bytes and uses ``isolated``. Only what is to be appended comes
back.
"""

from datetime import datetime
from pathlib import Path

from signing.pades.isolated import Chain, chains_in_worker, evidence_in_worker, prepare_in_worker
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
    return prepare_in_worker(Path(path).read_bytes(), request, with_stamp, at)


def chains_of_file(path: str, base_length: int, known: Chain) -> tuple[Chain, ...]:
    """``chains_in_worker`` for a file."""
    return chains_in_worker(Path(path).read_bytes(), base_length, known)


def evidence_for_file(path: str, found: tuple[tuple[Chain, Evidence], ...], known: Chain) -> bytes:
    """``evidence_in_worker`` for a file."""
    return evidence_in_worker(Path(path).read_bytes(), found, known)
