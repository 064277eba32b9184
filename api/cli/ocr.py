"""`anso ocr FILE…`: text, fields and a searchable PDF/A-2b per input; nothing is sent anywhere or kept elsewhere.

Data on standard output, progress on standard error. Names and shape of the output are fixed (DESIGN §3).
"""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.exits import Exit, fail
from api.cli.output import Format, FormatOption

if TYPE_CHECKING:
    from digitize.errors import DigitizeError
    from digitize.pipeline import Digitiser

app = typer.Typer()


@app.command()
def ocr(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="JPEG, PNG, TIFF, HEIC, PDF")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Thư mục ghi NAME.pdf / folder for NAME.pdf", file_okay=False)
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Số tệp đọc cùng lúc / files at a time")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", help="Không báo tiến độ / no progress")] = False,  # noqa: FBT002 - typer's way of a flag
    output: FormatOption = Format.TEXT,
) -> None:
    """Số hóa giấy tờ / read scans: text, fields, searchable PDF/A."""
    if out is not None:
        _make_folder(out)
    exits, items = [], []
    for item, code in _answers(files, out, jobs, quiet=quiet):
        exits.append(code)
        if output is Format.TEXT:
            print(_text(item))
        elif output is Format.JSONL:
            print(json.dumps(item, ensure_ascii=False), flush=True)
        else:
            items.append(item)
    if output is Format.JSON:
        print(json.dumps(items[0] if len(items) == 1 else items, ensure_ascii=False, indent=2))
    code = _worst(exits)
    if code is not Exit.OK:
        raise SystemExit(code)


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        fail(Exit.USAGE, f"--out: {err.strerror}")


def _answers(files: list[Path], out: Path | None, jobs: int, *, quiet: bool) -> Iterator[tuple[dict[str, Any], Exit]]:
    """The answer for each file, in the order of the files."""
    from digitize.pipeline import Digitiser

    digitiser = Digitiser()
    targets = _targets(files, out)
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        yield from pool.map(lambda pair: _answer(digitiser, *pair, quiet=quiet), zip(files, targets, strict=True))


def _targets(files: list[Path], out: Path | None) -> list[Path | None]:
    """Where each copy goes; two inputs of one stem keep their suffixes."""
    if out is None:
        return [None] * len(files)
    stems = [file.stem for file in files]
    return [out / f"{file.name if stems.count(file.stem) > 1 else file.stem}.pdf" for file in files]


def _answer(digitiser: "Digitiser", file: Path, target: Path | None, *, quiet: bool) -> tuple[dict[str, Any], Exit]:
    from api.clock import now
    from digitize.errors import DigitizeError

    def progress(done: int, total: int, label: str) -> None:
        if not quiet:
            print(f"{file.name}: {label} {done}/{total}", file=sys.stderr, flush=True)

    try:
        read = digitiser.digitise(file.read_bytes(), at=now(), progress=progress)
        if target is not None:
            _write(target, read.pdf)
    except OSError as err:
        detail = err.strerror or "?"
        return _failed(file, "FILE_UNREADABLE", "Không đọc hoặc ghi được tệp.", detail), Exit.INPUT_UNREADABLE
    except DigitizeError as err:
        return _refused(file, err), _exit_of(err)
    item = {"input": file.name, **read.document}
    if target is not None:
        item["pdf"] = target.name
    return item, Exit.OK


def _write(target: Path, content: bytes) -> None:
    """Write all or nothing."""
    new = target.with_name(f".{target.name}.new")
    new.write_bytes(content)
    new.replace(target)


def _refused(file: Path, err: "DigitizeError") -> dict[str, Any]:
    from api.problems import TABLE

    row = TABLE[type(err)]
    return _failed(file, err.code, row.title_vi, row.title_en)


def _failed(file: Path, code: str, vi: str, en: str) -> dict[str, Any]:
    return {"input": file.name, "error": {"code": code, "detail_vi": vi, "detail_en": en}}


def _exit_of(err: "DigitizeError") -> Exit:
    from digitize.errors import EngineMissing, NotArchivable

    if isinstance(err, EngineMissing):
        return Exit.CONFIGURATION
    if isinstance(err, NotArchivable):
        return Exit.INTERNAL
    return Exit.UNAVAILABLE if err.retryable else Exit.INPUT_UNREADABLE


def _worst(exits: list[Exit]) -> Exit:
    """One file: its own code. Several: SOME_FAILED when some were read, the highest when none was."""
    failed = [code for code in exits if code is not Exit.OK]
    if not failed:
        return Exit.OK
    return max(failed) if len(failed) == len(exits) else Exit.SOME_FAILED


def _text(item: dict[str, Any]) -> str:
    if "error" in item:
        error = item["error"]
        return f"{item['input']}: {error['code']}: {error['detail_vi']} / {error['detail_en']}"
    lines = [f"{item['input']}: {item['document_type']}"]
    for name, field in item["fields"].items():
        mark = "  (cần xem lại / review)" if field["needs_review"] else ""
        lines.append(f"  {name}: {field['value']}{mark}")
    return "\n".join([*lines, "", item["text"]])
