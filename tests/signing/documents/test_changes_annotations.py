"""Annotations after a signature: comments and marks are told, drawings over the page and actions are refused."""

import pytest

from signing.validation.changes import ChangeLevel
from tests.fakes.revised_pdf import BASE, Body, change, document, edited, found, level_of, revised, stream

BOX = b"/Rect [20 140 200 170] /F 4 /P 3 0 R"
ICON = b"/Rect [280 180 298 198] /F 4"
MULTIPLY = b"/Subtype /Form /BBox [0 0 180 30] /Resources << /ExtGState << /G << /BM /Multiply >> >> >>"
PLAIN = b"/Subtype /Form /BBox [0 0 180 30]"


def added(annotation: bytes, **more: bytes) -> dict[int, bytes]:
    objects = edited(3, b"9 0 R]", b"9 0 R 20 0 R]") | {20: b"<< /Type /Annot %s >>" % annotation}
    return objects | {int(number[1:]): value for number, value in more.items()}


def mark(kind: bytes, content: bytes, entries: bytes = PLAIN) -> dict[int, bytes]:
    return added(b"/Subtype /%s %s /C [1 1 0] /AP << /N 21 0 R >>" % (kind, BOX), _21=stream(content, entries))


HARMLESS = {
    "a note": added(b"/Subtype /Text /Contents (x) " + ICON),
    "a note with an icon": added(
        b"/Subtype /Text /AP << /N 21 0 R >> " + ICON, _21=stream(b"1 1 0 rg 0 0 9 9 re f", PLAIN)
    ),
    "its popup": added(b"/Subtype /Popup /Rect [0 0 90 90]"),
    "a highlight": added(b"/Subtype /Highlight /C [1 1 0] " + BOX),
    "a highlight as programs draw it": mark(b"Highlight", b"/G gs 1 1 0 rg 0 0 180 30 re f", MULTIPLY),
    "a highlight with a light edge": mark(b"Highlight", b"/G gs 1 1 0 rg 1 .9 0 RG 2 w 0 0 180 30 re B", MULTIPLY),
    "a highlight in a form of its own": mark(
        b"Highlight",
        b"q /G gs /X1 Do Q",
        MULTIPLY.replace(b">> >> >>", b">> >> /XObject << /X1 22 0 R >> >>"),
    )
    | {22: stream(b"q 1 1 0 rg 0 0 m 180 0 l 180 30 l 0 30 l h f Q", PLAIN)},
    "an underline of two lines of text": mark(b"Underline", b"0 G 1 w 0 2 m 180 2 l S 0 18 m 180 18 l S"),
    "a line beside upright text": mark(b"Underline", b"0 G 1 w 9 0 m 9 30 l S"),
    "a squiggle as programs draw it": mark(b"Squiggly", b"1 0 0 RG 1 w 0 1 m 2 3 l 4 1 l 6 3 l 8 1 l S"),
    "an underline by a state": mark(
        b"Underline", b"/G gs 0 9 m 180 9 l S", PLAIN + b" /Resources << /ExtGState << /G << /LW 2 >> >> >>"
    ),
    "an underline": mark(b"Underline", b"1 0 0 RG 1 w 0 2 m 180 2 l S"),
    "a squiggle": added(b"/Subtype /Squiggly " + BOX),
    "a strike": mark(b"StrikeOut", b"1 0 0 RG 1 w 0 9 m 180 9 l S"),
    "a link": added(b"/Subtype /Link /Border [0 0 0] /A << /S /URI /URI (https://example.vn) >> " + BOX),
    "a link without a frame": added(b"/Subtype /Link /BS << /W 0 >> " + BOX),
    "a list of annotations where was none": added(b"/Subtype /Popup /Rect [0 0 9 9]"),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_comment_or_a_mark_leaves_no_doubt(name: str) -> None:
    findings = change(HARMLESS[name])
    assert level_of(findings) is ChangeLevel.ANNOTATIONS
    assert {f.attack for f in findings} == {None}


DRAWN = {
    "a text box": added(b"/Subtype /FreeText /DA (/F1 9 Tf) /Contents (Pay 999) " + BOX),
    "a stamp": mark(b"Stamp", b"1 1 1 rg 0 0 180 30 re f"),
    "a redaction": added(b"/Subtype /Redact " + BOX),
    "a kind nobody knows": added(b"/Subtype /Evil " + BOX),
    "a highlight that shows text": mark(b"Highlight", b"BT /F1 9 Tf (Pay 999) Tj ET", MULTIPLY),
    "a highlight that hides": mark(b"Highlight", b"1 1 1 rg 0 0 180 30 re f"),
    "a black highlight": mark(b"Highlight", b"/G gs 0 g 0 0 180 30 re f", MULTIPLY),
    "a black highlight of CMYK": mark(b"Highlight", b"/G gs 0 0 0 1 k 0 0 180 30 re f", MULTIPLY),
    "a black highlight without a picture": added(b"/Subtype /Highlight /C [0 0 0] " + BOX),
    "a highlight with a picture that is none": added(b"/Subtype /Highlight /AP << /N 99 0 R >> " + BOX),
    "an underline that fills": mark(b"Underline", b"1 1 1 rg 0 0 180 30 re f"),
    "an underline as thick as a line": mark(b"StrikeOut", b"1 1 1 RG 30 w 0 9 m 180 9 l S"),
    "a note as large as a page": added(b"/Subtype /Text " + BOX),
    "a link with a frame": added(b"/Subtype /Link /Border [0 0 30] " + BOX),
    "a picture inside a mark": mark(b"Underline", b"/X1 Do", PLAIN + b" /Resources << /XObject << /X1 4 0 R >> >>"),
}


@pytest.mark.parametrize("name", DRAWN)
def test_what_draws_over_the_page_is_an_evil_annotation(name: str) -> None:
    findings = change(DRAWN[name])
    assert level_of(findings) is ChangeLevel.FORBIDDEN
    assert {f.attack for f in findings if f.level is ChangeLevel.FORBIDDEN} == {"EVIL_ANNOTATION"}


def test_what_draws_on_free_room_leaves_a_doubt() -> None:
    findings = change(DRAWN["a stamp"], covers=False)
    assert level_of(findings) is ChangeLevel.ANNOTATIONS
    assert "ANNOTATED_AFTER_SIGNING" in {f.attack for f in findings}


def test_what_nobody_sees_leaves_a_doubt() -> None:
    findings = change(added(b"/Subtype /Stamp /Rect [20 140 200 170] /F 2"))
    assert level_of(findings) is ChangeLevel.ANNOTATIONS
    assert "ANNOTATED_AFTER_SIGNING" in {f.attack for f in findings}


REFUSED: dict[str, tuple[Body, str]] = {
    "removed": (edited(3, b" 9 0 R]", b"]"), "SHADOW_HIDE"),
    "freed": ({9: None}, "SHADOW_HIDE"),
    "hidden": (edited(9, b"/F 4", b"/F 6"), "SHADOW_HIDE"),
    "not printed": (edited(9, b"/F 4", b"/F 0"), "SHADOW_HIDE"),
    "moved": (edited(9, b"[150 20 200 40]", b"[0 0 9 9]"), "SHADOW_HIDE"),
    "emptied": (edited(9, b"/AP << /N 10 0 R >>", b""), "SHADOW_HIDE"),
    "another picture": (edited(9, b"10 0 R", b"13 0 R"), "SHADOW_REPLACE"),
    "another text": (edited(9, b"(x)", b"(y)"), "SHADOW_REPLACE"),
    "another order": (edited(3, b"8 0 R 9 0 R]", b"9 0 R 8 0 R]"), "SHADOW_HIDE"),
    "a program": (added(b"/Subtype /Link /Border [0 0 0] /A << /S /Launch /F (x) >> " + BOX), "EVIL_ANNOTATION"),
    "a script": (added(b"/Subtype /Text /AA << /E << /S /JavaScript /JS (x) >> >> " + ICON), "EVIL_ANNOTATION"),
    "an action after an action": (
        added(b"/Subtype /Link /Border [0 0 0] /A << /S /URI /Next << /S /Launch >> >> " + BOX), "EVIL_ANNOTATION",
    ),
    "a button of no form": (added(b"/Subtype /Widget /FT /Btn /MK << /CA (x) >> " + BOX), "EVIL_ANNOTATION"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_was_there_stays_and_what_comes_does_nothing(name: str) -> None:
    objects, attack = REFUSED[name]
    findings = change(objects)
    assert level_of(findings) is ChangeLevel.FORBIDDEN
    assert attack in {f.attack for f in findings if f.level is ChangeLevel.FORBIDDEN}


def test_keys_that_show_nothing_may_change() -> None:
    findings = change(edited(9, b"/F 4", b"/F 132 /M (D:2026) /NM (a) /StructParent 4 /P 3 0 R /Popup 20 0 R"))
    assert level_of(findings) is ChangeLevel.PERMITTED


def test_a_popup_may_go_and_a_number_that_waited_may_not_come() -> None:
    popup = dict(BASE) | edited(3, b"9 0 R]", b"9 0 R 20 0 R]") | {20: b"<< /Subtype /Popup /Rect [0 0 9 9] >>"}
    assert level_of(found(revised(document(popup), {3: BASE[3], 20: None}))) is ChangeLevel.PERMITTED
    waiting = dict(BASE) | edited(3, b"9 0 R]", b"9 0 R 30 0 R]")
    findings = found(revised(document(waiting), {30: b"<< /Subtype /Stamp %s >>" % BOX}))
    assert "SHADOW_HIDE_AND_REPLACE" in {f.attack for f in findings}


def test_annotations_written_into_the_page_are_the_same_ones() -> None:
    assert level_of(change(edited(3, b"9 0 R]", BASE[9] + b"]"))) in {ChangeLevel.NONE, ChangeLevel.PERMITTED}


def test_a_signature_that_stands_on_a_page_only_is_a_signature() -> None:
    widget = added(b"/Subtype /Widget /FT /Sig /T (x) /V 21 0 R " + BOX, _21=b"<< /Type /Sig >>")
    assert level_of(change(widget, covers=False)) is ChangeLevel.PERMITTED
    assert "SNEAKY_SIGNATURE" in {f.attack for f in change(widget)}


def test_a_field_that_waited_off_the_page_is_not_put_on_it() -> None:
    waiting = dict(BASE) | edited(3, b"7 0 R ", b"") | edited(7, b"(blank)", b"(blank) /V (Pay 999)")
    findings = found(revised(document(waiting), {3: BASE[3]}))
    assert "SHADOW_HIDE_AND_REPLACE" in {f.attack for f in findings}


def test_a_widget_that_the_form_tells_of_is_not_told_again() -> None:
    hidden = {20: b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (New) /F 2 /Rect [9 9 99 99] >>"}
    both = hidden | edited(5, b"8 0 R]", b"8 0 R 20 0 R]") | edited(3, b"9 0 R]", b"9 0 R 20 0 R]")
    assert {f.what for f in change(both)} == {"field_added", "rewritten"}
    off = document(BASE | edited(3, b"6 0 R", b""))
    signed = {6: BASE[6].replace(b"/T (Sign)", b"/T (Sign) /V 21 0 R"), 21: b"<< /Type /Sig >>", 3: BASE[3]}
    assert {f.what for f in found(revised(off, signed))} == {"signature", "rewritten"}
