"""The clerk at the centre seals a signed result: step 4 of the plan, with the agency's second certificate and mark B.

I11: a seal is set only on a file in which we ourselves found the valid signature of the printed signer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller, Role
from api.db import Tx
from api.errors import AnnexesUnsealed, SealBeforeSignature
from api.records.annexes import ResultAnnexes
from api.records.external_certificates import ExternalCertificates, ExternalState
from api.records.numbers import NumberRegister
from api.records.results import ResultRecord, Results, ResultState
from api.services import Services
from api.usecases.late_timestamp import enqueue_if_pending
from api.usecases.marks import seal_mark
from api.usecases.previewed_file import require_previewed
from api.usecases.refusals import refusals_recorded
from api.usecases.result_events import result_event
from api.usecases.result_files import load_revision, store_revision
from api.usecases.result_signing import PlannedSignature, lowest_level, require_fit_step, set_signature
from api.usecases.result_turn import require_signature_turn
from api.usecases.second_factor import require_second_factor
from api.usecases.verify_document import verify_file
from signing.pades import SignedPdf
from signing.registry import KeyDevice
from signing.registry_sql import RegistrySql
from signing.validation import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class SealResult:
    """Which result, with which seal."""

    result_id: str
    certificate_id: str
    second_factor: str | None = None
    file_sha256: str | None = None
    """Hex, of the file that the caller looked at; None: the newest, whichever it is."""


def seal_result(command: SealResult, services: Services, caller: Caller, at: datetime) -> ResultRecord:
    """Check the leader's signature in the file itself, seal, and move the result to SEALED; its number is used now.

    Raises:
        SealBeforeSignature: no valid signature of the printed signer stands in the file (S02).
        NotFound, StateConflict, ContentFrozen, and what `require_fit_step` and `sign_pdf` raise.
        Whatever is refused, nothing is written but the try in the ledger.
    """
    planned = plan_seal(command, services, caller, at)
    with refusals_recorded(result_event("seal_result", planned.record, caller, at), services):
        signed = set_signature(planned, services, at)
    return keep_seal(planned, signed, services, caller, at)


def plan_seal(
    command: SealResult,
    services: Services,
    caller: Caller,
    at: datetime,
    *,
    asks_factor: bool = True,
    key_device: KeyDevice = KeyDevice.SERVER,
    with_annexes: bool = False,
) -> PlannedSignature:
    """Every check that comes before the key (I10, I11, I14); a refusal is written into the ledger.

    Args:
        command: which result, with which seal.
        services: of this process.
        caller: who will seal.
        at: now.
        asks_factor: False when the caller agrees to a whole list by one act, which is asked for there.
        key_device: where the seal's key is.
        with_annexes: whoever asks seals the result's annexes in the same act (`seal_with_annexes`).

    Raises:
        As `seal_result`, but for the seal itself.
    """
    with services.db.reading() as tx:
        record = Results(tx).get(command.result_id)
    with refusals_recorded(result_event("seal_result", record, caller, at), services):
        require_signature_turn(record, Role.CLERK)
        require_previewed(record, command.file_sha256)
        if asks_factor:
            require_second_factor(services, caller, command.second_factor, at)
        with services.db.reading() as tx:
            if not with_annexes and ResultAnnexes(tx).of_result(record.result_id):
                raise AnnexesUnsealed
            certificate, step = require_fit_step(
                tx,
                record,
                role=Role.CLERK,
                certificate_id=command.certificate_id,
                caller=caller,
                at=at,
                key_device=key_device,
            )
            pdf = load_revision(tx, record, services)
        _require_personal_signature(pdf, record, services, at)
        mark = seal_mark(certificate, services, at=at)
    return PlannedSignature(record=record, pdf=pdf, certificate=certificate, step=step, mark=mark, capacity=None)


def keep_seal(
    planned: PlannedSignature,
    signed: SignedPdf,
    services: Services,
    caller: Caller,
    at: datetime,
    *,
    also: Callable[[Tx, ResultRecord], None] | None = None,
) -> ResultRecord:
    """Store the sealed file and move the result to SEALED; its number is used in the same transaction.

    Args:
        planned: what was planned.
        signed: the file with the seal.
        services: of this process.
        caller: who seals.
        at: now.
        also: whatever else must be true exactly when the result is sealed; runs last in the same transaction.

    Raises:
        VersionConflict: somebody else moved the result meanwhile.
    """
    record = planned.record
    details = (("certificate", planned.certificate.certificate_id), ("file_sha256", signed.sha256))

    def within(tx: Tx, changed: ResultRecord) -> None:
        NumberRegister(tx).use(changed.result_id, at, by=caller.subject_id or caller.account_id)
        services.audit.append(tx, result_event("seal_result", changed, caller, at, details=details))
        enqueue_if_pending(tx, changed, services, at)
        if also is not None:
            also(tx, changed)

    return store_revision(
        record,
        signed.pdf,
        services,
        at,
        within=within,
        state=ResultState.SEALED,
        sealed_by=caller.subject_id,
        file_sha256=signed.sha256,
        signature_level=lowest_level(record.signature_level, signed.level),
    )


def _require_personal_signature(pdf: bytes, record: ResultRecord, services: Services, at: datetime) -> None:
    """I11: one signature stands in this very file, it is good now, and its holder is the printed signer."""
    report = verify_file(pdf, services, at)
    signatures = [one for one in report.signatures if one.kind == "signature"]
    if report.verdict is not Verdict.VALID or len(signatures) != 1:
        raise SealBeforeSignature
    with services.db.reading() as tx:
        holder = _holder_of(tx, signatures[0].certificate_sha256)
    if holder != record.signer_subject:
        raise SealBeforeSignature


def _holder_of(tx: Tx, certificate_sha256: str) -> str | None:
    """Whose certificate it is: one of ours, or a foreign one that two officers took in."""
    own = RegistrySql(tx).by_sha256(certificate_sha256)
    if own is not None:
        return own.subject_id
    foreign = ExternalCertificates(tx).by_sha256(certificate_sha256)
    return foreign.subject_id if foreign is not None and foreign.state is ExternalState.ACTIVE else None
