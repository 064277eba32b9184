"""A key on the holder's own device: the challenge, the proof, and a certificate whose key we never had."""

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AttributeOID, NameOID

from api.callers import Caller, Role
from api.records.demonstration import DEPARTMENT, PEOPLE
from api.usecases.approve_certificate_request import ApproveCertificateRequest, approve_certificate_request
from signing.errors import KeyUnavailable
from signing.keys_sql import SIGNING_KEYS
from signing.registry_sql import RegistrySql
from tests.api.pki.desk import Desk, official, refusal, seal
from tests.fakes.failing_keys import FailingKeys

Key = ec.EllipticCurvePrivateKey
APPROVER = Caller(
    account_id="acc_" + "0" * 26, subject_id=PEOPLE["approver"].subject_id, role=Role.APPROVER, org_code=DEPARTMENT
)


def csr_of(key: Any, challenge: str | None, name: str = "Tên do thiết bị đặt") -> x509.CertificateSigningRequest:
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    )
    if challenge is not None:
        builder = builder.add_attribute(AttributeOID.CHALLENGE_PASSWORD, challenge.encode())
    return builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())


def pem_of(key: Any, challenge: str | None) -> str:
    return csr_of(key, challenge).public_bytes(Encoding.PEM).decode()


def prove(desk: Desk, request: str, csr: str, role: Role = Role.RA_OFFICER, figure: str = "ra_officer") -> Any:
    headers = desk.installation.headers(role, figure)
    return desk.client.post(f"/v1/certificate-requests/{request}/proof", json={"csr": csr}, headers=headers)


@pytest.fixture
def key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def asked(desk: Desk) -> dict[str, Any]:
    """A request of the leader's for a key on a token."""
    return dict(desk.request(official("leader", key_device="token")).json())


def key_count(desk: Desk) -> int:
    with desk.installation.services.db.reading() as tx:
        return len(tx.execute(SIGNING_KEYS.select()).all())


def issue_on_token(desk: Desk, body: dict[str, Any], key: Any) -> str:
    filed = desk.request({**body, "key_device": "token"}).json()
    assert prove(desk, filed["id"], pem_of(key, filed["challenge"])).status_code == 201
    approved = desk.approve(filed["id"])
    assert approved.status_code == 201, approved.text
    return str(approved.json()["certificate_id"])


def test_the_holder_sees_the_challenge_proves_the_key_and_the_certificate_names_it(
    desk: Desk, asked: dict[str, Any], key: Key
) -> None:
    keys = key_count(desk)
    assert (asked["key_device"], asked["proved_at"]) == ("token", None)
    assert refusal(desk.approve(asked["id"])) == (409, "CERT_PROOF_MISSING")
    headers = desk.installation.headers(Role.AUTHORISED_SIGNER, "leader")
    seen = desk.client.get(f"/v1/certificate-requests/{asked['id']}", headers=headers).json()
    proved = prove(desk, asked["id"], pem_of(key, seen["challenge"]), Role.AUTHORISED_SIGNER, "leader")
    assert (proved.status_code, proved.json()["state"]) == (201, "verified")
    assert proved.json()["proved_at"] is not None
    certificate = desk.approve(asked["id"]).json()["certificate_id"]
    found = desk.read(certificate)
    assert (found.json()["key_device"], found.json()["status"]) == ("token", "active")
    der = x509.load_der_x509_certificate(desk.read(certificate, Accept="application/pkix-cert").content)
    assert der.public_key() == key.public_key()
    # names come from the records, whatever the device wrote
    assert found.json()["subject"]["common_name"] == PEOPLE["leader"].name
    assert key_count(desk) == keys
    with desk.installation.services.db.reading() as tx:
        assert RegistrySql(tx).get(certificate).key_id.startswith("token_")


def test_a_request_in_base64_of_der_is_as_good_as_pem(desk: Desk, asked: dict[str, Any], key: Key) -> None:
    der = base64.b64encode(csr_of(key, asked["challenge"]).public_bytes(Encoding.DER)).decode()
    assert prove(desk, asked["id"], der).status_code == 201


