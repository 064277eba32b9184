"""Our client against our own server: one service keeps the key, another one prepares and completes."""

import base64
from collections.abc import Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signing.registry_sql import RegistrySql
from tests.api.conftest import install
from tests.api.csc.conftest import Desk
from tests.api.csc.test_csc_client import House


class _Known:
    """What `House` wants of the authority outside: the certificate with its chain."""

    def __init__(self, chain: list[bytes]) -> None:
        self.chain = chain

    def pem(self, certificate: bytes) -> str:
        every = (certificate, *self.chain)
        return "".join(x509.load_der_x509_certificate(one).public_bytes(Encoding.PEM).decode() for one in every)


class _Provider:
    def __init__(self, certificate: bytes) -> None:
        self.certificate = certificate


@pytest.fixture(scope="module")
def house(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    told = desk.post("v1", "credentials/info", {"credentialID": desk.credential, "certificates": "chain"}).json()
    certificate, *chain = (base64.b64decode(one) for one in told["cert"]["certificates"])
    trust, tokens = tmp_path_factory.mktemp("trust"), tmp_path_factory.mktemp("tokens")
    (trust / "official").mkdir()
    with desk.office.installation.services.db.reading() as tx:
        root = RegistrySql(tx).by_service("ca:root")[0].der or b""
    pem = x509.load_der_x509_certificate(root).public_bytes(Encoding.PEM)
    (trust / "official" / "provider.pem").write_bytes(pem)
    for name in ("v1", "v2"):
        (tokens / name).write_text(desk.token)
    installation = install(
        tmp_path_factory.mktemp("consumer"),
        trust=trust,
        csc_providers=", ".join(f"{version}={desk.address}/csc/{version}" for version in ("v1", "v2")),
        csc_provider_tokens=tokens,
    )
    made = House(installation, _Known(chain), _Provider(certificate))  # type: ignore[arg-type] # their shape
    yield made
    installation.services.close()


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_batch_prepared_here_is_signed_by_the_service_that_keeps_the_key(
    house: House, desk: Desk, version: str
) -> None:
    registered = house.register(version, desk.credential)
    assert registered.status_code == 201, registered.text
    preparations = house.prepared(2)
    answer = house.sign(preparations)
    assert answer.status_code == 200, answer.text
    assert [one["preparation"]["state"] for one in answer.json()["items"]] == ["completed", "completed"]
    for one in preparations:
        report = house.installation.client.post("/v1/verifications", files={"file": ("a.pdf", house.file(one))}).json()
        (found,) = report["signatures"]
        assert (found["intact"], found["trust"]["profile"]) == (True, "dev")


def test_what_the_other_service_refuses_is_told_without_its_words(house: House, desk: Desk) -> None:
    assert house.register("v1", desk.credential).status_code == 201
    (one,) = house.prepared()
    token = house.installation.services.settings.csc_provider_tokens
    assert token is not None
    (token / "v1").write_text("x")
    refused = house.sign([one])
    assert (refused.status_code, refused.json()["code"]) == (409, "REMOTE_SIGNER_REFUSED")
    (token / "v1").write_text(desk.token)
    assert house.sign([one]).status_code == 200
