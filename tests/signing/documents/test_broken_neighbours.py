"""What is broken in an earlier signature, or in a certificate that came along, is no fault of the next signature."""

import re
from typing import Any

import pytest

from signing.errors import EvidenceUnavailable
from signing.pades import SigningRequest, sign_pdf
from signing.pades.longterm import with_evidence
from signing.validation import VN_TT15_2025, verify_pdf
from tests.fakes import sample_pdf as documents

_COMMON_NAME = b"06035504030C"  # id-at-commonName and the tag of a UTF8String, as digits of a container
_UNKNOWN_TEXT = b"06035999999C"  # an attribute and a kind of text that nobody knows
_NO_ATTRIBUTE = b"FF035504030C"


def verdicts(pki: Any, pdf: bytes) -> dict[str, str]:
    report = verify_pdf(pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at, compare_pages=False)
    return {one.field: one.verdict.value for one in report.signatures}


@pytest.mark.parametrize("broken", [_UNKNOWN_TEXT, _NO_ATTRIBUTE], ids=["a name of unknown text", "no name"])
def test_a_broken_name_in_an_earlier_container_leaves_the_next_signature_valid(
    pki: Any, sign: Any, strangers: Any, broken: bytes
) -> None:
    first = sign(documents.small(), field_name="First").pdf
    found = []
    for name in re.finditer(_COMMON_NAME, first):
        pdf = first[: name.start()] + broken + first[name.end() :]
        strangers.broken_on_purpose(pdf)
        request = SigningRequest(credential=pki.credential(), field_name="Ours")
        try:
            signed = sign_pdf(pdf, request, keys=pki.keys, stamp=pki.stamp, evidence=pki.evidence, at=pki.at).pdf
        except EvidenceUnavailable:  # the first one's own certificate is nobody's any more: asked about again later
            continue
        found.append(verdicts(pki, signed))
    assert len(found) > 6  # in both certificates of the signer, of its time-stamp's, and as issuer in two places
    assert {one["Ours"] for one in found} == {"valid"}
    assert {one["First"] for one in found} - {"valid"}


def test_evidence_is_added_beside_a_container_that_cannot_be_read(pki: Any, sign: Any, strangers: Any) -> None:
    first = sign(documents.small(), level="B-B", field_name="First").pdf
    at = first.index(b"/Contents <30") + len(b"/Contents <")
    pdf = first[:at] + b"FFFF" + first[at + 4 :]
    strangers.broken_on_purpose(pdf)
    second = sign(pdf, level="B-B", field_name="Second").pdf
    continued, complete = with_evidence(second, pki.evidence)
    assert complete
    assert continued.startswith(second)
    assert (verdicts(pki, second)["Second"], verdicts(pki, continued)["Second"]) == ("indeterminate", "valid")


@pytest.mark.parametrize("damage", [(b"/Contents", b"/Reserved"), (b"/ByteRange [0", b"/ByteRange [/")])
def test_an_earlier_value_without_a_container_or_a_byte_range_leaves_the_next_signature_valid(
    pki: Any, sign: Any, strangers: Any, damage: tuple[bytes, bytes]
) -> None:
    pdf = sign(documents.small(), field_name="First").pdf.replace(*damage)
    strangers.broken_on_purpose(pdf)
    found = verdicts(pki, sign(pdf, field_name="Ours").pdf)
    assert (found["First"], found["Ours"]) == ("invalid", "valid")


def test_a_signature_of_an_authority_with_the_same_names_and_numbers_costs_no_other_its_verdict(
    small_pki: Any, sign: Any
) -> None:
    """RFC 5280 §4.1.2.2 makes issuer and number unique; who imitates an authority keeps to no rule."""
    first, second = small_pki.SmallPki(), small_pki.SmallPki()
    pdf = sign(sign(documents.small(), by=first, field_name="First").pdf, by=second, field_name="Second").pdf
    assert verdicts(first, pdf) == {"First": "valid", "Second": "invalid"}
    assert verdicts(second, pdf) == {"First": "invalid", "Second": "valid"}
