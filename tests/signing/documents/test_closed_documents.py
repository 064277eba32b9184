"""The last signature of a plan closes the document: for us, for strangers, and however the plan began."""

import io
from typing import Any

import pikepdf
import pytest
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from signing.pades import (
    PersonMark,
    ReservedSeal,
    SealMark,
    SigningRequest,
    augment_pdf,
    prepare_signature,
)
from signing.pades.refusals import DocumentClosed, FieldWithoutLock
from signing.validation import VN_TT15_2025, Verdict, verify_pdf


def said_by_pyhanko(pki: Any, pdf: bytes) -> list[tuple[bool, Any]]:
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(pki.root.der)], moment=pki.at, allow_fetching=False
    )
    signatures = PdfFileReader(io.BytesIO(pdf), strict=True).embedded_regular_signatures
    return [(validate_pdf_signature(one, context).bottom_line, one.docmdp_level) for one in signatures]


def refused(pki: Any, pdf: bytes, error: type[Exception], **request: Any) -> str:
    values = {"credential": pki.credential(), "field_name": "More"} | request
    with pytest.raises(error) as caught:
        prepare_signature(pdf, SigningRequest(**values), with_stamp=False, at=pki.at)
    code: str = caught.value.code  # type: ignore[attr-defined] - all of ours have one
    return code


@pytest.fixture(scope="module")
def planned(pki: Any, sign: Any, sample_pdf: Any, signature_picture: bytes, seal_picture: bytes) -> Any:
    """The whole plan: the person certifies, the seal closes."""
    first = sign(
        sample_pdf.page(), field_name="Person", mark=PersonMark(picture=signature_picture), certify=True,
        reserved=ReservedSeal(field_name="Seal", closes=True),
    )  # fmt: skip
    last = sign(first.pdf, field_name="Seal", credential=pki.seal(), mark=SealMark(picture=seal_picture), closes=True)
    return first, last


def test_a_certified_and_closed_document_is_good_for_everybody(pki: Any, planned: Any) -> None:
    first, last = planned
    assert last.pdf.startswith(first.pdf)
    assert said_by_pyhanko(pki, last.pdf) == [(True, MDPPerm.FILL_FORMS), (True, MDPPerm.NO_CHANGES)]
    report = verify_pdf(last.pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at)
    assert report.verdict is Verdict.VALID
    assert [one.changes_after.value for one in report.signatures] == ["permitted", "permitted"]


def test_the_lock_is_written_as_the_standard_wants(planned: Any) -> None:
    _, last = planned
    with pikepdf.open(io.BytesIO(last.pdf)) as document:
        field = next(f for f in document.Root.AcroForm.Fields if f.T == "Seal")
        assert field.Lock.is_indirect  # ISO 32000-2 table 235
        assert dict(field.Lock.items()) == {
            "/Type": pikepdf.Name.SigFieldLock, "/Action": pikepdf.Name.All, "/P": 1,
        }  # fmt: skip
        references = {str(one.TransformMethod): one for one in field.V.Reference}
        assert set(references) == {"/FieldMDP"}  # only the first signature may certify
        assert references["/FieldMDP"].TransformParams.Action == pikepdf.Name.All


@pytest.mark.parametrize("how", [{}, {"certify": True}])
def test_after_the_last_signature_no_other_is_made_and_time_stamps_are(
    pki: Any, sign: Any, sample_pdf: Any, how: Any
) -> None:
    closed = sign(sample_pdf.small(), level="B-B", closes=True, **how).pdf
    assert refused(pki, closed, DocumentClosed) == "DOCUMENT_CLOSED"
    assert refused(pki, closed, DocumentClosed, closes=True) == "DOCUMENT_CLOSED"
    for archive in (False, True):
        late = augment_pdf(closed, stamp=pki.stamp, evidence=pki.evidence, at=pki.at, archive=archive)
        assert said_by_pyhanko(pki, late.pdf) == [(True, MDPPerm.NO_CHANGES)]
        report = verify_pdf(late.pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at)
        assert (report.verdict, late.level) == (Verdict.VALID, "B-LTA" if archive else "B-LT")


def test_the_whole_plan_ends_for_us_too(pki: Any, planned: Any) -> None:
    assert refused(pki, planned[1].pdf, DocumentClosed) == "DOCUMENT_CLOSED"


