"""Shadow attacks: the author prepares a document such that a harmless-looking update hides, replaces, or hides and
replaces what the signer saw ("Shadow Attacks: Hiding and Replacing Content in Signed PDFs", NDSS 2021).
"""

from collections.abc import Callable, Mapping

from signing.validation import Reason
from tests.attacks.cases import Attacks
from tests.attacks.raw_pdf import Body, Draft, Layout, Stream
from tests.attacks.workshop import CATALOGUE, FONT, PAGE, PAGES, TABLE, Workshop, base, draft, form

ANY = frozenset(
    {
        Reason.SHADOW_HIDE,
        Reason.SHADOW_REPLACE,
        Reason.SHADOW_HIDE_AND_REPLACE,
        Reason.FORM_OVERLAY,
        Reason.FONT_OVERLAY,
    }
)
hide = Attacks("hide", frozenset({Reason.SHADOW_HIDE, Reason.SHADOW_REPLACE, Reason.SHADOW_HIDE_AND_REPLACE}))
_COVER = "1 g 0 0 300 60 re f 0 g BT /F1 14 Tf 20 30 Td (nothing else is agreed) Tj ET"
FONTS = f"<< /Font << /F1 {FONT} 0 R >> >>"


def update(
    objects: Mapping[int, Body],
    change: Callable[[Draft], Mapping[int, Body | None]],
    layout: Layout = TABLE,
) -> Callable[[Workshop], Draft]:
    """The prepared document, signed, and one update."""

    def build(shop: Workshop) -> Draft:
        signed = shop.sign(draft(objects))
        return signed.revise(change(signed), layout)

    return build


def covered(cover: Body, resources: str = "/XObject << /X1 10 0 R >>") -> dict[int, Body]:
    """A page on which a form or picture lies over a line of text."""
    page = {"/Resources": f"<< /Font << /F1 {FONT} 0 R >> {resources} >>"}
    objects = base("Decision 27", "Pay 100 VND", "", "", "", "", "and 999 VND more", page=page, extra="q /X1 Do Q")
    return {**objects, 10: cover}


FORM = form(300, 60, _COVER, resources=FONTS)
PICTURE = Stream(
    b"\xff" * 12,
    {
        "/Type": "/XObject",
        "/Subtype": "/Image",
        "/Width": "2",
        "/Height": "2",
        "/ColorSpace": "/DeviceRGB",
        "/BitsPerComponent": "8",
    },
)
WITH_PICTURE = base(
    "Decision 27",
    "Pay 100 VND",
    "",
    "",
    "",
    "",
    "and 999 VND more",
    extra="q 300 0 0 60 0 0 cm /X1 Do Q",
    page={"/Resources": f"<< /Font << /F1 {FONT} 0 R >> /XObject << /X1 10 0 R >> >>"},
) | {10: PICTURE}
for _what, _objects in {"form": covered(FORM), "picture": WITH_PICTURE}.items():
    hide.add(f"{_what}_freed", update(_objects, lambda _: {10: None}))
    hide.add(f"{_what}_becomes_null", update(_objects, lambda _: {10: b"null"}))
    hide.add(f"{_what}_of_another_type", update(_objects, lambda _: {10: {"/Type": "/Metadata"}}))
    hide.add(f"{_what}_emptied", update(_objects, lambda _: {10: form(0, 0, " ")}))
    hide.add(f"{_what}_in_object_streams", update(_objects, lambda _: {10: {"/Type": "/X"}}, Layout("packed")))
    hide.add(
        f"{_what}_out_of_the_resources",
        update(_objects, lambda s: {PAGE: s.changed(PAGE, Resources=FONTS)}),
        {*hide.named, Reason.DOCUMENT_ALTERED},
    )
hide.add(
    "picture_with_a_mask",
    update(WITH_PICTURE, lambda _: {10: Stream(PICTURE.data, {**PICTURE.entries, "/ImageMask": "true"})}),
)
hide.add("picture_of_other_pixels", update(WITH_PICTURE, lambda _: {10: Stream(b"\x00" * 12, PICTURE.entries)}), ANY)
_LAYERED = covered(FORM, "/XObject << /X1 10 0 R >> /Properties << /L1 11 0 R >>") | {
    10: form(300, 60, _COVER, resources=FONTS, more={"/OC": "11 0 R"}),
    11: {"/Type": "/OCG", "/Name": "(Cover)"},
}
_LAYERED[CATALOGUE] = {
    "/Type": "/Catalog",
    "/Pages": f"{PAGES} 0 R",
    "/OCProperties": "<< /OCGs [11 0 R] /D << /Order [11 0 R] >> >>",
}
hide.add(
    "layer_switched_off",
    update(
        _LAYERED,
        lambda s: {CATALOGUE: s.changed(CATALOGUE, OCProperties="<< /OCGs [11 0 R] /D << /OFF [11 0 R] >> >>")},
    ),
    {*hide.named, Reason.DOCUMENT_ALTERED},
)
_LAYERED_APART = _LAYERED | {
    CATALOGUE: {"/Type": "/Catalog", "/Pages": f"{PAGES} 0 R", "/OCProperties": "12 0 R"},
    12: {"/OCGs": "[11 0 R]", "/D": "13 0 R"},
    13: {"/Order": "[11 0 R]"},
}
hide.add(
    "layer_switched_off_elsewhere",
    update(_LAYERED_APART, lambda _: {13: {"/BaseState": "/OFF"}}),
    {*hide.named, Reason.DOCUMENT_ALTERED},
)
hide.add(
    "layer_used_for_print_only",
    update(
        _LAYERED, lambda _: {11: {"/Type": "/OCG", "/Name": "(Cover)", "/Usage": "<< /View << /ViewState /OFF >> >>"}}
    ),
    {*hide.named, Reason.DOCUMENT_ALTERED},
)


def _noted(subtype: str = "/Stamp", flags: int = 4) -> dict[int, Body]:
    """A page with an opaque annotation over a line of text when it is signed."""
    note = {
        "/Type": "/Annot",
        "/Subtype": subtype,
        "/Rect": "[0 0 300 60]",
        "/F": str(flags),
        "/AP": "<< /N 11 0 R >>",
        "/P": f"{PAGE} 0 R",
    }
    objects = base("Decision 27", "Pay 100 VND", "", "", "", "", "and 999 VND more", page={"/Annots": "[10 0 R]"})
    return {**objects, 10: note, 11: FORM}


_GONE = {*hide.named, Reason.DOCUMENT_ALTERED, Reason.EVIL_ANNOTATION}
hide.add("annotation_hidden_by_a_flag", update(_noted(), lambda s: {10: s.changed(10, F="2")}), _GONE)
hide.add("annotation_not_viewed", update(_noted(), lambda s: {10: s.changed(10, F="32")}), _GONE)
hide.add("annotation_moved", update(_noted(), lambda s: {10: s.changed(10, Rect="[0 0 1 1]")}), _GONE)
hide.add("annotation_removed", update(_noted(), lambda s: {PAGE: s.changed(PAGE, Annots=f"[{s.size - 1} 0 R]")}), _GONE)
hide.add("annotation_freed", update(_noted(), lambda _: {10: None}), _GONE)
hide.add("annotation_face_emptied", update(_noted(), lambda _: {11: form(0, 0, "")}), _GONE)
hide.add("annotation_without_face", update(_noted(), lambda s: {10: s.changed(10, AP=None)}), _GONE)
hide.add(
    "annotation_invisible_from_the_start",
    update(_noted(flags=2), lambda s: {10: s.changed(10, F="4")}),
    {*_GONE, *ANY},
)
