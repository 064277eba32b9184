"""CSC with the keys in a signer of its own: the holder's passkey agrees to the hashes, and nothing else signs one."""

import base64
import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509.oid import NameOID

from api.callers import Role
from api.records.demonstration import PEOPLE, WARD
from api.usecases.signing_parts import credential_of
from signing.authorisation import SigningPurpose
from signing.errors import AuthorisationForeign, AuthorisationRequired, KeyUseRefused
from signing.identity import DEFAULT_ARC, CertificateClass
from signing.keys import Credential
from signing.registry_sql import RegistrySql
from signing.signer import Order
from tests.api.office import issue_certificate
from tests.api.signer_bench import GuardedOffice, guarded_office

ECDSA = "1.2.840.10045.4.3.2"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedOffice]:
    with guarded_office(tmp_path_factory.mktemp("csc-guarded")) as made:
        yield made


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def some() -> bytes:
    return hashlib.sha256(secrets.token_bytes(8)).digest()


def post(office: GuardedOffice, path: str, body: object, figure: str = "leader") -> Any:
    return office.send(Role.AUTHORISED_SIGNER, figure, f"/csc/v2/{path}", body)


def underway(office: GuardedOffice, value: bytes) -> str:
    body = {"credentialID": office.certificates["leader"], "numSignatures": 1, "hashes": [b64(value)]}
    answer = post(office, "credentials/authorize", body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["handle"])


def check(office: GuardedOffice, handle: str, figure: str = "leader") -> Any:
    return post(office, "credentials/authorizeCheck", {"handle": handle}, figure)


def opened(office: GuardedOffice, handle: str) -> dict[str, Any]:
    headers = office.installation.headers(Role.AUTHORISED_SIGNER, "leader")
    return dict(office.installation.client.get(f"/v1/signature-authorisations/{handle}", headers=headers).json())


def credential(office: GuardedOffice, certificate_id: str) -> Credential:
    with office.installation.services.db.reading() as tx:
        return credential_of(tx, RegistrySql(tx).get(certificate_id))


def test_the_holder_s_passkey_agrees_and_the_client_gets_the_sad_once(office: GuardedOffice) -> None:
    value = some()
    handle = underway(office, value)
    assert (check(office, handle).status_code, check(office, handle).json()) == (202, {"handle": handle})
    assert check(office, handle, "chairman").json()["error_description"] == "Invalid parameter handle"
    shown = opened(office, handle)
    assert (shown["purpose"], shown["digests"][0]["digest"]) == ("sign_hash", value.hex())
    assert office.confirm(shown).status_code == 201
    sad = check(office, handle).json()["SAD"]
    assert check(office, handle).json()["error_description"] == "Invalid parameter SAD"
    body = {"credentialID": office.certificates["leader"], "SAD": sad, "hashes": [b64(value)], "signAlgo": ECDSA}
    signed = post(office, "signatures/signHash", body)
    assert signed.status_code == 200, signed.text
    key = load_der_public_key(
        office.installation.services.keys.public_key(credential(office, office.certificates["leader"]).key_id)
    )
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(base64.b64decode(signed.json()["signatures"][0]), value, ec.ECDSA(utils.Prehashed(hashes.SHA256())))


def test_info_tells_that_the_holder_agrees_elsewhere_and_that_no_whole_files_are_signed(office: GuardedOffice) -> None:
    told = office.installation.client.post("/csc/v2/info", json={}).json()
    assert "credentials/authorizeCheck" in told["methods"]
    assert "signatures/signDoc" not in told["methods"]
    assert (told["signature_formats"]["formats"], told["conformance_levels"]) == ([], [])
    one = post(office, "credentials/info", {"credentialID": office.certificates["leader"]}).json()
    assert (one["authMode"], one["OTP"]["presence"], one["auth"]["objects"]) == ("implicit", "false", [])
    document = {"document": b64(b"%PDF-"), "signature_format": "P", "signAlgo": ECDSA}
    body = {"credentialID": office.certificates["leader"], "SAD": "x", "documents": [document]}
    assert post(office, "signatures/signDoc", body).json()["error"] == "unsupported_operation"


