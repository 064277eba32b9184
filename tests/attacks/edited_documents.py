"""Edits of pages, of what they inherit, and of what surrounds them, that no signer allowed."""

from signing.validation import Reason
from tests.attacks.appended_updates import OTHER
from tests.attacks.cases import Attacks
from tests.attacks.raw_pdf import Draft, Stream
from tests.attacks.replaced_content import field_form
from tests.attacks.shadow_documents import ANY, FONTS, update
from tests.attacks.workshop import (
    CATALOGUE,
    PAGE,
    PAGES,
    base,
    letter,
)

FORM_WITH_VALUE = field_form("(account 100)")
edit = Attacks("edit", frozenset({Reason.DOCUMENT_ALTERED, *ANY, Reason.PAGE_LOOKS_DIFFERENT}))
for _key, _value in {
    "MediaBox": "[0 100 300 200]",
    "CropBox": "[0 100 300 200]",
    "Rotate": "180",
    "UserUnit": "4",
    "Resources": "<< >>",
    "Contents": "[]",
    "Group": "<< /S /Transparency /I true >>",
    "TrimBox": "[0 0 9 9]",
}.items():
    if _key != "TrimBox":
        edit.add(f"page_{_key}", update(base(), lambda s, k=_key, v=_value: {PAGE: s.changed(PAGE, **{k: v})}))
_INHERITING = base()
_INHERITING[PAGE] = {k: v for k, v in base()[PAGE].items() if k not in {"/MediaBox", "/Resources"}}  # type: ignore[union-attr]  # a dictionary
_INHERITING[PAGES] = {**base()[PAGES], "/MediaBox": "[0 0 300 200]", "/Resources": FONTS}  # type: ignore[dict-item]  # a dictionary
for _key, _value in {
    "MediaBox": "[0 100 300 200]",
    "CropBox": "[0 100 300 200]",
    "Rotate": "90",
    "Resources": "<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Symbol >> >> >>",
}.items():
    edit.add(f"inherited_{_key}", update(_INHERITING, lambda s, k=_key, v=_value: {PAGES: s.changed(PAGES, **{k: v})}))
edit.add(
    "page_added",
    update(
        base(),
        lambda s: {
            PAGES: s.changed(PAGES, Kids=f"[{PAGE} 0 R 60 0 R]", Count="2"),
            60: s.changed(PAGE, Contents="61 0 R"),
            61: OTHER,
        },
    ),
)
edit.add(
    "page_put_before",
    update(
        base(),
        lambda s: {
            PAGES: s.changed(PAGES, Kids=f"[60 0 R {PAGE} 0 R]", Count="2"),
            60: s.changed(PAGE, Contents="61 0 R"),
            61: OTHER,
        },
    ),
)
_TWO_PAGES = base() | {12: letter("Annex"), 13: {**base()[PAGE], "/Contents": "12 0 R"}}  # type: ignore[dict-item]  # a dictionary
_TWO_PAGES[PAGES] = {"/Type": "/Pages", "/Kids": f"[{PAGE} 0 R 13 0 R]", "/Count": "2"}
edit.add("page_removed", update(_TWO_PAGES, lambda s: {PAGES: s.changed(PAGES, Kids=f"[{PAGE} 0 R]", Count="1")}))
edit.add("pages_exchanged", update(_TWO_PAGES, lambda s: {PAGES: s.changed(PAGES, Kids=f"[13 0 R {PAGE} 0 R]")}))
edit.add("page_counted_out", update(_TWO_PAGES, lambda s: {PAGES: s.changed(PAGES, Count="1")}))
edit.add("page_freed", update(_TWO_PAGES, lambda _: {13: None}))
_SCRIPT = "<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
for _name, _entries in {
    "script_when_opened": {"OpenAction": _SCRIPT},
    "script_among_the_names": {"Names": f"<< /JavaScript << /Names [(a) {_SCRIPT}] >> >>"},
    "actions_of_the_document": {"AA": f"<< /WC {_SCRIPT} >>"},
    "another_page_when_opened": {"OpenAction": "<< /S /GoToR /F (other.pdf) >>"},
    "launch_when_opened": {"OpenAction": "<< /S /Launch /F (cmd.exe) >>"},
    "address_base": {"URI": "<< /Base (http://example.org/) >>"},
    "collection": {"Collection": "<< /Type /Collection /D (a) >>"},
    "layers": {"OCProperties": "<< /OCGs [] /D << /BaseState /OFF >> >>"},
}.items():
    edit.add(
        _name,
        update(base(), lambda s, e=_entries: {CATALOGUE: s.changed(CATALOGUE, **e)}),
        {*edit.named, Reason.ACTIVE_CONTENT},
    )
