"""Where a page has free room: frames and light panels are none of its drawings, everything else is one."""

from collections.abc import Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw
import pytest

from signing.validation.rulings import MAX_SEGMENTS, PathKind, kind_of_path
from tests.fakes import sample_pdf

SHAPE = b"20 20 100 50 re f "
LINES = b"0 0 m 10 0 l 10 40 l 90 40 l 90 0 l "


def drawn(shape: bytes) -> Iterator[pdfium.PdfObject]:
    """The paths of a page with this content."""
    contents = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shape), shape)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << >> >>",
        contents,
    ]
    document = pdfium.PdfDocument(sample_pdf.assembled(objects))
    yield from document[0].get_objects()
    document.close()


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        (b"20 20 100 50 re S", PathKind.RULING),
        (b"20 20 100 50 re 20 80 100 50 re S", PathKind.RULING),
        (b"20 20 m 200 20 l S", PathKind.RULING),
        (b"20 20 m 20 90 l S", PathKind.RULING),
        (b"20 20 m 200 20.4 l S", PathKind.RULING),
        (b"20 20 m 200 26 l S", PathKind.DRAWING),
        (b"20 20 m 50 20 90 20 200 20 c S", PathKind.DRAWING),  # a curve, straight as it is
        (b"0.9 g 20 20 100 50 re f", PathKind.PANEL),
        (b"1 0.8 0.76 rg 20 20 100 50 re B", PathKind.PANEL),
        (b"1 0.8 0.74 rg 20 20 100 50 re f", PathKind.DRAWING),
        (b"0 g 20 20 100 50 re f", PathKind.DRAWING),
        (b"0.9 g 20 20 m 200 26 l 200 90 l 20 90 l h f", PathKind.DRAWING),
        (b"0.9 g " + LINES * 2 + b"f", PathKind.DRAWING),  # more corners than a rectangle has: it may be a letter
        (b"0 0 m " + b"0 5 l 5 5 l " * (MAX_SEGMENTS // 2) + b"S", PathKind.DRAWING),
    ],
)
def test_straight_lines_are_rulings_one_light_rectangle_is_a_panel_and_the_rest_are_drawings(
    shape: bytes, kind: PathKind
) -> None:
    assert [kind_of_path(path) for path in drawn(shape)] == [kind]


@pytest.mark.parametrize("call", ["FPDFPath_GetDrawMode", "FPDFPathSegment_GetPoint"])
def test_a_path_that_cannot_be_read_is_a_drawing_and_no_free_room(monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    (before,) = (kind_of_path(path) for path in drawn(b"20 20 100 50 re S"))
    monkeypatch.setattr(pdfium_raw, call, lambda *_: 0)
    (after,) = (kind_of_path(path) for path in drawn(b"20 20 100 50 re S"))
    assert (before, after) == (PathKind.RULING, PathKind.DRAWING)


def test_a_light_panel_whose_colour_cannot_be_read_is_a_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    (before,) = (kind_of_path(path) for path in drawn(b"1 g " + SHAPE))
    real = pdfium_raw.FPDFPageObj_GetFillColor
    monkeypatch.setattr(pdfium_raw, "FPDFPageObj_GetFillColor", lambda *values: real(*values) and 0)
    (after,) = (kind_of_path(path) for path in drawn(b"1 g " + SHAPE))
    assert (before, after) == (PathKind.PANEL, PathKind.DRAWING)
