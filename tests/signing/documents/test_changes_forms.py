"""Forms after a signature: signed and filled in, not exchanged, not shown as something else."""

import pytest

from signing.validation.changes import ChangeLevel
from tests.fakes.revised_pdf import BASE, FACE, Body, change, document, edited, found, level_of, revised, stream

SIGNATURE = b"<< /Type /Sig /SubFilter /ETSI.CAdES.detached /Contents <00> /ByteRange [0 0 0 0] >>"
STAMP = SIGNATURE.replace(b"/Sig ", b"/DocTimeStamp ").replace(b"/ETSI.CAdES.detached", b"/ETSI.RFC3161")
NEW_FIELD = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Later) /V 21 0 R /Rect [0 0 0 0] /P 3 0 R /F 132 >>"
CMAP = b"begincmap 1 beginbfchar <01> <0061> endbfchar 1 beginbfrange <02> <04> <0062> endbfrange endcmap"


def face(text: bytes, entries: bytes = FACE) -> bytes:
    return stream(b"/Tx BMC q BT /F1 9 Tf (%s) Tj ET Q EMC" % text, entries)


def filled(value: bytes, shown: bytes | None) -> dict[int, bytes]:
    appearance = b"" if shown is None else b" /AP << /N 20 0 R >>"
    objects = edited(7, b" /F 4", b" /V (%s)%s /F 4" % (value, appearance))
    return objects if shown is None else objects | {20: shown}


def told(findings: tuple) -> dict[str, ChangeLevel]:
    return {f.what: f.level for f in findings if f.what != "rewritten"}


def with_later_field(value: bytes) -> dict[int, bytes]:
    return {20: NEW_FIELD, 21: value} | edited(5, b"8 0 R]", b"8 0 R 20 0 R]") | edited(3, b"9 0 R]", b"9 0 R 20 0 R]")


PERMITTED = {
    "an empty field is signed": (edited(6, b"/T (Sign)", b"/T (Sign) /V 21 0 R /M (D:2026)") | {21: SIGNATURE}, "signature"),  # noqa: E501 - a table of cases
    "a field is added and signed": (with_later_field(SIGNATURE), "signature"),
    "a document time-stamp": (with_later_field(STAMP), "timestamp"),
    "an empty field is added": ({20: NEW_FIELD.replace(b" /V 21 0 R", b"")} | edited(5, b"8 0 R]", b"8 0 R 20 0 R]"), "signature_field"),  # noqa: E501 - a table of cases
    "a field whose widget hangs below": (
        {20: b"<< /FT /Sig /T (Deep) /Kids [22 0 R] /V 21 0 R >>", 21: SIGNATURE, 22: b"<< /Type /Annot /Subtype /Widget /Parent 20 0 R /Rect [0 0 0 0] >>"}  # noqa: E501 - a table of cases
        | edited(5, b"8 0 R]", b"8 0 R 20 0 R]"),
        "signature",
    ),
    "fonts for the form": (edited(5, b"/F1 11 0 R", b"/F1 11 0 R /F9 30 0 R") | {30: BASE[11]}, None),
}  # fmt: skip


@pytest.mark.parametrize("name", PERMITTED)
def test_signing_is_permitted(name: str) -> None:
    objects, what = PERMITTED[name]
    findings = change(objects)
    assert level_of(findings) is ChangeLevel.PERMITTED
    assert what is None or what in told(findings)


@pytest.mark.parametrize(
    "shown",
    [
        face(b"one"),
        face(b"o n e"),
        face(b"\\157ne"),
        stream(b"BT /F1 9 Tf [(o) -20 (ne)] TJ ET", FACE),
        stream(b"BT /F1 9 Tf <6f6e65> Tj ET", FACE),
        None,
    ],
)
def test_a_blank_field_may_be_filled_in_if_it_shows_its_value(shown: bytes | None) -> None:
    (finding,) = (f for f in change(filled(b"one", shown)) if f.what != "rewritten")
    assert (finding.what, finding.level, finding.attack) == ("form_values", ChangeLevel.FORM_FILL, None)
    assert finding.values == ("blank",)


def test_a_formatted_number_is_its_value() -> None:
    assert told(change(filled(b"1000", face(b"1.000")))) == {"form_values": ChangeLevel.FORM_FILL}


