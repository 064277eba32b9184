"""Somebody puts documents together that shall be signed or sealed by one act; they are prepared in the background.

Knows the list and whose it is. Whether each document may be signed is found out one by one, by the job: what is
refused is refused alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import BatchesTooMany, BatchNothingReady, Forbidden, InputInvalid, RoleMissing
from api.ids import creation_id
from api.records.employments import SigningCapacity
from api.records.ready_results import ready_to_seal
from api.records.signature_batch_items import BatchItems
from api.records.signature_batches import BatchKind, BatchState, SignatureBatch, SignatureBatches
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.authorise_signature import require_own_certificate
from api.usecases.signature_batch_work import MAX_ITEMS, ROLE_OF, start_lanes
from api.usecases.signing_certificate import certificate_to_sign_with

LAPSE_JOB: Final = "lapse_signature_batch"
LIFE: Final = timedelta(hours=24)
"""How long a batch may stand without anything happening; the printed date ends before."""
MAX_OPEN: Final = 20
"""Batches of one person that are not over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSignatureBatch:
    """What shall be signed with which certificate."""

    kind: BatchKind
    certificate_id: str
    capacity: SigningCapacity | None
    """In which the person signs, as printed; None for seals."""
    result_ids: tuple[str, ...] = ()
    seen: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 (hex) of files as they were previewed, by result: what changed since is refused."""
    all_ready: bool = False
    """Seals: everything of the seal's agency that waits for it."""


def open_signature_batch(
    command: OpenSignatureBatch, services: Services, caller: Caller, at: datetime
) -> SignatureBatch:
    """Record the batch and have its documents prepared.

    Raises:
        RoleMissing: signers sign, clerks seal. Forbidden: nobody stands behind the account.
        InputInvalid: the list or the capacity does not go with the kind. BatchesTooMany; BatchNothingReady.
        CertificateUnknown, OrganisationClosed, and what `require_own_certificate` raises.
    """
    _require_sense(command, caller)
    batch_id = creation_id("sgb", at)
    with services.db.transaction() as tx:
        batches = SignatureBatches(tx)
        made = batches.find(batch_id)
        if made is not None:  # by an earlier run of the same request
            return made
        if batches.count_open(caller.subject_id or "") >= MAX_OPEN:
            raise BatchesTooMany
        result_ids = _wanted(tx, command, caller, at)
        batch = SignatureBatch(
            batch_id=batch_id,
            kind=command.kind,
            state=BatchState.PREPARING,
            certificate_id=command.certificate_id,
            capacity=command.capacity and command.capacity.value,
            account_id=caller.account_id,
            subject_id=caller.subject_id or "",
            org_code=caller.org_code,
            item_count=len(result_ids),
            created_at=at,
            changed_at=at,
        )
        batches.add(batch)
        BatchItems(tx, batch_id).add(result_ids, command.seen, at)
        start_lanes(tx, batch, services, at, count=len(result_ids))
        services.jobs.enqueue(tx, LAPSE_JOB, {"batch_id": batch_id}, at, owner=caller.account_id, due_at=at + LIFE)
        details = (
            ("kind", command.kind.value),
            ("certificate", command.certificate_id),
            ("count", str(len(result_ids))),
        )
        event = event_of(
            caller, "open_signature_batch", at, object_type="signature_batch", object_id=batch_id, details=details
        )
        services.audit.append(tx, event)
    return batch


def _require_sense(command: OpenSignatureBatch, caller: Caller) -> None:
    if caller.subject_id is None:
        raise Forbidden("Tài khoản không gắn với một người.", "No natural person stands behind the account.")
    if caller.role is not ROLE_OF[command.kind]:
        raise RoleMissing("Người ký lập lô ký, văn thư lập lô đóng dấu.", "Signers sign, clerks seal.")
    is_seal = command.kind is BatchKind.SEAL
    if is_seal is (command.capacity is not None):
        raise InputInvalid("Tư cách ký chỉ dùng cho lô ký.", "A capacity belongs to a signature, and only to one.")
    if command.all_ready and not is_seal:
        raise InputInvalid(
            "Người ký phải chọn từng văn bản.", "A signer names the documents: only seals are set on all that is ready."
        )
    if command.all_ready is bool(command.result_ids):
        raise InputInvalid("Gửi danh sách văn bản hoặc all_ready.", "Send either the list of documents or all_ready.")
    if not command.seen.keys() <= set(command.result_ids):
        raise InputInvalid("Có tệp không thuộc danh sách.", "A previewed file is not of the list.")
    if len(command.result_ids) > MAX_ITEMS or len(set(command.result_ids)) != len(command.result_ids):
        raise InputInvalid(
            f"Từ 1 đến {MAX_ITEMS} văn bản, không trùng nhau.",
            f"Between 1 and {MAX_ITEMS} documents, none of them twice.",
        )


def _wanted(tx: Tx, command: OpenSignatureBatch, caller: Caller, at: datetime) -> tuple[str, ...]:
    """The documents of the batch, when the caller may use the certificate at all (I10)."""
    certificate = certificate_to_sign_with(tx, command.certificate_id, at)
    require_own_certificate(certificate, caller, at)
    if not command.all_ready:
        return command.result_ids
    found = ready_to_seal(
        tx, org_code=certificate.org_code or "", certificate_id=command.certificate_id, limit=MAX_ITEMS
    )
    if not found:
        raise BatchNothingReady
    return found
