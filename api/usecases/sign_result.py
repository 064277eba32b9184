"""The leader signs a numbered result: step 3 of the plan, with mark A in the printed signer's block."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller, Role
from api.db import Tx
from api.errors import Forbidden, SigningRightMissing
from api.records.employments import Employments, SigningCapacity
from api.records.people import People
from api.records.results import ResultRecord, Results, ResultState
from api.services import Services
from api.usecases.late_timestamp import enqueue_if_pending
from api.usecases.marks import person_mark
from api.usecases.previewed_file import require_previewed
from api.usecases.refusals import refusals_recorded
from api.usecases.result_events import result_event
from api.usecases.result_files import load_revision, store_revision
from api.usecases.result_signing import PlannedSignature, require_fit_step, set_signature
from api.usecases.result_turn import require_signature_turn
from api.usecases.second_factor import require_second_factor
from signing.pades import SignedPdf
from signing.registry import KeyDevice


@dataclass(frozen=True, slots=True, kw_only=True)
class SignResult:
    """Which result, with which certificate, in which capacity."""

    result_id: str
    certificate_id: str
    capacity: SigningCapacity
    second_factor: str | None = None
    """Code of the caller's second factor, when one is enrolled."""
    file_sha256: str | None = None
    """Hex, of the file that the caller looked at; None: the newest, whichever it is."""


def sign_result(command: SignResult, services: Services, caller: Caller, at: datetime) -> ResultRecord:
    """Check right, certificate and order, sign, and move the result to APPROVED.

    Raises:
        NotFound, StateConflict, ContentFrozen (signed already), Forbidden (another name is printed),
        SigningRightMissing (S18), and what `require_fit_step` and `sign_pdf` raise: nothing was written.
    """
    require_second_factor(services, caller, command.second_factor, at)
    planned = plan_signature(command, services, caller, at)
    with refusals_recorded(result_event("sign_result", planned.record, caller, at), services):
        signed = set_signature(planned, services, at)
    return keep_signature(planned, signed, services, caller, at)


def plan_signature(
    command: SignResult,
    services: Services,
    caller: Caller,
    at: datetime,
    *,
    key_device: KeyDevice = KeyDevice.SERVER,
) -> PlannedSignature:
    """Every check that comes before the key (I10, I14), wherever that key is; a refusal is written into the ledger.

    Raises:
        As `sign_result`, but for the second factor and the signature itself.
    """
    with services.db.reading() as tx:
        record = Results(tx).get(command.result_id)
    with refusals_recorded(result_event("sign_result", record, caller, at), services):
        require_signature_turn(record, Role.AUTHORISED_SIGNER)
        require_previewed(record, command.file_sha256)
        with services.db.reading() as tx:
            _require_right(tx, record, command, caller, at)
            certificate, step = require_fit_step(
                tx,
                record,
                role=Role.AUTHORISED_SIGNER,
                certificate_id=command.certificate_id,
                caller=caller,
                at=at,
                key_device=key_device,
            )
            pdf = load_revision(tx, record, services)
            name = People(tx, services.sealer).get(record.signer_subject).name
        mark = person_mark(certificate, services, at=at, signer_name=name)
    return PlannedSignature(
        record=record,
        pdf=pdf,
        certificate=certificate,
        step=step,
        mark=mark,
        capacity=None if command.capacity is SigningCapacity.HEAD else command.capacity.value.upper(),
    )


def keep_signature(
    planned: PlannedSignature,
    signed: SignedPdf,
    services: Services,
    caller: Caller,
    at: datetime,
    *,
    also: Callable[[Tx, ResultRecord], None] | None = None,
) -> ResultRecord:
    """Store the signed file and move the result to APPROVED, in one transaction with the ledger.

    Args:
        planned: what was planned.
        signed: the file with the signature.
        services: of this process.
        caller: who signs.
        at: now.
        also: whatever else must be true exactly when the result is signed; runs last in the same transaction.

    Raises:
        VersionConflict: somebody else moved the result meanwhile.
    """
    record = planned.record
    details = (("certificate", planned.certificate.certificate_id), ("file_sha256", signed.sha256))
    event = result_event("sign_result", record, caller, at, details=details)

    def within(tx: Tx, changed: ResultRecord) -> None:
        services.audit.append(tx, event)
        enqueue_if_pending(tx, changed, services, at)
        if also is not None:
            also(tx, changed)

    return store_revision(
        record,
        signed.pdf,
        services,
        at,
        within=within,
        state=ResultState.APPROVED,
        signed_by=caller.subject_id,
        file_sha256=signed.sha256,
        signature_level=signed.level,
    )


def _require_right(tx: Tx, record: ResultRecord, command: SignResult, caller: Caller, at: datetime) -> None:
    """I14, S18: the printed person, in the printed capacity, with the right to it at this moment."""
    if caller.subject_id != record.signer_subject:
        raise Forbidden("Văn bản in tên người ký khác.", "Another signer is printed on the document.")
    if command.capacity.value != record.capacity:
        raise Forbidden(
            f"Văn bản in tư cách ký khác: hãy gửi capacity `{record.capacity}`.",
            f"Another capacity is printed on the document: send capacity `{record.capacity}`.",
        )
    right = Employments(tx).right_to_sign(
        record.signer_subject,
        org_code=record.org_code,
        procedure_code=record.procedure_code,
        capacity=command.capacity,
        at=at,
    )
    if right is None:
        raise SigningRightMissing
