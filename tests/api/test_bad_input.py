"""What outsiders send by mistake or on purpose: one stable code each, two languages, and nothing half-written."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest

from api.callers import Role
from api.records.demonstration import BIRTH_EXTRACT, PEOPLE, WARD

pytestmark = pytest.mark.journey


def pdf(*, action: str | None = None, encrypted: bool = False) -> bytes:
    with pikepdf.new() as document:
        document.add_blank_page()
        if action is not None:
            document.Root.OpenAction = pikepdf.Dictionary(
                S=pikepdf.Name("/" + action), JS=pikepdf.String("app.alert(1)"), F=pikepdf.String("calc.exe")
            )
        out = io.BytesIO()
        document.save(out, encryption=pikepdf.Encryption(user="x", owner="y") if encrypted else False)
    return out.getvalue()


def zip_file() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "b")
    return out.getvalue()


def picture_bomb(side: int = 40_000) -> bytes:
    """A PNG of a few hundred bytes that would unpack to gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 10_000)) + chunk(b"IEND", b"")


FILES: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "text": lambda: b"hello",
    "zip": zip_file,
    "encrypted": lambda: pdf(encrypted=True),
    "truncated": lambda: pdf()[:200],
    "javascript": lambda: pdf(action="JavaScript"),
    "launch": lambda: pdf(action="Launch"),
    "bomb": picture_bomb,
}


@pytest.fixture(scope="module")
def dossier(installation: Any) -> str:
    body = {
        "procedure_code": BIRTH_EXTRACT,
        "applicant_subject_id": PEOPLE["mother"].subject_id,
        "org_code": WARD,
        "channel": "counter",
    }
    headers = installation.headers(Role.RECEPTION_OFFICER)
    return str(installation.client.post("/v1/dossiers", json=body, headers=headers).json()["id"])


def check(installation: Any, content: bytes, name: str = "tai-lieu.pdf", language: str = "vi") -> Any:
    return installation.client.post(
        "/v1/verifications", files={"file": (name, content)}, headers={"Accept-Language": language}
    )


def digitise(installation: Any, dossier: str, content: bytes, name: str = "giay.pdf", language: str = "vi") -> Any:
    fields = {
        "dossier_id": dossier,
        "component_type": "giay_khai_sinh",
        "owner_subject_id": PEOPLE["child"].subject_id,
    }
    headers = installation.headers(Role.RECEPTION_OFFICER) | {"Accept-Language": language}
    return installation.client.post("/v1/digitisations", files={"file": (name, content)}, data=fields, headers=headers)


def stored_objects(installation: Any) -> set[str]:
    folder = installation.services.settings.data / "objects"
    return {str(path) for path in folder.rglob("*") if path.is_file()}


def titles_in_both_languages(ask: Callable[[str], Any]) -> tuple[Any, set[str]]:
    answers = [ask("vi"), ask("en")]
    for answer in answers:
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json()["type"] == f"/problems/{answer.json()['code']}"
        assert answer.json()["request_id"] == answer.headers["x-request-id"]
    return answers[0], {answer.json()["title"] for answer in answers}


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("empty", 422, "SCAN_EMPTY"),
        ("text", 415, "SCAN_UNSUPPORTED"),
        ("zip", 415, "SCAN_UNSUPPORTED"),
        ("encrypted", 422, "SCAN_PASSWORD"),
        ("truncated", 422, "SCAN_DAMAGED"),
        ("javascript", 422, "SCAN_ACTIVE_CONTENT"),
        ("launch", 422, "SCAN_ACTIVE_CONTENT"),
        ("bomb", 422, "SCAN_TOO_MANY_PIXELS"),
    ],
)
def test_a_file_that_cannot_be_digitised_is_refused_by_name_and_leaves_nothing(
    installation: Any, dossier: str, kind: str, status: int, code: str
) -> None:
    before = stored_objects(installation)
    content = FILES[kind]()
    refused, titles = titles_in_both_languages(
        lambda language: digitise(installation, dossier, content, language=language)
    )
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert len(titles) == 2
    assert stored_objects(installation) == before


@pytest.mark.parametrize(
    ("kind", "code"),
    [("empty", "FILE_EMPTY"), ("text", "FILE_NOT_PDF"), ("zip", "FILE_NOT_PDF")],
)
def test_what_is_no_pdf_is_a_problem_of_the_request(installation: Any, kind: str, code: str) -> None:
    content = FILES[kind]()
    refused, titles = titles_in_both_languages(lambda language: check(installation, content, language=language))
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert len(titles) == 2


