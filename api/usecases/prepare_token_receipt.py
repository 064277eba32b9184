"""The reception officer prepares a receipt slip for the key in an own token (model.md §4 step 1).

The checks are those of signing in the service; the token's value comes to `complete_preparation`, where they are made
again. Uses no key.
"""

from dataclasses import replace
from datetime import datetime

from api.callers import Caller
from api.records.signature_preparations import PreparationKind, SignaturePreparation
from api.services import Services
from api.usecases.planned_receipt import SlipToSign, planned_receipt
from api.usecases.status_policy import require_provable_status
from api.usecases.waiting_signatures import Prepared, keep_waiting, require_room, stage
from signing.pades import prepare_signature
from signing.registry import KeyDevice


def prepare_token_receipt(wanted: SlipToSign, services: Services, caller: Caller, at: datetime) -> SignaturePreparation:
    """The preparation that waits for the token's value over exactly this page.

    Raises:
        What `planned_receipt` and `require_provable_status` raise; CertificateKeyHere; TokenKeyUnfit;
        TooManyPreparations; StoreUnavailable.
    """
    require_room(1, services, caller)
    planned = planned_receipt(replace(wanted, key_device=KeyDevice.TOKEN), services, caller, at)
    require_provable_status(planned.certificate, services, at)
    prepared = Prepared(
        kind=PreparationKind.RECEIPT,
        owner_subject=planned.slip.owner_subject,
        certificate_id=wanted.certificate_id,
        signature=prepare_signature(planned.page, planned.request, with_stamp=True, at=at),
        slip_id=planned.slip.slip_id,
    )
    staged = stage(prepared, services, caller, at)
    keep_waiting([staged], services, caller, at)
    return staged.record