def test_a_map_of_characters_is_read() -> None:
    font = b"<< /Type /Font /Subtype /TrueType /BaseFont /X /ToUnicode 31 0 R >>"
    entries = FACE.replace(b"11 0 R", b"30 0 R")
    objects = filled(b"abd", stream(b"BT /F1 9 Tf <010204> Tj ET", entries)) | {30: font, 31: stream(CMAP)}
    assert told(change(objects)) == {"form_values": ChangeLevel.FORM_FILL}
    other = filled(b"abc", stream(b"BT /F1 9 Tf <010204> Tj ET", entries)) | {30: font, 31: stream(CMAP)}
    assert told(change(other)) == {"form_overlay": ChangeLevel.FORBIDDEN}


@pytest.mark.parametrize(
    "font",
    [
        b"<< /Type /Font /Subtype /Type0 /BaseFont /X >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /X /FontDescriptor << >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /X /Encoding << /Differences [97 /z] >> >>",
        b"null",
    ],
)
def test_a_font_that_cannot_be_read_leaves_a_doubt(font: bytes) -> None:
    entries = FACE.replace(b"11 0 R", b"30 0 R")
    findings = change(filled(b"one", face(b"one", entries)) | {30: font})
    assert told(findings) == {"form_values_unread": ChangeLevel.FORM_FILL}
    assert {f.attack for f in findings if f.level is ChangeLevel.FORM_FILL} == {"FORM_FILLED_AFTER_SIGNING"}


def test_a_value_that_was_not_blank_leaves_a_doubt() -> None:
    was = document(dict(BASE) | filled(b"one", face(b"one")))
    findings = found(revised(was, filled(b"two", face(b"two"))))
    assert [(f.what, f.attack) for f in findings if f.what != "rewritten"] == [
        ("form_values", "FORM_FILLED_AFTER_SIGNING")
    ]


FORBIDDEN: dict[str, tuple[Body, str | None]] = {
    "shows something else": (filled(b"one", face(b"two")), "FORM_OVERLAY"),
    "shows a picture too": (filled(b"one", stream(b"BT /F1 9 Tf (one) Tj ET /X1 Do", FACE)), "FORM_OVERLAY"),
    "shows without a value": (edited(7, b" /F 4", b" /AP << /N 20 0 R >> /F 4") | {20: face(b"x")}, "SHADOW_REPLACE"),
    "moves": (edited(7, b"[20 20 120 40]", b"[20 150 120 180]"), "FORM_OVERLAY"),
    "is drawn with another font": (edited(7, b" /F 4", b" /DA (/F9 9 Tf) /F 4"), "FORM_OVERLAY"),
    "is hidden": (edited(7, b"/F 4", b"/F 2"), "SHADOW_HIDE"),
    "is of another kind": (edited(7, b"/FT /Tx", b"/FT /Ch"), None),
    "has another name": (edited(7, b"(blank)", b"(other)"), None),
    "is removed": (edited(5, b"7 0 R 8", b"8"), None),
    "is freed": ({7: None}, None),
    "box shows without a value": (edited(8, b"/AS /Off", b"/AS /Yes"), "SHADOW_REPLACE"),
    "box shows another state": (edited(8, b"/V /Off /AS /Off", b"/V /Yes /AS /No"), "FORM_OVERLAY"),
    "box has other pictures": (edited(8, b"/V /Off /AS /Off", b"/V /Yes /AS /Yes") | {13: face(b"all")}, "FORM_OVERLAY"),  # noqa: E501 - a table of cases
    "font of the form is exchanged": (edited(5, b"/F1 11 0 R", b"/F1 30 0 R") | {30: BASE[11].replace(b"Helv", b"Evil")}, "FONT_OVERLAY"),  # noqa: E501 - a table of cases
    "default of the form changes": (edited(5, b"/F1 9 Tf", b"/F1 9 Tf 1 g"), None),
    "form is drawn anew": (edited(5, b"/DA", b"/NeedAppearances true /DA"), None),
    "form becomes XFA": (edited(5, b"/DA", b"/XFA 20 0 R /DA") | {20: stream(b"<xdp/>")}, None),
    "form is removed": (edited(1, b"/AcroForm 5 0 R", b""), None),
    "a seen field is added": ({20: BASE[7].replace(b"blank", b"new")} | edited(5, b"8 0 R]", b"8 0 R 20 0 R]"), "FORM_OVERLAY"),  # noqa: E501 - a table of cases
    "a lock is taken away": ({}, None),
    "an old container is shown again": ({}, "FORGED_SIGNATURE"),
}  # fmt: skip
LOCKED = dict(BASE) | edited(6, b"/T (Sign)", b"/T (Sign) /Lock << /Action /All >>")
PREPARED = dict(BASE) | {30: SIGNATURE}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_a_form_shows_is_not_exchanged(name: str) -> None:
    objects, attack = FORBIDDEN[name]
    match name:
        case "a lock is taken away":
            findings = found(revised(document(LOCKED), {6: BASE[6]}))
        case "an old container is shown again":
            findings = found(revised(document(PREPARED), edited(6, b"/T (Sign)", b"/T (Sign) /V 30 0 R")))
        case _:
            findings = change(objects)
    assert level_of(findings) is ChangeLevel.FORBIDDEN
    assert attack in {f.attack for f in findings if f.level is ChangeLevel.FORBIDDEN}


