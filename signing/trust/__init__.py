"""Which roots we trust, under which profile, and the status evidence that comes with a document.

Knows certificates as DER bytes, the four profiles of the model and the signed policy files that say which roots count
when. Must not know settings or documents: whoever composes the service reads the files and hands them over.
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
from signing.trust.evidence import Evidence
from signing.trust.loading import anchors_from_bytes, is_development
from signing.trust.officers import TrustOfficer, read_officers, sign_policy, signers_of
from signing.trust.policy import TrustPolicy, read_policy, write_policy

__all__ = [
    "ALLOWED_PURPOSES",
    "Evidence",
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
    "anchors_from_bytes",
    "is_development",
    "open_book",
    "read_officers",
    "read_policy",
    "require_succession",
    "sign_policy",
    "signers_of",
    "write_policy",
]
