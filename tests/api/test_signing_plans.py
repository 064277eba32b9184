"""Signing plans are data: versions in time, decided by two persons, frozen into each result (model.md §1, §4)."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from api.callers import Role
from api.errors import NotFound, SigningPlanUnsound, VersionConflict
from api.records.demonstration import BIRTH_EXTRACT
from api.records.plan_steps import PlanStep, Precondition, StepObject, steps_of, steps_text
from api.records.results import RESULTS, Results
from api.records.signing_plans import PlanKind, PlanScope, PlanState, SigningPlan, SigningPlans
from api.settings import SecondaryReading
from api.usecases.plan_soundness import MAX_STEPS, require_sound
from tests.api.conftest import START
from tests.api.office import Office, open_office

ON_THE_SPOT = PlanScope(kind=PlanKind.ON_THE_SPOT, reading=SecondaryReading.ORG_SEAL)


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    return open_office(installation)


def plan_in_force(office: Office, scope: PlanScope = ON_THE_SPOT) -> SigningPlan:
    with office.installation.services.db.reading() as tx:
        return SigningPlans(tx).in_force(scope, office.installation.clock.at)


def wire(steps: tuple[PlanStep, ...]) -> list[dict[str, Any]]:
    return list(json.loads(steps_text(steps)))


def with_any_seal(office: Office) -> list[dict[str, Any]]:
    """The first plan, but for the ordinal of the seal: every seal of the agency may be set."""
    return [step | ({"ordinal": None} if step["no"] == 4 else {}) for step in wire(plan_in_force(office).steps)]


def propose(office: Office, steps: list[dict[str, Any]], **changes: object) -> Any:
    body = {
        "kind": "on_the_spot",
        "procedure_code": BIRTH_EXTRACT,
        "steps": steps,
        "basis": "12/QĐ-UBND",
        "valid_from": office.installation.clock.at.isoformat(),
    } | changes
    return office.send(Role.ADMINISTRATOR, "chairman", "/v1/signing-plans", body)


def decide(office: Office, plan: str, act: str = "approval", figure: str = "approver") -> Any:
    return office.send(Role.SECURITY_OFFICER, figure, f"/v1/signing-plans/{plan}/{act}")


def test_the_first_plans_are_those_of_the_law_and_sound(office: Office) -> None:
    answer = office.installation.client.get(
        "/v1/signing-plans?limit=200", headers=office.installation.headers(Role.AUDITOR)
    )
    assert answer.status_code == 200, answer.text
    first = [one for one in answer.json()["items"] if one["version"] == 1 and one["procedure_code"] == "*"]
    assert {(one["kind"], one["reading"]) for one in first} == {
        (kind.value, reading.value) for kind in PlanKind for reading in SecondaryReading
    }
    with office.installation.services.db.reading() as tx:
        for one in first:
            plan = SigningPlans(tx).get(one["id"])
            require_sound(plan.scope.kind, plan.steps)


def test_the_steps_are_those_of_the_table_of_the_model(office: Office) -> None:
    steps = plan_in_force(office).steps
    assert [(one.label, one.role, one.mark, one.signs.value) for one in steps] == [
        ("1", "reception_officer", "E", "components"),
        ("1b", "citizen", "none", "e_form"),
        ("2", "appraiser", "none", "appraisal"),
        ("3", "authorised_signer", "A", "result"),
        ("4", "clerk", "B", "result"),
        ("5", "system", "none", "evidence"),
    ]
    assert [one.label for one in steps if one.certifies] == ["3"]
    assert [one.label for one in steps if one.closes and one.signs is StepObject.RESULT] == ["4"]


def test_a_new_version_applies_to_new_drafts_and_touches_none_in_flight(fresh_install: Callable[..., Any]) -> None:
    office = open_office(fresh_install())
    before = office.numbered()
    assert office.sign(before).status_code == 201
    proposed = propose(office, with_any_seal(office)).json()
    waiting = office.draft().json()["id"]
    assert decide(office, proposed["id"]).status_code == 201
    after = office.numbered()
    assert office.sign(after).status_code == 201
    plans = {}
    with office.installation.services.db.reading() as tx:
        for name in (before, waiting, after):
            record = Results(tx).get(name)
            plans[name] = (record.plan_id, record.signatures[-1].ordinal)
    assert plans[before] == plans[waiting] == ("plan_00000000000000000000000001", 2)
    assert plans[after] == (proposed["id"], None)
    refused = office.seal(before, figure="ward_clerk", certificate="seal_primary")
    assert refused.json()["code"] == "SIG_CERT_KIND", "the old plan wants the second seal"
    assert office.seal(after, figure="ward_clerk", certificate="seal_primary").status_code == 201


def test_nobody_approves_the_own_proposal_whatever_the_account(office: Office) -> None:
    proposed = propose(office, with_any_seal(office)).json()["id"]
    refused = decide(office, proposed, figure="chairman")
    assert (refused.status_code, refused.json()["code"]) == (409, "SAME_PERSON")
    taken_back = office.send(Role.ADMINISTRATOR, "chairman", f"/v1/signing-plans/{proposed}/rejection")
    assert (taken_back.status_code, taken_back.json()["state"]) == (201, "rejected")
    again = decide(office, proposed)
    assert (again.status_code, again.json()["code"]) == (409, "STATE_CONFLICT")
    assert plan_in_force(office, replace(ON_THE_SPOT, procedure_code=BIRTH_EXTRACT)).version == 1


def test_only_an_administrator_proposes_and_only_a_security_officer_decides(office: Office) -> None:
    body = {"kind": "copy", "steps": [], "basis": "x", "valid_from": START.isoformat()}
    assert office.send(Role.CLERK, "clerk", "/v1/signing-plans", body).json()["code"] == "ROLE_MISSING"
    proposed = propose(office, with_any_seal(office)).json()["id"]
    refused = office.send(Role.ADMINISTRATOR, "approver", f"/v1/signing-plans/{proposed}/approval")
    assert refused.json()["code"] == "ROLE_MISSING"
    read = office.fetch(Role.AUDITOR, "auditor", f"/v1/signing-plans/{proposed}")
    assert (read.status_code, read.json()["state"]) == (200, "proposed")


def test_a_version_never_reaches_back_and_its_time_is_not_empty(office: Office) -> None:
    at = office.installation.clock.at
    early = propose(office, with_any_seal(office), valid_from=(at - timedelta(days=1)).isoformat())
    assert early.json()["valid_from"] == at.isoformat().replace("+00:00", "Z")
    empty = propose(office, with_any_seal(office), valid_to=at.isoformat())
    assert (empty.status_code, empty.json()["code"]) == (422, "SIGNING_PLAN_UNSOUND")


def test_an_approval_after_the_plans_own_end_is_refused(fresh_install: Callable[..., Any]) -> None:
    office = open_office(fresh_install())
    clock = office.installation.clock
    ends = (clock.at + timedelta(days=1)).isoformat()
    in_time, proposed = (propose(office, with_any_seal(office), valid_to=ends).json()["id"] for _ in range(2))
    assert decide(office, in_time).json()["state"] == "approved"
    clock.forward(days=2)
    refused = decide(office, proposed)
    assert (refused.status_code, refused.json()["code"]) == (409, "STATE_CONFLICT")
    headers = office.installation.headers(Role.AUDITOR, "auditor")
    for plan, last in ((in_time, "allowed"), (proposed, "refused")):
        path = f"/v1/audit-events?object_id={plan}"
        told = office.installation.client.get(path, headers=headers).json()["items"]
        assert {(one["action"], one["outcome"]) for one in told} == {
            ("propose_signing_plan", "allowed"),
            ("approve_signing_plan", last),
        }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"procedure_code": "9.999999"}, "NOT_FOUND"),
        ({"result_type": "khong_co"}, "INPUT_INVALID"),
        ({"basis": "số 123456789012"}, "INPUT_INVALID"),
        ({"kind": "copy"}, "SIGNING_PLAN_UNSOUND"),
    ],
)
def test_a_proposal_for_nothing_or_without_a_basis_is_refused(office: Office, changes: Any, code: str) -> None:
    assert propose(office, with_any_seal(office), **changes).json()["code"] == code


def scoped(office: Office, *versions: SigningPlan) -> list[str | None]:
    """Which plan applies on each of ten days, when only these versions are there."""
    services, start = office.installation.services, office.installation.clock.at
    scope = replace(ON_THE_SPOT, procedure_code="1.0", result_type="quyet_dinh")
    found: list[str | None] = []

    with services.db.transaction() as tx:
        trial = tx.begin_nested()
        tx.execute(sa.text("DELETE FROM signing_plan"))
        for one in versions:
            SigningPlans(tx).add(one)
        for day in range(10):
            try:
                found.append(SigningPlans(tx).in_force(scope, start + timedelta(days=day)).plan_id)
            except NotFound:
                found.append(None)
        trial.rollback()
    return found


def version(office: Office, name: str, first: int, end: int | None = None, **changes: Any) -> SigningPlan:
    start = office.installation.clock.at
    scope = {key: changes.pop(key) for key in ("procedure_code", "result_type") if key in changes}
    return SigningPlan(
        plan_id=name,
        scope=replace(ON_THE_SPOT, **scope),
        version=changes.pop("version", 1),
        state=changes.pop("state", PlanState.APPROVED),
        steps=(),
        basis="x",
        valid_from=start + timedelta(days=first),
        valid_to=None if end is None else start + timedelta(days=end),
        proposed_by="acc_1",
        proposed_at=start,
    )


def test_the_closest_scope_wins_and_in_it_the_version_that_began_last(office: Office) -> None:
    every = version(office, "every", 0)
    by_type = version(office, "type", 2, 8, result_type="quyet_dinh")
    by_procedure = version(office, "procedure", 4, 6, procedure_code="1.0")
    proposed = version(office, "proposed", 0, procedure_code="1.0", version=2, state=PlanState.PROPOSED)
    other = version(office, "other", 0, procedure_code="2.0")
    assert scoped(office, every, by_type, by_procedure, proposed, other) == [
        *["every"] * 2, *["type"] * 2, *["procedure"] * 2, *["type"] * 2, *["every"] * 2,
    ]  # fmt: skip


def test_a_version_that_was_replaced_does_not_come_back_when_its_successor_ends(office: Office) -> None:
    first, second = version(office, "first", 1), version(office, "second", 4, 7, version=2)
    assert scoped(office, first, second) == [None, *["first"] * 3, *["second"] * 3, *[None] * 3]


def test_of_two_versions_with_one_number_and_of_two_decisions_exactly_one_counts(office: Office) -> None:
    one, twin = version(office, "plan_a", 0, procedure_code="7.0"), version(office, "plan_b", 0, procedure_code="7.0")
    proposed = replace(version(office, "plan_c", 0, procedure_code="8.0"), state=PlanState.PROPOSED)
    with office.installation.services.db.transaction() as tx:
        trial, plans, at = tx.begin_nested(), SigningPlans(tx), office.installation.clock.at
        plans.add(one)
        with pytest.raises(VersionConflict):
            plans.add(twin)
        assert plans.next_version(one.scope) == 2
        plans.add(proposed)
        plans.decide(proposed, to=PlanState.APPROVED, by="acc_2", valid_from=at, at=at)
        with pytest.raises(VersionConflict):
            plans.decide(proposed, to=PlanState.REJECTED, by="acc_3", valid_from=at, at=at)
        assert plans.get("plan_c").decided_by == "acc_2"
        trial.rollback()


def test_the_list_comes_by_kind_and_in_pages(office: Office) -> None:
    def page(query: str) -> Any:
        headers = office.installation.headers(Role.CLERK, "clerk")
        return office.installation.client.get(f"/v1/signing-plans?{query}", headers=headers).json()

    first = page("kind=annex&limit=1")
    second = page(f"kind=annex&limit=1&cursor={first['next_cursor']}")
    assert [one["reading"] for one in (*first["items"], *second["items"])] == ["org_seal", "person"]
    assert second["next_cursor"] is None


def test_a_proposal_whose_answer_was_lost_is_found_again(
    office: Office, dies_before_its_answer: Callable[[], AbstractContextManager[None]]
) -> None:
    installation = office.installation
    body = {
        "kind": "copy",
        "steps": wire(plan_in_force(office, replace(ON_THE_SPOT, kind=PlanKind.COPY)).steps),
        "basis": "12/QĐ-UBND",
        "valid_from": "2031-01-01T00:00:00+07:00",
        "procedure_code": BIRTH_EXTRACT,
    }
    headers = installation.headers(Role.ADMINISTRATOR, "chairman")
    with dies_before_its_answer():
        assert installation.client.post("/v1/signing-plans", json=body, headers=headers).status_code == 500
    installation.clock.forward(minutes=16)
    again = installation.client.post("/v1/signing-plans", json=body, headers=headers).json()
    other = installation.client.post(
        "/v1/signing-plans", json=body, headers=installation.headers(Role.ADMINISTRATOR, "chairman")
    ).json()
    assert other["version"] == again["version"] + 1


def changed(steps: tuple[PlanStep, ...], label: str, **values: Any) -> tuple[PlanStep, ...]:
    return tuple(replace(one, **values) if one.label == label else one for one in steps)


@pytest.mark.parametrize(
    ("label", "values"),
    [
        ("3", {"role": "appraiser"}),
        ("3", {"certificate_class": "org_seal"}),
        ("3", {"mark": "none"}),
        ("3", {"precondition": Precondition.NONE}),
        ("3", {"certifies": False}),
        ("3", {"closes": True}),
        ("3", {"field_name": "Step4"}),
        ("3", {"field_name": "a.b"}),
        ("3", {"field_name": None}),
        ("3", {"signs": StepObject.COMPONENTS}),
        ("4", {"precondition": Precondition.NUMBER_IN_TEXT}),
        ("4", {"closes": False}),
        ("4", {"certifies": True}),
        ("4", {"role": "authorised_signer"}),
        ("4", {"no": 3}),
        ("2", {"role": "authorised_signer"}),
        ("2", {"no": 4, "part": "a"}),
        ("2", {"certificate_class": "personal"}),
        ("1", {"certificate_class": "org_seal"}),
        ("1", {"certificate_class": None}),
        ("5", {"precondition": Precondition.NONE}),
        ("5", {"signs": StepObject.COMPONENTS, "certificate_class": "personal", "field_name": "X"}),
    ],
)
def test_what_the_law_fixes_no_plan_may_change(office: Office, label: str, values: Any) -> None:
    with pytest.raises(SigningPlanUnsound) as refused:
        require_sound(PlanKind.ON_THE_SPOT, changed(plan_in_force(office).steps, label, **values))
    assert refused.value.detail_vi
    assert refused.value.detail_en


def test_a_plan_has_so_many_steps_and_no_more(office: Office) -> None:
    steps = plan_in_force(office).steps
    for extra, is_sound in ((MAX_STEPS - len(steps), True), (MAX_STEPS - len(steps) + 1, False)):
        every = (*(steps[0] for _ in range(extra)), *steps)
        longer = tuple(replace(one, no=number, part="") for number, one in enumerate(every, 1))
        if is_sound:
            require_sound(PlanKind.ON_THE_SPOT, longer)
        else:
            with pytest.raises(SigningPlanUnsound):
                require_sound(PlanKind.ON_THE_SPOT, longer)


def test_copies_and_annexes_have_the_clerks_seal_alone(office: Office) -> None:
    for kind in (PlanKind.COPY, PlanKind.ANNEX):
        (step,) = plan_in_force(office, replace(ON_THE_SPOT, kind=kind)).steps
        assert (step.role, step.certificate_class, step.closes) == ("clerk", "org_seal", True)
        other = replace(step, signs=StepObject.RESULT)
        for wrong in ((), (step, replace(step, no=2)), (replace(step, mark="A"),), (other,)):
            with pytest.raises(SigningPlanUnsound):
                require_sound(kind, wrong)


def test_a_plan_of_before_plans_had_preconditions_is_read_as_it_was_followed(office: Office) -> None:
    result = office.numbered()
    old = [
        {"no": 3, "role": "authorised_signer", "certificate_class": "personal", "ordinal": None, "mark": "A"},
        {"no": 4, "role": "clerk", "certificate_class": "org_seal", "ordinal": 2, "mark": "B"},
    ]
    with office.installation.services.db.transaction() as tx:
        mine = RESULTS.c.result_id == result
        tx.execute(RESULTS.update().where(mine).values(plan=json.dumps(old), plan_id=None))
    assert office.seal(result).json()["code"] == "SEAL_BEFORE_SIGNATURE"
    assert office.sign(result).status_code == 201
    assert office.seal(result).status_code == 201
    assert office.send_issue(result).status_code in {200, 201}
    person, seal = steps_of(json.dumps(old))
    assert not person.certifies, "what was not planned then is not done now"
    assert not seal.closes
