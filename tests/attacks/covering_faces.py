"""Faces of notes, fields and marks that hide or say more than they may: each harmless by its kind, or its place."""

from collections.abc import Callable, Mapping

from signing.validation import Reason
from tests.attacks.cases import NOT_VALID, Attacks
from tests.attacks.evil_annotations import BOX, OVER_TEXT, annotated, lie, shown_over
from tests.attacks.raw_pdf import Body, Draft, Stream
from tests.attacks.replaced_content import face, field_form
from tests.attacks.shadow_documents import ANY, FONTS, update
from tests.attacks.workshop import (
    CATALOGUE,
    CONTENT,
    FONT,
    PAGE,
    PAGES,
    PLACE,
    Field,
    Workshop,
    array_with,
    base,
    draft,
    form,
)

cover = Attacks(
    "cover",
    frozenset(
        {
            *ANY,
            Reason.ANNOTATED_AFTER_SIGNING,
            Reason.CHANGES_UNKNOWN,
            Reason.CONTENT_COVERED,
            Reason.DOCUMENT_ALTERED,
            Reason.EVIL_ANNOTATION,
            Reason.FORM_FILLED_AFTER_SIGNING,
            Reason.METADATA_CHANGED,
            Reason.NOT_PERMITTED_BY_SIGNER,
            Reason.PAGE_LOOKS_DIFFERENT,
            Reason.SNEAKY_SIGNATURE,
        }
    ),
)
Change = Callable[[Draft], Mapping[int, Body | None]]
_QUADS = "[15 160 200 160 15 135 200 135]"
_MULTIPLY = "<< /ExtGState << /G1 << /BM /Multiply >> /G2 << /BM /Normal >> >> >>"


def _note(name: str, kind: str, content: str, resources: str = "<< >>", **entries: str) -> None:
    """A note with a face of its own over a line of text."""

    def build(shop: Workshop) -> Draft:
        signed = shop.sign()
        more = {f"/{key}": value for key, value in entries.items()}
        shown = shown_over(OVER_TEXT, kind, signed.size + 1) | {"/QuadPoints": _QUADS} | more
        return annotated(signed, shown, form(185, 25, content, resources=resources))

    cover.add(name, build, verdicts=NOT_VALID)


_note("highlight_that_blends_nothing", "Highlight", ".9 g 0 0 185 25 re f", _MULTIPLY)
_note("highlight_that_blends_too_late", "Highlight", ".9 g 0 0 185 25 re f /G1 gs .9 g 0 0 9 9 re f", _MULTIPLY)
_note("highlight_that_stops_blending", "Highlight", "q /G1 gs Q .9 g 0 0 185 25 re f", _MULTIPLY)
_note("highlight_that_blends_normally_again", "Highlight", "/G1 gs /G2 gs .9 g 0 0 185 25 re f", _MULTIPLY)
_note("highlight_with_a_dark_line", "Highlight", "/G1 gs .9 g 0 0 9 9 re f 0 G 25 w 0 12 m 185 12 l S", _MULTIPLY)
_note("highlight_with_a_line_of_no_colour", "Highlight", "/G1 gs .9 g 0 0 9 9 re f 25 w 0 12 m 185 12 l S", _MULTIPLY)
_note("highlight_of_no_colour", "Highlight", "/G1 gs 0 0 185 25 re f 1 g 0 0 1 1 re f", _MULTIPLY)
_note(
    "highlight_with_a_picture", "Highlight", "/G1 gs .9 g 0 0 9 9 re f BI /W 1 /H 1 /CS /G /BPC 8 ID \x00 EI", _MULTIPLY
)
_note("underline_that_is_a_bar", "Underline", "1 G 25 w 0 12 m 185 12 l S")
_note("underline_of_many_lines", "Underline", "1 G 3 w " + " ".join(f"0 {y} m 185 {y} l S" for y in range(0, 25, 2)))
_note("underline_that_writes", "Underline", "0 G 2 w 80 2 m 80 22 l 90 22 l 90 2 l S 95 2 m 95 22 l S")
_note("strike_out_that_curves", "StrikeOut", "0 G 2 w 80 2 m 80 40 120 40 120 2 c S")
_note("strike_out_in_a_rectangle", "StrikeOut", "1 G 5 w " + " ".join(f"0 {y} 185 4 re S" for y in range(0, 25, 5)))
_note("strike_out_scaled", "StrikeOut", "q 1 0 0 30 0 0 cm 1 G 1 w 0 .4 m 185 .4 l S Q")
_note("squiggle_that_clips", "Squiggly", "1 g 0 0 185 25 re W f")
_note("squiggle_of_state", "Squiggly", "/G1 gs 1 G 0 12 m 185 12 l S", "<< /ExtGState << /G1 << /LW 30 >> >> >>")


