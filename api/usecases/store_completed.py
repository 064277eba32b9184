"""What a token's good value makes of a preparation, stored: an upload signed for its sender, or a result moved on.

Every check is made again before (I10, I14), and what is stored moves together with the preparation or not at all. Must
not know how the value came.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import (
    ContentFrozen,
    DocumentChangedSincePreview,
    PreparationStale,
    ReceiptAlreadyGiven,
    StateConflict,
    VersionConflict,
)
from api.records.employments import SigningCapacity
from api.records.receipt_slips import ReceiptSlip
from api.records.results import ResultRecord
from api.records.signature_preparations import (
    BASE_SLOT,
    SIGNED_SLOT,
    PreparationKind,
    SignaturePreparation,
    SignaturePreparations,
)
from api.services import Services
from api.usecases.keep_receipt_slip import keep_receipt
from api.usecases.late_upload import enqueue_if_incomplete
from api.usecases.planned_receipt import SlipToSign, planned_receipt
from api.usecases.prepare_results import ResultToSign, planned_result
from api.usecases.prepare_uploads import upload_certificate
from api.usecases.result_signing import complete_step
from api.usecases.seal_result import keep_seal
from api.usecases.sign_result import keep_signature
from api.usecases.signed_uploads import signed_upload
from api.usecases.status_policy import require_provable_status
from signing.pades import PreparedSignature
from signing.registry import KeyDevice
from vault.ledger import AuditEvent
from vault.model import CitizenId

_PDF: Final = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A value that fits its preparation."""

    found: SignaturePreparation
    value: bytes = field(repr=False)
    event: AuditEvent
    caller: Caller


def store_document(arrived: Arrived, prepared: PreparedSignature, services: Services, at: datetime) -> None:
    """Sign an upload and keep it for its sender, unless somebody was faster.

    Raises:
        What `upload_certificate` and `require_provable_status` raise; WorkNotFound: somebody was faster.
    """
    found, work = arrived.found, services.vault.work
    with services.db.reading() as tx:
        certificate = upload_certificate(tx, found.certificate_id, arrived.caller, at)
        base = work.read(tx, found.preparation_id, BASE_SLOT).content
    require_provable_status(certificate, services, at)
    signed = signed_upload(base, prepared, arrived.value, services, at)
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(found.owner_subject), at)
    staged = work.stage(
        key, record_id=found.preparation_id, slot=SIGNED_SLOT, media_type=_PDF, content=signed.pdf, at=at
    )
    with services.db.transaction() as tx:
        if not SignaturePreparations(tx).complete(
            found.preparation_id,
            at,
            file_sha256=signed.sha256,
            signature_level=signed.level,
            kept_until=at + timedelta(hours=services.settings.signed_file_hours),
        ):
            return
        garbage = work.forget(tx, found.preparation_id)
        work.keep(tx, staged)
        services.audit.append(tx, arrived.event)
        enqueue_if_incomplete(tx, found.preparation_id, services, at, level=signed.level, base_length=len(base))
    work.discard(garbage, at)


def store_result(arrived: Arrived, prepared: PreparedSignature, services: Services, at: datetime) -> None:
    """Sign or seal a result, or sign a receipt slip: what the service itself made.

    Raises:
        PreparationStale: it moved on. What `planned_receipt`, `plan_signature`, `plan_seal` and
        `require_provable_status` raise.
    """
    found, caller = arrived.found, arrived.caller
    if found.kind is PreparationKind.RECEIPT:
        _store_receipt(arrived, prepared, services, at)
        return
    wanted = ResultToSign(
        kind=found.kind,
        result_id=found.result_id or "",
        certificate_id=found.certificate_id,
        capacity=None if found.capacity is None else SigningCapacity(found.capacity),
    )
    try:
        planned = planned_result(wanted, services, caller, at)
    except (ContentFrozen, StateConflict) as err:
        raise PreparationStale from err
    if planned.record.file_sha256 != prepared.base_sha256:
        raise PreparationStale
    require_provable_status(planned.certificate, services, at)
    signed = complete_step(planned.pdf, prepared, arrived.value, services, at)
    keep = keep_seal if found.kind is PreparationKind.SEAL else keep_signature
    moved = _Moved(arrived, services, at)
    try:
        keep(planned, signed, services, caller, at, also=moved)
    except VersionConflict as err:
        raise PreparationStale from err
    services.vault.work.discard(moved.garbage, at)


def _store_receipt(arrived: Arrived, prepared: PreparedSignature, services: Services, at: datetime) -> None:
    """Sign a receipt slip.

    Raises:
        PreparationStale: the slip was signed meanwhile, another one was given, or a record changed. What
        `planned_receipt` and `require_provable_status` raise.
    """
    found, caller = arrived.found, arrived.caller
    wanted = SlipToSign(slip_id=found.slip_id or "", certificate_id=found.certificate_id, key_device=KeyDevice.TOKEN)
    moved = _Moved(arrived, services, at)
    try:
        planned = planned_receipt(wanted, services, caller, at)
        if planned.slip.page_sha256 != prepared.base_sha256:
            raise PreparationStale
        require_provable_status(planned.certificate, services, at)
        signed = complete_step(planned.page, prepared, arrived.value, services, at)
        keep_receipt(planned, signed, services, caller, at, also=moved)
    except (DocumentChangedSincePreview, ReceiptAlreadyGiven, StateConflict, VersionConflict) as err:
        raise PreparationStale from err
    services.vault.work.discard(moved.garbage, at)


class _Moved:
    """The preparation, moved in the transaction of its result or slip; what was prepared is forgotten there too."""

    def __init__(self, arrived: Arrived, services: Services, at: datetime) -> None:
        self._arrived, self._services, self._at = arrived, services, at
        self.garbage: tuple[str, ...] = ()

    def __call__(self, tx: Tx, changed: ResultRecord | ReceiptSlip) -> None:
        """Move it, or stop the whole transaction.

        Raises:
            PreparationStale: its time was over before the signature was stored.
        """
        found = self._arrived.found
        if not SignaturePreparations(tx).complete(
            found.preparation_id,
            self._at,
            file_sha256=changed.file_sha256 or "",
            signature_level=changed.signature_level or "",
            kept_until=None,
        ):
            raise PreparationStale
        self.garbage = self._services.vault.work.forget(tx, found.preparation_id)
        self._services.audit.append(tx, self._arrived.event)
