"""Signing: the input stays a prefix, strangers' verifiers agree, PDF/A stays PDF/A, refusals are typed."""

import io
import subprocess
from typing import Any

import pikepdf
import pytest
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from pikepdf import pdfa
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from signing.errors import EvidenceUnavailable, KeyNotFound, MalformedDocument, TimestampUnavailable
from signing.keys import KeyKind
from signing.pades import PersonMark, ReservedSeal, SealMark, SigningRequest, TextMark, augment_pdf, sign_pdf
from signing.pades.refusals import (
    DocumentClosed,
    DocumentDamaged,
    DocumentEncrypted,
    DocumentHasXfa,
    DocumentHybrid,
    FieldTaken,
    MarkHasNoPlace,
)
from signing.trust import Evidence


def pdfsig(pdf: Any, tmp_path: Any):
    path = tmp_path / "signed.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdfsig", str(path)], capture_output=True, text=True, check=False)
    return done.stdout.count("Signature is Valid."), done.stdout.count("Signature #")


def openssl_accepts(pdf: Any, number: Any, tmp_path: Any):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        values = [f.V for f in document.Root.AcroForm.Fields]
        value = sorted(values, key=lambda v: int(v.ByteRange[2]))[number]
        start, first, second, length = (int(n) for n in value.ByteRange)
        (tmp_path / "cms.der").write_bytes(bytes(value.Contents))
    (tmp_path / "content").write_bytes(pdf[start:first] + pdf[second : second + length])
    command = [
        "openssl", "cms", "-verify", "-binary", "-purpose", "any", "-noverify", "-inform", "DER",
        "-in", str(tmp_path / "cms.der"), "-content", str(tmp_path / "content"), "-out", "/dev/null",
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def pyhanko_accepts(pdf: Any, pki: Any):
    reader = PdfFileReader(io.BytesIO(pdf), strict=True)
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(pki.root.der)], moment=pki.at, allow_fetching=False
    )
    return [validate_pdf_signature(s, context).bottom_line for s in reader.embedded_regular_signatures]


@pytest.mark.service
@pytest.mark.parametrize("kind", [KeyKind.EC_P256, KeyKind.EC_P384, KeyKind.RSA_3072])
@pytest.mark.parametrize("level", ["B-B", "B-LT"])
def test_three_verifiers_that_are_not_ours_accept_every_algorithm(  # noqa: PLR0917 - fixtures
    sign: Any, pki: Any, sample_pdf: Any, tmp_path: Any, kind: Any, level: Any
):
    pdf = sample_pdf.page()
    signed = sign(pdf, level=level, credential=pki.credential(kind=kind))
    assert signed.level == level
    assert signed.pdf.startswith(pdf)
    assert len(signed.pdf) > len(pdf)
    assert pdfsig(signed.pdf, tmp_path) == (1, 1)
    assert openssl_accepts(signed.pdf, 0, tmp_path)
    assert pyhanko_accepts(signed.pdf, pki) == [True]


@pytest.mark.service
def test_person_then_seal_are_both_accepted_and_the_first_revision_is_a_prefix(
    signed_page: Any, sealed_page: Any, pki: Any, tmp_path: Any
):
    assert sealed_page.pdf.startswith(signed_page.pdf)
    assert pdfsig(sealed_page.pdf, tmp_path) == (2, 2)
    assert all(openssl_accepts(sealed_page.pdf, n, tmp_path) for n in (0, 1))
    assert pyhanko_accepts(sealed_page.pdf, pki) == [True, True]


@pytest.mark.parametrize("save", [{}, {"object_stream_mode": pikepdf.ObjectStreamMode.disable}, {"linearize": True}])
def test_tables_streams_and_linearised_files_are_continued(sign: Any, pki: Any, sample_pdf: Any, save: Any):
    pdf = sample_pdf.changed(sample_pdf.page(), lambda _: None, **save)
    assert pyhanko_accepts(sign(pdf, level="B-B").pdf, pki) == [True]


def test_certifying_leaves_a_reserved_field_for_the_seal(
    sign: Any, pki: Any, sample_pdf: Any, signature_picture: Any, seal_picture: Any
):
    first = sign(
        sample_pdf.page(), field_name="Person", mark=PersonMark(picture=signature_picture), certify=True,
        reserved=ReservedSeal(field_name="Seal"),
    )  # fmt: skip
    both = sign(first.pdf, field_name="Seal", credential=pki.seal(), mark=SealMark(picture=seal_picture))
    assert pyhanko_accepts(both.pdf, pki) == [True, True]