def _icon(name: str, content: str, resources: str = "<< >>") -> None:
    def build(shop: Workshop) -> Draft:
        signed = shop.sign()
        shown = shown_over((55, 135, 90, 160), "Text", signed.size + 1)
        return annotated(signed, shown, form(35, 25, content, resources=resources))

    cover.add(name, build, verdicts=NOT_VALID)


_icon("note_of_white_paper", "1 g 0 0 35 25 re f")
_icon("note_of_white_paper_by_a_form", "/X1 Do", "<< /XObject << /X1 60 0 R >> >>")
_icon("note_of_a_state", "/G1 gs BT 0 0 Td ET 1 g 0 0 35 25 re f", "<< /ExtGState << /G1 << /ca 1 >> >> >>")


@cover(verdicts=NOT_VALID)
def highlight_of_a_hundred_layers(shop: Workshop) -> Draft:
    """Each lets the text through, all together do not."""
    signed = shop.sign()
    entries = shown_over(OVER_TEXT, "Highlight", signed.size + 1) | {"/QuadPoints": _QUADS}
    return annotated(signed, entries, form(185, 25, "/G1 gs .5 g " + "0 0 185 25 re f " * 100, resources=_MULTIPLY))


def _marked(name: str, kind: str, **entries: str) -> None:
    """A note without a face, or with other entries than it should have."""

    def build(shop: Workshop) -> Draft:
        more = {f"/{key}": value for key, value in entries.items()}
        return annotated(shop.sign(), {"/Subtype": f"/{kind}", "/Rect": BOX, "/QuadPoints": _QUADS} | more)

    cover.add(name, build, {*cover.named, Reason.ACTIVE_CONTENT}, NOT_VALID)


_marked("highlight_that_does_not_blend", "Highlight", C="[1 1 0]", BM="/Normal")
_marked("highlight_that_blends_by_darkness", "Highlight", C="[.2 .2 .2]")
_marked("underline_with_a_border", "Underline", C="[1 1 1]", BS="<< /W 60 >>")
_marked("strike_out_with_an_old_border", "StrikeOut", C="[1 1 1]", Border="[0 0 60]")
_GO = "/S /URI /URI (https://example.vn)"
for _number, _action in enumerate(
    (
        "/S /URI /URI (javascript:alert)",
        "/S /URI /URI (file:///c:/a.exe)",
        "/S /Launch /F (a.exe)",
        f"{_GO} /Next << /S /Launch /F (a.exe) >>",
        "/S /SubmitForm /F (https://example.vn)",
        "/S /GoToR /F (a.pdf)",
    )
):
    _marked(f"link_that_acts_{_number}", "Link", Border="[0 0 0]", A=f"<< {_action} >>")
_marked("link_that_acts_before", "Link", Border="[0 0 0]", A=f"<< {_GO} >>", PA="<< /S /Launch /F (a.exe) >>")
_marked("link_that_acts_when_seen", "Link", Border="[0 0 0]", AA="<< /PV << /S /JavaScript /JS (x) >> >>")


@cover(verdicts=NOT_VALID)
def note_that_hides_under_the_pointer(shop: Workshop) -> Draft:
    """A note whose other face, shown under the pointer, is paper."""
    signed = shop.sign()
    number = signed.size
    faces = {"/AP": f"<< /N {number + 1} 0 R /R {number + 2} 0 R >>"}
    note = {"/Subtype": "/Text", "/Rect": "[55 135 80 160]", **faces}
    return annotated(signed, note, form(25, 25, ".5 g 0 0 25 25 re f"), form(25, 25, "1 g 0 0 25 25 re f"))


