"""Breaks PDF files for fuzzing: bytes as parsers fear them, and later revisions that are formally right.

The second kind is what attackers write: an update with a correct cross-reference table in which one object is another,
has another's value, or lost a part.
"""

import io
import random
import re
from collections.abc import Sequence

import pikepdf

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
    return _with_update(data, changed, root=root, size=max(size, *(n + 1 for n in changed)))


def _written(item: pikepdf.Object) -> bytes | None:
    if isinstance(item, pikepdf.Stream):
        raw = item.read_raw_bytes()
        head = item.stream_dict.unparse(resolved=False) if hasattr(item, "stream_dict") else b""
        body = head + b"\nstream\n" + raw + b"\nendstream"
    else:
        body = item.unparse(resolved=True)
    return body if len(body) <= MAX_OBJECT_BYTES else None


def _varied(rng: random.Random, body: bytes, numbers: list[int], all_bodies: list[bytes]) -> bytes:  # noqa: PLR0911 - one a kind
    match rng.randrange(7):
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
        case _:
            at = body.rfind(b">>", 0, body.find(b"stream") if b"stream" in body else len(body))
            entry = rng.choice(TOKENS) + b" " + b"%d 0 R" % rng.choice(numbers)
            return body if at < 0 else body[:at] + entry + body[at:]


def _with_update(data: bytes, objects: dict[int, bytes], *, root: int, size: int) -> bytes:
    starts = re.findall(rb"startxref\s+(\d+)", data)
    out = bytearray(data if data.endswith(b"\n") else data + b"\n")
    rows = []
    for number, body in sorted(objects.items()):
        rows.append(b"%d 1\n%010d 00000 n \n" % (number, len(out)))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    begin = len(out)
    out += b"xref\n" + b"".join(rows)
    out += b"trailer\n<< /Size %d /Root %d 0 R /Prev %s >>\n" % (size, root, starts[-1] if starts else b"0")
    out += b"startxref\n%d\n%%%%EOF\n" % begin
    return bytes(out)
