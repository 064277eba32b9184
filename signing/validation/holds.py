"""A suspension is kept for ever: what was signed inside it stays invalid after release (I6, S12).

CRLs and OCSP answers forget a released hold; the register does not. Knows reports and intervals, never where the
intervals come from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from signing.registry import Hold
from signing.validation.entitlement import judged_entitlement
from signing.validation.reasons import Reason
from signing.validation.report import Indication, Report, SignatureReport, Verdict


def with_holds(report: Report, holds: Mapping[str, Sequence[Hold]]) -> Report:
    """The report in the light of suspensions that the register remembers.

    Args:
        report: the report from the file and its evidence.
        holds: the intervals by SHA-256 (hex) of the certificate.
    """
    signatures = tuple(_held(one, holds.get(one.certificate_sha256, ())) for one in report.signatures)
    if signatures == report.signatures:
        return report
    return replace(report, signatures=signatures, entitlement=judged_entitlement(signatures))


def _held(signature: SignatureReport, holds: Sequence[Hold]) -> SignatureReport:
    if not holds or signature.kind != "signature" or signature.verdict is Verdict.INVALID:
        return signature
    at = signature.best_time
    if at is None:  # only claimed: it may have been made inside
        if signature.verdict is not Verdict.VALID:
            return signature
        return replace(
            signature, verdict=Verdict.INDETERMINATE, indication=Indication.INDETERMINATE,
            sub_indication="REVOKED_NO_POE", reason=Reason.CERT_ON_HOLD,
        )  # fmt: skip
    if not any(hold.begun_at <= at and (hold.ended_at is None or at < hold.ended_at) for hold in holds):
        return signature
    return replace(
        signature, verdict=Verdict.INVALID, indication=Indication.FAILED, sub_indication="REVOKED",
        reason=Reason.CERT_ON_HOLD_AT_SIGNING,
    )  # fmt: skip
