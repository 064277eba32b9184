"""Who may give the receipt slip of a dossier: an officer with a post at the desk that receives for its agency.

Knows step 1 of the signing plan in force (model.md §4). Must not know what a slip says.
"""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller, Role
from api.db import Tx
from api.errors import Forbidden
from api.records.dossiers import Channel, Dossier
from api.records.employments import Employment, Employments
from api.records.organisations import Organisations, OrgUnit
from api.records.plan_steps import PlanStep, StepObject
from api.records.signing_plans import PlanKind, PlanScope, SigningPlans
from api.services import Services
from api.usecases.receive_dossier import read_dossier
from signing.identity import CertificateClass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDesk:
    """A dossier, and the officer's post from which its slip is given."""

    dossier: Dossier
    post: Employment
    agency: OrgUnit
    """Of the post: whose personal certificate signs."""
    step: PlanStep


def receipt_desk(dossier_id: str, services: Services, caller: Caller, at: datetime) -> ReceiptDesk:
    """The desk, when the caller may give a slip for this dossier now.

    Raises:
        NotFound: no such dossier, or the caller does not receive for its agency. Forbidden: the caller has no post
        there, or the plan lets no reception officer sign. OrganisationClosed: the deciding agency ended.
    """
    dossier = read_dossier(dossier_id, services, caller, at)
    if caller.role is not Role.RECEPTION_OFFICER or caller.subject_id is None or caller.org_code is None:
        raise Forbidden
    with services.db.reading() as tx:
        organisations = Organisations(tx)
        organisations.require_working(dossier.handled_by, at)
        post = Employments(tx).works_for(caller.subject_id, caller.org_code, at)
        if post is None:
            raise Forbidden
        agency = organisations.require_working(post.org_code, at)
        return ReceiptDesk(dossier=dossier, post=post, agency=agency, step=_step_1(tx, dossier, services, at))


def _step_1(tx: Tx, dossier: Dossier, services: Services, at: datetime) -> PlanStep:
    """Step 1 of the plan for the dossier's procedure: the officer's personal signature over what was received."""
    scope = PlanScope(
        kind=PlanKind.ELECTRONIC if dossier.channel is Channel.ONLINE else PlanKind.ON_THE_SPOT,
        reading=services.settings.secondary_reading,
        procedure_code=dossier.procedure_code,
    )
    for step in SigningPlans(tx).in_force(scope, at).steps:
        is_officers = step.role == Role.RECEPTION_OFFICER.value and step.signs is StepObject.COMPONENTS
        if is_officers and step.certificate_class == CertificateClass.PERSONAL.value:
            return step
    raise Forbidden(
        "Quy trình ký của thủ tục không có bước tiếp nhận.", "The procedure's signing plan has no reception step."
    )
