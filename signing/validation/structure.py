"""Rules on the form of one certificate that the path algorithm itself does not look at.

RFC 5280 §4.2 rules that certvalidator leaves out (measured on x509-limbo) and bounds that keep its loops short.
Nothing that NIST PKITS calls valid is refused here: policyConstraints and a subordinate authority's basicConstraints
may be non-critical, times before 2050 may be GeneralizedTime. Knows one certificate at a time, no chain, no moment and
no algorithm policy.
"""

from enum import Enum
from typing import Any, Final

from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key

from signing.validation.public_keys import with_positive_modulus
from signing.validation.work import key_fault

MAX_EXTENSIONS: Final = 64  # each known extension is parsed once; a crafted one carried 10,000
MAX_EXTENSION_BYTES: Final = 32 * 1024
_NEVER_CRITICAL: Final = {
    "authority_key_identifier": "4.2.1.1", "key_identifier": "4.2.1.2", "subject_directory_attributes": "4.2.1.8",
    "freshest_crl": "4.2.1.15", "authority_information_access": "4.2.2.1", "subject_information_access": "4.2.2.2",
}  # fmt: skip
_ALWAYS_CRITICAL: Final = {"name_constraints": "4.2.1.10", "inhibit_any_policy": "4.2.1.14"}
_NEVER_EMPTY: Final = {
    "extended_key_usage", "subject_alt_name", "issuer_alt_name", "certificate_policies", "policy_mappings",
    "crl_distribution_points", "freshest_crl", "authority_information_access", "subject_information_access",
    "subject_directory_attributes",
}  # fmt: skip
"""All are SEQUENCE SIZE (1..MAX) in RFC 5280, Appendix A."""

KNOWN_IN_ANCHORS: Final = {
    "authority_information_access", "authority_key_identifier", "basic_constraints", "crl_distribution_points",
    "extended_key_usage", "key_identifier", "key_usage", "certificate_policies", "policy_mappings",
    "policy_constraints", "inhibit_any_policy", "name_constraints", "subject_alt_name", "qc_statements",
}  # fmt: skip


class Role(Enum):
    """Where a certificate stands in a path."""

    LEAF = "leaf"
    AUTHORITY = "authority"
    ANCHOR = "anchor"


def structure_fault(certificate: asn1_x509.Certificate, role: Role) -> str | None:
    """What is structurally wrong with a certificate for its place, or None.

    Raises:
        ValueError, TypeError, KeyError: the DER does not decode; the caller treats that as malformed.
    """
    extensions = list(certificate["tbs_certificate"]["extensions"] or ())
    if len(extensions) > MAX_EXTENSIONS:
        return f"more than {MAX_EXTENSIONS} extensions"
    names = [extension["extn_id"].native for extension in extensions]
    if len(names) != len(set(names)):
        # RFC 5280 §4.2: a certificate MUST NOT include more than one instance of a particular extension.
        return "the same extension twice"
    for extension in extensions:
        fault = _extension_fault(extension)
        if fault:
            return fault
    return (
        _authority_fault(certificate, role)
        or _subject_fault(certificate, role)
        or _identifier_fault(certificate, role)
        or _anchor_fault(certificate, role)
        or _key_fault(certificate)
    )


def _extension_fault(extension: Any) -> str | None:  # noqa: ANN401 - asn1crypto ships no types
    name, critical = extension["extn_id"].native, extension["critical"].native
    if critical and name in _NEVER_CRITICAL:
        return f"{name} is critical"  # RFC 5280 §4.2.…: MUST be marked non-critical
    if not critical and name in _ALWAYS_CRITICAL:
        return f"{name} is not critical"  # RFC 5280 §4.2.1.10, §4.2.1.14: MUST be marked critical
    if len(extension["extn_value"].contents) > MAX_EXTENSION_BYTES:
        return f"{name} is larger than {MAX_EXTENSION_BYTES} bytes"
    if name[0].isdigit() and not critical:
        return None  # unknown to the decoder: nobody reads it
    value = extension["extn_value"].parsed
    if name in _NEVER_EMPTY and len(value) == 0:
        return f"{name} is empty"
    decoded = value.native  # an extension of RFC 5280 that does not decode is refused, critical or not
    if name == "key_usage" and not decoded:
        return "key usage without a usage"  # RFC 5280 §4.2.1.3: at least one bit
    if name == "policy_constraints" and not any(v is not None for v in decoded.values()):
        return "policy constraints that constrain nothing"  # RFC 5280 §4.2.1.11
    return None


