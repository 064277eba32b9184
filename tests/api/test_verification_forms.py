"""Everything that a verification can be asked with: stored documents, passwords, moments, depth, accepted forms."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from api.callers import Role
from tests.api.sealed_files import sealed_by
from tests.api.vault_story import CHILD, Story
from tests.fakes import sample_pdf

ADDRESS = "/v1/verifications"
BATCHES = "/v1/verification-batches"


@pytest.fixture(scope="module")
def sealed(installation: Any) -> bytes:
    return sealed_by(installation)


def send(installation: Any, content: bytes, accept: str = "*/*", **fields: str) -> Any:
    files = {"file": ("tệp.pdf", content, "application/pdf")}
    return installation.client.post(ADDRESS, files=files, data=fields, headers={"Accept": accept})


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


# --- documents of the vault ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stored(installation: Any, sealed: bytes) -> str:
    return str(Story(installation.services, installation.clock.at).deposit(CHILD, sealed).document_id)


def ask_for(installation: Any, document_id: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
    return installation.client.post(ADDRESS, json={"document_id": document_id, **more}, headers=headers or {})


def reads_of(installation: Any, document_id: str) -> list[tuple[str, str]]:
    auditor = installation.headers(Role.AUDITOR)
    found = installation.client.get("/v1/audit-events?limit=200", headers=auditor).json()["items"]
    return [(e["action"], e["outcome"]) for e in found if e.get("object_id") == document_id]


def test_who_may_read_a_stored_document_has_it_checked_and_the_read_is_in_the_ledger(
    installation: Any, stored: str
) -> None:
    answer = ask_for(installation, stored, installation.headers(Role.CITIZEN, "mother"))
    assert answer.status_code == 200, answer.text
    assert answer.json()["verdict"] == "valid"
    assert answer.json()["document_status"] == {"state": "active", "vault_match": "identical"}
    assert ("read_document_file", "allowed") in reads_of(installation, stored)


def test_without_login_a_stored_document_is_not_looked_for(installation: Any, stored: str) -> None:
    answer = ask_for(installation, stored)
    assert code_of(answer) == (401, "TOKEN_MISSING")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_stored_document_of_others_looks_as_if_it_were_not_there_and_the_try_is_in_the_ledger(
    installation: Any, stored: str
) -> None:
    before = reads_of(installation, stored)
    answer = ask_for(installation, stored, installation.headers(Role.CITIZEN, "leader"))
    unknown = ask_for(installation, "doc_" + "0" * 26, installation.headers(Role.CITIZEN, "leader"))
    assert code_of(answer) == code_of(unknown) == (404, "DOCUMENT_NOT_FOUND")
    refused = reads_of(installation, stored)
    assert refused.count(("read_document_file", "refused")) == before.count(("read_document_file", "refused")) + 1


def test_a_role_that_opens_no_vault_has_nothing_checked_from_it(installation: Any, stored: str) -> None:
    answer = ask_for(installation, stored, installation.headers(Role.ADMINISTRATOR))
    assert code_of(answer) == (403, "ROLE_MISSING")


@pytest.mark.parametrize(
    "body",
    [
        {"document_id": "x"},
        {"document_id": "doc_" + "0" * 26, "dossier_id": "doc_1"},
        {"document_id": "doc_" + "0" * 26, "document": "QQ=="},
        {"document_id": "doc_" + "0" * 26, "role": "none"},
    ],
)
def test_a_stored_document_is_named_rightly(installation: Any, body: dict[str, str]) -> None:
    answer = installation.client.post(ADDRESS, json=body, headers=installation.headers(Role.CITIZEN, "mother"))
    assert answer.status_code == 422
    assert answer.json()["code"] in {"INPUT_INVALID", "ID_INVALID"}


# --- passwords -------------------------------------------------------------------------------------------


def test_a_password_opens_an_encrypted_file_and_is_not_repeated(installation: Any) -> None:
    locked = sample_pdf.encrypted(sample_pdf.small(), user="mật khẩu 42")
    assert send(installation, locked).json()["reason_codes"] == ["DOCUMENT_ENCRYPTED"]
    wrong = send(installation, locked, password="sai")
    right = send(installation, locked, password="mật khẩu 42")
    assert wrong.json()["verdict"] == "indeterminate"
    assert right.json()["verdict"] == "no_signature"
    assert "mật khẩu 42" not in right.text
    body = {"document": base64.b64encode(locked).decode(), "password": "mật khẩu 42"}
    assert installation.client.post(ADDRESS, json=body).json() == right.json()


def test_what_a_password_showed_is_not_told_to_who_has_none(installation: Any) -> None:
    locked = sample_pdf.encrypted(sample_pdf.small(), user="một")
    assert send(installation, locked, password="một").json()["verdict"] == "no_signature"
    assert send(installation, locked).json()["reason_codes"] == ["DOCUMENT_ENCRYPTED"]


# --- moments ---------------------------------------------------------------------------------------------


def test_a_signature_is_judged_at_the_moment_asked_for(installation: Any, sealed: bytes) -> None:
    before = installation.clock.at - timedelta(days=1)
    now, then = send(installation, sealed), send(installation, sealed, validation_time=before.isoformat())
    assert now.json()["verdict"] == "valid"
    assert then.status_code == 200
    assert then.json()["verdict"] != "valid"  # the time-stamp, the certificate and the lists are of the day after
    assert then.json()["checked_at"] == before.isoformat().replace("+00:00", "Z")
    assert send(installation, sealed).json() == now.json()


def test_the_document_is_as_it_is_now_whatever_moment_is_asked_for(
    installation: Any, sealed: bytes, stored: str
) -> None:
    assert stored
    moment = (installation.clock.at - timedelta(days=1)).isoformat()
    assert send(installation, sealed, validation_time=moment).json()["document_status"]["vault_match"] == "identical"


@pytest.mark.parametrize("zone", ["+00:00", "+07:00", "Z"])
def test_a_moment_may_be_said_in_any_zone(installation: Any, sealed: bytes, zone: str) -> None:
    assert send(installation, sealed, validation_time=f"2026-11-22T00:00:00{zone}").status_code == 200


@pytest.mark.parametrize(
    "moment",
    ["2100-01-01T00:00:00Z", "2026-11-22T00:00:00", "yesterday", "1700000000", "0001-01-01T00:00:00+14:00", "x" * 41],
)
def test_a_moment_in_the_future_without_zone_or_sense_is_refused(installation: Any, sealed: bytes, moment: str) -> None:
    assert code_of(send(installation, sealed, validation_time=moment)) == (422, "INPUT_INVALID")


# --- depth and form --------------------------------------------------------------------------------------


def test_simple_says_less_and_detailed_says_everything(installation: Any, sealed: bytes) -> None:
    usual = send(installation, sealed).json()
    simple, detailed = (send(installation, sealed, report=depth).json() for depth in ("simple", "detailed"))
    assert simple["verdict"] == usual["verdict"] == detailed["verdict"]
    assert "certificate" not in simple["signatures"][0]
    assert simple["signatures"][0]["legal_minimum"] == usual["signatures"][0]["legal_minimum"]
    assert "der" not in json.dumps(usual["signatures"][0]["chain"])
    assert base64.b64decode(detailed["signatures"][0]["chain"][0]["der"])


@pytest.mark.parametrize(
    ("accept", "begins"),
    [
        ("application/json", b"{"),
        ("*/*", b"{"),
        ("text/html, application/*;q=0.5", b"{"),
        ("application/jose", b"ey"),
        ("application/pdf;q=0.9, application/json;q=0.1", b"%PDF-"),
        ("application/xml", b"<"),
    ],
)
def test_the_accept_header_chooses_the_form(installation: Any, sealed: bytes, accept: str, begins: bytes) -> None:
    answer = send(installation, sealed, accept)
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert answer.headers["cache-control"] == "no-store"
    assert "Accept" in answer.headers["vary"]


def test_etsi_is_xml(installation: Any, sealed: bytes) -> None:
    answer = send(installation, sealed, report="etsi")
    assert answer.headers["content-type"].startswith("application/xml")
    assert code_of(send(installation, sealed, "application/json", report="etsi")) == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "image/png, text/*", "application/json;q=x"])
def test_a_form_that_there_is_not_is_a_406_that_names_those_that_there_are(
    installation: Any, sealed: bytes, accept: str
) -> None:
    answer = send(installation, sealed, accept)
    assert code_of(answer) == (406, "NOT_ACCEPTABLE")
    assert "application/json" in answer.json()["detail"]


@pytest.mark.parametrize("field", ["policy", "profile", "report"])
def test_a_value_that_there_is_not_is_refused(installation: Any, sealed: bytes, field: str) -> None:
    assert code_of(send(installation, sealed, **{field: "không có"})) == (422, "INPUT_INVALID")


def test_a_policy_by_name_and_a_profile_are_taken(installation: Any, sealed: bytes) -> None:
    assert send(installation, sealed, policy="vn.tt15-2025", profile="dev").json()["verdict"] == "valid"
    assert send(installation, sealed, profile="official").json()["verdict"] == "invalid"


def test_two_files_or_none_are_not_one(installation: Any, sealed: bytes) -> None:
    two = [("file", ("a.pdf", sealed)), ("file", ("b.pdf", sealed))]
    assert code_of(installation.client.post(ADDRESS, files=two)) == (422, "INPUT_INVALID")


# --- batches ---------------------------------------------------------------------------------------------


def batch(installation: Any, contents: list[bytes], accept: str = "application/json", **fields: str) -> Any:
    files = [("file", (f"{number}.pdf", content)) for number, content in enumerate(contents)]
    return installation.client.post(BATCHES, files=files, data=fields, headers={"Accept": accept})


def test_a_batch_answers_in_order_and_a_bad_file_fails_alone(installation: Any, sealed: bytes) -> None:
    answer = batch(installation, [sealed, b"", b"hello", sample_pdf.small(), sealed[:300]])
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert [item["index"] for item in items] == [0, 1, 2, 3, 4]
    assert [item["name"] for item in items] == [f"{number}.pdf" for number in range(5)]
    assert [item.get("report", {}).get("verdict") for item in items] == [
        "valid", None, None, "no_signature", "indeterminate",
    ]  # fmt: skip
    assert [item["error"]["code"] for item in items[1:3]] == ["FILE_EMPTY", "FILE_NOT_PDF"]
    assert items[1]["error"]["request_id"] == answer.headers["x-request-id"]


def test_a_batch_comes_as_lines_if_that_is_accepted(installation: Any, sealed: bytes) -> None:
    answer = batch(installation, [sealed, b"hello", sealed], "application/x-ndjson", report="simple")
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["index"] for line in lines] == [0, 1, 2]
    assert lines[1]["error"]["code"] == "FILE_NOT_PDF"
    assert "certificate" not in lines[0]["report"]["signatures"][0]


def test_a_batch_of_stored_documents_needs_a_login_and_tells_nothing_of_others(installation: Any, stored: str) -> None:
    strange = "doc_" + "0" * 26
    body = {"document_ids": [stored, strange]}
    assert code_of(installation.client.post(BATCHES, json=body)) == (401, "TOKEN_MISSING")
    found = installation.client.post(BATCHES, json=body, headers=installation.headers(Role.CITIZEN, "mother"))
    first, second = found.json()["items"]
    assert (first["name"], first["report"]["verdict"]) == (stored, "valid")
    assert (second["name"], second["error"]["code"]) == (strange, "DOCUMENT_NOT_FOUND")


@pytest.mark.parametrize(
    ("request_body", "status", "code"),
    [
        ({"json": {"document_ids": []}}, 422, "INPUT_INVALID"),
        ({"json": {"document_ids": ["x"] * 51}}, 422, "INPUT_INVALID"),
        ({"json": []}, 422, "INPUT_INVALID"),
        ({"content": b"x", "headers": {"content-type": "text/plain"}}, 415, "MEDIA_TYPE_UNSUPPORTED"),
        ({"files": {"other": b"x"}}, 422, "INPUT_INVALID"),
        ({"files": [("file", ("a.pdf", b"x"))] * 51}, 400, "REQUEST_MALFORMED"),
        ({"files": {"file": b"x"}, "data": {"report": "etsi"}}, 406, "NOT_ACCEPTABLE"),
        ({"files": {"file": b"x"}, "headers": {"accept": "application/pdf"}}, 406, "NOT_ACCEPTABLE"),
    ],
)
def test_a_batch_that_cannot_be_taken_is_refused(installation: Any, request_body: Any, status: int, code: str) -> None:
    assert code_of(installation.client.post(BATCHES, **request_body)) == (status, code)


def test_each_member_of_a_batch_counts_against_the_limit(fresh_install: Any) -> None:
    small = fresh_install(public_rate="5/minute")
    assert batch(small, [b"x"] * 4).status_code == 200
    refused = batch(small, [b"x"] * 4)
    assert code_of(refused) == (429, "RATE_LIMITED")
    assert int(refused.headers["retry-after"]) >= 1


# --- policies --------------------------------------------------------------------------------------------


def test_the_policies_are_public_and_can_be_kept(installation: Any) -> None:
    answer = installation.client.get("/v1/policies")
    assert answer.status_code == 200
    found = answer.json()
    assert found["default"] in {one["policy_id"] for one in found["validation"]}
    assert answer.headers["cache-control"].startswith("public")
    again = installation.client.get("/v1/policies", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_one_policy_has_an_address_of_its_own(installation: Any) -> None:
    found = installation.client.get("/v1/policies/vn.tt15-2025").json()
    assert (found["kind"], found["policy_id"]) == ("validation", "vn.tt15-2025")
    assert "sha256" in found["digests"]
    assert found["replaces"] == "vn.tt22-2020"
    assert code_of(installation.client.get("/v1/policies/none")) == (404, "NOT_FOUND")
