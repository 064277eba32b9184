"""Which roots we trust, under which profile, and the status evidence that comes with a document.

Knows certificates as DER bytes and the four profiles of the model. Must not know networks, settings or documents:
whoever composes the service loads the anchors and hands them over.
"""

from signing.trust.anchors import (
    ALLOWED_PURPOSES,
    PolicyReference,
    TrustAnchor,
    TrustAnchors,
    TrustProfile,
    TrustPurpose,
)
from signing.trust.evidence import Evidence
from signing.trust.loading import anchors_from_bytes, is_development

__all__ = [
    "ALLOWED_PURPOSES",
    "Evidence",
    "PolicyReference",
    "TrustAnchor",
    "TrustAnchors",
    "TrustProfile",
    "TrustPurpose",
    "anchors_from_bytes",
    "is_development",
]
