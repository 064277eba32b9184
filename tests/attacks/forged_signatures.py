"""Universal signature forgery: the document is changed and its signature dictionary is made such that a careless
reader has nothing to compare (pdf-insecurity.org, "1 Trillion Dollar Refund", USF).
"""

import re

from signing.validation import Reason
from tests.attacks.cases import INVALID, NOT_VALID, NOTHING_SIGNED, Attacks
from tests.attacks.raw_pdf import Draft
from tests.attacks.workshop import Workshop

forged = Attacks("forged", frozenset({Reason.FORGED_SIGNATURE, Reason.SIGNATURE_MALFORMED}))
_BESIDE = {*forged.named, Reason.SIGNATURE_COVERAGE}
"""What is not missing but stands beside the gap."""

_CONTENTS = re.compile(rb"/Contents <[0-9A-F]+>")
_RANGE = re.compile(rb"/ByteRange \[[0-9 ]+\] *")


def _swapped(pattern: re.Pattern[bytes], new: bytes, *, changed: bool = True):
    """The signed file with one entry rewritten in its room, and with another amount."""

    def build(shop: Workshop) -> Draft:
        signed = shop.sign()
        found = pattern.findall(signed.pdf)[-1]
        assert len(new) <= len(found)
        forgery = signed.replaced(found, new.ljust(len(found)))
        return forgery.replaced(b"Pay 100", b"Pay 999") if changed else forgery

    return build


for _name, _new in {
    "absent": b"",
    "null": b"/Contents null",
    "empty_hex": b"/Contents <>",
    "empty_text": b"/Contents ()",
    "zero_octet": b"/Contents <00>",
    "zeros": b"/Contents <" + b"0" * 12_000 + b">",
    "number": b"/Contents 0",
    "name": b"/Contents /None",
    "array": b"/Contents [<3080>]",
    "missing_object": b"/Contents 99 0 R",
    "other_key": b"/Contentz <3006>",
    "true": b"/Contents true",
    "one_octet_off": b"/Contents <3>",
    "dictionary": b"/Contents << /Contents <00> >>",
    "itself": b"/Contents 8 0 R",
    "comment": b"/Contents %<30>",
}.items():
    forged.add(
        f"contents_{_name}",
        _swapped(_CONTENTS, _new),
        _BESIDE if _name == "one_octet_off" else (),
        verdicts=NOT_VALID if _name == "comment" else INVALID,
    )
for _name, _new in {
    "absent": b"",
    "null": b"/ByteRange null",
    "empty": b"/ByteRange []",
    "zeros": b"/ByteRange [0 0 0 0]",
    "negative_first": b"/ByteRange [-1 900 12900 500]",
    "negative_length": b"/ByteRange [0 -900 12900 500]",
    "negative_second": b"/ByteRange [0 900 -12900 500]",
    "one": b"/ByteRange [0]",
    "three": b"/ByteRange [0 900 12900]",
    "fractions": b"/ByteRange [0 900.5 12900.0 500]",
    "texts": b"/ByteRange [(0) (900) (12900) (500)]",
    "names": b"/ByteRange [/a /b /c /d]",
    "nulls": b"/ByteRange [null null null null]",
    "huge": b"/ByteRange [0 9999999999 99999999999 9]",
    "number": b"/ByteRange 0",
    "truth": b"/ByteRange [true 1 2 3]",
    "missing_object": b"/ByteRange 99 0 R",
    "nested": b"/ByteRange [[0 900 12900 500]]",
    "text": b"/ByteRange (0 9 9 9)",
    "nothing_covered": b"/ByteRange [0 0 12957 0]",
    "first_only": b"/ByteRange [0 900 12957 0]",
    "other_key": b"/ByteRangf [0 900 12957 0]",
}.items():
    forged.add(f"range_{_name}", _swapped(_RANGE, _new), {*forged.named, Reason.SIGNATURE_COVERAGE})
for _name, _old, _new in (
    ("filter_unknown", rb"/ETSI.CAdES.detached", b"/ETSI.CAdES.nothing"),
    ("filter_absent", rb"/SubFilter /ETSI.CAdES.detached", b""),
    ("filter_null", rb"/SubFilter /ETSI.CAdES.detached", b"/SubFilter null"),
    ("filter_number", rb"/SubFilter /ETSI.CAdES.detached", b"/SubFilter 1"),
):
    forged.add(
        f"sub_{_name}",
        _swapped(re.compile(_old), _new),
        {*forged.named, Reason.UNSUPPORTED_SIGNATURE, Reason.DOCUMENT_ALTERED},
        NOT_VALID,
    )
for _name, _new in {
    "number": b"/V 1",
    "text": b"/V (x)",
    "array": b"/V []",
    "name": b"/V /Sig",
    "empty": b"/V <<>>",
    "page": b"/V 3 0 R",
    "truth": b"/V true",
}.items():
    forged.add(f"value_{_name}", _swapped(re.compile(rb"/V 7 0 R"), _new))
_TAKEN = {Reason.NO_SIGNATURE, Reason.DOCUMENT_ALTERED, *forged.named}
forged.add("value_missing", _swapped(re.compile(rb"/V 7 0 R"), b"/V 9 9 R"), _TAKEN, INVALID | NOTHING_SIGNED)
forged.add("value_null", _swapped(re.compile(rb"/V 7 0 R"), b"/V null"), _TAKEN, INVALID | NOTHING_SIGNED)
forged.add("value_absent", _swapped(re.compile(rb"/V 7 0 R"), b""), _TAKEN, INVALID | NOTHING_SIGNED)


@forged()
def contents_in_another_dictionary(shop: Workshop) -> Draft:
    """The container stands outside the signature dictionary, in the field."""
    signed = shop.sign()
    found = _CONTENTS.findall(signed.pdf)[-1]
    forgery = signed.replaced(found, found.replace(b"/Contents <", b">> <<     <"))
    return forgery.replaced(b"Pay 100", b"Pay 999")


@forged(Reason.FORGED_SIGNATURE, Reason.SIGNATURE_MALFORMED, Reason.SIGNATURE_COVERAGE)
def contents_in_an_object_of_its_own(shop: Workshop) -> Draft:
    """/Contents is a reference to a string elsewhere, and nothing says where the gap is."""
    signed = shop.sign()
    found = _CONTENTS.findall(signed.pdf)[-1]
    forgery = signed.replaced(found, b"/Contents 60 0 R".ljust(len(found))).replaced(b"Pay 100", b"Pay 999")
    return forgery.revise({60: found.removeprefix(b"/Contents ")})


@forged(Reason.DOCUMENT_ALTERED)
def signed_octets_changed(shop: Workshop) -> Draft:
    """Nothing but the amount is changed, in place."""
    return shop.sign().replaced(b"Pay 100", b"Pay 999")


@forged(Reason.DOCUMENT_ALTERED)
def type_absent(shop: Workshop) -> Draft:
    """/Type is optional; the amount is changed."""
    return shop.sign().replaced(b"/Type /Sig\n", b"/Tipe /Sig\n").replaced(b"Pay 100", b"Pay 999")
