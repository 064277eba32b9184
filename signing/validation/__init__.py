"""Checks PDF signatures and certificates: values in, a report out.

Knows bytes, anchors, a policy and a moment. Must not know networks, tables or how a report is shown.
"""

from signing.validation.entitlement import Entitlement
from signing.validation.holds import with_holds
from signing.validation.path import PathFailure, PathOutcome, check_path
from signing.validation.policy import POLICIES, VN_TT15_2025, ValidationPolicy
from signing.validation.reasons import TEXTS, Reason
from signing.validation.report import Report, SignatureReport, Verdict, unchecked_report
from signing.validation.verify import verify_pdf

__all__ = [
    "POLICIES",
    "TEXTS",
    "VN_TT15_2025",
    "Entitlement",
    "PathFailure",
    "PathOutcome",
    "Reason",
    "Report",
    "SignatureReport",
    "ValidationPolicy",
    "Verdict",
    "check_path",
    "unchecked_report",
    "verify_pdf",
    "with_holds",
]