def test_what_was_taken_back_or_is_too_late_gives_no_sad(office: GuardedOffice) -> None:
    handle = underway(office, some())
    headers = office.installation.headers(Role.AUTHORISED_SIGNER, "leader")
    path = f"/v1/signature-authorisations/{handle}"
    assert office.installation.client.delete(path, headers=headers).status_code == 204
    assert check(office, handle).json()["error_description"] == "Invalid parameter handle"
    late = underway(office, some())
    clock = office.installation.clock
    clock.at += timedelta(minutes=6)
    answer = office.installation.client.post(
        "/csc/v1/credentials/authorizeCheck",
        json={"handle": late},
        headers=office.installation.headers(Role.AUTHORISED_SIGNER, "leader"),
    )
    assert answer.json()["error_description"] == "Invalid parameter handle"


def test_an_authorisation_for_documents_gives_no_sad_and_signs_no_hash(office: GuardedOffice) -> None:
    digest = some()
    authorisation = office.authorised([digest.hex()])
    assert check(office, authorisation).json()["error_description"] == "Invalid parameter handle"
    holder = credential(office, office.certificates["leader"])
    keys = office.installation.services.desk.keys_for(authorisation)
    with pytest.raises(AuthorisationForeign):
        keys.sign_hash(holder.key_id, digest, holder.algorithm)


def test_an_authorisation_for_hashes_signs_no_document_s_attributes(office: GuardedOffice) -> None:
    digest = some()
    handle = underway(office, digest)
    assert office.confirm(opened(office, handle)).status_code == 201
    refused = office.sign(handle, digest.hex())
    assert (refused.status_code, refused.json()["code"]) == (403, "AUTHORISATION_FOREIGN")


def test_without_the_holder_the_signer_signs_no_hash(office: GuardedOffice) -> None:
    services, value = office.installation.services, some()
    holder = credential(office, office.certificates["leader"])
    with pytest.raises(AuthorisationRequired):
        services.keys.sign_hash(holder.key_id, value, holder.algorithm)  # type: ignore[attr-defined] # the signer's
    with services.db.reading() as tx:
        found = RegistrySql(tx)
        others = [found.by_service(name)[0].key_id for name in ("ca:root", "tsa", "seal")]
    for key_id in others:
        with pytest.raises(KeyUseRefused):
            services.keys.sign_hash(key_id, value, holder.algorithm)  # type: ignore[attr-defined] # as above


def order_of(one: Credential, certificate: bytes) -> Order:
    return Order(
        person=PEOPLE["clerk"].subject_id,
        key_id=one.key_id,
        certificate=certificate,
        digests=(some().hex(),),
        purpose=SigningPurpose.SIGN_HASH,
    )


def test_the_signer_itself_opens_nothing_for_a_seal_over_a_hash(office: GuardedOffice) -> None:
    office.tick()
    body = {
        "certificate_class": "org_seal",
        "org_code": WARD,
        "ordinal": 1,
        "subject_id": PEOPLE["ward_clerk"].subject_id,
    }
    seal = credential(office, issue_certificate(office.installation, body))
    desk = office.installation.services.desk
    with pytest.raises(KeyUseRefused):
        desk.open(order_of(seal, seal.certificate))
    # the same key under a certificate that says it is a person's: nobody here issued it
    with pytest.raises(KeyUseRefused):
        desk.open(order_of(seal, forged(office, seal)))
    # for a document it opens: the guard is about hashes
    assert desk.open(replace(order_of(seal, seal.certificate), purpose=SigningPurpose.SEAL_RESULT)).terms.digests


def forged(office: GuardedOffice, one: Credential) -> bytes:
    """A certificate in the true issuer's name over the seal's key, with the policy of officials."""
    issuer = x509.load_der_x509_certificate(one.certificate).issuer
    key = load_der_public_key(office.installation.services.keys.public_key(one.key_id))
    policy = x509.ObjectIdentifier(DEFAULT_ARC.policy(CertificateClass.PERSONAL, secondary=False))
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")]))
        .issuer_name(issuer)
        .serial_number(7)
        .public_key(key)  # type: ignore[arg-type] # a key of ours
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.CertificatePolicies([x509.PolicyInformation(policy, None)]), critical=False)
    )
    made = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return made.public_bytes(Encoding.DER)
