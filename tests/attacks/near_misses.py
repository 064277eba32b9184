"""What a clean shape looks like with one thing wrong: each may hide or change what was signed."""

from collections.abc import Callable, Mapping
from typing import Any

from signing.validation import Reason
from tests.attacks.cases import NOT_VALID, Attacks
from tests.attacks.clean_containers import Container
from tests.attacks.clean_shapes import BLANK, BOXES, LIST, NOTE, asked_for_faces, commented, packet
from tests.attacks.raw_pdf import Body, Draft
from tests.attacks.replaced_content import face
from tests.attacks.shadow_documents import ANY, FONTS
from tests.attacks.workshop import CATALOGUE, INFO, PAGE, Field, Workshop, base, draft, form

near = Attacks("near", frozenset({*ANY, Reason.DOCUMENT_ALTERED}))
_UNREAD = {Reason.FORM_FILLED_AFTER_SIGNING}
_TOLD = {Reason.METADATA_CHANGED}


def _after(
    name: str,
    objects: Mapping[int, Body],
    change: Callable[[Draft], Mapping[int, Body | None]],
    named: set[Reason] | None = None,
    **more: Any,
) -> None:
    near.add(name, lambda shop: shop.certified(2, draft(objects)).then(change), named or (), **more)


# a row in white where no ink is under it
def _in_white(bar: str) -> Callable[[Draft], Mapping[int, Body | None]]:
    content = f"/Tx BMC q 0 g {bar} BT 1 0 0 1 2 20 Tm /F1 9 Tf 1 g (Hai)Tj ET Q EMC"
    return lambda s: {10: s.changed(10, V="(Hai)"), 11: form(260, 40, content, resources=FONTS)}


for _name, _bar in {
    "without_a_bar": "",
    "beside_the_bar": "1 1 258 11 re f",
    "on_a_thin_bar_below": "1 20.5 258 1 re f",
    "on_a_thin_bar": "1 22.2 258 1 re f",
    "on_the_beginning_of_a_bar": "1 18 2 12 re f",
    "on_a_bar_that_is_not_painted": "1 18 258 12 re n",
    "on_a_bar_that_was_painted_over": "1 18 258 12 re f 1 g 1 18 258 12 re f",
}.items():
    _after(f"row_in_white_{_name}", LIST, _in_white(_bar), _UNREAD, verdicts=NOT_VALID)


# readers shall draw the faces of a form in which something was seen
def _asked(s: Draft) -> dict[int, Body | None]:
    return {10: s.changed(10, V="(27)", AP=None), CATALOGUE: s.changed(CATALOGUE, AcroForm=asked_for_faces(s))}


def _boxes(**other: str) -> dict[int, Body]:
    """The form with its box in another way."""
    box = BOXES[12]
    assert isinstance(box, dict)
    return BOXES | {12: box | {f"/{key}": value for key, value in other.items()}}


_SHOWN = form(14, 14, "BT /F1 9 Tf (9) Tj ET", resources=FONTS)
_LINES = form(14, 14, "2 2 m 12 12 l S")
for _name, _objects in {
    "of_a_value": _boxes(FT="/Tx", V="(100)", AS="null", AP="<< /N 13 0 R >>") | {13: face("100")},
    "of_a_face_without_a_value": _boxes(FT="/Tx", V="()", AS="null", AP="<< /N 13 0 R >>") | {13: face("100")},
    "of_a_box_that_shows_a_text": BOXES | {14: _SHOWN},
    "of_a_box_that_shows_lines": BOXES | {14: _LINES},
    "of_a_button_with_a_picture": _boxes(Ff="65536", V="null", AS="null", AP="<< /N 13 0 R >>") | {13: _SHOWN},
    "of_a_box_with_a_caption": _boxes(MK="<< /CA (Pay 999) >>"),
    "of_another_kind": _boxes(FT="/Xx"),
}.items():
    _after(f"new_faces_{_name}", _objects, _asked, {Reason.DOCUMENT_ALTERED})
_after("new_faces_and_nothing_filled", BOXES, lambda s: {CATALOGUE: s.changed(CATALOGUE, AcroForm=asked_for_faces(s))})

# a page is turned, or cut
for _name, _entries in {
    "turned": {"Rotate": "90"},
    "turned_by_nothing_that_is_known": {"Rotate": "/None"},
    "cut": {"CropBox": "[0 0 300 120]"},
}.items():
    _after(f"page_{_name}", base(), lambda s, e=_entries: {PAGE: s.changed(PAGE, **e)})
_after("page_whole_again", base(page={"/CropBox": "[0 100 300 200]"}), lambda s: {PAGE: s.changed(PAGE, CropBox=None)})

