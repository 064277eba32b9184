"""Documents and later revisions written octet by octet, and what the comparison of two revisions finds in them."""

import io
import zlib
from collections.abc import Mapping

from pyhanko.pdf_utils.reader import PdfFileReader

from signing.validation.changes.objects import Objects
from signing.validation.changes.outcome import ChangeLevel, Finding, worst
from signing.validation.changes.step import Step, Steps

Body = Mapping[int, bytes | None]
"""Objects by number; None frees one."""

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
FACE = b"/Type /XObject /Subtype /Form /BBox [0 0 100 20] /Resources << /Font << /F1 11 0 R >> >>"
BASE: dict[int, bytes] = {
    1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /Names << /Dests 12 0 R >> >>",
    2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Annots [6 0 R 7 0 R 8 0 R 9 0 R]"
    b" /Resources << /Font << /F1 11 0 R >> /XObject << /X1 10 0 R >> >> >>",
    4: b"<< /Length 52 >>\nstream\nBT /F1 12 Tf 20 150 Td (Pay 100) Tj ET q /X1 Do Q   \nendstream",
    5: b"<< /Fields [6 0 R 7 0 R 8 0 R] /DR << /Font << /F1 11 0 R >> >> /DA (/F1 9 Tf) >>",
    6: b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Sign) /Rect [0 0 0 0] /P 3 0 R >>",
    7: b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (blank) /Rect [20 20 120 40] /F 4 /P 3 0 R >>",
    8: b"<< /Type /Annot /Subtype /Widget /FT /Btn /T (box) /V /Off /AS /Off /Rect [20 60 30 70] /F 4"
    b" /AP << /N << /Yes 13 0 R /Off 14 0 R >> >> >>",
    9: b"<< /Type /Annot /Subtype /Square /Rect [150 20 200 40] /F 4 /Contents (x) /AP << /N 10 0 R >> >>",
    10: b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 19 >>\nstream\n0 0 1 rg 0 0 9 9 re\nendstream",
    11: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    12: b"<< /Kids [] >>",
    13: b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 8 >>\nstream\n1 1 1 rg\nendstream",
    14: b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 1 >>\nstream\nn\nendstream",
}
"""A page with text, a picture, a form of three kinds of fields, and a drawing."""


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A stream object."""
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(data), data)


def deflated(data: bytes, entries: bytes = b"") -> bytes:
    """The same content, written in another way."""
    return stream(zlib.compress(data), entries + b" /Filter /FlateDecode")


def document(objects: Mapping[int, bytes] = BASE) -> bytes:
    """A file with one revision."""
    return _with_revision(HEADER, objects, previous=None, root=1, size=max(objects) + 1, extra=b"")


def revised(pdf: bytes, objects: Body, *, root: int = 1, extra: bytes = b"", between: bytes = b"") -> bytes:
    """The file with one more revision, which has a cross-reference table."""
    previous = int(pdf[pdf.rfind(b"startxref") + 9 :].split()[0])
    size = max([99, *(number + 1 for number in objects)])
    return _with_revision(pdf + between, objects, previous=previous, root=root, size=size, extra=extra)


def _with_revision(pdf: bytes, objects: Body, *, previous: int | None, root: int, size: int, extra: bytes) -> bytes:
    out = bytearray(pdf)
    rows: dict[int, bytes] = {0: b"0000000000 65535 f \n"}
    for number, value in objects.items():
        if value is None:
            rows[number] = b"0000000000 00001 f \n"
            continue
        rows[number] = b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    start = len(out)
    out += b"xref\n" + b"".join(b"%d 1\n%s" % (number, row) for number, row in sorted(rows.items()))
    before = b"" if previous is None else b" /Prev %d" % previous
    out += b"trailer\n<< /Root %d 0 R /Size %d%s %s >>\nstartxref\n%d\n%%%%EOF\n" % (root, size, before, extra, start)
    return bytes(out)


def packed(pdf: bytes, objects: Mapping[int, bytes], *, number: int = 90) -> bytes:
    """The file with one more revision, whose objects stand in an object stream and whose table is a stream."""
    header, body, rows = b"", b"", b""
    for place, (name, value) in enumerate(objects.items()):
        header += b"%d %d " % (name, len(body))
        body += value + b" "
        rows += b"\x02" + number.to_bytes(3) + place.to_bytes(1)
    holder = stream(header + body, b"/Type /ObjStm /N %d /First %d" % (len(objects), len(header)))
    out = bytearray(pdf)
    at = len(out)
    out += b"%d 0 obj\n%s\nendobj\n" % (number, holder)
    start = len(out)
    rows += b"\x01" + at.to_bytes(3) + b"\0" + b"\x01" + start.to_bytes(3) + b"\0"
    index = b" ".join(b"%d 1" % name for name in (*objects, number, number + 1))
    previous = int(pdf[pdf.rfind(b"startxref") + 9 :].split()[0])
    entries = b"/Type /XRef /W [1 3 1] /Index [%s] /Size %d /Root 1 0 R /Prev %d" % (index, number + 2, previous)
    out += b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (number + 1, stream(rows, entries), start)
    return bytes(out)


def step_of(pdf: bytes, revision: int = 0, *, covers: bool = True) -> Step:
    """What happened between a revision (from 0) and the next, on pages that are full, or empty."""
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    return Steps.of(Objects(reader, pdf), pdf).step(revision, lambda _page, _area: covers)


def found(pdf: bytes, **options: bool) -> tuple[Finding, ...]:
    """Everything that the last revision did."""
    last = PdfFileReader(io.BytesIO(pdf), strict=False).xrefs.total_revisions - 2
    return step_of(pdf, last, **options).findings


def level_of(findings: tuple[Finding, ...]) -> ChangeLevel:
    """The worst of it."""
    return worst(finding.level for finding in findings)


def change(objects: Body, **options: bool) -> tuple[Finding, ...]:
    """What an update of the base document does."""
    return found(revised(document(), objects), **options)


def edited(number: int, old: bytes, new: bytes) -> dict[int, bytes]:
    """One object of the base document with other words in it."""
    assert old in BASE[number]
    return {number: BASE[number].replace(old, new)}