def _prepared(name: str, annotation: Mapping[str, str], change: Callable[[Draft], Mapping[int, Body | None]]) -> None:
    """An annotation that was there when the document was signed."""
    objects = base(page={"/Annots": "[30 0 R]"})
    note = {"/Type": "/Annot", "/F": "4", **annotation}
    cover.add(name, update({**objects, 30: note, 31: form(185, 25, ""), 32: lie()}, change), verdicts=NOT_VALID)


_STAMP = {"/Subtype": "/Stamp", "/Rect": BOX, "/AP": "<< /N 31 0 R >>"}
_STATES = {**_STAMP, "/AS": "/A", "/AP": "<< /N << /A 31 0 R /B 32 0 R >> >>"}
_POPUP = {"/Subtype": "/Popup", "/Rect": "[1 1 9 9]"}
_prepared("stamp_redrawn", _STAMP, lambda _: {31: lie()})
_prepared("stamp_of_another_face", _STAMP, lambda s: {30: s.changed(30, AP="<< /N 32 0 R >>")})
_prepared("stamp_of_another_state", _STATES, lambda s: {30: s.changed(30, AS="/B")})
_prepared("stamp_says_something_else", _STAMP, lambda s: {30: s.changed(30, Contents="(Pay 999)")})
_prepared(
    "popup_becomes_a_text", _POPUP, lambda s: {30: s.changed(30, Subtype="/FreeText", Rect=BOX, AP="<< /N 32 0 R >>")}
)
_prepared("popup_gets_a_face", _POPUP, lambda s: {30: s.changed(30, Rect=BOX, AP="<< /N 32 0 R >>")})
_prepared("stamp_becomes_a_popup", _STAMP, lambda s: {30: s.changed(30, Subtype="/Popup")})


@cover(verdicts=NOT_VALID)
def list_of_notes_of_its_own(shop: Workshop) -> Draft:
    """The page names its annotations in another object, and only that is changed."""
    signed = shop.sign(draft({**base(page={"/Annots": "30 0 R"}), 30: b"[]"}), Field(page=0))
    note = {"/Type": "/Annot", "/F": "4", **shown_over(OVER_TEXT, "FreeText", 61)}
    return signed.revise({30: b"[60 0 R]", 60: note, 61: lie()})


@cover(verdicts=NOT_VALID)
def annotations_in_another_order(shop: Workshop) -> Draft:
    """What lay behind is in front."""
    notes = {n: {"/Type": "/Annot", "/F": "4", **shown_over(OVER_TEXT, "Stamp", n + 2)} for n in (30, 31)}
    objects = {**base(page={"/Annots": "[30 0 R 31 0 R]"}), **notes, 32: lie(), 33: form(185, 25, ".5 g 0 0 9 9 re f")}
    signed = shop.sign(draft(objects), Field(page=0))
    return signed.revise({PAGE: signed.changed(PAGE, Annots="[31 0 R 30 0 R]")})


# --- signature fields --------------------------------------------------------------------------------------------


@cover()
def mark_with_the_flag_for_unknown_kinds(shop: Workshop) -> Draft:
    """ISO 32000-2 table 167: "invisible" is for kinds that a reader does not know; a widget is shown."""
    return shop.sign(shop.sign(), Field("Signature2", OVER_TEXT, lie(), {"/F": "1"}))


@cover()
def mark_for_the_printer(shop: Workshop) -> Draft:
    """Not on the screen, but on paper."""
    return shop.sign(shop.sign(), Field("Signature2", OVER_TEXT, lie(), {"/F": "36"}))


@cover()
def mark_that_a_script_turns_on(shop: Workshop) -> Draft:
    return shop.sign(shop.sign(), Field("Signature2", OVER_TEXT, lie(), {"/F": "288"}))


def _two_pages() -> dict[int, Body]:
    objects = base()
    return {**objects, PAGES: {"/Type": "/Pages", "/Kids": f"[7 0 R {PAGE} 0 R]", "/Count": "2"},
            7: {"/Type": "/Page", "/Parent": "2 0 R", "/MediaBox": "[0 0 300 200]"}}  # fmt: skip


@cover()
def mark_on_two_pages(shop: Workshop) -> Draft:
    """On the first page it stands on free room, on the second over the text."""
    signed = shop.sign(draft(_two_pages()), Field(page=0))
    widget = signed.size + 1
    changes: dict[int, Body] = {
        7: signed.changed(7, Annots=f"[{widget} 0 R]"),
        PAGE: signed.changed(PAGE, Annots=f"[{widget} 0 R]"),
    }
    return shop.sign(signed, Field("Signature2", OVER_TEXT, lie(), page=0), changes=changes)


