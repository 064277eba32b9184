"""Could the holder of a certificate sign then: post, agency, right and scope, from our own records, in yes and no.

Knows certificates of ours, posts and agencies. Says nothing of a record beyond the answer itself (I30): who asks holds
no more than a certificate.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from api.db import Tx
from api.records.employments import ANY_PROCEDURE, Employment, Employments
from api.records.organisations import Organisations
from signing.identity import CertificateClass, Scope
from signing.registry import CertificateRecord, Hold
from signing.validation import CertificateReason, HolderEntitlement

YES, NO, UNKNOWN, NOT_APPLICABLE = "yes", "no", "unknown", "not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntendedUse:
    """What the certificate would be used for, as far as the asker says."""

    place: str | None = None
    procedure: str | None = None
    document_type: str | None = None


def scope_answer(scope: Scope, use: IntendedUse) -> str:
    """Whether the use lies inside; unknown when a limit has nothing to be compared with."""
    limits = (
        (scope.places, use.place),
        (scope.procedures, use.procedure),
        (scope.document_types, use.document_type),
    )
    if any(limit and value is not None and value not in limit for limit, value in limits):
        return NO
    return UNKNOWN if any(limit and value is None for limit, value in limits) else YES


def holder_entitlement(
    record: CertificateRecord | None, said: Scope | None, use: IntendedUse, at: datetime, tx: Tx | None
) -> HolderEntitlement:
    """The answer for a certificate; without a record of ours only what its own scope says.

    Args:
        record: the certificate in our register, if it is there.
        said: the scope that the certificate carries; None: it cannot be read or carries none.
        use: what it would be used for.
        at: the moment asked about.
        tx: to ask posts and agencies; None when there is no database to ask.
    """
    scope = scope_answer(said or Scope(), use)
    if record is None or tx is None:
        reasons = (CertificateReason.CERT_NOT_IN_REGISTER, *_of_scope(scope))
        return HolderEntitlement(status=UNKNOWN if scope != NO else "not_entitled", reasons=reasons, scope=scope)
    match record.certificate_class:
        case CertificateClass.PERSONAL:
            return _official(record, scope, use, at, tx)
        case CertificateClass.ORG_SEAL:
            return _folded(scope, post=NOT_APPLICABLE, agency=_agency(record, at, tx), right=NOT_APPLICABLE)
        case CertificateClass.CITIZEN:
            return _open(CertificateReason.CITIZEN_SIGNATURE, scope)
        case _:
            return _open(CertificateReason.CLASS_UNKNOWN, scope)


def held_locally(judged: HolderEntitlement, holds: Sequence[Hold], at: datetime) -> HolderEntitlement:
    """S13: a certificate of others that is on hold here entitles to nothing here, whatever its issuer says."""
    if not any(hold.begun_at <= at and (hold.ended_at is None or at < hold.ended_at) for hold in holds):
        return judged
    return replace(judged, status="not_entitled", reasons=(CertificateReason.HELD_LOCALLY, *judged.reasons))


def _official(record: CertificateRecord, scope: str, use: IntendedUse, at: datetime, tx: Tx) -> HolderEntitlement:
    post = _post(record, at, tx)
    if post is None:
        return _folded(scope, post=NO, agency=_agency(record, at, tx), right=NO)
    rights = Employments(tx).signing_rights(post.employment_id, at)
    fitting = [r for r in rights if use.procedure is None or r.procedure_code in {use.procedure, ANY_PROCEDURE}]
    return _folded(scope, post=YES, agency=_agency(record, at, tx), right=YES if fitting else NO)


def _post(record: CertificateRecord, at: datetime, tx: Tx) -> Employment | None:
    """I1: the person, the agency and the title of the certificate, held at that moment."""
    post = None if record.employment_id is None else Employments(tx).find(record.employment_id)
    if post is None or not post.holds_at(at):
        return None
    same = (post.subject_id, post.org_code) == (record.subject_id, record.org_code)
    return post if same and _plain(post.title) == _plain(record.title or "") else None


def _plain(title: str) -> str:
    return " ".join(unicodedata.normalize("NFC", title).casefold().split())


def _agency(record: CertificateRecord, at: datetime, tx: Tx) -> str:
    unit = None if record.org_code is None else Organisations(tx).find(record.org_code)
    if unit is None:
        return UNKNOWN
    return YES if unit.works_at(at) else NO


def _folded(scope: str, *, post: str, agency: str, right: str) -> HolderEntitlement:
    """One answer: any no refuses, everything answered entitles, the rest stays open."""
    wrong = (
        (post, CertificateReason.POST_NOT_HELD),
        (agency, CertificateReason.AGENCY_CLOSED),
        (right if post != NO else YES, CertificateReason.SIGNING_RIGHT_MISSING),
    )
    reasons = (*(reason for answer, reason in wrong if answer == NO), *_of_scope(scope))
    answers = {post, agency, right, scope}
    status = "not_entitled" if NO in answers else UNKNOWN if UNKNOWN in answers else "entitled"
    return HolderEntitlement(status=status, reasons=reasons, post=post, agency=agency, signing_right=right, scope=scope)


def _of_scope(scope: str) -> tuple[CertificateReason, ...]:
    if scope == YES:
        return ()
    return (CertificateReason.OUT_OF_SCOPE if scope == NO else CertificateReason.SCOPE_OPEN,)


def _open(reason: CertificateReason, scope: str) -> HolderEntitlement:
    status = "not_entitled" if scope == NO else UNKNOWN
    return HolderEntitlement(
        status=status, reasons=(reason, *_of_scope(scope)), post=NOT_APPLICABLE, agency=NOT_APPLICABLE,
        signing_right=NOT_APPLICABLE, scope=scope,
    )  # fmt: skip
