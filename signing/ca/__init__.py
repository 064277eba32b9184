"""The issuing authority: prepare → lint → record → issue, the ceremony that makes a hierarchy, and the hierarchy.

Knows certificates, keys and records. Knows no request, no person's file and no HTTP.
"""

from signing.ca.builder import Authority, CertificateTemplate
from signing.ca.ceremony import SYSTEM, CeremonyAct, CeremonyStep, Room, Witness, perform
from signing.ca.generations import STANDARD, choose_generation
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
from signing.ca.proof import ProvenKey, check_csr
from signing.ca.recipe import Attendee, Recipe, parse_recipe
from signing.ca.rehearsal import PlannedMember, plan_digest, rehearse
from signing.ca.transcript import (
    CLOSED,
    FOUND,
    OPENED,
    TranscriptHead,
    TranscriptReport,
    body_of,
    certificate_body,
    check_transcript,
    next_line,
)
from signing.profiles import key_prefix

__all__ = [
    "CLOSED",
    "FOUND",
    "OPENED",
    "SEAL",
    "STANDARD",
    "SYSTEM",
    "TIMESTAMP",
    "Attendee",
    "Authority",
    "CeremonyAct",
    "CeremonyStep",
    "CertificateTemplate",
    "Holder",
    "PlannedMember",
    "PreparedCertificate",
    "ProvenKey",
    "Recipe",
    "RecordedCertificate",
    "Room",
    "Signatory",
    "TranscriptHead",
    "TranscriptReport",
    "Witness",
    "activate",
    "authority_of",
    "body_of",
    "certificate_body",
    "chain_of",
    "check_csr",
    "check_transcript",
    "choose_generation",
    "credential_of",
    "issue",
    "key_prefix",
    "new_serial",
    "next_line",
    "parse_recipe",
    "perform",
    "plan_digest",
    "prepare",
    "record",
    "recorded",
    "rehearse",
    "responder_of",
    "resume",
    "service_credential",
]
