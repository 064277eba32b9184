"""Signatures beside a file, and digests in place of documents."""

import base64
from hashlib import sha256
from typing import Any

import pytest

from tests.api.sealed_files import signature_over

ADDRESS = "/v1/verifications"
HASHES = "/v1/verifications/hashes"
LETTER = "Kính gửi: Ủy ban nhân dân phường\n".encode() * 50


@pytest.fixture(scope="module")
def signature(installation: Any) -> bytes:
    return signature_over(installation, LETTER)


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def post(installation: Any, content: bytes | None, signature: bytes, **fields: str) -> Any:
    files = {"signature": ("thư.txt.p7s", signature)} | ({} if content is None else {"file": ("thư.txt", content)})
    return installation.client.post(ADDRESS, files=files, data=fields)


def hashed(cms: bytes, content: bytes = LETTER, **changes: str) -> dict[str, str]:
    item = {
        "name": "thư.txt",
        "digest_algorithm": "sha256",
        "digest": b64(sha256(content).digest()),
        "signature": b64(cms),
    }
    return item | changes


def test_a_detached_signature_is_answered_like_a_signed_pdf(installation: Any, signature: bytes) -> None:
    answer = post(installation, LETTER, signature)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert report["file"] == {"sha256": sha256(LETTER).hexdigest(), "size": len(LETTER)}
    (one,) = report["signatures"]
    assert one["intact"] is True
    assert one["trust"]["profile"] == "dev"
    assert report["verdict"] == "valid"  # our lists and our register say the rest
    assert report["document_status"] == {"state": "unknown", "vault_match": "none"}


def test_the_same_in_json(installation: Any, signature: bytes) -> None:
    body = {"document": b64(LETTER), "signature": b64(signature)}
    form = post(installation, LETTER, signature).json()
    assert installation.client.post(ADDRESS, json=body).json() == form


def test_another_file_was_not_signed(installation: Any, signature: bytes) -> None:
    report = post(installation, LETTER + b"!", signature).json()
    assert (report["verdict"], report["signatures"][0]["intact"]) == ("invalid", False)


def test_two_files_under_one_signature_are_two_questions(installation: Any, signature: bytes) -> None:
    verdicts = [post(installation, content, signature).json()["verdict"] for content in (LETTER, b"x", LETTER)]
    assert verdicts == ["valid", "invalid", "valid"]


def test_a_signature_without_its_file_is_at_best_indeterminate(installation: Any, signature: bytes) -> None:
    assert post(installation, None, signature).json()["verdict"] != "valid"
    assert installation.client.post(ADDRESS, json={"signature": b64(signature)}).json()["verdict"] != "valid"


@pytest.mark.parametrize("rubbish", [b"hello", b"0\x80", b"\x00" * 100])
def test_rubbish_in_place_of_a_signature_is_answered(installation: Any, rubbish: bytes) -> None:
    answer = post(installation, LETTER, rubbish)
    assert answer.status_code == 200
    assert answer.json()["verdict"] in {"invalid", "indeterminate"}


def test_an_empty_signature_is_refused(installation: Any) -> None:
    answer = post(installation, LETTER, b"")
    assert (answer.status_code, answer.json()["code"]) == (422, "FILE_EMPTY")


def test_a_digest_is_at_best_indeterminate_and_says_why(installation: Any, signature: bytes) -> None:
    answer = installation.client.post(HASHES, json={"items": [hashed(signature)]})
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert report["verdict"] == "indeterminate"
    assert "CONTENT_NOT_GIVEN" in report["reason_codes"]
    (one,) = report["signatures"]
    assert (one["field"], one["intact"]) == ("thư.txt", True)
    assert report["acceptance"] != "accept"
    assert report["document_status"]["vault_match"] == "not_checked"


def test_a_wrong_digest_is_invalid_and_each_item_is_told_by_name(installation: Any, signature: bytes) -> None:
    items = [hashed(signature), hashed(signature, b"other", name="khác")]
    report = installation.client.post(HASHES, json={"items": items}).json()
    assert report["verdict"] == "invalid"
    assert {one["field"]: one["intact"] for one in report["signatures"]} == {"thư.txt": True, "khác": False}


@pytest.mark.parametrize(
    "changes",
    [
        {"digest": "***"},
        {"signature": "***"},
        {"digest_algorithm": "md5"},
        {"name": "x" * 201},
        {"other": "x"},
    ],
)
def test_an_item_that_cannot_be_used_is_refused(installation: Any, signature: bytes, changes: dict[str, str]) -> None:
    answer = installation.client.post(HASHES, json={"items": [hashed(signature, **changes)]})
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")
    assert b64(signature)[:40] not in answer.text


def test_a_hundred_digests_are_the_most(installation: Any, signature: bytes) -> None:
    item = hashed(signature)
    assert installation.client.post(HASHES, json={"items": []}).status_code == 422
    assert installation.client.post(HASHES, json={"items": [item] * 101}).status_code == 422


def test_only_json_is_taken(installation: Any) -> None:
    assert installation.client.post(HASHES, content=b"x", headers={"content-type": "text/plain"}).status_code == 415
