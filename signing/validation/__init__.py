"""Checks PDF signatures and certificates: values in, a report out.

Knows bytes, anchors, a policy and a moment. Must not know networks, tables or how a report is shown.
"""

from signing.validation.certificate import CertificateFindings, CertificateQuestion, examine_certificate
from signing.validation.certificate_input import certificates_of
from signing.validation.certificate_judgement import KnownPrimary, MomentAnswer, known_primary
from signing.validation.certificate_reasons import CERTIFICATE_TEXTS, CertificateReason
from signing.validation.certificate_report import (
    CertificateReport,
    HolderEntitlement,
    broken_certificate_report,
    certificate_report,
)
from signing.validation.certificate_standing import Register
from signing.validation.detached import verify_detached
from signing.validation.digests import ContentDigest
from signing.validation.entitlement import Entitlement
from signing.validation.hashes import HashedKind, HashedSignature, verify_hashes
from signing.validation.holds import with_register
from signing.validation.path import PathFailure, PathOutcome, check_path
from signing.validation.policies import POLICIES, VN_IN_FORCE, VN_TT15_2025, policy_at
from signing.validation.policy import ValidationPolicy
from signing.validation.reason_texts import TEXTS
from signing.validation.reasons import Reason
from signing.validation.report import Report, SignatureReport, Verdict, unchecked_report
from signing.validation.stamps import token_fault
from signing.validation.unsigned import is_picture
from signing.validation.verify import verify_pdf

__all__ = [
    "CERTIFICATE_TEXTS",
    "POLICIES",
    "TEXTS",
    "VN_IN_FORCE",
    "VN_TT15_2025",
    "CertificateFindings",
    "CertificateQuestion",
    "CertificateReason",
    "CertificateReport",
    "ContentDigest",
    "Entitlement",
    "HashedKind",
    "HashedSignature",
    "HolderEntitlement",
    "KnownPrimary",
    "MomentAnswer",
    "PathFailure",
    "PathOutcome",
    "Reason",
    "Register",
    "Report",
    "SignatureReport",
    "ValidationPolicy",
    "Verdict",
    "broken_certificate_report",
    "certificate_report",
    "certificates_of",
    "check_path",
    "examine_certificate",
    "is_picture",
    "known_primary",
    "policy_at",
    "token_fault",
    "unchecked_report",
    "verify_detached",
    "verify_hashes",
    "verify_pdf",
    "with_register",
]
