"""A writer of PDF bytes that corrects nothing: objects, cross-reference sections of every form, updates, signatures.

Libraries refuse to write what an attacker or an odd producer writes. Here every byte is under the control of the
caller: a file is a `Draft`, each revision adds what it is told in the form it is told, and a signature is set over
whatever byte range it is told.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
CONTENTS_OCTETS = 6000
_RANGE = b"/ByteRange [0 ********** ********** **********]"


@dataclass(frozen=True)
class Stream:
    """A stream with its dictionary; /Length is added unless it is there."""

    data: bytes
    entries: Mapping[str, str] = field(default_factory=dict)


Body = bytes | dict[str, str] | Stream
"""An object: as it shall be written, or a dictionary of raw values, or a stream."""


def dictionary(entries: Mapping[str, str], eol: bytes = b"\n") -> bytes:
    inside = b"".join(b"%s %s%s" % (key.encode(), value.encode("latin-1"), eol) for key, value in entries.items())
    return b"<<" + eol + inside + b">>"


def written(body: Body, eol: bytes = b"\n") -> bytes:
    if isinstance(body, bytes):
        return body
    if isinstance(body, Stream):
        entries = {"/Length": str(len(body.data)), **body.entries}
        return dictionary(entries, eol) + b"stream\n" + body.data + b"\nendstream"
    return dictionary(body, eol)


def indirect(number: int, body: Body, eol: bytes = b"\n", generation: int = 0) -> bytes:
    return b"%d %d obj%s%s%sendobj%s" % (number, generation, eol, written(body, eol), eol, eol)


def text(value: str) -> str:
    """A text string as UTF-16, hexadecimal."""
    return "<FEFF" + value.encode("utf-16-be").hex().upper() + ">"


@dataclass(frozen=True)
class Layout:
    """How a revision is written."""

    form: str = "table"
    """'table', 'stream' (cross-reference stream), 'packed' (object streams as well) or 'hybrid'."""

    eol: bytes = b"\n"
    before: bytes = b""
    """Between the revision before and this one."""

    after: bytes = b""
    """Behind the end-of-file marker."""

    offset_base: int = 0
    """Octets before the header that offsets do not count."""


_PLAIN = Layout()


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A file as written so far."""

    pdf: bytes = HEADER
    objects: Mapping[int, Body] = field(default_factory=dict)
    """The newest body of every object."""

    startxref: int | None = None
    trailer: Mapping[str, str] = field(default_factory=lambda: {"/Root": "1 0 R"})
    size: int = 1

    def free_number(self) -> int:
        """A number that no object has."""
        return self.size

    def entries(self, number: int) -> dict[str, str]:
        """The entries of a dictionary object, to be changed."""
        body = self.objects[number]
        assert isinstance(body, dict)
        return dict(body)

    def changed(self, number: int, **entries: str | None) -> dict[str, str]:
        """The dictionary with other entries (None: without it); keys are written without slash."""
        body = self.entries(number) | {f"/{key}": value or "" for key, value in entries.items()}
        return {key: value for key, value in body.items() if entries.get(key[1:], value) is not None}

    def revise(
        self,
        changes: Mapping[int, Body | None],
        layout: Layout = _PLAIN,
        *,
        trailer: Mapping[str, str | None] | None = None,
    ) -> Self:
        """One more revision (None: the object is freed)."""
        if layout.form in {"stream", "packed"}:
            return self._with_stream(changes, layout, trailer or {})
        out = bytearray(self.pdf + layout.before)
        rows: dict[int, bytes] = {} if self.startxref is not None else {0: b"0000000000 65535 f"}
        for number, body in changes.items():
            if body is None:
                rows[number] = b"0000000000 00001 f"
                continue
            rows[number] = b"%010d 00000 n" % (len(out) - layout.offset_base)
            out += indirect(number, body, layout.eol)
        size = max([self.size, *(n + 1 for n in changes)])
        entries = self._trailer(trailer or {}, size)
        if layout.form == "hybrid":
            # ISO 32000-1 §7.5.8.4: what the table leaves out is in the stream that /XRefStm names
            hidden = {n: (1, int(rows.pop(n)[:10]), 0) for n in sorted(rows)[2:] if rows[n].endswith(b"n")}
            size += 1
            at = len(out)
            out += indirect(size - 1, _xref_stream(hidden, {"/Size": str(size), "/Root": entries["/Root"]}), layout.eol)
            entries |= {"/XRefStm": str(at - layout.offset_base), "/Size": str(size)}
            for number in hidden:
                rows[number] = b"0000000000 00000 f"
        start = len(out)
        out += table(rows, layout.eol) + b"trailer" + layout.eol + dictionary(entries, layout.eol)
        out += layout.eol + ending(start - layout.offset_base, layout.eol) + layout.after
        return self._next(bytes(out), changes, start - layout.offset_base, entries, size)

    def _with_stream(
        self, changes: Mapping[int, Body | None], layout: Layout, trailer: Mapping[str, str | None]
    ) -> Self:
        out = bytearray(self.pdf + layout.before)
        rows: dict[int, tuple[int, int, int]] = {} if self.startxref is not None else {0: (0, 0, 65535)}
        size = max([self.size, *(n + 1 for n in changes)])
        packed = {n: b for n, b in changes.items() if layout.form == "packed" and isinstance(b, dict)}
        for number, body in changes.items():
            if number in packed:
                continue
            rows[number] = (0, 0, 1) if body is None else (1, len(out) - layout.offset_base, 0)
            out += b"" if body is None else indirect(number, body, layout.eol)
        if packed:
            rows |= {number: (2, size, index) for index, number in enumerate(packed)}
            rows[size] = (1, len(out) - layout.offset_base, 0)
            out += indirect(size, object_stream(packed), layout.eol)
            size += 1
        start = len(out)
        rows[size] = (1, start - layout.offset_base, 0)
        entries = self._trailer(trailer, size + 1)
        out += indirect(size, _xref_stream(rows, entries), layout.eol)
        out += ending(start - layout.offset_base, layout.eol) + layout.after
        return self._next(bytes(out), changes, start - layout.offset_base, entries, size + 1)

    def _trailer(self, more: Mapping[str, str | None], size: int) -> dict[str, str]:
        previous = {} if self.startxref is None else {"/Prev": str(self.startxref)}
        entries = {"/Size": str(size), **self.trailer, **previous, **more}
        return {key: value for key, value in entries.items() if value is not None}

    def _next(
        self, pdf: bytes, changes: Mapping[int, Body | None], start: int, entries: Mapping[str, str], size: int
    ) -> Self:
        objects = {n: b for n, b in (dict(self.objects) | dict(changes)).items() if b is not None}
        kept = {k: v for k, v in entries.items() if k not in {"/Prev", "/Size", "/XRefStm"}}
        return replace(self, pdf=pdf, objects=objects, startxref=start, trailer=kept, size=size)

    def then(self, change: "Callable[[Self], Mapping[int, Body | None]]") -> Self:
        """One more revision, made from this one."""
        return self.revise(change(self))

    def appended(self, data: bytes) -> Self:
        """The file with octets behind it."""
        return replace(self, pdf=self.pdf + data)

    def replaced(self, old: bytes, new: bytes) -> Self:
        """The file with octets replaced by as many others, everywhere they are."""
        assert old in self.pdf, old
        return replace(self, pdf=self.pdf.replace(old, new))


