"""Documents to sign, made on the spot: an administrative page as PDF/A-2b, and odd files of other producers."""

import functools
import io
from pathlib import Path
from typing import Any

import pikepdf
import typst
from pikepdf import pdfa

FONT_FOLDER = Path("/usr/share/fonts/truetype/croscore")
_PAGE = """
#set page(paper: "PAPER", flipped: FLIPPED, margin: (top: TOP, rest: 2cm))
#set text(font: "Tinos", size: 13pt, lang: "vi")
*ỦY BAN NHÂN DÂN PHƯỜNG YÊN GIANG* \\ Số: 27/TLKS-UBND
#v(2cm)
Trích lục khai sinh của Nguyễn Thị Lấp Lánh Ánh.
#v(1cm)
#align(right, block(width: 7cm, align(center)[*KT. CHỦ TỊCH \\ PHÓ CHỦ TỊCH* #v(2.4cm) *Nguyễn Thị Ánh*]))
"""


def tinos() -> bytes:
    return (FONT_FOLDER / "Tinos-Regular.ttf").read_bytes()


@functools.cache
def page(*, paper: str = "a4", landscape: bool = False, top: str = "2cm", body: str = "") -> bytes:
    """One page with number, text and a signer's block."""
    source = '#set text(font: "Tinos")\n' + (body or _PAGE)
    for name, value in (("PAPER", paper), ("FLIPPED", str(landscape).lower()), ("TOP", top)):
        source = source.replace(name, value)
    raw = typst.compile(
        source.encode(), font_paths=[str(FONT_FOLDER)], ignore_system_fonts=True, pdf_standards=["a-2b"], timestamp=0
    )
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(raw)) as document:
        for item in document.objects:
            if isinstance(item, pikepdf.Dictionary) and "/CIDSet" in item:
                del item["/CIDSet"]
        pdfa.save(document, out, "2b")
    return out.getvalue()


def changed(pdf: bytes, change: Any, **save: Any) -> bytes:
    """The document after `change(pikepdf.Pdf)`, written anew."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        change(document)
        document.save(out, **save)
    return out.getvalue()


def rotated(pdf: bytes, angle: int) -> bytes:
    def turn(document: Any):
        document.pages[0].Rotate = angle

    return changed(pdf, turn)


def cropped(pdf: bytes) -> bytes:
    def cut(document: Any):
        document.pages[0].CropBox = pikepdf.Array([20, 30, 575, 800])

    return changed(pdf, cut)


def small() -> bytes:
    """The smallest document with a page and a text, cross-reference table in the old form."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << >> >>",
        b"<< /Length 30 >>\nstream\n0 0 1 rg 20 20 100 50 re f     \nendstream",
    ]
    return assembled(objects)


def assembled(objects: list[bytes], *, trailer: bytes = b"", extra: bytes = b"") -> bytes:
    """A file of numbered objects with a cross-reference table."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    out += extra
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(out)


def hybrid() -> bytes:
    """A file with a second cross-reference stream for new readers, as some office programs write."""
    base = small()
    start = int(base.rsplit(b"startxref\n", 1)[1].split()[0])
    stream_at = start
    rows = b"\x01" + stream_at.to_bytes(2, "big") + b"\x00"
    stream = (
        b"9 0 obj\n<< /Type /XRef /Size 10 /W [1 2 1] /Index [9 1] /Length 4 >>\nstream\n"
        + rows
        + b"\nendstream\nendobj\n"
    )
    table = base[start:].replace(b"/Size 5 /Root 1 0 R ", b"/Size 10 /Root 1 0 R /XRefStm %d " % stream_at)
    table = table.rsplit(b"startxref\n", 1)[0] + b"startxref\n%d\n%%%%EOF\n" % (start + len(stream))
    return base[:start] + stream + table


def encrypted(pdf: bytes, *, user: str = "") -> bytes:
    return changed(pdf, lambda _: None, encryption=pikepdf.Encryption(owner="chu", user=user))


def with_script(pdf: bytes) -> bytes:
    def add(document: Any):
        action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        document.Root.OpenAction = document.make_indirect(action)

    return changed(pdf, add)


def with_xfa(pdf: bytes) -> bytes:
    def add(document: Any):
        document.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA=document.make_stream(b"<xdp/>"))

    return changed(pdf, add)
