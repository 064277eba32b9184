"""Holders with a token in the hand, for tests: certificates asked for over HTTP with a key that we never had."""

import base64
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AttributeOID

from api.callers import Role
from api.records.demonstration import BIRTH_EXTRACT, CENTRE, PEOPLE, WARD
from signing.registry_sql import RegistrySql
from tests.api.office import Office, issue_certificate, official
from tests.servers.own_token import Key, OwnToken, make_token

PATH = "/v1/signature-preparations"


@dataclass
class Holder:
    """A person with a token, and the role in which the person signs."""

    installation: Any
    role: Role
    figure: str
    certificate_id: str
    token: OwnToken

    def headers(self) -> dict[str, str]:
        return dict(self.installation.headers(self.role, self.figure))

    def prepare(self, *files: bytes, **fields: str) -> Any:
        """The answer to documents that are sent to be prepared."""
        sent = [("file", (f"{number}.pdf", content)) for number, content in enumerate(files)]
        data = {"certificate_id": self.certificate_id, **fields}
        return self.installation.client.post(PATH, files=sent, data=data, headers=self.headers())

    def prepared(self, *files: bytes, **fields: str) -> list[dict[str, Any]]:
        """The preparations of documents that can be signed."""
        answer = self.prepare(*files, **fields)
        assert answer.status_code == 201, answer.text
        return [item["preparation"] for item in answer.json()["items"]]

    def prepare_results(self, results: list[str], **fields: str) -> Any:
        """The answer to results that are to be signed or sealed."""
        body = {"certificate_id": self.certificate_id, "result_ids": results, **fields}
        return self.installation.client.post(PATH, json=body, headers=self.headers())

    def results(self, results: list[str], **fields: str) -> list[dict[str, Any]]:
        """The preparations of results that may be signed."""
        answer = self.prepare_results(results, **fields)
        assert answer.status_code == 201, answer.text
        return [item["preparation"] for item in answer.json()["items"]]

    def value(self, preparation: dict[str, Any]) -> bytes:
        """What the token makes of it."""
        return self.token.value(base64.b64decode(preparation["to_be_signed"]))

    def complete(self, preparation: dict[str, Any], value: bytes | None = None) -> Any:
        """The answer to the token's value, or to another one."""
        sent = self.value(preparation) if value is None else value
        body = {"value": base64.b64encode(sent).decode()}
        path = f"{PATH}/{preparation['id']}/completion"
        return self.installation.client.post(path, json=body, headers=self.headers())

    def fetch(self, path: str) -> Any:
        return self.installation.client.get(path, headers=self.headers())


def holder_of(  # noqa: PLR0917 - a test says all of it in one line
    installation: Any, softhsm: Any, role: Role, figure: str, body: dict[str, Any], key: Key | None = None
) -> Holder:
    """Ask for a certificate for a key outside, prove it, have it approved, and put both into a token."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    certificate_id = issue_for_key(installation, body, own)
    with installation.services.db.reading() as tx:
        der = RegistrySql(tx).get(certificate_id).der or b""
    token = make_token(softhsm, own, der)
    return Holder(installation=installation, role=role, figure=figure, certificate_id=certificate_id, token=token)


@dataclass
class TokenOffice:
    """The ward at work, whose leader and whose clerk at the centre have their keys in tokens."""

    office: Office
    leader: Holder
    seal: Holder

    def signed(self) -> str:
        """A result that the leader signed with the token."""
        result = self.office.numbered()
        (prepared,) = self.leader.results([result], capacity="kt")
        done = self.leader.complete(prepared)
        assert done.status_code == 201, done.text
        return result


def open_token_office(installation: Any, softhsm: Any) -> TokenOffice:
    """Issue the leader's certificate and the second seal for keys in tokens, the first seal for one of the service."""
    seal = {"certificate_class": "org_seal", "org_code": WARD}
    leader = holder_of(installation, softhsm, Role.AUTHORISED_SIGNER, "leader", official("leader"))
    primary = issue_certificate(installation, {**seal, "ordinal": 1, "subject_id": PEOPLE["ward_clerk"].subject_id})
    second = {
        **seal,
        "ordinal": 2,
        "subject_id": PEOPLE["clerk"].subject_id,
        "primary_certificate_id": primary,
        "scope": {"places": [CENTRE], "procedures": [BIRTH_EXTRACT], "document_types": []},
    }
    keeper = holder_of(installation, softhsm, Role.CLERK, "clerk", second)
    certificates = {
        "leader": leader.certificate_id,
        "seal_primary": primary,
        "seal_secondary": keeper.certificate_id,
        "chairman": issue_certificate(installation, official("chairman")),
    }
    office = Office(installation=installation, certificates=certificates)
    return TokenOffice(office=office, leader=leader, seal=keeper)


def issue_for_key(installation: Any, body: dict[str, Any], key: Key) -> str:
    """The id of a certificate for a key that the service never had."""
    client, headers = installation.client, installation.headers
    everything = {
        "type": "new",
        "scope": {"places": [], "procedures": [], "document_types": []},
        "evidence": ["quyet-dinh"],
        "key_device": "token",
    } | body
    asked = client.post("/v1/certificate-requests", json=everything, headers=headers(Role.RA_OFFICER))
    assert asked.status_code == 201, asked.text
    request = asked.json()
    csr = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([]))
        .add_attribute(AttributeOID.CHALLENGE_PASSWORD, request["challenge"].encode())
        .sign(key, hashes.SHA256())
    )
    path = f"/v1/certificate-requests/{request['id']}"
    proof = {"csr": csr.public_bytes(Encoding.PEM).decode()}
    proved = client.post(f"{path}/proof", json=proof, headers=headers(Role.RA_OFFICER))
    assert proved.status_code == 201, proved.text
    approved = client.post(f"{path}/approval", json={}, headers=headers(Role.APPROVER))
    assert approved.status_code == 201, approved.text
    return str(approved.json()["certificate_id"])


def completed_preparation(installation: Any, pdf: bytes) -> str:
    """The id of a mother's signed upload; her key is at hand here."""
    key, client = ec.generate_private_key(ec.SECP256R1()), installation.client
    citizen = {"certificate_class": "citizen", "subject_id": PEOPLE["mother"].subject_id}
    data = {"certificate_id": issue_for_key(installation, citizen, key)}
    headers = installation.headers(Role.CITIZEN, "mother")
    prepared = client.post(PATH, files={"file": ("a.pdf", pdf)}, data=data, headers=headers).json()["items"][0]
    attributes = base64.b64decode(prepared["preparation"]["to_be_signed"])
    body = {"value": base64.b64encode(key.sign(attributes, ec.ECDSA(hashes.SHA256()))).decode()}
    path = f"{PATH}/{prepared['preparation']['id']}/completion"
    done = client.post(path, json=body, headers=installation.headers(Role.CITIZEN, "mother"))
    assert done.status_code == 201, done.text
    return str(done.json()["id"])
