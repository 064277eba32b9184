"""Officials of the deciding agency look at a result's annexes; a look at a file is in the ledger (I28)."""

from datetime import datetime

from api.callers import Caller
from api.records.annexes import ResultAnnex, ResultAnnexes
from api.records.results import Results
from api.services import Services
from api.usecases.result_agency import require_agency_post
from api.usecases.result_events import result_event


def list_annexes(result_id: str, services: Services, caller: Caller, at: datetime) -> tuple[ResultAnnex, ...]:
    """The annexes in order; NotFound, Forbidden (another agency's)."""
    with services.db.reading() as tx:
        require_agency_post(tx, Results(tx).get(result_id), caller, at)
        return ResultAnnexes(tx).of_result(result_id)


def read_annex(annex_id: str, services: Services, caller: Caller, at: datetime) -> bytes:
    """The newest revision of one annex.

    Raises:
        NotFound; Forbidden: another agency's. IntegrityMismatch, StoreUnavailable.
    """
    with services.db.transaction() as tx:
        found = ResultAnnexes(tx).get(annex_id)
        record = Results(tx).get(found.result_id)
        require_agency_post(tx, record, caller, at)
        slot = found.plain_slot if found.sealed_sha256 is None else found.sealed_slot
        pdf = services.vault.work.read(tx, record.result_id, slot).content
        event = result_event(
            "read_annex",
            record,
            caller,
            at,
            details=(("annex", found.annex_id),),
        )
        services.audit.append(tx, event)
    return pdf
