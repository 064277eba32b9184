"""Prints a text mark into the page itself, before the first signature, so that every later one covers it (I12, I23).

A further revision with one content stream and an embedded subset of the font: a PDF/A-2 file stays one, the file is
only appended to. Knows text marks and pages. Signs nothing.
"""

import io
import itertools
from typing import Any

from pyhanko.sign.fields import enumerate_sig_fields

from signing.errors import DocumentNotSignable
from signing.pades.appearance import appearance_stream, text_drawing, text_height, wrapped_lines
from signing.pades.intake import open_for_signing
from signing.pades.marks import TEXT_MARGIN, TextMark
from signing.pades.objects import array, dictionary, entry, name, numbers, stream
from signing.pades.pages import frame_of, opened_pages
from signing.pades.refusals import DocumentClosed, MarkHasNoPlace
from signing.pades.revision import RevisionWriter
from signing.pades.widget import place_mark
from signing.validation.reading import READ_ERRORS

_NAME = "/AnsoMark"
_DEEPEST_TREE = 50
_SLACK = 12.0  # points that a grown page has beyond the marks: the steps by which they move down


def print_mark(pdf: bytes, mark: TextMark, *, then: TextMark | None = None) -> bytes:
    """The document with the mark as part of the page's content, where a signature's text mark would stand.

    A page with text up to its top right corner, as scans have, grows at the top by what the marks need: nothing is
    covered and nothing is made smaller (Decree 30/2020 annex I: 100 % scale).

    Args:
        pdf: the document; a strict prefix of the result. Nothing of it is signed yet.
        mark: the lines and the font.
        then: the text mark of the signature that follows, which needs its place too.

    Raises:
        DocumentClosed: a signature stands already; the page is fixed with the first one.
        MalformedDocument, DocumentNotSignable: see ``signing.pades.refusals``.
    """
    try:
        return _printed(pdf, mark, then)
    except MarkHasNoPlace:
        heights = sum(text_height(wrapped_lines(one)) for one in (mark, then) if one is not None)
        return _printed(_grown(pdf, mark.page, heights + 2 * TEXT_MARGIN + _SLACK), mark, then)


def with_room(pdf: bytes, mark: TextMark) -> bytes:
    """The document with a place for the text mark of its first signature: as it is, or its page grown at the top.

    Raises:
        MalformedDocument, DocumentNotSignable: see ``signing.pades.refusals``.
    """
    try:
        place_mark(pdf, mark)
    except MarkHasNoPlace:
        grown = _grown(pdf, mark.page, text_height(wrapped_lines(mark)) + 2 * TEXT_MARGIN + _SLACK)
        place_mark(grown, mark)
        return grown
    return pdf


def _printed(pdf: bytes, mark: TextMark, then: TextMark | None) -> bytes:
    writer = open_for_signing(pdf)
    if any(True for _ in enumerate_sig_fields(writer.prev, filled_status=True)):
        raise DocumentClosed("the page is fixed with the first signature")
    placed = place_mark(pdf, mark)
    try:
        form = appearance_stream(text_drawing(mark, placed.lines, writer), placed.frame)
        left, bottom = _corner(placed.frame.upright_matrix, placed.box.width, placed.box.height)
        x, y = placed.rectangle[0] - left, placed.rectangle[1] - bottom
        modify: Any = writer.find_page_for_modification
        reference, _ = modify(placed.frame.page)
        page = reference.get_object()
        name_here = _put_in_resources(page, writer.add_object(form))
        drawn = b"\nQ q 1 0 0 1 %.3f %.3f cm %s Do Q\n" % (x, y, name_here.encode())
        _put_around_contents(page, writer.add_object(stream({}, b"q\n")), writer.add_object(stream({}, drawn)))
        writer.mark_update(reference)
        printed = _written(writer)
    except READ_ERRORS as err:
        raise DocumentNotSignable("the mark cannot be printed on this document") from err
    if then is not None:
        place_mark(printed, then)
    return printed


def _put_in_resources(page: Any, form: Any) -> str:  # noqa: ANN401 - pyHanko's objects
    """Give the page resources of its own: what it had (perhaps shared with other pages) and the form; its name."""
    holder = page
    for _ in range(_DEEPEST_TREE):  # ISO 32000-1 §7.7.3.4: a page without resources has those of its parents
        if "/Resources" in holder or "/Parent" not in holder:
            break
        holder = holder["/Parent"]
    resources = entry(holder, "/Resources", {})
    forms = entry(resources, "/XObject", {})
    name_here = next(text for number in itertools.count() if (text := f"{_NAME}{number}") not in forms)
    own = {key: resources.raw_get(key) for key in resources}
    own["/XObject"] = dictionary({**{key: forms.raw_get(key) for key in forms}, name_here: form})
    page[name("/Resources")] = dictionary(own)
    return name_here


def _put_around_contents(page: Any, before: Any, after: Any) -> None:  # noqa: ANN401 - pyHanko's objects
    """Put the page's own content, which may leave its state changed, between q and Q, and more behind it."""
    raw: Any = page.raw_get("/Contents")
    found: Any = page["/Contents"]
    is_array = isinstance(found, list)
    streams = [found.raw_get(index) for index in range(len(found))] if is_array else [raw]
    page[name("/Contents")] = array([before, *streams, after])


def _grown(pdf: bytes, page: int, height: float) -> bytes:
    """The document with a page that is higher by so many points, as it is shown; its content stays where it is."""
    with opened_pages(pdf) as document:
        frame = frame_of(document, page)
    left, bottom, right, top = frame.crop
    # the side that is shown at the top (Frame: rotation is clockwise)
    side = {
        0: (left, bottom, right, top + height),
        90: (left - height, bottom, right, top),
        180: (left, bottom - height, right, top),
        270: (left, bottom, right + height, top),
    }[frame.rotation]
    writer = open_for_signing(pdf)
    try:
        modify: Any = writer.find_page_for_modification
        reference, _ = modify(frame.page)
        target = reference.get_object()
        # ISO 32000-1 §14.11.2: what is shown of the page must lie inside its medium
        box = writer.add_object(numbers(side))  # an object of its own: the highest number that the writer gave is used
        target[name("/MediaBox")], target[name("/CropBox")] = box, box
        writer.mark_update(reference)
        return _written(writer)
    except READ_ERRORS as err:
        raise DocumentNotSignable("the page of this document cannot grow") from err


def _written(writer: RevisionWriter) -> bytes:
    target = io.BytesIO()
    append: Any = writer.write
    append(target)
    return target.getvalue()


def _corner(matrix: tuple[int, int, int, int, int, int], width: float, height: float) -> tuple[float, float]:
    """Lower left of a box at the origin after the matrix (ISO 32000-1 §8.10.1: a form's /Matrix comes first)."""
    a, b, c, d, e, f = matrix
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in (0, width) for y in (0, height)]
    return min(x for x, _ in corners), min(y for _, y in corners)
