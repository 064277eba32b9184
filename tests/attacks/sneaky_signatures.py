"""Sneaky signatures: fields for later signatures that hide or say something else
("Breaking the Specification: PDF Certification", SSA).
"""

from signing.validation import Reason
from tests.attacks.cases import Attacks
from tests.attacks.evil_annotations import BOX, OVER_TEXT, lie, shown_over
from tests.attacks.raw_pdf import Draft, Stream
from tests.attacks.shadow_documents import ANY, PICTURE
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

sneaky = Attacks("sneaky", frozenset({Reason.SNEAKY_SIGNATURE, Reason.CONTENT_COVERED}))


def _sneaky(name: str, first: int | None, field: Field, *named: Reason, **more: object) -> None:
    def build(shop: Workshop) -> Draft:
        signed = shop.sign() if first is None else shop.certified(first)
        return shop.sign(signed, field, **more)  # type: ignore[arg-type]  # what `sign` takes

    sneaky.add(name, build, {*sneaky.named, *named})


LIE = Field("Signature2", OVER_TEXT, lie())
_sneaky("over_text", None, LIE)
_sneaky("over_text_certified_1", 1, LIE, Reason.NOT_PERMITTED_BY_SIGNER)
_sneaky("over_text_certified_2", 2, LIE)
_sneaky("over_text_certified_3", 3, LIE)
_sneaky("over_the_page", 2, Field("Signature2", (0, 0, 300, 200), form(300, 200, "1 g 0 0 300 200 re f")))
_sneaky("beyond_the_page", 2, Field("Signature2", (-500, -500, 900, 900), form(300, 200, "1 g 0 0 300 200 re f")))
_sneaky("rectangle_the_other_way_round", 2, Field("Signature2", (200, 160, 15, 135), lie()))
_sneaky(
    "matrix_leads_over_text",
    2,
    Field("Signature2", PLACE, Stream(lie().data, {**lie().entries, "/Matrix": "[1 0 0 1 -170 120]"})),
    *ANY,
    Reason.PAGE_LOOKS_DIFFERENT,
)
_sneaky("without_a_name", 2, Field("", OVER_TEXT, lie()))
_sneaky("flagged_as_hidden_for_print_only", 2, Field("Signature2", OVER_TEXT, lie(), {"/F": "4"}))


def _empty_field(place: tuple[int, ...], look: Stream, level: int):
    """A field that nobody signs, only shown."""

    def build(shop: Workshop) -> Draft:
        signed = shop.certified(level) if level else shop.sign()
        number = signed.size
        field = {
            "/Type": "/Annot",
            "/Subtype": "/Widget",
            "/FT": "/Sig",
            "/T": "(Empty)",
            "/F": "4",
            "/P": f"{PAGE} 0 R",
            **shown_over(place, "Widget", number + 1),
        }
        catalogue = signed.changed(
            CATALOGUE, AcroForm=signed.entries(CATALOGUE)["/AcroForm"].replace("[", f"[{number} 0 R ")
        )
        page = signed.changed(PAGE, Annots=array_with(signed.entries(PAGE)["/Annots"], f"{number} 0 R"))
        return signed.revise({number: field, number + 1: look, CATALOGUE: catalogue, PAGE: page})

    return build


for _level in (0, 1, 2, 3):
    _more = {Reason.NOT_PERMITTED_BY_SIGNER} if _level == 1 else set()
    sneaky.add(f"empty_field_over_text_{_level}", _empty_field(OVER_TEXT, lie(), _level), {*sneaky.named, *_more})
    sneaky.add(
        f"empty_field_that_says_something_{_level}",
        _empty_field(PLACE, lie(100, 40), _level),
        {*sneaky.named, *_more, Reason.DOCUMENT_ALTERED},
    )
sneaky.add(
    "empty_field_with_a_picture",
    _empty_field(PLACE, form(100, 40, "q 100 0 0 40 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x00 EI Q"), 2),
    {*sneaky.named, Reason.DOCUMENT_ALTERED},
)


@sneaky(Reason.SNEAKY_SIGNATURE, Reason.DOCUMENT_ALTERED, *ANY)
def own_mark_exchanged(shop: Workshop) -> Draft:
    """The signer's mark says something else afterwards."""
    signed = shop.sign(field=Field(place=PLACE, look=form(100, 40, "0 0 1 RG 1 1 98 38 re S")))
    return signed.revise({9: lie(100, 40)})


@sneaky(Reason.SNEAKY_SIGNATURE, Reason.DOCUMENT_ALTERED, *ANY)
def own_mark_moved(shop: Workshop) -> Draft:
    signed = shop.sign(field=Field(place=PLACE, look=lie(100, 40)))
    return signed.revise({8: signed.changed(8, Rect="[15 135 115 175]")})


@sneaky(Reason.SNEAKY_SIGNATURE, Reason.DOCUMENT_ALTERED, *ANY)
def own_mark_appears(shop: Workshop) -> Draft:
    """An invisible signature shows something afterwards."""
    signed = shop.sign()
    return signed.revise({8: signed.changed(8, Rect=BOX, AP="<< /N 60 0 R >>"), 60: lie()})


@sneaky(Reason.SNEAKY_SIGNATURE, Reason.CONTENT_COVERED, Reason.DOCUMENT_ALTERED, *ANY)
def empty_place_grows_when_it_is_signed(shop: Workshop) -> Draft:
    """The signer left a place for the next signature; it is signed in another, larger place."""
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
    signed = shop.certified(2, draft(objects))
    return shop.sign(signed, Field("Next", look=lie(), more={"/Rect": BOX}), into=7)


@sneaky(Reason.SNEAKY_SIGNATURE, Reason.CONTENT_COVERED)
def picture_over_text(shop: Workshop) -> Draft:
    signed = shop.certified(2)
    look = form(185, 25, "q 185 0 0 25 0 0 cm /X Do Q", resources=f"<< /XObject << /X {signed.size + 3} 0 R >> >>")
    return shop.sign(signed, Field("Signature2", OVER_TEXT, look), changes={signed.size + 3: PICTURE})


for _name, _drawn in {
    "a_drawn_signature": "1 w 185 25 m 200 55 l 215 28 l 230 50 l 260 30 l S",
    "a_curve": "1 w 185 25 m 200 60 240 10 270 50 c S",
    "a_dark_panel": "0.2 g 190 25 60 20 re f",
    "a_whole_light_panel": "0.9 g 190 25 60 20 re f",
    "a_filled_form": "0 g 185 25 m 200 55 l 215 28 l f",
}.items():
    sneaky.add(
        f"over_{_name}",
        lambda shop, d=_drawn: shop.sign(
            shop.sign(draft(base(extra=d))), Field("Signature2", PLACE, form(100, 40, "1 g 0 0 100 40 re f"))
        ),
    )
