"""What a key may sign at all: learned from its certificate, never from who asks, and never changed."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, csr, tsp
from asn1crypto import keys as asn1_keys
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from api.db import Database
from signing.authorisation_sql import Book, KeptKeys, KeyPurpose
from signing.errors import AuthorisationRequired, KeyNotFound, KeyUseRefused
from signing.keys import KeyKind, MemoryBlobs, SignatureAlgorithm, SoftwareKeyStore
from signing.keys.der import OCTET_STRING, SEQUENCE, generalized_time, oid, signed, tlv
from signing.signer import GuardedKeys

AT = datetime(2026, 11, 23, tzinfo=UTC)
ALGORITHM = SignatureAlgorithm.ECDSA_SHA256
SERVICE_POLICY = "1.2.3.4"
OCSP = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
TSA = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
ROOT, ISSUING = x509.BasicConstraints(ca=True, path_length=None), x509.BasicConstraints(ca=True, path_length=0)


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[GuardedKeys]:
    database = Database(f"sqlite:///{tmp_path / 'book.sqlite3'}")
    book = Book(transaction=database.transaction, reading=database.reading)
    book.prepare()
    book.prepare()
    keys = SoftwareKeyStore(MemoryBlobs(), bytes(32))
    yield GuardedKeys(keys=keys, book=book, clock=lambda: AT, service_policies=frozenset({oid(SERVICE_POLICY)}))
    database.close()


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def tbs(spki: bytes, subject: str, issuer: str, *extensions: x509.ExtensionType) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(load_der_public_key(spki))  # type: ignore[arg-type] # a key of ours
        .serial_number(7)
        .not_valid_before(AT)
        .not_valid_after(AT + timedelta(days=9))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).tbs_certificate_bytes


def crl(issuer: str) -> bytes:
    builder = x509.CertificateRevocationListBuilder().issuer_name(name(issuer)).last_update(AT).next_update(AT)
    return builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).tbs_certlist_bytes


def ocsp_answer(certificate: x509.Certificate, encoding: ocsp.OCSPResponderEncoding) -> bytes:
    """A ResponseData in the name of that certificate's holder."""
    if encoding is ocsp.OCSPResponderEncoding.NAME:
        responder = tlv(0xA1, certificate.subject.public_bytes())
    else:
        digest = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest
        responder = tlv(0xA2, tlv(OCTET_STRING, digest))
    return tlv(SEQUENCE, responder, generalized_time(AT), tlv(SEQUENCE))


def attributes(kind: str = "data", certificate: bytes = b"") -> bytes:
    named = tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(certificate).digest()})]})
    values = (("content_type", kind), ("message_digest", b"d" * 32), ("signing_certificate_v2", named))
    return bytes(
        cms.CMSAttributes([cms.CMSAttribute({"type": one, "values": [value]}) for one, value in values]).dump()
    )


class House:
    """A hierarchy of keys behind the guard."""

    def __init__(self, guard: GuardedKeys) -> None:
        self.guard = guard
        self.spki: dict[str, bytes] = {}
        self.certificates: dict[str, x509.Certificate] = {}
        self.certify("root", "root", ROOT)
        self.certify("ca", "root", ISSUING)
        self.certify("ocsp", "ca", OCSP)
        self.certify("tsa", "ca", TSA)
        self.certify("holder", "ca")
        policy = x509.PolicyInformation(x509.ObjectIdentifier(SERVICE_POLICY), None)
        self.certify("seal", "ca", x509.CertificatePolicies([policy]))

    def certify(self, subject: str, issuer: str, *extensions: x509.ExtensionType) -> None:
        if subject not in self.spki:
            self.spki[subject] = self.guard.generate(f"hsm_{subject}", KeyKind.EC_P256)
        data = tbs(self.spki[subject], subject, issuer, *extensions)
        signature = self.guard.sign(f"hsm_{issuer}", data, ALGORITHM)
        self.certificates[subject] = x509.load_der_x509_certificate(signed(data, ALGORITHM, signature))

    def sign(self, key: str, data: bytes) -> bytes:
        return self.guard.sign(f"hsm_{key}", data, ALGORITHM)


@pytest.fixture
def house(guard: GuardedKeys) -> House:
    return House(guard)


