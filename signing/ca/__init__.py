"""The issuing authority: prepare → lint → record → issue, the ceremony that makes a hierarchy, and the hierarchy.

Knows certificates, keys and records. Knows no request, no person's file and no HTTP.
"""

from signing.ca.builder import Authority, CertificateTemplate
from signing.ca.ceremony import SYSTEM, CeremonyAct, CeremonyStep, Room, Witness, perform
from signing.ca.hierarchy import (
    SEAL,
    TIMESTAMP,
    authority_of,
    chain_of,
    credential_of,
    responder_of,
    service_credential,
)
from signing.ca.issuer import (
    Holder,
    PreparedCertificate,
    RecordedCertificate,
    Signatory,
    activate,
    issue,
    new_serial,
    prepare,
    record,
    recorded,
    resume,
)
from signing.ca.recipe import Recipe, parse_recipe
from signing.profiles import key_prefix

__all__ = [
    "SEAL",
    "SYSTEM",
    "TIMESTAMP",
    "Authority",
    "CeremonyAct",
    "CeremonyStep",
    "CertificateTemplate",
    "Holder",
    "PreparedCertificate",
    "Recipe",
    "RecordedCertificate",
    "Room",
    "Signatory",
    "Witness",
    "activate",
    "authority_of",
    "chain_of",
    "credential_of",
    "issue",
    "key_prefix",
    "new_serial",
    "parse_recipe",
    "perform",
    "prepare",
    "record",
    "recorded",
    "responder_of",
    "resume",
    "service_credential",
]