def test_only_the_holder_or_registration_sees_the_challenge_or_proves(
    desk: Desk, asked: dict[str, Any], key: Key
) -> None:
    headers = desk.installation.headers(Role.AUTHORISED_SIGNER, "chairman")
    answer = desk.client.get(f"/v1/certificate-requests/{asked['id']}", headers=headers)
    assert refusal(answer) == (404, "NOT_FOUND")
    pem = pem_of(key, asked["challenge"])
    assert refusal(prove(desk, asked["id"], pem, Role.AUTHORISED_SIGNER, "chairman")) == (404, "NOT_FOUND")
    assert refusal(prove(desk, asked["id"], pem, Role.APPROVER, "approver")) == (403, "ROLE_MISSING")


def test_who_proved_the_key_does_not_approve_it_with_another_account(
    desk: Desk, asked: dict[str, Any], key: Key
) -> None:
    """I4: else one person would have a certificate in the name of another, for a key of the own."""
    proof = pem_of(key, asked["challenge"])
    assert prove(desk, asked["id"], proof, Role.RA_OFFICER, "two_accounts").status_code == 201
    assert refusal(desk.approve(asked["id"], "two_accounts")) == (409, "CERT_SELF_APPROVAL")
    assert desk.refused()[0] == ("approve_certificate_request", "CERT_SELF_APPROVAL")
    assert desk.approve(asked["id"]).status_code == 201


def test_a_proof_is_given_once(desk: Desk, asked: dict[str, Any], key: Key) -> None:
    assert prove(desk, asked["id"], pem_of(key, asked["challenge"])).status_code == 201
    other = ec.generate_private_key(ec.SECP256R1())
    assert refusal(prove(desk, asked["id"], pem_of(other, asked["challenge"]))) == (409, "STATE_CONFLICT")


def test_a_key_that_we_make_takes_no_proof(desk: Desk, key: Key) -> None:
    filed = desk.request(official("leader")).json()
    assert filed["challenge"] is None
    assert refusal(prove(desk, filed["id"], pem_of(key, "00"))) == (409, "STATE_CONFLICT")


def test_a_decided_request_takes_no_proof(desk: Desk, asked: dict[str, Any], key: Key) -> None:
    headers = desk.installation.headers(Role.APPROVER, "approver")
    path = f"/v1/certificate-requests/{asked['id']}/rejection"
    assert desk.client.post(path, json={"reason": "Sai người"}, headers=headers).status_code == 201
    assert refusal(prove(desk, asked["id"], pem_of(key, asked["challenge"]))) == (409, "STATE_CONFLICT")


def _with_other_signature(key: Key, challenge: str) -> str:
    good = csr_of(key, challenge)
    forged = csr_of(ec.generate_private_key(ec.SECP256R1()), challenge).signature
    der = good.public_bytes(Encoding.DER)
    mine = good.signature
    if len(mine) != len(forged):
        forged = mine[:-1] + bytes([mine[-1] ^ 1])
    return base64.b64encode(der.replace(mine, forged)).decode()


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda key, _: pem_of(key, None), "CSR_PROOF_WRONG"),
        (lambda key, challenge: pem_of(key, challenge[::-1]), "CSR_PROOF_WRONG"),
        (_with_other_signature, "CSR_PROOF_WRONG"),
        (lambda _, challenge: pem_of(ec.generate_private_key(ec.SECP256K1()), challenge), "CSR_KEY_REFUSED"),
        (lambda _, challenge: pem_of(ed25519.Ed25519PrivateKey.generate(), challenge), "CSR_KEY_REFUSED"),
        (lambda _, challenge: pem_of(rsa.generate_private_key(65537, 2048), challenge), "CSR_KEY_REFUSED"),
        (lambda *_: "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----", "CSR_MALFORMED"),
        (lambda *_: base64.b64encode(b"\x30\x82\xff\xff").decode(), "CSR_MALFORMED"),
        (lambda *_: "!!!", "INPUT_INVALID"),
        (lambda *_: "A" * 30_000, "INPUT_INVALID"),
    ],
    ids=[
        "no challenge",
        "another challenge",
        "another's signature",
        "curve",
        "ed25519",
        "short",
        "pem",
        "der",
        "text",
        "long",
    ],
)
def test_what_proves_nothing_is_refused_and_the_request_waits_on(
    desk: Desk, asked: dict[str, Any], key: Key, make: Callable[..., str], code: str
) -> None:
    answer = prove(desk, asked["id"], make(key, asked["challenge"]))
    assert refusal(answer) == (422, code)
    assert refusal(desk.approve(asked["id"])) == (409, "CERT_PROOF_MISSING")
    assert prove(desk, asked["id"], pem_of(key, asked["challenge"])).status_code == 201
    if code.startswith("CSR_"):
        assert ("prove_key_possession", code) in desk.refused()