def test_every_revision_of_a_pdfa_file_keeps_the_rules_of_pdfa(
    sample_pdf: Any, signed_page: Any, sealed_page: Any, sign: Any, font: Any
):
    pdf = sample_pdf.page()
    assert pdfa.check(pikepdf.open(io.BytesIO(pdf)), "2b").findings == []
    copied = sign(sealed_page.pdf, field_name="Copy", mark=TextMark(lines=("SAO Y", "x"), font=font))
    for revision in (signed_page.pdf, sealed_page.pdf, copied.pdf):
        with pikepdf.open(io.BytesIO(revision)) as document:
            assert "/Version" not in document.Root
            assert set(document.Root.AcroForm.keys()) <= {"/Fields", "/SigFlags", "/DR", "/DA"}
            for widget in document.pages[0].Annots:
                assert int(widget.F) & 0b100  # Print
                assert not int(widget.F) & 0b11  # neither invisible nor hidden
                assert set(widget.AP.keys()) == {"/N"}
                for face in widget.AP.N.get("/Resources", {}).get("/Font", {}).values():
                    assert "/FontFile2" in face.DescendantFonts[0].FontDescriptor
            findings = pdfa.check(document, "2b").findings
            assert {f.kind for f in findings} <= {"unsupported"}, findings
            assert {f.rule for f in findings} <= {"pikepdf:schema-Catalog"}, findings


class WatchedKeys:
    """A key store that remembers whether it was asked to sign."""

    def __init__(self, inner: Any):
        self.inner, self.used = inner, 0

    def sign(self, key_id: Any, data: Any, algorithm: Any):
        self.used += 1
        return self.inner.sign(key_id, data, algorithm)


def refused(pki: Any, pdf: Any, error: Any, **request: Any):
    keys = WatchedKeys(pki.keys)
    values = {"credential": pki.credential(), "field_name": "Signature1"} | request
    with pytest.raises(error) as caught:
        sign_pdf(pdf, SigningRequest(**values), keys=keys, stamp=None, evidence=None, at=pki.at)
    assert keys.used == 0
    return caught.value


