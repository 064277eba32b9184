"""Files that two readers understand differently: whoever signs such a file cannot know what others will see. Most are
built so that a lenient or a repairing reader shows another amount.
"""

from collections.abc import Callable

from signing.validation import Reason
from tests.attacks.appended_updates import OTHER
from tests.attacks.cases import NOT_VALID, NOTHING_SIGNED, Attacks
from tests.attacks.raw_pdf import Draft, Layout, Stream, ending, indirect, written
from tests.attacks.workshop import CATALOGUE, CONTENT, PAGE, PAGES, Field, Workshop, base, draft

differing = Attacks(
    "differing",
    frozenset(
        {
            Reason.READERS_DISAGREE,
            Reason.DOCUMENT_DAMAGED,
            Reason.HIDDEN_UPDATE,
            Reason.SIGNATURE_COVERAGE,
            Reason.SIGNATURE_MALFORMED,
        }
    ),
)


def _signed(name: str, start: Callable[[], Draft]) -> None:
    differing.add(name, lambda shop: shop.sign(start(), Field(page=0)), verdicts=NOT_VALID)


def _with(number: int, body: bytes) -> Draft:
    return draft({**base(), 12: OTHER, 13: {**base()[PAGE], "/Contents": "12 0 R"}, number: body})  # type: ignore[dict-item]  # a dictionary


_PAGE = written(base()[PAGE])
_signed("content_named_twice", lambda: _with(PAGE, _PAGE[:-2] + b"/Contents 12 0 R\n>>"))
_signed("content_named_twice_the_other_way", lambda: _with(PAGE, _PAGE.replace(b"<<", b"<<\n/Contents 12 0 R", 1)))
_signed("kids_named_twice", lambda: _with(PAGES, written(base()[PAGES])[:-2] + b"/Kids [13 0 R]\n>>"))
_signed("content_named_in_escapes", lambda: _with(PAGE, _PAGE[:-2] + b"/C#6fntents 12 0 R\n>>"))


def _shifted(by: int) -> Draft:
    """The table's offsets are wrong by some octets."""
    start = draft()
    head, rows = start.pdf.split(b"xref\n", 1)
    lines = rows.split(b"\n")
    for index, line in enumerate(lines):
        if line.endswith(b" n "):
            lines[index] = b"%010d" % (int(line[:10]) + by) + line[10:]
    pdf = head + b"xref\n" + b"\n".join(lines)
    return Draft(pdf=pdf, objects=start.objects, startxref=start.startxref, trailer=start.trailer, size=start.size)


_signed("offsets_too_large", lambda: _shifted(3))
_signed("offsets_too_small", lambda: _shifted(-3))
_signed(
    "stream_longer_than_it_says", lambda: _with(CONTENT, b"<< /Length 20 >>\nstream\n" + OTHER.data + b"\nendstream")
)
_signed(
    "stream_shorter_than_it_says", lambda: _with(CONTENT, b"<< /Length 4000 >>\nstream\n" + OTHER.data + b"\nendstream")
)
_signed(
    "stream_of_negative_length", lambda: _with(CONTENT, b"<< /Length -5 >>\nstream\n" + OTHER.data + b"\nendstream")
)
_signed(
    "stream_with_its_end_inside",
    lambda: _with(
        CONTENT,
        b"<< /Length %d >>\nstream\n" % 60
        + b"BT /F1 9 Tf (1) Tj ET\nendstream\nendobj\n"
        + OTHER.data[:60]
        + b"\nendstream",
    ),
)
_signed(
    "stream_length_twice",
    lambda: _with(CONTENT, b"<< /Length 30 /Length %d >>\nstream\n" % len(OTHER.data) + OTHER.data + b"\nendstream"),
)


def _hybrid_with_other_objects() -> Draft:
    """The table gives one content, the stream that newer readers prefer gives another (ISO 32000-1 §7.5.8.4)."""
    start = draft({**base(), 12: OTHER})
    at = start.pdf.index(b"\n12 0 obj") + 1
    row = b"\x01" + at.to_bytes(4, "big") + b"\0\0"
    stream = Stream(row, {"/Type": "/XRef", "/W": "[1 4 2]", "/Index": f"[{CONTENT} 1]", "/Size": "14"})
    place = start.pdf.index(b"xref\n0")
    body = indirect(13, stream)
    pdf = start.pdf[:place] + body + start.pdf[place:]
    pdf = pdf.replace(b"/Size 13", b"/Size 14\n/XRefStm %d" % place).replace(ending(place), ending(place + len(body)))
    return Draft(pdf=pdf, objects=start.objects, startxref=place + len(body), trailer=start.trailer, size=14)


_signed("hybrid_with_other_content", _hybrid_with_other_objects)


def _header(header: bytes) -> Draft:
    return draft(header=header)


_signed("header_in_the_middle", lambda: _header(b"<html>" + b" " * 3000 + b"%PDF-1.7\n"))
_signed("no_header", lambda: _header(b"%%%%%%%%\n"))
_signed("an_archive_before_it", lambda: _header(b"PK\x03\x04" + b"\0" * 1100 + b"%PDF-1.7\n"))


@differing(*differing.named, Reason.DOCUMENT_ALTERED, verdicts=NOT_VALID)
def table_that_refers_to_itself(shop: Workshop) -> Draft:
    signed = shop.sign()
    assert signed.startxref is not None
    old = b"/Prev %d" % (draft().startxref or 0)
    return signed.replaced(old, (b"/Prev %d" % signed.startxref)[: len(old)].ljust(len(old)))


@differing(verdicts=NOT_VALID)
def generation_that_does_not_fit(shop: Workshop) -> Draft:
    signed = shop.sign()
    return signed.revise({CONTENT: OTHER}).replaced(
        b"%010d 00000 n" % len(signed.pdf), b"%010d 00007 n" % len(signed.pdf)
    )


@differing(*differing.named, Reason.NO_SIGNATURE, verdicts=NOT_VALID | NOTHING_SIGNED)
def catalogue_without_the_form_for_one_reader(shop: Workshop) -> Draft:
    """The form is named twice: one reader finds the signature, the other an empty form."""
    signed = shop.sign()
    return signed.revise({CATALOGUE: written(signed.entries(CATALOGUE))[:-2] + b"/AcroForm << /Fields [] >>\n>>"})


@differing(*differing.named, Reason.DOCUMENT_ALTERED)
def packed_object_against_the_plain_one(shop: Workshop) -> Draft:
    """An update gives the page once in an object stream and once as itself."""
    signed = shop.sign()
    hidden = indirect(PAGE, signed.changed(PAGE, Contents="60 0 R")) + indirect(60, OTHER)
    return signed.revise({PAGE: signed.entries(PAGE)}, Layout("packed", before=hidden))


for _name, _before in {
    "page": b"<html><body>Pay 999 VND</body></html>\n",
    "program": b"MZ" + bytes(600),
    "archive": b"PK\x03\x04" + bytes(300),
    "document": draft(base("Pay 999 VND")).pdf,
}.items():
    differing.add(f"{_name}_put_before_it", lambda shop, b=_before: b + shop.sign().pdf, verdicts=NOT_VALID)
    if _name != "document":  # a document before the document is covered and seen by nobody
        _signed(f"signed_with_a_{_name}_before_it", lambda b=_before: _header(b + b"%PDF-1.7\n"))
