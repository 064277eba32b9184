"""What later revisions may do to pages, resources and the catalogue, and what they may not."""

import pytest

from signing.validation.changes import ChangeLevel
from tests.fakes.revised_pdf import (
    BASE,
    change,
    deflated,
    document,
    edited,
    found,
    level_of,
    packed,
    revised,
    stream,
)

CONTENT = b"BT /F1 12 Tf 20 150 Td (Pay 100) Tj ET q /X1 Do Q   "
OTHER = stream(b"BT /F1 12 Tf 20 150 Td (Pay 999) Tj ET")
PLAIN = document()


def attack_of(findings: tuple) -> str | None:
    return next((f.attack for f in findings if f.level is ChangeLevel.FORBIDDEN), None)


HARMLESS = {
    "nothing": {},
    "every object again": dict(BASE),
    "content compressed in another way": {4: deflated(CONTENT)},
    "content as a list of one": edited(3, b"/Contents 4 0 R", b"/Contents [4 0 R]"),
    "annotations in a list of their own": edited(3, b"[6 0 R 7 0 R 8 0 R 9 0 R]", b"20 0 R")
    | {20: b"[6 0 R 7 0 R 8 0 R 9 0 R]"},
    "form written into the catalogue": edited(1, b"5 0 R", BASE[5]),
    "resources in an object of their own": edited(
        3, b"<< /Font << /F1 11 0 R >> /XObject << /X1 10 0 R >> >>", b"20 0 R"
    )
    | {20: b"<< /Font << /F1 11 0 R >> /XObject << /X1 10 0 R >> >>"},
    "numbers in another form": edited(3, b"[0 0 300 200]", b"[0.0 0 300.00 200]"),
    "what only programs look at": edited(3, b"/Type /Page ", b"/Type /Page /LastModified (D:2026) /PieceInfo << >> "),
    "objects nobody uses": {20: b"<< /Type /Nothing >>", 21: stream(b"unused")},
    "objects nobody used are freed": {97: None},
    "a version that rises": edited(1, b"/Type /Catalog", b"/Type /Catalog /Version /2.0"),
    "a null entry": edited(3, b"/Parent", b"/Rotate null /Parent"),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_means_the_same_is_no_change(name: str) -> None:
    assert level_of(change(HARMLESS[name])) in {ChangeLevel.NONE, ChangeLevel.PERMITTED}


FORBIDDEN = {
    "content replaced in place": ({4: OTHER}, None),
    "content gone": ({4: None}, "SHADOW_HIDE"),
    "content emptied": ({4: stream(b"  ")}, "SHADOW_HIDE"),
    "content added": (edited(3, b"4 0 R", b"[4 0 R 20 0 R]") | {20: OTHER}, None),
    "content exchanged for an object that waited": (edited(3, b"4 0 R", b"14 0 R"), "SHADOW_HIDE_AND_REPLACE"),
    "font exchanged": (edited(11, b"/Helvetica", b"/Courier"), "FONT_OVERLAY"),
    "font under another name": (edited(3, b"/F1 11 0 R", b"/F2 11 0 R"), "FONT_OVERLAY"),
    "picture exchanged": ({10: stream(b"1 0 0 rg 0 0 9 9 re", b"/Subtype /Form /BBox [0 0 9 9]")}, "SHADOW_REPLACE"),
    "picture emptied": ({10: stream(b" ", b"/Subtype /Form /BBox [0 0 9 9]")}, "SHADOW_HIDE"),
    "picture freed": ({10: None}, "SHADOW_HIDE"),
    "picture of another type": ({10: b"(a text)"}, "SHADOW_REPLACE"),
    "page turned": (edited(3, b"/Parent", b"/Rotate 90 /Parent"), None),
    "page cut": (edited(3, b"/Parent", b"/CropBox [0 0 9 9] /Parent"), None),
    "page turned by the node above": (edited(2, b"/Count", b"/Rotate 90 /Count"), None),
    "page in another unit": (edited(3, b"/Parent", b"/UserUnit 2 /Parent"), None),
    "page acts when opened": (edited(3, b"/Parent", b"/AA << /O << /S /Named /N /Print >> >> /Parent"), None),
    "page added": (edited(2, b"[3 0 R]", b"[3 0 R 20 0 R]") | {20: BASE[3]}, None),
    "page removed": (edited(2, b"[3 0 R]", b"[]"), "SHADOW_HIDE"),
    "page freed": ({3: None}, "SHADOW_HIDE"),
    "page twice": (edited(2, b"[3 0 R]", b"[3 0 R 3 0 R]"), None),
    "tree exchanged for one that waited": (edited(1, b"/Pages 2 0 R", b"/Pages 12 0 R"), "SHADOW_HIDE"),
    "layers": (edited(1, b"/Pages", b"/OCProperties << /D << >> /OCGs [] >> /Pages"), "SHADOW_HIDE"),
    "an action": (edited(1, b"/Pages", b"/OpenAction << /S /Named /N /Print >> /Pages"), None),
    "names": (edited(12, b"[]", b"[1 0 R]"), None),
    "a permission": (edited(1, b"/Pages", b"/Perms << /DocMDP 10 0 R >> /Pages"), None),
    "another language": (edited(1, b"/Pages", b"/Lang (en) /Pages"), None),
    "a version that falls": (edited(1, b"/Type", b"/Version /1.2 /Type"), None),
    "no catalogue": ({1: None}, "SHADOW_HIDE"),
    "a catalogue that is none": ({1: b"[1 2]"}, "SHADOW_HIDE"),
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_shows_something_else_is_forbidden_and_named(name: str) -> None:
    objects, attack = FORBIDDEN[name]
    base = document()
    if name == "a version that falls":
        base = document(dict(BASE) | edited(1, b"/Type", b"/Version /1.6 /Type"))
    findings = found(revised(base, objects))
    assert level_of(findings) is ChangeLevel.FORBIDDEN
    assert attack_of(findings) == attack


def test_another_catalogue_that_stood_unused_is_hide_and_replace() -> None:
    prepared = dict(BASE) | {
        20: b"<< /Type /Catalog /Pages 21 0 R >>",
        21: b"<< /Type /Pages /Kids [22 0 R] /Count 1 >>",
        22: b"<< /Type /Page /Parent 21 0 R /MediaBox [0 0 9 9] >>",
    }
    findings = found(revised(document(prepared), {}, root=20))
    assert level_of(findings) is ChangeLevel.FORBIDDEN
    assert "SHADOW_HIDE_AND_REPLACE" in {f.attack for f in findings}


def test_a_number_that_the_signed_page_named_before_it_was_defined_is_hide_and_replace() -> None:
    waiting = dict(BASE) | edited(3, b"4 0 R", b"[4 0 R 30 0 R]")
    findings = found(revised(document(waiting), {30: OTHER}))
    assert level_of(findings) is ChangeLevel.FORBIDDEN
    assert attack_of(findings) == "SHADOW_HIDE_AND_REPLACE"


def test_a_dangling_reference_that_stays_dangling_is_harmless() -> None:
    dangling = dict(BASE) | edited(1, b"/Pages", b"/DSS << /Certs [70 0 R] >> /Pages")
    objects = {1: dangling[1].replace(b"[70 0 R]", b"[71 0 R 72 0 R]")}
    assert level_of(found(revised(document(dangling), objects))) is ChangeLevel.PERMITTED


def test_a_content_that_is_validation_data_too_is_not_exchanged() -> None:
    both = dict(BASE) | edited(1, b"/Pages", b"/DSS << /Certs [4 0 R] >> /Pages")
    assert level_of(found(revised(document(both), {4: OTHER}))) is ChangeLevel.FORBIDDEN


def test_a_length_that_is_another_object_decides_about_the_content() -> None:
    apart = dict(BASE) | {4: BASE[4].replace(b"52", b"30 0 R"), 30: b"52"}
    assert level_of(found(revised(document(apart), {30: b"52"}))) is ChangeLevel.PERMITTED
    assert level_of(found(revised(document(apart), {30: b"20"}))) is ChangeLevel.FORBIDDEN


def test_an_entry_inside_another_object_hides_no_reference() -> None:
    """A false entry cuts the page in two, so that a search for references finds the second half elsewhere."""
    tricky = dict(BASE) | edited(3, b"/Contents 4 0 R", b"/X (endobj\n40 0 obj << >> ) /Contents [4 0 R 30 0 R]")
    first = document(tricky)
    at = first.index(b"40 0 obj")
    start = first.rfind(b"xref\n0 1\n")
    table = first[start:].replace(b"xref\n0 1\n", b"xref\n40 1\n%010d 00000 n \n0 1\n" % at, 1)
    signed = first[:start] + table.replace(b"/Size 15", b"/Size 99")
    assert level_of(found(revised(signed, {30: OTHER}))) is ChangeLevel.FORBIDDEN


@pytest.mark.parametrize("objects", [{4: OTHER}, {11: BASE[11].replace(b"Helvetica", b"Courier")}])
def test_streams_of_objects_change_nothing_about_that(objects: dict[int, bytes]) -> None:
    plain = {number: value for number, value in BASE.items() if b"stream" not in value}
    assert level_of(found(packed(PLAIN, plain))) in {ChangeLevel.NONE, ChangeLevel.PERMITTED}
    if 4 not in objects:
        assert level_of(found(packed(PLAIN, plain | objects))) is ChangeLevel.FORBIDDEN


def test_an_object_stream_defined_anew_exchanges_the_objects_in_it() -> None:
    plain = {number: value for number, value in BASE.items() if b"stream" not in value}
    first = packed(PLAIN, plain)
    other = plain | edited(11, b"Helvetica", b"Courier")
    header = body = b""
    for number, value in other.items():
        header += b"%d %d " % (number, len(body))
        body += value + b" "
    holder = stream(header + body, b"/Type /ObjStm /N %d /First %d" % (len(other), len(header)))
    assert level_of(found(revised(first, {90: holder}))) is ChangeLevel.FORBIDDEN


def test_an_entry_that_frees_with_an_odd_generation_frees() -> None:
    freed = revised(PLAIN, {4: None}).replace(b"0000000000 00001 f", b"0000000000 65535 f")
    assert level_of(found(freed)) is ChangeLevel.FORBIDDEN


FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"


@pytest.mark.parametrize(
    ("number", "key"),
    [(6, b"/AP"), (6, b"/DR"), (9, b"/NM"), (30, b"/Tabs"), (30, b"/PieceInfo"), (1, b"/DSS"), (1, b"/PieceInfo")],
)
def test_an_object_that_is_a_list_of_fonts_too_keeps_them_under_every_key(number: int, key: bytes) -> None:
    """A field, an annotation, a page or the catalogue as /Font of the page: what may change there is a font here."""
    other = {30: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"}
    shared = dict(BASE) | other | edited(2, b"[3 0 R]", b"[3 0 R 30 0 R]")
    shared[3] = BASE[3].replace(b"/Font << /F1 11 0 R >>", b"/Font %d 0 R" % number)

    def with_font(name: bytes) -> bytes:
        return shared[number].replace(b"<<", b"<< %s %s" % (key, FONT % name), 1)

    signed = document(shared | {number: with_font(b"Helvetica")})
    findings = found(revised(signed, {number: with_font(b"Courier")}))
    assert level_of(findings) is ChangeLevel.FORBIDDEN
    assert "FONT_OVERLAY" in {f.attack for f in findings}


def test_an_annotation_that_is_a_picture_too_keeps_its_data() -> None:
    shared = dict(BASE) | edited(3, b"9 0 R]", b"9 0 R 10 0 R]")
    other = stream(b"1 0 0 rg 0 0 9 9 re", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]")
    assert level_of(found(revised(document(shared), {10: other}))) is ChangeLevel.FORBIDDEN