def test_documents_that_cannot_be_signed_are_refused_before_the_key_is_used(pki: Any, sample_pdf: Any):
    page = sample_pdf.page()
    for pdf, error, code in (
        (b"", MalformedDocument, "DOCUMENT_MALFORMED"),
        (b"PK\x03\x04zip", MalformedDocument, "DOCUMENT_MALFORMED"),
        (b"%PDF-1.7 and nothing else", MalformedDocument, "DOCUMENT_MALFORMED"),
        (page[: len(page) // 2], MalformedDocument, None),
        (page.replace(b"startxref", b"startxxxx"), DocumentDamaged, "DOCUMENT_DAMAGED"),
        (sample_pdf.encrypted(page), DocumentEncrypted, "DOCUMENT_ENCRYPTED"),
        (sample_pdf.encrypted(page, user="mật khẩu"), DocumentEncrypted, "DOCUMENT_ENCRYPTED"),
        (sample_pdf.hybrid(), DocumentHybrid, "DOCUMENT_HYBRID_XREF"),
        (sample_pdf.with_xfa(page), DocumentHasXfa, "DOCUMENT_XFA"),
    ):
        found = refused(pki, pdf, error)
        assert code is None or found.code == code


def test_a_field_is_signed_once_and_its_name_is_usable(pki: Any, signed_page: Any):
    assert refused(pki, signed_page.pdf, FieldTaken, field_name="Person").code == "SIGNATURE_FIELD_TAKEN"
    for name in ("", "a.b", "x" * 101, "tab\t"):
        refused(pki, signed_page.pdf, FieldTaken, field_name=name)


def test_a_certifying_signature_comes_first_or_not_at_all(pki: Any, signed_page: Any):
    refused(pki, signed_page.pdf, DocumentClosed, field_name="Second", certify=True)


@pytest.mark.parametrize("how", ["docmdp", "lock"])
def test_a_closed_document_takes_time_stamps_only(pki: Any, sign: Any, sample_pdf: Any, strangers: Any, how: Any):
    signed = sign(sample_pdf.page(), level="B-B", certify=True).pdf
    needle, closed = (b"/P 2", b"/P 1")
    assert needle in signed
    if how == "docmdp":
        pdf = signed.replace(needle, closed)  # the signature breaks; the promise counts all the same
        strangers.broken_on_purpose(pdf)
        assert refused(pki, pdf, DocumentClosed, field_name="More").code == "DOCUMENT_CLOSED"
        assert augment_pdf(pdf, stamp=pki.stamp, evidence=pki.evidence, at=pki.at).level == "B-LT"
    else:
        pdf = _locked(sample_pdf, sign(sample_pdf.page(), level="B-B").pdf)
        refused(pki, pdf, DocumentClosed, field_name="More")


def _locked(sample_pdf: Any, signed: Any):
    def lock(document: Any):
        field = document.Root.AcroForm.Fields[0]
        field.Lock = pikepdf.Dictionary(Type=pikepdf.Name.SigFieldLock, Action=pikepdf.Name.Include, Fields=["More"])

    return sample_pdf.changed(signed, lock)


def test_a_missing_key_produces_nothing(pki: Any, sample_pdf: Any):
    broken = pki.credential()
    pki_keys = WatchedKeys(pki.keys)
    pki.keys.destroy(broken.key_id)
    with pytest.raises(KeyNotFound):
        sign_pdf(
            sample_pdf.page(), SigningRequest(credential=broken, field_name="S"), keys=pki_keys, stamp=None,
            evidence=None, at=pki.at,
        )  # fmt: skip


def other_nonce(pki: Any):
    def stamp(request: Any):
        changed = tsp.TimeStampReq.load(request)
        changed["nonce"] = 12345
        return pki.stamp(changed.dump(force=True))

    return stamp


def other_imprint(pki: Any):
    def stamp(request: Any):
        changed = tsp.TimeStampReq.load(request)
        changed["message_imprint"]["hashed_message"] = b"\0" * 32
        return pki.stamp(changed.dump(force=True))

    return stamp


def dead(pki: Any):
    def stamp(request: Any):
        raise ConnectionError

    return stamp


@pytest.mark.parametrize(
    "make",
    [
        lambda _pki: lambda _request: b"",
        lambda _pki: lambda _request: b"\x30\x03\x02\x01\x05",
        lambda _pki: lambda _request: b"\0" * 300_000,
        lambda _pki: lambda _request: tsp.TimeStampResp({"status": {"status": "rejection"}}).dump(),
        other_nonce, other_imprint, dead,
    ],
)  # fmt: skip
def test_a_lying_or_dead_time_stamp_authority_is_a_typed_retryable_error(pki: Any, sample_pdf: Any, make: Any):
    with pytest.raises(TimestampUnavailable) as caught:
        sign_pdf(
            sample_pdf.page(), SigningRequest(credential=pki.credential(), field_name="S"), keys=pki.keys,
            stamp=make(pki), evidence=None, at=pki.at,
        )  # fmt: skip
    assert caught.value.retryable


def test_evidence_that_fails_is_an_error_and_no_evidence_is_a_lower_level(pki: Any, sample_pdf: Any):
    def failing(chain: Any):
        raise OSError

    request = SigningRequest(credential=pki.credential(), field_name="S")
    with pytest.raises(EvidenceUnavailable):
        sign_pdf(sample_pdf.page(), request, keys=pki.keys, stamp=pki.stamp, evidence=failing, at=pki.at)
    nothing = sign_pdf(
        sample_pdf.page(), request, keys=pki.keys, stamp=pki.stamp, evidence=lambda _: Evidence(), at=pki.at
    )
    assert nothing.level == "B-T"
    junk = Evidence(ocsps=(b"junk",))
    with pytest.raises(EvidenceUnavailable):
        sign_pdf(sample_pdf.page(), request, keys=pki.keys, stamp=pki.stamp, evidence=lambda _: junk, at=pki.at)


def test_the_evidence_source_gets_the_chains_of_signer_and_time_stamper(pki: Any, sample_pdf: Any):
    asked = []

    def source(chain: Any):
        asked.append(chain)
        return pki.evidence(chain)

    credential = pki.credential()
    request = SigningRequest(credential=credential, field_name="S")
    sign_pdf(sample_pdf.page(), request, keys=pki.keys, stamp=pki.stamp, evidence=source, at=pki.at)
    assert [chain[0] == credential.certificate for chain in asked] == [True, False]
    assert all(chain[1:] == (pki.ca.der, pki.root.der) for chain in asked)


def test_a_late_time_stamp_and_evidence_complete_a_bare_signature(pki: Any, sign: Any, sample_pdf: Any, tmp_path: Any):
    bare = sign(sample_pdf.page(), level="B-B")
    late = augment_pdf(bare.pdf, stamp=pki.stamp, evidence=pki.evidence, at=pki.at)
    assert late.level == "B-LT"
    assert late.pdf.startswith(bare.pdf)
    assert pyhanko_accepts(late.pdf, pki) == [True]
    assert pdfsig(late.pdf, tmp_path)[0] == 1  # poppler does not check document time-stamps


def test_there_is_nothing_to_augment_in_an_unsigned_file(pki: Any, sample_pdf: Any):
    with pytest.raises(Exception, match="no signature") as caught:
        augment_pdf(sample_pdf.page(), stamp=pki.stamp, evidence=pki.evidence, at=pki.at)
    assert caught.value.code == "DOCUMENT_NOT_SIGNABLE"


def test_a_seal_needs_a_visible_signature_of_a_person(pki: Any, sample_pdf: Any, seal_picture: Any):
    refused(pki, sample_pdf.page(), MarkHasNoPlace, mark=SealMark(picture=seal_picture))


def test_name_reason_capacity_and_place_stand_in_the_signature(sign: Any, sample_pdf: Any):
    signed = sign(sample_pdf.page(), level="B-B", reason="Phê duyệt", capacity="KT. CHỦ TỊCH", location="Quảng Yên")
    with pikepdf.open(io.BytesIO(signed.pdf)) as document:
        value = document.Root.AcroForm.Fields[0].V
        assert (str(value.Name), str(value.Reason)) == ("Nguyễn Thị Ánh", "KT. CHỦ TỊCH - Phê duyệt")
        assert str(value.Location) == "Quảng Yên"
        assert str(value.M).endswith("+07'00'")
        assert value.SubFilter == pikepdf.Name("/ETSI.CAdES.detached")