def _authority_fault(certificate: asn1_x509.Certificate, role: Role) -> str | None:
    constraints = certificate.basic_constraints_value
    usage = certificate.key_usage_value
    if not certificate.ca:
        if certificate.name_constraints_value is not None or "name_constraints" in _names(certificate):
            return "name_constraints in a certificate that is no CA"  # RFC 5280 §4.2.1.10
        if constraints is not None and constraints["path_len_constraint"].native is not None:
            return "a path length in a certificate that is no CA"  # RFC 5280 §4.2.1.9
        if usage is not None and "key_cert_sign" in usage.native:
            return "keyCertSign without basicConstraints cA"  # RFC 5280 §4.2.1.3, §4.2.1.9
    elif constraints is not None and (constraints["path_len_constraint"].native or 0) < 0:
        return "a negative path length"
    if role is not Role.LEAF and certificate.ca and usage is not None and "key_cert_sign" not in usage.native:
        # An authority for CRLs alone may stand in the pool (PKITS 4.5.6), an anchor must sign certificates.
        return "a root that may not sign certificates" if role is Role.ANCHOR else None
    return None


def _subject_fault(certificate: asn1_x509.Certificate, role: Role) -> str | None:
    if len(certificate.subject.chosen):
        return None
    if certificate.ca or role is not Role.LEAF:
        return "a CA with an empty subject"  # RFC 5280 §4.1.2.6
    if "subject_alt_name" not in certificate.critical_extensions:
        return "an empty subject without critical alternative names"  # RFC 5280 §4.1.2.6, §4.2.1.6
    return None


def _identifier_fault(certificate: asn1_x509.Certificate, role: Role) -> str | None:
    names = _names(certificate)
    if certificate.ca and names and "key_identifier" not in names:
        return "a CA without a subject key identifier"  # RFC 5280 §4.2.1.2
    identifier = certificate.authority_key_identifier_value
    if identifier is not None:
        # RFC 5280 §4.2.1.1: authorityCertIssuer and authorityCertSerialNumber MUST both be present or both be absent.
        if (identifier["authority_cert_issuer"].native is None) != (
            identifier["authority_cert_serial_number"].native is None
        ):
            return "half of an issuer and serial number in authority_key_identifier"
        return None
    if certificate.issuer == certificate.subject or (role is Role.ANCHOR and not names):
        return None  # RFC 5280 §4.2.1.1: may be left out where the authority signs itself; version 1 has none
    return "no authority key identifier"


def _anchor_fault(certificate: asn1_x509.Certificate, role: Role) -> str | None:
    """An anchor in the old version 1 is a name and a key only; one with extensions has to mean what they say."""
    if role is not Role.ANCHOR or not _names(certificate):
        return None
    unknown = certificate.critical_extensions - KNOWN_IN_ANCHORS
    if unknown:
        return f"a root with an unknown critical extension {min(unknown)}"
    if not certificate.ca or "basic_constraints" not in certificate.critical_extensions:
        return "a root without critical basicConstraints cA"  # RFC 5280 §4.2.1.9
    return None


def _key_fault(certificate: asn1_x509.Certificate) -> str | None:
    key = certificate.public_key
    fault = key_fault(key)
    if fault:
        return fault
    if key.algorithm in {"rsa", "ec"}:
        try:
            load_der_public_key(with_positive_modulus(key.dump()))
        except UnsupportedAlgorithm:
            return None  # a curve that we do not know: said where a signature by it is checked
        except ValueError:
            return "a public key that is none"
    return None


def _names(certificate: asn1_x509.Certificate) -> set[str]:
    return {extension["extn_id"].native for extension in certificate["tbs_certificate"]["extensions"] or ()}
