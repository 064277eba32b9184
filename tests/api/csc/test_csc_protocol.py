"""The CSC API by the standard's names: description, authorisation, signing, extension, and what is refused how."""

import base64
import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from api.callers import Role
from api.usecases.second_factor import MAX_FAILURES
from tests.api.csc.conftest import Desk
from tests.api.office import issue_certificate, official

ECDSA = "1.2.840.10045.4.3.2"
SHA256 = "2.16.840.1.101.3.4.2.1"


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def some(count: int = 1) -> tuple[bytes, ...]:
    return tuple(hashlib.sha256(secrets.token_bytes(8)).digest() for _ in range(count))


def said(answer: Any) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["error"], body["error_description"]


def refused(sentence: str) -> tuple[int, str, str]:
    return 400, "invalid_request", sentence


def key_of(desk: Desk) -> ec.EllipticCurvePublicKey:
    answer = desk.post("v1", "credentials/info", {"credentialID": desk.credential, "certificates": "single"})
    der = base64.b64decode(answer.json()["cert"]["certificates"][0])
    key = x509.load_der_x509_certificate(der).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


# --- what is told ----------------------------------------------------------------------------------------------------


def test_info_needs_no_login_and_names_only_what_is_done(desk: Desk) -> None:
    with httpx2.Client() as client:
        told = {version: client.post(f"{desk.address}/csc/{version}/info", json={}).json() for version in ("v1", "v2")}
        assert client.post(f"{desk.address}/csc/v1/info").status_code == 200
    assert (told["v1"]["specs"], told["v2"]["specs"]) == ("1.0.4.0", "2.0.0.2")
    done = set(told["v2"]["methods"])
    assert {"signatures/signHash", "signatures/signDoc", "credentials/extendTransaction"} <= done
    assert "credentials/sendOTP" not in done
    assert "credentials/authorizeCheck" not in done  # codes come with the request here
    assert ECDSA in told["v2"]["signAlgorithms"]["algos"]
    assert "1.2.840.113549.1.1.11" not in told["v2"]["signAlgorithms"]["algos"]
    assert told["v2"]["signature_formats"]["formats"] == ["C", "P"]


@pytest.mark.parametrize("method", ["credentials/sendOTP", "oauth2/token", "credentials/getChallenge"])
def test_methods_that_are_not_named_are_not_there(desk: Desk, method: str) -> None:
    answer = desk.post("v1", method, {"credentialID": desk.credential})
    assert (answer.status_code, answer.json()["error"]) == (404, "invalid_request")


def test_the_list_has_own_certificates_and_no_seals(desk: Desk, clerk: Desk) -> None:
    listed = clerk.post("v1", "credentials/list", {}).json()["credentialIDs"]
    assert listed == [clerk.credential]
    assert desk.post("v1", "credentials/list", {}).json()["credentialIDs"] == [desk.credential]


def test_the_list_tells_everything_at_once_when_it_is_asked_to(desk: Desk) -> None:
    body = {"credentialInfo": True, "certificates": "chain", "certInfo": True, "onlyValid": True, "maxResults": 5}
    answer = desk.post("v2", "credentials/list", body).json()
    (one,) = answer["credentialInfos"]
    assert (one["credentialID"], answer["onlyValid"]) == (desk.credential, True)
    assert one["key"] == {"status": "enabled", "algo": [ECDSA], "len": 256, "curve": "1.2.840.10045.3.1.7"}
    assert (one["SCAL"], one["multisign"]) == ("2", 500)
    assert len(one["cert"]["certificates"]) == 3
    assert one["cert"]["status"] == "valid"
    assert one["cert"]["validTo"].endswith("Z")
    assert "CN=" in one["cert"]["subjectDN"]


