"""What `anso sign` and `anso augment` work on: files by name, pattern or folder, lines of a list, results of a service.

Knows paths and one CSV form. Must not know what is inside a file.
"""

import csv
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from api.cli.exits import Exit, fail
from api.cli.sign_copies import CopyWish, copy_wish
from api.cli.verify_inputs import STDIN, expand

_THINGS: Final = ("file", "result_id", "digitisation_id", "document_id")
_OF_COPIES: Final = ("dossier_id", "form", "pages")
_COLUMNS: Final = (
    "file",
    "out",
    "mark",
    "mark_box",
    "reason",
    "result_id",
    "digitisation_id",
    "document_id",
    *_OF_COPIES,
)
_MAX_LIST: Final = 16 * 1024 * 1024
_LIST_HINT: Final = "cột / columns: " + ",".join(_COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to do."""

    name: str
    """As it is called in the answer."""
    source: Path | None = None
    """None: a result that lies in the service."""
    target: Path | None = None
    """None: the result stays in the service."""
    mark: str | None = None
    mark_box: str | None = None
    """Where mark A stands, as the API takes it; None: found from the page."""
    reason: str | None = None
    result_id: str | None = None
    digitisation_id: str | None = None
    """A paper whose officer's copy is signed; the copy stays in the service."""
    copy: CopyWish | None = None
    """A copy of a document that the agency's seal certifies; it stays in the service too."""
    missing: tuple[str, str, str] | None = None
    """Code, and in both languages why there is nothing to do it with."""
    begun: "Done | None" = None
    """What an earlier run left: signed, and still pending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why one thing was not done."""

    code: str
    vi: str
    en: str
    exit: Exit = Exit.INPUT_UNREADABLE
    stops: bool = False
    """Nothing else can be done either: a PIN, a service that is away."""

    def document(self) -> dict[str, str]:
        """As it is written for machines."""
        return {"code": self.code, "detail_vi": self.vi, "detail_en": self.en}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What a signed file still lacks (I17); `anso augment` adds it."""

    wanted: str
    """The level that was asked for: `B-T`, `B-LT`, `B-LTA`."""
    reason_code: str
    """Why it is not reached."""

    def document(self) -> dict[str, str]:
        """As it is written for machines."""
        return {"wanted_level": self.wanted, "reason_code": self.reason_code}


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of one item."""

    item: Item
    level: str | None = None
    sha256: str | None = None
    source_sha256: str | None = None
    state: str = "signed"
    """`signed`, `pending` (signed, at less than the asked level), `augmented`, `told` (looked at only), `skipped` (done
    by an earlier run), `failed`."""
    failure: Failure | None = None
    pending: Pending | None = None
    preparation_id: str | None = None
    certified_copy_id: str | None = None
    """By which the service tells number and document of a certified copy."""
    lasts_until: str | None = None
    """ISO 8601; of an archived file, when it must be renewed."""

    def document(self) -> dict[str, Any]:
        """As it is written for machines."""
        found: dict[str, Any] = {"input": self.item.name, "state": self.state}
        if self.item.target is not None and self.failure is None and self.state != "told":
            found["output"] = str(self.item.target)
        more = {
            "result_id": self.item.result_id,
            "digitisation_id": self.item.digitisation_id,
            "document_id": None if self.item.copy is None else self.item.copy.document_id,
            "certified_copy_id": self.certified_copy_id,
            "level": self.level,
            "sha256": self.sha256,
            "preparation_id": self.preparation_id,
            "lasts_until": self.lasts_until,
        }
        found |= {name: value for name, value in more.items() if value is not None}
        if self.pending is not None:
            found["pending"] = self.pending.document()
        return found if self.failure is None else found | {"error": self.failure.document()}


Note = Callable[[Done], None]
"""Takes what is about to stand at its place. Called before the file gets its name: a run that ends in between begins
that item anew, and nothing counts as done that was not. For what stays in a service: when the service has done it."""


def named_items(arguments: Sequence[str], out: Path | None, suffix: str) -> tuple[Item, ...]:
    """The files that the arguments name; a signed one goes beside its source or into the folder.

    Raises:
        SystemExit: 2 for standard input, which has no name to sign under.
    """
    if STDIN in arguments:
        fail(Exit.USAGE, "-: không ký dữ liệu vào chuẩn / standard input is not signed: name a file")
    found = []
    for one in expand(arguments):
        if out is not None and one.path is not None and one.name not in arguments and one.path.is_relative_to(out):
            continue  # what an earlier run made of a folder is not its input
        if one.path is None or one.missing is not None:
            code, vi, en = ("NO_FILE", "Không có tệp.", "There is no file.")
            if one.missing is not None:
                code, vi, en = one.missing.code, one.missing.vi, one.missing.en
            found.append(Item(name=one.name, missing=(code, vi, en)))
        else:
            found.append(Item(name=one.name, source=one.path, target=_target(one.path, out, suffix)))
    return tuple(found)


def listed_items(path: Path, out: Path | None, suffix: str) -> tuple[Item, ...]:
    """The lines of a CSV file (UTF-8, a header); paths are relative to the file.

    Raises:
        SystemExit: 2 with the number of the line that cannot be used.
    """
    rows = _rows(path)
    found = []
    for number, row in rows:
        values = {name: (row.get(name) or "").strip() or None for name in _COLUMNS}
        named = [values[name] for name in _THINGS if values[name] is not None]
        if len(named) != 1:
            fail(Exit.USAGE, f"--batch: dòng / line {number}: file, result_id, digitisation_id hoặc / or document_id")
        file = values["file"]
        source = None if file is None else path.parent / file
        target = None if source is None else _target(source, out, suffix)
        copy = _listed_copy(f"--batch: dòng / line {number}", values)
        if values["out"] is not None and values["digitisation_id"] is None and copy is None:
            target = (out or path.parent) / values["out"]
        found.append(
            Item(
                name=(named[0] or "") if copy is None else copy.name,
                source=source,
                target=target,
                mark=values["mark"],
                mark_box=values["mark_box"],
                reason=values["reason"],
                result_id=values["result_id"],
                digitisation_id=values["digitisation_id"],
                copy=copy,
            )
        )
    return tuple(found)


def result_items(ids: Iterable[str], out: Path | None) -> tuple[Item, ...]:
    """Results that lie in the service; with a folder their signed files are fetched into it."""
    return tuple(Item(name=one, result_id=one, target=None if out is None else out / f"{one}.pdf") for one in ids)


def copy_items(ids: Iterable[str]) -> tuple[Item, ...]:
    """Officer's copies of papers that were digitised; they go into their owners' vaults, not into a folder."""
    return tuple(Item(name=one, digitisation_id=one) for one in ids)


def certified_items(wishes: Iterable[CopyWish]) -> tuple[Item, ...]:
    """Copies that the agency's seal certifies; they go into their owners' vaults too."""
    return tuple(Item(name=one.name, copy=one) for one in wishes)


def require_distinct(items: Sequence[Item]) -> tuple[Item, ...]:
    """The items, when no two would be written to one place and nothing is done twice.

    Raises:
        SystemExit: 2 with the place.
    """
    places = Counter(_place(item.target) for item in items if item.target is not None)
    for place, count in places.items():
        if count > 1:
            fail(Exit.USAGE, f"hai tệp ghi vào một chỗ / two files go to one place: {place.name}: --out, cột out")
    named = (item.result_id or item.digitisation_id or (item.copy and item.copy.name) for item in items)
    ids = Counter(one for one in named if one is not None)
    twice = next((one for one, count in ids.items() if count > 1), None)
    if twice is not None:
        fail(Exit.USAGE, f"nêu hai lần / named twice: {twice}")
    sources = {_place(item.source) for item in items if item.source is not None}
    if sources & set(places):
        fail(Exit.USAGE, "không ghi đè tệp gốc / a source is never written over: --out")
    return tuple(replace(item) for item in items)


def require_lines(items: Sequence[Item], reason: str | None) -> None:
    """What will be read as the reason is one line, in which nothing turns or hides what stands there.

    Raises:
        SystemExit: 2 where it is not.
    """
    if any(not text.isprintable() for text in (reason, *(item.reason for item in items)) if text is not None):
        fail(Exit.USAGE, "--reason, cột reason: một dòng, không có ký tự điều khiển / one line, all of which prints")


def _place(path: Path) -> Path:
    """The same for every way to write it, `a/../b` too."""
    return Path(os.path.normpath(path.absolute()))


def _listed_copy(where: str, values: dict[str, str | None]) -> CopyWish | None:
    terms = [values[name] for name in _OF_COPIES]
    if values["document_id"] is not None:
        return copy_wish(where, values["document_id"], *terms)
    if any(one is not None for one in terms):
        fail(Exit.USAGE, f"{where}: {', '.join(_OF_COPIES)}: đi với / go with document_id")
    return None


def _target(source: Path, out: Path | None, suffix: str) -> Path:
    if out is not None:
        return out / source.name
    return source.with_name(f"{source.stem}.{suffix}{source.suffix}")


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_LIST + 1)
        if len(content) > _MAX_LIST:
            fail(Exit.USAGE, "--batch: danh sách quá lớn / the list is too large")
        lines = content.decode("utf-8-sig").splitlines()
        head = lines[0] if lines else ""
        # where the comma is the decimal sign, spreadsheets separate by semicolons; no name of a column holds either
        reader = csv.DictReader(lines, strict=True, delimiter=";" if ";" in head and "," not in head else ",")
        reader.fieldnames = names = [name.strip().lower() for name in reader.fieldnames or ()]
        rows = [(reader.line_num, row) for row in reader]
    except OSError as err:
        fail(Exit.USAGE, f"--batch: {err.strerror}: {path.name}")
    except (UnicodeDecodeError, csv.Error):
        fail(Exit.USAGE, f"--batch: không phải CSV UTF-8 / not CSV in UTF-8; {_LIST_HINT}")
    if not {*names} & {*_THINGS} or {*names} - {*_COLUMNS} or len({*names}) < len(names):
        fail(Exit.USAGE, f"--batch: {_LIST_HINT}; mỗi cột một lần / each once")
    uneven = next((number for number, row in rows if None in row or None in row.values()), None)
    if uneven is not None:
        fail(Exit.USAGE, f"--batch: dòng / line {uneven}: thừa hoặc thiếu ô / too many or too few cells")
    return rows
