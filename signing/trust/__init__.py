"""Which roots we trust, under which profile, and the status evidence that comes with a document.

Knows certificates as DER bytes, the four profiles of the model and the signed policy files that say which roots count
when; `fetch` alone opens connections, to listed hosts. Must not know settings or documents: whoever composes the
service reads the files and hands them over.
"""

from signing.trust.anchors import (
    ALLOWED_PURPOSES,
    PolicyReference,
    TrustAnchor,
    TrustAnchors,
    TrustProfile,
    TrustPurpose,
)
from signing.trust.book import PolicyFile, SignedPolicy, TrustBook, open_book, require_succession
from signing.trust.doors import Doors
from signing.trust.evidence import Evidence
from signing.trust.fetch import EvidenceFetcher, FetchLimits
from signing.trust.loading import MAX_ANCHOR_BYTES, anchors_from_bytes, is_development
from signing.trust.officers import TrustOfficer, read_officers, sign_policy, signers_of
from signing.trust.policy import MAX_POLICY_BYTES, TrustPolicy, read_policy, write_policy
from signing.trust.wants import EvidenceKind, Want, wants_of

__all__ = [
    "ALLOWED_PURPOSES",
    "MAX_ANCHOR_BYTES",
    "MAX_POLICY_BYTES",
    "Doors",
    "Evidence",
    "EvidenceFetcher",
    "EvidenceKind",
    "FetchLimits",
    "PolicyFile",
    "PolicyReference",
    "SignedPolicy",
    "TrustAnchor",
    "TrustAnchors",
    "TrustBook",
    "TrustOfficer",
    "TrustPolicy",
    "TrustProfile",
    "TrustPurpose",
    "Want",
    "anchors_from_bytes",
    "is_development",
    "open_book",
    "read_officers",
    "read_policy",
    "require_succession",
    "sign_policy",
    "signers_of",
    "wants_of",
    "write_policy",
]
