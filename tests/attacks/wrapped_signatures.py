"""Signature wrapping: the signed octets are kept somewhere and others are shown (pdf-insecurity.org, SWA A-E and kin);
and byte ranges that leave something out.
"""

import re

from signing.validation import Reason
from tests.attacks.appended_updates import OTHER
from tests.attacks.cases import NOT_VALID, Attacks
from tests.attacks.raw_pdf import Draft, Ranges, ending, indirect, table
from tests.attacks.workshop import CONTENT, PAGE, Field, Workshop

wrapped = Attacks(
    "wrapped",
    frozenset({Reason.SIGNATURE_COVERAGE, Reason.SIGNATURE_MALFORMED, Reason.FORGED_SIGNATURE, Reason.HIDDEN_UPDATE}),
)


def _parts(signed: Draft) -> tuple[bytes, bytes, bytes]:
    """What is signed before the contents, the contents without padding, what is signed behind."""
    start = signed.pdf.rindex(b"/Contents <") + 10
    end = signed.pdf.index(b">", start) + 1
    inside = signed.pdf[start + 1 : end - 1].rstrip(b"0")
    inside += b"0" * (len(inside) % 2)
    return signed.pdf[:start], b"<" + inside + b">", signed.pdf[end:]


def _moved(signed: Draft, body: bytes, *, range_again: bool, table_at_old_place: bool) -> bytes:
    """The second signed part goes to the end; between stands what is shown."""
    before, contents, behind = _parts(signed)
    end = len(signed.pdf) - len(behind)
    inserted = bytearray(contents)
    place = len(inserted)
    inserted += b" " * 60 + b" >>\nendobj\n"
    shown = len(before) + len(inserted)
    inserted += body
    assert signed.startxref is not None
    room = max(signed.startxref + 400, len(before) + len(inserted) + 400)  # where the second part goes
    rows: dict[int, bytes] = {}
    for number in signed.objects:
        offset = signed.pdf.rindex(b"\n%d 0 obj" % number) + 1
        offset = shown if number == CONTENT else offset + room - end if offset >= end else offset
        rows[number] = b"%010d 00000 n" % offset
    section = table({0: b"0000000000 65535 f", **rows}) + b"trailer\n<< /Size %d /Root 1 0 R >>\n" % signed.size
    if table_at_old_place:  # the signed startxref in the moved part leads here
        inserted += b"%".ljust(signed.startxref - len(before) - len(inserted) - 1, b" ") + b"\n" + section
    else:
        start = len(before) + len(inserted)
        inserted += section + ending(start)
    inserted += b"\n" * (room - len(before) - len(inserted))
    if range_again:
        again = b" /ByteRange [0 %d %d %d]" % (len(before), len(before) + len(inserted), len(behind))
        inserted[place : place + len(again)] = again
    return before + bytes(inserted) + behind


@wrapped(verdicts=NOT_VALID)
def second_part_moved(shop: Workshop) -> bytes:
    return _moved(shop.sign(), indirect(CONTENT, OTHER), range_again=True, table_at_old_place=True)


@wrapped(*wrapped.named, Reason.DOCUMENT_DAMAGED, verdicts=NOT_VALID)
def second_part_moved_with_its_own_table(shop: Workshop) -> bytes:
    return _moved(shop.sign(), indirect(CONTENT, OTHER), range_again=True, table_at_old_place=False)


@wrapped(verdicts=NOT_VALID)
def second_part_moved_and_range_kept(shop: Workshop) -> bytes:
    return _moved(shop.sign(), indirect(CONTENT, OTHER), range_again=False, table_at_old_place=True)


@wrapped()
def objects_in_the_padding(shop: Workshop) -> bytes:
    """The padding of the contents string is used; no offset changes."""
    signed = shop.sign()
    before, contents, behind = _parts(signed)
    body = contents + b" >>\nendobj\n" + indirect(CONTENT, OTHER)
    return before + body.ljust(len(signed.pdf) - len(before) - len(behind)) + behind


@wrapped()
def other_entries_in_the_padding(shop: Workshop) -> bytes:
    signed = shop.sign()
    before, contents, behind = _parts(signed)
    body = contents + b" /Reason (Agreed to everything)"
    return before + body.ljust(len(signed.pdf) - len(before) - len(behind)) + behind


@wrapped()
def comment_in_the_padding(shop: Workshop) -> bytes:
    signed = shop.sign()
    before, contents, behind = _parts(signed)
    body = contents + b" %" + b"x" * 400 + b"\n"
    return before + body.ljust(len(signed.pdf) - len(before) - len(behind)) + behind


