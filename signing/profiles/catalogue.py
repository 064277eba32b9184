"""The profiles: one for each kind of certificate, as data; each rule names the clause it comes from.

Knows no key, no clock and no issued certificate.
"""

from datetime import timedelta
from typing import Final

from signing.identity import CertificateClass, OidArc, ProfileName
from signing.keys import KeyKind
from signing.profiles.rules import (
    SEMANTICS_LEGAL,
    SEMANTICS_NATURAL,
    YEAR,
    AttributeRule,
    AuthorityName,
    ExtensionRule,
    Profile,
)

_EC_ONLY = (KeyKind.EC_P256, KeyKind.EC_P384)
# RSA for readers that know no elliptic curves; it signs with RSASSA-PSS only (Circular 15/2025/TT-BKHCN annex I)
_HOLDER_KEYS = (KeyKind.EC_P256, KeyKind.EC_P384, KeyKind.RSA_3072)
_EXPERIMENTAL = (KeyKind.ML_DSA_65,)  # RFC 9881; no reader of PDF signatures knows it yet

_COUNTRY = AttributeRule(name="country", oid="2.5.4.6", clause="en319412-2.4.2.4")
_COMMON_NAME = AttributeRule(name="common_name", oid="2.5.4.3", clause="en319412-2.4.2.4")
_ORGANISATION = AttributeRule(name="organisation", oid="2.5.4.10", clause="en319412-3.4.2.1")
_ORG_ID = AttributeRule(name="organisation_identifier", oid="2.5.4.97", clause="en319412-3.4.2.1")
_UNIT = AttributeRule(name="unit", oid="2.5.4.11", clause="en319412-2.4.2.4", required=False)
_TITLE = AttributeRule(name="title", oid="2.5.4.12", clause="anso.I1")
_PERSON = (
    AttributeRule(name="surname", oid="2.5.4.4", clause="en319412-2.4.2.4", required=False),
    AttributeRule(name="given_name", oid="2.5.4.42", clause="en319412-2.4.2.4"),
    AttributeRule(name="serial_number", oid="2.5.4.5", clause="en319412-1.5.1.3"),
    _COMMON_NAME,
)
_AUTHORITY_NAME = (_COUNTRY, _ORGANISATION, _COMMON_NAME)
_OFFICIAL_NAME = (_COUNTRY, _ORGANISATION, _ORG_ID, _UNIT, _TITLE, *_PERSON)
_CITIZEN_NAME = (_COUNTRY, *_PERSON)
_AGENCY_NAME = (_COUNTRY, _ORGANISATION, _ORG_ID, _UNIT, _COMMON_NAME)


def _rule(name: str, clause: str, *, critical: bool = False, required: bool = True) -> ExtensionRule:
    return ExtensionRule(name=name, clause=clause, critical=critical, required=required)


_SKI = _rule("subject_key_identifier", "rfc5280.4.2.1.2")
_AKI = _rule("authority_key_identifier", "rfc5280.4.2.1.1")
_KEY_USAGE = _rule("key_usage", "rfc5280.4.2.1.3", critical=True)
_CONSTRAINTS = _rule("basic_constraints", "rfc5280.4.2.1.9", critical=True)
_POLICIES = _rule("certificate_policies", "en319412-2.4.3.3")
_CRL_POINTER = _rule("crl_distribution_points", "en319412-2.4.3.11")
_ACCESS = _rule("authority_information_access", "en319412-2.4.4.1")
_STATEMENTS = _rule("qc_statements", "en319412-5.4.1")
_SCOPE = _rule("scope", "anso.scope", required=False)
_LEAF = (_AKI, _SKI, _KEY_USAGE, _POLICIES, _CRL_POINTER, _ACCESS, _STATEMENTS, _SCOPE)
# Non-critical, or every verifier that does not know us would have to refuse the certificate (RFC 5280 §4.2).
_SECONDARY_LINK = _rule("secondary", "anso.I2")


def _leaf(
    name: ProfileName,
    certificate_class: CertificateClass,
    attributes: tuple[AttributeRule, ...],
    *,
    validity: timedelta,
    clause: str,
    semantics: str = SEMANTICS_NATURAL,
) -> Profile:
    secondary = name.value.endswith("_secondary")
    return Profile(
        name=name,
        issuers=(AuthorityName.SECONDARY if secondary else AuthorityName.PERSONAL,),
        attributes=attributes,
        extensions=(*_LEAF, _SECONDARY_LINK) if secondary else _LEAF,
        key_kinds=_HOLDER_KEYS,
        # EN 319 412-2 §4.3.2: content commitment alone, not mixed with other bits
        key_usage=("content_commitment",),
        max_validity=validity,
        validity_clause=clause,
        certificate_class=certificate_class,
        secondary=secondary,
        semantics=semantics,
    )


