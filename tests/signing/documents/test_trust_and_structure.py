"""Anchors and evidence as values, and the rules on the form of one certificate."""

import io
from dataclasses import replace
from typing import Any

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from signing.errors import CertificateMalformed
from signing.identity import DEFAULT_ARC
from signing.trust import Evidence, TrustAnchor, TrustAnchors, TrustProfile, anchors_from_bytes, is_development
from signing.trust.loading import MAX_ANCHOR_BYTES
from signing.validation import candidates
from signing.validation.candidates import load_certificate, make_pool
from signing.validation.coherence import incoherence
from signing.validation.container import ContainerFaultError, digest_of, read_container
from signing.validation.general_names import NameKind
from signing.validation.name_constraints import MAX_NAMES, read_naming
from signing.validation.outline import read_outline
from signing.validation.structure import MAX_EXTENSIONS, Role, structure_fault


def test_a_pem_bundle_and_a_der_file_become_anchors_of_their_profile(pki: Any) -> None:
    pem = b"".join(c.certificate.public_bytes(Encoding.PEM) for c in (pki.root, pki.ca))
    found = anchors_from_bytes(pem, profile=TrustProfile.OFFICIAL)
    assert [a.name for a in found] == ["Test Root", "Test Issuing"]
    assert {a.profile for a in found} == {TrustProfile.OFFICIAL}
    assert anchors_from_bytes(pki.root.der, profile=TrustProfile.DEV)[0].certificate == pki.root.der


@pytest.mark.parametrize("name", ["Anso DEV - CA", "DEV root", "Root (DEV)", "CA_DEV", "Gốc DEV"])
def test_a_root_whose_name_says_development_is_an_anchor_without_legal_value(small_pki: Any, name: str) -> None:
    root = small_pki.SmallPki(label=name).root.der
    assert is_development(root)
    assert [a.profile for a in anchors_from_bytes(root, profile=TrustProfile.OFFICIAL)] == [TrustProfile.DEV]


def test_a_root_with_the_development_policy_is_one_without_the_word(pki: Any) -> None:
    policy = x509.PolicyInformation(x509.ObjectIdentifier(DEFAULT_ARC.development_policy), None)
    root = made(pki, (x509.CertificatePolicies([policy]), False), ca=True).dump()
    assert [a.profile for a in anchors_from_bytes(root, profile=TrustProfile.PUBLIC)] == [TrustProfile.DEV]


@pytest.mark.parametrize("name", ["DEVELOPERS bank", "Cadev", "MODEV"])
def test_a_name_that_only_contains_the_letters_is_no_development_root(small_pki: Any, name: str) -> None:
    assert not is_development(small_pki.SmallPki(label=name).root.der)


def test_what_is_no_certificate_says_nothing_about_development() -> None:
    with pytest.raises(CertificateMalformed):
        is_development(b"x")


@pytest.mark.parametrize(
    "data", [b"", b"text", b"-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----", bytes(MAX_ANCHOR_BYTES + 1)]
)
def test_what_is_no_certificate_is_no_anchor(data: bytes) -> None:
    with pytest.raises(CertificateMalformed) as caught:
        anchors_from_bytes(data, profile=TrustProfile.PUBLIC)
    assert caught.value.code == "CERT_MALFORMED"


def test_a_set_of_anchors_is_never_changed_and_finds_by_content(pki: Any) -> None:
    dev = TrustAnchor(profile=TrustProfile.DEV, certificate=pki.root.der, name="dev")
    official = TrustAnchor(profile=TrustProfile.OFFICIAL, certificate=pki.ca.der, name="official")
    one = TrustAnchors((dev,))
    both = one.plus([official, TrustAnchor(profile=TrustProfile.DEV, certificate=pki.root.der, name="again")])
    assert (len(one), len(both), list(both)) == (1, 2, [dev, official])
    public = TrustAnchor(profile=TrustProfile.PUBLIC, certificate=pki.root.der, name="the same for another regime")
    assert list(both.plus([public]).only(TrustProfile.PUBLIC)) == [public]
    assert both.plus([public]).certificates == (pki.root.der, pki.ca.der)
    assert both.without(TrustProfile.DEV) == TrustAnchors((official,))
    assert both.find(pki.root.der) is dev
    assert both.find(b"other") is None
    assert both.certificates == (pki.root.der, pki.ca.der)


