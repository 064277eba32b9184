"""Role grants, second factors and notices over HTTP: two natural persons, and the holder is told."""

import base64
from datetime import UTC, datetime

import pytest

from api.callers import Caller, Role
from api.errors import (
    Forbidden,
    RateLimited,
    SecondFactorInvalid,
    SecondFactorReplayed,
    SecondFactorRequired,
    VersionConflict,
)
from api.records.demonstration import PEOPLE, WARD
from api.records.grants import GrantState, RoleGrants
from api.records.second_factors import STEP_S, ResetState, SecondFactors, code_at, matching_counter
from api.usecases.open_development_account import OpenDevelopmentAccount, open_development_account
from api.usecases.second_factor import require_second_factor
from api.usecases.two_persons import require_other_person
from tests.api.conftest import Install, Installation
from vault.ledger import verify_chain
from vault.ledger_sql import LedgerSql


@pytest.fixture
def made(fresh_install: Install) -> Installation:
    return fresh_install()


def account(made: Installation, role: Role, figure: str | None = None) -> str:
    subject_id = None if figure is None else PEOPLE[figure].subject_id
    command = OpenDevelopmentAccount(role=role, subject_id=subject_id)
    return open_development_account(command, made.services, made.clock.at).account_id


def requested(made: Installation, holder: str, role: str = "clerk") -> str:
    answer = made.client.post(
        "/v1/role-grants",
        json={"account_id": holder, "role": role, "org_code": WARD},
        headers=made.headers(Role.ADMINISTRATOR),
    )
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/v1/role-grants/{answer.json()['id']}"
    return str(answer.json()["id"])


def notices(made: Installation, role: Role, figure: str | None = None) -> list[str]:
    answer = made.client.get("/v1/notices", headers=made.headers(role, figure))
    return [item["type"] for item in answer.json()["items"]]


def test_a_role_works_only_after_another_person_approved_it_and_the_holder_is_told(made: Installation) -> None:
    grant = requested(made, account(made, Role.APPRAISER))
    assert notices(made, Role.APPRAISER) == []
    path = f"/v1/role-grants/{grant}"
    answer = made.client.post(f"{path}/approval", headers=made.headers(Role.SECURITY_OFFICER))
    assert (answer.status_code, answer.json()["state"]) == (201, "active")
    assert notices(made, Role.APPRAISER) == ["role_granted"]
    made.clock.forward(seconds=1)
    withdrawn = made.client.post(f"{path}/withdrawal", headers=made.headers(Role.ADMINISTRATOR))
    assert withdrawn.json()["state"] == "withdrawn"
    assert notices(made, Role.APPRAISER) == ["role_withdrawn", "role_granted"]
    assert made.client.get(path, headers=made.headers(Role.ADMINISTRATOR)).json()["state"] == "withdrawn"


def test_the_person_who_asked_cannot_approve_with_a_second_account(made: Installation) -> None:
    grant = requested(made, account(made, Role.APPRAISER))
    answer = made.client.post(
        f"/v1/role-grants/{grant}/approval", headers=made.headers(Role.SECURITY_OFFICER, "administrator")
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "SAME_PERSON")


def test_the_holder_can_neither_ask_nor_approve(made: Installation) -> None:
    own = account(made, Role.CLERK, "administrator")
    asked = made.client.post(
        "/v1/role-grants",
        json={"account_id": own, "role": "auditor"},
        headers=made.headers(Role.ADMINISTRATOR),
    )
    assert asked.json()["code"] == "SAME_PERSON"
    grant = requested(made, account(made, Role.CLERK, "security_officer"))
    answer = made.client.post(f"/v1/role-grants/{grant}/approval", headers=made.headers(Role.SECURITY_OFFICER))
    assert answer.json()["code"] == "SAME_PERSON"


