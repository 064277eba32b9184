"""What a signed file still lacks is added behind it, by its name: no file lies in this process' memory.

As `signing.pades.augment_pdf`, step by step: workers that can be killed parse, the data folder's authorities are asked
here, and only what is appended comes back. Must not know how answers are shown.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from api.cli.proofs import Proofs
    from signing.isolation import Isolation
    from signing.pades.archive import ArchiveNeed
    from signing.pades.open_value import OpenRevision

TIMEOUT_S: Final = 300.0
_MODULE: Final = "signing.pades.isolated_files"
_MEMORY_MB: Final = 4096


@contextmanager
def file_workers(lanes: int = 1) -> Iterator["Isolation"]:
    """Workers that parse files by their names, so many at a time."""
    from signing.isolation import Isolation, Limits

    limits = Limits(cpu_s=int(TIMEOUT_S), memory_mb=_MEMORY_MB)
    with Isolation(workers=lanes, limits=limits, preload=(_MODULE,), wait_s=TIMEOUT_S * lanes) as workers:
        yield workers


def need_of(path: Path, workers: "Isolation") -> "ArchiveNeed":
    """Until when what is in a file proves it; raises as ``archive_need``, and IsolationError."""
    need: ArchiveNeed = workers.call(f"{_MODULE}:need_of_file", str(path.absolute()), timeout_s=TIMEOUT_S)
    return need


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAugmenting:
    """By what a file is continued."""

    proofs: "Proofs"
    workers: "Isolation"
    at: datetime

    def augment(self, file: IO[bytes], *, archive: bool) -> str:
        """Append what is missing; returns the level.

        Args:
            file: open at its end, and known by its name; holds the signed document.
            archive: evidence first, then a time-stamp over it, then what proves that one (B-LTA).

        Raises:
            DocumentNotSignable: nothing is signed, or no further change is possible. MalformedDocument.
            TimestampUnavailable, EvidenceUnavailable, IsolationError: what was appended counts for nothing.
        """
        from signing.pades.longterm import stamped_tail

        complete = archive and self._prove(file, renew=True)
        opened: OpenRevision = self._ask("timestamp_for_file", file, self.at)
        file.write(stamped_tail(opened, self.proofs.stamp))
        if not self._prove(file, renew=False):
            return "B-T"
        return "B-LTA" if complete else "B-LT"

    def _prove(self, file: IO[bytes], *, renew: bool) -> bool:
        """Append the evidence that is missing; returns whether every chain got some."""
        from signing.pades.longterm import status_of

        chains = dict.fromkeys(self._ask("chains_to_prove", file, renew))
        found = tuple((chain, status_of(self.proofs.evidence, chain)) for chain in chains)
        tail, complete = self._ask("proof_for_file", file, found, renew)
        file.write(tail)
        return bool(complete)

    def _ask(self, entry: str, file: IO[bytes], *args: object) -> Any:  # noqa: ANN401 - whatever the entry gives
        """An entry of the workers about the file as it stands now."""
        file.flush()
        return self.workers.call(f"{_MODULE}:{entry}", file.name, *args, timeout_s=TIMEOUT_S)