def test_evidence_merges_without_repetition_and_certificates_are_no_status() -> None:
    one = Evidence(certificates=(b"a", b"b"), ocsps=(b"o",))
    both = one.merged(Evidence(certificates=(b"b", b"c"), ocsps=(b"o",), crls=(b"l",)))
    assert both == Evidence(certificates=(b"a", b"b", b"c"), ocsps=(b"o",), crls=(b"l",))
    assert Evidence(certificates=(b"a",)).is_empty()
    assert not both.is_empty()


def made(pki: Any, *extra: Any, ca: bool = False, subject: x509.Name | None = None) -> Any:
    name = subject if subject is not None else x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    certificate = pki.certificate(
        name, ec.generate_private_key(ec.SECP256R1()).public_key(), pki.ca, extra=extra, ca=ca
    )
    return load_certificate(certificate.public_bytes(Encoding.DER))


def test_an_authority_without_a_name_is_malformed(pki: Any) -> None:
    assert structure_fault(made(pki, ca=True, subject=x509.Name([])), Role.AUTHORITY) == "a CA with an empty subject"
    assert structure_fault(made(pki, ca=True), Role.AUTHORITY) is None


def test_bounds_on_names_and_constraints(pki: Any) -> None:
    names = [x509.DNSName(f"h{n}.example.vn") for n in range(MAX_NAMES + 1)]
    many = made(pki, (x509.NameConstraints(names, None), True), ca=True)
    with pytest.raises(ValueError, match="name constraints"):
        read_naming(read_outline(many.dump()))
    few = made(pki, (x509.NameConstraints(names[:3], names[3:5]), True), ca=True)
    assert set(read_naming(read_outline(few.dump())).permitted) == {NameKind.DNS}
    assert MAX_EXTENSIONS > 20


def pooled(pool: Any) -> list[bytes]:
    return [outline.der for group in pool.by_subject.values() for outline in group]


def test_a_pool_keeps_each_certificate_once_and_says_what_it_dropped(pki: Any) -> None:
    pool = make_pool([pki.ca.der, pki.ca.der, b"junk", pki.root.der])
    assert pooled(pool) == [pki.ca.der, pki.root.der]
    assert len(pool.dropped) == 1
    full = make_pool([made(pki).dump() for _ in range(3)] + [bytes([n % 256, n // 256]) for n in range(10)])
    assert len(pooled(full)) == 3


def test_a_pool_has_a_bound(pki: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(candidates, "MAX_OFFERED", 1)
    assert make_pool([pki.ca.der, pki.root.der]).dropped == ("more than 1 certificates",)


def container_of(pki: Any, sign: Any, sample_pdf: Any) -> Any:

    with pikepdf.open(io.BytesIO(sign(sample_pdf.small(), level="B-B").pdf)) as document:
        return read_container(bytes(document.Root.AcroForm.Fields[0].V.Contents))


def test_a_container_that_contradicts_itself_is_found(pki: Any, sign: Any, sample_pdf: Any) -> None:

    container = container_of(pki, sign, sample_pdf)
    assert incoherence(container) is None
    assert "decode" in str(incoherence(replace(container, certificates=(b"junk",))))
    forged = bytearray(pki.ca.der)
    forged[-3] ^= 1
    damaged = incoherence(replace(container, certificates=(bytes(forged), pki.root.der)))
    assert damaged == "a certificate of the container is damaged"
    assert "version" in str(incoherence(replace(container, parts=replace(container.parts, version=2))))
    other = bytes.fromhex("300b0609608648016503040203")  # SHA-512
    assert "digest" in str(incoherence(replace(container, parts=replace(container.parts, digest_algorithms=(other,)))))


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"])
def test_what_is_no_signed_data_is_a_fault(data: bytes) -> None:
    with pytest.raises(ContainerFaultError):
        read_container(data)


def test_an_unknown_digest_is_unsupported_not_broken() -> None:
    with pytest.raises(ContainerFaultError) as caught:
        digest_of((b"x",), "whirlpool-9")
    assert caught.value.unsupported
