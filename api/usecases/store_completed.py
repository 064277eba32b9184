"""What a token's good value makes of a preparation, stored: an upload, a result, a receipt slip, a copy.

Every check is made again before (I10, I14), and what is stored moves together with the preparation or not at all. Must
not know how the value came.
"""

from datetime import datetime, timedelta
from typing import Final

from api.db import Tx
from api.errors import (
    AnnexesUnsealed,
    ContentFrozen,
    DocumentChangedSincePreview,
    FieldsUnconfirmed,
    PreparationStale,
    ReceiptAlreadyGiven,
    StateConflict,
    VersionConflict,
)
from api.records.copies import CertifiedCopies
from api.records.employments import SigningCapacity
from api.records.signature_preparations import (
    BASE_SLOT,
    SIGNED_SLOT,
    PreparationKind,
    PreparationState,
    SignaturePreparations,
)
from api.services import Services
from api.usecases.accept_digitisation import AcceptDigitisation, keep_signed_copy
from api.usecases.arrived_value import Arrived, MovedAlong
from api.usecases.certified_copy import plan_copy
from api.usecases.keep_copy import keep_copy
from api.usecases.keep_receipt_slip import keep_receipt
from api.usecases.late_upload import enqueue_if_incomplete
from api.usecases.officer_copy import CopyOrder, officer_copy
from api.usecases.pending_stamps import NO_AGENCY
from api.usecases.planned_receipt import SlipToSign, planned_receipt
from api.usecases.prepare_results import ResultToSign, planned_result
from api.usecases.prepare_uploads import upload_certificate
from api.usecases.prepared_copies import is_of, request_of
from api.usecases.result_signing import complete_step
from api.usecases.seal_result import keep_seal
from api.usecases.sign_result import keep_signature
from api.usecases.signed_uploads import signed_upload
from api.usecases.status_policy import require_provable_status
from signing.pades import PreparedSignature
from signing.registry import KeyDevice
from vault.errors import DuplicateDocument
from vault.model import CitizenId

_PDF: Final = "application/pdf"


def store_signed(arrived: Arrived, prepared: PreparedSignature, services: Services, at: datetime) -> None:
    """Store what the value makes of the preparation.

    Raises:
        PreparationStale: what was prepared moved on. WorkNotFound: somebody was faster. What the kind's own function
        raises.
    """
    _STORES[arrived.found.kind](arrived, prepared, services, at)


def store_document(arrived: Arrived, prepared: PreparedSignature, services: Services, at: datetime) -> None:
    """Sign an upload and keep it for its sender, unless somebody was faster.

    Raises:
        What `upload_certificate` and `require_provable_status` raise; WorkNotFound: somebody was faster.
    """
    found, work = arrived.found, services.vault.work
    with services.db.reading() as tx:
        certificate = upload_certificate(tx, found.certificate_id, arrived.caller, at)
        given_away = [work.read(tx, found.preparation_id, BASE_SLOT).content]
    require_provable_status(certificate, services, at)
    base_length = len(given_away[0])
    signed = signed_upload(given_away.pop(), prepared, arrived.value, services, at)  # not held beside what it becomes
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
        org_code = certificate.org_code or NO_AGENCY
        enqueue_if_incomplete(
            tx, found.preparation_id, services, at, signed=signed, base_length=base_length, org_code=org_code
        )
    work.discard(garbage, at)


def store_result(arrived: Arrived, prepared: PreparedSignature, services: Services, at: datetime) -> None:
    """Sign or seal a result.

    Raises:
        PreparationStale: it moved on. What `plan_signature`, `plan_seal` and `require_provable_status` raise.
    """
    found, caller = arrived.found, arrived.caller
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
    moved = MovedAlong(arrived, services, at)
    try:
        keep(planned, signed, services, caller, at, also=moved)
    except VersionConflict as err:
        raise PreparationStale from err
    services.vault.work.discard(moved.garbage, at)