def test_a_decided_grant_is_not_decided_again(made: Installation) -> None:
    grant = requested(made, account(made, Role.APPRAISER))
    rejected = made.client.post(f"/v1/role-grants/{grant}/rejection", headers=made.headers(Role.SECURITY_OFFICER))
    assert rejected.json()["state"] == "rejected"
    for step in ("approval", "rejection", "withdrawal"):
        answer = made.client.post(f"/v1/role-grants/{grant}/{step}", headers=made.headers(Role.SECURITY_OFFICER))
        assert (answer.status_code, answer.json()["code"]) == (409, "STATE_CONFLICT")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"account_id": "acc_nope"}, "ID_INVALID"),
        ({"account_id": "acc_00000000000000000000000000"}, "NOT_FOUND"),
        ({"role": "public"}, "INPUT_INVALID"),
        ({"role": "king"}, "INPUT_INVALID"),
        ({"org_code": "H49/../x"}, "INPUT_INVALID"),
        ({"org_code": "H50"}, "NOT_FOUND"),
        ({"valid_to": "2020-01-01T00:00:00Z"}, "INPUT_INVALID"),
        ({"valid_to": "2030-01-01T00:00:00"}, "INPUT_INVALID"),
        ({"surprise": 1}, "INPUT_INVALID"),
    ],
)
def test_a_bad_grant_request_leaves_nothing(made: Installation, change: dict[str, object], code: str) -> None:
    body = {"account_id": account(made, Role.APPRAISER), "role": "clerk", "org_code": WARD} | change
    answer = made.client.post("/v1/role-grants", json=body, headers=made.headers(Role.ADMINISTRATOR))
    assert answer.json()["code"] == code
    listing = made.client.get(
        "/v1/role-grants",
        params={"account_id": account(made, Role.APPRAISER)},
        headers=made.headers(Role.ADMINISTRATOR),
    ).json()
    assert [item["state"] for item in listing["items"]] == ["active"]  # the seeded one


def test_a_timed_grant_ends(made: Installation) -> None:
    answer = made.client.post(
        "/v1/role-grants",
        json={"account_id": account(made, Role.APPRAISER), "role": "clerk", "valid_to": "2026-11-23T03:00:00Z"},
        headers=made.headers(Role.ADMINISTRATOR),
    )
    assert answer.json()["valid_to"] == "2026-11-23T03:00:00Z"


def test_grants_are_listed_in_pages_to_the_end(made: Installation) -> None:
    headers = made.headers(Role.ADMINISTRATOR)
    everything = made.client.get("/v1/role-grants", params={"limit": 200}, headers=headers).json()
    assert everything["next_cursor"] is None
    seen, cursor = [], None
    while True:
        params = {"limit": 5} | ({} if cursor is None else {"cursor": cursor})
        answer = made.client.get("/v1/role-grants", params=params, headers=headers)
        seen += [item["id"] for item in answer.json()["items"]]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            assert "link" not in answer.headers
            break
        assert f"cursor={cursor}" in answer.headers["link"]
    assert seen == [item["id"] for item in everything["items"]]


@pytest.mark.parametrize("cursor", ["x", "!!!!", "MjpmdXR1cmU", "MTphAGI", "é", "A" * 401])
def test_a_cursor_of_somebody_else_is_refused(made: Installation, cursor: str) -> None:
    answer = made.client.get("/v1/role-grants", params={"cursor": cursor}, headers=made.headers(Role.ADMINISTRATOR))
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")


def test_a_system_cannot_be_one_of_the_two_persons(made: Installation) -> None:
    caller = Caller(account_id="acc_system", subject_id=None, role=Role.ADMINISTRATOR, org_code=None)
    with pytest.raises(Forbidden) as caught, made.services.db.reading() as tx:
        require_other_person(tx, caller, ())
    assert caught.value.code == "FORBIDDEN"


def test_a_grant_or_reset_decided_by_another_meanwhile_is_a_conflict(made: Installation) -> None:
    grant = requested(made, account(made, Role.APPRAISER))
    with made.services.db.transaction() as tx, pytest.raises(VersionConflict):
        RoleGrants(tx).move(
            grant, expected=GrantState.ACTIVE, to=GrantState.WITHDRAWN, decided_by="acc_x", at=made.clock.at
        )
    with made.services.db.transaction() as tx, pytest.raises(VersionConflict):
        SecondFactors(tx, made.services.sealer).decide_reset(
            "rst_none", ResetState.APPROVED, decided_by="acc_x", at=made.clock.at
        )


