"""The entry of a worker process: one check with positional arguments, for ``signing.isolation``."""

from datetime import datetime

from signing.trust import Evidence, TrustAnchors
from signing.validation.policy import ValidationPolicy
from signing.validation.report import Report
from signing.validation.verify import verify_pdf


def verify_in_worker(
    pdf: bytes, anchors: TrustAnchors, policy: ValidationPolicy, at: datetime, evidence: Evidence
) -> Report:
    """``verify_pdf`` for a caller in another process."""
    return verify_pdf(pdf, anchors=anchors, policy=policy, at=at, evidence=evidence)
