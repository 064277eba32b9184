"""What signing and sealing a result share: the checks before the key is touched, and the signature itself.

Knows the frozen plan of a result (I10, I11, I14). Must not know HTTP. The key is used outside any transaction; the row
moves afterwards with a version check, so that of two at once exactly one counts.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from api.callers import Caller, Role
from api.db import Tx
from api.errors import DocumentDatePassed, Forbidden, SamePerson
from api.records.employments import Employment, Employments, SigningCapacity
from api.records.organisations import Organisations
from api.records.plan_steps import PlanStep
from api.records.results import ResultRecord
from api.services import Services
from api.usecases.certificate_fitness import IntendedAct, require_fit_certificate, titles_held
from api.usecases.completing import complete_as_far
from api.usecases.gather_evidence import EvidenceSource
from api.usecases.marks import seal_diameter
from api.usecases.result_agency import require_agency_post
from api.usecases.signing_certificate import certificate_to_sign_with
from api.usecases.status_policy import require_provable_status
from api.usecases.token_credential import signing_credential
from api.vietnam_time import vietnam_day
from signing.keys import require_key_of
from signing.pades import (
    Mark,
    PreparedSignature,
    ReservedSeal,
    SignedPdf,
    SigningRequest,
    prepare_signature,
)
from signing.registry import CertificateRecord, KeyDevice

_LEVELS: Final = (None, "B-B", "B-T", "B-LT", "B-LTA")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSignature:
    """One signature of the plan, ready to be set: every check before the key was passed."""

    record: ResultRecord
    pdf: bytes = field(repr=False)
    """The newest revision, which will be continued."""
    certificate: CertificateRecord
    step: PlanStep
    mark: Mark
    capacity: str | None
    """As printed before the title; kept in the signature's reason."""


def require_fit_step(
    tx: Tx,
    record: ResultRecord,
    *,
    role: Role,
    certificate_id: str,
    caller: Caller,
    at: datetime,
    key_device: KeyDevice = KeyDevice.SERVER,
) -> tuple[CertificateRecord, PlanStep]:
    """The certificate and the planned step, when this caller may take it now with this certificate.

    Raises:
        Forbidden: no such step, or the caller works for another agency. SamePerson: one person in two steps.
        OrganisationClosed: the deciding agency or the certificate's ended. DocumentDatePassed: the printed date is not
        today. CertificateUnknown: no such certificate, and what `require_fit_certificate` raises.
    """
    Organisations(tx).require_working(record.org_code, at)  # §3.5: at the moment of the act, not of the job
    delegated = _delegated_post(tx, record, role, caller, at)
    post = delegated or require_agency_post(tx, record, caller, at)
    step = record.step_for(role)
    if step is None or step.certificate_class is None:
        raise Forbidden
    # appraiser, signer and sealer are different natural persons, whatever their accounts
    others = {record.drafted_by, record.appraised_by}
    if role is Role.CLERK:
        others.add(record.signed_by)
    if caller.subject_id in others:
        raise SamePerson
    if record.document_date != vietnam_day(at):
        raise DocumentDatePassed
    certificate = certificate_to_sign_with(tx, certificate_id, at)
    org_code = delegated.org_code if delegated else record.org_code
    act = IntendedAct(
        certificate_class=step.certificate_class,
        ordinal=step.ordinal,
        org_code=org_code,
        place=post.place_code or post.org_code,
        procedure=record.procedure_code,
        document_type=record.result_type,
        titles=titles_held(tx, caller, org_code, at),
    )
    require_fit_certificate(certificate, act, caller, at, key_device=key_device)
    return certificate, step


def _delegated_post(tx: Tx, record: ResultRecord, role: Role, caller: Caller, at: datetime) -> Employment | None:
    """I14: who signs TUQ for another agency does so from the own post, with the own agency's certificate."""
    if role is not Role.AUTHORISED_SIGNER or record.capacity != SigningCapacity.TUQ.value or caller.subject_id is None:
        return None
    return Employments(tx).delegated_post(
        caller.subject_id, org_code=record.org_code, procedure_code=record.procedure_code, at=at
    )


def lowest_level(*levels: str | None) -> str | None:
    """The level of a file with several signatures: that of the weakest (I17: one pending keeps all pending)."""
    return min(levels, key=_LEVELS.index)


def prepare_step(planned: PlannedSignature, services: Services, at: datetime) -> PreparedSignature:
    """The planned signature up to its value: for a key that is used later, or elsewhere.

    Raises:
        SignerStatusUnknown, CertificateRevoked, CertificateOnHold: see `require_provable_status` (S26), and what
        `prepare_signature` raises.
    """
    require_provable_status(planned.certificate, services, at)
    return prepare_signature(planned.pdf, signing_request(planned, services, at), with_stamp=True, at=at)


def complete_step(
    pdf: bytes,
    prepared: PreparedSignature,
    value: bytes,
    services: Services,
    at: datetime,
    *,
    evidence: EvidenceSource | None = None,
) -> SignedPdf:
    """The prepared signature with its value: B-LT; B-T while evidence, B-B while a time-stamp cannot be had (I17, S25).

    A slow or dead authority delays nobody and uses no key twice; what is missing is added behind the signature later.
    Evidence comes from ``evidence`` where a job gathers it for many documents.
    """
    return complete_as_far(pdf, prepared, value, services, at, evidence=evidence)


def set_signature(planned: PlannedSignature, services: Services, at: datetime) -> SignedPdf:
    """The file with the planned signature behind it, by a key of our own store; levels as `complete_step` says."""
    prepared = prepare_step(planned, services, at)
    credential = prepared.credential
    require_key_of(credential, services.keys)
    value = services.keys.sign(credential.key_id, prepared.attributes, credential.algorithm)
    return complete_step(planned.pdf, prepared, value, services, at)


def signing_request(planned: PlannedSignature, services: Services, at: datetime) -> SigningRequest:
    """The planned signature in the words of `signing.pades`."""
    with services.db.reading() as tx:
        credential = signing_credential(tx, planned.certificate)
    step = planned.step
    return SigningRequest(
        credential=credential,
        field_name=field_of(step),
        mark=planned.mark,
        capacity=planned.capacity,
        location=planned.certificate.organisation,
        certify=step.certifies,
        reserved=_reserved_seal(planned, services, at),
        closes=step.closes,
    )


def field_of(step: PlanStep) -> str:
    """The signature field of a step; plans of before they named one: by the number."""
    return step.field_name or f"Step{step.no}"


def _reserved_seal(planned: PlannedSignature, services: Services, at: datetime) -> ReservedSeal | None:
    """The seal's field, made with the certifying signature: ISO 32000-2 §12.8.2.2.2 allows no new one afterwards."""
    if not planned.step.certifies:
        return None
    seal = next((one for one in planned.record.signatures if one.mark == "B" and one.no > planned.step.no), None)
    if seal is None:
        return None
    diameter = seal_diameter(planned.record.org_code, services, at=at)
    return ReservedSeal(field_name=field_of(seal), diameter_mm=diameter, closes=seal.closes)