# metadata that say what nobody said before
_INFORMED = base() | {INFO: {"/Title": "(Decision)", "/CreationDate": "(D:20260801090000+07'00')"}}
_ALT = '<dc:title><rdf:Alt><rdf:li xml:lang="vi">{}</rdf:li></rdf:Alt></dc:title>'
for _name, _said in {
    "another_title": _ALT.format("Refusal"),
    "an_author": "<dc:creator><rdf:Seq><rdf:li>Somebody</rdf:li></rdf:Seq></dc:creator>",
    "another_date": "<xmp:CreateDate>2025-08-01T09:00:00+07:00</xmp:CreateDate>",
    "no_date": "<xmp:CreateDate>yesterday</xmp:CreateDate>",
    "rights": "<dc:rights>none</dc:rights>",
    "nothing": "",
}.items():
    _after(
        f"metadata_with_{_name}",
        _INFORMED,
        lambda s, x=_said: {CATALOGUE: s.changed(CATALOGUE, Metadata="60 0 R"), 60: packet(x)},
        _TOLD,
        verdicts=NOT_VALID,
    )
_after(
    "another_date_of_creation", _INFORMED, lambda s: {INFO: s.changed(INFO, CreationDate="(D:20250801)")}, _TOLD,
    verdicts=NOT_VALID,
)  # fmt: skip
_after(
    "metadata_that_are_no_stream", _INFORMED, lambda s: {CATALOGUE: s.changed(CATALOGUE, Metadata="<< >>")}, _TOLD,
    verdicts=NOT_VALID,
)  # fmt: skip


# a certificate that is damaged, with its issuer beside it
def _damaged(shop: Workshop, place: bytes, more: int) -> Draft:
    der = shop.pki.ca.der
    at = (der.index(place) + more) if place else len(der) - 1
    spoilt = der[:at] + bytes([der[at] ^ 1]) + der[at + 1 :]
    signer = shop.signer()
    certificates = (signer.certificate, shop.pki.ca.der, spoilt, shop.pki.root.der)
    return shop.sign(cms=Container(signer=signer, certificates=certificates), octets=16_000)


_KEY_OF_ISSUER = bytes.fromhex("0603551d23")
_CONTAINER = {Reason.SIGNATURE_MALFORMED}
near.add("certificate_damaged_at_its_end", lambda shop: _damaged(shop, b"", 0), _CONTAINER, NOT_VALID)
near.add(
    "certificate_damaged_where_it_names_its_issuers_key", lambda shop: _damaged(shop, _KEY_OF_ISSUER, 20), _CONTAINER,
    NOT_VALID,
)  # fmt: skip


# comments that somebody signed with, or that become something else
_EDITED = {*near.named, Reason.EVIL_ANNOTATION}


def _then(name: str, change: Callable[[Draft], Mapping[int, Body | None]], *, signs_second: bool = False) -> None:
    def build(shop: Workshop) -> Draft:
        document = commented(shop.certified(3))
        return (shop.sign(document, Field("Signature2")) if signs_second else document).then(change)

    near.add(f"comment_{name}", build, _EDITED)


_then("edited_after_the_second_signature", lambda s: {60: s.changed(60, Contents="(Pay 999)")}, signs_second=True)
_then(
    "gone_after_the_second_signature",
    lambda s: {PAGE: s.changed(PAGE, Annots=s.entries(PAGE)["/Annots"].replace("60 0 R", ""))},
    signs_second=True,
)


@near(*_EDITED)
def comment_of_the_revision_that_was_signed(shop: Workshop) -> Draft:
    """The second signature and the comment came in one revision."""
    first = shop.certified(3)
    own = first.entries(PAGE).get("/Annots", "[]")
    together = {PAGE: first.changed(PAGE, Annots=own.replace("]", " 60 0 R]")), 60: NOTE}
    second = shop.sign(first, Field("Signature2"), changes=together)
    return second.revise({60: second.changed(60, Contents="(Pay 999)")})


_COVER = {"Subtype": "/FreeText", "Rect": "[10 120 290 180]", "AP": "<< /N 61 0 R >>", "Contents": "(Pay 999)"}
_then(
    "turned_into_a_cover",
    lambda s: {60: s.changed(60, **_COVER), 61: form(280, 60, "1 g 0 0 280 60 re f", resources=FONTS)},
)
_then("that_starts_something", lambda s: {60: s.changed(60, A="<< /S /Launch /F (a.exe) >>")})
near.add(
    "comment_under_a_number_of_the_signed_document",
    lambda shop: commented(shop.certified(3, draft(base() | {60: NOTE}))).then(
        lambda s: {60: s.changed(60, Contents="(Pay 999)")}
    ),
    _EDITED,
)
_after(
    "captions_of_a_field", BLANK, lambda s: {10: s.changed(10, V="(27)", MK="<< /BG [0] >>"), 11: face("27")},
    {Reason.FORM_OVERLAY},
)  # fmt: skip
