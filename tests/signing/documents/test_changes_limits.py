"""What is larger, deeper or longer than any document is never taken for unchanged."""

import io

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.validation.changes import (
    ChangeLevel,
    annotations,
    form_defaults,
    page_tree,
    pairing,
    references,
    shown,
    structure_tree,
)
from signing.validation.changes.objects import Objects
from signing.validation.changes.page_tree import page_tree as walked
from signing.validation.changes.shown import shown_widgets
from tests.fakes.revised_pdf import BASE, change, document, edited, level_of

UNUSED = {97: b"<< >>"}


def view(objects: dict[int, bytes]) -> object:
    pdf = document(objects)
    return Objects(PdfFileReader(io.BytesIO(pdf), strict=False), pdf).newest


def test_a_page_with_too_many_annotations_is_not_compared_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotations, "MAX_ANNOTATIONS", 1)
    assert level_of(change(edited(3, b"9 0 R]", b"9 0 R 20 0 R]"))) is ChangeLevel.FORBIDDEN


def test_more_fields_than_are_looked_at_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = view(dict(BASE))
    monkeypatch.setattr(shown, "MAX_WIDGETS", 1)
    with pytest.raises(ValueError, match="fields"):
        shown_widgets(whole, walked(whole))
    monkeypatch.setattr(form_defaults, "MAX_FIELDS", 1)
    with pytest.raises(ValueError, match="fields"):
        form_defaults.has_stale_face(whole, whole.dictionary(whole.root, "/AcroForm"))


def test_a_tree_with_too_many_pages_or_levels_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = view(dict(BASE))
    monkeypatch.setattr(page_tree, "MAX_PAGES", 0)
    with pytest.raises(page_tree.OddPageTreeError):
        walked(whole)


def test_a_tree_that_loops_is_an_error() -> None:
    loop = view(BASE | {2: b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"})
    with pytest.raises(page_tree.OddPageTreeError):
        walked(loop)


def test_a_comparison_without_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "MAX_COMPARED", 1)
    with pytest.raises(pairing.ComparisonTooCostlyError):
        change(edited(12, b"/Kids []", b"/Kids [] /Names []"))


@pytest.mark.parametrize("bound", ["MAX_OBJECTS", "MAX_SEARCHED"])
def test_more_objects_than_are_searched_are_an_error(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(references, bound, 1)
    with pytest.raises(references.TooManyObjectsError):
        change(edited(12, b"/Kids []", b"/Kids [] /Names []"))


def test_a_tree_of_parents_that_loops_or_has_no_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = {
        1: BASE[1].replace(b"/Pages 2 0 R", b"/Pages 2 0 R /StructTreeRoot 20 0 R"),
        20: b"<< /Type /StructTreeRoot /ParentTree 21 0 R >>",
    }
    loop = tree | {21: b"<< /Kids [21 0 R] >>"}
    with pytest.raises(ValueError, match="parents"):
        change(loop)
    monkeypatch.setattr(structure_tree, "MAX_PARENTS", 1)
    with pytest.raises(ValueError, match="parents"):
        change(tree | {21: b"<< /Nums [0 null 1 null 2 null] >>"})


def test_an_annotation_that_does_not_exist_is_none() -> None:
    assert level_of(change(edited(3, b"9 0 R]", b"9 0 R 98 0 R null]"))) is ChangeLevel.PERMITTED