@wrapped()
def data_behind_the_container(shop: Workshop) -> bytes:
    """Other octets than zeros in the padding, in hexadecimal."""
    signed = shop.sign()
    before, contents, behind = _parts(signed)
    size = len(signed.pdf) - len(before) - len(behind)
    return before + contents[:-1].ljust(size - 9, b"0") + b"CAFECAFE>" + behind


@wrapped()
def second_contents_before(shop: Workshop) -> Draft:
    """Two /Contents: which one counts depends on the reader."""
    return shop.sign(entries={"/Contents": "<300602010130>"})


@wrapped(Reason.DOCUMENT_ALTERED, *wrapped.named)
def second_contents_behind(shop: Workshop) -> Draft:
    signed = shop.sign(entries={"/Zz": "<" + "0" * 40 + ">"})
    return signed.replaced(b"/Zz <" + b"0" * 40, b"/Contents <" + b"0" * 34)


def _range(name: str, ranges: Ranges, *named: Reason) -> None:
    """Signed by somebody over a byte range that leaves something out: the value is right, the coverage is not."""
    wrapped.add(f"range_{name}", lambda shop: shop.sign(ranges=ranges), named)


_range("first_part_ends_early", lambda a, b, n: (0, a - 60, b, n - b))
_range("second_part_starts_late", lambda a, b, n: (0, a, b + 3, n - b - 3))
_range("second_part_ends_early", lambda a, b, n: (0, a, b, n - b - 200))
_range("stops_at_the_contents", lambda a, b, _n: (0, a, b, 0))
_range("covers_only_the_second_part", lambda _a, b, n: (0, 0, b, n - b))
_range("starts_behind_the_header", lambda a, b, n: (9, a - 9, b, n - b))
_range("six_numbers", lambda a, b, n: (0, 100, 100, a - 100, b, n - b))
_range("five_numbers", lambda a, b, n: (0, a, b, n - b, 0))
_range("two_numbers", lambda a, _b, _n: (0, a))
_range("parts_overlap", lambda a, _b, _n: (0, a, a - 10, 10))
_range("parts_exchanged", lambda a, b, n: (b, n - b, 0, a))
_range("first_part_twice", lambda a, _b, _n: (0, a, 0, a))


@wrapped(Reason.DOCUMENT_ALTERED, *wrapped.named)
def beyond_the_end_of_the_file(shop: Workshop) -> Draft:
    signed = shop.sign()
    found = re.findall(rb"/ByteRange \[0 \d+ \d+ \d+\] *", signed.pdf)[-1]
    first, second = re.findall(rb"\d+", found)[1:3]
    return signed.replaced(found, (b"/ByteRange [0 %s %s 9999]" % (first, second)).ljust(len(found)))


@wrapped(*wrapped.named, Reason.DOCUMENT_ALTERED)
def value_defined_twice(shop: Workshop) -> Draft:
    """The update defines the signature dictionary anew, with the old range and contents and another reason."""
    signed = shop.sign()
    start = signed.pdf.index(b"7 0 obj") + 8
    body = signed.pdf[start : signed.pdf.index(b"endobj", start)].rstrip()
    return signed.revise({7: body.replace(b"/Type /Sig", b"/Type /Sig /Reason (I agree)")})


@wrapped(*wrapped.named, Reason.DOCUMENT_ALTERED)
def two_fields_with_one_signature(shop: Workshop) -> Draft:
    """A second field shows the signature of the first: two persons seem to have signed."""
    signed = shop.sign()
    second = signed.changed(8, T="(Chairman)")
    catalogue = signed.changed(1, AcroForm="<< /Fields [8 0 R 60 0 R] /SigFlags 3 >>")
    return signed.revise({60: second, 1: catalogue, PAGE: signed.changed(PAGE, Annots="[8 0 R 60 0 R]")})


@wrapped(*wrapped.named, Reason.DOCUMENT_ALTERED)
def two_fields_with_copies_of_one_signature(shop: Workshop) -> Draft:
    signed = shop.sign()
    start = signed.pdf.index(b"7 0 obj") + 8
    copy = signed.pdf[start : signed.pdf.index(b"endobj", start)].rstrip()
    second = signed.changed(8, T="(Chairman)", V="61 0 R")
    catalogue = signed.changed(1, AcroForm="<< /Fields [8 0 R 60 0 R] /SigFlags 3 >>")
    return signed.revise({60: second, 61: copy, 1: catalogue, PAGE: signed.changed(PAGE, Annots="[8 0 R 60 0 R]")})


@wrapped(*wrapped.named)
def later_signature_hides_a_gap(shop: Workshop) -> Draft:
    """The second signature's range leaves out a part of its own revision."""
    return shop.sign(shop.sign(), Field("Signature2"), ranges=lambda a, b, n: (0, a, b + 40, n - b - 40))
