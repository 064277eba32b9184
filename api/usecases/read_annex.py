"""Officials of the deciding agency look at a result's annexes; a look at a file is in the ledger (I28)."""

from datetime import datetime

from api.callers import Caller
from api.errors import NotFound
from api.records.annexes import ResultAnnex, ResultAnnexes, no_such_annex
from api.records.results import Results
from api.services import Services
from api.usecases.result_agency import agency_post
from api.usecases.result_events import result_event
from api.usecases.result_files import load_annex


def list_annexes(result_id: str, services: Services, caller: Caller, at: datetime) -> tuple[ResultAnnex, ...]:
    """The annexes in order; NotFound: no such result, or another agency's."""
    with services.db.reading() as tx:
        if agency_post(tx, Results(tx).get(result_id), caller, at) is None:
            raise NotFound
        return ResultAnnexes(tx).of_result(result_id)


def read_annex(annex_id: str, services: Services, caller: Caller, at: datetime) -> bytes:
    """The newest revision of one annex.

    Raises:
        NotFound: no such annex, or another agency's. IntegrityMismatch, StoreUnavailable.
    """
    with services.db.transaction() as tx:
        found = ResultAnnexes(tx).get(annex_id)
        record = Results(tx).get(found.result_id)
        if agency_post(tx, record, caller, at) is None:
            raise no_such_annex()
        pdf = load_annex(tx, found, services)
        services.audit.append(tx, result_event("read_annex", record, caller, at, details=(("annex", found.annex_id),)))
    return pdf
