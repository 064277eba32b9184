"""The officer who confirmed a paper prepares its copy for the key in an own token (grade C, I21-I23).

The checks are those of signing in the service; the token's value comes to `complete_preparation`, where they are made
again. The page with its marks is kept with the preparation, for it says when it was made. Uses no key.
"""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.records.signature_preparations import PreparationKind, SignaturePreparation
from api.services import Services
from api.usecases.officer_copy import CopyMark, CopyOrder, officer_copy, page_to_sign, request_of
from api.usecases.status_policy import require_provable_status
from api.usecases.token_credential import NamedCertificate, named_certificate_id
from api.usecases.waiting_signatures import Prepared, keep_waiting, require_room, stage
from signing.pades import prepare_signature
from signing.registry import KeyDevice


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareTokenCopy:
    """Which confirmed paper, for which certificate, and what is seen of the signature."""

    digitisation_id: str
    certificate: NamedCertificate
    mark: CopyMark = "text"


def prepare_token_copy(
    command: PrepareTokenCopy, services: Services, caller: Caller, at: datetime
) -> SignaturePreparation:
    """The preparation that waits for the token's value over exactly this copy.

    Raises:
        What `officer_copy` and `require_provable_status` raise; CertificateUnknown; CertificateKeyHere; TokenKeyUnfit;
        TooManyPreparations; DocumentNotSignable: the marks have no place; StoreUnavailable.
    """
    require_room(1, services, caller)
    with services.db.transaction() as tx:
        order = CopyOrder(
            digitisation_id=command.digitisation_id,
            certificate_id=named_certificate_id(tx, command.certificate),
            mark=command.mark,
            key_device=KeyDevice.TOKEN,
        )
        copy = officer_copy(tx, order, services, caller, at)
    require_provable_status(copy.certificate, services, at)
    page = page_to_sign(copy)
    prepared = Prepared(
        kind=PreparationKind.COPY,
        owner_subject=copy.record.owner_subject,
        certificate_id=order.certificate_id,
        signature=prepare_signature(page, request_of(copy), with_stamp=True, at=at),
        base=page,
        digitisation_id=copy.record.digitisation_id,
    )
    staged = stage(prepared, services, caller, at)
    keep_waiting([staged], services, caller, at)
    return staged.record
