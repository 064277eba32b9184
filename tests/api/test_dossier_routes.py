"""Dossiers: codes without gaps or doubles, who may receive for whom, who may read."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import pytest

from api.callers import Role
from api.records import demonstration as demo
from api.records.dossiers import DOSSIERS, Dossiers
from tests.api.conftest import Install, Installation


@pytest.fixture(params=["sqlite", "postgresql"])
def made(request: pytest.FixtureRequest) -> Installation:
    name = "installation" if request.param == "sqlite" else "postgres_installation"
    found: Installation = request.getfixturevalue(name)
    return found


def body(**changes: object) -> dict[str, object]:
    return {
        "procedure_code": demo.BIRTH_EXTRACT,
        "applicant_subject_id": demo.PEOPLE["mother"].subject_id,
        "org_code": demo.WARD,
        "channel": "counter",
        **changes,
    }


def test_a_dossier_is_received_with_code_and_due_date(fresh_install: Install) -> None:
    made = fresh_install()
    answer = made.client.post("/v1/dossiers", json=body(), headers=made.headers(Role.RECEPTION_OFFICER))
    assert answer.status_code == 201
    found = answer.json()
    assert found["code"] == "H49.61.07-261123-0001"
    assert found["due_at"] == "2026-11-26T02:00:00Z"
    assert answer.headers["location"] == f"/v1/dossiers/{found['id']}"
    read = made.client.get(answer.headers["location"], headers=made.headers(Role.RECEPTION_OFFICER))
    assert read.json() == found


def test_the_day_of_a_code_is_the_day_in_vietnam(fresh_install: Install) -> None:
    made = fresh_install()
    made.clock.forward(hours=15, minutes=1)  # 17:01 UTC is 00:01 of the next day in Vietnam
    answer = made.client.post("/v1/dossiers", json=body(), headers=made.headers(Role.RECEPTION_OFFICER))
    assert answer.json()["code"] == "H49.61.07-261124-0001"


def test_a_second_identical_request_makes_no_second_dossier(made: Installation) -> None:
    headers = made.headers(Role.RECEPTION_OFFICER)
    first, second = (made.client.post("/v1/dossiers", json=body(), headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert second.headers["location"] == first.headers["location"]
    other = made.client.post("/v1/dossiers", json=body(channel="post"), headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    del headers["Idempotency-Key"]
    missing = made.client.post("/v1/dossiers", json=body(), headers=headers)
    assert (missing.status_code, missing.json()["code"]) == (400, "IDEMPOTENCY_KEY_REQUIRED")


def test_a_dossier_whose_answer_was_lost_is_found_again_not_made_again(
    made: Installation, dies_before_its_answer: Callable[[], AbstractContextManager[None]]
) -> None:
    headers = made.headers(Role.RECEPTION_OFFICER)
    before = count(made)
    with dies_before_its_answer():
        assert made.client.post("/v1/dossiers", json=body(), headers=headers).status_code == 500
    made.clock.forward(minutes=16)
    again = made.client.post("/v1/dossiers", json=body(), headers=headers)
    assert again.status_code == 201
    assert count(made) == before + 1
    read = made.client.get(again.headers["location"], headers=headers)
    assert read.json() == again.json()


def count(made: Installation) -> int:
    with made.services.db.reading() as tx:
        return len(tx.execute(DOSSIERS.select()).all())


def test_codes_taken_at_once_have_no_gap_and_no_double(made: Installation) -> None:
    at = made.clock.at

    def take(_: int) -> int:
        with made.services.db.transaction() as tx:
            return int(Dossiers(tx).next_code(demo.TOWN, at).rsplit("-", 1)[1])

    with ThreadPoolExecutor(8) as pool:
        taken = sorted(pool.map(take, range(40)))
    assert taken == list(range(1, 41))


def test_a_code_of_a_failed_request_is_given_again(made: Installation) -> None:
    def fail() -> None:
        with made.services.db.transaction() as tx:
            Dossiers(tx).next_code(demo.PROVINCE, made.clock.at)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with made.services.db.transaction() as tx:
        assert Dossiers(tx).next_code(demo.PROVINCE, made.clock.at).endswith("-0001")


def test_an_officer_at_the_centre_receives_for_all_below_the_centres_parent(made: Installation) -> None:
    for org_code, status in ((demo.SCHOOL, 201), (demo.WARD, 201), ("H49.51.01", 403), (demo.PROVINCE, 403)):
        answer = made.client.post(
            "/v1/dossiers", json=body(org_code=org_code), headers=made.headers(Role.RECEPTION_OFFICER)
        )
        assert answer.status_code == status, org_code


def test_an_officer_elsewhere_receives_for_the_own_agency_only(made: Installation) -> None:
    for org_code, status in ((demo.SCHOOL, 201), (demo.WARD, 403)):
        answer = made.client.post(
            "/v1/dossiers",
            json=body(org_code=org_code),
            headers=made.headers(Role.RECEPTION_OFFICER, "school_officer"),
        )
        assert answer.status_code == status, org_code


def test_a_citizen_files_online_for_herself_and_her_child_only(made: Installation) -> None:
    cases = (
        ({"channel": "online"}, 201),
        ({"channel": "online", "applicant_subject_id": demo.PEOPLE["child"].subject_id}, 201),
        ({"channel": "counter"}, 403),
        ({"channel": "online", "applicant_subject_id": demo.PEOPLE["chairman"].subject_id}, 404),
        ({"channel": "online", "applicant_subject_id": "sub_" + "0" * 26}, 404),
    )
    for change, status in cases:
        answer = made.client.post("/v1/dossiers", json=body(**change), headers=made.headers(Role.CITIZEN))
        assert answer.status_code == status, change


def test_a_guardian_no_longer_files_or_reads_for_a_child_of_age(fresh_install: Install) -> None:
    made = fresh_install()
    wanted = body(channel="online", applicant_subject_id=demo.PEOPLE["child"].subject_id)
    made.clock.at = made.clock.at.replace(year=2038, month=5, day=31, hour=16, minute=59)
    filed = made.client.post("/v1/dossiers", json=wanted, headers=made.headers(Role.CITIZEN, "mother"))
    assert filed.status_code == 201
    path = f"/v1/dossiers/{filed.json()['id']}"
    made.clock.forward(minutes=1)  # midnight in Vietnam: the eighteenth birthday
    refused = made.client.post("/v1/dossiers", json=wanted, headers=made.headers(Role.CITIZEN, "mother"))
    assert (refused.status_code, refused.json()["code"]) == (404, "NOT_FOUND")
    assert made.client.get(path, headers=made.headers(Role.CITIZEN, "mother")).status_code == 404
    assert made.client.get(path, headers=made.headers(Role.CITIZEN, "child")).status_code == 200


def test_a_dossier_is_read_by_whom_it_concerns_and_looks_absent_to_others(made: Installation) -> None:
    made_by = made.headers(Role.CITIZEN)
    child = demo.PEOPLE["child"].subject_id
    answer = made.client.post("/v1/dossiers", json=body(channel="online", applicant_subject_id=child), headers=made_by)
    path = f"/v1/dossiers/{answer.json()['id']}"
    readers = (
        (Role.CITIZEN, "mother", None, 200),
        (Role.CITIZEN, "child", None, 200),
        (Role.CITIZEN, "auditor", None, 404),
        (Role.RECEPTION_OFFICER, "reception_officer", None, 200),
        (Role.RECEPTION_OFFICER, "school_officer", None, 404),
        (Role.CLERK, "clerk", demo.CENTRE, 200),
        (Role.APPRAISER, "appraiser", None, 200),
        (Role.AUDITOR, "auditor", None, 200),
    )
    for role, figure, org_code, status in readers:
        found = made.client.get(path, headers=made.headers(role, figure, org_code))
        assert found.status_code == status, (role, figure)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"procedure_code": "0.0"}, "NOT_FOUND"),
        ({"procedure_code": "a/../b"}, "INPUT_INVALID"),
        ({"procedure_code": "a\x00"}, "INPUT_INVALID"),
        ({"org_code": "H49.99"}, "NOT_FOUND"),
        ({"org_code": "x" * 36}, "INPUT_INVALID"),
        ({"channel": "pigeon"}, "INPUT_INVALID"),
        ({"applicant_subject_id": "022193900013"}, "ID_INVALID"),
        ({"applicant_subject_id": "sub_" + "0" * 26}, "NOT_FOUND"),
        ({"applicant_subject_id": "x" * 5000}, "INPUT_INVALID"),
        ({"applicant_subject_id": None}, "INPUT_INVALID"),
        ({"more": 1}, "INPUT_INVALID"),
    ],
)
def test_bad_input_is_refused_in_both_languages_and_leaves_nothing(
    installation: Installation, change: dict[str, object], code: str
) -> None:
    with installation.services.db.transaction() as tx:
        before = Dossiers(tx).next_code(demo.WARD, installation.clock.at)
        tx.rollback()
    for language in ("vi", "en"):
        headers = installation.headers(Role.RECEPTION_OFFICER) | {"Accept-Language": language}
        answer = installation.client.post("/v1/dossiers", json=body(**change), headers=headers)
        assert answer.json()["code"] == code
        assert answer.headers["content-language"] == language
        assert "022193900013" not in answer.text
    with installation.services.db.transaction() as tx:
        assert Dossiers(tx).next_code(demo.WARD, installation.clock.at) == before
        tx.rollback()


@pytest.mark.parametrize("dossier_id", ["x", "dos_", "dos_" + "0" * 27, "job_" + "0" * 26, "%00", "..%2F..%2Fetc"])
def test_an_id_with_a_wrong_structure_is_refused(installation: Installation, dossier_id: str) -> None:
    answer = installation.client.get(f"/v1/dossiers/{dossier_id}", headers=installation.headers(Role.AUDITOR))
    assert answer.json()["code"] in ("ID_INVALID", "NOT_FOUND")
    assert answer.status_code in (422, 404)


def test_an_id_that_names_nothing_is_not_found(installation: Installation) -> None:
    answer = installation.client.get(
        "/v1/dossiers/dos_00000000000000000000000000", headers=installation.headers(Role.AUDITOR)
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