def test_purposes_are_learned_from_the_certificates_that_an_authority_signs(house: House) -> None:
    with house.guard.book.reading() as tx:
        found = {one: KeptKeys(tx).get(f"hsm_{one}") for one in house.spki}
    assert {one: key.purpose for one, key in found.items()} == {
        "root": KeyPurpose.AUTHORITY,
        "ca": KeyPurpose.AUTHORITY,
        "ocsp": KeyPurpose.OCSP,
        "tsa": KeyPurpose.TSA,
        "holder": KeyPurpose.HOLDER,
        "seal": KeyPurpose.SERVICE,
    }
    assert [found[one].certifies_authorities for one in ("root", "ca")] == [True, False]


def test_each_key_signs_what_it_is_for(house: House) -> None:
    for key, data in (
        ("root", crl("root")),
        ("ca", crl("ca")),
        ("ocsp", ocsp_answer(house.certificates["ocsp"], ocsp.OCSPResponderEncoding.HASH)),
        ("ocsp", ocsp_answer(house.certificates["ocsp"], ocsp.OCSPResponderEncoding.NAME)),
        ("tsa", attributes("tst_info")),
        ("seal", attributes()),
    ):
        assert house.sign(key, data)
    with pytest.raises(AuthorisationRequired) as caught:
        house.sign("holder", attributes())
    assert caught.value.code == "AUTHORISATION_REQUIRED"


def stranger() -> bytes:
    return (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )


CROSS_USE: dict[str, tuple[str, Callable[[House], bytes]]] = {
    "an authority signs a document": ("ca", lambda _: attributes()),
    "an authority stamps time": ("ca", lambda _: attributes("tst_info")),
    "an authority answers OCSP": (
        "ca",
        lambda house: ocsp_answer(house.certificates["ca"], ocsp.OCSPResponderEncoding.HASH),
    ),
    "an authority signs a list in another name": ("ca", lambda _: crl("root")),
    "an authority certifies in another name": ("ca", lambda house: tbs(house.spki["holder"], "holder", "root")),
    "an issuing authority makes an authority": ("ca", lambda house: tbs(house.spki["ca"], "ca", "ca", ROOT)),
    "a root makes an authority of a stranger": ("root", lambda _: tbs(stranger(), "evil", "root", ISSUING)),
    "a root gives an authority another name": ("root", lambda house: tbs(house.spki["ca"], "other", "root", ISSUING)),
    "a root lets an issuing authority make more": ("root", lambda house: tbs(house.spki["ca"], "ca", "root", ROOT)),
    "a responder becomes a time-stamp unit": ("ca", lambda house: tbs(house.spki["ocsp"], "ocsp", "ca", TSA)),
    "a holder's key becomes the platform's seal": (
        "ca",
        lambda house: tbs(
            house.spki["holder"],
            "holder",
            "ca",
            x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(SERVICE_POLICY), None)]),
        ),
    ),
    "a responder certifies": ("ocsp", lambda house: tbs(house.spki["holder"], "holder", "ocsp")),
    "a responder signs a list": ("ocsp", lambda _: crl("ocsp")),
    "a responder answers for another": (
        "ocsp",
        lambda house: ocsp_answer(house.certificates["tsa"], ocsp.OCSPResponderEncoding.HASH),
    ),
    "an issuing authority makes an authority of a kept key": (
        "ca",
        lambda house: tbs(house.guard.generate("hsm_below", KeyKind.EC_P256), "below", "ca", ISSUING),
    ),
    "a responder answers in another name": (
        "ocsp",
        lambda house: ocsp_answer(house.certificates["tsa"], ocsp.OCSPResponderEncoding.NAME),
    ),
    "a time-stamp unit signs a document": ("tsa", lambda _: attributes()),
    "a time-stamp unit certifies": ("tsa", lambda house: tbs(house.spki["tsa"], "tsa", "tsa")),
    "a holder stamps time": ("holder", lambda _: attributes("tst_info")),
    "a holder makes himself an authority": ("holder", lambda house: tbs(house.spki["holder"], "h", "h", ROOT)),
    "a seal stamps time": ("seal", lambda _: attributes("tst_info")),
    "anything at all": ("ca", lambda _: b"hash me"),
    "nothing": ("ca", lambda _: b""),
}


