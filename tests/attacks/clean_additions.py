"""Clean files to which somebody added what the signer allowed: values in blank fields, notes, further places."""

from signing.validation import Reason
from tests.attacks.cases import Cleans
from tests.attacks.evil_annotations import annotated
from tests.attacks.raw_pdf import Draft
from tests.attacks.replaced_content import face, field_form
from tests.attacks.workshop import (
    CATALOGUE,
    PAGE,
    PLACE,
    Field,
    Workshop,
    array_with,
    base,
    draft,
    form,
)

additions = Cleans("addition")
_TWO = ("B-B", "B-B")
# filled forms: fields that were blank
_FILLED = {Reason.FORM_FILLED_AFTER_SIGNING}
_BLANK = field_form("()") | {11: face("")}
_BLANK_NULL = {**_BLANK, 10: {k: v for k, v in _BLANK[10].items() if k not in {"/V", "/AP"}}}  # type: ignore[union-attr]  # a dictionary


def _fill(signed: Draft, value: str = "27") -> Draft:
    return signed.revise({10: signed.changed(10, V=f"({value})", AP="<< /N 11 0 R >>"), 11: face(value)})


additions.add(
    "certified_form_filled", lambda shop: _fill(shop.certified(2, draft(_BLANK))), ("form_fill",), warnings=_FILLED
)
additions.add(
    "certified_form_without_value_filled",
    lambda shop: _fill(shop.certified(2, draft(_BLANK_NULL))),
    ("form_fill",),
    warnings=_FILLED,
)
additions.add("plain_form_filled", lambda shop: _fill(shop.sign(draft(_BLANK))), ("form_fill",), warnings=_FILLED)
additions.add(
    "certified_form_filled_and_signed",
    lambda shop: shop.sign(_fill(shop.certified(2, draft(_BLANK))), Field("Signature2")),
    ("form_fill", "none"),
    _TWO,
    warnings=_FILLED,
)
_BOX = field_form("/Off", kind="/Btn", more={"/AS": "/Off", "/AP": "<< /N << /Yes 11 0 R /Off 12 0 R >> >>"}) | {
    11: form(260, 40, "0 g 2 2 9 9 re f"),
    12: form(260, 40, ""),
}
additions.add(
    "certified_box_ticked",
    lambda shop: shop.certified(2, draft(_BOX)).then(lambda s: {10: s.changed(10, V="/Yes", AS="/Yes")}),
    ("form_fill",),
    warnings=_FILLED,
)
additions.add(
    "locks_that_leave_the_field_open",
    lambda shop: _fill(
        shop.sign(
            draft(_BLANK),
            entries={
                "/Reference": "[<< /TransformMethod /FieldMDP "
                "/TransformParams << /Action /Include /Fields [(other)] /V /1.2 >> >>]"
            },
        )
    ),
    ("form_fill",),
    warnings=_FILLED,
)
additions.add("filled_before_it_was_signed", lambda shop: shop.sign(_fill(draft(_BLANK))))

# notes that show nothing over the page
_NOTED = {Reason.ANNOTATED_AFTER_SIGNING}
_NOTE = {
    "/Subtype": "/Text",
    "/Rect": "[280 180 299 199]",
    "/Contents": "(Seen)",
    "/Name": "/Note",
    "/M": "(D:20260806)",
}


def with_popup(signed: Draft) -> Draft:
    """A note and the window that belongs to it."""
    popup = {"/Type": "/Annot", "/Subtype": "/Popup", "/Rect": "[200 100 299 180]", "/Parent": f"{signed.size} 0 R"}
    return annotated(signed, {**_NOTE, "/Popup": f"{signed.size + 1} 0 R"}, popup)


for _level in (0, 3):
    additions.add(
        f"sticky_note_{_level}",
        lambda shop, n=_level: annotated(shop.certified(n) if n else shop.sign(), _NOTE),
        ("annotations",),
        warnings=_NOTED,
    )
additions.add(
    "sticky_note_with_its_popup",
    lambda shop: with_popup(shop.sign()),
    ("annotations",),
    warnings=_NOTED,
)
_LINE = {"/Rect": "[20 160 120 178]", "/QuadPoints": "[20 178 120 178 20 160 120 160]", "/C": "[1 1 0]"}
for _kind in ("Highlight", "Underline", "Squiggly", "StrikeOut"):
    additions.add(
        f"{_kind.lower()}_of_a_line",
        lambda shop, k=_kind: annotated(shop.sign(), {**_LINE, "/Subtype": f"/{k}"}),
        ("annotations",),
        warnings=_NOTED,
    )
additions.add(
    "link_without_border",
    lambda shop: annotated(
        shop.sign(),
        {
            "/Subtype": "/Link",
            "/Rect": "[20 160 120 178]",
            "/Border": "[0 0 0]",
            "/A": "<< /S /URI /URI (https://example.vn/) >>",
        },
    ),
    ("annotations",),
    warnings=_NOTED,
)


@additions("permitted", "none", levels=_TWO)
def empty_place_of_the_first_signer_signed(shop: Workshop) -> Draft:
    """The first signer left a place for the second."""
    empty = {
        "/Type": "/Annot",
        "/Subtype": "/Widget",
        "/FT": "/Sig",
        "/T": "(Next)",
        "/F": "4",
        "/P": f"{PAGE} 0 R",
        "/Rect": f"[{' '.join(map(str, PLACE))}]",
    }
    objects = base(page={"/Annots": "[7 0 R]"}, catalogue={"/AcroForm": "<< /Fields [7 0 R] >>"}) | {7: empty}
    look = form(100, 40, "0 0 1 RG 1 1 98 38 re S")
    return shop.sign(shop.sign(draft(objects)), Field("Next", look=look), into=7)


@additions("permitted", levels=("B-B",))
def empty_invisible_place_added(shop: Workshop) -> Draft:
    """A program prepares the next signature: an empty field that shows nothing."""
    signed = shop.sign()
    number = signed.size
    field = {
        "/Type": "/Annot",
        "/Subtype": "/Widget",
        "/FT": "/Sig",
        "/T": "(Next)",
        "/F": "132",
        "/Rect": "[0 0 0 0]",
        "/P": f"{PAGE} 0 R",
    }
    form_entries = signed.entries(CATALOGUE)["/AcroForm"].replace("]", f" {number} 0 R]", 1)
    return signed.revise(
        {
            number: field,
            CATALOGUE: signed.changed(CATALOGUE, AcroForm=form_entries),
            PAGE: signed.changed(PAGE, Annots=array_with(signed.entries(PAGE)["/Annots"], f"{number} 0 R")),
        }
    )
