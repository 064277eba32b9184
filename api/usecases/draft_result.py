"""An appraiser drafts a result: what will stand on its page, who will sign it, and whose it is.

The page itself is made when its number is known (I12); here its values are checked as the page will need them, so that
a draft that can never be printed is refused while somebody can still mend it.
"""

import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.db import Tx
from api.errors import Forbidden, InputInvalid, NotFound
from api.ids import creation_id
from api.records.dossiers import Channel, Dossier, Dossiers
from api.records.employments import SigningCapacity
from api.records.procedures import Procedures
from api.records.result_types import ResultType, result_type
from api.records.results import CONTENT_SLOT, ResultRecord, Results, ResultState
from api.records.signing_plans import PlanKind, PlanScope, SigningPlan, SigningPlans
from api.services import Services
from api.usecases.result_content import PageDraft, canonical, page_values, require_signer
from api.usecases.result_events import result_event
from api.usecases.vault_readers import acts_for
from vault.envelope import CitizenKey
from vault.model import CitizenId


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftResult:
    """What the appraiser sends."""

    dossier_id: str
    result_type: str
    org_code: str
    """The deciding agency."""
    owner_subject: str | None
    """Whose document it becomes; None: the applicant's."""
    signer_employment: str
    capacity: SigningCapacity
    place: str
    """Place name before the date."""
    recipients: tuple[str, ...]
    body: Mapping[str, object]
    """The values that this type of page needs."""

    @property
    def page(self) -> PageDraft:
        """What will stand on the page."""
        return PageDraft(
            org_code=self.org_code,
            signer_employment=self.signer_employment,
            capacity=self.capacity,
            place=self.place,
            recipients=self.recipients,
            body=self.body,
        )


def draft_result(command: DraftResult, services: Services, caller: Caller, at: datetime) -> ResultRecord:
    """Record the draft; its content goes encrypted into the owner's work area.

    Raises:
        NotFound: no such dossier, agency or employment. Forbidden: the appraiser works for another agency.
        SigningRightMissing: the named signer may not sign this. ContentNotPrintable: a value of the page is wrong.
        InputInvalid: the procedure has no such result, or the owner is neither the applicant nor the applicant's ward.
    """
    kind = result_type(command.result_type)
    if caller.org_code != command.org_code:
        raise Forbidden
    result_id = creation_id("res", at)
    page = command.page
    with services.db.transaction() as tx:
        with contextlib.suppress(NotFound):
            return Results(tx).get(result_id)  # an earlier run of this request made it
        dossier = _dossier(tx, command, kind, at)
        owner = _owner(tx, services, command.owner_subject, dossier.applicant_subject_id, at)
        signer = require_signer(tx, page, dossier.procedure_code, at)
        plan = _plan(tx, services, dossier, kind, at)
        content = page_values(tx, services, page, kind=kind, signer=signer, at=at)
        key = services.vault.open_vault(tx, CitizenId(owner), at)
    serialised = canonical(content)
    record = ResultRecord(
        result_id=result_id,
        dossier_id=dossier.dossier_id,
        procedure_code=dossier.procedure_code,
        result_type=kind.code,
        org_code=command.org_code,
        owner_subject=owner,
        state=ResultState.DRAFTED,
        plan=plan.steps,
        plan_id=plan.plan_id,
        signer_subject=signer.subject_id,
        capacity=command.capacity.value,
        draft_sha256=hashlib.sha256(serialised).hexdigest(),
        drafted_by=caller.subject_id or caller.account_id,
        created_at=at,
        changed_at=at,
    )
    _keep(record, serialised, key, services, caller, at)
    return record


def _dossier(tx: Tx, command: DraftResult, kind: ResultType, at: datetime) -> Dossier:
    """The dossier, when this agency handles it and its procedure gives this type of result."""
    dossier = Dossiers(tx).get(command.dossier_id)
    if dossier.handled_by != command.org_code:
        raise Forbidden("Hồ sơ thuộc cơ quan khác.", "The dossier belongs to another agency.")
    if kind.code not in Procedures(tx).in_force(dossier.procedure_code, at).result_types:
        raise InputInvalid("Thủ tục này không có loại kết quả đó.", "The procedure does not give this type of result.")
    return dossier


def _keep(  # noqa: PLR0917 - what is kept, where, by whom, when
    record: ResultRecord, content: bytes, key: CitizenKey, services: Services, caller: Caller, at: datetime
) -> None:
    staged = services.vault.work.stage(
        key, record_id=record.result_id, slot=CONTENT_SLOT, media_type="application/json", content=content, at=at
    )
    with services.db.transaction() as tx:
        services.vault.work.keep(tx, staged)
        Results(tx).add(record)
        services.audit.append(tx, result_event("draft_result", record, caller, at))


def _owner(tx: Tx, services: Services, wanted: str | None, applicant: str, at: datetime) -> str:
    """Whose document it becomes: the applicant's own or that of the applicant's ward, a minor still (S21)."""
    if wanted is None or wanted == applicant:
        return applicant
    if not acts_for(tx, services, at, person=applicant, owner=wanted):
        raise InputInvalid(
            "Chủ giấy tờ phải là người nộp hoặc người được giám hộ.", "The owner must be the applicant or a ward."
        )
    return wanted


def _plan(tx: Tx, services: Services, dossier: Dossier, kind: ResultType, at: datetime) -> SigningPlan:
    """The plan of this moment; the result keeps its steps, whatever comes later."""
    scope = PlanScope(
        kind=PlanKind.ELECTRONIC if dossier.channel is Channel.ONLINE else PlanKind.ON_THE_SPOT,
        reading=services.settings.secondary_reading,
        procedure_code=dossier.procedure_code,
        result_type=kind.code,
    )
    return SigningPlans(tx).in_force(scope, at)