def _with_place(
    place: tuple[int, ...], more: Mapping[str, str] | None = None, look: Stream | None = None
) -> dict[int, Body]:
    """A document with an empty field for a second signature."""
    field = {"/Type": "/Annot", "/Subtype": "/Widget", "/FT": "/Sig", "/T": "(Second)", "/F": "4",
             "/Rect": f"[{' '.join(map(str, place))}]", "/P": f"{PAGE} 0 R", **(more or {})}  # fmt: skip
    objects = base(catalogue={"/AcroForm": "<< /Fields [10 0 R] /SigFlags 1 >>"}, page={"/Annots": "[10 0 R]"})
    return {**objects, 10: field, **({11: look} if look else {})}


_SEEN = form(100, 40, "0 g BT /F1 9 Tf 2 9 Td (Pay 100) Tj ET", resources=FONTS)
for _name, _objects, _change in (
    ("empty_place_gets_a_face", _with_place(OVER_TEXT), lambda s: {10: s.changed(10, AP="<< /N 60 0 R >>"), 60: lie()}),
    ("empty_place_changes_its_face", _with_place(PLACE, {"/AP": "<< /N 11 0 R >>"}, _SEEN), lambda _: {11: lie()}),
    (
        "empty_place_on_free_room_gets_a_face",
        _with_place(PLACE),
        lambda s: {10: s.changed(10, AP="<< /N 60 0 R >>"), 60: lie()},
    ),
    (
        "empty_place_loses_its_face",
        _with_place(PLACE, {"/AP": "<< /N 11 0 R >>"}, _SEEN),
        lambda s: {10: s.changed(10, AP=None)},
    ),
    (
        "empty_place_says_more_by_its_looks",
        _with_place(PLACE),
        lambda s: {10: s.changed(10, MK="<< /CA (Pay 999) /BG [1] >>")},
    ),
    (
        "empty_place_loses_its_lock",
        _with_place(PLACE, {"/Lock": "<< /Type /SigFieldLock /Action /All >>"}),
        lambda s: {10: s.changed(10, Lock=None)},
    ),
    (
        "empty_place_loses_its_seed",
        _with_place(PLACE, {"/SV": "<< /Type /SV /Ff 1 >>"}),
        lambda s: {10: s.changed(10, SV=None)},
    ),
    ("empty_place_becomes_a_text", _with_place(PLACE), lambda s: {10: s.changed(10, FT="/Tx", V="(999)")}),
    ("empty_place_is_signed_by_a_text", _with_place(PLACE), lambda s: {10: s.changed(10, V="(signed)")}),
    (
        "empty_place_acts",
        _with_place(PLACE),
        lambda s: {10: s.changed(10, A="<< /S /URI /URI (https://example.org) >>")},
    ),
):
    cover.add(
        _name,
        update(_objects, _change),
        {*cover.named, Reason.SIGNATURE_MALFORMED, Reason.FORGED_SIGNATURE, Reason.ACTIVE_CONTENT},
        NOT_VALID,
    )


@cover()
def place_over_text_signed_with_a_lie(shop: Workshop) -> Draft:
    """The author lays an empty place over the sum; who signs second writes another sum there."""
    signed = shop.sign(draft(_with_place(OVER_TEXT)))
    return shop.sign(signed, Field("Second", OVER_TEXT, lie()), into=10)


@cover(Reason.CHECK_TOO_COSTLY, verdicts=NOT_VALID)
def mark_behind_many_fields(shop: Workshop) -> Draft:
    """Whoever stops counting does not see the last one."""
    kids = "[" + "<< /T (a) >> " * 21_000 + "]"
    objects = base(catalogue={"/AcroForm": "<< /Fields [12 0 R] /SigFlags 1 >>"})
    first = draft({**objects, 12: {"/T": "(many)", "/Kids": kids}})
    return shop.sign(shop.sign(first), Field("Signature2", OVER_TEXT, lie()))


# --- fields of forms ---------------------------------------------------------------------------------------------

_BLANK = field_form("()") | {11: face("")}
_FILLED = field_form("(100)")