@pytest.mark.parametrize("path", ["/v1/role-grants/{}", "/v1/second-factor-resets/{}/approval"])
def test_what_names_nothing_is_not_found(made: Installation, path: str) -> None:
    prefix = "grant_" if "grants" in path else "rst_"
    method = "GET" if "grants" in path else "POST"
    answer = made.client.request(method, path.format(prefix + "0" * 26), headers=made.headers(Role.SECURITY_OFFICER))
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_notices_come_in_pages(made: Installation) -> None:
    for _ in range(3):
        made.clock.forward(seconds=1)
        grant = requested(made, account(made, Role.APPRAISER), "clerk")
        made.client.post(f"/v1/role-grants/{grant}/approval", headers=made.headers(Role.SECURITY_OFFICER))
    headers = made.headers(Role.APPRAISER)
    first = made.client.get("/v1/notices", params={"limit": 2}, headers=headers).json()
    cursor = {"limit": 2, "cursor": first["next_cursor"]}
    second = made.client.get("/v1/notices", params=cursor, headers=headers).json()
    assert [len(page["items"]) for page in (first, second)] == [2, 1]
    assert second["next_cursor"] is None


# --- second factors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(moment: int, code: str) -> None:
    assert code_at(b"12345678901234567890", moment // STEP_S) == code


def test_a_code_of_the_step_before_and_after_is_taken_and_no_other() -> None:
    at = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    now = int(at.timestamp()) // STEP_S
    secret = b"12345678901234567890"
    for drift, taken in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        assert (matching_counter(secret, code_at(secret, now + drift), at) is not None) is taken


class Holder:
    """An officer with an authenticator app."""

    def __init__(self, made: Installation) -> None:
        self.made = made
        answer = made.client.post("/v1/second-factors", headers=made.headers(Role.CLERK))
        assert answer.status_code == 201
        self.factor = str(answer.json()["id"])
        self.uri = str(answer.json()["uri"])
        text = str(answer.json()["secret"])
        self.secret = base64.b32decode(text + "=" * (-len(text) % 8))
        self.caller = made.app.state.authenticator.authenticate(
            f"Bearer {made.token(Role.CLERK)}", (Role.CLERK,), made.clock.at
        )

    def code(self) -> str:
        return code_at(self.secret, int(self.made.clock.at.timestamp()) // STEP_S)

    def confirm(self, code: str | None = None) -> str:
        answer = self.made.client.post(
            f"/v1/second-factors/{self.factor}/confirmation",
            json={"code": code or self.code()},
            headers=self.made.headers(Role.CLERK),
        )
        return "" if answer.status_code == 204 else str(answer.json()["code"])

    def use(self, code: str | None) -> None:
        require_second_factor(self.made.services, self.caller, code, self.made.clock.at)


def test_a_factor_protects_from_its_confirmation_on(made: Installation) -> None:
    holder = Holder(made)
    assert holder.uri.startswith("otpauth://totp/Anso")
    holder.use(None)
    assert holder.confirm() == ""
    with pytest.raises(SecondFactorRequired) as caught:
        holder.use(None)
    assert caught.value.code == "SECOND_FACTOR_REQUIRED"
    made.clock.forward(seconds=30)
    holder.use(holder.code())
    assert notices(made, Role.CLERK) == ["second_factor_enrolled"]


def test_a_code_works_once(made: Installation) -> None:
    holder = Holder(made)
    holder.confirm()
    with pytest.raises(SecondFactorReplayed) as caught:
        holder.use(holder.code())
    assert caught.value.code == "SECOND_FACTOR_REPLAYED"


def test_wrong_codes_stay_counted_and_close_the_door_for_a_while(made: Installation) -> None:
    holder = Holder(made)
    holder.confirm()
    made.clock.forward(seconds=60)
    wrong = "000000" if holder.code() != "000000" else "000001"
    for _ in range(5):
        with pytest.raises(SecondFactorInvalid):
            holder.use(wrong)
    with pytest.raises(RateLimited) as caught:
        holder.use(holder.code())
    assert 0 < caught.value.retry_after_s <= 301
    made.clock.forward(minutes=6)
    with pytest.raises(SecondFactorInvalid):
        holder.use(wrong if holder.code() != wrong else "000002")
    holder.use(holder.code())


def test_a_wrong_first_code_confirms_nothing(made: Installation) -> None:
    holder = Holder(made)
    assert holder.confirm("000000" if holder.code() != "000000" else "000001") == "SECOND_FACTOR_INVALID"
    assert holder.confirm("12345") == "INPUT_INVALID"
    holder.use(None)
    assert holder.confirm() == ""
    assert holder.confirm() == "STATE_CONFLICT"


def test_a_protected_account_takes_no_second_factor_without_a_reset(made: Installation) -> None:
    Holder(made).confirm()
    answer = made.client.post("/v1/second-factors", headers=made.headers(Role.CLERK))
    assert (answer.status_code, answer.json()["code"]) == (409, "ALREADY_EXISTS")


def test_the_factor_of_another_account_is_not_found(made: Installation) -> None:
    holder = Holder(made)
    answer = made.client.post(
        f"/v1/second-factors/{holder.factor}/confirmation",
        json={"code": holder.code()},
        headers=made.headers(Role.APPRAISER),
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_a_reset_needs_two_other_persons_and_tells_the_holder_twice(made: Installation) -> None:
    holder = Holder(made)
    holder.confirm()
    made.clock.forward(seconds=1)
    asked = made.client.post(
        "/v1/second-factor-resets",
        json={"account_id": holder.caller.account_id},
        headers=made.headers(Role.SECURITY_OFFICER),
    )
    assert asked.status_code == 201
    path = f"/v1/second-factor-resets/{asked.json()['id']}/approval"
    same = made.client.post(path, headers=made.headers(Role.ADMINISTRATOR, "security_officer"))
    assert (same.status_code, same.json()["code"]) == (409, "SAME_PERSON")
    own = made.client.post(path, headers=made.headers(Role.ADMINISTRATOR, "clerk"))
    assert own.json()["code"] == "SAME_PERSON"
    with pytest.raises(SecondFactorRequired):
        holder.use(None)
    made.clock.forward(seconds=1)
    done = made.client.post(path, headers=made.headers(Role.ADMINISTRATOR))
    assert (done.status_code, done.json()["state"]) == (201, "approved")
    holder.use(None)
    assert notices(made, Role.CLERK)[:2] == ["second_factor_reset", "second_factor_reset_requested"]
    again = made.client.post(path, headers=made.headers(Role.ADMINISTRATOR))
    assert again.json()["code"] == "STATE_CONFLICT"


def test_nobody_resets_an_own_factor_or_one_that_is_not_there(made: Installation) -> None:
    own = account(made, Role.CLERK, "administrator")
    answer = made.client.post(
        "/v1/second-factor-resets", json={"account_id": own}, headers=made.headers(Role.ADMINISTRATOR)
    )
    assert answer.json()["code"] == "SAME_PERSON"
    none = made.client.post(
        "/v1/second-factor-resets",
        json={"account_id": account(made, Role.APPRAISER)},
        headers=made.headers(Role.ADMINISTRATOR),
    )
    assert none.json()["code"] == "STATE_CONFLICT"


def test_the_secret_is_shown_once_also_to_who_repeats_the_request(made: Installation) -> None:
    headers = made.headers(Role.CLERK)
    first, again = (made.client.post("/v1/second-factors", headers=headers) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json()["secret"]
    assert first.json()["secret"] in first.json()["uri"]
    assert again.json() == {"id": first.json()["id"], "secret": "", "uri": ""}
    assert again.headers["location"] == first.headers["location"]


def test_the_secret_is_nowhere_in_the_open(made: Installation) -> None:
    holder = Holder(made)
    for path in made.services.settings.data.glob("anso.sqlite3*"):
        content = path.read_bytes()
        assert holder.secret not in content
        assert base64.b32encode(holder.secret) not in content


def test_every_step_of_identity_is_in_the_ledger_and_the_chain_holds(made: Installation) -> None:
    grant = requested(made, account(made, Role.APPRAISER))
    made.client.post(f"/v1/role-grants/{grant}/approval", headers=made.headers(Role.SECURITY_OFFICER))
    Holder(made).confirm()
    with made.services.db.reading() as tx:
        ledger = LedgerSql(tx)
        rows = list(ledger.rows())
        assert verify_chain(iter(rows), ledger.head()).is_whole
    actions = {row.event.action for row in rows}  # type: ignore[union-attr] # readable rows only
    assert {"seed_demonstration", "request_role", "approve_role", "enrol_second_factor"} <= actions
