"""Incremental saving: what is shown is appended behind the signature, in forms that careless readers do not take for an
update (pdf-insecurity.org, ISA A-I and kin).
"""

from collections.abc import Callable

from signing.validation import Reason
from tests.attacks.cases import NOT_VALID, Attacks
from tests.attacks.raw_pdf import Draft, Layout, Stream, ending, indirect, table
from tests.attacks.workshop import CATALOGUE, CONTENT, PAGE, PAGES, Field, Workshop, draft, letter

appended = Attacks("appended", frozenset({Reason.HIDDEN_UPDATE, Reason.DOCUMENT_ALTERED, Reason.DOCUMENT_DAMAGED}))
OTHER = letter("Decision 27", "Pay 999999 VND", "to somebody else")
BODY = indirect(CONTENT, OTHER)


def _row(offset: int, generation: int = 0, kind: bytes = b"n") -> bytes:
    return b"%010d %05d %s" % (offset, generation, kind)


def _trailer(signed: Draft, entries: bytes = b"/Root 1 0 R") -> bytes:
    return b"trailer\n<< /Size %d /Prev %d %s >>\n" % (signed.size, signed.startxref or 0, entries)


def _behind(name: str, tail: Callable[[Draft], bytes], *named: Reason) -> None:
    """The signed file with octets behind it."""

    def build(shop: Workshop) -> Draft:
        signed = shop.sign()
        return signed.appended(tail(signed))

    appended.add(name, build, named, NOT_VALID)


def _with_table(signed: Draft, before: bytes = BODY, offset: int = 0, entries: bytes = b"/Root 1 0 R") -> bytes:
    start = len(signed.pdf)
    section = table({CONTENT: _row(start + offset)}) + _trailer(signed, entries)
    return before + section + ending(start + len(before))


_behind("body_only", lambda _: BODY)
_behind("body_and_end_marker", lambda _: BODY + b"%%EOF\n")
_behind("body_and_trailer", lambda s: BODY + _trailer(s) + b"%%EOF\n")
_behind("body_and_startxref_zero", lambda _: BODY + ending(0))
_behind("body_and_trailer_and_startxref_zero", lambda s: BODY + _trailer(s) + ending(0))
_behind("startxref_to_the_old_table", lambda s: BODY + ending(s.startxref or 0))
_behind("trailer_and_startxref_to_the_old_table", lambda s: BODY + _trailer(s) + ending(s.startxref or 0))
_behind("empty_table", lambda s: BODY + b"xref\n0 0\n" + _trailer(s) + ending(len(s.pdf) + len(BODY)))
_behind("table_without_sections", lambda s: BODY + b"xref\n" + _trailer(s) + ending(len(s.pdf) + len(BODY)))
_behind("table_without_trailer", lambda s: BODY + table({CONTENT: _row(len(s.pdf))}) + ending(len(s.pdf) + len(BODY)))
_behind("no_startxref", lambda s: BODY + table({CONTENT: _row(len(s.pdf))}) + _trailer(s) + b"%%EOF\n")
_behind("startxref_into_a_comment", lambda s: BODY + b"%" + _with_table(s, b"") + b"\n")
_behind("table_in_a_comment", lambda s: b"%" + _with_table(s, BODY, 1))
_behind("wrong_offsets", lambda s: _with_table(s, offset=7))
_behind("startxref_beyond_the_end", lambda s: BODY + _trailer(s) + ending(9_999_999))
_behind("startxref_negative", lambda s: BODY + _trailer(s) + b"startxref\n-5\n%%EOF\n")
_behind("startxref_no_number", lambda s: BODY + _trailer(s) + b"startxref\nhere\n%%EOF\n")
_behind("second_end_marker", lambda _: b"%%EOF\n")
_behind("cut_in_an_object", lambda _: BODY[:30])
_behind("another_whole_file", lambda s: draft({**dict(s.objects), CONTENT: OTHER}).pdf)
_behind("previous_of_itself", lambda s: _with_table(s, entries=b"/Root 1 0 R /Prev %d" % (len(s.pdf) + len(BODY))))
_behind("no_previous", lambda s: _with_table(s).replace(b"/Prev", b"/Prew"))
_behind(
    "generation_one",
    lambda s: _with_table(s).replace(b"4 0 obj", b"4 1 obj").replace(b"00000 n", b"00001 n"),
    *appended.named,
    Reason.SHADOW_HIDE,
)


@appended(Reason.DOCUMENT_ALTERED, Reason.SHADOW_REPLACE)
def plain_update(shop: Workshop) -> Draft:
    """An update as any editor writes it."""
    return shop.sign().revise({CONTENT: OTHER})


@appended(Reason.DOCUMENT_ALTERED, Reason.SHADOW_REPLACE)
def update_with_reference_stream(shop: Workshop) -> Draft:
    return shop.sign().revise({CONTENT: OTHER}, Layout("stream"))


@appended(Reason.DOCUMENT_ALTERED, Reason.SHADOW_REPLACE)
def update_in_object_streams(shop: Workshop) -> Draft:
    signed = shop.sign()
    return signed.revise({PAGE: signed.changed(PAGE, Contents="60 0 R"), 60: OTHER}, Layout("packed"))


