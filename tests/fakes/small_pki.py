"""A public-key infrastructure in memory for tests: root, one issuing authority, a time-stamper, status answers.

Independent of our own authority on purpose: what signs and what validates must agree with a stranger's certificates.
"""

import asyncio
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_public_key,
)
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from signing.identity import DEFAULT_ARC, CertificateClass, encode_secondary
from signing.keys import ALGORITHM_OF_KIND, Credential, KeyKind, MemoryBlobs, SoftwareKeyStore
from signing.trust import Evidence, TrustAnchor, TrustAnchors, TrustProfile

SIGNED_AT = datetime(2026, 8, 5, 2, 0, tzinfo=UTC)


def _name(**parts: str) -> x509.Name:
    oids = {
        "c": NameOID.COUNTRY_NAME,
        "o": NameOID.ORGANIZATION_NAME,
        "title": NameOID.TITLE,
        "sn": NameOID.SERIAL_NUMBER,
        "cn": NameOID.COMMON_NAME,
    }
    return x509.Name([x509.NameAttribute(oids[k], v) for k, v in parts.items() if v])


@dataclass
class Authority:
    """A certificate authority with its key in memory."""

    name: x509.Name
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


@dataclass
class SmallPki:
    """Everything a test needs; times can be moved before something is made."""

    at: datetime = SIGNED_AT
    stamp_at: datetime | None = None
    revoked: dict[int, tuple[datetime, x509.ReasonFlags]] = field(default_factory=dict)
    evidence_at: datetime | None = None
    label: str = "Test"
    address: str = "http://pki.example.vn"
    """Where its certificates say that their status is told."""

    def __post_init__(self) -> None:
        self.keys = SoftwareKeyStore(MemoryBlobs(), b"k" * 32)
        self._ids = itertools.count(1)
        self.root = self.authority(f"{self.label} Root", None)
        self.ca = self.authority(f"{self.label} Issuing", self.root)

    def serial(self) -> int:
        return 0x1000 + next(self._ids)

    def authority(self, cn: str, parent: Authority | None) -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(c="VN", o="Anso test", cn=cn)
        der = self.certificate(
            name, key.public_key(), parent or Authority(name, key, None), ca=True, end=self.at + timedelta(days=3650)
        )
        return Authority(name, key, der)

    def certificate(
        self,
        subject: x509.Name,
        public_key: object,
        issuer: Authority,
        *,
        ca: bool = False,
        start: datetime | None = None,
        end: datetime | None = None,
        policy: str | None = None,
        extra: tuple[tuple[x509.ExtensionType, bool], ...] = (),
        status: bool = True,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.name)
            .public_key(public_key)
            .serial_number(self.serial())
            .not_valid_before(start or self.at - timedelta(days=30))
            .not_valid_after(end or self.at + timedelta(days=365))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False
            )
            .add_extension(
                x509.KeyUsage(
                    digital_signature=False, content_commitment=not ca, key_encipherment=False, data_encipherment=False,
                    key_agreement=False, key_cert_sign=ca, crl_sign=ca, encipher_only=False, decipher_only=False,
                ),
                critical=True,
            )
        )  # fmt: skip
        if status:
            url = x509.UniformResourceIdentifier(f"{self.address}/ca.crl")
            builder = builder.add_extension(
                x509.CRLDistributionPoints([x509.DistributionPoint([url], None, None, None)]), critical=False
            )
            if not ca:
                ocsp_url = x509.UniformResourceIdentifier(f"{self.address}/ocsp")
                builder = builder.add_extension(
                    x509.AuthorityInformationAccess(
                        [x509.AccessDescription(AuthorityInformationAccessOID.OCSP, ocsp_url)]
                    ),
                    critical=False,
                )
        if policy:
            info = x509.PolicyInformation(x509.ObjectIdentifier(policy), None)
            builder = builder.add_extension(x509.CertificatePolicies([info]), critical=False)
        for value, critical in extra:
            builder = builder.add_extension(value, critical=critical)
        return builder.sign(issuer.key, hashes.SHA256())

    def credential(
        self,
        cn: str = "Nguyễn Thị Ánh",
        *,
        kind: KeyKind = KeyKind.EC_P256,
        certificate_class: CertificateClass = CertificateClass.PERSONAL,
        ordinal: int = 1,
        title: str = "Phó Chủ tịch",
        organisation: str = "UBND phường Yên Giang",
        personal_id: str = "PNOVN-022190000001",
        start: datetime | None = None,
        end: datetime | None = None,
        status: bool = True,
    ) -> Credential:
        key_id = f"key_{next(self._ids)}"
        public = load_der_public_key(self.keys.generate(key_id, kind))
        extra: tuple[tuple[x509.ExtensionType, bool], ...] = ()
        if ordinal > 1:
            value = encode_secondary(ordinal, "ab" * 32)
            oid = x509.ObjectIdentifier(DEFAULT_ARC.secondary_extension)
            extra = ((x509.UnrecognizedExtension(oid, value), False),)
        certificate = self.certificate(
            _name(c="VN", o=organisation, title=title, sn=personal_id, cn=cn), public, self.ca,
            start=start, end=end, policy=DEFAULT_ARC.policy(certificate_class, secondary=ordinal > 1), extra=extra,
            status=status,
        )  # fmt: skip
        return Credential(
            key_id=key_id,
            certificate=certificate.public_bytes(Encoding.DER),
            chain=(self.ca.der, self.root.der),
            algorithm=ALGORITHM_OF_KIND[kind],
        )

    def seal(self, **more: object) -> Credential:
        values = {
            "certificate_class": CertificateClass.ORG_SEAL, "title": "", "ordinal": 2, "cn": "UBND phường Yên Giang",
            "personal_id": "",
        }  # fmt: skip
        return self.credential(**(values | more))

    def revoke(self, credential: Credential, at: datetime, reason: x509.ReasonFlags) -> None:
        serial = x509.load_der_x509_certificate(credential.certificate).serial_number
        self.revoked[serial] = (at, reason)

    @cached_property
    def _tsa(self) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        usage = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)
        name = _name(c="VN", o="Anso test", cn=f"{self.label} TSA")
        return self.certificate(name, key.public_key(), self.ca, extra=(usage,)), key

    def stamp(self, request: bytes) -> bytes:
        certificate, key = self._tsa
        pkcs8 = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        stamper = DummyTimeStamper(
            asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)),
            asn1_keys.PrivateKeyInfo.load(pkcs8),
            certs_to_embed=[asn1_x509.Certificate.load(self.ca.der)],
            fixed_dt=self.stamp_at or self.at,
        )
        response = asyncio.run(stamper.async_request_tsa_response(tsp.TimeStampReq.load(request)))
        return response.dump()

    def crl(self, issuer: Authority) -> bytes:
        now = self.evidence_at or self.at
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.name)
            .last_update(now - timedelta(minutes=5))
            .next_update(now + timedelta(days=7))
            .add_extension(x509.CRLNumber(1), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
        )
        for serial, (when, reason) in self.revoked.items():
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when)
            builder = builder.add_revoked_certificate(
                entry.add_extension(x509.CRLReason(reason), critical=False).build()
            )
        return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def ocsp(self, certificate: bytes, named_by: hashes.HashAlgorithm | None = None) -> bytes:
        now = self.evidence_at or self.at
        subject = x509.load_der_x509_certificate(certificate)
        when, reason = self.revoked.get(subject.serial_number, (None, None))
        builder = ocsp.OCSPResponseBuilder().add_response(
            subject, self.ca.certificate, named_by or hashes.SHA256(),
            cert_status=ocsp.OCSPCertStatus.REVOKED if when else ocsp.OCSPCertStatus.GOOD,
            this_update=now - timedelta(minutes=1), next_update=now + timedelta(days=1),
            revocation_time=when, revocation_reason=reason,
        )  # fmt: skip
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self.ca.certificate)
        return builder.certificates([self.ca.certificate]).sign(self.ca.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def evidence(self, chain: tuple[bytes, ...]) -> Evidence:
        """As the composed service gives it: OCSP for the end certificate, CRLs for the authorities."""
        return Evidence(certificates=chain[1:], ocsps=(self.ocsp(chain[0]),), crls=(self.crl(self.root),))

    def anchors(self, profile: TrustProfile = TrustProfile.DEV) -> TrustAnchors:
        return TrustAnchors((TrustAnchor(profile=profile, certificate=self.root.der, name=f"{self.label} Root"),))
