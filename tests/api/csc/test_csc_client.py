"""Prepared signatures are made by an external provider's key: once, verified, or not at all."""

import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from api.callers import Role
from api.remote_signers import ProviderClient, RemoteSigners, parse_providers
from api.settings import Profile, Settings
from signing.errors import RemoteSignerUnavailable
from tests.api.conftest import Installation, install
from tests.api.imports.outside import Outside, bring, confirm, hold
from tests.api.strict_status import refusing_unknown_status
from tests.fakes import sample_pdf
from tests.fakes.csc_provider import FakeProvider, listening

TOKEN = "token-of-this-service"


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    return Outside(tmp_path_factory.mktemp("trust"))


@pytest.fixture(scope="module")
def provider(outside: Outside) -> Iterator[FakeProvider]:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = outside.official("leader", public_key=key.public_key())
    with listening(FakeProvider(key=key, certificate=certificate)) as made:
        yield made


class House:
    """A service with a leader whose key is at the provider."""

    def __init__(self, installation: Installation, outside: Outside, provider: FakeProvider) -> None:
        self.installation = installation
        imported = bring(installation, outside.pem(provider.certificate))
        assert imported.status_code == 201, imported.text
        self.certificate = str(imported.json()["id"])
        assert confirm(installation, self.certificate).status_code == 201

    def post(self, path: str, body: object, role: Role = Role.AUTHORISED_SIGNER, figure: str = "leader") -> Any:
        return self.installation.client.post(path, json=body, headers=self.installation.headers(role, figure))

    def register(self, name: str = "smartca", credential: str = "cred-1") -> Any:
        path = f"/v1/certificates/{self.certificate}/remote-credential"
        return self.post(path, {"provider": name, "credential_id": credential}, Role.RA_OFFICER, "ra_officer")

    def told(self) -> set[str]:
        """What the ledger says was done with the certificate."""
        headers = self.installation.headers(Role.AUDITOR)
        path = f"/v1/audit-events?object_id={self.certificate}&outcome=allowed"
        return {one["action"] for one in self.installation.client.get(path, headers=headers).json()["items"]}

    def prepared(self, count: int = 1) -> list[str]:
        """Own documents of the leader, prepared for the certificate."""
        files = [
            ("file", (f"{one}.pdf", sample_pdf.small() + f"%{secrets.token_hex(4)}\n".encode(), "application/pdf"))
            for one in range(count)
        ]
        answer = self.installation.client.post(
            "/v1/signature-preparations",
            files=files,
            data={"certificate_id": self.certificate},
            headers=self.installation.headers(Role.AUTHORISED_SIGNER, "leader"),
        )
        assert answer.status_code == 201, answer.text
        return [one["preparation"]["id"] for one in answer.json()["items"]]

    def sign(self, preparations: list[str], **more: object) -> Any:
        return self.post("/v1/signature-preparations/remote-signatures", {"preparation_ids": preparations, **more})

    def state(self, preparation: str) -> str:
        headers = self.installation.headers(Role.AUTHORISED_SIGNER, "leader")
        answer = self.installation.client.get(f"/v1/signature-preparations/{preparation}", headers=headers)
        return str(answer.json()["state"])

    def file(self, preparation: str) -> bytes:
        headers = self.installation.headers(Role.AUTHORISED_SIGNER, "leader")
        answer = self.installation.client.get(f"/v1/signature-preparations/{preparation}/file", headers=headers)
        assert answer.status_code == 200, answer.text
        return bytes(answer.content)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, outside: Outside, provider: FakeProvider) -> Iterator[House]:
    tokens = tmp_path_factory.mktemp("tokens")
    for name in ("smartca", "smartca2"):
        (tokens / name).write_text(TOKEN + "\n")
    installation = install(
        tmp_path_factory.mktemp("client"),
        trust=outside.folder,
        csc_providers=f"smartca={provider.address}/csc/v1, smartca2={provider.address}/csc/v2",
        csc_provider_tokens=tokens,
        csc_provider_answer_s=1.0,
        csc_provider_patience_s=1,
    )
    made = House(installation, outside, provider)
    assert made.register().status_code == 201
    yield made
    installation.services.close()


@pytest.fixture(autouse=True)
def _well_behaved(provider: FakeProvider) -> Iterator[None]:
    yield
    provider.behaviour, provider.code, provider.multisign, provider.answers_late = "", None, 100, 0


