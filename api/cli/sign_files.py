"""How a signed file comes to be: written beside its place, and put there whole or not at all; journals of long runs.

Knows files. Must not know signatures.
"""

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

JOURNAL: Final = ".anso-sign.jsonl"
_PIECE: Final = 1024 * 1024


class OutputExists(Exception):
    """Something stands at the place already; nothing is written over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """Which outputs of earlier runs are whole: one line each, written just before the output gets its name."""

    path: Path

    def done(self) -> dict[str, list[dict[str, str]]]:
        """By input, which may have several outputs: what was noted, the last first; no line that a crash cut off."""
        found: dict[str, list[dict[str, str]]] = {}
        with contextlib.suppress(FileNotFoundError):
            for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    entry = json.loads(line)
                    noted = {name: str(value) for name, value in entry.items()}
                    found.setdefault(noted["input"], []).insert(0, noted)
        return found

    def note(self, **entry: str) -> None:
        """Add one; on the disk when this returns."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def new_file(target: Path) -> Iterator[IO[bytes]]:
    """A file that gets its name when the block ends well; whatever else happens, nothing is left.

    Raises:
        OutputExists: something has the name already.
        OSError: it cannot be written there.
    """
    if target.exists():
        raise OutputExists
    target.parent.mkdir(parents=True, exist_ok=True)
    name = target.parent / f".{target.name[:80]}.{secrets.token_hex(4)}.part"
    try:
        with name.open("x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _put(name, target)
    finally:
        name.unlink(missing_ok=True)


@contextmanager
def longer_file(target: Path) -> Iterator[IO[bytes]]:
    """A copy of a file, open at its end, that takes the file's place when the block ends well; else nothing changes.

    Raises:
        OSError: it cannot be read, or written there.
    """
    name = target.parent / f".{target.name[:80]}.{secrets.token_hex(4)}.part"
    try:
        with name.open("x+b") as file:
            copied(target, file)
            yield file
            file.flush()
            os.fsync(file.fileno())
        name.replace(target)
    finally:
        name.unlink(missing_ok=True)


def _put(written: Path, target: Path) -> None:
    try:
        target.hardlink_to(written)  # unlike a rename it takes nobody's place
    except FileExistsError as err:
        raise OutputExists from err
    except OSError:  # a stick or a share that knows no links
        if target.exists():
            raise OutputExists from None
        written.rename(target)


def copied(source: Path, file: IO[bytes]) -> str:
    """Copy a file to the end of an open one, piece by piece; gives its SHA-256 (hex)."""
    digest = hashlib.sha256()
    with source.open("rb") as given:
        while piece := given.read(_PIECE):
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def digest_of(path: Path, *, first: int | None = None) -> str:
    """SHA-256 (hex) of a file, or of its first bytes."""
    digest, left = hashlib.sha256(), first
    with path.open("rb") as given:
        while piece := given.read(_PIECE if left is None else min(_PIECE, left)):
            digest.update(piece)
            left = None if left is None else left - len(piece)
    return digest.hexdigest()
