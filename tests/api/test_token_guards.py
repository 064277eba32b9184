"""Keys outside: what a certificate in a token may not do here, and what became of a preparation (I2, I10, I11)."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from api.callers import Caller, Role
from api.errors import CertificateNotYours, InputInvalid
from api.records.demonstration import BIRTH_EXTRACT, PEOPLE, WARD
from api.records.signature_preparations import PreparationKind
from api.usecases import prepare_uploads, signed_uploads
from api.usecases.authorise_signature import person_of
from api.usecases.late_upload import complete_upload
from api.usecases.prepare_results import ResultToSign, planned_result
from api.usecases.waiting_signatures import require_room
from signing.identity import CertificateClass
from signing.keys import Credential, SignatureAlgorithm
from signing.registry_sql import RegistrySql
from signing.trust import Evidence
from tests.api.counter import code_of
from tests.api.office import BODY, Office, official
from tests.api.strict_status import imported_row, refusing_unknown_status
from tests.api.token_holders import PATH, issue_for_key
from tests.fakes import sample_pdf
from tests.fakes.small_pki import SmallPki


class Outside:
    """The leader, whose key is nowhere in the service; for tests it is at hand."""

    def __init__(self, office: Office) -> None:
        self.office, self.installation = office, office.installation
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = issue_for_key(self.installation, official("leader"), self.key)

    def post(self, path: str, body: object) -> Any:
        return self.office.send(Role.AUTHORISED_SIGNER, "leader", path, body)

    def fetch(self, path: str) -> Any:
        return self.office.fetch(Role.AUTHORISED_SIGNER, "leader", path)

    def told(self, object_id: str) -> set[str]:
        headers = self.installation.headers(Role.AUDITOR)
        answer = self.installation.client.get(f"/v1/audit-events?object_id={object_id}", headers=headers)
        return {one["action"] for one in answer.json()["items"]}

    def upload(self, certificate: str, pdf: bytes) -> Any:
        headers = self.installation.headers(Role.AUTHORISED_SIGNER, "leader")
        files = {"file": ("a.pdf", pdf)}
        return self.installation.client.post(PATH, files=files, data={"certificate_id": certificate}, headers=headers)

    def prepared(self, **body: object) -> Any:
        (item,) = self.post(PATH, {"certificate_id": self.certificate, **body}).json()["items"]
        return item["preparation"]

    def complete(self, preparation: Any) -> Any:
        value = self.key.sign(base64.b64decode(preparation["to_be_signed"]), ec.ECDSA(hashes.SHA256()))
        return self.post(f"{PATH}/{preparation['id']}/completion", {"value": base64.b64encode(value).decode()})


@pytest.fixture(scope="module")
def outside(installation: Any) -> Outside:
    return Outside(Office(installation=installation, certificates={}))


@pytest.fixture
def later(outside: Outside) -> Iterator[Any]:
    clock = outside.installation.clock
    before = clock.at
    yield clock
    clock.at = before


def test_a_key_in_a_token_signs_nothing_under_an_authorisation_of_ours(outside: Outside) -> None:
    body = {"certificate_id": outside.certificate, "digests": ["0" * 64], "purpose": "sign_detached"}
    assert code_of(outside.post("/v1/signature-authorisations", body)) == (409, "SIG_KEY_ON_TOKEN")


def test_a_certificate_of_limited_scope_signs_no_paper_of_its_holders(outside: Outside) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    scope = {"places": [], "procedures": [BIRTH_EXTRACT], "document_types": []}
    limited = issue_for_key(
        outside.installation,
        official("leader") | {"ordinal": 2, "primary_certificate_id": outside.certificate, "scope": scope},
        key,
    )
    assert code_of(outside.upload(limited, sample_pdf.small())) == (409, "SIG_CERT_SCOPE")


def test_a_key_of_a_kind_that_makes_no_signature_here_is_refused(outside: Outside) -> None:
    pki = SmallPki()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, PEOPLE["leader"].name)])
    der = pki.certificate(name, ed25519.Ed25519PrivateKey.generate().public_key(), pki.ca).public_bytes(Encoding.DER)
    credential = Credential(key_id="", certificate=der, chain=(pki.ca.der,), algorithm=SignatureAlgorithm.ECDSA_SHA256)
    unfit = imported_row(outside.installation, credential, "leader", certificate_id="cert_" + "0" * 25 + "5")
    assert code_of(outside.upload(unfit, sample_pdf.small())) == (409, "SIG_KEY_KIND")


def test_a_value_over_an_earlier_page_of_a_result_is_stale(outside: Outside) -> None:
    office = outside.office
    result = office.numbered()
    prepared = outside.prepared(result_ids=[result], capacity="kt")
    assert outside.post(f"/v1/results/{result}/sending-back", {"reason": "sai tên"}).status_code == 201
    again = {
        "signer": {"employment_id": PEOPLE["leader"].employment_id, "capacity": "kt"},
        "content": {"place": "Quảng Yên", "recipients": [], "body": BODY},
    }
    for role, figure, step, body in (
        (Role.APPRAISER, "appraiser", "draft", again),
        (Role.APPRAISER, "appraiser", "appraisal", {}),
        (Role.CLERK, "clerk", "number", {}),
    ):
        done = office.send(role, figure, f"/v1/results/{result}/{step}", body)
        assert done.status_code == 201, done.text
    before = office.content(result)
    assert code_of(outside.complete(prepared)) == (409, "SIGNATURE_PREPARATION_STALE")
    assert office.content(result) == before


def test_a_file_whose_time_was_over_before_its_value_came_is_never_there(outside: Outside, later: Any) -> None:
    answer = outside.upload(outside.certificate, sample_pdf.small())
    (item,) = answer.json()["items"]
    path = f"{PATH}/{item['preparation']['id']}/file"
    assert code_of(outside.fetch(path)) == (409, "SIGNATURE_PREPARATION_OPEN")
    later.forward(minutes=outside.installation.services.settings.preparation_minutes)
    assert code_of(outside.fetch(path)) == (409, "SIGNATURE_PREPARATION_OPEN"), "its last moment"
    later.forward(microseconds=1)
    assert code_of(outside.complete(item["preparation"])) == (410, "SIGNATURE_PREPARATION_EXPIRED")
    assert code_of(outside.fetch(path)) == (410, "SIGNATURE_PREPARATION_EXPIRED")


def test_evidence_that_says_nothing_about_a_chain_is_none(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    (item,) = outside.upload(outside.certificate, sample_pdf.small() + b"%2\n").json()["items"]
    monkeypatch.setattr(signed_uploads, "evidence_source", lambda *_: lambda _chain: Evidence())
    done = outside.complete(item["preparation"])
    assert (done.status_code, done.json()["level"]) == (201, "B-T")
    monkeypatch.undo()
    payload = {"preparation_id": done.json()["id"], "base_length": str(len(sample_pdf.small() + b"%2\n"))}
    complete_upload(outside.installation.services, payload, lambda *_: None)
    assert outside.fetch(f"{PATH}/{done.json()['id']}").json()["level"] == "B-LT"
    assert outside.fetch(f"{PATH}/{done.json()['id']}/file").status_code == 200
    assert {"complete_upload", "read_signed_file"} <= outside.told(done.json()["id"])


def test_where_status_must_be_known_no_result_is_completed_without_it(outside: Outside) -> None:
    pki = SmallPki()
    credential = pki.credential()
    unknown = imported_row(
        outside.installation,
        credential,
        "leader",
        certificate_id="cert_" + "0" * 25 + "4",
        certificate_class=CertificateClass.PERSONAL,
        org_code=WARD,
    )
    result = outside.office.numbered()
    prepared = outside.prepared(certificate_id=unknown, result_ids=[result], capacity="kt")
    value = pki.keys.sign(credential.key_id, base64.b64decode(prepared["to_be_signed"]), credential.algorithm)
    body = {"value": base64.b64encode(value).decode()}
    path = f"{PATH}/{prepared['id']}"
    with refusing_unknown_status(outside.installation):
        assert code_of(outside.post(f"{path}/completion", body)) == (503, "STATUS_UNKNOWN")
        again = outside.post(PATH, {"certificate_id": unknown, "result_ids": [result], "capacity": "kt"})
        assert code_of(again) == (503, "STATUS_UNKNOWN")
    assert outside.fetch(path).json()["state"] == "open"
    assert outside.post(f"{path}/completion", body).status_code == 201


def test_a_value_counts_in_the_last_moment_of_its_preparation(outside: Outside, later: Any) -> None:
    (item,) = outside.upload(outside.certificate, sample_pdf.small() + b"%3\n").json()["items"]
    later.forward(minutes=outside.installation.services.settings.preparation_minutes)
    assert outside.complete(item["preparation"]).status_code == 201


def test_what_is_given_up_stands_in_the_ledger(outside: Outside) -> None:
    (item,) = outside.upload(outside.certificate, sample_pdf.small() + b"%4\n").json()["items"]
    path = f"{PATH}/{item['preparation']['id']}"
    headers = outside.installation.headers(Role.AUTHORISED_SIGNER, "leader")
    assert outside.installation.client.delete(path, headers=headers).status_code == 204
    assert {"prepare_signature", "withdraw_preparation"} <= outside.told(item["preparation"]["id"])


def test_results_are_signed_in_a_capacity(outside: Outside) -> None:
    result = outside.office.numbered()
    refused = outside.post(PATH, {"certificate_id": outside.certificate, "result_ids": [result]})
    assert code_of(refused) == (422, "INPUT_INVALID")


def test_a_certificate_without_holder_is_no_systems_own(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    system = Caller(account_id="acc_x", subject_id=None, role=Role.AUTHORISED_SIGNER, org_code=None)
    with outside.installation.services.db.reading() as tx:
        record = replace(RegistrySql(tx).get(outside.certificate), subject_id=None)
        monkeypatch.setattr(prepare_uploads, "certificate_to_sign_with", lambda *_: record)
        with pytest.raises(CertificateNotYours):
            prepare_uploads.upload_certificate(tx, outside.certificate, system, outside.installation.clock.at)


def test_a_system_has_no_token_and_a_signature_its_capacity(outside: Outside) -> None:
    services, at = outside.installation.services, outside.installation.clock.at
    system = Caller(account_id="acc_x", subject_id=None, role=Role.AUTHORISED_SIGNER, org_code=None)
    with pytest.raises(CertificateNotYours):
        person_of(system)
    with pytest.raises(CertificateNotYours):
        require_room(1, services, system)
    wanted = ResultToSign(
        kind=PreparationKind.SIGN, result_id="res_x", certificate_id=outside.certificate, capacity=None
    )
    with pytest.raises(InputInvalid):
        planned_result(wanted, services, system, at)
