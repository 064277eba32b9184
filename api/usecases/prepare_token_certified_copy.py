"""The clerk prepares a certified copy for the agency's seal in an own token (mark E, I11).

The checks are those of sealing in the service; the token's value comes to `complete_preparation`, where they are made
again. The page, drawn here, is kept with the preparation; the copy has no number before it is stored, so that what is
never sealed leaves no gap in the register (I13). Uses no key.
"""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.db import Tx
from api.records.copies import CopyForm
from api.records.signature_preparations import PreparationKind, SignaturePreparation
from api.services import Services
from api.usecases.certified_copy import CopyRequest, plan_copy, prepared_copy
from api.usecases.prepared_copies import add_prepared, copy_attempt, copy_record
from api.usecases.refusals import refusals_recorded
from api.usecases.token_credential import NamedCertificate, named_certificate_id
from api.usecases.waiting_signatures import Prepared, keep_waiting, require_room, stage
from signing.registry import KeyDevice


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareTokenCertifiedCopy:
    """Which copy of which document, for which dossier, under which seal."""

    document_id: str
    dossier_id: str
    form: CopyForm
    certificate: NamedCertificate
    pages: tuple[int, ...] = ()


def prepare_token_certified_copy(
    command: PrepareTokenCertifiedCopy, services: Services, caller: Caller, at: datetime
) -> SignaturePreparation:
    """The preparation that waits for the token's value over exactly this page.

    Raises:
        What `plan_copy` and `prepared_copy` raise, with a line in the ledger; CertificateUnknown; CertificateKeyHere;
        TokenKeyUnfit; TooManyPreparations; StoreUnavailable.
    """
    require_room(1, services, caller)
    with services.db.reading() as tx:
        certificate_id = named_certificate_id(tx, command.certificate)
    request = CopyRequest(
        document_id=command.document_id,
        dossier_id=command.dossier_id,
        form=command.form,
        certificate_id=certificate_id,
        pages=command.pages,
    )
    with refusals_recorded(copy_attempt(request, caller, at), services):
        planned = plan_copy(request, services, caller, at, key_device=KeyDevice.TOKEN)
        waiting = prepared_copy(planned, services, at)
    copy = copy_record(planned, at)
    prepared = Prepared(
        kind=PreparationKind.SEALED_COPY,
        owner_subject=copy.owner_subject,
        certificate_id=certificate_id,
        signature=waiting.prepared,
        base=waiting.pdf,
        copy_id=copy.copy_id,
    )
    staged, garbage = stage(prepared, services, caller, at), list[str]()

    def also(tx: Tx) -> None:
        garbage.extend(add_prepared(tx, copy, services, at))

    keep_waiting([staged], services, caller, at, also=also)
    services.vault.work.discard(tuple(garbage), at)
    return staged.record