@pytest.mark.parametrize("name", ["smartca2", "smartca"])
def test_a_batch_is_signed_under_one_authorisation_and_every_file_is_good(
    name: str, house: House, provider: FakeProvider
) -> None:
    assert house.register(name).status_code == 201
    provider.code = "135790"
    before = provider.calls("credentials/authorize")
    preparations = house.prepared(3)
    answer = house.sign(preparations, code="135790")
    assert answer.status_code == 200, answer.text
    assert [one["preparation"]["state"] for one in answer.json()["items"]] == ["completed"] * 3
    assert provider.calls("credentials/authorize") == before + 1
    assert {"register_remote_credential", "sign_at_provider"} <= house.told()
    assert provider.asked[-1][2] == f"Bearer {TOKEN}"
    for one in preparations:
        report = house.installation.client.post("/v1/verifications", files={"file": ("a.pdf", house.file(one))}).json()
        (found,) = report["signatures"]
        assert (found["intact"], found["trust"]["profile"]) == (True, "official")


def test_where_status_must_be_known_the_provider_is_not_asked_without_it(house: House, provider: FakeProvider) -> None:
    preparations = house.prepared(1)
    before = provider.calls("credentials/authorize")
    with refusing_unknown_status(house.installation):
        refused = house.sign(preparations)
    assert (refused.status_code, refused.json()["code"]) == (503, "STATUS_UNKNOWN")
    assert provider.calls("credentials/authorize") == before
    assert house.state(preparations[0]) == "open"


def test_what_is_complete_is_not_signed_again(house: House, provider: FakeProvider) -> None:
    first, second = house.prepared(2)
    assert house.sign([first]).status_code == 200
    digest = hashlib.sha256(house.file(first)).hexdigest()
    before = provider.calls("signatures/signHash")
    assert house.sign([first]).status_code == 200
    assert provider.calls("signatures/signHash") == before
    both = house.sign([first, second]).json()["items"]
    assert [one["preparation"]["state"] for one in both] == ["completed", "completed"]
    _, body, _ = next(one for one in reversed(provider.asked) if one[0] == "credentials/authorize")
    assert body["numSignatures"] == 1
    assert hashlib.sha256(house.file(first)).hexdigest() == digest


def test_the_holder_s_code_goes_along_and_a_wrong_one_signs_nothing(house: House, provider: FakeProvider) -> None:
    provider.code = "246810"
    (one,) = house.prepared()
    wrong = house.sign([one], code="000000")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "REMOTE_SIGNER_REFUSED")
    assert "000000" not in wrong.text
    assert house.state(one) == "open"
    assert house.sign([one], code="246810").status_code == 200


