"""Encrypted documents: opened without a password where one is enough to own them, else with the one that was given."""

import io
import warnings
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signing.validation import VN_TT15_2025, Verdict, verify_pdf
from signing.validation.coverage import signature_coverage
from signing.validation.document import DocumentFaultError, open_document
from signing.validation.reading import get, page_nodes
from tests.fakes import sample_pdf

KINDS = {
    "RC4-40": {"R": 2, "aes": False, "metadata": False},
    "RC4-128": {"R": 3, "aes": False, "metadata": False},
    "RC4-128-V4": {"R": 4, "aes": False, "metadata": False},
    "AES-128": {"R": 4},
    "AES-256-R5": {"R": 5},
    "AES-256-R6": {"R": 6},
}


def locked(kind: str, user: str) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # revision 5 is deprecated; files with it are not gone
        lock = pikepdf.Encryption(owner="chủ" if KINDS[kind]["R"] >= 5 else "chu", user=user, **KINDS[kind])  # type: ignore[arg-type,operator]  # two kinds of values
        return sample_pdf.changed(sample_pdf.small(), lambda _: None, encryption=lock)


def fault_of(pdf: bytes, password: str | None = None) -> str:
    with pytest.raises(DocumentFaultError) as caught:
        open_document(pdf, password)
    return caught.value.code


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("password", [None, "", "whatever"])
def test_a_document_with_an_owner_password_only_opens_for_everybody(kind: str, password: str | None):
    document = open_document(locked(kind, ""), password)
    (page,) = page_nodes(document.reader.root)
    assert get(page, "/Contents").data.startswith(b"0 0 1 rg")
    assert (document.disagreement, document.repaired) == (None, False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_opens_with_either_of_its_passwords_and_with_no_other(kind: str):
    pdf = locked(kind, "khóa")
    owner = "chủ" if KINDS[kind]["R"] >= 5 else "chu"  # type: ignore[operator]  # numbers under this key
    for password in ("khóa", owner):
        assert open_document(pdf, password).disagreement is None
    assert fault_of(pdf) == "DOCUMENT_ENCRYPTED"
    assert fault_of(pdf, "") == "DOCUMENT_ENCRYPTED"
    assert fault_of(pdf, "sai") == "PASSWORD_WRONG"
    assert fault_of(pdf, "k" * 100_000) == "PASSWORD_WRONG"


def test_a_document_for_certain_recipients_is_encrypted_whatever_the_password():
    entries = b"<< /Filter /Adobe.PubSec /SubFilter /adbe.pkcs7.s5 /V 4 /Recipients [] /CF << >> >>"
    pdf = sample_pdf.assembled(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>", entries],
        trailer=b"/Encrypt 3 0 R",
    )
    assert fault_of(pdf) == fault_of(pdf, "x") == "DOCUMENT_ENCRYPTED"


def test_a_document_without_an_id_opens_all_the_same():
    pdf = locked("AES-256-R6", "")
    start = pdf.rindex(b"/ID [")
    bare = (
        pdf[:start]
        + pdf[start : pdf.index(b"]", start) + 1].replace(b"/ID", b"/IX")
        + pdf[pdf.index(b"]", start) + 1 :]
    )
    assert open_document(bare).disagreement is None


def signer_of(pki: Any) -> signers.SimpleSigner:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Nguyễn Thị Ánh")])
    leaf = pki.certificate(subject, key.public_key(), pki.ca).public_bytes(Encoding.DER)
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(leaf), signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=SimpleCertificateStore(),
    )  # fmt: skip


@pytest.fixture(scope="module", params=["RC4-128", "AES-128", "AES-256-R6"])
def signed_and_locked(pki: Any, request: Any) -> bytes:
    """Two signatures in an encrypted document, set by pyHanko's signer (ours refuses encrypted files)."""
    pdf = locked(request.param, "khóa")
    for name in ("Ký", "Dấu"):
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
        writer.encrypt("khóa")
        meta = signers.PdfSignatureMetadata(field_name=name, name="Nguyễn", subfilter=SigSeedSubFilter.PADES)
        pdf = signers.sign_pdf(writer, meta, signer_of(pki)).getvalue()
    return pdf


def test_signatures_of_an_encrypted_document_are_found_and_cover_what_they_should(signed_and_locked: bytes):
    document = open_document(signed_and_locked, "khóa")
    assert (document.disagreement, document.repaired) == (None, False)
    assert [field.name for field in document.fields] == ["Ký", "Dấu"]
    first, second = (signature_coverage(document, field) for field in document.fields)
    assert first.end < second.end == len(signed_and_locked)
    assert all(
        field.claimed_time is not None for field in document.fields
    )  # strings are encrypted, the container is not
    assert str(document.fields[0].value["/Name"]) == "Nguyễn"
    assert document.reader.get_historical_root(0)["/Pages"]["/Count"] == 1
    assert fault_of(signed_and_locked) == "DOCUMENT_ENCRYPTED"
    assert fault_of(signed_and_locked, "sai") == "PASSWORD_WRONG"


def test_a_signature_in_an_encrypted_document_is_intact(pki: Any, signed_and_locked: bytes):
    how: Any = {"anchors": pki.anchors(), "policy": VN_TT15_2025, "at": pki.at + timedelta(days=1), "password": "khóa"}
    report = verify_pdf(signed_and_locked, **how)
    assert [s.intact for s in report.signatures] == [True, True]
    number = signed_and_locked.index(b"/ByteRange")
    broken = signed_and_locked[:number] + b"/ByteRagne" + signed_and_locked[number + 10 :]
    assert verify_pdf(broken, **how).verdict is not Verdict.VALID
