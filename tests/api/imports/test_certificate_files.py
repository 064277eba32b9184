"""Files of certificates that others issued, imported one by one by a durable job."""

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from api.callers import Role
from api.records.demonstration import PEOPLE, WARD
from signing.isolation import WorkersBusy
from tests.api.bulk.applicants import run
from tests.api.conftest import Installation
from tests.api.imports.outside import Outside, outcome, read


def send_file(house: Installation, content: bytes) -> Any:
    return house.client.post(
        "/v1/certificate-batches",
        files={"file": ("certificates", content, "application/octet-stream")},
        data={"evidence": "CV 9/2026"},
        headers=house.headers(Role.RA_OFFICER),
    )


def results(house: Installation, batch_id: str) -> list[tuple[int, str, str | None]]:
    answer = house.client.get(f"/v1/certificate-batches/{batch_id}/rows", headers=house.headers(Role.APPROVER))
    return [(one["row"], one["state"], one["reason_code"]) for one in answer.json()["items"]]


@pytest.mark.parametrize("form", ["pem", "pkcs7"])
def test_a_file_of_certificates_is_imported_one_by_one(
    house: Installation, authorities: dict[str, Outside], form: str
) -> None:
    outside = authorities["official"]
    made = [
        outside.official("leader"),
        outside.official("chairman"),
        outside.official("appraiser", title="Khác"),
        outside.seal(WARD),
        outside.pki.ca.der,
        authorities["nobody"].official("clerk"),
    ]
    parsed = [x509.load_der_x509_certificate(one) for one in made]
    if form == "pem":
        content = b"".join(one.public_bytes(Encoding.PEM) for one in parsed)
        content += b"-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"
    else:
        content = pkcs7.serialize_certificates(parsed, Encoding.DER)
    sent = send_file(house, content)
    assert sent.status_code == 202, sent.text
    run(house, sent.json()["id"])
    found = results(house, sent.json()["id"])
    # a PKCS#7 is a set: its order is its own
    assert sorted((state, code or "") for _, state, code in found) == sorted(
        [
            ("created", ""),
            ("created", ""),
            ("refused", "CERT_TITLE_MISMATCH"),
            ("refused", "EXTERNAL_CERT_HOLDER"),
            ("refused", "EXTERNAL_CERT_UNTRUSTED"),
        ]
        + ([("refused", "CERT_MALFORMED")] if form == "pem" else [])
    )
    if form == "pem":
        assert [number for number, _, _ in found] == [1, 2, 3, 4, 6, 7]
    again = send_file(house, content).json()["id"]
    run(house, again)
    assert [state for _, state, _ in results(house, again)].count("duplicate") == 2
    listed = read(house, "?state=pending").json()["items"]
    assert {one["common_name"] for one in (item["subject"] for item in listed)} == {
        PEOPLE["leader"].name,
        PEOPLE["chairman"].name,
    }


@pytest.mark.parametrize("content", [b"", b"nothing", b"0\x03\x02\x01\x01" * 3, b"-----BEGIN CERTIFICATE-----\n!\n"])
def test_a_file_without_certificates_is_refused_or_its_rows_are(shared: Installation, content: bytes) -> None:
    answer = send_file(shared, content)
    if answer.status_code == 202:
        run(shared, answer.json()["id"])
        assert {state for _, state, _ in results(shared, answer.json()["id"])} == {"refused"}
    else:
        assert outcome(answer) == (422, "EXTERNAL_FILE")


def test_a_file_of_authorities_only_is_refused(shared: Installation, authorities: dict[str, Outside]) -> None:
    assert outcome(send_file(shared, authorities["official"].pem().encode())) == (422, "EXTERNAL_FILE")


def test_busy_workers_leave_the_rows_for_the_next_try(
    house: Installation, authorities: dict[str, Outside], monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = authorities["official"]
    batch_id = send_file(house, outside.pem(outside.official("leader")).encode()).json()["id"]

    def busy(*_: object, **__: object) -> None:
        raise WorkersBusy

    with monkeypatch.context() as patch:
        patch.setattr("api.usecases.import_certificate_batch.examined_certificate", busy)
        with pytest.raises(WorkersBusy):
            run(house, batch_id)
    assert [state for _, state, _ in results(house, batch_id)] == ["pending"]
    run(house, batch_id)
    assert [state for _, state, _ in results(house, batch_id)] == ["created"]


def test_the_results_of_a_file_are_read_as_csv_too(shared: Installation, authorities: dict[str, Outside]) -> None:
    outside = authorities["nobody"]
    batch_id = send_file(shared, outside.pem(outside.official("leader")).encode()).json()["id"]
    run(shared, batch_id)
    path = f"/v1/certificate-batches/{batch_id}"
    headers = shared.headers(Role.AUDITOR)
    text = shared.client.get(f"{path}/results", headers=headers).content.decode("utf-8-sig")
    assert text.splitlines()[1].startswith("1,refused,EXTERNAL_CERT_UNTRUSTED,Không có đường dẫn tin cậy")
    assert shared.client.get(path, headers=headers).json()["kind"] == "external"
    requests = shared.client.get(f"/v1/certificate-request-batches/{batch_id}", headers=headers)
    assert outcome(requests) == (404, "NOT_FOUND")