def test_a_holder_who_agrees_on_the_own_device_is_waited_for(
    house: House, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signing.keys.remote_csc._ASK_AGAIN_S", 0.25)
    provider.answers_late = 1
    (one,) = house.prepared()
    assert house.sign([one]).status_code == 200
    provider.answers_late = 50
    (other,) = house.prepared()
    away = house.sign([other])
    assert (away.status_code, away.json()["code"]) == (504, "REMOTE_HOLDER_AWAY")
    assert house.state(other) == "open"


@pytest.mark.parametrize(
    ("behaviour", "status", "code"),
    [
        ("other_hashes", 422, "SIGNATURE_VALUE_WRONG"),
        ("swapped", 422, "SIGNATURE_VALUE_WRONG"),
        ("fewer", 422, "SIGNATURE_VALUE_WRONG"),
        ("disabled", 409, "REMOTE_CREDENTIAL_CHANGED"),
        ("rsa", 409, "REMOTE_CREDENTIAL_CHANGED"),
        ("garbage", 503, "REMOTE_SIGNER_UNAVAILABLE"),
        ("list", 503, "REMOTE_SIGNER_UNAVAILABLE"),
        ("empty", 503, "REMOTE_SIGNER_UNAVAILABLE"),
        ("deep", 503, "REMOTE_SIGNER_UNAVAILABLE"),
        ("huge", 503, "REMOTE_SIGNER_UNAVAILABLE"),
        ("broken", 503, "REMOTE_SIGNER_UNAVAILABLE"),
        ("redirect", 503, "REMOTE_SIGNER_UNAVAILABLE"),
        ("drips", 503, "REMOTE_SIGNER_UNAVAILABLE"),
    ],
)
def test_a_provider_that_lies_dawdles_or_fails_signs_nothing_here(
    house: House, provider: FakeProvider, behaviour: str, status: int, code: str
) -> None:
    preparations = house.prepared(2)
    provider.behaviour = behaviour
    answer = house.sign(preparations)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert [house.state(one) for one in preparations] == ["open", "open"]
    provider.behaviour = ""
    assert house.sign(preparations).status_code == 200


def test_more_than_the_provider_takes_is_refused_before_anybody_is_asked_to_agree(
    house: House, provider: FakeProvider
) -> None:
    provider.multisign = 1
    before = provider.calls("credentials/authorize")
    answer = house.sign(house.prepared(2))
    assert (answer.status_code, answer.json()["code"]) == (409, "REMOTE_BATCH_TOO_LARGE")
    assert provider.calls("credentials/authorize") == before


def test_another_certificate_at_the_provider_is_not_the_registered_one(
    house: House, provider: FakeProvider, outside: Outside
) -> None:
    preparations = house.prepared()
    usual = provider.certificate
    provider.certificate = outside.official("leader", public_key=provider.key.public_key())  # the same key, renewed
    try:
        answer = house.sign(preparations)
        assert (answer.status_code, answer.json()["code"]) == (409, "REMOTE_CREDENTIAL_CHANGED")
        assert house.register().json()["code"] == "REMOTE_CREDENTIAL_CHANGED"
    finally:
        provider.certificate = usual


def test_an_imported_certificate_is_no_credential_of_ours(house: House) -> None:
    headers = house.installation.headers(Role.AUTHORISED_SIGNER, "leader")
    listed = house.installation.client.post("/csc/v1/credentials/list", json={}, headers=headers)
    assert listed.json()["credentialIDs"] == []
    body = {"credentialID": house.certificate}
    told = house.installation.client.post("/csc/v1/credentials/info", json=body, headers=headers)
    assert told.json()["error_description"] == "Invalid parameter credentialID"


def test_only_the_caller_s_own_and_each_once(house: House) -> None:
    (one,) = house.prepared()
    assert house.sign([one, one]).status_code == 422
    stranger = house.post("/v1/signature-preparations/remote-signatures", {"preparation_ids": [one]}, figure="chairman")
    assert (stranger.status_code, stranger.json()["code"]) == (404, "NOT_FOUND")
    assert house.sign([]).status_code == 422


def test_a_certificate_that_is_held_here_signs_nothing_there(
    outside: Outside, provider: FakeProvider, tmp_path: Path
) -> None:
    installation = install(tmp_path, trust=outside.folder, csc_providers=f"smartca={provider.address}/csc/v1")
    try:
        house = House(installation, outside, provider)
        (one,) = house.prepared()
        missing = house.sign([one])
        assert (missing.status_code, missing.json()["code"]) == (409, "REMOTE_CREDENTIAL_MISSING")
        assert house.register("nobody").json()["code"] == "REMOTE_PROVIDER_UNKNOWN"
        assert house.register().status_code == 201
        assert hold(installation, house.certificate).status_code == 201
        before = len(provider.asked)
        held = house.sign([one])
        assert (held.status_code, held.json()["code"]) == (409, "SIG_CERT_HOLD")
        assert len(provider.asked) == before
    finally:
        installation.services.close()


def test_a_provider_that_is_down_and_one_without_a_free_place_are_told_apart_from_nothing(tmp_path: Path) -> None:
    settings = Settings(csc_providers="gone=http://127.0.0.1:9/csc/v1", csc_provider_at_once=1)
    signers = RemoteSigners.of(settings)
    client = ProviderClient(provider=signers.providers[0], seconds=2.0)
    with pytest.raises(RemoteSignerUnavailable):
        client.post("credentials/info", {})
    with signers.place(), pytest.raises(RemoteSignerUnavailable), signers.place():
        pass
    with signers.place():
        pass  # it was given back
    token = Settings(csc_providers="gone=http://127.0.0.1:9/csc/v1", csc_provider_tokens=tmp_path)
    with pytest.raises(RemoteSignerUnavailable):
        ProviderClient(provider=RemoteSigners.of(token).providers[0], seconds=2.0).post("credentials/info", {})


@pytest.mark.parametrize(
    "text",
    [
        "smartca",
        "smartca=",
        "Smart=https://a.example/csc/v1",
        "smartca=http://a.example/csc/v1",
        "smartca=https://a.example/csc",
        "smartca=https://u:p@a.example/csc/v1",
        "smartca=https://a.example/csc/v1?x=1",
        "smartca=ftp://a.example/csc/v1",
        "smartca=https://[a.example/csc/v1",
        "a=https://a.example/csc/v1, a=https://b.example/csc/v1",
    ],
)
def test_an_address_that_is_not_safe_is_refused_at_start(text: str) -> None:
    with pytest.raises(Exception, match="ANSO_CSC_PROVIDERS"):
        parse_providers(Settings(csc_providers=text))


def test_production_asks_no_provider_without_tls() -> None:
    local = "smartca=http://127.0.0.1:8080/csc/v1"
    assert parse_providers(Settings(csc_providers=local))
    with pytest.raises(Exception, match="ANSO_CSC_PROVIDERS"):
        parse_providers(Settings(csc_providers=local, profile=Profile.PRODUCTION))
    found = parse_providers(Settings(csc_providers="a=https://a.example/csc/v1/, b=https://b.example/x/csc/v2"))
    assert [(one.name, one.url, one.is_version_2) for one in found] == [
        ("a", "https://a.example/csc/v1", False),
        ("b", "https://b.example/x/csc/v2", True),
    ]
