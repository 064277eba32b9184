"""Who a certificate names and what for: classes, subjects, scopes, and reading them from a certificate.

Knows names (NFC, no hidden characters), identifiers of people and agencies, and our own policy and
extension OIDs. Knows no key store, no status, no profile.
"""

from signing.identity.classes import DEFAULT_ARC, CertificateClass, OidArc, ProfileName
from signing.identity.facts import CertificateFacts, load_certificate, read_certificate_facts
from signing.identity.names import (
    MAX_NAME,
    AgencySubject,
    AuthoritySubject,
    PersonSubject,
    Subject,
    clean_common_name,
    clean_name,
    clean_org_code,
    clean_personal_id,
)
from signing.identity.scope import Scope, decode_scope, decode_secondary, encode_scope, encode_secondary

__all__ = [
    "DEFAULT_ARC",
    "MAX_NAME",
    "AgencySubject",
    "AuthoritySubject",
    "CertificateClass",
    "CertificateFacts",
    "OidArc",
    "PersonSubject",
    "ProfileName",
    "Scope",
    "Subject",
    "clean_common_name",
    "clean_name",
    "clean_org_code",
    "clean_personal_id",
    "decode_scope",
    "decode_secondary",
    "encode_scope",
    "encode_secondary",
    "load_certificate",
    "read_certificate_facts",
]