def test_a_credential_tells_that_it_wants_a_code(desk: Desk, guarded: Desk) -> None:
    wanted, free = (
        one.post("v1", "credentials/info", {"credentialID": one.credential}).json() for one in (guarded, desk)
    )
    assert (wanted["authMode"], wanted["OTP"]["presence"], free["OTP"]["presence"]) == ("explicit", "true", "false")
    assert [one["id"] for one in wanted["auth"]["objects"]] == ["OTP"]
    assert (wanted["auth"]["expression"], free["auth"]["objects"]) == ("OTP", [])


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("credentials/list", {"userID": "x"}, "userID parameter MUST be null"),
        ("credentials/list", {"certificates": "all"}, "Invalid parameter certificates"),
        ("credentials/list", {"pageToken": "x"}, "Invalid parameter pageToken"),
        ("credentials/list", {"maxResults": 0}, "Invalid parameter maxResults"),
        ("credentials/info", {}, "Missing (or invalid type) string parameter credentialID"),
        ("credentials/info", {"credentialID": 7}, "Missing (or invalid type) string parameter credentialID"),
        ("credentials/info", {"credentialID": "x"}, "Invalid parameter credentialID"),
        ("credentials/authorizeCheck", {"handle": "x"}, "Invalid parameter handle"),
    ],
)
def test_questions_that_make_no_sense_are_refused(
    desk: Desk, path: str, body: dict[str, object], sentence: str
) -> None:
    assert said(desk.post("v1", path, body)) == refused(sentence)


# --- who asks --------------------------------------------------------------------------------------------------------


def test_a_caller_without_a_token_is_told_how_to_log_in(desk: Desk) -> None:
    with httpx2.Client() as client:
        answer = client.post(f"{desk.address}/csc/v1/credentials/list", json={})
        malformed = client.post(
            f"{desk.address}/csc/v1/credentials/list", json={}, headers={"Authorization": "Basic eDp5"}
        )
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="anso"')
    assert answer.json()["error"] == "invalid_token"
    assert said(malformed) == refused("Malformed authorization header")
    wrong = desk.post("v1", "credentials/list", {}, token="x")
    assert wrong.headers["www-authenticate"] == 'Bearer realm="anso", error="invalid_token"'


def test_a_role_that_signs_nothing_is_refused(desk: Desk) -> None:
    token = desk.office.installation.token(Role.AUDITOR)
    answer = desk.post("v1", "credentials/list", {}, token=token)
    assert (answer.status_code, answer.json()["error"]) == (403, "access_denied")


def test_another_person_s_credential_looks_like_none(desk: Desk, guarded: Desk) -> None:
    (value,) = some()
    for path, body in (
        ("credentials/info", {"credentialID": guarded.credential}),
        ("credentials/authorize", {"credentialID": guarded.credential, "numSignatures": 1, "hash": [b64(value)]}),
    ):
        assert said(desk.post("v1", path, body)) == refused("Invalid parameter credentialID")


def test_a_seal_signs_no_hash_of_anybody(desk: Desk) -> None:
    clerk = Desk(office=desk.office, address=desk.address, figure="clerk", role=Role.CLERK)
    seal = desk.office.certificates["seal_secondary"]
    (value,) = some()
    for path, body in (
        ("credentials/info", {"credentialID": seal}),
        ("credentials/authorize", {"credentialID": seal, "numSignatures": 1, "hash": [b64(value)]}),
    ):
        answer = clerk.post("v1", path, body)
        assert (answer.status_code, answer.json()["code"]) == (400, "SEAL_NEEDS_DOCUMENT")


# --- signing ---------------------------------------------------------------------------------------------------------