def _form(name: str, objects: Mapping[int, Body], change: Change) -> None:
    cover.add(name, update(objects, change), verdicts=NOT_VALID)


def _drawn(content: str, *, resources: str = FONTS, more: Mapping[str, str] | None = None) -> Stream:
    return form(260, 40, content, resources=resources, more=more)


_NINE = "20 5 m 20 30 l 10 30 l 10 20 l 20 20 l S"
_V: Change = lambda s: {10: s.changed(10, V="(100)")}  # noqa: E731 - the common part of the changes below


def _face(name: str, content: str, **drawn: object) -> None:
    _form(name, _BLANK, lambda s: {**_V(s), 11: _drawn(content, **drawn)})


_face("text_drawn_by_lines", f"BT /F1 9 Tf 3 Tr 2 9 Td (100) Tj ET 2 w {_NINE}")
_face("text_in_no_mode", "BT /F1 9 Tf 3 Tr 2 9 Td (100) Tj ET")
_face("text_and_a_drawn_digit", f"BT /F1 9 Tf 40 9 Td (100) Tj ET 2 w {_NINE}")
_face("text_and_a_bar_for_a_digit", "0 g 10 5 3 20 re f BT /F1 24 Tf 40 9 Td (100) Tj ET")
_face("text_with_its_digits_in_another_order", "BT /F1 9 Tf 40 9 Td (1) Tj -20 0 Td (00) Tj ET")
_face("text_outside_of_its_box", "BT /F1 9 Tf 900 9 Td (100) Tj ET")
_face("text_of_no_size", "BT /F1 0.01 Tf 2 9 Td (100) Tj ET")
_face("text_on_a_white_ground_in_white", "BT /F1 9 Tf 1 g 2 9 Td (100) Tj ET")
_face(
    "text_of_drawn_glyphs",
    "BT /F2 9 Tf 2 9 Td (100) Tj ET",
    resources="<< /Font << /F2 << /Type /Font /Subtype /Type3 /FontBBox [0 0 1 1] /FontMatrix [1 0 0 1 0 0]"
    " /CharProcs << >> /Encoding /WinAnsiEncoding /FirstChar 0 /LastChar 0 /Widths [0] >> >> >>",
)
_form(
    "hover_says_something_else",
    _BLANK,
    lambda s: {10: s.changed(10, V="(100)", AP="<< /N 11 0 R /R 60 0 R >>"), 11: face("100"), 60: face("999")},
)
_form(
    "pressed_says_something_else",
    _BLANK,
    lambda s: {10: s.changed(10, V="(100)", AP="<< /N 11 0 R /D 60 0 R >>"), 11: face("100"), 60: face("999")},
)
_form(
    "rich_text_says_something_else",
    _BLANK,
    lambda s: {10: s.changed(10, V="(100)", RV="(<body><p>999</p></body>)"), 11: face("100")},
)
_form("rich_text_only", _BLANK, lambda s: {10: s.changed(10, RV="(<body><p>999</p></body>)")})
_form("sign_left_out", _BLANK, lambda s: {10: s.changed(10, V="(-100)"), 11: face("100")})
_form("decimal_point_left_out", _BLANK, lambda s: {10: s.changed(10, V="(1.5)"), 11: face("15")})
_form("decimal_point_moved", _BLANK, lambda s: {10: s.changed(10, V="(1000.00)"), 11: face("10.0000")})
_form(
    "matrix_of_a_face",
    _BLANK,
    lambda s: {**_V(s), 11: Stream(face("100").data, {**face("100").entries, "/Matrix": "[0 0 0 0 0 0]"})},
)
_CHOICE = field_form("(100)", kind="/Ch", more={"/Opt": "[(100) (999)]", "/I": "[0]"})
_form("choice_by_its_number", _CHOICE, lambda s: {10: s.changed(10, I="[1]")})
_form("choice_of_other_options", _CHOICE, lambda s: {10: s.changed(10, Opt="[(100) (1000)]")})
_LABELS = field_form(
    "()", kind="/Ch", more={"/Ff": "131072", "/Opt": "[[(100) (one hundred)] [(999) (one hundred)]]"}
) | {11: face("")}
_form("choice_of_a_label_of_two", _LABELS, lambda s: {10: s.changed(10, V="(999)"), 11: face("one hundred")})
_BOX = field_form("/Off", kind="/Btn", more={"/AS": "/Off", "/AP": "<< /N << /Yes 11 0 R /Off 12 0 R >> >>"}) | {
    11: form(260, 40, "0 g 2 2 9 9 re f"), 12: form(260, 40, "")}  # fmt: skip
