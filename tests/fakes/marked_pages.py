"""Cuts the marks out of a signed page as it is printed: what the reference images of tests/vectors/marks show."""

import io
from typing import Any

import pypdfium2
from PIL import Image

from signing.pades import PersonMark, SealMark, TextMark
from signing.pades.geometry import Box
from signing.pades.pages import signature_widgets
from tests.fakes.mark_layouts import LAYOUTS

DPI = 150
AROUND = 12.0  # points of the page that are shown around the marks: title, name, what must not be covered
PALETTE = (
    (255, 255, 255), (0, 0, 0), (96, 96, 96), (176, 176, 176), (204, 0, 0), (224, 112, 112), (102, 0, 0),
    (0, 51, 153), (112, 144, 200), (64, 24, 80),
)  # fmt: skip


def marked(sign: Any, pki: Any, layout: str, pictures: tuple[bytes, bytes], font: bytes) -> bytes:
    """The layout with marks A, B and E."""
    wanted, (signature, seal) = LAYOUTS[layout], pictures
    mark = PersonMark(picture=signature, signer_name=wanted.signer_name, signer_title=wanted.signer_title)
    pdf = sign(wanted.make(), level="B-B", field_name="Person", mark=mark).pdf
    pdf = sign(pdf, level="B-B", field_name="Seal", credential=pki.seal(), mark=SealMark(picture=seal)).pdf
    text = TextMark.for_copy(agency="UBND phường Yên Giang", at=pki.at, font=font)
    return bytes(sign(pdf, level="B-B", field_name="Copy", mark=text).pdf)


def cut(pdf: bytes) -> Image.Image:
    """The signer's block with both marks, and the text mark, below each other, in few colours."""
    boxes = {widget.field_name: widget.box for widget in signature_widgets(pdf)}
    person, seal = boxes["Person"], boxes["Seal"]
    block = Box(
        page=person.page, left=min(person.left, seal.left) - AROUND, right=max(person.right, seal.right) + AROUND,
        bottom=min(person.bottom, seal.bottom) - AROUND, top=max(person.top, seal.top) + AROUND,
    )  # fmt: skip
    copy = boxes["Copy"]
    corner = Box(
        page=copy.page, left=copy.left - AROUND, right=copy.right + 8, bottom=copy.bottom - 8, top=copy.top + 8
    )
    parts = [part(shown(pdf, one.page), one) for one in (block, corner)]
    whole = Image.new("RGB", (max(p.width for p in parts), sum(p.height for p in parts) + 6), (128, 128, 128))
    whole.paste(parts[0], (0, 0))
    whole.paste(parts[1], (0, parts[0].height + 6))
    colours = Image.new("P", (1, 1))
    colours.putpalette([value for colour in PALETTE for value in colour])
    return whole.quantize(palette=colours, dither=Image.Dither.NONE)


def shown(pdf: bytes, page: int, *, scale: float = DPI / 72) -> Image.Image:
    """A page with its marks, at 150 dpi or at another number of pixels a point."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    image = document[page].render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
    document.close()
    return image


def part(image: Image.Image, box: Box) -> Image.Image:
    """A box of a page, in shown coordinates."""
    scale = DPI / 72
    top, bottom = image.height - box.top * scale, image.height - box.bottom * scale
    return image.crop((round(box.left * scale), round(top), round(box.right * scale), round(bottom)))


def packed(image: Image.Image) -> bytes:
    """As a small PNG with a palette."""
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
