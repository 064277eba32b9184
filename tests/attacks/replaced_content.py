"""Shadow attacks of the second class: what is shown is replaced, by faces of form fields, fonts and forms."""

from collections.abc import Mapping

from signing.validation import Reason
from tests.attacks.cases import Attacks
from tests.attacks.raw_pdf import Body, Stream
from tests.attacks.shadow_documents import ANY, FONTS, FORM, covered, update
from tests.attacks.workshop import (
    FONT,
    PAGE,
    base,
    form,
)

replace = Attacks("replace", ANY - {Reason.SHADOW_HIDE})


def field_form(
    value: str, *, kind: str = "/Tx", more: Mapping[str, str] | None = None, needs: str = ""
) -> dict[int, Body]:
    """A page with one field of a form that shows something."""
    field = {
        "/Type": "/Annot",
        "/Subtype": "/Widget",
        "/FT": kind,
        "/T": "(amount)",
        "/V": value,
        "/Rect": "[20 20 280 60]",
        "/F": "4",
        "/P": f"{PAGE} 0 R",
        "/DA": "(/F1 14 Tf 0 g)",
        "/AP": "<< /N 11 0 R >>",
        **(more or {}),
    }
    catalogue = {
        "/AcroForm": f"<< /Fields [10 0 R] /DR << /Font << /F1 {FONT} 0 R >> >> /DA (/F1 14 Tf 0 g) {needs} >>"
    }
    objects = base("Decision 27", "Pay to", page={"/Annots": "[10 0 R]"}, catalogue=catalogue)
    return {**objects, 10: field, 11: face(value.strip("()"))}


def face(shown: str) -> Stream:
    """The appearance of a text field."""
    return form(260, 40, f"/Tx BMC q 0 g BT /F1 14 Tf 4 14 Td ({shown}) Tj ET Q EMC", resources=FONTS)


