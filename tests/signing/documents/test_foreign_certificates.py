"""Certificates of other authorities: whom they name, in whatever way, and files that hold many of them."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import CertificateMalformed
from signing.identity import CertificateClass
from signing.trust import Evidence, TrustProfile
from signing.validation import VN_TT15_2025, PathFailure
from signing.validation import foreign_files as files
from signing.validation.foreign import ForeignCertificate, examine_foreign

USER_ID = x509.ObjectIdentifier("0.9.2342.19200300.100.1.1")
NUMBER = "022190000001"


def name(*pairs: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])


def made(pki: Any, *pairs: tuple[x509.ObjectIdentifier, str], **more: Any) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    certificate = pki.certificate(
        name((NameOID.COMMON_NAME, "Lê Thị Hoa"), *pairs), key, more.pop("by", pki.ca), **more
    )
    return bytes(certificate.public_bytes(Encoding.DER))


def examine(pki: Any, der: bytes, profile: TrustProfile = TrustProfile.OFFICIAL, **more: Any) -> ForeignCertificate:
    evidence = more.pop("evidence", Evidence(certificates=(pki.ca.der,)))
    return examine_foreign(der, evidence, pki.anchors(profile), more.pop("at", pki.at), VN_TT15_2025)


@pytest.mark.parametrize(
    ("pairs", "kind", "number", "code"),
    [
        (((NameOID.SERIAL_NUMBER, f"PNOVN-{NUMBER}"),), CertificateClass.CITIZEN, NUMBER, None),
        (((NameOID.SERIAL_NUMBER, f"IDCVN-{NUMBER}"),), CertificateClass.CITIZEN, NUMBER, None),
        (((USER_ID, f"CCCD:{NUMBER}"),), CertificateClass.CITIZEN, NUMBER, None),
        (((NameOID.SERIAL_NUMBER, NUMBER),), CertificateClass.CITIZEN, NUMBER, None),
        (((NameOID.GIVEN_NAME, "Hoa"),), CertificateClass.CITIZEN, None, None),
        (((USER_ID, "CMND:123456789"), (NameOID.GIVEN_NAME, "Hoa")), CertificateClass.CITIZEN, None, None),
        (((USER_ID, f"CCCD:{NUMBER}"), (NameOID.ORGANIZATION_NAME, "UBND")), CertificateClass.PERSONAL, NUMBER, None),
        (((NameOID.TITLE, "Chủ tịch"), (NameOID.ORGANIZATION_NAME, "UBND")), CertificateClass.PERSONAL, None, None),
        (((NameOID.ORGANIZATION_NAME, "UBND"),), CertificateClass.ORG_SEAL, None, None),
        (((NameOID.ORGANIZATION_IDENTIFIER, "GO:VN-H49.61"),), CertificateClass.ORG_SEAL, None, "H49.61"),
        (((USER_ID, "MST:0101234567"), (NameOID.ORGANIZATION_NAME, "UBND")), CertificateClass.ORG_SEAL, None, None),
    ],
)
def test_holders_are_read_in_every_way_that_authorities_write_them(
    pki: Any, pairs: Any, kind: CertificateClass, number: str | None, code: str | None
) -> None:
    holder = examine(pki, made(pki, *pairs)).holder
    assert (holder.certificate_class, holder.personal_id, holder.org_code) == (kind, number, code)
    assert NUMBER not in repr(holder)


def test_two_numbers_that_differ_name_nobody(pki: Any) -> None:
    der = made(pki, (NameOID.SERIAL_NUMBER, f"PNOVN-{NUMBER}"), (USER_ID, "CCCD:022190000002"))
    with pytest.raises(CertificateMalformed):
        examine(pki, der)


def test_a_certificate_without_any_holder_is_none_of_ours(pki: Any) -> None:
    with pytest.raises(CertificateMalformed):
        examine(pki, made(pki))


def test_the_profile_is_the_anchors_and_decides_for_whom_it_counts(pki: Any) -> None:
    citizen, seal = made(pki, (USER_ID, f"CCCD:{NUMBER}")), made(pki, (NameOID.ORGANIZATION_NAME, "UBND"))
    for profile, for_citizen, for_seal in (
        (TrustProfile.OFFICIAL, False, True),
        (TrustProfile.PUBLIC, True, True),
        (TrustProfile.SPECIALISED, False, True),
        (TrustProfile.DEV, True, True),
    ):
        assert (examine(pki, citizen, profile).counts, examine(pki, seal, profile).counts) == (for_citizen, for_seal)
        assert examine(pki, citizen, profile).profile is profile


def test_one_development_certificate_on_the_path_makes_it_a_development_one(small_pki: Any) -> None:
    pki = small_pki.SmallPki(label="Plain")
    dev = pki.authority("Issuing DEV", pki.root)
    der = made(pki, (NameOID.ORGANIZATION_NAME, "UBND"), by=dev)
    found = examine(pki, der, evidence=Evidence(certificates=(dev.der,)))
    assert found.failure is None
    assert found.profile is TrustProfile.DEV


def test_failures_of_the_path_are_told_with_a_reason_and_without_a_profile(pki: Any) -> None:
    der = made(pki, (NameOID.ORGANIZATION_NAME, "UBND"))
    lonely = examine(pki, der, evidence=Evidence())
    assert (lonely.failure, lonely.profile, lonely.counts, lonely.chain) == (PathFailure.NO_CHAIN, None, False, ())
    assert examine(pki, der, at=pki.at + timedelta(days=700)).failure is PathFailure.EXPIRED
    lists = Evidence(certificates=(pki.ca.der,), crls=(pki.crl(pki.root),))
    assert examine(pki, der, evidence=lists).failure is PathFailure.STATUS_UNKNOWN


def test_an_authority_is_no_signer(pki: Any) -> None:
    der = made(pki, (NameOID.ORGANIZATION_NAME, "UBND"), ca=True)
    assert examine(pki, der).misplaced


def pem(*ders: bytes) -> bytes:
    return b"".join(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in ders)


def test_bundles_give_every_certificate_once_with_what_stands_above_it(pki: Any) -> None:
    one, two = (made(pki, (NameOID.ORGANIZATION_NAME, f"UBND {n}")) for n in "12")
    for content in (
        pem(one, pki.ca.der, two, pki.root.der, one),
        pkcs7.serialize_certificates(
            [x509.load_der_x509_certificate(der) for der in (one, pki.ca.der, two, pki.root.der)], Encoding.PEM
        ),
    ):
        found = files.bundled_certificates(content)
        assert {each.der for each in found} == {one, two}
        assert all(set(each.above) == {pki.ca.der, pki.root.der} for each in found)
    assert [each.position for each in files.bundled_certificates(pem(one, pki.ca.der, two))] == [1, 3]
    assert files.certificates_in(one) == (one,)
    assert files.certificates_in(base64.b64encode(one)) == (one,)


def test_what_cannot_be_read_stays_a_row_of_its_own(pki: Any) -> None:
    broken = b"-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"
    found = files.bundled_certificates(pem(made(pki, (NameOID.ORGANIZATION_NAME, "UBND"))) + broken)
    assert [(each.position, len(each.above)) for each in found] == [(1, 0), (2, 0)]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"hello",
        b"-----BEGIN CERTIFICATE-----\nAA=A\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"-----BEGIN X509 CRL-----\nMAMCAQE=\n-----END X509 CRL-----\n",
        b"-----BEGIN CERTIFICATE-----\nMAMC",
        b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80",
    ],
)
def test_files_without_certificates_are_malformed(content: bytes) -> None:
    with pytest.raises(CertificateMalformed):
        files.certificates_in(content)


def test_files_are_bounded(pki: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    two = pem(pki.ca.der, pki.root.der)
    with pytest.raises(CertificateMalformed, match="authorities"):
        files.bundled_certificates(two)
    monkeypatch.setattr(files, "MAX_CERTIFICATES", 1)
    with pytest.raises(CertificateMalformed, match="more than 1"):
        files.certificates_in(two)
    monkeypatch.setattr(files, "MAX_BYTES", 10)
    with pytest.raises(CertificateMalformed, match="larger"):
        files.certificates_in(two)


def test_names_that_form_a_circle_end(small_pki: Any) -> None:
    pki = small_pki.SmallPki(label="Circle")
    key = ec.generate_private_key(ec.SECP256R1())
    names = [name((NameOID.COMMON_NAME, f"Circle {n}")) for n in range(40)]
    ring = [
        pki.certificate(names[n], key.public_key(), small_pki.Authority(names[n - 1], key, None), ca=True)
        for n in range(40)
    ]
    leaf = made(pki, (NameOID.ORGANIZATION_NAME, "UBND"), by=small_pki.Authority(names[0], key, None))
    content = b"".join(one.public_bytes(Encoding.PEM) for one in ring) + pem(leaf)
    (found,) = files.bundled_certificates(content)
    assert len(found.above) == 5


def test_lists_come_as_pem_or_base64(pki: Any) -> None:
    der = pki.crl(pki.root)
    text = x509.load_der_x509_crl(der).public_bytes(Encoding.PEM).decode()
    assert files.revocation_lists((text, base64.b64encode(der).decode())) == (der, der)
    for bad in ("AAAA", "!", "-----BEGIN X509 CRL-----"):
        with pytest.raises(CertificateMalformed):
            files.revocation_lists((bad,))


@given(st.binary(max_size=600))
def test_whatever_a_file_holds_the_answer_is_certificates_or_malformed(content: bytes) -> None:
    for data in (content, b"\x30" + content, b"-----BEGIN CERTIFICATE-----\n" + base64.b64encode(content)):
        try:
            found = files.bundled_certificates(data)
        except CertificateMalformed:
            continue
        assert all(isinstance(each.der, bytes) for each in found)
