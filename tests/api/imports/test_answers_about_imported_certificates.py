"""Certificate validation knows whose an imported certificate is; its status stays its issuer's business (S13)."""

import base64
from datetime import timedelta
from typing import Any

import pytest

from api.records.demonstration import BIRTH_EXTRACT
from tests.api.conftest import Installation, install
from tests.api.imports.outside import Outside, bring, confirm, hold, release


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    return Outside(tmp_path_factory.mktemp("trust"))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, outside: Outside) -> Any:
    made = install(tmp_path_factory.mktemp("answers"), trust=outside.folder)
    yield made
    made.services.close()


def asked(house: Installation, outside: Outside, certificate: bytes, **more: object) -> dict[str, Any]:
    body = {
        "certificate": base64.b64encode(certificate).decode(),
        "ocsps": [base64.b64encode(outside.pki.ocsp(certificate)).decode()],
        "crls": [base64.b64encode(outside.pki.crl(outside.pki.root)).decode()],
        "procedure": BIRTH_EXTRACT,
        **more,
    }
    answer = house.client.post("/v1/certificate-validations", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_an_imported_certificate_is_judged_by_its_issuer_and_its_holder_by_us(
    house: Installation, outside: Outside
) -> None:
    certificate = outside.official("leader")
    stranger = asked(house, outside, certificate)
    assert stranger["reason_codes"] == ["UNTRUSTED_ROOT"]  # the authority in between is not known yet
    imported = bring(house, outside.pem(certificate))
    assert imported.status_code == 201, imported.text
    pending = asked(house, outside, certificate)
    assert (pending["verdict"], pending["trust"]["profile"]) == ("valid", "official")
    assert pending["entitlement"]["reasons"] == ["CERT_NOT_IN_REGISTER"]
    assert confirm(house, imported.json()["id"]).status_code == 201
    said = asked(house, outside, certificate)
    assert (said["verdict"], said["reason_codes"], said["in_register"]) == ("valid", [], False)
    assert said["entitlement"]["status"] == "entitled"
    assert said["then"]["status"]["source"] == "evidence"

    house.clock.forward(minutes=1)
    before = house.clock.at
    house.clock.forward(minutes=1)
    assert hold(house, imported.json()["id"]).status_code == 201
    held = asked(house, outside, certificate)
    assert held["verdict"] == "valid"  # outside nothing has changed
    assert (held["entitlement"]["status"], held["entitlement"]["reasons"]) == ("not_entitled", ["HELD_LOCALLY"])
    house.clock.forward(minutes=1)
    assert release(house, imported.json()["id"]).status_code == 200
    house.clock.forward(minutes=1)
    assert asked(house, outside, certificate)["entitlement"]["status"] == "entitled"
    inside = before + timedelta(minutes=1, seconds=30)
    for moment, status in ((before, "entitled"), (inside, "not_entitled")):
        then = asked(house, outside, certificate, at=moment.isoformat())
        assert then["entitlement"]["status"] == status
