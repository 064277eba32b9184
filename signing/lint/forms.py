"""The part of a lint that is the same for every certificate of one kind under one issuer: its form.

Everything but serial, period, subject, key and the values that follow from them: version, issuer, which extensions
stand there, whether they are critical, and every value that does not vary. Parsed by the library and by the other
reader; equal bytes in equal circumstances get the same answer, so that a form is judged once (ADR 0013).
"""

from collections.abc import Iterator
from typing import Final

from cryptography import x509

from signing.errors import CertificateMalformed
from signing.identity import ProfileName, load_certificate
from signing.keys.der import OCTET_STRING, SEQUENCE, oid, tlv
from signing.lint.findings import LintInput
from signing.lint.issuers import issuer_facts
from signing.lint.parts import Parts, identifier_of
from signing.lint.pointers import access_findings
from signing.profiles import (
    EXTENSION_OIDS,
    QC_COMPLIANCE,
    QUALIFIED_POLICIES,
    AuthorityName,
    Profile,
    Site,
    granted_policies,
    statements_of,
)

_MAX_FORMS: Final = 512
_sound_forms: dict[tuple[bytes, Profile, Site, bytes | None], None] = {}
"""Forms without findings, newest last; bounded, because a form from outside could be anything."""
_CRITICAL: Final = b"\x01\x01\xff"


def form_findings(parts: Parts, subject: LintInput) -> Iterator[str]:
    """Judge what does not vary; a form that was found sound before is not parsed again."""
    key = (parts.fixed, subject.profile, subject.site, subject.issuer)
    if key in _sound_forms:
        return
    codes = tuple(_judge(parts, subject))
    yield from codes
    if not codes:
        if len(_sound_forms) >= _MAX_FORMS:
            _sound_forms.clear()
        _sound_forms[key] = None


def _judge(parts: Parts, subject: LintInput) -> Iterator[str]:
    if parts.repeated:
        # RFC 5280 §4.2; readers differ in which of the two they take
        yield "rfc5280.4.2.extension_repeated"
        return
    try:
        certificate = load_certificate(subject.certificate)
    except CertificateMalformed:
        yield "rfc5280.4.1.certificate_unreadable"
        return
    if certificate.version is not x509.Version.v3:
        yield "rfc5280.4.1.2.1.version_not_3"
    if parts.algorithms[0] != parts.algorithms[1]:
        yield "rfc5280.4.1.1.2.algorithms_differ"
    if parts.issuer != (parts.subject if subject.issuer is None else issuer_facts(subject.issuer).name):
        yield "rfc5280.4.1.2.4.issuer_is_another"
    yield from _presence(certificate, subject)
    yield from _encoding(certificate, parts)
    for extension in certificate.extensions:
        yield from _value(extension.value, subject)


def _presence(certificate: x509.Certificate, subject: LintInput) -> Iterator[str]:
    own = {"scope": subject.site.arc.scope_extension, "secondary": subject.site.arc.secondary_extension}
    rules = {(own | EXTENSION_OIDS)[rule.name]: rule for rule in subject.profile.extensions}
    present = {extension.oid.dotted_string: extension for extension in certificate.extensions}
    for dotted, extension in present.items():
        rule = rules.get(dotted)
        if rule is None:
            yield f"anso.profile.extension_not_allowed:{dotted}"
        elif extension.critical != rule.critical:
            yield f"{rule.clause}.{rule.name}_criticality"
    for dotted, rule in rules.items():
        if rule.required and dotted not in present:
            yield f"{rule.clause}.{rule.name}_missing"


def _encoding(certificate: x509.Certificate, parts: Parts) -> Iterator[str]:
    """Write every extension anew and compare: a value has one form in DER (X.690 §10, §11)."""
    for extension, found in zip(certificate.extensions, parts.extensions, strict=True):
        flag = _CRITICAL if extension.critical else b""
        value = tlv(OCTET_STRING, extension.value.public_bytes())
        if tlv(SEQUENCE, oid(extension.oid.dotted_string), flag, value) != found:
            yield f"x690.10.extension_not_in_der:{identifier_of(found)}"


def _value(value: x509.ExtensionType, subject: LintInput) -> Iterator[str]:
    profile = subject.profile
    match value:
        case x509.KeyUsage() if _set_bits(value) != set(profile.key_usage):
            # EN 319 412-2 §4.3.2: content commitment is not mixed with other uses
            yield "rfc5280.4.2.1.3.key_usage_wrong"
        case x509.BasicConstraints() if (value.ca, value.path_length) != (profile.is_authority, profile.path_length):
            yield "rfc5280.4.2.1.9.basic_constraints_wrong"
        case x509.ExtendedKeyUsage() if [use.dotted_string for use in value] != [profile.extended_key_usage]:
            yield "rfc5280.4.2.1.12.extended_key_usage_wrong"
        case x509.AuthorityKeyIdentifier() if not _names_issuer(value, subject.issuer):
            yield "rfc5280.4.2.1.1.authority_key_identifier_wrong"
        case x509.CertificatePolicies():
            yield from _policies(value, subject)
        case x509.AuthorityInformationAccess():
            yield from access_findings(value, subject.site, profile)
        case x509.UnrecognizedExtension() if value.oid.dotted_string == EXTENSION_OIDS["qc_statements"]:
            yield from _statements(value.value, profile, subject.site)
        case _:
            pass


def _set_bits(usage: x509.KeyUsage) -> set[str]:
    bits = {
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
    }
    return {bit for bit in bits if getattr(usage, bit)}


def _names_issuer(value: x509.AuthorityKeyIdentifier, issuer: bytes | None) -> bool:
    if issuer is None or value.authority_cert_issuer is not None or value.authority_cert_serial_number is not None:
        return False
    return bool(value.key_identifier) and value.key_identifier == issuer_facts(issuer).key_id


def _policies(value: x509.CertificatePolicies, subject: LintInput) -> Iterator[str]:
    """Compare the set of policies; an issuing authority carries exactly those it may give out."""
    found = [policy.policy_identifier.dotted_string for policy in value]
    arc, development = subject.site.arc, subject.site.development
    if subject.profile.name is ProfileName.ISSUING_CA:
        allowed = [
            set(granted_policies(name, arc, development=development))
            for name in (AuthorityName.PERSONAL, AuthorityName.SECONDARY)
        ]
    else:
        allowed = [set(subject.profile.policies(arc, development=development))]
    if len(set(found)) != len(found) or set(found) not in allowed or not _qualifiers_fit(value, subject):
        yield "en319412-2.4.3.3.policies_wrong"
    if QUALIFIED_POLICIES & set(found):
        # our authorities are not qualified: the claim would need statements that nobody could stand by
        yield "en319411-2.5.3.qualified_policy_without_statements"


def _qualifiers_fit(value: x509.CertificatePolicies, subject: LintInput) -> bool:
    """Nothing but the address of the practice statement, and only where the site has one."""
    place = subject.site.cps_url if subject.profile.certificate_class is not None else None
    return all(
        list(policy.policy_qualifiers or ()) == ([place] if place and not number else [])
        for number, policy in enumerate(value)
    )


def _statements(value: bytes, profile: Profile, site: Site) -> Iterator[str]:
    if value != statements_of(profile, site):
        yield "en319412-5.4.1.qc_statements_wrong"
    if oid(QC_COMPLIANCE) in value:
        yield "en319412-5.4.2.1.qualified_statement_not_ours"