def store_receipt(arrived: Arrived, prepared: PreparedSignature, services: Services, at: datetime) -> None:
    """Sign a receipt slip.

    Raises:
        PreparationStale: the slip was signed meanwhile, another one was given, or a record changed. What
        `planned_receipt` and `require_provable_status` raise.
    """
    found, caller = arrived.found, arrived.caller
    wanted = SlipToSign(slip_id=found.slip_id or "", certificate_id=found.certificate_id, key_device=KeyDevice.TOKEN)
    moved = MovedAlong(arrived, services, at)
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


def store_officer_copy(arrived: Arrived, prepared: PreparedSignature, services: Services, at: datetime) -> None:
    """Sign an officer's copy, and put it into its owner's vault or keep it until its time-stamp is there (I17).

    Raises:
        PreparationStale: the paper was accepted meanwhile, or is not confirmed any more. What `officer_copy`,
        `require_provable_status` and `keep_signed_copy` raise. WorkNotFound: somebody was faster.
    """
    found, moved = arrived.found, MovedAlong(arrived, services, at)
    order = CopyOrder(
        digitisation_id=found.digitisation_id or "", certificate_id=found.certificate_id, key_device=KeyDevice.TOKEN
    )
    try:
        with services.db.transaction() as tx:
            copy = officer_copy(tx, order, services, arrived.caller, at)
            page = services.vault.work.read(tx, found.preparation_id, BASE_SLOT).content
        require_provable_status(copy.certificate, services, at)
        signed = complete_step(page, prepared, arrived.value, services, at)
        command = AcceptDigitisation(order=order)
        caller = arrived.caller

        def also(tx: Tx) -> None:
            moved.move(tx, signed.sha256, signed.level)

        keep_signed_copy(command, copy.record, signed, services, caller, at, also=also)
    except (FieldsUnconfirmed, StateConflict, VersionConflict) as err:
        raise PreparationStale from err
    except DuplicateDocument as err:
        with services.db.reading() as tx:
            is_ours = SignaturePreparations(tx).get(found.preparation_id).state is PreparationState.COMPLETED
        if is_ours:  # the same value, at the same moment: it stored the paper that is held now
            raise PreparationStale from err
        raise
    services.vault.work.discard(moved.garbage, at)


def store_sealed_copy(arrived: Arrived, prepared: PreparedSignature, services: Services, at: datetime) -> None:
    """Seal a certified copy; it goes into its owner's vault with its number, or waits for its time-stamp (I17).

    Raises:
        PreparationStale: the source is another file now, or somebody else stored the copy. What `plan_copy` and
        `keep_copy` raise. WorkNotFound: somebody was faster.
    """
    found, caller, moved = arrived.found, arrived.caller, MovedAlong(arrived, services, at)
    with services.db.reading() as tx:
        page = services.vault.work.read(tx, found.preparation_id, BASE_SLOT).content
        record = CertifiedCopies(tx).find(found.copy_id or "")
    if record is None:
        raise PreparationStale
    planned = plan_copy(request_of(record), services, caller, at, key_device=KeyDevice.TOKEN)
    if not is_of(record, planned):
        raise PreparationStale
    signed = complete_step(page, prepared, arrived.value, services, at)

    def also(tx: Tx) -> None:
        moved.move(tx, signed.sha256, signed.level)

    try:
        keep_copy(record, signed, services, caller, at, also=also)
    except VersionConflict as err:
        raise PreparationStale from err
    services.vault.work.discard(moved.garbage, at)


def refuse_annex(_arrived: Arrived, _prepared: PreparedSignature, _services: Services, _at: datetime) -> None:
    """An annex is sealed together with its result, or not at all.

    Raises:
        AnnexesUnsealed.
    """
    raise AnnexesUnsealed


_STORES: Final = {
    PreparationKind.DOCUMENT: store_document,
    PreparationKind.SIGN: store_result,
    PreparationKind.SEAL: store_result,
    PreparationKind.RECEIPT: store_receipt,
    PreparationKind.COPY: store_officer_copy,
    PreparationKind.ANNEX: refuse_annex,
    PreparationKind.SEALED_COPY: store_sealed_copy,
}