def test_a_box_is_ticked_among_the_pictures_it_had() -> None:
    ticked = change(edited(8, b"/V /Off /AS /Off", b"/V /Yes /AS /Yes"))
    assert told(ticked) == {"form_values": ChangeLevel.FORM_FILL}


def test_a_box_may_be_drawn_anew_with_one_sign() -> None:
    sign = stream(
        b"q BT /Z 9 Tf (4) Tj ET Q",
        b"/Subtype /Form /BBox [0 0 9 9] /Resources << /Font << /Z << /Subtype /Type1 /BaseFont /ZapfDingbats >> >> >>",
    )
    assert told(change(edited(8, b"/V /Off /AS /Off", b"/V /Yes /AS /Yes") | {13: sign})) == {
        "form_values": ChangeLevel.FORM_FILL
    }


def test_a_filled_signature_never_changes() -> None:
    signed = document(dict(BASE) | edited(6, b"/T (Sign)", b"/T (Sign) /V 30 0 R") | {30: SIGNATURE})
    again = edited(6, b"/T (Sign)", b"/T (Sign) /V 30 0 R /StructParent 3 /M (D:2027)")
    assert level_of(found(revised(signed, again))) is ChangeLevel.PERMITTED
    for objects in (
        {30: SIGNATURE.replace(b"<00>", b"<01>")},
        {30: None},
        edited(6, b"/T (Sign)", b"/T (Sign) /V 31 0 R") | {31: SIGNATURE.replace(b"<00>", b"<01>")},
        {6: BASE[6]},
    ):
        findings = found(revised(signed, objects))
        assert level_of(findings) is ChangeLevel.FORBIDDEN
        assert "signature_changed" in {f.what for f in findings}


def test_an_unseen_field_of_another_kind_leaves_a_doubt() -> None:
    hidden = BASE[7].replace(b"blank", b"new").replace(b"[20 20 120 40]", b"[0 0 0 0]")
    findings = change({20: hidden} | edited(5, b"8 0 R]", b"8 0 R 20 0 R]"))
    assert told(findings) == {"field_added": ChangeLevel.ANNOTATIONS}


def test_fields_in_groups_are_followed() -> None:
    grouped = dict(BASE) | edited(5, b"7 0 R", b"15 0 R") | {15: b"<< /T (group) /FT /Tx /Kids [7 0 R] >>"}
    base = document(grouped)
    objects = {7: BASE[7].replace(b" /F 4", b" /V (one) /F 4")}
    findings = found(revised(base, objects))
    assert [f.values for f in findings if f.what == "form_values"] == [("group.blank",)]
    assert level_of(found(revised(base, {15: grouped[15].replace(b"/Tx", b"/Ch")}))) is ChangeLevel.FORBIDDEN
    assert level_of(found(revised(base, {15: grouped[15].replace(b"/T (group)", b"/T (group) /Ff 1")}))) is (
        ChangeLevel.FORBIDDEN
    )


def test_a_field_tree_that_loops_is_refused_not_followed() -> None:
    looping = dict(BASE) | edited(5, b"7 0 R", b"15 0 R") | {15: b"<< /T (loop) /Kids [15 0 R] >>"}
    assert level_of(found(revised(document(looping), {15: looping[15].replace(b"loop", b"pool")}))) is (
        ChangeLevel.FORBIDDEN
    )


def test_a_field_may_be_closed_and_not_opened() -> None:
    closed = edited(7, b" /F 4", b" /Ff 1 /F 4")
    assert level_of(change(closed)) is ChangeLevel.PERMITTED
    assert level_of(found(revised(document(dict(BASE) | closed), {7: BASE[7]}))) is ChangeLevel.FORBIDDEN
    assert level_of(change(edited(7, b" /F 4", b" /Ff 4096 /F 4"))) is ChangeLevel.FORBIDDEN
