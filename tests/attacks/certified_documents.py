"""Rights that a signer gave and others took: certification, locks of fields, and their removal."""

from signing.validation import Reason
from tests.attacks.appended_updates import OTHER
from tests.attacks.cases import NOT_VALID, NOTHING_SIGNED, Attacks
from tests.attacks.evil_annotations import annotated
from tests.attacks.raw_pdf import Draft
from tests.attacks.replaced_content import face, field_form
from tests.attacks.shadow_documents import ANY
from tests.attacks.workshop import (
    CATALOGUE,
    CONTENT,
    FONT,
    PAGE,
    Field,
    Workshop,
    base,
    draft,
    form,
)

rights = Attacks("rights", frozenset({Reason.NOT_PERMITTED_BY_SIGNER, Reason.CLOSED_DOCUMENT_CHANGED}))
_ROW = {*rights.named, Reason.DOCUMENT_ALTERED}
_FORM = field_form("(100)")
_BLANK = field_form("()") | {11: face("")}
_FILL = {10: _FORM[10] | {"/V": "(999)"}, 11: face("999")}  # type: ignore[operator]  # a dictionary


@rights()
def filled_in_although_closed(shop: Workshop) -> Draft:
    return shop.certified(1, draft(_BLANK)).revise(_FILL)


@rights()
def signed_although_closed(shop: Workshop) -> Draft:
    return shop.sign(shop.certified(1), Field("Signature2"))


@rights(*rights.named, Reason.EVIL_ANNOTATION)
def noted_although_forms_only(shop: Workshop) -> Draft:
    return annotated(shop.certified(2), {"/Subtype": "/Text", "/Rect": "[280 180 299 199]", "/Contents": "(x)"})


@rights(*rights.named, Reason.EVIL_ANNOTATION)
def noted_although_closed(shop: Workshop) -> Draft:
    return annotated(shop.certified(1), {"/Subtype": "/Text", "/Rect": "[280 180 299 199]", "/Contents": "(x)"})


@rights(*_ROW, Reason.EVIL_ANNOTATION, *ANY)
def note_edited_although_forms_only(shop: Workshop) -> Draft:
    note = {
        "/Type": "/Annot",
        "/Subtype": "/Text",
        "/Rect": "[280 180 299 199]",
        "/Contents": "(x)",
        "/P": f"{PAGE} 0 R",
    }
    signed = shop.certified(2, draft(base(page={"/Annots": "[7 0 R]"}) | {7: note}))
    return signed.revise({7: {**note, "/Contents": "(Pay 999)"}})


@rights(*_ROW, Reason.METADATA_CHANGED)
def titled_although_closed(shop: Workshop) -> Draft:
    return shop.certified(1).revise({6: {"/Title": "(Another decision)"}})


@rights(*_ROW, *ANY)
def page_changed_although_notes_are_allowed(shop: Workshop) -> Draft:
    return shop.certified(3).revise({CONTENT: OTHER})


def _widened(name: str, change) -> None:
    def build(shop: Workshop) -> Draft:
        signed = shop.certified(1, draft(_BLANK))
        return change(signed).revise(_FILL)

    rights.add(name, build, {*_ROW, *ANY, Reason.SIGNATURE_COVERAGE})


def _value_again(signed: Draft, old: bytes, new: bytes) -> Draft:
    start = signed.pdf.index(b"12 0 obj") + 9
    body = signed.pdf[start : signed.pdf.index(b"endobj", start)].rstrip()
    return signed.revise({12: body.replace(old, new)})


_widened("permissions_removed", lambda s: s.revise({CATALOGUE: s.changed(CATALOGUE, Perms=None)}))
_widened("permissions_emptied", lambda s: s.revise({CATALOGUE: s.changed(CATALOGUE, Perms="<< >>")}))
_widened(
    "permissions_of_another_dictionary",
    lambda s: s.revise(
        {
            60: {"/Type": "/Sig", "/Reference": "[<< /TransformMethod /DocMDP /TransformParams << /P 3 >> >>]"},
            CATALOGUE: s.changed(CATALOGUE, Perms="<< /DocMDP 60 0 R >>"),
        }
    ),
)
_widened("permission_widened", lambda s: _value_again(s, b"/P 1", b"/P 3"))
_widened("reference_removed", lambda s: _value_again(s, b"/Reference", b"/Referenze"))
rights.add(
    "permissions_removed_only",
    lambda shop: shop.certified(1).then(lambda s: {CATALOGUE: s.changed(CATALOGUE, Perms=None)}),
    _ROW,
)


@rights(*_ROW, Reason.SIGNATURE_MALFORMED)
def certified_twice(shop: Workshop) -> Draft:
    """A second certification widens what the first allowed."""
    signed = shop.certified(1, draft(_BLANK))
    return shop.certified(3, signed, Field("Signature2")).revise(_FILL)


def _locking(action: str, fields: str = "") -> dict[str, str]:
    """A field lock (ISO 32000-1 §12.8.2.4)."""
    parameters = f"<< /Type /TransformParams /Action /{action} {fields} /V /1.2 >>"
    return {"/Reference": f"[<< /Type /SigRef /TransformMethod /FieldMDP /Data 1 0 R /TransformParams {parameters} >>]"}


for _name, _entries in {
    "all": _locking("All"),
    "included": _locking("Include", "/Fields [(amount)]"),
    "not_excluded": _locking("Exclude", "/Fields [(other)]"),
}.items():
    rights.add(
        f"locked_field_filled_{_name}", lambda shop, e=_entries: shop.sign(draft(_BLANK), entries=e).revise(_FILL)
    )


@rights()
def field_locked_by_the_field_itself(shop: Workshop) -> Draft:
    lock = {"/Lock": "<< /Type /SigFieldLock /Action /All /P 1 >>"}
    return shop.sign(draft(_BLANK), Field(more=lock)).revise(_FILL)


@rights(*_ROW, Reason.NO_SIGNATURE, verdicts=NOT_VALID | NOTHING_SIGNED)
def certification_removed_with_its_field(shop: Workshop) -> Draft:
    """The certified file seems never to have been signed."""
    signed = shop.certified(1)
    return signed.revise(
        {
            CATALOGUE: signed.changed(CATALOGUE, Perms=None, AcroForm="<< /Fields [] >>"),
            PAGE: signed.changed(PAGE, Annots="[]"),
            8: None,
        }
    )


@rights(*_ROW, *ANY)
def form_face_over_the_certified_page(shop: Workshop) -> Draft:
    """A form to be filled in, whose filled field is drawn over other text by its matrix."""
    signed = shop.certified(2, draft(_BLANK))
    filled = form(
        260,
        40,
        "1 g 0 0 260 40 re f 0 g BT /F1 14 Tf 4 14 Td (999) Tj ET",
        resources=f"<< /Font << /F1 {FONT} 0 R >> >>",
        more={"/Matrix": "[1 0 0 1 0 110]"},
    )
    return signed.revise({**_FILL, 11: filled, 10: {**_FILL[10], "/Rect": "[15 130 280 170]"}})


@rights(*_ROW, Reason.ACTIVE_CONTENT)
def script_although_forms_only(shop: Workshop) -> Draft:
    signed = shop.certified(2)
    return signed.revise(
        {CATALOGUE: signed.changed(CATALOGUE, OpenAction="<< /S /JavaScript /JS (app.alert\\(1\\)) >>")}
    )
