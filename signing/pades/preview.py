"""Shows a page with a mark on it before anything is signed.

The mark is placed and drawn by the very code that signs, into a copy of the document that is thrown away: what the
preview shows is what the signature will show, and what signing refuses the preview refuses. Uses no key.
"""

import io
from typing import Any, cast

from pyhanko.sign.fields import SigFieldSpec, enumerate_sig_fields
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder

from signing.errors import DocumentNotSignable
from signing.pades.geometry import Frame
from signing.pades.intake import open_for_signing
from signing.pades.marks import Mark
from signing.pades.pages import opened_pages
from signing.pades.widget import PlacedMark, place_mark, put_on_widget
from signing.validation.reading import READ_ERRORS

PREVIEW_DPI = 110
_MAX_PIXELS = 20_000_000  # A3 at 300 dpi has 17 million; larger pages are shown smaller
_POINTS_PER_INCH = 72
_FIELD = "MarkPreview"


def mark_preview(pdf: bytes, mark: Mark, *, dpi: int = PREVIEW_DPI, reserve_mm: float | None = None) -> bytes:
    """The page that the mark goes to, with the mark, as PNG.

    Args:
        pdf: the document.
        mark: what would be drawn when it is signed.
        dpi: resolution; less is used where the picture would have more than 20 million pixels.
        reserve_mm: diameter of the seal whose place will be kept with mark A.

    Raises:
        MalformedDocument, DocumentNotSignable: what ``prepare_signature`` would raise for this document and mark.
    """
    writer = open_for_signing(pdf)
    placed = place_mark(pdf, mark, reserve_mm=reserve_mm)
    try:
        taken = {name for name, _, _ in enumerate_sig_fields(writer.prev)}
        name = next(n for n in (f"{_FIELD}{number}" for number in range(len(taken) + 1)) if n not in taken)
        spec = SigFieldSpec(name, on_page=placed.frame.page, box=cast("Any", placed.rectangle))
        put_on_widget(next(PdfCMSEmbedder(spec).write_cms(name, writer)).get_object(), placed, writer)
        shown = pdf + writer.tail()
    except READ_ERRORS as err:
        raise DocumentNotSignable("the mark cannot be put into this document") from err
    return drawn_page(shown, placed, dpi=dpi)


def mark_preview_in_worker(pdf: bytes, mark: Mark, dpi: int, reserve_mm: float | None) -> bytes:
    """``mark_preview`` for a caller in another process: a worker's call has positional arguments only."""
    return mark_preview(pdf, mark, dpi=dpi, reserve_mm=reserve_mm)


def drawn_page(pdf: bytes, placed: PlacedMark, *, dpi: int) -> bytes:
    """The page of a placed mark as PNG, with everything that a viewer shows there."""
    with opened_pages(pdf) as document:
        document.init_forms()  # widgets of signature fields are drawn with the form
        page = document[placed.frame.page]
        picture = page.render(scale=_scale(placed.frame, dpi), may_draw_forms=True)
        image = io.BytesIO()
        picture.to_pil().convert("RGB").save(image, "PNG")
        page.close()
    return image.getvalue()


def _scale(frame: Frame, dpi: int) -> float:
    wanted = dpi / _POINTS_PER_INCH
    pixels = frame.width * frame.height * wanted**2
    return wanted if pixels <= _MAX_PIXELS else wanted * float((_MAX_PIXELS / pixels) ** 0.5)