_form("box_ticked_for_machines", _BOX, lambda s: {10: s.changed(10, V="/Yes")})
_form("box_of_an_unknown_state", _BOX, lambda s: {10: s.changed(10, V="/Maybe", AS="/Maybe")})
_form(
    "box_hovered",
    _BOX,
    lambda s: {
        10: s.changed(10, V="/Yes", AS="/Yes", AP="<< /N << /Yes 11 0 R /Off 12 0 R >> /R << /Yes 60 0 R >> >>"),
        60: lie(),
    },
)
_RADIO = {
    **base(catalogue={"/AcroForm": "<< /Fields [10 0 R] >>"}, page={"/Annots": "[11 0 R 12 0 R]"}),
    10: {"/FT": "/Btn", "/Ff": "49152", "/T": "(kind)", "/V": "/Off", "/Kids": "[11 0 R 12 0 R]"},
    **{n: {"/Type": "/Annot", "/Subtype": "/Widget", "/Parent": "10 0 R", "/F": "4", "/Rect": f"[{n}0 20 {n}9 30]",
           "/AS": "/Off", "/AP": f"<< /N << /{state} 13 0 R /Off 14 0 R >> >>"} for n, state in ((11, "A"), (12, "B"))},
    13: form(10, 10, "0 g 2 2 6 6 re f"), 14: form(10, 10, "0 G 1 1 8 8 re S"),
}  # fmt: skip
_form(
    "radio_of_another_kid",
    _RADIO,
    lambda s: {10: s.changed(10, V="/A"), 12: s.changed(12, AS="/A", AP="<< /N << /A 13 0 R /Off 14 0 R >> >>")},
)
_form("radio_for_machines", _RADIO, lambda s: {10: s.changed(10, V="/A")})
_form(
    "radio_of_two",
    _RADIO,
    lambda s: {10: s.changed(10, V="/A"), 11: s.changed(11, AS="/A"), 12: s.changed(12, AS="/B")},
)
_FONTS_OF_FORM = f"/DR << /Font << /F1 {FONT} 0 R >> >>"
_GROUP = {
    **base(
        catalogue={"/AcroForm": f"<< /Fields [10 0 R 15 0 R] /NeedAppearances true {_FONTS_OF_FORM} >>"},
        page={"/Annots": "[11 0 R]"},
    ),
    10: {"/FT": "/Tx", "/T": "(sum)", "/V": "(100)", "/DA": "(/F1 14 Tf 0 g)", "/Kids": "[11 0 R]"},
    11: {"/Type": "/Annot", "/Subtype": "/Widget", "/Parent": "10 0 R", "/F": "4", "/Rect": "[20 20 280 60]"},
    15: {"/FT": "/Tx", "/T": "(other)", "/V": "(999)", "/DA": "(/F1 14 Tf 0 g)"},
}  # fmt: skip
_form("parent_of_a_widget", _GROUP, lambda s: {11: s.changed(11, Parent="15 0 R")})
_form("value_of_the_parent", _GROUP, lambda s: {10: s.changed(10, V="(999)")})
_form("kind_of_the_parent", _GROUP, lambda s: {10: s.changed(10, FT="/Ch")})
_form("flags_of_the_parent", _GROUP, lambda s: {10: s.changed(10, Ff="8192")})
_form("comb_of_the_parent", _GROUP, lambda s: {10: s.changed(10, MaxLen="3", Ff="16777216")})
_form("kid_of_its_own_value", _GROUP, lambda s: {11: s.changed(11, V="(999)")})
_form("kid_of_its_own_name", _GROUP, lambda s: {11: s.changed(11, T="(x)", FT="/Tx", V="(999)")})
_form(
    "second_field_of_the_same_name",
    _GROUP,
    lambda s: {
        CATALOGUE: s.changed(CATALOGUE, AcroForm=s.entries(CATALOGUE)["/AcroForm"].replace("15 0 R", "15 0 R 60 0 R")),
        60: {**s.entries(10), "/V": "(999)", "/Kids": "[]"},
    },
)
_form(
    "second_field_of_the_same_name_shown",
    _FILLED,
    lambda s: {
        CATALOGUE: s.changed(CATALOGUE, AcroForm=s.entries(CATALOGUE)["/AcroForm"].replace("10 0 R", "10 0 R 60 0 R")),
        60: {**s.entries(10), "/V": "(999)", "/AP": "<< /N 61 0 R >>"},
        61: face("999"),
        PAGE: s.changed(PAGE, Annots=array_with(s.entries(PAGE)["/Annots"], "60 0 R")),
    },
)
_STALE = field_form("(100)", needs="/NeedAppearances true") | {11: face("999")}
_form(
    "stale_face_shown_again",
    _STALE,
    lambda s: {
        CATALOGUE: s.changed(CATALOGUE, AcroForm=s.entries(CATALOGUE)["/AcroForm"].replace("/NeedAppearances true", ""))
    },
)
_NO_FACE = field_form("(100)", more={"/AP": "<< >>", "/DA": "(/F9 14 Tf 0 g)"})
_SYMBOL = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Symbol"}
_form(
    "font_that_a_field_waited_for",
    _NO_FACE,
    lambda s: {
        CATALOGUE: s.changed(
            CATALOGUE, AcroForm=s.entries(CATALOGUE)["/AcroForm"].replace("/F1 5 0 R", "/F1 5 0 R /F9 60 0 R")
        ),
        60: _SYMBOL,
    },
)
_BARE = {**_FILLED, 11: Stream(b"/X1 Do", {"/Type": "/XObject", "/Subtype": "/Form", "/BBox": "[0 0 260 40]"})}
_form(
    "form_that_a_face_waited_for",
    _BARE,
    lambda s: {
        CATALOGUE: s.changed(
            CATALOGUE, AcroForm=s.entries(CATALOGUE)["/AcroForm"].replace("/DR <<", "/DR << /XObject << /X1 60 0 R >>")
        ),
        60: lie(),
    },
)
_form("colours_of_a_field", _FILLED, lambda s: {10: s.changed(10, MK="<< /BG [1 1 1] >>")})
_form("border_of_a_field", _FILLED, lambda s: {10: s.changed(10, BS="<< /W 40 >>")})
_form("layer_of_a_field", _FILLED, lambda s: {10: s.changed(10, OC="60 0 R"), 60: {"/Type": "/OCG", "/Name": "(x)"}})
_form("length_of_a_field", _FILLED, lambda s: {10: s.changed(10, MaxLen="1")})
_form("default_value", _FILLED, lambda s: {10: s.changed(10, DV="(999)")})
_form("other_name_for_people", _FILLED, lambda s: {10: s.changed(10, TU="(Pay 999)")})
_form("name_for_export", _FILLED, lambda s: {10: s.changed(10, TM="(price)")})
_form("password_field", _FILLED, lambda s: {10: s.changed(10, Ff="8192")})
_form(
    "xfa_added",
    _FILLED,
    lambda s: {
        CATALOGUE: s.changed(
            CATALOGUE, AcroForm=s.entries(CATALOGUE)["/AcroForm"].replace("/Fields", "/XFA 60 0 R /Fields", 1)
        ),
        60: Stream(b"<xdp/>"),
    },
)
_form(
    "calculation_order",
    _FILLED,
    lambda s: {
        CATALOGUE: s.changed(
            CATALOGUE, AcroForm=s.entries(CATALOGUE)["/AcroForm"].replace("/Fields", "/CO [10 0 R] /Fields", 1)
        )
    },
)
_OVER = field_form("()", more={"/Rect": BOX}) | {CONTENT: base()[CONTENT]}
_OPAQUE = "1 g 0 0 185 25 re f 0 g BT /F1 14 Tf 5 6 Td (Pay 999 VND) Tj ET"
_form(
    "blank_field_over_text_filled",
    _OVER | {11: form(185, 25, "")},
    lambda s: {10: s.changed(10, V="(Pay 999 VND)"), 11: form(185, 25, _OPAQUE, resources=FONTS)},
)
_BOX_OVER = {**_BOX, CONTENT: base()[CONTENT], 10: {**_BOX[10], "/Rect": BOX}, 11: lie()}
_form("box_over_text_ticked", _BOX_OVER, lambda s: {10: s.changed(10, V="/Yes", AS="/Yes")})