_FORM = field_form("(account 100)")
replace.add("field_face", update(_FORM, lambda _: {11: face("account 666")}))
replace.add(
    "field_value_and_face", update(_FORM, lambda s: {10: s.changed(10, V="(account 666)"), 11: face("account 777")})
)
replace.add(
    "field_new_face", update(_FORM, lambda s: {10: s.changed(10, AP="<< /N 60 0 R >>"), 60: face("account 666")})
)
replace.add(
    "field_value_kept_and_face_dropped",
    update(field_form("(account 100)") | {11: face("account 666")}, lambda s: {10: s.changed(10, AP=None)}),
)
replace.add(
    "field_moved_over_text",
    update(_FORM, lambda s: {10: s.changed(10, Rect="[20 120 280 160]")}),
    {*ANY, Reason.DOCUMENT_ALTERED},
)
replace.add(
    "field_in_other_words",
    update(_FORM, lambda s: {10: s.changed(10, DA="(/F1 1 Tf 1 g)")}),
    {*ANY, Reason.DOCUMENT_ALTERED},
)
replace.add(
    "field_of_another_name", update(_FORM, lambda s: {10: s.changed(10, T="(sum)")}), {*ANY, Reason.DOCUMENT_ALTERED}
)
replace.add(
    "field_hidden",
    update(_FORM, lambda s: {10: s.changed(10, F="2")}),
    {*ANY, Reason.SHADOW_HIDE, Reason.DOCUMENT_ALTERED},
)
replace.add("field_removed", update(_FORM, lambda _: {10: None}), {*ANY, Reason.SHADOW_HIDE, Reason.DOCUMENT_ALTERED})
_TWO_STATES = field_form("/Yes", kind="/Btn", more={"/AS": "/Yes", "/AP": "<< /N << /Yes 11 0 R /Off 12 0 R >> >>"}) | {
    12: form(260, 40, "0 g 2 2 9 9 re f")
}
replace.add("box_drawn_otherwise", update(_TWO_STATES, lambda _: {11: form(260, 40, "1 g 2 2 9 9 re f")}))
replace.add("box_state_without_value", update(_TWO_STATES, lambda s: {10: s.changed(10, AS="/Off")}))
_GLYPHS = "<< /Type /Encoding /Differences [49 /one /two /three] >>"
_WIDTHS = {
    "/Type": "/Font",
    "/Subtype": "/Type3",
    "/FontBBox": "[0 0 750 750]",
    "/FontMatrix": "[.001 0 0 .001 0 0]",
    "/CharProcs": "<< /one 11 0 R /two 12 0 R >>",
    "/Encoding": "<< /Type /Encoding /Differences [49 /one /two] >>",
    "/FirstChar": "49",
    "/LastChar": "50",
    "/Widths": "[800 800]",
    "/Resources": "<< >>",
}
_DRAWN_FONT = base(
    "Decision 27",
    extra="BT /F2 40 Tf 20 40 Td (1122) Tj ET",
    page={"/Resources": f"<< /Font << /F1 {FONT} 0 R /F2 10 0 R >> >>"},
) | {
    10: _WIDTHS,
    11: Stream(b"800 0 0 0 750 750 d1 0 0 300 750 re f"),
    12: Stream(b"800 0 0 0 750 750 d1 0 0 750 300 re f"),
}
_FONT = {*replace.named, Reason.FONT_OVERLAY}
replace.add("font_by_another", update(base(), lambda s: {FONT: s.changed(FONT, BaseFont="/ZapfDingbats")}), _FONT)
replace.add("font_encoding", update(base(), lambda s: {FONT: s.changed(FONT, Encoding=_GLYPHS)}), _FONT)
replace.add("font_glyphs", update(_DRAWN_FONT, lambda _: {11: Stream(b"800 0 0 0 750 750 d1 0 0 750 750 re f")}), _FONT)
replace.add(
    "font_encoding_of_drawn_glyphs",
    update(_DRAWN_FONT, lambda s: {10: s.changed(10, Encoding="<< /Differences [49 /two /one] >>")}),
    _FONT,
)
replace.add("font_widths", update(_DRAWN_FONT, lambda s: {10: s.changed(10, Widths="[0 0]")}), _FONT)
replace.add("font_freed", update(base(), lambda _: {FONT: None}), {*_FONT, Reason.SHADOW_HIDE})
replace.add(
    "font_in_the_resources",
    update(
        base(),
        lambda s: {
            PAGE: s.changed(PAGE, Resources="<< /Font << /F1 60 0 R >> >>"),
            60: {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Symbol"},
        },
    ),
    {*_FONT, Reason.DOCUMENT_ALTERED},
)
_SHADED = base(
    extra="/G1 gs",
    page={"/Resources": f"<< /Font << /F1 {FONT} 0 R >> /ExtGState << /G1 10 0 R >> /ColorSpace << /C1 11 0 R >> >>"},
) | {10: {"/Type": "/ExtGState", "/ca": "1"}, 11: b"[/Indexed /DeviceRGB 1 <000000FFFFFF>]"}
replace.add(
    "graphics_state",
    update(_SHADED, lambda _: {10: {"/Type": "/ExtGState", "/ca": "0"}}),
    {*ANY, Reason.DOCUMENT_ALTERED},
)
replace.add(
    "colours",
    update(_SHADED, lambda _: {11: b"[/Indexed /DeviceRGB 1 <FFFFFF000000>]"}),
    {*ANY, Reason.DOCUMENT_ALTERED},
)
replace.add("form_on_the_page", update(covered(FORM), lambda _: {10: form(300, 60, "0 g 0 0 9 9 re f")}))
replace.add(
    "box_of_a_form",
    update(covered(FORM), lambda _: {10: Stream(FORM.data, {**FORM.entries, "/BBox": "[0 0 2 2]"})}),
    ANY,
)
replace.add(
    "matrix_of_a_form",
    update(covered(FORM), lambda _: {10: Stream(FORM.data, {**FORM.entries, "/Matrix": "[1 0 0 1 0 90]"})}),
    ANY,
)
_NESTED = covered(form(300, 60, "/X2 Do", resources="<< /XObject << /X2 12 0 R >> >>")) | {12: FORM}
replace.add("form_in_a_form", update(_NESTED, lambda _: {12: form(300, 60, "0 g 0 0 9 9 re f")}), ANY)
