"""Traps that the author lays before the signer signs: blank fields over text, states that nobody has seen, references
to objects that do not exist yet; and widgets that hide beside the one that everybody looks at.
"""

from collections.abc import Callable, Mapping

from signing.validation import Reason
from tests.attacks.appended_updates import OTHER
from tests.attacks.cases import NOT_VALID, Attacks
from tests.attacks.evil_annotations import BOX, OVER_TEXT, annotated, lie, shown_over
from tests.attacks.raw_pdf import Body, Draft, Stream
from tests.attacks.replaced_content import face, field_form
from tests.attacks.shadow_documents import ANY
from tests.attacks.workshop import CATALOGUE, FONT, PAGE, PAGES, PLACE, Field, Workshop, array_with, base, draft, form

trap = Attacks(
    "trap",
    frozenset(
        {
            *ANY,
            Reason.DOCUMENT_ALTERED,
            Reason.EVIL_ANNOTATION,
            Reason.SNEAKY_SIGNATURE,
            Reason.CONTENT_COVERED,
            Reason.PAGE_LOOKS_DIFFERENT,
            Reason.NOT_PERMITTED_BY_SIGNER,
        }
    ),
)
_OPAQUE = "1 g 0 0 185 25 re f 0 g BT /F1 14 Tf 5 6 Td (Pay 999 VND) Tj ET"
_FONTS = f"<< /Font << /F1 {FONT} 0 R >> >>"


def _blank_over_text() -> dict[int, Body]:
    objects = field_form("()") | {11: form(185, 25, "")}
    objects[10] = {**objects[10], "/Rect": BOX}  # type: ignore[dict-item]  # a dictionary
    return objects


def _filled_over_text(level: int) -> Callable[[Workshop], Draft]:
    """A blank field lay over the text; value and face agree, and the face hides what stood below."""

    def build(shop: Workshop) -> Draft:
        start = draft(_blank_over_text())
        signed = shop.certified(level, start) if level else shop.sign(start)
        return signed.revise({10: signed.changed(10, V="(Pay 999 VND)"), 11: form(185, 25, _OPAQUE, resources=_FONTS)})

    return build


for _level in (0, 2, 3):
    trap.add(
        f"blank_field_over_text_filled_{_level}",
        _filled_over_text(_level),
        {*trap.named, Reason.FORM_FILLED_AFTER_SIGNING},
        NOT_VALID,
    )


@trap(*trap.named, Reason.FORM_FILLED_AFTER_SIGNING, verdicts=NOT_VALID)
def box_over_text_ticked(shop: Workshop) -> Draft:
    """The face of the ticked box was signed and never seen: it hides the text."""
    more = {"/AS": "/Off", "/Rect": BOX, "/AP": "<< /N << /Yes 11 0 R /Off 12 0 R >> >>"}
    objects = field_form("/Off", kind="/Btn", more=more) | {
        11: form(185, 25, _OPAQUE, resources=_FONTS),
        12: form(185, 25, ""),
    }
    signed = shop.certified(2, draft(objects))
    return signed.revise({10: signed.changed(10, V="/Yes", AS="/Yes")})


@trap(verdicts=NOT_VALID)
def new_text_field_on_free_room(shop: Workshop) -> Draft:
    signed = shop.sign()
    number = signed.size
    field = field_form("(and 999 VND more)")[10]
    form_entries = signed.entries(CATALOGUE)["/AcroForm"].replace("[", f"[{number} 0 R ", 1)
    return signed.revise(
        {
            number: {**field, "/AP": f"<< /N {number + 1} 0 R >>"},
            number + 1: face("and 999 VND more"),  # type: ignore[dict-item]  # a dictionary
            CATALOGUE: signed.changed(CATALOGUE, AcroForm=form_entries),
            PAGE: signed.changed(PAGE, Annots=array_with(signed.entries(PAGE)["/Annots"], f"{number} 0 R")),
        }
    )