def test_a_client_of_version_2_signs_by_its_own_names(guarded: Desk) -> None:
    values = some(3)
    asked = {
        "credentialID": guarded.credential,
        "numSignatures": 3,
        "hashes": [b64(one) for one in values],
        "hashAlgorithmOID": SHA256,
        "authData": [{"id": "OTP", "value": guarded.code()}],
        "description": "three decisions",
        "clientData": "1",
    }
    granted = guarded.post("v2", "credentials/authorize", asked)
    assert granted.status_code == 200, granted.text
    assert 0 < granted.json()["expiresIn"] <= 300
    signed = guarded.post(
        "v2",
        "signatures/signHash",
        {
            "credentialID": guarded.credential,
            "SAD": granted.json()["SAD"],
            "hashes": asked["hashes"],
            "hashAlgorithmOID": SHA256,
            "signAlgo": ECDSA,
            "operationMode": "S",
        },
    )
    assert signed.status_code == 200, signed.text
    assert signed.headers["cache-control"] == "no-store"
    key = key_of(guarded)
    for value, text in zip(values, signed.json()["signatures"], strict=True):
        key.verify(base64.b64decode(text), value, ec.ECDSA(utils.Prehashed(hashes.SHA256())))


def test_a_sad_is_presented_once_and_for_its_own_hashes_only(desk: Desk) -> None:
    one, other = some(2)
    sad = desk.sad(one).json()["SAD"]
    assert said(desk.sign(sad, other)) == refused("Hash is not authorized by the SAD")
    assert said(desk.sign(sad, one, other)) == refused("Hash is not authorized by the SAD")
    assert desk.sign(sad, one).status_code == 200
    assert said(desk.sign(sad, one)) == refused("Invalid parameter SAD")


def test_a_sad_is_nobody_else_s_and_for_no_other_credential(desk: Desk, guarded: Desk) -> None:
    (value,) = some()
    sad = desk.sad(value).json()["SAD"]
    stolen = {"credentialID": guarded.credential, "SAD": sad, "hash": [b64(value)], "signAlgo": ECDSA}
    assert said(guarded.post("v1", "signatures/signHash", stolen)) == refused("Invalid parameter SAD")
    stolen["credentialID"] = desk.credential
    assert said(guarded.post("v1", "signatures/signHash", stolen)) == refused("Invalid parameter SAD")
    assert said(desk.sign("x" * 43, value)) == refused("Invalid parameter SAD")
    assert desk.sign(sad, value).status_code == 200


def test_the_rest_of_a_batch_gets_a_new_sad_and_the_old_one_is_dead(desk: Desk) -> None:
    values = some(4)
    first = desk.sad(*values).json()["SAD"]
    assert desk.sign(first, values[0]).status_code == 200

    def extend(sad: str, *wanted: bytes, version: str = "v1") -> Any:
        name = "hash" if version == "v1" else "hashes"
        body = {"credentialID": desk.credential, "SAD": sad, name: [b64(one) for one in wanted]}
        return desk.post(version, "credentials/extendTransaction", body)

    assert said(extend(first, values[0])) == refused("Hash is not authorized by the SAD")  # signed already
    assert said(extend(first, *some())) == refused("Hash is not authorized by the SAD")
    assert said(extend(first, values[1], values[1])) == refused("Hash is not authorized by the SAD")
    assert said(extend(first)) == refused("Missing (or invalid type) array parameter hash")
    second = extend(first, values[1]).json()["SAD"]
    assert said(extend(first, values[2])) == refused("Invalid parameter SAD")
    assert said(desk.sign(first, values[1])) == refused("Invalid parameter SAD")
    assert said(desk.sign(second, values[2])) == refused("Hash is not authorized by the SAD")
    third = extend(second, values[2], values[3], version="v2").json()["SAD"]  # not used: exchanged
    assert said(desk.sign(second, values[1])) == refused("Invalid parameter SAD")
    assert desk.sign(third, values[3], values[2]).status_code == 200
    assert desk.sign(extend(third, values[1]).json()["SAD"], values[1]).status_code == 200


def test_of_many_at_once_one_presents_the_sad(desk: Desk) -> None:
    (value,) = some()
    sad = desk.sad(value).json()["SAD"]
    with ThreadPoolExecutor(max_workers=6) as pool:
        answers = list(pool.map(lambda _: desk.sign(sad, value).status_code, range(6)))
    assert sorted(answers) == [200] + [400] * 5


