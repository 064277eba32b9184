"""The reception officer signs the receipt slip with the personal certificate: step 1 of the signing plan (model.md §4).

At once by a key of our own store, or under an authorisation that its holder agreed to (`prepare_receipt_slip`). The key
is used outside any transaction; of two at once exactly one slip counts.
"""

from dataclasses import dataclass, field
from datetime import datetime

from api.callers import Caller
from api.errors import PreparationMissing
from api.records.receipt_slips import ReceiptSlip
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.authorise_signature import Authorised
from api.usecases.authorised_signing import (
    WaitingSignature,
    WaitsFor,
    ask_holder,
    value_of,
    values_under,
    waiting_signatures,
)
from api.usecases.completing import complete_as_far
from api.usecases.keep_receipt_slip import keep_receipt
from api.usecases.planned_receipt import PlannedReceipt, SlipToSign, planned_receipt
from api.usecases.refusals import refusals_recorded
from api.usecases.second_factor import require_second_factor
from api.usecases.status_policy import require_provable_status
from signing.authorisation import SigningPurpose
from signing.keys import require_key_of
from signing.pades import prepare_signature
from vault.ledger import AuditEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class SignReceiptSlip:
    """Which slip, and under which authorisation its prepared signature is made (None: the key is used at once)."""

    wanted: SlipToSign
    authorisation_id: str | None = None
    second_factor: str | None = field(default=None, repr=False)


def sign_receipt_slip(command: SignReceiptSlip, services: Services, caller: Caller, at: datetime) -> ReceiptSlip:
    """Check, sign, keep. A refusal is written into the ledger, and nothing else.

    Raises:
        What `planned_receipt`, `require_second_factor`, `require_provable_status` and `values_under` raise;
        PreparationMissing; SigningDeviceAway; ReceiptAlreadyGiven, VersionConflict: somebody was faster;
        StoreUnavailable.
    """
    with refusals_recorded(_event(command, caller, at), services):
        if command.authorisation_id is None:
            require_second_factor(services, caller, command.second_factor, at)
        planned = planned_receipt(command.wanted, services, caller, at)
        waiting, value = _signature(command, planned, services, caller, at)
        signed = complete_as_far(waiting.pdf, waiting.prepared, value, services, at)
        return keep_receipt(planned, signed, services, caller, at, authorisation_id=command.authorisation_id)


def prepare_receipt_slip(wanted: SlipToSign, services: Services, caller: Caller, at: datetime) -> Authorised:
    """Check everything, and open an authorisation over the digest of exactly this page.

    Prepared again, the later one counts. Nothing is signed.

    Raises:
        What `planned_receipt`, `require_provable_status` and `ask_holder` raise.
    """
    planned = planned_receipt(wanted, services, caller, at)
    to = WaitsFor(
        record_id=planned.slip.slip_id,
        owner=planned.slip.owner_subject,
        certificate_id=wanted.certificate_id,
        purpose=SigningPurpose.SIGN_RECEIPT,
    )
    return ask_holder([_prepared(planned, services, at)], to, services, caller, at)


def _prepared(planned: PlannedReceipt, services: Services, at: datetime) -> WaitingSignature:
    require_provable_status(planned.certificate, services, at)  # S26
    prepared = prepare_signature(planned.page, planned.request, with_stamp=True, at=at)
    return WaitingSignature(pdf=planned.page, prepared=prepared)


def _signature(
    command: SignReceiptSlip, planned: PlannedReceipt, services: Services, caller: Caller, at: datetime
) -> tuple[WaitingSignature, bytes]:
    """What is signed and the value: under the authorisation, or at once by a key of our own store."""
    if command.authorisation_id is None:
        waiting = _prepared(planned, services, at)
        require_key_of(planned.request.credential, services.keys)
        return waiting, value_of(waiting.prepared, services.keys)
    with services.db.reading() as tx:
        (waiting,) = waiting_signatures(tx, planned.slip.slip_id, command.authorisation_id, services)
    if waiting.prepared.credential.certificate != planned.request.credential.certificate:
        raise PreparationMissing  # prepared with another certificate than the one that was checked now
    (value,) = values_under(command.authorisation_id, [waiting], services, caller)
    return waiting, value


def _event(command: SignReceiptSlip, caller: Caller, at: datetime) -> AuditEvent:
    return event_of(
        caller,
        "sign_receipt_slip",
        at,
        object_type="receipt_slip",
        object_id=command.wanted.slip_id,
        details=(("certificate", command.wanted.certificate_id),),
    )
