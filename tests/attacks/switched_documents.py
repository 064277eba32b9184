"""Shadow attacks of the third class: a complete second document lies hidden in the signed one."""

from collections.abc import Callable, Mapping

from signing.validation import Reason
from tests.attacks.appended_updates import OTHER
from tests.attacks.cases import Attacks
from tests.attacks.raw_pdf import Body, Draft, Layout, indirect, table
from tests.attacks.shadow_documents import update
from tests.attacks.workshop import (
    CATALOGUE,
    CONTENT,
    PAGE,
    PAGES,
    Workshop,
    base,
    draft,
)

switch = Attacks("switch", frozenset({Reason.SHADOW_HIDE_AND_REPLACE, Reason.SHADOW_REPLACE, Reason.HIDDEN_UPDATE}))
_HIDDEN = {12: OTHER, 13: {**base()[PAGE], "/Contents": "12 0 R"}}  # type: ignore[dict-item]  # a dictionary
_TWO = base() | _HIDDEN
_ALTERED = {*switch.named, Reason.DOCUMENT_ALTERED}


def _to_hidden_page(signed: Draft) -> Mapping[int, Body]:
    return {PAGES: signed.changed(PAGES, Kids="[13 0 R]")}


switch.add("page_tree", update(_TWO, _to_hidden_page))
switch.add("page_tree_in_object_streams", update(_TWO, _to_hidden_page, Layout("packed")))
switch.add("contents", update(_TWO, lambda s: {PAGE: s.changed(PAGE, Contents="12 0 R")}))
switch.add(
    "contents_array", update(_TWO, lambda s: {PAGE: s.changed(PAGE, Contents=f"[{CONTENT} 0 R 12 0 R]")}), _ALTERED
)
switch.add("page_body", update(_TWO, lambda s: {PAGE: {**s.entries(13), "/Annots": f"[{s.size - 1} 0 R]"}}))
switch.add("content_body", update(_TWO, lambda _: {CONTENT: OTHER}), _ALTERED)
_TWO_TREES = _TWO | {
    14: {"/Type": "/Pages", "/Kids": "[13 0 R]", "/Count": "1"},
    15: {"/Type": "/Catalog", "/Pages": "14 0 R"},
}
switch.add("page_trees", update(_TWO_TREES, lambda s: {CATALOGUE: s.changed(CATALOGUE, Pages="14 0 R")}))


@switch()
def catalogue(shop: Workshop) -> Draft:
    """Only the trailer says which of two prepared catalogues counts."""
    signed = shop.sign(draft(_TWO_TREES))
    hidden = signed.entries(CATALOGUE) | {"/Pages": "14 0 R"}
    return signed.revise({15: hidden}, trailer={"/Root": "15 0 R"})


def _by_table_only(layout_of_hidden: Callable[[bytes], bytes]) -> Callable[[Workshop], bytes]:
    """Both contents are in the signed octets under one number; the update is a table that points to the other."""

    def build(shop: Workshop) -> bytes:
        hidden = layout_of_hidden(indirect(CONTENT, OTHER))
        start = Draft(trailer={"/Root": "1 0 R"}).revise(base(), Layout(before=hidden))
        signed = shop.sign(start)
        offset = signed.pdf.index(b"4 0 obj")
        rows = table({CONTENT: b"%010d 00000 n" % offset})
        section = rows + b"trailer\n<< /Size %d /Root 1 0 R /Prev %d >>\n" % (signed.size, signed.startxref or 0)
        return signed.pdf + section + b"startxref\n%d\n%%%%EOF\n" % len(signed.pdf)

    return build


switch.add("table_only", _by_table_only(lambda body: body), _ALTERED)
switch.add(
    "table_only_into_a_stream",
    _by_table_only(lambda b: b"40 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (len(b), b)),
    _ALTERED,
)
switch.add("table_only_into_a_comment", _by_table_only(lambda body: b"%" + body.replace(b"\n", b" ") + b"\n"), _ALTERED)
