"""Structure that readers take in different ways although two good ones agree: a second value behind an object (a reader
that works with a stack shows that one), objects in streams that nothing names, entries of unknown types, a second
trailer; and what locks hold, roles mean and fonts show.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from signing.validation import Reason
from tests.attacks.appended_updates import OTHER
from tests.attacks.cases import NOT_VALID, Attacks
from tests.attacks.quiet_exchanges import tagged
from tests.attacks.raw_pdf import Body, Draft, Layout, Stream, ending, indirect, object_stream, written
from tests.attacks.replaced_content import face, field_form
from tests.attacks.workshop import (
    CATALOGUE,
    CONTENT,
    FONT,
    PAGE,
    PAGES,
    Field,
    Workshop,
    base,
    draft,
    letter,
)

exact = Attacks("exact", frozenset({Reason.HIDDEN_UPDATE}))
_READERS = {Reason.READERS_DISAGREE}
_FORM = {CATALOGUE: {**base()[CATALOGUE], "/AcroForm": "<< /Fields [8 0 R 9 0 R] /SigFlags 3 >>"}}  # type: ignore[dict-item]  # a dictionary
_EMPTY = {"/Type": "/Annot", "/Subtype": "/Widget", "/FT": "/Sig", "/Rect": "[0 0 0 0]", "/F": "132", "/P": "3 0 R"}
PLACES: Mapping[int, Body] = {
    **base(page={"/Annots": "[8 0 R 9 0 R]"}), **_FORM, 8: {**_EMPTY, "/T": "(First)"}, 9: {**_EMPTY, "/T": "(Second)"}
}  # fmt: skip
"""Two places to sign in."""


# --- an object is one value (ISO 32000-2 §7.3.10); Ghostscript, which works with a stack, shows the last -------------

_PAIR = {**base(), 7: {**base()[PAGE], "/Contents": "12 0 R"}, 12: OTHER}  # type: ignore[dict-item]  # a dictionary
_PAIR[PAGES] = {"/Type": "/Pages", "/Kids": f"[{PAGE} 0 R 7 0 R]", "/Count": "2"}


def _twice(number: int, behind: bytes) -> bytes:
    return written(_PAIR[number]) + b" " + behind


_SECOND = {
    "page": (PAGE, written({**base()[PAGE], "/Contents": "12 0 R"})),  # type: ignore[dict-item]  # a dictionary
    "order_of_pages": (PAGES, written({"/Type": "/Pages", "/Kids": f"[7 0 R {PAGE} 0 R]", "/Count": "2"})),
    "font": (FONT, b"<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>"),
    "content": (CONTENT, written(OTHER)),
    "page_behind_a_comment": (PAGE, b"% <<\n" + written({**base()[PAGE], "/Contents": "12 0 R"})),  # type: ignore[dict-item]  # a dictionary
    "nothing": (PAGE, b"null"),
    "reference": (PAGE, b"7 0 R"),
    "number": (PAGE, b"27"),
    "end_of_a_dictionary": (PAGE, b">>"),
}
for _name, (_number, _behind) in _SECOND.items():
    exact.add(
        f"second_value_{_name}",
        lambda shop, n=_number, b=_behind: shop.sign(draft(_PAIR), Field(page=0)).revise({n: _twice(n, b)}),
        _READERS,
        verdicts=NOT_VALID,
    )
for _name, _number in {"content": CONTENT, "font": FONT}.items():
    exact.add(
        f"second_value_behind_nothing_{_name}",
        lambda shop, n=_number: shop.sign(draft({**_PAIR, n: b"null " + written(_PAIR[n])})),
        _READERS,
        verdicts=NOT_VALID,
    )
exact.add(
    "second_value_that_was_signed",
    lambda shop: shop.sign(draft({**_PAIR, PAGES: _twice(PAGES, _SECOND["order_of_pages"][1])})),
    _READERS,
    verdicts=NOT_VALID,
)


# --- object streams, cross references and trailers -------------------------------------------------------------------


def _hiding(shop: Workshop, *, named: bool) -> Draft:
    signed = shop.sign(draft({**base(), 12: OTHER}, Layout("stream")), layout=Layout("stream"))
    kept, hidden = {PAGES: signed.entries(PAGES)}, {PAGE: signed.changed(PAGE, Contents="12 0 R")}
    if not named:
        return signed.revise({30: object_stream(hidden)}, Layout("stream"))
    made = signed.revise(kept, Layout("packed"))
    short, long = (indirect(signed.size, object_stream(held)) for held in (kept, kept | hidden))
    assert short in made.pdf
    return _moved(made.pdf.replace(short, long), made, len(long) - len(short))


def _moved(pdf: bytes, made: Draft, by: int) -> Draft:
    """The last cross-reference stream again, some octets further on."""
    start = made.startxref or 0
    old = start.to_bytes(4, "big")
    at = pdf.rindex(b"\n%d 0 obj" % (made.size - 1)) + 1
    head, body = pdf[:at], pdf[at:]
    opening = body.index(b"stream\n") + 7
    closing = body.index(b"\nendstream")
    rows = zlib.decompress(body[opening:closing]).replace(old, (start + by).to_bytes(4, "big"))
    packed = zlib.compress(rows)
    length = b"/Length %d" % (closing - opening)
    again = body[:opening].replace(length, b"/Length %d" % len(packed)) + packed + b"\nendstream\nendobj\n"
    return replace(made, pdf=head + again + ending(start + by), startxref=start + by)


@exact()
def object_of_a_stream_that_nothing_names(shop: Workshop) -> Draft:
    """An object stream holds the page with another content; no cross reference says so."""
    return _hiding(shop, named=False)


@exact()
def object_beside_one_that_is_named(shop: Workshop) -> Draft:
    """The same in a stream from which another object is taken."""
    return _hiding(shop, named=True)


def _of_type(kind: int) -> Callable[[Workshop], bytes]:
    def build(shop: Workshop) -> bytes:
        """ISO 32000-2 §7.5.8.3: entries of other types stand for null; here the content of the page."""
        signed = shop.sign(draft(layout=Layout("stream")), layout=Layout("stream"))
        number, at = signed.size, len(signed.pdf)
        rows = bytes([kind]) + bytes(6) + b"\x01" + at.to_bytes(4, "big") + bytes(2)
        entries = {
            "/Type": "/XRef", "/W": "[1 4 2]", "/Index": f"[{CONTENT} 1 {number} 1]", "/Size": str(number + 1),
            "/Root": f"{CATALOGUE} 0 R", "/Prev": str(signed.startxref),
        }  # fmt: skip
        return signed.pdf + indirect(number, Stream(rows, entries)) + ending(at)

    return build


for _kind in (3, 9, 255):
    exact.add(f"entry_of_type_{_kind}", _of_type(_kind))


def _two_trailers(between: bytes) -> Callable[[Workshop], bytes]:
    """Two trailers behind one table; the second names a catalogue that was signed and never shown."""
    other = {**base(), 13: {"/Type": "/Catalog", "/Pages": "14 0 R"}, 12: OTHER}
    other[14] = {"/Type": "/Pages", "/Kids": "[15 0 R]", "/Count": "1"}
    other[15] = {**base()[PAGE], "/Parent": "14 0 R", "/Contents": "12 0 R"}  # type: ignore[dict-item]  # a dictionary

    def build(shop: Workshop) -> bytes:
        updated = shop.sign(draft(other)).revise({40: b"null"}).pdf
        head, tail = updated[: updated.rindex(b"startxref")], updated[updated.rindex(b"startxref") :]
        return head + between + b"<< /Size 41 /Root 13 0 R >>\n" + tail

    return build


exact.add("second_trailer", _two_trailers(b"trailer\n"))
exact.add("second_dictionary_of_a_trailer", _two_trailers(b""))


for _name, _kid in {"nothing": "null", "number": "5", "missing_object": "99 0 R"}.items():
    exact.add(
        f"{_name}_among_the_pages",
        lambda shop, k=_kid: shop.sign().then(lambda s: {PAGES: s.changed(PAGES, Kids=f"[{PAGE} 0 R {k}]")}),
        {Reason.DOCUMENT_ALTERED},
    )


# --- what a lock holds, what a role means, what a font shows ---------------------------------------------------------


def locking(action: str, fields: str = "") -> dict[str, str]:
    """What a signature says that locks fields (ISO 32000-2 §12.8.2.4)."""
    lock = f"<< /Type /TransformParams /Action /{action} {fields} /V /1.2 >>"
    return {"/Reference": f"[<< /Type /SigRef /TransformMethod /FieldMDP /TransformParams {lock} >>]"}


def _signed_in_spite_of(action: str, fields: str = "") -> Callable[[Workshop], Draft]:
    """ISO 32000-2 table 258: a signature is the value of a field, and this one was locked."""

    def build(shop: Workshop) -> Draft:
        first = shop.sign(draft(PLACES), into=8, entries=locking(action, fields))
        return shop.sign(first, into=9, cms=shop.cms(name="Tran Van Binh"))

    return build


for _name, _action, _fields in (
    ("all", "All", ""),
    ("included", "Include", "/Fields [(Second)]"),
    ("not_excluded", "Exclude", "/Fields [(Third)]"),
):
    exact.add(f"locked_place_signed_{_name}", _signed_in_spite_of(_action, _fields), {Reason.NOT_PERMITTED_BY_SIGNER})


@exact(Reason.METADATA_CHANGED, verdicts=NOT_VALID)
def paragraphs_become_ornaments(shop: Workshop) -> Draft:
    """A type that means something by itself gets a role: what is read aloud falls silent."""
    signed = shop.sign(draft(tagged()))
    return signed.revise({20: signed.changed(20, RoleMap="<< /Line /P /P /Artifact >>")})


def _in_signs(font: str) -> Callable[[Workshop], Draft]:
    def build(shop: Workshop) -> Draft:
        """The value says one thing, its signs another."""
        signed = shop.certified(2, draft(field_form("()")))
        shown = face("PAY")
        entries = {**shown.entries, "/Resources": f"<< /Font << /F1 << /Type /Font /Subtype /Type1 {font} >> >> >>"}
        return signed.revise({10: signed.changed(10, V="(PAY)"), 11: replace(shown, entries=entries)})

    return build


for _name, _font in {
    "greek": "/BaseFont /Symbol",
    "greek_said_to_be_latin": "/BaseFont /Symbol /Encoding /WinAnsiEncoding",
    "greek_in_part": "/BaseFont /ABCDEF+Symbol",
    "pictures": "/BaseFont /ZapfDingbats",
}.items():
    exact.add(f"value_in_{_name}", _in_signs(_font), {Reason.FORM_FILLED_AFTER_SIGNING}, verdicts=NOT_VALID)


# --- a name for two signatures, and a stream that breaks off where the other amount begins ---------------------------


def _same_name(shop: Workshop, *, first: bool) -> Draft:
    """Two fields of one name: a container that does not fit hides behind one that does."""
    signed = shop.sign(draft(PLACES), into=8)
    wrong = shop.cms(name="Tran Van Binh")
    both = signed.revise({9: signed.changed(9, T="(First)")})
    fields = "[9 0 R 8 0 R]" if first else "[8 0 R 9 0 R]"
    form = {"AcroForm": f"<< /Fields {fields} /SigFlags 3 >>"}
    return shop.sign(
        both.revise({CATALOGUE: both.changed(CATALOGUE, **form)}), into=9, cms=lambda covered: wrong(covered + b"x")
    )


exact.add("same_name_before", lambda shop: _same_name(shop, first=True), {Reason.DOCUMENT_ALTERED})
exact.add("same_name_behind", lambda shop: _same_name(shop, first=False), {Reason.DOCUMENT_ALTERED})


@exact(Reason.DOCUMENT_ALTERED, Reason.CHANGES_UNKNOWN, verdicts=NOT_VALID)
def content_breaks_off_behind_the_other_amount(shop: Workshop) -> Draft:
    """A compressed content that ends in an error: some readers show what came before it."""
    signed = shop.sign()
    packer = zlib.compressobj()
    start = letter("Decision 27", "Pay 100 VND", "to the holder").data
    data = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    data += packer.compress(OTHER.data) + packer.flush(zlib.Z_FULL_FLUSH) + b"\x07"
    return signed.revise({CONTENT: Stream(data, {"/Filter": "/FlateDecode"})})


def _far_away(by: int) -> Callable[[Workshop], bytes]:
    def build(shop: Workshop) -> bytes:
        """An offset of eight octets of which a careless reader takes the lower four: the hidden content."""
        start = draft({**base(), 12: OTHER}, Layout("stream"))
        signed = shop.sign(start, layout=Layout("stream"))
        number, at = signed.size, len(signed.pdf)
        place = signed.pdf.index(b"\n12 0 obj") + 1 + by
        rows = b"\x01" + place.to_bytes(8, "big") + b"\x01" + at.to_bytes(8, "big")
        entries = {
            "/Type": "/XRef", "/W": "[1 8 0]", "/Index": f"[{CONTENT} 1 {number} 1]", "/Size": str(number + 1),
            "/Root": f"{CATALOGUE} 0 R", "/Prev": str(signed.startxref),
        }  # fmt: skip
        return signed.pdf + indirect(number, Stream(rows, entries)) + ending(at)

    return build


exact.add(
    "offset_of_eight_octets", _far_away(1 << 32), {*_READERS, Reason.SHADOW_HIDE, Reason.HIDDEN_UPDATE},
    verdicts=NOT_VALID,
)  # fmt: skip


@exact(Reason.SIGNATURE_COVERAGE)
def gap_over_the_next_object(shop: Workshop) -> bytes:
    """The gap of the byte range goes on over an object; a key that signs what it is given signs this, too."""

    def wider(start: int, end: int, size: int) -> tuple[int, ...]:
        return 0, start, end + 20, size - end - 20

    return shop.sign(ranges=wider, field=Field(page=0)).pdf