def test_a_field_that_was_reserved_without_a_lock_closes_nothing(
    pki: Any, sign: Any, sample_pdf: Any, signature_picture: bytes
) -> None:
    first = sign(
        sample_pdf.page(), field_name="Person", mark=PersonMark(picture=signature_picture), certify=True, level="B-B",
        reserved=ReservedSeal(field_name="Seal"),
    )  # fmt: skip
    assert refused(pki, first.pdf, FieldWithoutLock, field_name="Seal", closes=True) == "SIGNATURE_FIELD_WITHOUT_LOCK"


@pytest.mark.parametrize(("key", "value"), [("P", 2), ("Action", pikepdf.Name.Include)])
def test_a_lock_that_leaves_something_open_closes_nothing(
    planned: Any, pki: Any, sample_pdf: Any, key: str, value: Any
) -> None:
    def change(document: Any) -> None:
        field = next(one for one in document.Root.AcroForm.Fields if one.T == "Seal")
        field.Lock[f"/{key}"] = value

    pdf = sample_pdf.changed(planned[0].pdf, change)
    assert refused(pki, pdf, FieldWithoutLock, field_name="Seal", closes=True) == "SIGNATURE_FIELD_WITHOUT_LOCK"


@pytest.fixture(scope="module")
def signed_small(sign: Any, sample_pdf: Any) -> bytes:
    pdf: bytes = sign(sample_pdf.small(), level="B-B").pdf
    return pdf


def promise(sample_pdf: Any, pdf: bytes, where: str, **entries: Any) -> bytes:
    """The signed document with another promise in its signature; the value breaks, the promise counts."""

    def change(document: Any) -> None:
        field = document.Root.AcroForm.Fields[0]
        saying = pikepdf.Dictionary(**entries)
        if where == "lock":
            field.Lock = saying
            return
        name = pikepdf.Name.DocMDP if where == "docmdp" else pikepdf.Name.FieldMDP
        field.V.Reference = [pikepdf.Dictionary(TransformMethod=name, TransformParams=saying)]

    changed: bytes = sample_pdf.changed(pdf, change)
    return changed


@pytest.mark.parametrize("where", ["lock", "fieldmdp"])
@pytest.mark.parametrize(
    ("entries", "closed"),
    [
        ({"Action": pikepdf.Name.All}, True),
        ({"Action": pikepdf.Name.Include, "Fields": ["More"]}, True),
        ({"Action": pikepdf.Name.Include, "Fields": ["Other"]}, False),
        ({"Action": pikepdf.Name.Exclude, "Fields": ["More"]}, False),
        ({"Action": pikepdf.Name.Exclude, "Fields": ["Other"]}, True),
        ({"Action": pikepdf.Name.Exclude}, True),
        ({"Action": pikepdf.Name.Include, "Fields": ["Other"], "P": 1}, True),
        ({"Action": pikepdf.Name.Include, "Fields": ["Other"], "P": 2}, False),
        ({"Action": pikepdf.Name.Include, "Fields": ["Other"], "P": 7}, True),
        ({}, False),
    ],
)
def test_every_way_to_close_a_field_counts(  # noqa: PLR0917 - fixtures
    pki: Any,
    signed_small: bytes,
    sample_pdf: Any,
    where: str,
    entries: Any,
    closed: bool,  # noqa: FBT001
) -> None:
    pdf = promise(sample_pdf, signed_small, where, **entries)
    if closed:
        assert refused(pki, pdf, DocumentClosed) == "DOCUMENT_CLOSED"
    else:
        request = SigningRequest(credential=pki.credential(), field_name="More")
        assert prepare_signature(pdf, request, with_stamp=False, at=pki.at).tail


@pytest.mark.parametrize(("level", "closed"), [(1, True), (2, False), (3, False), (0, True)])
def test_a_certification_allows_what_its_level_says(
    pki: Any,
    signed_small: bytes,
    sample_pdf: Any,
    level: int,
    closed: bool,  # noqa: FBT001
) -> None:
    pdf = promise(sample_pdf, signed_small, "docmdp", P=level)
    if closed:
        refused(pki, pdf, DocumentClosed)
    else:
        request = SigningRequest(credential=pki.credential(), field_name="More")
        assert prepare_signature(pdf, request, with_stamp=False, at=pki.at).tail
