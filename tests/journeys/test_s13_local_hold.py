"""Scenario S13: the agency asks for a hold of an official certificate, which its issuer does not know; through HTTP."""

import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from api.callers import Role
from api.records.demonstration import PEOPLE
from signing.keys import KeyKind
from signing.pades import SigningRequest, sign_pdf
from tests.api.conftest import Installation, install
from tests.api.imports.outside import Outside, bring, confirm, hold, read, release
from tests.api.office import Office
from tests.fakes import sample_pdf

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    return Outside(tmp_path_factory.mktemp("trust"))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, outside: Outside) -> Any:
    made = install(tmp_path_factory.mktemp("s13"), trust=outside.folder)
    yield made
    made.services.close()


@pytest.fixture(scope="module")
def leader(house: Installation, outside: Outside) -> str:
    """The leader's official certificate, on a key in the service's own store; imported by one, confirmed by another."""
    public = load_der_public_key(house.services.keys.generate("key_of_the_leader", KeyKind.EC_P256))
    certificate = outside.official("leader", public_key=public)
    imported = bring(house, outside.pem(certificate), key_id="key_of_the_leader")
    assert imported.status_code == 201, imported.text
    assert imported.json()["trust_profile"] == "official"
    assert imported.json()["state"] == "pending"
    confirmed = confirm(house, imported.json()["id"])
    assert confirmed.status_code == 201, confirmed.text
    return str(confirmed.json()["id"])


def verified(house: Installation, pdf: bytes) -> dict[str, Any]:
    answer = house.client.post("/v1/verifications", files={"file": ("a.pdf", pdf, "application/pdf")})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def open_for(office: Office, certificate: str, text: str) -> Any:
    body = {"certificate_id": certificate, "digests": [digest_of(text)]}
    return office.send(Role.AUTHORISED_SIGNER, "leader", "/v1/signature-authorisations", body)


def authorised(office: Office, certificate: str, text: str) -> str:
    """An authorisation that its holder agreed to."""
    made = open_for(office, certificate, text)
    assert made.status_code == 201, made.text
    path = f"/v1/signature-authorisations/{made.json()['id']}/confirmation"
    agreed = office.send(Role.AUTHORISED_SIGNER, "leader", path)
    assert agreed.status_code == 201, agreed.text
    return str(made.json()["id"])


def sign_digest(office: Office, authorisation: str, text: str) -> Any:
    path = f"/v1/signature-authorisations/{authorisation}/signatures"
    return office.send(Role.AUTHORISED_SIGNER, "leader", path, {"digest": digest_of(text)})


def test_a_local_hold_blocks_signing_here_and_changes_nothing_outside(
    house: Installation, outside: Outside, leader: str
) -> None:
    office = Office(installation=house, certificates={"leader": leader})

    signed_here = office.numbered()
    answer = office.sign(signed_here)
    assert answer.status_code == 201, answer.text
    here = office.content(signed_here)
    credential = outside.credential("chairman")
    elsewhere = sign_pdf(
        sample_pdf.small(),
        SigningRequest(credential=credential, field_name="Person"),
        keys=outside.pki.keys,
        stamp=outside.pki.stamp,
        evidence=outside.pki.evidence,
        at=outside.pki.at,
    ).pdf
    chairman = bring(house, outside.pem(credential.certificate)).json()["id"]
    assert confirm(house, chairman).status_code == 201
    before = [verified(house, pdf) for pdf in (here, elsewhere)]
    assert [one["signatures"][0]["trust"]["profile"] for one in before] == ["official", "official"]
    assert before[1]["verdict"] == "valid", before[1]["reason_codes"]

    agreed = authorised(office, leader, "before the hold")

    for certificate in (leader, chairman):
        held = hold(house, certificate)
        assert held.status_code == 201, held.text
        assert held.json()["state"] == "on_hold"
        (notice,) = held.json()["notices"]
        assert notice["code"] == "CERT_HOLD_LOCAL_ONLY"
        assert notice["text_vi"].startswith("Chỉ tạm dừng tại hệ thống này")
        assert notice["text_en"]

    waiting = office.numbered()
    refused = office.sign(waiting)
    assert (refused.status_code, refused.json()["code"]) == (409, "SIG_CERT_HOLD"), refused.text
    for blocked in (sign_digest(office, agreed, "before the hold"), open_for(office, leader, "during the hold")):
        assert (blocked.status_code, blocked.json()["code"]) == (409, "SIG_CERT_HOLD"), blocked.text
    assert [verified(house, pdf) for pdf in (here, elsewhere)] == before

    house.clock.forward(minutes=10)
    freed = release(house, leader)
    assert freed.status_code == 200, freed.text
    assert freed.json()["state"] == "active"
    assert office.sign(waiting).status_code == 201
    (interval,) = read(house, f"/{leader}").json()["local_holds"]
    assert interval["begun_at"] < interval["ended_at"]

    audit = house.client.get(
        "/v1/audit-events", params={"object_id": leader}, headers=house.headers(Role.AUDITOR)
    ).json()
    actions = {event["action"]: event for event in audit["items"]}
    assert {"import_certificate", "confirm_certificate", "release_certificate_locally"} <= set(actions)
    assert actions["hold_certificate_locally"]["owner_subject_id"] == PEOPLE["leader"].subject_id
    assert actions["hold_certificate_locally"]["details"]["notice"] == "CERT_HOLD_LOCAL_ONLY"
