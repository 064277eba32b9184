"""Two steps: what is prepared can wait, be stored, and be finished by another process with a value from elsewhere."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import DocumentNotSignable, PreparationUnreadable, SignatureValueWrong
from signing.keys import KeyKind
from signing.pades import PreparedSignature, SigningRequest, complete_signature, prepare_signature
from signing.validation import VN_TT15_2025, Verdict, verify_pdf


def prepared_for(pki: Any, pdf: bytes, kind: KeyKind = KeyKind.EC_P256, **over: Any) -> PreparedSignature:
    request = SigningRequest(credential=pki.credential(kind=kind), field_name="Step3", **over)
    return prepare_signature(pdf, request, with_stamp=True, at=pki.at)


def value_of(pki: Any, prepared: PreparedSignature) -> bytes:
    value: bytes = pki.keys.sign(prepared.credential.key_id, prepared.attributes, prepared.credential.algorithm)
    return value


@pytest.mark.parametrize("kind", [KeyKind.EC_P256, KeyKind.EC_P384, KeyKind.RSA_3072])
def test_a_preparation_that_was_stored_is_finished_with_a_value_from_elsewhere(
    pki: Any, sample_pdf: Any, kind: KeyKind
) -> None:
    pdf = sample_pdf.page()
    stored = prepared_for(pki, pdf, kind).to_bytes()
    prepared = PreparedSignature.from_bytes(stored)
    signed = complete_signature(pdf, prepared, value_of(pki, prepared), stamp=pki.stamp, evidence=pki.evidence)
    report = verify_pdf(signed.pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at)
    assert (signed.level, report.verdict) == ("B-LT", Verdict.VALID)
    assert signed.pdf.startswith(pdf)


def test_the_same_value_twice_gives_the_same_file(pki: Any, sample_pdf: Any) -> None:
    pdf = sample_pdf.page()
    prepared = prepared_for(pki, pdf)
    value = value_of(pki, prepared)
    once, again = (complete_signature(pdf, prepared, value, stamp=None, evidence=None) for _ in range(2))
    assert once == again


def test_a_value_of_another_key_or_over_other_attributes_is_refused(pki: Any, sample_pdf: Any) -> None:
    pdf = sample_pdf.page()
    prepared, other = prepared_for(pki, pdf), prepared_for(pki, sample_pdf.page())
    for value in (value_of(pki, other), b"", bytes(64), value_of(pki, prepared)[:-1]):
        with pytest.raises(SignatureValueWrong):
            complete_signature(pdf, prepared, value, stamp=None, evidence=None)


def test_another_document_than_the_prepared_one_is_refused(pki: Any, sample_pdf: Any) -> None:
    pdf = sample_pdf.page()
    prepared = prepared_for(pki, pdf)
    with pytest.raises(DocumentNotSignable):
        complete_signature(pdf + b"\n", prepared, value_of(pki, prepared), stamp=None, evidence=None)


def test_a_container_that_does_not_fit_is_refused(pki: Any, sample_pdf: Any) -> None:
    pdf = sample_pdf.page()
    prepared = replace(prepared_for(pki, pdf), room=300)
    with pytest.raises(DocumentNotSignable):
        complete_signature(pdf, prepared, value_of(pki, prepared), stamp=None, evidence=None)


@given(data=st.binary(max_size=200))
def test_bytes_that_are_no_preparation_are_refused(data: bytes) -> None:
    with pytest.raises(PreparationUnreadable):
        PreparedSignature.from_bytes(data)


def test_a_preparation_of_another_version_is_refused(pki: Any, sample_pdf: Any) -> None:
    stored = prepared_for(pki, sample_pdf.page()).to_bytes()
    with pytest.raises(PreparationUnreadable):
        PreparedSignature.from_bytes(stored.replace(b'"form": 1', b'"form": 9', 1))