def test_a_sad_that_is_too_old_signs_nothing(desk: Desk) -> None:
    (value,) = some()
    sad = desk.sad(value).json()["SAD"]
    desk.office.installation.clock.forward(minutes=5, seconds=1)
    assert said(desk.sign(sad, value)) == refused("SAD expired")
    body = {"credentialID": desk.credential, "SAD": sad, "hash": [b64(value)]}
    assert said(desk.post("v1", "credentials/extendTransaction", body)) == refused("SAD expired")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"numSignatures": 0}, "Invalid value for parameter numSignatures"),
        ({"numSignatures": 501}, "Numbers of signatures is too high"),
        ({"numSignatures": 2}, "Invalid value for parameter numSignatures: as many as there are hashes"),
        ({"numSignatures": "1"}, "Missing (or invalid type) integer parameter numSignatures"),
        ({"numSignatures": None}, "Missing (or invalid type) integer parameter numSignatures"),
        ({"hash": []}, "Empty hash array"),
        ({"hash": ["***"]}, "Invalid Base64 hash string parameter"),
        ({"hash": ["AAAA"]}, "Invalid digest value length"),
        ({"hash": "AAAA"}, "Missing (or invalid type) array parameter hash"),
        ({"hashes": ["AAAA"]}, "Invalid parameter hashes: hash says something else"),
        ({"credentialID": None}, "Missing (or invalid type) string parameter credentialID"),
    ],
)
def test_what_cannot_be_authorised_is_refused_in_the_standard_s_words(
    desk: Desk, change: dict[str, object], sentence: str
) -> None:
    (value,) = some()
    body = {"credentialID": desk.credential, "numSignatures": 1, "hash": [b64(value)]} | change
    assert said(desk.post("v1", "credentials/authorize", body)) == refused(sentence)


def test_a_hash_twice_and_too_many_are_refused(desk: Desk) -> None:
    (value,) = some()
    assert desk.sad(value, value).json()["error_description"].startswith("Invalid parameter hash: a hash stands twice")
    assert said(desk.sad(*some(501))) == refused("Numbers of signatures is too high")
    assert desk.sad(*some(500)).status_code == 200
    huge = {"credentialID": desk.credential, "numSignatures": 1, "hash": ["A" * 2_000_000]}
    answer = desk.post("v1", "credentials/authorize", huge)
    assert (answer.status_code, answer.json()["error"]) == (413, "invalid_request")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"signAlgo": "1.2.840.113549.1.1.11"}, "Invalid parameter signAlgo"),  # RSA PKCS#1 v1.5
        ({"signAlgo": "1.2.840.113549.1.1.1"}, "Invalid parameter signAlgo"),
        ({"signAlgo": "1.2.840.10045.4.1"}, "Invalid parameter signAlgo"),  # ECDSA with SHA-1
        ({"signAlgo": "1.2.840.10045.4.3.3"}, "Invalid parameter hashAlgo"),
        ({"signAlgo": "1.2.840.10045.4.3.3", "hashAlgo": "2.16.840.1.101.3.4.2.2"}, "Invalid parameter signAlgo"),
        ({"signAlgo": "1.2.840.113549.1.1.10"}, "Missing (or invalid type) string parameter signAlgoParams"),
        ({"signAlgo": "1.2.840.113549.1.1.10", "signAlgoParams": "MAA="}, "Invalid parameter signAlgoParams"),
        ({"signAlgoParams": "BQA="}, "Invalid parameter signAlgoParams"),
        ({"signAlgoParams": "*"}, "Invalid parameter signAlgoParams"),
        ({"hashAlgo": "1.3.14.3.2.26"}, "Invalid parameter hashAlgo"),
        ({"hashAlgorithmOID": "1.3.14.3.2.26"}, "Invalid parameter hashAlgorithmOID"),
        ({"signAlgo": None}, "Missing (or invalid type) string parameter signAlgo"),
        ({"SAD": None}, "Missing (or invalid type) string parameter SAD"),
        ({"hash": None}, "Missing (or invalid type) array parameter hash"),
        ({"hash": []}, "Empty hash array"),
        ({"hash": ["AAAA"]}, "Invalid digest value length"),
        ({"operationMode": "A"}, "Invalid parameter operationMode"),
    ],
)
def test_what_cannot_be_signed_is_refused_and_the_sad_stays_good(
    desk: Desk, change: dict[str, object], sentence: str
) -> None:
    (value,) = some()
    sad = desk.sad(value).json()["SAD"]
    assert said(desk.sign(sad, value, **change)) == refused(sentence)
    assert desk.sign(sad, value).status_code == 200


