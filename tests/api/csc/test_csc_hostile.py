"""Whatever is sent to the CSC API, the answer is the standard's: never a failure of ours, never a signature."""

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.callers import Role
from api.usecases import sign_hashes as signing_usecase
from tests.api.conftest import Installation
from tests.api.csc.conftest import Desk
from tests.api.csc.test_csc_protocol import b64, refused, said, some
from tests.api.office import issue_certificate, official

PATHS = (
    "info",
    "credentials/list",
    "credentials/info",
    "credentials/authorize",
    "credentials/authorizeCheck",
    "credentials/extendTransaction",
    "signatures/signHash",
    "signatures/signDoc",
    "signatures/timestamp",
)
NAMES = (
    *("credentialID", "SAD", "PIN", "OTP", "hash", "hashes", "hashAlgo", "hashAlgorithmOID", "numSignatures"),
    *("signAlgo", "signAlgoParams", "authData", "documents", "documentDigests", "handle", "userID", "certificates"),
    *("lang", "nonce", "clientData", "description", "operationMode", "maxResults", "pageToken", "certInfo"),
)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=40)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
BODIES = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8) | VALUES


@given(path=st.sampled_from(PATHS), body=BODIES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_body_gets_an_answer_of_the_protocol(fuzzed: Any, path: str, body: object) -> None:
    client, headers, certificate = fuzzed
    if isinstance(body, dict) and body.get("credentialID") == "":
        body["credentialID"] = certificate
    answer = client.post(f"/csc/v1/{path}", json=body, headers=headers)
    told = answer.json()
    assert answer.status_code in (200, 400), (path, body, told)
    if answer.status_code == 400:
        assert isinstance(told["error"], str)
        assert told["error_description"]
    assert "signatures" not in told


def whole(certificate: str) -> dict[str, object]:
    """A body that every method could read."""
    document = {"document": "JVBERi0=", "signature_format": "P", "signAlgo": "1.2.840.10045.4.3.2"}
    return {
        "credentialID": certificate,
        "SAD": "x" * 43,
        "hash": [b64(bytes(32))],
        "hashAlgo": "2.16.840.1.101.3.4.2.1",
        "numSignatures": 1,
        "signAlgo": "1.2.840.10045.4.3.2",
        "handle": "sad_01arz3ndektsv4rrffq69g5fav",
        "documents": [document],
    }


@given(path=st.sampled_from(PATHS), name=st.sampled_from(NAMES), value=VALUES | st.lists(st.text(max_size=50)))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_strange_value_in_a_good_body_gets_an_answer_of_the_protocol(
    fuzzed: Any, path: str, name: str, value: object
) -> None:
    client, headers, certificate = fuzzed
    answer = client.post(f"/csc/v2/{path}", json=whole(certificate) | {name: value}, headers=headers)
    assert answer.status_code in (200, 400), (path, name, value, answer.text)
    assert "signatures" not in answer.json()


@pytest.mark.parametrize(
    ("path", "name"), [("credentials/authorize", "hash"), ("signatures/signHash", "hash"), ("signatures/timestamp", "")]
)
def test_letters_beyond_ascii_are_no_base64(fuzzed: Any, path: str, name: str) -> None:
    client, headers, certificate = fuzzed
    body = whole(certificate) | ({name: ["ấn số"]} if name else {"hash": "ấn số"})
    answer = client.post(f"/csc/v1/{path}", json=body, headers=headers)
    assert (answer.status_code, answer.json()["error_description"]) == (400, "Invalid Base64 hash string parameter")
    body = whole(certificate) | {"signAlgoParams": "ấn số"}
    answer = client.post("/csc/v1/signatures/signHash", json=body, headers=headers)
    assert answer.json()["error_description"] == "Invalid parameter signAlgoParams"


@pytest.fixture(scope="module")
def fuzzed(desk: Desk) -> Any:
    installation = desk.office.installation
    headers = {"Authorization": f"Bearer {desk.token}"}
    return installation.client, headers, desk.credential


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"a":' * 2000])
def test_bodies_that_are_no_json_are_refused(desk: Desk, content: bytes) -> None:
    headers = {"Authorization": f"Bearer {desk.token}", "Content-Type": "application/json"}
    answer = desk.office.installation.client.post("/csc/v2/credentials/list", content=content, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_another_method_is_refused_in_the_same_shape(desk: Desk) -> None:
    answer = desk.office.installation.client.get("/csc/v1/info")
    assert (answer.status_code, answer.json()["error"], answer.headers["allow"]) == (405, "invalid_request", "POST")


def test_a_failure_of_ours_shows_its_incident_and_nothing_else(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (value,) = some()
    sad = desk.sad(value).json()["SAD"]

    def broken(*_: object) -> None:
        raise RuntimeError(f"with {sad} in its text")

    monkeypatch.setattr(signing_usecase, "require_key_of", broken)
    answer = desk.sign(sad, value)
    told = answer.json()
    assert (answer.status_code, told["error"]) == (500, "server_error")
    assert told["incident"].startswith("inc_")
    assert sad not in answer.text
    monkeypatch.undo()
    # it is not known how far it came: the SAD stays used, the holder agrees again
    assert said(desk.sign(sad, value)) == refused("Invalid parameter SAD")


def test_a_device_that_is_away_gives_the_sad_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from signing.errors import KeyUnavailable  # noqa: PLC0415 - here only

    (value,) = some()
    sad = desk.sad(value).json()["SAD"]

    def away(*_: object) -> None:
        raise KeyUnavailable("away")

    monkeypatch.setattr(signing_usecase, "require_key_of", away)
    answer = desk.sign(sad, value)
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    monkeypatch.undo()
    assert desk.sign(sad, value).status_code == 200


@pytest.mark.service
def test_on_postgresql_of_many_at_once_one_presents_the_sad_and_one_exchanges_it(
    postgres_installation: Installation,
) -> None:
    installation = postgres_installation
    certificate = issue_certificate(installation, official("leader"))
    token = installation.token(Role.AUTHORISED_SIGNER, "leader")

    def post(path: str, body: object) -> Any:
        return installation.client.post(f"/csc/v1/{path}", json=body, headers={"Authorization": f"Bearer {token}"})

    values = [hashlib.sha256(bytes((number,))).digest() for number in range(3)]
    hashes = [b64(one) for one in values]
    granted = post("credentials/authorize", {"credentialID": certificate, "numSignatures": 3, "hash": hashes})
    asked = {"credentialID": certificate, "SAD": granted.json()["SAD"]}
    signing = asked | {"hash": hashes[:1], "signAlgo": "1.2.840.10045.4.3.2"}
    with ThreadPoolExecutor(max_workers=6) as pool:
        signed = list(pool.map(lambda _: post("signatures/signHash", signing).status_code, range(6)))
        extending = asked | {"hash": hashes[1:]}
        extended = list(pool.map(lambda _: post("credentials/extendTransaction", extending), range(6)))
    assert sorted(signed) == [200] + [400] * 5
    (good,) = [one.json()["SAD"] for one in extended if one.status_code == 200]
    rest = {"credentialID": certificate, "SAD": good, "hash": hashes[1:], "signAlgo": "1.2.840.10045.4.3.2"}
    made = post("signatures/signHash", rest)
    assert len([base64.b64decode(one) for one in made.json()["signatures"]]) == 2
