"""Scenario S04: the leader refuses after numbering; the register explains every number, and a new year begins at 01."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from api.callers import Role
from api.errors import VersionConflict
from api.records.demonstration import PEOPLE, WARD
from api.records.numbers import NUMBER_ENTRIES, NUMBER_SERIES, NumberRegister
from api.usecases.lapse_numbers import lapse_numbers
from tests.api.office import BODY, Office, open_office

SERIES = "TLKS-UBND"
REASON = "=Sai nơi sinh, đề nghị soạn lại"


@pytest.fixture(scope="module")
def opened(installation: Any) -> Office:
    return open_office(installation)


@pytest.fixture
def office(opened: Office) -> Office:
    """The ward with an empty register."""
    with opened.installation.services.db.transaction() as tx:
        tx.execute(NUMBER_ENTRIES.delete())
        tx.execute(NUMBER_SERIES.delete())
    return opened


@pytest.fixture
def in_time(fresh_install: Callable[..., Any]) -> Office:
    """A ward of its own for a test in which time goes on."""
    return open_office(fresh_install())


def send_back(office: Office, result: str, reason: str = REASON) -> Any:
    return office.send(Role.AUTHORISED_SIGNER, "leader", f"/v1/results/{result}/sending-back", {"reason": reason})


def redraft(office: Office, result: str, **changes: object) -> Any:
    body = {
        "signer": {"employment_id": PEOPLE["leader"].employment_id, "capacity": "kt"},
        "content": {"place": "Quảng Yên", "recipients": ["Lưu: VT"], "body": BODY | {"place_of_birth": "Hạ Long"}},
    } | changes
    return office.send(Role.APPRAISER, "appraiser", f"/v1/results/{result}/draft", body)


def appraise(office: Office, result: str) -> Any:
    return office.send(Role.APPRAISER, "appraiser", f"/v1/results/{result}/appraisal")


def number(office: Office, result: str) -> Any:
    return office.send(Role.CLERK, "clerk", f"/v1/results/{result}/number")


def view(office: Office, result: str) -> Any:
    return office.fetch(Role.CLERK, "clerk", f"/v1/results/{result}").json()


def register(office: Office, year: int = 2026, *, figure: str = "clerk", **query: object) -> Any:
    more = "".join(f"&{name}={value}" for name, value in query.items())
    return office.fetch(Role.CLERK, figure, f"/v1/number-registers/{WARD}?year={year}&series={SERIES}{more}")


def states(office: Office, year: int = 2026) -> list[tuple[str, str, str | None]]:
    items = register(office, year).json()["items"]
    return [(one["document_number"], one["state"], one["reason"]) for one in items]


def to_the_last_minute_of_the_year(office: Office) -> None:
    clock = office.installation.clock
    clock.at = datetime.fromisoformat("2026-12-31T23:59:00+07:00").astimezone(clock.at.tzinfo)


def test_what_was_sent_back_is_drafted_appraised_and_numbered_anew_and_the_register_shows_both(office: Office) -> None:
    result = office.numbered()
    first = view(office, result)
    returned = send_back(office, result)
    assert (returned.status_code, returned.json()["state"]) == (201, "sent_back")
    assert office.fetch(Role.CLERK, "clerk", f"/v1/results/{result}/content").status_code == 404
    assert number(office, result).json()["code"] == "STATE_CONFLICT", "not before it was drafted and appraised"
    assert appraise(office, result).json()["code"] == "STATE_CONFLICT"
    assert redraft(office, result).json()["state"] == "drafted"
    assert appraise(office, result).status_code == 201
    again = number(office, result).json()
    assert (first["document_number"], again["document_number"]) == ("01/TLKS-UBND", "02/TLKS-UBND")
    assert again["verification_code"] != first["verification_code"]
    assert states(office) == [("01/TLKS-UBND", "void", REASON), ("02/TLKS-UBND", "reserved", None)]
    assert office.sign(result).status_code == 201
    assert office.seal(result).status_code == 201
    assert states(office)[1] == ("02/TLKS-UBND", "used", None)
    assert send_back(office, result).json()["code"] == "CONTENT_FROZEN"


def test_before_the_number_nothing_is_void(office: Office) -> None:
    result = office.draft().json()["id"]
    assert send_back(office, result).json()["code"] == "STATE_CONFLICT", "a draft is with the appraiser still"
    appraise(office, result)
    assert send_back(office, result).status_code == 201
    assert register(office).json()["items"] == []
    assert redraft(office, result).status_code == 201


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"signer": {"employment_id": PEOPLE["appraiser"].employment_id, "capacity": "kt"}}, "SIGNING_RIGHT_MISSING"),
        ({"content": {"place": "X", "body": BODY | {"full_name": "A\u202eB"}}}, "CONTENT_NOT_PRINTABLE"),
    ],
)
def test_a_new_draft_is_checked_like_the_first(office: Office, changes: Any, code: str) -> None:
    result = office.draft().json()["id"]
    assert redraft(office, result).json()["code"] == "STATE_CONFLICT", "only what was sent back"
    appraise(office, result)
    send_back(office, result)
    before = view(office, result)
    assert redraft(office, result, **changes).json()["code"] == code
    assert view(office, result) == before


@pytest.mark.parametrize("reason", ["   ", "a\u202eb"])
def test_a_reason_is_something_to_read(office: Office, reason: str) -> None:
    result = office.numbered()
    assert send_back(office, result, reason).json()["code"] == "INPUT_INVALID"
    assert view(office, result)["state"] == "numbered"


def test_a_given_up_number_leaves_its_reason_and_the_result_goes_no_further(office: Office) -> None:
    result = office.numbered()
    body = {"reason": "rút hồ sơ"}
    voided = office.send(Role.AUTHORISED_SIGNER, "leader", f"/v1/results/{result}/voiding", body)
    assert voided.json()["state"] == "voided"
    next_one = office.numbered()
    assert states(office) == [("01/TLKS-UBND", "void", "rút hồ sơ"), ("02/TLKS-UBND", "reserved", None)]
    assert redraft(office, result).json()["code"] == "STATE_CONFLICT"
    assert view(office, next_one)["document_number"] == "02/TLKS-UBND"


def test_a_new_year_begins_at_01_at_midnight_in_viet_nam(in_time: Office) -> None:
    office = in_time
    to_the_last_minute_of_the_year(office)
    office.numbered()
    last = office.numbered()
    assert (view(office, last)["document_number"], view(office, last)["document_date"]) == (
        "02/TLKS-UBND", "2026-12-31",
    )  # fmt: skip
    office.installation.clock.forward(minutes=1)
    first = office.numbered()
    assert (view(office, first)["document_number"], view(office, first)["document_date"]) == (
        "01/TLKS-UBND", "2027-01-01",
    )  # fmt: skip
    assert [one[0] for one in states(office, 2026)] == ["01/TLKS-UBND", "02/TLKS-UBND"]
    assert [one[0] for one in states(office, 2027)] == ["01/TLKS-UBND"]


@pytest.mark.parametrize("reached", ["numbered", "signed"])
def test_a_reservation_lapses_with_its_day_and_the_result_is_numbered_anew(in_time: Office, reached: str) -> None:
    office = in_time
    services, clock = office.installation.services, office.installation.clock
    to_the_last_minute_of_the_year(office)
    result = office.numbered()
    if reached == "signed":
        assert office.sign(result).status_code == 201
    assert lapse_numbers(services, clock.at) == 0, "the day has not ended"
    clock.forward(minutes=1)
    refused = office.seal(result) if reached == "signed" else office.sign(result)
    assert (refused.status_code, refused.json()["code"]) == (409, "DOCUMENT_DATE_PASSED")
    assert lapse_numbers(services, clock.at) == 1
    assert lapse_numbers(services, clock.at) == 0, "done once"
    after = view(office, result)
    assert (after["state"], after["document_number"], after["verification_code"], after["sha256"]) == (
        "appraised", None, None, None,
    )  # fmt: skip
    (line,) = register(office, 2026).json()["items"]
    assert (line["state"], line["closed_by"]) == ("void", "system")
    assert "Hết ngày" in line["reason"]
    assert number(office, result).json()["document_number"] == "01/TLKS-UBND"
    assert office.sign(result).status_code == 201
    assert office.seal(result).status_code == 201
    assert [one[1] for one in states(office, 2027)] == ["used"]


def test_a_lapsed_number_is_replaced_by_the_next_request_when_no_round_came(in_time: Office) -> None:
    office = in_time
    to_the_last_minute_of_the_year(office)
    result = office.numbered()
    same = number(office, result).json()
    assert same["document_number"] == "01/TLKS-UBND", "the same request on the same day gives the same number"
    office.installation.clock.forward(days=1)
    assert number(office, result).json()["document_date"] == "2027-01-01"
    assert [one[1] for one in states(office, 2026)] == ["void"]
    assert [one[1] for one in states(office, 2027)] == ["reserved"]


def test_the_number_of_a_copy_that_never_came_to_be_lapses_too(office: Office) -> None:
    services, clock = office.installation.services, office.installation.clock
    with services.db.transaction() as tx:
        NumberRegister(tx).reserve(
            org_code=WARD, symbol="SAO", result_id="cnv_1", document_date=date(2026, 11, 22), at=clock.at
        )
    assert lapse_numbers(services, clock.at) == 1
    with services.db.reading() as tx:
        (entry,) = NumberRegister(tx).entries(WARD, 2026, "SAO")
    assert (entry.state, entry.changed_by) == ("void", "system")
    headers = office.installation.headers(Role.AUDITOR, "auditor")
    told = office.installation.client.get("/v1/audit-events?object_id=cnv_1", headers=headers).json()["items"]
    assert [(one["action"], one["outcome"]) for one in told] == [("lapse_number", "allowed")]


def test_a_round_that_comes_too_late_voids_nothing(office: Office) -> None:
    """Two workers, or a seal in the last second: whoever was slower leaves everything as it is."""
    from api.usecases import lapse_numbers as rounds  # noqa: PLC0415 - patched here only

    services, tomorrow = office.installation.services, office.installation.clock.at + timedelta(days=1)
    office.numbered()
    with services.db.reading() as tx:
        found = NumberRegister(tx).lapsed(date(2026, 11, 24), 10)
    with pytest.MonkeyPatch.context() as patch:

        def faster(*_: object) -> None:
            raise VersionConflict

        patch.setattr(rounds, "lapse_number", faster)
        assert lapse_numbers(services, tomorrow) == 0
    assert states(office) == [("01/TLKS-UBND", "reserved", None)]
    assert lapse_numbers(services, tomorrow) == 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(NumberRegister, "lapsed", lambda *_: found)
        assert lapse_numbers(services, tomorrow) == 0, "the result waits for a new number already"


def test_what_was_sealed_in_time_keeps_its_number(in_time: Office) -> None:
    office = in_time
    result = office.numbered()
    office.sign(result)
    office.seal(result)
    office.installation.clock.forward(days=2)
    assert lapse_numbers(office.installation.services, office.installation.clock.at) == 0
    assert view(office, result)["state"] == "sealed"
    assert office.send_issue(result).status_code == 201


def test_a_seal_in_the_last_second_and_the_end_of_the_day_do_not_both_count(in_time: Office) -> None:
    """The seal was set before midnight and comes to be kept after the round: nothing of it counts."""
    office = in_time
    from api.usecases import seal_result as sealing  # noqa: PLC0415 - patched here only

    services, clock = office.installation.services, office.installation.clock
    to_the_last_minute_of_the_year(office)
    result = office.numbered()
    assert office.sign(result).status_code == 201
    keep = sealing.keep_seal

    def late(*arguments: Any, **named: Any) -> Any:
        assert lapse_numbers(services, clock.at + timedelta(minutes=1)) == 1
        return keep(*arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "keep_seal", late)
        refused = office.seal(result)
    assert (refused.status_code, refused.json()["code"]) == (409, "VERSION")
    assert [one[1] for one in states(office)] == ["void"]
    assert view(office, result)["state"] == "appraised"


def test_the_register_is_a_table_that_a_spreadsheet_opens_and_never_runs(office: Office) -> None:
    send_back(office, office.numbered())
    office.numbered()
    answer = register(office, format="csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf"), "the mark by which a spreadsheet knows UTF-8"
    text = answer.content.decode("utf-8-sig")
    assert text.count("\r\n") == 3, "RFC 4180 §2: every line ends with CRLF"
    header, void, reserved = csv.reader(io.StringIO(text, newline=""))
    assert len(header) == len(void) == len(reserved) == 10
    assert void[:5] == ["1", "01/TLKS-UBND", "2026-11-23", "đã hủy (void)", "'" + REASON]
    assert void[5:9] == [
        "2026-11-23T09:00:00+07:00", PEOPLE["clerk"].name, "2026-11-23T09:00:00+07:00", PEOPLE["leader"].name,
    ]  # fmt: skip
    assert reserved[3:9] == ["đang giữ (reserved)", "", "2026-11-23T09:00:00+07:00", PEOPLE["clerk"].name, "", ""]


def test_the_register_comes_in_pages(office: Office) -> None:
    for _ in range(3):
        office.numbered()
    first = register(office, limit=2).json()
    assert [one["number"] for one in first["items"]] == [1, 2]
    second = register(office, limit=2, cursor=first["next_cursor"]).json()
    assert ([one["number"] for one in second["items"]], second["next_cursor"]) == ([3], None)
    assert register(office, cursor="MTp4").json()["code"] == "INPUT_INVALID"


def test_the_register_of_another_agency_is_not_shown(office: Office) -> None:
    refused = office.installation.client.get(
        f"/v1/number-registers/{WARD}?year=2026&series={SERIES}",
        headers=office.installation.headers(Role.CLERK, "school_officer", PEOPLE["school_officer"].org_code),
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    audited = office.installation.client.get(
        f"/v1/number-registers/{WARD}?year=2026&series={SERIES}", headers=office.installation.headers(Role.AUDITOR)
    )
    assert audited.status_code == 200
    unknown = office.installation.client.get(
        f"/v1/number-registers/X99?year=2026&series={SERIES}", headers=office.installation.headers(Role.AUDITOR)
    )
    assert unknown.status_code == 404