@pytest.mark.parametrize("attack", CROSS_USE)
def test_a_key_signs_nothing_that_it_is_not_for(house: House, attack: str) -> None:
    key, make = CROSS_USE[attack]
    with pytest.raises(KeyUseRefused) as caught:
        house.sign(key, make(house))
    assert caught.value.code == "KEY_USE_REFUSED"


def test_a_new_key_certifies_only_itself_and_only_as_a_root(house: House) -> None:
    spki = house.guard.generate("hsm_new", KeyKind.EC_P256)
    for data in (
        tbs(spki, "new", "new"),
        tbs(spki, "new", "root", ROOT),
        tbs(house.spki["ca"], "ca", "new", ISSUING),
        crl("new"),
        attributes(),
        attributes("tst_info"),
    ):
        with pytest.raises(KeyUseRefused):
            house.sign("new", data)
    assert house.sign("new", tbs(spki, "new", "new", ROOT))


def test_the_same_certificate_for_a_known_key_may_be_signed_again(house: House) -> None:
    assert house.sign("root", tbs(house.spki["ca"], "ca", "root", ISSUING))
    assert house.sign("ca", tbs(house.spki["holder"], "holder", "ca"))
    assert house.sign("ca", tbs(stranger(), "a token of its holder", "ca"))


def test_a_key_may_ask_for_a_certificate_about_itself_and_no_other(house: House) -> None:
    spki = house.guard.generate("key_1", KeyKind.EC_P256)

    def request(public: bytes) -> bytes:
        info = csr.CertificationRequestInfo(
            {"version": "v1", "subject": csr.Name.load(name("x").public_bytes()),
             "subject_pk_info": asn1_keys.PublicKeyInfo.load(public), "attributes": []}
        )  # fmt: skip
        return bytes(info.dump())

    assert house.guard.sign("key_1", request(spki), ALGORITHM)
    for key, public in (("key_1", house.spki["ca"]), ("hsm_ca", house.spki["ca"])):
        with pytest.raises(KeyUseRefused):
            house.guard.sign(key, request(public), ALGORITHM)


def test_keys_are_known_by_the_guard_or_not_at_all(house: House) -> None:
    house.guard.keys.generate("key_behind", KeyKind.EC_P256)
    with pytest.raises(KeyNotFound):
        house.guard.sign("key_behind", attributes(), ALGORITHM)
    with pytest.raises(KeyUseRefused):
        house.guard.destroy("hsm_ca")
    house.guard.destroy("hsm_holder")
    for call in (house.guard.public_key, house.guard.destroy):
        with pytest.raises(KeyNotFound):
            call("hsm_holder")


def test_a_key_that_was_certified_elsewhere_is_adopted_with_its_own_certificate_only(house: House) -> None:
    spki = house.guard.keys.generate("key_old", KeyKind.EC_P256)
    other = ec.generate_private_key(ec.SECP256R1())
    data = tbs(spki, "old", "elsewhere", TSA)
    der = signed(data, ALGORITHM, other.sign(data, ec.ECDSA(hashes.SHA256())))
    assert house.guard.adopt("key_old", der).purpose is KeyPurpose.TSA
    assert house.guard.adopt("key_old", der).purpose is KeyPurpose.TSA
    assert house.guard.sign("key_old", attributes("tst_info"), ALGORITHM)
    with pytest.raises(KeyUseRefused):
        house.guard.adopt("hsm_ca", der)
    house.guard.generate("key_new", KeyKind.EC_P256)
    with pytest.raises(KeyUseRefused):  # of another key, though this one is for nothing yet
        house.guard.adopt("key_new", der)
    with pytest.raises(KeyNotFound):
        house.guard.adopt("key_none", der)


def test_a_holder_is_bound_for_ever_unless_the_operator_releases_the_key(house: House) -> None:
    def bind(person: str) -> Any:
        with house.guard.book.transaction() as tx:
            KeptKeys(tx).bind_holder("hsm_holder", person)

    bind("sub_1")
    bind("sub_1")
    with pytest.raises(KeyUseRefused):
        bind("sub_2")
    house.guard.release_holder("hsm_holder")
    bind("sub_2")
    with pytest.raises(KeyNotFound):
        house.guard.release_holder("hsm_none")
    assert replace(house.guard, service_policies=frozenset()).keys is house.guard.keys
