"""Writes the searchable copy: the page's own picture, invisible text over it, PDF/A-2b, checked after writing.

The picture is passed through: a scanner's JPEG goes into the copy byte for byte. What was written is read again and
validated; a copy that does not pass is never handed out.

Knows PDF. Must not know how text was read or what it means.
"""

import io
import struct
import zlib
from collections.abc import Iterable
from datetime import datetime

import pikepdf
import pikepdf.pdfa

from digitize.errors import NotArchivable
from digitize.model import Page, PageImage
from digitize.pdfa.font import add_font
from digitize.pdfa.text_layer import FONT_KEY, text_operators

__all__ = ["write_pdfa"]

FLAVOUR = "2b"
PRODUCER = "Anso"
_POINTS = 72.0
_PNG_HEADER = 8
_GREY, _RGB = 0, 2  # PNG colour types
_QUARTER = 4
# frame headers (start of frame, all codings) without the three other markers in their range: ITU-T T.81 table B.1
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def write_pdfa(pages: Iterable[tuple[Page, PageImage]], *, title: str, at: datetime) -> bytes:
    """Return a PDF/A-2b with one picture and one text layer per page.

    Args:
        pages: Each page with its picture, in order; their sizes agree.
        title: For the document's properties; holds no personal data.
        at: Creation time, with zone.

    Raises:
        NotArchivable: The written file did not pass validation.
    """
    pdf = pikepdf.new()
    font = add_font(pdf)
    for page, picture in pages:
        _add_page(pdf, font, page, picture)
    with pdf.open_metadata(set_pikepdf_as_editor=False) as properties:
        properties["dc:title"] = title
        properties["pdf:Producer"] = PRODUCER
        properties["xmp:CreatorTool"] = PRODUCER
        properties["xmp:CreateDate"] = at.isoformat()
        properties["xmp:ModifyDate"] = at.isoformat()
    pdf.Root.Lang = pikepdf.String("vi-VN")
    out = io.BytesIO()
    try:
        pikepdf.pdfa.save(pdf, out, FLAVOUR)
    except pikepdf.pdfa.PdfaError as err:
        raise NotArchivable("the searchable copy did not pass its PDF/A-2b check") from err
    return out.getvalue()


def _add_page(pdf: pikepdf.Pdf, font: pikepdf.Object, page: Page, picture: PageImage) -> None:
    scale = _POINTS / picture.dpi
    width, height = picture.width * scale, picture.height * scale
    operators = b"q %s cm /Picture Do Q\n%s" % (
        _placement(picture, width, height).encode("ascii"),
        text_operators(page, scale),
    )
    pdf.add_blank_page(page_size=(width, height))
    target = pdf.pages[-1].obj
    target.Resources = pikepdf.Dictionary(
        XObject=pikepdf.Dictionary(Picture=_picture(pdf, picture)), Font=pikepdf.Dictionary({FONT_KEY: font})
    )
    target.Contents = pikepdf.Stream(pdf, operators)


def _placement(picture: PageImage, width: float, height: float) -> str:
    """Return the matrix that puts the stored picture upright on the page (ISO 32000-1 8.3.4)."""
    turned = {
        0: (width, 0.0, 0.0, height, 0.0, 0.0),
        1: (0.0, -height, width, 0.0, 0.0, height),
        2: (-width, 0.0, 0.0, -height, width, height),
        3: (0.0, height, -width, 0.0, width, 0.0),
    }[picture.quarter_turns % _QUARTER]
    a, b, c, d, e, f = turned
    if picture.is_mirrored:  # left-right in the picture's own frame, before it is turned
        a, b, e, f = -a, -b, e + a, f + b
    return " ".join(f"{value:.4f}" for value in (a, b, c, d, e, f))


def _picture(pdf: pikepdf.Pdf, picture: PageImage) -> pikepdf.Object:
    is_lying = picture.quarter_turns % 2 == 1
    width, height = (picture.height, picture.width) if is_lying else (picture.width, picture.height)
    if picture.encoding == "jpeg":
        data, entries = picture.data, _jpeg_entries(picture.data)
    elif picture.encoding == "g4":
        data = picture.data
        parameters = pikepdf.Dictionary(K=-1, Columns=width, Rows=height)
        entries = {
            "/Filter": pikepdf.Name.CCITTFaxDecode,
            "/DecodeParms": parameters,
            "/ColorSpace": pikepdf.Name.DeviceGray,
            "/BitsPerComponent": 1,
        }
    else:
        data, entries = _png(picture.data)
    stream = pikepdf.Stream(pdf, data)
    stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    stream.Width, stream.Height = width, height
    for key, value in entries.items():
        stream[key] = value
    return pdf.make_indirect(stream)


def _jpeg_entries(data: bytes) -> dict[str, object]:
    return {
        "/Filter": pikepdf.Name.DCTDecode,
        "/ColorSpace": pikepdf.Name.DeviceGray if _jpeg_components(data) == 1 else pikepdf.Name.DeviceRGB,
        "/BitsPerComponent": 8,
    }


def _jpeg_components(data: bytes) -> int:
    """Return the number of colour components from the JPEG's frame header (ITU-T T.81 B.2.2)."""
    at = 2
    while at + 9 < len(data):
        marker, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        if marker in _FRAME_HEADERS:
            return data[at + 9]
        at += 2 + length
    return 3


def _png(data: bytes) -> tuple[bytes, dict[str, object]]:
    """Return a PNG's compressed rows as they are; PDF knows the same row filters (predictor 15)."""
    rows = b""
    at = _PNG_HEADER
    width, colour = 0, _RGB
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, _, _, colour = struct.unpack(">IIBB", body[:10])
        elif kind == b"IDAT":
            rows += body
        at += 12 + length
    zlib.decompressobj().decompress(rows, 1)  # fails here, not in a reader, if the rows are no zlib stream
    colours = 1 if colour == _GREY else 3
    parameters = pikepdf.Dictionary(Predictor=15, Colors=colours, BitsPerComponent=8, Columns=width)
    return rows, {
        "/Filter": pikepdf.Name.FlateDecode,
        "/DecodeParms": parameters,
        "/ColorSpace": pikepdf.Name.DeviceGray if colours == 1 else pikepdf.Name.DeviceRGB,
        "/BitsPerComponent": 8,
    }