def test_a_proof_for_one_request_is_none_for_another(desk: Desk, asked: dict[str, Any], key: Key) -> None:
    other = desk.request(official("chairman", key_device="token")).json()
    assert refusal(prove(desk, other["id"], pem_of(key, asked["challenge"]))) == (422, "CSR_PROOF_WRONG")


def test_one_key_stands_in_one_certificate(desk: Desk, key: Key) -> None:
    certificate = issue_on_token(desk, official("leader"), key)
    other = desk.request(official("chairman", key_device="token")).json()
    assert refusal(prove(desk, other["id"], pem_of(key, other["challenge"]))) == (409, "CERT_KEY_IN_USE")
    # nor again after its certificate has ended
    desk.at_once(certificate, "revocation", "superseded")
    assert refusal(prove(desk, other["id"], pem_of(key, other["challenge"]))) == (409, "CERT_KEY_IN_USE")


def test_one_key_stands_in_one_open_request(desk: Desk, asked: dict[str, Any], key: Key) -> None:
    assert prove(desk, asked["id"], pem_of(key, asked["challenge"])).status_code == 201
    other = desk.request(official("chairman", key_device="token")).json()
    assert refusal(prove(desk, other["id"], pem_of(key, other["challenge"]))) == (409, "CERT_KEY_IN_USE")


def test_a_server_key_moves_to_a_token_by_renewal(desk: Desk, key: Key) -> None:
    old = desk.issue(official("leader"))
    filed = desk.about(old, "renew", reason="device", key_device="token").json()
    assert prove(desk, filed["id"], pem_of(key, filed["challenge"])).status_code == 201
    new = desk.approve(filed["id"]).json()["certificate_id"]
    assert (desk.status(old)[0], desk.read(new).json()["key_device"]) == ("superseded", "token")


def test_a_seal_may_live_on_a_token_too(desk: Desk) -> None:
    certificate = issue_on_token(desk, seal(), ec.generate_private_key(ec.SECP384R1()))
    der = x509.load_der_x509_certificate(desk.read(certificate, Accept="application/pkix-cert").content)
    assert isinstance(der.public_key(), ec.EllipticCurvePublicKey)
    spki = der.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert len(spki) == 120


@pytest.mark.parametrize("kind", ["revoke", "hold", "release"])
def test_what_makes_no_key_names_no_device(desk: Desk, kind: str) -> None:
    certificate = desk.issue(official("leader"))
    reason = {"revoke": {"reason": "cessation"}, "hold": {"reason": "key_in_doubt"}, "release": {}}[kind]
    assert refusal(desk.about(certificate, kind, key_device="token", **reason)) == (422, "INPUT_INVALID")


def away(desk: Desk) -> Any:
    """The same services with a device that signs nothing."""
    services = desk.installation.services
    return replace(services, keys=FailingKeys(services.keys, lambda _: True))


def test_a_token_whose_issuance_fell_through_may_ask_again_with_the_same_key(desk: Desk, key: Key) -> None:
    old = desk.issue(official("leader"))
    filed = desk.about(old, "renew", reason="device", key_device="token").json()
    assert prove(desk, filed["id"], pem_of(key, filed["challenge"])).status_code == 201
    keys, command = key_count(desk), ApproveCertificateRequest(request_id=filed["id"])
    with pytest.raises(KeyUnavailable):
        approve_certificate_request(command, away(desk), APPROVER, desk.installation.clock.at)
    desk.at_once(old, "revocation", "key_compromise")
    assert refusal(desk.approve(filed["id"])) == (409, "CERT_STATUS_CHANGE")
    assert key_count(desk) == keys  # nothing of ours was made, nothing is destroyed
    assert issue_on_token(desk, official("leader"), key)


def test_a_token_whose_request_no_longer_holds_is_refused_before_anything_is_recorded(desk: Desk, key: Key) -> None:
    old = desk.issue(official("leader"))
    filed = desk.about(old, "renew", reason="device", key_device="token").json()
    assert prove(desk, filed["id"], pem_of(key, filed["challenge"])).status_code == 201
    desk.at_once(old, "revocation", "key_compromise")
    keys = key_count(desk)
    assert refusal(desk.approve(filed["id"])) == (409, "CERT_STATUS_CHANGE")
    assert key_count(desk) == keys