def table(rows: Mapping[int, bytes], eol: bytes = b"\n") -> bytes:
    """A cross-reference table with as many subsections as needed (ISO 32000-1 §7.5.4)."""
    end = eol if len(eol) == 2 else b" " + eol
    out, run = b"xref" + eol + (b"" if rows else b"0 0" + eol), []
    for number in sorted(rows):
        if run and number != run[-1] + 1:
            out += _subsection(run, rows, eol, end)
            run = []
        run.append(number)
    return out + (_subsection(run, rows, eol, end) if run else b"")


def _subsection(run: list[int], rows: Mapping[int, bytes], eol: bytes, end: bytes) -> bytes:
    return b"%d %d%s" % (run[0], len(run), eol) + b"".join(rows[number] + end for number in run)


def ending(start: int, eol: bytes = b"\n") -> bytes:
    return b"startxref%s%d%s%%%%EOF%s" % (eol, start, eol, eol)


def _xref_stream(rows: Mapping[int, tuple[int, int, int]], trailer: Mapping[str, str]) -> Stream:
    data = b"".join(
        kind.to_bytes(1, "big") + second.to_bytes(4, "big") + third.to_bytes(2, "big")
        for _, (kind, second, third) in sorted(rows.items())
    )
    index = " ".join(f"{number} 1" for number in sorted(rows))
    return Stream(
        zlib.compress(data),
        {"/Type": "/XRef", "/W": "[1 4 2]", "/Index": f"[{index}]", "/Filter": "/FlateDecode", **trailer},
    )


def object_stream(objects: Mapping[int, Body]) -> Stream:
    """Objects in a compressed stream (ISO 32000-1 §7.5.7)."""
    bodies = [written(body) for body in objects.values()]
    at, head = 0, []
    for number, body in zip(objects, bodies, strict=True):
        head.append(b"%d %d" % (number, at))
        at += len(body) + 1
    first = b" ".join(head) + b"\n"
    data = zlib.compress(first + b"\n".join(bodies) + b"\n")
    return Stream(
        data, {"/Type": "/ObjStm", "/N": str(len(bodies)), "/First": str(len(first)), "/Filter": "/FlateDecode"}
    )


def signature_value(entries: Mapping[str, str], octets: int = CONTENTS_OCTETS) -> bytes:
    """A signature dictionary whose byte range and contents are filled in by `filled`."""
    head = dictionary(entries)
    return head[:-2] + _RANGE + b"\n/Contents <" + b"0" * (2 * octets) + b">\n>>"


Ranges = Callable[[int, int, int], tuple[int, ...]]


def whole(start: int, end: int, size: int) -> tuple[int, ...]:
    """The byte range that the standard demands: everything but the string."""
    return 0, start, end, size - end


def filled(pdf: bytes, sign: Callable[[bytes], bytes], ranges: Ranges = whole, *, lower: bool = False) -> bytes:
    """The file with byte range and contents of its last empty signature dictionary.

    Args:
        sign: from the covered octets to the container.
        ranges: from start and end of the contents string and the size of the file to the byte range.
    """
    place = pdf.rindex(_RANGE)
    start = pdf.index(b"/Contents <", place) + len(b"/Contents ")
    end = pdf.index(b">", start) + 1
    numbers = ranges(start, end, len(pdf))
    shown = b"/ByteRange [" + b" ".join(b"%d" % n for n in numbers) + b"]"
    pdf = pdf[:place] + shown.ljust(len(_RANGE)) + pdf[place + len(_RANGE) :]
    covered = b"".join(pdf[at : at + length] for at, length in zip(numbers[::2], numbers[1::2], strict=False))
    value = sign(covered).hex().encode()
    value = value if lower else value.upper()
    room = end - start - 2
    assert len(value) <= room, (len(value), room)
    return pdf[: start + 1] + value.ljust(room, b"0") + pdf[end - 1 :]