# --- the holder's code -----------------------------------------------------------------------------------------------


def test_without_the_code_or_with_a_wrong_one_nothing_is_authorised(guarded: Desk) -> None:
    (value,) = some()
    assert said(guarded.sad(value, OTP=None)) == refused("Missing (or invalid type) string parameter OTP")
    assert said(guarded.sad(value, OTP="000000")) == (400, "invalid_otp", "The OTP is invalid")
    code = guarded.code()
    assert guarded.sad(value, OTP=code).status_code == 200
    assert said(guarded.sad(value, OTP=code)) == (400, "invalid_otp", "The OTP is invalid")  # used already
    assert guarded.sad(value, OTP=None, PIN=guarded.code()).status_code == 200


def test_wrong_codes_in_a_row_lock_the_credential_for_a_while(desk: Desk) -> None:
    other = Desk(office=desk.office, address=desk.address, figure="appraiser", role=Role.APPRAISER)
    other.office.certificates["appraiser"] = issue_certificate(desk.office.installation, official("appraiser"))
    other.enrol()
    (value,) = some()
    for _ in range(MAX_FAILURES):
        assert other.sad(value, OTP="000000").json()["error"] == "invalid_otp"
    locked = other.sad(value)
    assert said(locked) == refused("Credential locked")
    assert int(locked.headers["retry-after"]) > 0
    desk.office.installation.clock.forward(minutes=6)
    assert other.sad(value).status_code == 200


def test_a_certificate_on_hold_authorises_and_signs_nothing(desk: Desk) -> None:
    held = Desk(office=desk.office, address=desk.address, figure="reception_officer", role=Role.RECEPTION_OFFICER)
    certificate = issue_certificate(desk.office.installation, official("reception_officer"))
    held.office.certificates["reception_officer"] = certificate
    one, two = some(2)
    sad = held.sad(one).json()["SAD"]
    path = f"/v1/certificates/{certificate}/suspension"
    assert desk.office.send(held.role, held.figure, path, {"reason": "key_in_doubt"}).status_code == 201
    disabled = refused("The credential identified by credentialID is disabled")
    assert said(held.sad(two)) == disabled
    assert said(held.sign(sad, one)) == disabled
    told = held.post("v1", "credentials/info", {"credentialID": certificate}).json()
    assert (told["key"]["status"], told["cert"]["status"]) == ("disabled", "suspended")
    assert held.post("v1", "credentials/list", {"onlyValid": True}).json()["credentialIDs"] == []


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_neither_sad_nor_code_is_written_anywhere(
    guarded: Desk, capsys: pytest.CaptureFixture[str], caplog: Any
) -> None:
    (value,) = some()
    code = str(guarded.code())
    sad = guarded.sad(value, OTP=code).json()["SAD"]
    guarded.sign(sad + "x", value)
    assert guarded.sign(sad, value).status_code == 200
    written = "".join(capsys.readouterr()) + caplog.text
    database = guarded.office.installation.services.settings.data / "anso.sqlite3"
    kept = b"".join(path.read_bytes() for path in database.parent.glob("anso.sqlite3*"))
    assert sad not in written
    assert f'"{code}"' not in written
    assert sad.encode() not in kept
