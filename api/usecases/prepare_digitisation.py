"""The first of two requests by which an officer signs a copy: everything but the value, and the holder is asked.

Where keys need their holder's agreement (production), the officer's passkey answers before anything is signed; the
second request is `accept_digitisation` with the authorisation.
"""

from datetime import datetime

from api.callers import Caller
from api.services import Services
from api.usecases.authorise_signature import Authorised
from api.usecases.authorised_signing import WaitingSignature, WaitsFor, ask_holder
from api.usecases.officer_copy import CopyOrder, officer_copy, page_to_sign, request_of
from api.usecases.status_policy import require_provable_status
from signing.authorisation import SigningPurpose
from signing.pades import prepare_signature


def prepare_digitisation(order: CopyOrder, services: Services, caller: Caller, at: datetime) -> Authorised:
    """Check everything, print the marks, and open an authorisation over the digest of exactly that page.

    Prepared again, the later one counts. Nothing is signed, the digitisation does not move.

    Raises:
        What `officer_copy`, `require_provable_status` and `ask_holder` raise;
        DocumentNotSignable: the marks have no place.
    """
    with services.db.transaction() as tx:
        copy = officer_copy(tx, order, services, caller, at)
    require_provable_status(copy.certificate, services, at)
    page = page_to_sign(copy)
    prepared = prepare_signature(page, request_of(copy), with_stamp=True, at=at)
    to = WaitsFor(
        record_id=copy.record.digitisation_id,
        owner=copy.record.owner_subject,
        certificate_id=order.certificate_id,
        purpose=SigningPurpose.ACCEPT_DIGITISATION,
    )
    return ask_holder([WaitingSignature(pdf=page, prepared=prepared)], to, services, caller, at)