@pytest.mark.parametrize(
    ("kind", "verdict", "code"),
    [
        ("encrypted", "indeterminate", "DOCUMENT_ENCRYPTED"),
        ("truncated", "indeterminate", "DOCUMENT_DAMAGED"),
        ("javascript", "no_signature", "ACTIVE_CONTENT"),
        ("launch", "no_signature", "ACTIVE_CONTENT"),
        ("bomb", "indeterminate", "DOCUMENT_DAMAGED"),
    ],
)
def test_a_file_that_cannot_be_judged_is_reported_never_passed(
    installation: Any, kind: str, verdict: str, code: str
) -> None:
    report = check(installation, FILES[kind]()).json()
    assert report["verdict"] == verdict
    assert report["acceptance"] != "accept"
    assert code in report["reason_codes"]
    assert len(report["reasons_vi"]) == len(report["reasons_en"]) == len(report["reason_codes"])


@pytest.mark.parametrize(
    "name", ["x" * 5000 + ".pdf", "a\x00b.pdf", "../../etc/passwd", "..\\..\\boot.ini", "'; DROP--"]
)
def test_the_name_of_an_upload_is_never_used_for_anything(installation: Any, dossier: str, name: str) -> None:
    before = stored_objects(installation)
    checked = check(installation, pdf(), name)
    refused = digitise(installation, dossier, picture_bomb(), name)
    assert checked.status_code in {200, 400}
    assert refused.status_code in {400, 422}
    assert name not in checked.text + refused.text
    assert stored_objects(installation) == before


def test_an_upload_over_the_limit_is_refused_while_it_streams_in(fresh_install: Callable[..., Any]) -> None:
    small = fresh_install(max_upload_mb=1)
    refused, titles = titles_in_both_languages(
        lambda language: check(small, b"%PDF-1.7\n" + b"0" * 3_000_000, language=language)
    )
    assert (refused.status_code, refused.json()["code"]) == (413, "BODY_TOO_LARGE")
    assert len(titles) == 2


@pytest.mark.parametrize(
    "wrong", ["res_1", "doc_01m82hvkt4f9nvdt95j8chnjf4", "res_" + "z" * 26, "res_%00", "res_" + "0" * 5000]
)
def test_an_id_of_a_wrong_structure_is_told_from_one_that_does_not_exist(installation: Any, wrong: str) -> None:
    headers = installation.headers(Role.CLERK, "clerk")
    refused, titles = titles_in_both_languages(
        lambda language: installation.client.get(
            f"/v1/results/{wrong}", headers=headers | {"Accept-Language": language}
        )
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "ID_INVALID")
    assert len(titles) == 2
    unknown = installation.client.get("/v1/results/res_01m82hvkt4f9nvdt95j8chnjf4", headers=headers)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "NOT_FOUND")


def test_no_token_and_a_role_that_does_not_fit_are_told_apart(installation: Any, dossier: str) -> None:
    client = installation.client
    path = f"/v1/dossiers/{dossier}"
    assert client.get(path).json()["code"] == "TOKEN_MISSING"
    assert client.get(path, headers={"Authorization": "Bearer x.y.z"}).json()["code"] == "TOKEN_INVALID"
    headers = installation.headers(Role.RELYING_SYSTEM)
    answer = client.post("/v1/dossiers", json={}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_MISSING")


def test_a_token_is_refused_after_its_time(fresh_install: Callable[..., Any]) -> None:
    service = fresh_install()
    headers = service.headers(Role.AUDITOR)
    assert service.client.get("/v1/audit-events", headers=headers).status_code == 200
    service.clock.forward(days=2)
    refused = service.client.get("/v1/audit-events", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "TOKEN_EXPIRED")


def test_the_same_request_twice_gives_one_dossier_and_two_at_once_give_no_second(installation: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - used by this test only

    body = {
        "procedure_code": BIRTH_EXTRACT,
        "applicant_subject_id": PEOPLE["mother"].subject_id,
        "org_code": WARD,
        "channel": "counter",
    }
    headers = installation.headers(Role.RECEPTION_OFFICER)

    def send(changes: dict[str, str] | None = None) -> Any:
        return installation.client.post("/v1/dossiers", json=body | (changes or {}), headers=headers)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: send(), range(4)))
    codes = {answer.json().get("code") for answer in answers if answer.status_code == 409}
    assert codes <= {"REQUEST_IN_FLIGHT"}
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(made) == 1
    again = send()
    assert (again.status_code, {again.json()["id"]}) == (201, made)
    other = send({"channel": "post"})
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
