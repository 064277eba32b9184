"""The issuing story: prepare → lint a throw-away certificate → record → sign.

``prepare`` builds the certificate, puts a throw-away signature on it and lints it. Only what passed can be
recorded, only what is recorded can be issued, and each step works once: the types leave no other order.
What the real key signs is the to-be-signed part that was linted, byte for byte (boulder: ``ca/ca.go``).
Knows no request and no caller; reads no clock.
"""

import hashlib
import threading
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.ca.builder import Authority, CertificateTemplate, build_certificate
from signing.errors import IssuanceRefused, KeyDamaged, PreparationSpent
from signing.identity import ProfileName, Scope, read_certificate_facts
from signing.keys import ALGORITHM_OF_KIND, KeyKind, KeyStore, SignatureAlgorithm
from signing.keys.der import signed
from signing.keys.signatures import is_signed_by
from signing.lint import LintInput, Primary, lint_certificate
from signing.profiles import PROFILES, Profile, Site
from signing.registry import CertificateRecord, CertificateStatus, KeyDevice, Registry, StatusChange
from signing.revocation.shards import shard_in

_SERIAL_OCTETS: Final = 16
_SIGNATURES_BETWEEN_PROOFS: Final = 63
_MAX_PAIRS: Final = 64
_proven_pairs: dict[tuple[str, bytes], int] = {}
"""How many more signatures of a key go out under a certificate before it is proven again that they belong together."""
_THROWAWAY_SIGNATURE: Final = bytes.fromhex("3006020101020101")
"""Of nobody's key, over nothing: a lint looks at what is signed, and the sample is no certificate to anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """Who signs a certificate: an issuing authority, or the key of a root that signs itself."""

    authority: Authority | None
    key_id: str
    algorithm: SignatureAlgorithm

    @classmethod
    def of(cls, authority: Authority) -> "Signatory":
        """Return the signatory that an authority is."""
        credential = authority.credential
        return cls(authority=authority, key_id=credential.key_id, algorithm=credential.algorithm)

    @classmethod
    def itself(cls, key_id: str, kind: KeyKind) -> "Signatory":
        """Return the signatory of a root."""
        return cls(authority=None, key_id=key_id, algorithm=ALGORITHM_OF_KIND[kind])


class Once:
    """A token that can be spent once, also when two threads try."""

    __slots__ = ("_lock", "_spent")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spent = False

    def spend(self) -> None:
        """Use the token, or raise PreparationSpent."""
        with self._lock:
            if self._spent:
                message = "a prepared certificate is used once"
                raise PreparationSpent(message)
            self._spent = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedCertificate:
    """A certificate that passed the lint and is not signed yet. Only ``prepare`` and ``resume`` make one."""

    tbs: bytes
    sample: bytes
    """The same certificate as the linter saw it, under a throw-away signature (DER). Never leaves us."""
    signatory: Signatory
    token: Once


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCertificate:
    """A prepared certificate that stands in the registry. Only this can be issued."""

    certificate_id: str
    prepared: PreparedCertificate
    token: Once


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """What a record says beside the certificate: ids that lead back to people, agencies and requests."""

    certificate_id: str
    key_id: str
    primary_id: str | None = None
    service: str | None = None
    subject_id: str | None = None
    org_code: str | None = None
    employment_id: str | None = None
    request_id: str | None = None
    key_device: KeyDevice = KeyDevice.SERVER
    supersedes_id: str | None = None


def new_serial(entropy: bytes) -> int:
    """Return a serial number made of 16 random octets: positive, unpredictable, at most 20 octets long.

    RFC 5280 §4.1.2.2. The top bits are set so that every serial has the same length.
    """
    if len(entropy) != _SERIAL_OCTETS:
        message = f"{_SERIAL_OCTETS} random octets are needed"
        raise ValueError(message)
    return int.from_bytes(entropy, "big") >> 2 | 1 << (8 * _SERIAL_OCTETS - 2)


def prepare(
    template: CertificateTemplate, site: Site, signatory: Signatory, *, primary: Primary | None = None
) -> PreparedCertificate:
    """Build and lint a certificate; nothing is signed with a real key.

    Raises:
        IssuanceRefused: with every finding.
        NameInvalid: a name cannot stand in a certificate.
    """
    tbs = build_certificate(template, site, signatory.authority, signatory.algorithm)
    return _linted(tbs, template.profile, site, signatory, primary)


def resume(
    tbs: bytes, profile: ProfileName, site: Site, signatory: Signatory, *, primary: Primary | None = None
) -> PreparedCertificate:
    """Take up a certificate that was recorded before a crash: the same bytes, linted again."""
    return _linted(tbs, PROFILES[profile], site, signatory, primary)


def record(
    prepared: PreparedCertificate, holder: Holder, profile: Profile, registry: Registry, *, at: datetime, actor: str
) -> RecordedCertificate:
    """Write the certificate down before it exists: a crash leaves a record, never an unknown certificate.

    Raises:
        PreparationSpent: this preparation was recorded already.
    """
    prepared.token.spend()
    facts = read_certificate_facts(prepared.sample)
    signatory = prepared.signatory
    entry = CertificateRecord(
        certificate_id=holder.certificate_id,
        issuer=signatory.authority.name.value if signatory.authority else ProfileName.ROOT.value,
        serial=int(facts.serial_hex, 16),
        profile=profile.name,
        certificate_class=profile.certificate_class,
        ordinal=facts.ordinal or 1,
        primary_id=holder.primary_id,
        service=holder.service,
        subject_id=holder.subject_id,
        org_code=holder.org_code,
        employment_id=holder.employment_id,
        common_name=facts.common_name,
        organisation=facts.organisation,
        title=facts.title or None,
        scope=facts.scope or Scope(),
        key_id=holder.key_id,
        not_before=facts.not_before,
        not_after=facts.not_after,
        tbs=prepared.tbs,
        der=None,
        sha256=None,
        status=CertificateStatus.RECORDED,
        status_since=at,
        reason=None,
        request_id=holder.request_id,
        key_device=holder.key_device,
        spki_sha256=hashlib.sha256(_public_key(prepared.sample)).hexdigest(),
        supersedes_id=holder.supersedes_id,
        crl_shard=shard_in(prepared.sample),
    )
    registry.record(entry, actor=actor)
    return RecordedCertificate(certificate_id=holder.certificate_id, prepared=prepared, token=Once())


def recorded(certificate_id: str, prepared: PreparedCertificate) -> RecordedCertificate:
    """Return the token for a certificate that ``resume`` took up: it stands in the registry already."""
    prepared.token.spend()
    return RecordedCertificate(certificate_id=certificate_id, prepared=prepared, token=Once())


def issue(certificate: RecordedCertificate, keys: KeyStore) -> bytes:
    """Sign what was linted and recorded; return the certificate (DER).

    Raises:
        PreparationSpent: it was issued already.
        KeyDamaged: the signature does not verify under the issuer's certificate.
    """
    certificate.token.spend()
    prepared, signatory = certificate.prepared, certificate.prepared.signatory
    signature = keys.sign(signatory.key_id, prepared.tbs, signatory.algorithm)
    _require_own_key(prepared, signature)
    return signed(prepared.tbs, signatory.algorithm, signature)


def activate(certificate_id: str, der: bytes, registry: Registry, *, at: datetime, actor: str) -> CertificateRecord:
    """Store the signed bytes: from here on the certificate is in force."""
    change = StatusChange(
        certificate_id=certificate_id,
        before=CertificateStatus.RECORDED,
        after=CertificateStatus.ACTIVE,
        at=at,
        actor=actor,
    )
    registry.activate(certificate_id, der, hashlib.sha256(der).hexdigest(), change)
    return registry.get(certificate_id)


def _public_key(certificate: bytes) -> bytes:
    """Return the SubjectPublicKeyInfo (DER) of a certificate (DER)."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _require_own_key(prepared: PreparedCertificate, signature: bytes) -> None:
    """Check that the issuer's key signed, the first time that key and certificate work together, and now and then.

    That a key belongs to a certificate is true of the pair, and a store never signs with another key than it is asked
    for (contract of ``KeyStore``); verifying each signature would cost three times what making it costs (ADR 0013).
    """
    signatory = prepared.signatory
    # that the certificate names the issuer, the lint has compared; here it is only whether its key signed
    certificate = signatory.authority.credential.certificate if signatory.authority else prepared.sample
    pair = (signatory.key_id, certificate)
    left = _proven_pairs.get(pair, 0)
    if left > 0:
        _proven_pairs[pair] = left - 1
        return
    if not is_signed_by(_key_in(certificate), prepared.tbs, signature, signatory.algorithm):
        message = "the issuer's key does not belong to the issuer's certificate"
        raise KeyDamaged(message)
    if len(_proven_pairs) >= _MAX_PAIRS:
        _proven_pairs.clear()
    _proven_pairs[pair] = _SIGNATURES_BETWEEN_PROOFS


@lru_cache(maxsize=64)
def _key_in(certificate: bytes) -> object:
    """Return the public key of a certificate (DER)."""
    return x509.load_der_x509_certificate(certificate).public_key()


def _linted(
    tbs: bytes, profile: Profile, site: Site, signatory: Signatory, primary: Primary | None
) -> PreparedCertificate:
    """Lint the certificate that these bytes will make: what is linted contains what is signed, as it is."""
    if signatory.authority is not None and signatory.authority.name not in profile.issuers:
        raise IssuanceRefused(("anso.profile.issuer_not_allowed",))
    sample = signed(tbs, signatory.algorithm, _THROWAWAY_SIGNATURE)
    issuer = signatory.authority.credential.certificate if signatory.authority else None
    findings = lint_certificate(
        LintInput(certificate=sample, profile=profile, site=site, issuer=issuer, primary=primary)
    )
    if findings:
        raise IssuanceRefused(tuple(finding.code for finding in findings))
    return PreparedCertificate(tbs=tbs, sample=sample, signatory=signatory, token=Once())
