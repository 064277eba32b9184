"""Pages as offices make them, for marks: rotated, landscape, A3, cropped, two signers, tables, a block by itself."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pikepdf

from tests.fakes import sample_pdf

_HEAD = """
#set page(paper: "PAPER", flipped: FLIPPED, margin: 2cm)
#set text(font: "Tinos", size: 13pt, lang: "vi")
*ỦY BAN NHÂN DÂN PHƯỜNG YÊN GIANG* \\ Số: 27/TLKS-UBND
#v(1cm)
"""
_BLOCK = """
#align(right, block(width: 9cm, align(center)[*KT. CHỦ TỊCH \\ PHÓ CHỦ TỊCH* #v(2.4cm) *Nguyễn Thị Ánh*]))
"""
_RECIPIENTS = """
#grid(columns: (46%, 54%), [_Nơi nhận:_ \\ - Như trên; \\ - Sở Tư pháp; \\ - Lưu: VT.],
  align(center)[*KT. CHỦ TỊCH \\ PHÓ CHỦ TỊCH* #v(2.4cm) *Nguyễn Thị Ánh*])
"""
_TWO = """
#grid(columns: (1fr, 1fr),
  align(center)[*KẾ TOÁN TRƯỞNG* \\ (Ký, ghi rõ họ tên) #v(2.4cm) *Trần Văn Bình*],
  align(center)[*GIÁM ĐỐC* \\ (Ký, ghi rõ họ tên) #v(2.4cm) *TS. Lê Thị Hoà*])
"""
_TABLE = """
#table(columns: COLUMNS, inset: 8pt, align: center,
  [*KẾ TOÁN TRƯỞNG* #v(2.6cm) *Trần Văn Bình Long*], [*CHỦ TỊCH HỘI ĐỒNG* #v(2.6cm) *Lê Thị Hòa An*])
"""
_TEXT = "#lorem(LENGTH)\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One page layout, and whom it names."""

    make: Callable[[], bytes]
    signer_name: str | None = None
    signer_title: str | None = None
    page: int = 0
    """Where the block is."""


def _page(body: str, *, paper: str = "a4", flipped: bool = False) -> bytes:
    head = _HEAD.replace("PAPER", paper).replace("FLIPPED", str(flipped).lower())
    return sample_pdf.page(body=head + body)


def _text(words: int) -> str:
    return _TEXT.replace("LENGTH", str(words))


def turned(pdf: bytes, angle: int) -> bytes:
    """The same look from a page that is stored on its side: its content is turned back, /Rotate turns it again."""

    def turn(document: Any) -> None:
        for page in document.pages:
            width, height = (float(n) for n in page.MediaBox[2:])
            matrix, box = {
                90: (f"0 1 -1 0 {height} 0", (height, width)),
                180: (f"-1 0 0 -1 {width} {height}", (width, height)),
                270: (f"0 -1 1 0 0 {width}", (height, width)),
            }[angle]
            page.contents_add(f"q {matrix} cm\n".encode(), prepend=True)
            page.contents_add(b"\nQ")
            page.MediaBox = pikepdf.Array([0, 0, *box])
            page.Rotate = angle

    return sample_pdf.changed(pdf, turn)


def moved(pdf: bytes) -> bytes:
    """The same page in a media box that begins below zero, cropped, with swapped corners."""

    def move(document: Any) -> None:
        page = document.pages[0]
        page.contents_add(b"q 1 0 0 1 -300 -500 cm\n", prepend=True)
        page.contents_add(b"\nQ")
        page.MediaBox = pikepdf.Array([295.28, 341.89, -300, -500])
        page.CropBox = pikepdf.Array([-280, -470, 275, 900])  # reaches over the media box at the top

    return sample_pdf.changed(pdf, move)


def table(columns: str) -> bytes:
    """Two signers in the cells of a table with lines."""
    return _page(_text(60) + "#v(1cm)" + _TABLE.replace("COLUMNS", columns))


def with_annex(pdf: bytes, annex: bytes) -> bytes:
    """Both documents behind each other."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document, pikepdf.open(io.BytesIO(annex)) as more:
        document.pages.extend(more.pages)
        document.save(out)
    return out.getvalue()


def scanned() -> bytes:
    """A page that is one picture, with its text unseen beneath it, as a scan after recognition."""
    import pypdfium2  # noqa: PLC0415 - only here

    source = _page(_text(60) + _RECIPIENTS)
    opened = pypdfium2.PdfDocument(source)
    picture = io.BytesIO()
    opened[0].render(scale=2).to_pil().convert("L").save(picture, "JPEG", quality=80)
    opened.close()

    def cover(document: Any) -> None:
        page = document.pages[0]
        image = document.make_stream(
            picture.getvalue(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=1191, Height=1684,
            ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode,
        )  # fmt: skip
        page.Resources.XObject = pikepdf.Dictionary(Scan=image)
        page.contents_add(b"\nq 595.28 0 0 841.89 0 0 cm /Scan Do Q")  # over the text: what is seen is the picture

    return sample_pdf.changed(source, cover)


LAYOUTS = {
    "a4": Layout(make=lambda: _page(_text(60) + _RECIPIENTS)),
    "rotated-90": Layout(make=lambda: turned(_page(_text(60) + _RECIPIENTS), 90)),
    "rotated-180": Layout(make=lambda: turned(_page(_text(60) + _RECIPIENTS), 180)),
    "rotated-270": Layout(make=lambda: turned(_page(_text(60) + _RECIPIENTS), 270)),
    "landscape": Layout(make=lambda: _page(_text(80) + _BLOCK, flipped=True)),
    "a3": Layout(make=lambda: _page(_text(80) + _BLOCK, paper="a3", flipped=True)),
    "cropped": Layout(make=lambda: moved(_page(_text(60) + _RECIPIENTS))),
    "page-end": Layout(
        make=lambda: with_annex(_page(_text(60) + "#v(1fr)\n" + _BLOCK), _page("*PHỤ LỤC*\n\n" + _text(90)))
    ),
    "next-page": Layout(make=lambda: _page(_text(120) + "#pagebreak()\n" + _BLOCK), page=1),
    "two-signers-left": Layout(make=lambda: _page(_text(60) + _TWO), signer_name="Trần Văn Bình"),
    "two-signers-right": Layout(
        make=lambda: _page(_text(60) + _TWO), signer_name="Lê Thị Hòa", signer_title="Giám đốc"
    ),
    "table": Layout(make=lambda: table("(40%, 60%)"), signer_name="Lê Thị Hoà An"),
    "scan": Layout(make=scanned),
}
