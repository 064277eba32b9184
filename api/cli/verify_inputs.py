"""Which files `anso verify` is asked about: names, patterns, folders, standard input, and signatures that lie beside.

Knows paths. Must not know what is inside a file.
"""

import glob
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

STDIN: Final = "-"
_SIGNATURE: Final = ".p7s"
_SIGNATURES: Final = frozenset({_SIGNATURE, ".p7m"})  # RFC 8551 §3.2.1; a .p7m has its file inside
_PDF: Final = ".pdf"
_WILDCARDS: Final = frozenset("*?[")


class InputMissing(Exception):
    """What was named cannot be read; `code` is stable, the texts say what to do."""

    def __init__(self, code: str, vi: str, en: str) -> None:
        super().__init__(en)
        self.code, self.vi, self.en = code, vi, en


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One thing to check."""

    name: str
    """As it is called in the answer."""
    path: Path | None = None
    """None: standard input; with a signature: there is no other file, the signature has it inside."""
    signature: Path | None = None
    """The detached signature over it; None: it carries its own."""
    missing: InputMissing | None = None
    """Why there is nothing to check."""

    def read(self) -> tuple[bytes | None, bytes | None]:
        """The file, and its detached signature: at least one of them.

        Raises:
            InputMissing: it cannot be read.
        """
        if self.missing is not None:
            raise self.missing
        try:
            signature = None if self.signature is None else self.signature.read_bytes()
            if self.name == STDIN:
                return sys.stdin.buffer.read(), signature
            return None if self.path is None else self.path.read_bytes(), signature
        except OSError as err:
            raise InputMissing(
                "FILE_UNREADABLE",
                "Không đọc được tệp; kiểm tra tên và quyền đọc.",
                f"{err.strerror or 'cannot be read'}; check the name and the right to read it.",
            ) from err


def expand(arguments: Sequence[str], signature: Path | None = None) -> tuple[Input, ...]:
    """Everything to check, in the order of the arguments, nothing twice.

    Args:
        arguments: files, patterns (`**` goes into folders), folders, `-`.
        signature: a detached signature over the one file that is named.
    """
    if signature is not None:
        return tuple(
            Input(name=name, path=None if name == STDIN else Path(name), signature=signature) for name in arguments
        )
    found = (one for argument in arguments for one in _expanded(argument))
    return tuple({(one.name, one.path, one.signature): one for one in found}.values())


def names_several(arguments: Sequence[str]) -> bool:
    """Whether the answer is a list whatever is found: several names, a folder or a pattern."""
    return len(arguments) != 1 or Path(arguments[0]).is_dir() or _is_pattern(arguments[0])


def _expanded(argument: str) -> Iterator[Input]:
    if argument == STDIN:
        yield Input(name=STDIN)
    elif _is_pattern(argument):
        names = sorted(glob.glob(argument, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute patterns
        yield from (one for name in names if Path(name).is_file() for one in _of_file(Path(name)))
        if not names:
            yield _nothing(argument, "NO_FILE_MATCHES", "Không có tệp nào khớp mẫu.", "No file matches the pattern.")
    elif Path(argument).is_dir():
        found = [one for path in _files(Path(argument)) for one in _of_file(path)]
        yield from found
        if not found:
            yield _nothing(
                argument,
                "FOLDER_WITHOUT_PDF",
                "Thư mục không có tệp .pdf, .p7s hay .p7m; hãy chỉ thư mục khác hoặc nêu tên tệp.",
                "The folder holds no .pdf, .p7s or .p7m; name another folder, or the files.",
            )
    else:
        yield from _of_file(Path(argument))


def _of_file(path: Path) -> Iterator[Input]:
    """A file by itself; a detached signature goes with what it lies beside, a file that is no PDF with its signature.

    A PDF beside which a signature lies is checked by itself: the pair is found through the signature.
    """
    if path.suffix.lower() in _SIGNATURES:
        content = path.with_suffix("")
        yield Input(name=str(path), path=content if content.is_file() else None, signature=path)
        return
    beside = path.with_name(path.name + _SIGNATURE)
    if path.suffix.lower() != _PDF and beside.is_file():
        yield Input(name=str(beside), path=path, signature=beside)
        return
    yield Input(name=str(path), path=path)


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in {_PDF, *_SIGNATURES} and p.is_file())


def _is_pattern(argument: str) -> bool:
    """A file may be called so: then it is meant itself."""
    return bool(_WILDCARDS & set(argument)) and not Path(argument).exists()


def _nothing(name: str, code: str, vi: str, en: str) -> Input:
    return Input(name=name, missing=InputMissing(code, vi, en))
