"""Two ways to forge a signed PDF, for the demo's counter-check.

Both work on bytes only: one flips a byte that is signed, the other appends an incremental update that draws other text
over the page, which leaves every signed byte as it was.
"""

import io
import re

import pikepdf


def flip_signed_byte(pdf: bytes) -> bytes:
    """The file with one bit changed inside the first signature's byte range, in the middle of its first part."""
    match = re.search(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)", pdf)
    if match is None:
        raise ValueError("the file carries no signature")
    offset, length = int(match[1]), int(match[2])
    place = offset + length // 2
    return pdf[:place] + bytes([pdf[place] ^ 0x01]) + pdf[place + 1 :]


def edit_by_incremental_update(pdf: bytes, text: str = "SO TIEN: 999.000.000 dong") -> bytes:
    """The file with an appended revision whose first page says something else (ISO 32000-1 §7.5.6)."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        page = document.pages[0]
        page_number, page_generation = page.objgen
        new_number = len(document.objects) + 1
        drawing = f"q 1 1 1 rg 90 400 400 40 re f 0 g BT /AnsoForged 16 Tf 95 412 Td ({text}) Tj ET Q".encode("latin-1")
        contents = page.Contents
        parts = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
        old = b" ".join(b"%d %d R" % part.objgen for part in parts)
        resources = pikepdf.Dictionary(page.get("/Resources", pikepdf.Dictionary()))
        fonts = pikepdf.Dictionary(resources.get("/Font", pikepdf.Dictionary()))
        fonts["/AnsoForged"] = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        resources["/Font"] = fonts
        entries = {key: value for key, value in page.obj.items() if key not in {"/Contents", "/Resources"}}
        body = b"".join(
            key.encode() + b" " + (value.unparse() if not value.is_indirect else b"%d %d R" % value.objgen) + b"\n"
            if isinstance(value, pikepdf.Object)
            else key.encode() + b" " + str(value).encode() + b"\n"
            for key, value in entries.items()
        )
        new_page = (
            b"<<\n"
            + body
            + b"/Contents ["
            + old
            + b" %d 0 R]\n/Resources " % new_number
            + resources.unparse()
            + b"\n>>"
        )
        root = b"%d %d R" % document.Root.objgen
    stream = b"<< /Length %d >>\nstream\n" % len(drawing) + drawing + b"\nendstream"
    return _append(pdf, {page_number: (page_generation, new_page), new_number: (0, stream)}, root, new_number + 1)


def _append(pdf: bytes, objects: dict[int, tuple[int, bytes]], root: bytes, size: int) -> bytes:
    out = bytearray(pdf if pdf.endswith(b"\n") else pdf + b"\n")
    table = bytearray(b"xref\n")
    for number, (generation, body) in sorted(objects.items()):
        table += b"%d 1\n%010d %05d n \n" % (number, len(out), generation)
        out += b"%d %d obj\n" % (number, generation) + body + b"\nendobj\n"
    previous = pdf.rindex(b"startxref")
    start = int(pdf[previous:].split()[1])
    place = len(out)
    out += (
        table
        + b"trailer\n<< /Size %d /Root " % size
        + root
        + b" /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (start, place)
    )
    return bytes(out)
