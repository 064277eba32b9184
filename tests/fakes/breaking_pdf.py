"""Breaks PDF files for fuzzing: bytes as parsers fear them, what lies inside in DER, and later revisions.

The last kind is what attackers write: an update that is formally right in which one object is another, has another's
value, or lost a part; and updates whose cross-references or object streams are nearly right.
"""

import io
import random
import re
from collections.abc import Sequence

import pikepdf

from tests.fakes.breaking_der import broken_inside

TOKENS = (
    b"obj", b"endobj", b"stream", b"endstream", b"xref", b"trailer", b"startxref", b"%%EOF", b"<<", b">>", b"[", b"]",
    b"null", b"true", b"/Type", b"/Contents", b"/ByteRange", b"/V", b"/Kids", b"/Parent", b"/Prev", b"/Root",
    b"/Length", b"/Filter", b"/FlateDecode", b"/ObjStm", b"/XRef", b"/Sig", b"/DSS", b"/Encrypt", b"0 R", b"1 0 R",
    b"65535", b"-1", b"99999999999999999999", b"4294967296", b"0.5", b"()", b"<>", b"%PDF-1.7", b"\0",
    b"\r", b"#00", b"/F#C1ls",
)  # fmt: skip
_NUMBER = re.compile(rb"\d+")
_NAME = re.compile(rb"/[A-Za-z]+")
MAX_OBJECT_BYTES = 200_000


def broken(rng: random.Random, data: bytes, others: Sequence[bytes] = ()) -> bytes:
    """A file that is broken in one of the ways."""
    kind = rng.random()
    if kind < 0.5:
        return appended(rng, data)
    if kind < 0.65:
        return broken_inside(rng, data)
    return broken_bytes(rng, data, others)


def broken_bytes(rng: random.Random, data: bytes, others: Sequence[bytes] = ()) -> bytes:  # noqa: C901 - one case a kind of damage
    """One to eight changes anywhere in a file."""
    value = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(value)) if value else 0
        match rng.randrange(11):
            case 0 if value:
                value[at] ^= 1 << rng.randrange(8)
            case 1 if value:
                value[at] = rng.randrange(256)
            case 2:
                del value[at : at + rng.choice((1, 2, 16, 300, 4000))]
            case 3:
                value[at:at] = rng.choice(TOKENS)
            case 4:
                token = rng.choice(TOKENS)
                value[at : at + len(token)] = token
            case 5:
                value[at:at] = value[at : at + rng.choice((4, 64, 900))]
            case 6:
                value = value[: max(1, at)]
            case 7 if (found := _near(_NUMBER, value, at)) is not None:
                value[found[0] : found[1]] = rng.choice((b"0", b"1", b"7", b"-1", b"999999", b"4294967295", b"1.5"))
            case 8 if (found := _near(_NAME, value, at)) is not None:
                value[found[0] : found[1]] = rng.choice([t for t in TOKENS if t.startswith(b"/")])
            case 9 if others:
                other = rng.choice(others)
                start = rng.randrange(len(other))
                value[at : at + 200] = other[start : start + rng.choice((20, 200, 5000))]
            case _:
                value += value[at : at + 5000]
    return bytes(value)


def _near(pattern: re.Pattern[bytes], data: bytearray, at: int) -> tuple[int, int] | None:
    found = pattern.search(data, at, at + 2000)
    return found.span() if found else None


def appended(rng: random.Random, data: bytes) -> bytes:
    """A further revision, formally right, with one to three objects changed; nothing if the file cannot be read."""
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as document:
            bodies = {item.objgen[0]: _written(item) for item in document.objects if item.objgen[1] == 0}
            root = document.Root.objgen[0]
            size = int(document.trailer.Size)
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError):
        return data
    bodies = {number: body for number, body in bodies.items() if body is not None}
    if not bodies:
        return data
    changed: dict[int, bytes] = {}
    for _ in range(rng.choice((1, 1, 2, 3))):
        number = rng.choice([*bodies, root, size])
        changed[number] = _varied(rng, bodies.get(number, b"<< >>"), list(bodies), list(bodies.values()))
    write = rng.choice((_with_update, _with_update, _with_streams))
    return write(rng, data, changed, root=root, size=max(size, *(n + 1 for n in changed)))


def _written(item: pikepdf.Object) -> bytes | None:
    if isinstance(item, pikepdf.Stream):
        raw = item.read_raw_bytes()
        head = item.stream_dict.unparse(resolved=False) if hasattr(item, "stream_dict") else b""
        body = head + b"\nstream\n" + raw + b"\nendstream"
    else:
        body = item.unparse(resolved=True)
    return body if len(body) <= MAX_OBJECT_BYTES else None


