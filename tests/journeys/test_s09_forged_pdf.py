"""Scenario S09: the amount of a decision was edited by an incremental update and its QR code kept; through HTTP."""

from hashlib import sha256
from typing import Any

import pytest

from api.callers import Role
from tests.api.office import Office, open_office
from tests.journeys.issued_result import IssuedResult, edited, issued_result, landed, verified

pytestmark = pytest.mark.journey
_LIE = b"q 1 1 1 rg 90 600 200 20 re f 0 0 0 rg 95 604 60 4 re f Q"


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    return open_office(installation)


@pytest.fixture(scope="module")
def issued(office: Office) -> IssuedResult:
    return issued_result(office)


@pytest.fixture
def forged(issued: IssuedResult, request: pytest.FixtureRequest) -> bytes:
    """Each test forges a file of its own, because one file is reported once."""
    return edited(issued.pdf, _LIE + b"\n% " + request.node.name.encode())


def alarms(installation: Any, issued: IssuedResult, pdf: bytes) -> list[dict[str, Any]]:
    """What the clerk of the agency is told about this file."""
    headers = installation.headers(Role.CLERK, "ward_clerk")
    notices = installation.client.get("/v1/notices?limit=100", headers=headers).json()["items"]
    digest = sha256(pdf).hexdigest()
    found = [one["payload"] for one in notices if one["type"] == "document_forged"]
    return [one for one in found if (one["result_id"], one["file_sha256"]) == (issued.result_id, digest)]


def events(installation: Any, issued: IssuedResult) -> list[dict[str, Any]]:
    headers = installation.headers(Role.AUDITOR, "auditor")
    path = f"/v1/audit-events?object_id={issued.result_id}&action=report_forged_file&limit=100"
    return list(installation.client.get(path, headers=headers).json()["items"])


def test_the_edited_file_is_invalid_by_name_and_the_page_says_it_is_not_the_original(
    installation: Any, issued: IssuedResult, forged: bytes
) -> None:
    alarms(installation, issued, forged)  # the clerk has an account
    text = landed(installation.client, issued.landing, forged)
    assert "Nội dung tệp đã bị sửa đổi sau khi ký" in text
    assert "Khác bản gốc đang lưu" in text
    assert sha256(issued.pdf).hexdigest() in text
    report = verified(installation.client, forged)
    assert (report["verdict"], report["acceptance"]) == ("invalid", "refuse")
    assert report["reason_codes"][0] == "DOCUMENT_ALTERED"
    assert report["document_status"]["vault_match"] == "none"


def test_the_issuing_agency_is_told_once_which_file_it_was(
    installation: Any, issued: IssuedResult, forged: bytes
) -> None:
    assert alarms(installation, issued, forged) == []
    for _ in range(2):
        landed(installation.client, issued.landing, forged)
    (alarm,) = alarms(installation, issued, forged)
    assert alarm["original_sha256"] == sha256(issued.pdf).hexdigest()
    assert alarm["reason_code"] == "DOCUMENT_ALTERED"
    assert [dict(one["details"])["file_sha256"] for one in events(installation, issued)].count(
        sha256(forged).hexdigest()
    ) == 1


def test_the_forgery_is_recognised_without_its_qr_code_by_the_original_inside(
    installation: Any, issued: IssuedResult, forged: bytes
) -> None:
    assert alarms(installation, issued, forged) == []
    verified(installation.client, forged)
    assert len(alarms(installation, issued, forged)) == 1


def test_the_true_file_raises_no_alarm(installation: Any, issued: IssuedResult) -> None:
    before = len(events(installation, issued))
    landed(installation.client, issued.landing, issued.pdf)
    verified(installation.client, issued.pdf)
    assert len(events(installation, issued)) == before


def test_the_alarms_about_one_document_are_bounded(installation: Any, office: Office) -> None:
    flooded = issued_result(office)
    alarms(installation, flooded, b"")  # the clerk has an account
    for number in range(12):
        verified(installation.client, edited(flooded.pdf, _LIE + b" %d " % number))
    assert len(events(installation, flooded)) == 10
    installation.clock.forward(days=2)
    try:
        last = edited(flooded.pdf, _LIE + b" next day ")
        verified(installation.client, last)
        assert len(alarms(installation, flooded, last)) == 1
    finally:
        installation.clock.forward(days=-2)


def test_what_is_different_can_be_seen_and_the_signed_version_fetched(
    installation: Any, issued: IssuedResult, forged: bytes
) -> None:
    field = verified(installation.client, forged)["signatures"][-1]["field"]
    answer = installation.client.post(
        "/v1/verifications/comparisons", files={"file": ("a.pdf", forged)}, data={"field": field},
        headers={"Accept": "application/json"},
    ).json()  # fmt: skip
    assert (answer["same"], answer["changed_pages"]) == (False, [1])
    (area,) = answer["areas"]
    assert area["left"] == pytest.approx(90, abs=8)
    assert area["top"] == pytest.approx(620, abs=8)
    version = installation.client.post(
        "/v1/verifications/signed-versions", files={"file": ("a.pdf", forged)}, data={"field": field}
    )
    assert issued.pdf.startswith(version.content)
