"""Officials of the deciding agency look at a result's annexes; a look at a file is in the ledger (I28)."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.db import Tx
from api.errors import NotFound
from api.records.annexes import ResultAnnex, ResultAnnexes
from api.records.results import Results
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.result_agency import require_agency_post


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAnnex:
    """Which annex of which result."""

    result_id: str
    no: int


def list_annexes(result_id: str, services: Services, caller: Caller, at: datetime) -> tuple[ResultAnnex, ...]:
    """The annexes in order; NotFound, Forbidden (another agency's)."""
    with services.db.reading() as tx:
        return _annexes(tx, result_id, caller, at)


def read_annex(command: ReadAnnex, services: Services, caller: Caller, at: datetime) -> bytes:
    """The newest revision of one annex.

    Raises:
        NotFound; Forbidden: another agency's. IntegrityMismatch, StoreUnavailable.
    """
    with services.db.transaction() as tx:
        found = next((one for one in _annexes(tx, command.result_id, caller, at) if one.no == command.no), None)
        if found is None:
            raise NotFound("Không có phụ lục này.", "There is no such annex.")
        slot = found.plain_slot if found.sealed_sha256 is None else found.sealed_slot
        pdf = services.vault.work.read(tx, command.result_id, slot).content
        event = event_of(
            caller,
            "read_annex",
            at,
            object_type="result",
            object_id=command.result_id,
            owner_id=Results(tx).get(command.result_id).owner_subject,
            details=(("annex", found.annex_id),),
        )
        services.audit.append(tx, event)
    return pdf


def _annexes(tx: Tx, result_id: str, caller: Caller, at: datetime) -> tuple[ResultAnnex, ...]:
    require_agency_post(tx, Results(tx).get(result_id), caller, at)
    return ResultAnnexes(tx).of_result(result_id)
