"""An appraiser drafts a result: what will stand on its page, who will sign it, and whose it is.

The page itself is made when its number is known (I12); here its values are checked as the page will need them, so that
a draft that can never be printed is refused while somebody can still mend it.
"""

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.db import Tx
from api.errors import Forbidden, InputInvalid, NotFound, SigningRightMissing
from api.ids import creation_id
from api.records.dossiers import Channel, Dossier, Dossiers
from api.records.employments import Employment, Employments, SigningCapacity
from api.records.organisations import Organisations
from api.records.people import People
from api.records.procedures import Procedures
from api.records.result_types import ResultType, result_type
from api.records.results import CONTENT_SLOT, ResultRecord, Results, ResultState
from api.records.signing_plans import PlanKind, PlanScope, SigningPlan, SigningPlans
from api.rendering.content import page_content
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.vault_readers import acts_for
from vault.model import CitizenId

# Decree 30/2020 annex I: how a capacity is printed above the signer's title
_CAPACITY_LINES = {
    SigningCapacity.HEAD: (),
    SigningCapacity.KT: ("KT. CHỦ TỊCH",),
    SigningCapacity.TL: ("TL. CHỦ TỊCH",),
    SigningCapacity.TUQ: ("TUQ. CHỦ TỊCH",),
    SigningCapacity.TM: ("TM. ỦY BAN NHÂN DÂN",),
    SigningCapacity.Q: ("Q. CHỦ TỊCH",),
}


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
    with services.db.transaction() as tx:
        with contextlib.suppress(NotFound):
            return Results(tx).get(result_id)  # an earlier run of this request made it
        dossier = Dossiers(tx).get(command.dossier_id)
        if dossier.handled_by != command.org_code:
            raise Forbidden("Hồ sơ thuộc cơ quan khác.", "The dossier belongs to another agency.")
        if kind.code not in Procedures(tx).in_force(dossier.procedure_code, at).result_types:
            raise InputInvalid(
                "Thủ tục này không có loại kết quả đó.", "The procedure does not give this type of result."
            )
        owner = _owner(tx, services, command.owner_subject, dossier.applicant_subject_id, at)
        signer = _signer(tx, command, dossier.procedure_code, at)
        plan = _plan(tx, services, dossier, kind, at)
        content = _content(tx, services, command, kind=kind, signer=signer, at=at)
        key = services.vault.open_vault(tx, CitizenId(owner), at)
    serialised = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
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
    staged = services.vault.work.stage(
        key,
        record_id=record.result_id,
        slot=CONTENT_SLOT,
        media_type="application/json",
        content=serialised,
        at=at,
    )
    with services.db.transaction() as tx:
        services.vault.work.keep(tx, staged)
        Results(tx).add(record)
        services.audit.append(
            tx,
            event_of(caller, "draft_result", at, object_type="result", object_id=record.result_id, owner_id=owner),
        )
    return record


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


def _signer(tx: Tx, command: DraftResult, procedure: str, at: datetime) -> Employment:
    """The post that will sign, which holds the right today (I11, I14)."""
    Organisations(tx).require_working(command.org_code, at)
    post = Employments(tx).get(command.signer_employment)
    right = Employments(tx).right_to_sign(
        post.subject_id, org_code=command.org_code, procedure_code=procedure, capacity=command.capacity, at=at
    )
    signs_for = right and (right.for_org or post.org_code)
    if right is None or signs_for != command.org_code or not post.holds_at(at):
        raise SigningRightMissing
    return post


def _content(
    tx: Tx, services: Services, command: DraftResult, *, kind: ResultType, signer: Employment, at: datetime
) -> dict[str, object]:
    """The page without number and code, checked with stand-ins for both."""
    agency = Organisations(tx).get(command.org_code)
    parent = Organisations(tx).get(agency.parent_code) if agency.parent_code else None
    content: dict[str, object] = {
        "result_type": kind.template,
        "agency": {"parent": parent.name if parent else None, "name": agency.name},
        "place": command.place,
        "recipients": list(command.recipients),
        "signer": {
            "capacity": list(_CAPACITY_LINES[command.capacity]),
            "title": signer.title.upper(),
            "name": People(tx, services.sealer).get(signer.subject_id).name,
        },
        "body": dict(command.body),
    }
    page_content(
        content
        | {
            "number": f"00/{kind.number_symbol}",
            "issued_on": at.date().isoformat(),
            "verification_url": "https://example.vn/v/" + "0" * 24,
        }
    )
    return content
