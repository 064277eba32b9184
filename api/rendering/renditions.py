"""Pages of a stored document drawn into a file of their own: for certified copies and for paper.

What is seen on the pages stays, marks of signatures included; what a document is beside its pages (fields, signatures,
scripts, attachments, other pages) does not come along. Must not know records or who asks: plain values in, bytes out,
so that it can run in a worker process that may be killed.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Final

import pikepdf
from pikepdf import pdfa

from api.errors import CopyImpossible
from api.rendering.cff_reader import ProgramDamaged, ProgramTooLarge
from api.rendering.embedded_fonts import forget_cid_sets, settle_fonts
from api.rendering.page import typeset

STRIP_POINTS: Final = 78.0
"""Height of the strip below each printed page: two rows of text and the QR code with its quiet zone."""
_REASONS: Final = {
    "ISO_19005_2:6.2.11.4.1-1": ("Có phông chữ chưa nhúng trong tệp.", "A font is not embedded in the file."),
    "ISO_19005_2:6.2.11.4.1-2": (
        "Phông chữ nhúng trong tệp thiếu chữ có trên trang.",
        "A font that is embedded in the file lacks letters of the pages.",
    ),
    "ISO_19005_2:6.2.11.5-1": (
        "Độ rộng chữ ghi trong tệp khác với phông chữ nhúng.",
        "The file gives letters other widths than the font that is embedded.",
    ),
    "ISO_19005_2:6.2.11.8-1": (
        "Trang có chữ mà phông chữ nhúng không có.",
        "The pages show letters that the embedded font has no form for.",
    ),
}
"""Rules of ISO 19005-2 that people can do something about: fonts."""
_PAGE_KEYS: Final = frozenset(
    {"/Type", "/Parent", "/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/Group", "/UserUnit"}
)


def plain_copy(pdf: bytes, pages: Sequence[int] | None) -> bytes:
    """A PDF/A-2b file with the given pages as they are seen, and nothing else of the document.

    Args:
        pdf: the stored document.
        pages: numbers from 1, ascending; None: all.

    Raises:
        CopyImpossible: no such page, or the pages cannot be made PDF/A.
    """
    copy = pikepdf.new()
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            if "/AcroForm" in document.Root or any("/Annots" in page.obj for page in document.pages):
                document.flatten_annotations("print")  # what annotations show becomes part of the page
            for number in _numbers(document, pages):
                copy.pages.append(document.pages[number - 1])
            for page in copy.pages:
                for key in set(page.obj.keys()) - _PAGE_KEYS:
                    del page[key]
            _forget_empty_lists(copy)
            settle_fonts(copy)
            forget_cid_sets(copy)
            out = io.BytesIO()
            pdfa.save(copy, out, "2b", deterministic_id=True)
    except (pikepdf.PdfError, pikepdf.PasswordError, pdfa.PdfaError, ValueError, TypeError) as err:
        raise CopyImpossible(*_why_not(err)) from err
    return out.getvalue()


def _forget_empty_lists(document: pikepdf.Pdf) -> None:
    """Take away lists of patterns and shadings with nothing in them, as WeasyPrint's: the check reads neither."""
    for item in document.objects:
        if not isinstance(item, pikepdf.Dictionary):
            continue
        inside = item.get("/Resources")
        for resources in (item, inside) if isinstance(inside, pikepdf.Dictionary) else (item,):
            for key in ("/Pattern", "/Shading"):
                listed = resources.get(key)
                if isinstance(listed, pikepdf.Dictionary) and not len(listed):
                    del resources[key]


def _why_not(error: Exception) -> tuple[str, str]:
    """What stands in the way, in both languages, as far as the libraries tell it."""
    if isinstance(error, pikepdf.PasswordError):
        return "Tệp có mật khẩu.", "The file is protected by a password."
    if isinstance(error, ProgramTooLarge):
        return "Phông chữ nhúng trong tệp quá lớn.", "A font that is embedded in the file is too large."
    if isinstance(error, ProgramDamaged):
        return "Phông chữ nhúng trong tệp bị hỏng.", "A font that is embedded in the file is damaged."
    broken = {finding.rule for finding in error.report.findings} if isinstance(error, pdfa.PdfaError) else set()
    for rule, reason in _REASONS.items():
        if rule in broken:
            return reason
    return "Nội dung của tệp không đưa được vào PDF/A.", "What the file holds does not fit into PDF/A."


def _numbers(document: pikepdf.Pdf, pages: Sequence[int] | None) -> Sequence[int]:
    count = len(document.pages)
    if pages is None:
        return range(1, count + 1)
    if not pages or not all(1 <= number <= count for number in pages):
        raise CopyImpossible(f"Văn bản có {count} trang.", f"The document has {count} pages.")
    return pages


def printed_copy(pdf: bytes, strip: Mapping[str, object]) -> bytes:
    """The pages for a printer: each a little smaller above a strip that says what the print is.

    Nothing of a page is covered. The same values give the same bytes.

    Args:
        pdf: the stored document.
        strip: what `templates/conversion.typ` shows; the sizes of the pages are added here.

    Raises:
        CopyImpossible: the pages cannot be drawn. RenderingFailed: the strip could not be typeset.
    """
    try:
        with pikepdf.open(io.BytesIO(plain_copy(pdf, None))) as document:
            sizes = [_size(page) for page in document.pages]
            strips = typeset("conversion", {**strip, "sizes": [list(size) for size in sizes]})
            with pikepdf.open(io.BytesIO(strips)) as below:
                return _assembled(document, below, sizes)
    except (pikepdf.PdfError, pdfa.PdfaError, ValueError, TypeError) as err:
        raise CopyImpossible("Không dựng được bản in của tệp này.", "No print can be made of this file.") from err


def _assembled(document: pikepdf.Pdf, below: pikepdf.Pdf, sizes: Sequence[tuple[float, float]]) -> bytes:
    made = pikepdf.new()
    *strips, closing = below.pages
    for page, strip, (width, height) in zip(document.pages, strips, sizes, strict=True):
        made.add_blank_page(page_size=(width, height))
        target = pikepdf.Page(made.pages[-1])
        target.add_overlay(page, pikepdf.Rectangle(0, STRIP_POINTS, width, height))
        target.add_overlay(strip, pikepdf.Rectangle(0, 0, width, height))
    made.pages.append(closing)
    out = io.BytesIO()
    forget_cid_sets(made)
    pdfa.save(made, out, "2b", deterministic_id=True)
    return out.getvalue()


def _size(page: pikepdf.Page) -> tuple[float, float]:
    """Width and height as the page is shown."""
    left, bottom, right, top = (float(side) for side in page.cropbox)
    turned = int(page.get("/Rotate", 0)) % 180 == 90  # noqa: PLR2004 - degrees
    width, height = right - left, top - bottom
    return (height, width) if turned else (width, height)
