"""Compares the signers of a file with the register: whose certificates, which posts, whose right to sign.

What the certificates say (`signing.validation.entitlement`) is the beginning; 'entitled' is only what our own records
confirm for the best signature time. Knows certificates, posts, results and vault documents. Must not know files.
"""

from dataclasses import dataclass
from datetime import datetime

from api.db import Tx
from api.records.annexes import ANNEX_TYPE
from api.records.employments import Employment, Employments, SigningCapacity
from api.records.receipt_slips import ReceiptSlip
from api.records.results import ResultRecord
from signing.ca import SEAL
from signing.identity import CertificateClass
from signing.registry import CertificateRecord
from signing.registry_sql import RegistrySql
from signing.validation import Entitlement, Reason, Report, Verdict
from vault.model import Grade, StoredDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFile:
    """What the register of results, the vault and the dossiers know of this very file."""

    result: ResultRecord | None = None
    document: StoredDocument | None = None
    slip: ReceiptSlip | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signer:
    """One good signature with a certificate of ours."""

    record: CertificateRecord
    post: Employment | None
    """The post on the certificate, if it was held then."""

    at: datetime


def confirmed_entitlement(report: Report, known: KnownFile, tx: Tx) -> Entitlement:
    """The judgement on the signers' rights, compared with our records.

    What the certificates rule out stays ruled out, except a seal of another agency than the signer's: only our records
    know of a delegation. A certificate that is not ours leaves the answer open.
    """
    judged = report.entitlement
    if report.verdict is not Verdict.VALID:
        return judged
    if judged.status != "not_entitled":
        return _compared(report, known, tx)
    if judged.reasons != (Reason.SEAL_OF_OTHER_AGENCY.value,):
        return judged
    compared = _compared(report, known, tx)
    return compared if compared.status == "entitled" else judged


def _compared(report: Report, known: KnownFile, tx: Tx) -> Entitlement:
    registry, signers = RegistrySql(tx), []
    for signature in report.signatures:
        if signature.kind != "signature":
            continue
        record = registry.by_sha256(signature.certificate_sha256)
        if record is None:
            return _answer("unknown", Reason.CERT_NOT_IN_REGISTER)
        at = signature.best_time or signature.claimed_time or report.checked_at
        signers.append(_Signer(record=record, post=_post(record, at, tx), at=at))
    people = [s for s in signers if s.record.certificate_class is CertificateClass.PERSONAL]
    if any(person.post is None for person in people):
        return _answer("not_entitled", Reason.POST_NOT_HELD)
    if any(s.record.certificate_class is CertificateClass.ORG_SEAL for s in signers):
        return _of_sealed(signers, people, report.entitlement, known, tx)
    return _of_unsealed(signers, people, report.entitlement, known)


def _of_sealed(
    signers: list[_Signer], people: list[_Signer], judged: Entitlement, known: KnownFile, tx: Tx
) -> Entitlement:
    """I11: a person with the right to sign under the seal of the same agency; a certified copy has the seal only."""
    agencies = {s.record.org_code for s in signers if s.record.certificate_class is CertificateClass.ORG_SEAL}
    if known.result is not None:
        agencies.add(known.result.org_code)
    if len(agencies) != 1 or any(not _signs_for(person, agencies, known.result, tx) for person in people):
        return _answer("not_entitled", Reason.SEAL_OF_OTHER_AGENCY)
    if not people:
        # I11: a seal alone on what the vault holds as a certified copy (form E) or as an annex of a result (form C)
        is_sealed_alone = known.document is not None and (
            known.document.grade is Grade.B_CERTIFIED_COPY or known.document.type_code == ANNEX_TYPE
        )
        return Entitlement(status="entitled") if is_sealed_alone else judged
    if known.result is not None and _is_one_person(known.result):
        return _answer("not_entitled", Reason.SAME_PERSON_TWICE)
    if not any(_may_sign(person, known.result, tx) for person in people):
        return _answer("not_entitled", Reason.SIGNING_RIGHT_MISSING)
    # the certificates alone cannot show a delegation; our records do
    return judged if judged.status != "not_entitled" else Entitlement(status="entitled")


def _is_one_person(result: ResultRecord) -> bool:
    """Whether who sealed is who signed: our own record of the steps knows the natural persons behind both."""
    return result.sealed_by is not None and result.sealed_by in {result.signed_by, result.signer_subject}


def _signs_for(person: _Signer, agencies: set[str | None], result: ResultRecord | None, tx: Tx) -> bool:
    """Whether the person signs for that agency: from a post there, or TUQ for it in this very result (I14)."""
    if person.record.org_code in agencies:
        return True
    if result is None or result.capacity != SigningCapacity.TUQ.value or result.org_code not in agencies:
        return False
    holder = person.record.subject_id
    if holder is None:
        return False
    post = Employments(tx).delegated_post(
        holder, org_code=result.org_code, procedure_code=result.procedure_code, at=person.at
    )
    # the certificate is that of the post that carries the right, not of another one of the same person
    return post is not None and post.org_code == person.record.org_code


def _of_unsealed(signers: list[_Signer], people: list[_Signer], judged: Entitlement, known: KnownFile) -> Entitlement:
    """Without a seal: an officer's copy in the vault, a receipt slip by who counted, notes of the platform itself."""
    if known.slip is not None and [person.record.subject_id for person in people] == [known.slip.drafted_by]:
        return Entitlement(status="entitled")
    is_copy = known.document is not None and known.document.grade is Grade.C_OFFICER_COPY
    if known.result is None and is_copy and len(people) == len(signers):
        return Entitlement(status="entitled")
    if known.result is None and all(s.record.service == SEAL for s in signers):
        return Entitlement(status="entitled")
    return judged


def _post(record: CertificateRecord, at: datetime, tx: Tx) -> Employment | None:
    """The post of the certificate, if its holder held it at that moment in that agency."""
    post = None if record.employment_id is None else Employments(tx).find(record.employment_id)
    if post is None or not post.holds_at(at):
        return None
    return post if (post.subject_id, post.org_code) == (record.subject_id, record.org_code) else None


def _may_sign(person: _Signer, result: ResultRecord | None, tx: Tx) -> bool:
    """Whether the person could sign: this very result when it is known, anything at all when it is not."""
    if person.post is None:
        return False
    if result is None:
        return bool(Employments(tx).signing_rights(person.post.employment_id, person.at))
    right = Employments(tx).right_to_sign(
        result.signer_subject,
        org_code=result.org_code,
        procedure_code=result.procedure_code,
        capacity=SigningCapacity(result.capacity),
        at=person.at,
    )
    return right is not None and person.record.subject_id == result.signer_subject


def _answer(status: str, reason: Reason) -> Entitlement:
    return Entitlement(status=status, reasons=(reason.value,))