def _missing(name: str, objects: Mapping[int, Body], *bodies: Body) -> None:
    """The signed file refers to object 50, which does not exist: null for the signer. The update defines it."""

    def build(shop: Workshop) -> Draft:
        signed = shop.sign(draft(objects))
        return signed.revise({50 + number: body for number, body in enumerate(bodies)})

    trap.add(f"missing_{name}_supplied", build, {*trap.named, Reason.ACTIVE_CONTENT})


_SCRIPT = {"/S": "/JavaScript", "/JS": "(app.alert\\(1\\))"}
_NOTE = {"/Type": "/Annot", "/F": "4", **shown_over(OVER_TEXT, "Stamp", 51)}
_missing("content", base(page={"/Contents": "[4 0 R 50 0 R]"}), OTHER)
_missing(
    "form",
    base(extra="/X1 Do", page={"/Resources": f"<< /Font << /F1 {FONT} 0 R >> /XObject << /X1 50 0 R >> >>"}),
    lie(300, 200),
)
_missing("annotation", base(page={"/Annots": "[50 0 R]"}), _NOTE, lie())
_missing("page", {**base(), PAGES: {"/Type": "/Pages", "/Kids": f"[{PAGE} 0 R 50 0 R]", "/Count": "2"}}, base()[PAGE])
_missing(
    "font",
    base(page={"/Resources": "<< /Font << /F1 50 0 R >> >>"}),
    {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Symbol"},
)
_missing("action", base(catalogue={"/OpenAction": "50 0 R"}), _SCRIPT)
_missing("names", base(catalogue={"/Names": "50 0 R"}), {"/JavaScript": "<< /Names [(a) 51 0 R] >>"}, _SCRIPT)
_missing("layers", base(catalogue={"/OCProperties": "50 0 R"}), {"/OCGs": "[]", "/D": "<< /BaseState /OFF >>"})
_missing("box", base(page={"/CropBox": "50 0 R"}), b"[0 0 300 130]")
_missing("turn", base(page={"/Rotate": "50 0 R"}), b"180")
_missing(
    "field",
    field_form("(1)") | {CATALOGUE: {**base()[CATALOGUE], "/AcroForm": "<< /Fields [10 0 R 50 0 R] >>"}},  # type: ignore[dict-item]  # a dictionary
    {**field_form("(9)")[10], "/Rect": BOX, "/T": "(x)", "/AP": "<< /N 51 0 R >>"},
    lie(),
)  # type: ignore[dict-item]  # a dictionary
_missing("face", field_form("(100)", more={"/AP": "<< /N 50 0 R >>", "/Rect": BOX}), lie())
_missing("page_actions", base(page={"/AA": "50 0 R"}), {"/O": "<< /S /JavaScript /JS (x) >>"})
_missing(
    "graphics_state",
    base(
        extra="/G1 gs 1 g 0 0 300 200 re f",
        page={"/Resources": f"<< /Font << /F1 {FONT} 0 R >> /ExtGState << /G1 50 0 R >> >>"},
    ),
    {"/Type": "/ExtGState", "/ca": "0"},
)


@trap()
def signature_with_a_second_widget_over_text(shop: Workshop) -> Draft:
    """The later signature has two widgets: one on free room, one over the text."""
    signed = shop.sign()
    number = signed.size + 5
    kid = {
        "/Type": "/Annot",
        "/Subtype": "/Widget",
        "/F": "4",
        "/P": f"{PAGE} 0 R",
        "/Parent": f"{signed.size + 1} 0 R",
    }
    second = {**kid, **shown_over(OVER_TEXT, "Widget", number + 1)}
    page = signed.changed(PAGE, Annots=array_with(signed.entries(PAGE)["/Annots"], f"{number} 0 R"))
    field = Field("Signature2", PLACE, form(100, 40, "1 1 98 38 re S"), {"/Kids": f"[{number} 0 R]"})
    return shop.sign(signed, field, changes={number: second, number + 1: lie(), PAGE: page})


@trap(verdicts=NOT_VALID)
def widget_of_no_field(shop: Workshop) -> Draft:
    """A widget on the page that no form knows."""
    signed = shop.sign()
    return annotated(signed, {"/FT": "/Sig", "/T": "(x)", **shown_over(OVER_TEXT, "Widget", signed.size + 1)}, lie())


@trap(*trap.named, Reason.TIMESTAMP_NOT_TRUSTED)
def time_stamp_that_shows_something(shop: Workshop) -> Draft:
    """A document time-stamp with a face over the text."""
    entries = {"/Type": "/DocTimeStamp", "/SubFilter": "/ETSI.RFC3161"}
    return shop.sign(shop.sign(), Field("Stamp1", OVER_TEXT, lie()), cms=shop.token, entries=entries, octets=8000)


@trap()
def face_under_the_pointer(shop: Workshop) -> Draft:
    """A link that shows another text when the pointer is over it."""
    signed = shop.sign()
    entries = shown_over(OVER_TEXT, "Link", 0) | {
        "/Border": "[0 0 0]",
        "/A": "<< /S /URI /URI (https://example.vn/) >>",
    }
    return annotated(signed, entries | {"/AP": f"<< /R {signed.size + 1} 0 R /D {signed.size + 1} 0 R >>"}, lie())


@trap(*trap.named, Reason.ANNOTATED_AFTER_SIGNING, verdicts=NOT_VALID)
def attachment_as_a_note(shop: Workshop) -> Draft:
    """A file pinned to free room."""
    signed = shop.sign()
    number = signed.size
    entries = {"/Subtype": "/FileAttachment", "/Rect": "[280 180 299 199]", "/FS": f"{number + 1} 0 R"}
    return annotated(
        signed, entries, {"/Type": "/Filespec", "/F": "(a.exe)", "/EF": f"<< /F {number + 2} 0 R >>"}, Stream(b"MZ")
    )


@trap(verdicts=NOT_VALID)
def associated_file_added(shop: Workshop) -> Draft:
    """A machine reads the attached data instead of the page."""
    signed = shop.sign()
    number = signed.size
    return signed.revise(
        {
            CATALOGUE: signed.changed(CATALOGUE, AF=f"[{number} 0 R]"),
            number: {"/Type": "/Filespec", "/F": "(pay.xml)", "/EF": f"<< /F {number + 1} 0 R >>"},
            number + 1: Stream(b"<pay>999</pay>", {"/Type": "/EmbeddedFile"}),
        }
    )


@trap(*trap.named, Reason.FORM_FILLED_AFTER_SIGNING, verdicts=NOT_VALID)
def value_other_than_its_face_in_a_blank_field(shop: Workshop) -> Draft:
    """The machine reads 100, the person 999."""
    signed = shop.certified(2, draft(field_form("()") | {11: face("")}))
    return signed.revise({10: signed.changed(10, V="(100)"), 11: face("999")})


@trap(*trap.named, Reason.FORM_FILLED_AFTER_SIGNING, verdicts=NOT_VALID)
def face_with_more_than_its_value(shop: Workshop) -> Draft:
    signed = shop.certified(2, draft(field_form("()") | {11: face("")}))
    return signed.revise({10: signed.changed(10, V="(100)"), 11: face("100 000 000")})


@trap(*trap.named, Reason.FORM_FILLED_AFTER_SIGNING, verdicts=NOT_VALID)
def face_with_a_picture(shop: Workshop) -> Draft:
    signed = shop.certified(2, draft(field_form("()") | {11: face("")}))
    picture = form(
        260,
        40,
        "q 260 0 0 40 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x00 EI Q BT /F1 9 Tf 1 g (100) Tj ET",
        resources=_FONTS,
    )
    return signed.revise({10: signed.changed(10, V="(100)"), 11: picture})