def _varied(rng: random.Random, body: bytes, numbers: list[int], all_bodies: list[bytes]) -> bytes:  # noqa: C901, PLR0911 - one a kind
    match rng.randrange(8):
        case 0:
            return rng.choice(all_bodies)
        case 1:
            return b"null"
        case 2:
            references = list(re.finditer(rb"(\d+) 0 R", body))
            if references:
                one = rng.choice(references)
                return body[: one.start()] + b"%d 0 R" % rng.choice(numbers) + body[one.end() :]
            return body
        case 3:
            names = list(_NAME.finditer(body[:4000]))
            if names:
                one = rng.choice(names)
                return body[: one.start()] + rng.choice([m[0] for m in names]) + body[one.end() :]
            return body
        case 4:
            figures = list(_NUMBER.finditer(body[:4000]))
            if figures:
                one = rng.choice(figures)
                return body[: one.start()] + b"%d" % rng.randrange(700) + body[one.end() :]
            return body
        case 5:
            return broken_bytes(rng, body, all_bodies)
        case 6:
            return broken_inside(rng, body)
        case _:
            at = body.rfind(b">>", 0, body.find(b"stream") if b"stream" in body else len(body))
            entry = rng.choice(TOKENS) + b" " + b"%d 0 R" % rng.choice(numbers)
            return body if at < 0 else body[:at] + entry + body[at:]


def _with_update(rng: random.Random, data: bytes, objects: dict[int, bytes], *, root: int, size: int) -> bytes:
    """The objects behind the file, with a table; one of eight has a row that is not right."""
    out = bytearray(data if data.endswith(b"\n") else data + b"\n")
    rows = _written_out(out, objects)
    if rng.randrange(8) == 0:
        rows = _confused(rng, rows, len(out))
    begin = len(out)
    lines = b"".join(b"%d 1\n%010d %05d %s \n" % (n, a, b, b"n" if kind else b"f") for n, kind, a, b in rows)
    out += b"xref\n" + lines
    out += b"trailer\n<< /Size %d /Root %d 0 R /Prev %s >>\n" % (size, root, _last_start(data))
    out += b"startxref\n%d\n%%%%EOF\n" % begin
    return bytes(out)


def _with_streams(rng: random.Random, data: bytes, objects: dict[int, bytes], *, root: int, size: int) -> bytes:
    """The objects behind the file, packed if they can be, with a cross-reference stream; half of them nearly right."""
    out = bytearray(data if data.endswith(b"\n") else data + b"\n")
    fault = rng.randrange(12)
    packed = sorted(number for number, body in objects.items() if b"stream" not in body)
    rows = _written_out(out, {number: body for number, body in objects.items() if number not in packed})
    if packed:
        rows += [(number, 2, size, at) for at, number in enumerate(packed)]
        rows += _written_out(out, {size: _object_stream(fault, {number: objects[number] for number in packed})})
    begin, own = len(out), size + 1
    rows.append((own, 1, begin, 0))
    if fault == 0:
        rows = _confused(rng, rows, begin)
    index = b" ".join(b"%d 1" % row[0] for row in rows)
    table = b"".join(b"%c%s%s" % (kind, a.to_bytes(4, "big"), b.to_bytes(2, "big")) for _, kind, a, b in rows)
    table = table[:-3] if fault == 1 else table
    widths = b"1 2 4" if fault == 2 else b"1 4 2"
    out += b"%d 0 obj\n<< /Type /XRef /Size %d /W [%s] /Index [%s] " % (own, own + 1, widths, index)
    out += b"/Root %d 0 R /Prev %s /Length %d >>\nstream\n" % (root, _last_start(data), len(table))
    out += table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % begin
    return bytes(out)


def _object_stream(fault: int, objects: dict[int, bytes]) -> bytes:
    """ISO 32000-2 §7.5.7; some faults are made here."""
    head, content = b"", b""
    for number, body in objects.items():
        head += b"%d %d " % (number + (fault == 3), len(content))
        content += body + b"\n"
    content = content[: len(content) // 2] if fault == 4 else content
    count, first = len(objects) + (fault == 5), len(head) - (fault == 6)
    words = b"/Type /ObjStm /N %d /First %d /Length %d" % (count, first, len(head + content))
    return b"<< %s >>\nstream\n%s%s\nendstream" % (words, head, content)


_Row = tuple[int, int, int, int]
"""Number, kind (0 free, 1 in the file, 2 in an object stream), place, generation or place in the stream."""


def _written_out(out: bytearray, objects: dict[int, bytes]) -> list[_Row]:
    rows = []
    for number, body in sorted(objects.items()):
        rows.append((number, 1, len(out), 0))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    return rows


def _confused(rng: random.Random, rows: list[_Row], length: int) -> list[_Row]:
    """One row says something else: another's place or number, free, another generation, outside, beside."""
    at, other = rng.randrange(len(rows)), rng.randrange(len(rows))
    number, kind, place, more = rows[at]
    changed = rng.choice((
        (number, *rows[other][1:]), (rows[other][0] + 1, kind, place, more), (number, 0, 0, 1), (number, 0, 0, 65535),
        (number, kind, place, more + 1), (number, kind, length + 100, more), (number, kind, max(0, place - 1), more),
        (0, kind, place, more),
    ))  # fmt: skip
    return [*rows[:at], changed, *rows[at + 1 :]]


def _last_start(data: bytes) -> bytes:
    starts = re.findall(rb"startxref\s+(\d+)", data)
    return starts[-1] if starts else b"0"
