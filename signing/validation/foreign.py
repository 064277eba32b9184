"""A certificate that another authority issued: whom it names, and under which accepted root it is good now.

Reads the ways in which Vietnamese authorities write holders: our own identifiers (``PNOVN-``, ``GO:VN-``), and the
``UID`` with ``CCCD:`` that licensed public authorities use. Takes values, gives values; decides nothing about records.
Works on hostile bytes: callers run it in a worker process.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from signing.errors import CertificateMalformed
from signing.identity import CertificateClass, load_certificate, read_certificate_facts
from signing.trust import Evidence, TrustAnchors, TrustProfile, TrustPurpose, is_development
from signing.validation.algorithms import certificate_faults
from signing.validation.candidates import load_certificate as load_for_path
from signing.validation.chains import purpose_fault
from signing.validation.path import PathFailure, check_path
from signing.validation.policy import ValidationPolicy

_USER_ID: Final = x509.ObjectIdentifier("0.9.2342.19200300.100.1.1")
_PERSON_NUMBER: Final = re.compile(r"(?:PNOVN-|IDCVN-|CCCD[:-]|)\s*(?P<number>[0-9]{12})", re.ASCII)
_AGENCY_CODE: Final = re.compile(r"GO:VN-(?P<code>[A-Z0-9.-]{1,35})", re.ASCII)
_MAX_TEXT: Final = 255
PURPOSE_OF_CLASS: Final = {
    CertificateClass.PERSONAL: TrustPurpose.DOCUMENT_SIGNING,
    CertificateClass.ORG_SEAL: TrustPurpose.SEAL,
    CertificateClass.CITIZEN: TrustPurpose.CITIZEN_SIGNING,
}
"""What a root must be accepted for, so that certificates of a class count under it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignHolder:
    """Whom a certificate names, as it says so itself."""

    certificate_class: CertificateClass
    common_name: str
    organisation: str
    org_code: str | None
    title: str | None
    personal_id: str | None
    """The 12 digits; never shown."""

    def __repr__(self) -> str:
        return f"ForeignHolder({self.certificate_class})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignCertificate:
    """A readable certificate, and what was found out about it."""

    der: bytes
    sha256: str
    spki_sha256: str
    issuer: str
    serial: str
    """Hex."""
    not_before: datetime
    not_after: datetime
    holder: ForeignHolder
    chain: tuple[bytes, ...]
    """DER, the issuer first, the anchor last; empty without a path."""
    profile: TrustProfile | None
    """The anchor's; DEV as soon as anything on the path says that it is for development (S29)."""
    counts: bool
    """Whether the anchor is accepted for certificates of this class at that moment."""
    failure: PathFailure | None
    weak: tuple[str, ...]
    """What the policy forbids on the path, in English."""
    misplaced: str | None
    """Why it may not sign documents, in English."""


def examine_foreign(
    der: bytes, evidence: Evidence, anchors: TrustAnchors, at: datetime, policy: ValidationPolicy
) -> ForeignCertificate:
    """Read the certificate and look for a path to an accepted root.

    Args:
        der: the certificate.
        evidence: what came with it: certificates that may stand above, and status lists. Status is asked for only when
            some was given, and then for every certificate of the path.
        anchors: the accepted roots.
        at: the moment for which the path must hold.
        policy: which keys and algorithms are strong enough.

    Raises:
        CertificateMalformed: it cannot be read, or names neither a person nor an agency.
    """
    certificate = load_certificate(der)
    holder = _holder(der, certificate)
    path = check_path(
        der, evidence.certificates, anchors.certificates, evidence.crls, at,
        revocation=not evidence.is_empty(), ocsps=evidence.ocsps,
    )  # fmt: skip
    anchor = anchors.find(path.chain[-1]) if path.chain else None
    checked = path.chain[:-1] if len(path.chain) > 1 else (der,)
    purpose = PURPOSE_OF_CLASS.get(holder.certificate_class)
    return ForeignCertificate(
        der=der,
        sha256=sha256(der).hexdigest(),
        spki_sha256=_key_digest(certificate),
        issuer=certificate.issuer.rfc4514_string()[:_MAX_TEXT],
        serial=f"{certificate.serial_number:x}",
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        holder=holder,
        chain=path.chain[1:],
        profile=None if anchor is None else _profile(anchor.profile, path.chain),
        counts=anchor is not None and purpose is not None and anchor.serves(purpose, at),
        failure=path.failure,
        weak=tuple(dict.fromkeys(fault for one in checked for fault in certificate_faults(one, policy))),
        misplaced=_misplaced(der, certificate),
    )


def _profile(profile: TrustProfile, chain: Sequence[bytes]) -> TrustProfile:
    return TrustProfile.DEV if any(is_development(one) for one in chain) else profile


def _key_digest(certificate: x509.Certificate) -> str:
    try:
        spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except Exception as err:  # cryptography raises UnsupportedAlgorithm, ValueError and Rust panics alike
        message = "its key cannot be read"
        raise CertificateMalformed(message) from err
    return sha256(spki).hexdigest()


def _misplaced(der: bytes, certificate: x509.Certificate) -> str | None:
    try:
        if certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return "it is an authority's certificate"
    except x509.ExtensionNotFound:
        pass
    return purpose_fault(load_for_path(der))


def _holder(der: bytes, certificate: x509.Certificate) -> ForeignHolder:
    facts = read_certificate_facts(der)
    number = _matching(certificate, _PERSON_NUMBER, NameOID.SERIAL_NUMBER, _USER_ID)
    code = _matching(certificate, _AGENCY_CODE, NameOID.ORGANIZATION_IDENTIFIER, _USER_ID)
    names_person = number is not None or bool(facts.given_name or facts.title)
    if facts.certificate_class is not None:
        kind = facts.certificate_class
    elif names_person:
        kind = CertificateClass.PERSONAL if facts.organisation else CertificateClass.CITIZEN
    else:
        kind = CertificateClass.ORG_SEAL
    if not facts.common_name or (kind is CertificateClass.ORG_SEAL and not (facts.organisation or code)):
        message = "it names neither a person nor an agency"
        raise CertificateMalformed(message)
    return ForeignHolder(
        certificate_class=kind,
        common_name=facts.common_name[:_MAX_TEXT],
        organisation=facts.organisation[:_MAX_TEXT],
        org_code=code,
        title=facts.title[:_MAX_TEXT] or None,
        personal_id=number,
    )


def _matching(certificate: x509.Certificate, form: re.Pattern[str], *oids: x509.ObjectIdentifier) -> str | None:
    """The one value of that form; two that differ name nobody."""
    values = [str(one.value).strip() for oid in oids for one in certificate.subject.get_attributes_for_oid(oid)]
    found = {match[1] for match in map(form.fullmatch, values) if match}
    if len(found) > 1:
        message = "it names its holder in two ways that differ"
        raise CertificateMalformed(message)
    return found.pop() if found else None