_ALL = (
    Profile(
        name=ProfileName.ROOT,
        issuers=(),
        attributes=_AUTHORITY_NAME,
        extensions=(_SKI, _KEY_USAGE, _CONSTRAINTS),
        key_kinds=(KeyKind.EC_P384, KeyKind.RSA_3072),
        experimental_kinds=_EXPERIMENTAL,
        key_usage=("key_cert_sign", "crl_sign"),
        max_validity=25 * YEAR,
        validity_clause="anso.I9",
        is_authority=True,
    ),
    Profile(
        name=ProfileName.ISSUING_CA,
        issuers=(AuthorityName.ROOT,),
        attributes=_AUTHORITY_NAME,
        extensions=(_AKI, _SKI, _KEY_USAGE, _CONSTRAINTS, _POLICIES, _CRL_POINTER, _ACCESS),
        key_kinds=_HOLDER_KEYS,
        experimental_kinds=_EXPERIMENTAL,
        key_usage=("key_cert_sign", "crl_sign"),
        max_validity=10 * YEAR,
        validity_clause="anso.I9",
        path_length=0,
        is_authority=True,
    ),
    Profile(
        name=ProfileName.OCSP_SIGNER,
        issuers=(AuthorityName.PERSONAL, AuthorityName.SECONDARY),
        attributes=_AUTHORITY_NAME,
        # RFC 6960 §4.2.2.2.1: with nocheck nobody asks for its status, so it lives briefly and has no pointer
        extensions=(
            _AKI,
            _SKI,
            _KEY_USAGE,
            _rule("extended_key_usage", "rfc6960.4.2.2.2"),
            _rule("ocsp_no_check", "rfc6960.4.2.2.2.1"),
        ),
        key_kinds=_HOLDER_KEYS,
        experimental_kinds=_EXPERIMENTAL,
        key_usage=("digital_signature",),
        extended_key_usage="1.3.6.1.5.5.7.3.9",
        max_validity=timedelta(days=30),
        validity_clause="rfc6960.4.2.2.2.1",
    ),
    Profile(
        name=ProfileName.TSA,
        # From the root: time-stamps must survive the loss of an issuing authority's key.
        issuers=(AuthorityName.ROOT,),
        attributes=_AUTHORITY_NAME,
        extensions=(
            _AKI,
            _SKI,
            _KEY_USAGE,
            # RFC 3161 §2.3: critical, and the only purpose
            _rule("extended_key_usage", "rfc3161.2.3", critical=True),
            _rule("private_key_usage_period", "en319421.7.6.2"),
            _POLICIES,
            _CRL_POINTER,
            _ACCESS,
        ),
        key_kinds=_EC_ONLY,
        key_usage=("digital_signature",),
        extended_key_usage="1.3.6.1.5.5.7.3.8",
        max_validity=5 * YEAR,
        validity_clause="anso.I9",
        key_use=YEAR,
    ),
    _leaf(ProfileName.PERSONAL, CertificateClass.PERSONAL, _OFFICIAL_NAME, validity=3 * YEAR, clause="anso.I9"),
    _leaf(
        ProfileName.PERSONAL_SECONDARY,
        CertificateClass.PERSONAL,
        _OFFICIAL_NAME,
        validity=YEAR,
        clause="anso.I2",
    ),
    _leaf(
        ProfileName.ORG_SEAL,
        CertificateClass.ORG_SEAL,
        _AGENCY_NAME,
        validity=5 * YEAR,
        clause="anso.I9",
        semantics=SEMANTICS_LEGAL,
    ),
    _leaf(
        ProfileName.ORG_SEAL_SECONDARY,
        CertificateClass.ORG_SEAL,
        _AGENCY_NAME,
        validity=YEAR,
        clause="anso.I2",
        semantics=SEMANTICS_LEGAL,
    ),
    _leaf(ProfileName.CITIZEN, CertificateClass.CITIZEN, _CITIZEN_NAME, validity=3 * YEAR, clause="anso.I9"),
    _leaf(
        ProfileName.CITIZEN_SECONDARY,
        CertificateClass.CITIZEN,
        _CITIZEN_NAME,
        validity=YEAR,
        clause="anso.I2",
    ),
    _leaf(
        ProfileName.SERVICE,
        CertificateClass.SERVICE,
        _AGENCY_NAME,
        validity=3 * YEAR,
        clause="anso.I9",
        semantics=SEMANTICS_LEGAL,
    ),
)

PROFILES: Final = {profile.name: profile for profile in _ALL}


def leaf_profile(certificate_class: CertificateClass, ordinal: int) -> Profile | None:
    """Return the profile of a holder's certificate, or None where a class has no secondaries."""
    secondary = ordinal > 1
    for profile in _ALL:
        if profile.certificate_class is certificate_class and profile.secondary == secondary:
            return profile
    return None


def key_prefix(profile: Profile) -> str:
    """Return the prefix of the ids of this profile's keys, which says what kind of store keeps them.

    ``key``: a holder's key, one of many, kept wrapped outside the device. ``hsm``: a key that the hierarchy, a service
    or an agency's seal uses all day, resident in the device.
    """
    holders = (CertificateClass.PERSONAL, CertificateClass.CITIZEN)
    return "key" if profile.certificate_class in holders else "hsm"


def granted_policies(authority: AuthorityName, arc: OidArc, *, development: bool) -> tuple[str, ...]:
    """Return the policies that an issuing authority may give out, which its own certificate lists.

    A secondary's policy is in the secondary authority's certificate only, so that
    ``openssl verify -policy … -explicit_policy`` tells both kinds apart without our code.
    """
    policies = [
        policy
        for profile in _ALL
        if authority in profile.issuers
        for policy in profile.policies(arc, development=development)
    ]
    return tuple(dict.fromkeys(policies))