edit.add(
    "script_of_a_page",
    update(base(), lambda s: {PAGE: s.changed(PAGE, AA=f"<< /O {_SCRIPT} >>")}),
    {*edit.named, Reason.ACTIVE_CONTENT},
)
edit.add(
    "script_of_a_field",
    update(FORM_WITH_VALUE, lambda s: {10: s.changed(10, AA=f"<< /F {_SCRIPT} >>")}),
    {*edit.named, Reason.ACTIVE_CONTENT},
)


def _form_with(signed: Draft, more: str) -> str:
    """The form's dictionary with another entry."""
    old = signed.entries(CATALOGUE)["/AcroForm"]
    if more.startswith("/DA"):
        old = old.replace("/DA (/F1 14 Tf 0 g)", "")
    return old.rstrip()[:-2] + more + " >>"


_DRAWN_BY_DEFAULT = FORM_WITH_VALUE | {
    10: {k: v for k, v in FORM_WITH_VALUE[10].items() if k not in {"/DA", "/AP"}}  # type: ignore[union-attr]  # a dictionary
}
for _name, _more in {
    "form_drawn_anew": "/NeedAppearances true",
    "form_as_xfa": "/XFA 60 0 R",
    "form_in_white": "/DA (/F1 14 Tf 1 g)",
    "form_centred": "/Q 1",
    "form_calculated": "/CO [10 0 R]",
}.items():
    edit.add(
        _name,
        update(
            _DRAWN_BY_DEFAULT,
            lambda s, m=_more: {
                CATALOGUE: s.changed(CATALOGUE, AcroForm=_form_with(s, m)),
                60: Stream(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>"),
            },
        ),
        {*edit.named, Reason.ACTIVE_CONTENT},
    )
_ATTACHED = base(catalogue={"/Names": "<< /EmbeddedFiles << /Names [(a.xml) 10 0 R] >> >>"}) | {
    10: {"/Type": "/Filespec", "/F": "(a.xml)", "/EF": "<< /F 11 0 R >>"},
    11: Stream(b"<pay>100</pay>", {"/Type": "/EmbeddedFile"}),
}
edit.add(
    "attachment_exchanged", update(_ATTACHED, lambda _: {11: Stream(b"<pay>999</pay>", {"/Type": "/EmbeddedFile"})})
)
edit.add("attachment_renamed", update(_ATTACHED, lambda s: {10: s.changed(10, F="(b.exe)")}))
edit.add("attachment_removed", update(_ATTACHED, lambda s: {CATALOGUE: s.changed(CATALOGUE, Names=None)}))
edit.add(
    "attachment_added",
    update(
        base(),
        lambda s: {
            CATALOGUE: s.changed(CATALOGUE, Names="<< /EmbeddedFiles << /Names [(a.xml) 60 0 R] >> >>"),
            60: {"/Type": "/Filespec", "/F": "(a.xml)", "/EF": "<< /F 61 0 R >>"},
            61: Stream(b"<pay/>"),
        },
    ),
)
_LINKED = base(page={"/Annots": "[10 0 R]"}) | {
    10: {
        "/Type": "/Annot",
        "/Subtype": "/Link",
        "/Rect": "[20 100 100 120]",
        "/Border": "[0 0 0]",
        "/A": "<< /S /URI /URI (https://example.vn/) >>",
    }
}
edit.add(
    "link_leads_elsewhere",
    update(_LINKED, lambda s: {10: s.changed(10, A="<< /S /URI /URI (https://example.org/) >>")}),
    {*edit.named, Reason.EVIL_ANNOTATION},
)
edit.add(
    "link_starts_a_program",
    update(_LINKED, lambda s: {10: s.changed(10, A="<< /S /Launch /F (cmd.exe) >>")}),
    {*edit.named, Reason.EVIL_ANNOTATION, Reason.ACTIVE_CONTENT},
)
