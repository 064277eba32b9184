"""The version of a document that one signature covers, and pictures of what is different now.

People ask two things about a changed file: "give me what was signed" and "show me what changed". The first is a prefix
of the very bytes, the second a drawing of a page with frames around what differs. Knows byte ranges and pages; says
nothing about whether a signature is good.
"""

import io
from dataclasses import dataclass, field
from typing import Any, Final

import pypdfium2 as pdfium

from signing.errors import MalformedDocument, SigningError
from signing.validation.document import DocumentFaultError, open_document
from signing.validation.drawing import DrawingFailedError, DrawnPage, draw, image_of, opened
from signing.validation.geometry import GeometryFaultError, checked_coverage
from signing.validation.overlays import Area
from signing.validation.rendered import RenderBudget, compare_pages, differing_areas

_SHOWN_DPI: Final = 110.0
_FRAME: Final = (200, 16, 46)
_FRAME_WIDTH: Final = 3
_LABEL: Final = 18  # height of a number, in pixels
_PATIENT: Final = RenderBudget(pages=400, cpu_s=6.0)


class SignatureFieldUnknown(SigningError):
    """The document has no filled signature field of this name."""

    code = "SIGNATURE_FIELD_UNKNOWN"


class SignedVersionUnknown(SigningError):
    """The signature's byte range is not that of a version: nobody can say what was signed."""

    code = "SIGNED_VERSION_UNKNOWN"


class PageUnknown(SigningError):
    """Neither version has this page."""

    code = "PAGE_UNKNOWN"


class PageNotDrawn(SigningError):
    """The page cannot be drawn, or not within bounds."""

    code = "PAGE_NOT_DRAWN"


class DocumentLocked(SigningError):
    """The document opens with another password only."""

    code = "DOCUMENT_LOCKED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPage:
    """One page of the current file beside the one that was signed."""

    page: int
    """From 1."""

    pages: int
    """Of the current file."""

    signed_pages: int
    same: bool | None
    """Whether this page looks as it was signed; None: one of both cannot be drawn."""

    changed_pages: tuple[int, ...]
    """Every page that looks different, from 1; as far as they could be compared."""

    everything_compared: bool
    areas: tuple[Area, ...]
    """What differs on this page, in points of its user space."""

    png: bytes = field(repr=False)
    """The page as it looks now (or looked, if it is gone), each area in a red frame with its number."""


def signed_end(pdf: bytes, name: str, password: str | None = None) -> int:
    """First byte behind the version that the signature in a field covers: ``pdf[:signed_end(…)]`` is that version.

    Raises:
        SignatureFieldUnknown, SignedVersionUnknown, DocumentLocked, MalformedDocument: see there.
    """
    try:
        document = open_document(pdf, password)
    except DocumentFaultError as err:
        if err.code in {"DOCUMENT_ENCRYPTED", "PASSWORD_WRONG"}:
            raise DocumentLocked(err.code) from err
        raise MalformedDocument(err.code) from err
    signature = next((one for one in document.fields if one.name == name), None)
    if signature is None:
        raise SignatureFieldUnknown("no such signature")
    try:
        return checked_coverage(pdf, signature.byte_range).end
    except GeometryFaultError as err:
        raise SignedVersionUnknown(str(err)) from err


def compared_page(pdf: bytes, name: str, page: int | None, password: str | None = None) -> ComparedPage:
    """A page of the file as it is now, with frames around what differs from the version under a signature.

    Args:
        pdf: the file.
        name: the signature's field.
        page: from 1; None: the first page that looks different, or the first.
        password: for an encrypted file.

    Raises:
        PageUnknown, PageNotDrawn: see there; and those of ``signed_end``.
    """
    end = signed_end(pdf, name, password)
    answer = compare_pages(pdf, end, allowed=(), password=password, budget=_PATIENT)
    changed = tuple(difference.page + 1 for difference in answer.pages)
    number = page or next(iter(changed), 1)
    try:
        with opened(pdf, end, password) as before, opened(pdf, len(pdf), password) as after:
            counts = len(after), len(before)
            if not 1 <= number <= max(counts):
                raise PageUnknown("no such page")
            old, new = _drawn(before, number - 1), _drawn(after, number - 1)
    except DrawingFailedError as err:
        raise PageNotDrawn(str(err)) from err
    shown = new or old
    if shown is None:
        raise PageNotDrawn("the page cannot be drawn")
    is_in_both = number <= min(counts)
    areas = differing_areas(old, new) if old and new else () if is_in_both else (_whole(shown),)
    same = None if is_in_both and not (old and new) else not areas
    return ComparedPage(
        page=number, pages=counts[0], signed_pages=counts[1], same=same, areas=areas, png=_marked(shown, areas),
        changed_pages=changed if same is not False or number in changed else tuple(sorted((*changed, number))),
        everything_compared=answer.same is not None,
    )  # fmt: skip


def _drawn(document: pdfium.PdfDocument, number: int) -> DrawnPage | None:
    if number >= len(document):
        return None
    try:
        return draw(document, number, dpi=_SHOWN_DPI)
    except DrawingFailedError:
        return None


def _whole(page: DrawnPage) -> Area:
    return page.frame.area(0, 0, *page.size)


def _marked(page: DrawnPage, areas: tuple[Area, ...]) -> bytes:
    """The page as PNG, its areas in numbered frames."""
    from PIL import ImageDraw  # noqa: PLC0415 - only where a picture is wanted

    image = image_of(page)
    pen = ImageDraw.Draw(image)
    for count, area in enumerate(areas, 1):
        left, top, right, bottom = page.frame.box(area)
        pen.rectangle(
            (left - _FRAME_WIDTH, top - _FRAME_WIDTH, right + _FRAME_WIDTH, bottom + _FRAME_WIDTH),
            outline=_FRAME, width=_FRAME_WIDTH,
        )  # fmt: skip
        _number(pen, count, left - _FRAME_WIDTH, top - _FRAME_WIDTH)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _number(pen: Any, count: int, left: int, top: int) -> None:  # noqa: ANN401 - Pillow's pen
    """The number of a frame on its upper edge; digits only, so any font will do."""
    width = _LABEL * (1 + len(str(count))) // 2 + 4
    x, y = max(0, left), max(0, top - _LABEL)
    pen.rectangle((x, y, x + width, y + _LABEL), fill=_FRAME)
    pen.text((x + 4, y + 1), str(count), fill="white", font_size=_LABEL - 4)
