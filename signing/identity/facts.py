"""Reading what a certificate says about itself: holder, class, ordinal, scope, period.

Knows X.509. Says nothing about whether anybody should believe it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from signing.errors import CertificateMalformed
from signing.identity.classes import DEFAULT_ARC, CertificateClass, OidArc
from signing.identity.scope import Scope, decode_scope, decode_secondary

MAX_CERTIFICATE_BYTES: Final = 64 * 1024  # the largest real certificates have a few KB; bound before parsing


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """What a certificate says about itself. Nothing in here has been verified."""

    certificate_class: CertificateClass | None
    """None when the certificate carries none of our policies."""
    ordinal: int | None
    """1 for a primary, from 2 on for secondaries, None outside our policies."""
    common_name: str
    surname: str
    given_name: str
    organisation: str
    organisation_id: str
    title: str
    serial_hex: str
    sha256: str
    """Hex, over the whole certificate."""
    policy_oids: tuple[str, ...]
    primary_sha256: str | None
    scope: Scope | None
    """None when the certificate carries no scope: it is not limited by itself."""
    not_before: datetime
    not_after: datetime


def load_certificate(der: bytes) -> x509.Certificate:
    """Parse a certificate (DER), extensions included, or raise CertificateMalformed."""
    if len(der) > MAX_CERTIFICATE_BYTES:
        message = "certificate is larger than any certificate"
        raise CertificateMalformed(message)
    try:
        certificate = x509.load_der_x509_certificate(der)
        _ = (certificate.extensions, certificate.subject, certificate.issuer)  # cryptography parses lazily
    except (
        ValueError,
        TypeError,
        x509.DuplicateExtension,
        x509.InvalidVersion,
        x509.UnsupportedGeneralNameType,
    ) as err:
        message = "not a certificate that can be read"
        raise CertificateMalformed(message) from err
    return certificate


def read_certificate_facts(der: bytes, *, arc: OidArc = DEFAULT_ARC) -> CertificateFacts:
    """Read what a certificate (DER) says: holder, class, ordinal, scope, period.

    Raises:
        CertificateMalformed: it cannot be parsed, or contradicts itself about class or ordinal.
    """
    certificate = load_certificate(der)
    policies = _policies(certificate)
    certificate_class, secondary = _class_of(policies, arc)
    linked = _extension(certificate, arc.secondary_extension)
    ordinal, primary = decode_secondary(linked) if linked is not None else (None, None)
    if certificate_class is not None and secondary != (ordinal is not None):
        message = "policy and secondary extension contradict each other"
        raise CertificateMalformed(message)
    scope = _extension(certificate, arc.scope_extension)

    def attribute(oid: x509.ObjectIdentifier) -> str:
        values = certificate.subject.get_attributes_for_oid(oid)
        return str(values[0].value) if values else ""

    return CertificateFacts(
        certificate_class=certificate_class,
        ordinal=ordinal or (1 if certificate_class else None),
        common_name=attribute(NameOID.COMMON_NAME),
        surname=attribute(NameOID.SURNAME),
        given_name=attribute(NameOID.GIVEN_NAME),
        organisation=attribute(NameOID.ORGANIZATION_NAME),
        organisation_id=attribute(NameOID.ORGANIZATION_IDENTIFIER),
        title=attribute(NameOID.TITLE),
        serial_hex=f"{certificate.serial_number:x}",
        sha256=hashlib.sha256(der).hexdigest(),
        policy_oids=policies,
        primary_sha256=primary,
        scope=decode_scope(scope) if scope is not None else None,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def _policies(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(policy.policy_identifier.dotted_string for policy in policies)


def _class_of(policies: tuple[str, ...], arc: OidArc) -> tuple[CertificateClass | None, bool]:
    found = [
        (kind, secondary)
        for kind in CertificateClass
        for secondary in (False, True)
        if arc.policy(kind, secondary=secondary) in policies
    ]
    # An issuing CA lists every policy it may give out: that makes it none of them.
    return found[0] if len(found) == 1 else (None, False)


def _extension(certificate: x509.Certificate, oid: str) -> bytes | None:
    try:
        value = certificate.extensions.get_extension_for_oid(x509.ObjectIdentifier(oid)).value
    except x509.ExtensionNotFound:
        return None
    return value.value if isinstance(value, x509.UnrecognizedExtension) else None