@appended(Reason.DOCUMENT_ALTERED, Reason.SHADOW_REPLACE)
def update_to_a_file_of_streams(shop: Workshop) -> Draft:
    packed = Layout("packed")
    return shop.sign(draft(layout=packed), layout=packed).revise({CONTENT: OTHER})


@appended(Reason.DOCUMENT_ALTERED, Reason.SHADOW_REPLACE)
def second_of_two_updates(shop: Workshop) -> Draft:
    """The first update changes nothing."""
    signed = shop.sign()
    return signed.revise({PAGE: signed.entries(PAGE)}).revise({CONTENT: OTHER})


@appended(Reason.DOCUMENT_ALTERED, Reason.SHADOW_REPLACE)
def changed_and_changed_back_partly(shop: Workshop) -> Draft:
    signed = shop.sign()
    return signed.revise({CONTENT: OTHER}).revise({CONTENT: letter("Decision 27", "Pay 100 VND")})


@appended(Reason.DOCUMENT_ALTERED, Reason.SHADOW_REPLACE)
def signed_again_by_somebody_else(shop: Workshop) -> Draft:
    """A later good signature covers the change; the first signature does not."""
    return shop.sign(shop.sign(), Field("Signature2"), changes={CONTENT: OTHER})


@appended(Reason.DOCUMENT_ALTERED, Reason.SHADOW_REPLACE)
def time_stamped_afterwards(shop: Workshop) -> Draft:
    return shop.stamped(shop.sign().revise({CONTENT: OTHER}))


@appended(Reason.DOCUMENT_ALTERED, Reason.SHADOW_REPLACE)
def with_validation_data(shop: Workshop) -> Draft:
    """The change travels with evidence."""
    return shop.store(shop.sign(), changes={CONTENT: OTHER})


@appended(Reason.DOCUMENT_ALTERED, Reason.HIDDEN_UPDATE, Reason.SHADOW_REPLACE, Reason.SIGNATURE_COVERAGE)
def signature_repeated_in_the_update(shop: Workshop) -> Draft:
    """The signature dictionary is written again behind the change: it seems to belong to the newest revision."""
    signed = shop.sign()
    body = signed.objects[7]
    assert isinstance(body, bytes)
    start = signed.pdf.index(b"7 0 obj") + 8
    return signed.revise({CONTENT: OTHER, 7: signed.pdf[start : signed.pdf.index(b"endobj", start)].rstrip()})


@appended(Reason.DOCUMENT_ALTERED, Reason.SHADOW_REPLACE, Reason.SIGNATURE_COVERAGE)
def field_repeated_in_the_update(shop: Workshop) -> Draft:
    signed = shop.sign()
    return signed.revise({CONTENT: OTHER, 8: signed.entries(8)})


@appended()
def hidden_before_an_update(shop: Workshop) -> Draft:
    """Objects between the signed revision and a harmless one that no table names."""
    return shop.store(shop.sign(), Layout(before=BODY))


@appended()
def hidden_behind_an_update(shop: Workshop) -> Draft:
    return shop.store(shop.sign()).appended(BODY)


@appended(Reason.HIDDEN_UPDATE, Reason.DOCUMENT_ALTERED, Reason.DOCUMENT_DAMAGED, verdicts=NOT_VALID)
def only_new_objects(shop: Workshop) -> Draft:
    """The table names only objects that were not there; the rest is found by readers that repair."""
    signed = shop.sign()
    start = len(signed.pdf)
    rows = table({60: _row(start)})
    return signed.appended(
        indirect(60, OTHER) + BODY + rows + _trailer(signed) + ending(start + len(indirect(60, OTHER) + BODY))
    )


@appended(Reason.DOCUMENT_ALTERED, Reason.SHADOW_HIDE_AND_REPLACE, Reason.SHADOW_REPLACE)
def another_catalogue(shop: Workshop) -> Draft:
    """The trailer points to a new catalogue with pages of its own."""
    signed = shop.sign()
    new = {
        60: signed.changed(CATALOGUE, Pages="61 0 R"),
        61: signed.changed(PAGES, Kids="[62 0 R]"),
        62: signed.changed(PAGE, Contents="63 0 R", Parent="61 0 R"),
        63: OTHER,
    }
    return signed.revise(new, trailer={"/Root": "60 0 R"})


@appended(Reason.DOCUMENT_ALTERED, Reason.SHADOW_REPLACE, Reason.SHADOW_HIDE)
def freed_content(shop: Workshop) -> Draft:
    """The page's text is only freed: nothing is shown any more."""
    return shop.sign().revise({CONTENT: None})


@appended(
    Reason.DOCUMENT_ALTERED, Reason.SHADOW_REPLACE, Reason.HIDDEN_UPDATE, Reason.DOCUMENT_DAMAGED, verdicts=NOT_VALID
)
def content_behind_two_references(shop: Workshop) -> Draft:
    """A stream's /Length was an object of its own: changing it changes the text."""
    start = draft()
    content = start.objects[CONTENT]
    assert isinstance(content, Stream)
    signed = shop.sign(
        draft(
            {**dict(start.objects), CONTENT: Stream(content.data, {"/Length": "9 0 R"}), 9: b"%d" % len(content.data)}
        )
    )
    return signed.revise({9: b"30"})
