"""Authorisations and passkeys over HTTP in the embedded profile: a passkey, a code, or the login of who has neither."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from api.callers import Caller, Role
from api.records.demonstration import PEOPLE
from api.records.second_factors import STEP_S, code_at
from api.usecases.authorise_signature import OpenAuthorisation, open_authorisation
from signing.authorisation import EvidenceKind, SigningPurpose
from tests.api.conftest import Installation, install
from tests.api.office import Office, issue_certificate, official, open_office
from tests.api.signer_bench import unb64
from tests.fakes.passkey import ORIGIN, SoftPasskey

PATH = "/v1/signature-authorisations"
DIGEST = hashlib.sha256(b"one").hexdigest()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = install(tmp_path_factory.mktemp("authorising"), public_url=ORIGIN)
    yield open_office(made)
    made.services.close()


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def opened(office: Office, *digests: str, figure: str = "leader", **more: object) -> Any:
    body = {"certificate_id": office.certificates[figure], "digests": list(digests)} | more
    return office.send(Role.AUTHORISED_SIGNER, figure, PATH, body)


def confirm(office: Office, authorisation: str, body: object | None = None, figure: str = "leader") -> Any:
    return office.send(Role.AUTHORISED_SIGNER, figure, f"{PATH}/{authorisation}/confirmation", body)


def sign(office: Office, authorisation: str, digest: str, figure: str = "leader") -> Any:
    return office.send(Role.AUTHORISED_SIGNER, figure, f"{PATH}/{authorisation}/signatures", {"digest": digest})


def delete(office: Office, role: Role, figure: str, path: str) -> Any:
    return office.installation.client.delete(path, headers=office.installation.headers(role, figure))


def registered(office: Office, role: Role, figure: str) -> tuple[str, SoftPasskey]:
    passkey = SoftPasskey()
    started = office.send(role, figure, "/v1/passkeys", {"label": "khóa"})
    assert started.status_code == 201, started.text
    body = started.json()
    assert (body["rp_id"], body["attestation"], body["user_verification"]) == ("anso.example.vn", "none", "required")
    answer = passkey.register_json(unb64(body["challenge"]))
    made = office.send(role, figure, f"/v1/passkeys/{body['id']}/registration", answer)
    assert made.status_code == 201, made.text
    return str(body["id"]), passkey


def test_a_list_is_authorised_by_a_passkey_and_each_digest_signed_once(office: Office) -> None:
    passkey_id, passkey = registered(office, Role.AUTHORISED_SIGNER, "chairman")
    path = f"/v1/passkeys/{passkey_id}/confirmation"
    assert office.send(Role.SECURITY_OFFICER, "chairman", path).json()["code"] == "PASSKEY_REFUSED"
    assert office.send(Role.SECURITY_OFFICER, "leader", path).json()["state"] == "active"
    assert office.send(Role.SECURITY_OFFICER, "leader", path).json()["code"] == "PASSKEY_REFUSED"
    digests = [digest_of(text) for text in ("a", "b", "c")]
    made = opened(office, *digests, figure="chairman", purpose="sign_result", capacity="kt").json()
    assert [one["digest"] for one in made["digests"]] == digests
    assert made["allow_credentials"] == [base64.urlsafe_b64encode(passkey.credential_id).rstrip(b"=").decode()]
    assert sign(office, made["id"], digests[0], "chairman").json()["code"] == "AUTHORISATION_REQUIRED"
    answer = {"assertion": passkey.answer_json(unb64(made["challenge"]))}
    agreed = confirm(office, made["id"], answer, "chairman")
    assert (agreed.status_code, agreed.json()["evidence"]) == (201, "passkey")
    assert confirm(office, made["id"], answer, "chairman").json()["code"] == "AUTHORISATION_CLOSED"
    first = sign(office, made["id"], digests[1], "chairman")
    assert (first.status_code, first.json()["level"]) == (201, "CAdES-B-B")
    assert sign(office, made["id"], digests[1], "chairman").json() == first.json()
    assert sign(office, made["id"], digest_of("d"), "chairman").json()["code"] == "AUTHORISATION_FOREIGN"
    seen = office.fetch(Role.AUTHORISED_SIGNER, "chairman", f"{PATH}/{made['id']}").json()
    assert [one["signed"] for one in seen["digests"]] == [False, True, False]
    assert seen["finish_before"] is not None


def test_a_list_that_cannot_be_agreed_to_is_told_what_a_list_is(office: Office) -> None:
    for digests in ((DIGEST, DIGEST), (DIGEST, hashlib.sha512(b"two").hexdigest())):
        refused = opened(office, *digests)
        assert (refused.status_code, refused.json()["code"]) == (422, "AUTHORISATION_MALFORMED")
        assert "mỗi giá trị một lần" in refused.json()["title"]


def test_an_answer_to_another_list_confirms_nothing(office: Office) -> None:
    passkey_id, passkey = registered(office, Role.AUTHORISED_SIGNER, "leader")
    assert office.send(Role.SECURITY_OFFICER, "chairman", f"/v1/passkeys/{passkey_id}/confirmation").status_code == 201
    one, two = (opened(office, digest_of(text)).json() for text in ("shown", "hidden"))
    answer = {"assertion": passkey.answer_json(unb64(one["challenge"]))}
    refused = confirm(office, two["id"], answer)
    assert (refused.status_code, refused.json()["code"]) == (403, "AUTHORISATION_WRONG")
    assert confirm(office, one["id"], answer).status_code == 201
    own = office.fetch(Role.AUTHORISED_SIGNER, "leader", "/v1/passkeys").json()["items"]
    assert passkey_id in [each["id"] for each in own]
    assert delete(office, Role.AUTHORISED_SIGNER, "leader", f"/v1/passkeys/{passkey_id}").status_code == 204
    assert delete(office, Role.AUTHORISED_SIGNER, "leader", f"/v1/passkeys/{passkey_id}").status_code == 404


def test_nobody_else_sees_confirms_cancels_or_uses_an_authorisation(office: Office) -> None:
    made = opened(office, DIGEST).json()["id"]
    for answer in (
        office.fetch(Role.AUTHORISED_SIGNER, "chairman", f"{PATH}/{made}"),
        confirm(office, made, figure="chairman"),
        sign(office, made, DIGEST, "chairman"),
        delete(office, Role.AUTHORISED_SIGNER, "chairman", f"{PATH}/{made}"),
        office.fetch(Role.AUTHORISED_SIGNER, "leader", f"{PATH}/sad_01arz3ndektsv4rrffq69g5fav"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "AUTHORISATION_UNKNOWN")
    foreign = {"certificate_id": office.certificates["leader"], "digests": [DIGEST]}
    refused = office.send(Role.AUTHORISED_SIGNER, "chairman", PATH, foreign)
    assert (refused.status_code, refused.json()["code"]) == (403, "SIG_CERT_HOLDER")


def test_what_was_taken_back_or_is_too_late_signs_nothing(office: Office) -> None:
    made = opened(office, DIGEST).json()["id"]
    assert confirm(office, made).status_code == 201
    assert delete(office, Role.AUTHORISED_SIGNER, "leader", f"{PATH}/{made}").status_code == 204
    assert delete(office, Role.AUTHORISED_SIGNER, "leader", f"{PATH}/{made}").json()["code"] == "AUTHORISATION_CLOSED"
    assert sign(office, made, DIGEST).json()["code"] == "AUTHORISATION_CLOSED"
    clock = office.installation.clock
    late, unused = opened(office, DIGEST).json()["id"], opened(office, DIGEST).json()["id"]
    assert confirm(office, late).status_code == 201
    clock.forward(minutes=5, seconds=1)
    for answer in (confirm(office, unused), sign(office, late, DIGEST)):
        assert (answer.status_code, answer.json()["code"]) == (409, "AUTHORISATION_EXPIRED")


def test_a_batch_is_resumed_within_half_an_hour_and_not_later(office: Office) -> None:
    digests = [digest_of(text) for text in ("x", "y", "z")]
    made = opened(office, *digests).json()["id"]
    confirm(office, made)
    assert sign(office, made, digests[0]).status_code == 201
    office.installation.clock.forward(minutes=30)
    assert sign(office, made, digests[1]).status_code == 201
    office.installation.clock.forward(seconds=1)
    assert sign(office, made, digests[2]).json()["code"] == "AUTHORISATION_EXPIRED"


def test_a_certificate_on_hold_is_refused_at_opening_and_at_signing(office: Office) -> None:
    certificate = issue_certificate(office.installation, official("appraiser"))
    body = {"certificate_id": certificate, "digests": [DIGEST]}
    made = office.send(Role.APPRAISER, "appraiser", PATH, body).json()["id"]
    assert office.send(Role.APPRAISER, "appraiser", f"{PATH}/{made}/confirmation").status_code == 201
    held = office.send(
        Role.APPRAISER, "appraiser", f"/v1/certificates/{certificate}/suspension", {"reason": "key_in_doubt"}
    )
    assert held.status_code == 201, held.text
    again = office.send(Role.APPRAISER, "appraiser", PATH, body)
    used = office.send(Role.APPRAISER, "appraiser", f"{PATH}/{made}/signatures", {"digest": DIGEST})
    assert [one.json()["code"] for one in (again, used)] == ["SIG_CERT_HOLD"] * 2


def test_a_code_confirms_where_the_account_has_a_second_factor(office: Office) -> None:
    clock = office.installation.clock
    enrolled = office.send(Role.CLERK, "clerk", "/v1/second-factors").json()
    secret = base64.b32decode(enrolled["secret"] + "=" * (-len(enrolled["secret"]) % 8))

    def code() -> str:
        clock.forward(seconds=STEP_S)
        return code_at(secret, int(clock.at.timestamp()) // STEP_S)

    path = f"/v1/second-factors/{enrolled['id']}/confirmation"
    assert office.send(Role.CLERK, "clerk", path, {"code": code()}).status_code == 204
    person = issue_certificate(office.installation, official("clerk"))
    made = office.send(Role.CLERK, "clerk", PATH, {"certificate_id": person, "digests": [DIGEST]}).json()["id"]
    path = f"{PATH}/{made}/confirmation"
    assert office.send(Role.CLERK, "clerk", path).json()["code"] == "SECOND_FACTOR_REQUIRED"
    assert office.send(Role.CLERK, "clerk", path, {"code": "000000"}).json()["code"] == "SECOND_FACTOR_INVALID"
    agreed = office.send(Role.CLERK, "clerk", path, {"code": code()})
    assert (agreed.status_code, agreed.json()["evidence"]) == (201, "code")
    assert office.send(Role.CLERK, "clerk", f"{PATH}/{made}/signatures", {"digest": DIGEST}).status_code == 201


def test_a_seal_is_not_authorised_over_digests_from_outside(office: Office) -> None:
    body = {"certificate_id": office.certificates["seal_secondary"], "digests": [DIGEST], "purpose": "seal_result"}
    refused = office.send(Role.CLERK, "clerk", PATH, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "SEAL_NEEDS_DOCUMENT")


def test_what_a_seal_agreed_to_for_a_checked_document_gives_no_detached_signature(office: Office) -> None:
    installation = office.installation
    caller = Caller(
        account_id="acc_test", subject_id=PEOPLE["clerk"].subject_id, role=Role.CLERK, org_code=PEOPLE["clerk"].org_code
    )
    command = OpenAuthorisation(
        certificate_id=office.certificates["seal_secondary"],
        digests=(digest_of("prepared here"),),
        purpose=SigningPurpose.SEAL_RESULT,
    )
    opened = open_authorisation(command, installation.services, caller, installation.clock.at, documents_checked=True)
    authorisation = opened.authorisation.terms.authorisation_id
    installation.services.desk.confirm(authorisation, PEOPLE["clerk"].subject_id, EvidenceKind.SESSION)
    body = {"digest": digest_of("prepared here")}
    refused = office.send(Role.CLERK, "clerk", f"{PATH}/{authorisation}/signatures", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "SEAL_NEEDS_DOCUMENT")


@pytest.mark.parametrize(
    "change",
    [
        {"digests": []},
        {"digests": ["zz"]},
        {"digests": [DIGEST] * 501},
        {"digests": [DIGEST, DIGEST]},
        {"digests": [DIGEST, "0" * 96]},
        {"certificate_id": "x"},
        {"purpose": "anything"},
        {"extra": 1},
    ],
)
def test_terms_that_nobody_could_agree_to_are_refused(office: Office, change: dict[str, object]) -> None:
    body = {"certificate_id": office.certificates["leader"], "digests": [DIGEST]} | change
    assert office.send(Role.AUTHORISED_SIGNER, "leader", PATH, body).status_code == 422


def test_a_digest_of_another_length_than_the_key_signs_is_refused(office: Office) -> None:
    made = opened(office, "0" * 96).json()["id"]
    assert confirm(office, made).json()["evidence"] == "session"
    refused = sign(office, made, "0" * 96)
    assert (refused.status_code, refused.json()["code"]) == (409, "DOCUMENT_NOT_SIGNABLE")


def test_binary_values_are_base64url_or_refused(office: Office) -> None:
    started = office.send(Role.AUTHORISED_SIGNER, "leader", "/v1/passkeys", {"label": "k"}).json()
    path = f"/v1/passkeys/{started['id']}/registration"
    for client_data, code in (("a", "INPUT_INVALID"), ("!", "INPUT_INVALID"), ("e30", "AUTHORISATION_WRONG")):
        body = {"client_data_json": client_data, "attestation_object": "oA"}
        answer = office.send(Role.AUTHORISED_SIGNER, "leader", path, body)
        assert answer.json()["code"] == code, answer.text
    foreign = office.send(
        Role.AUTHORISED_SIGNER, "chairman", path, {"client_data_json": "e30", "attestation_object": "oA"}
    )
    assert foreign.json()["code"] == "PASSKEY_UNKNOWN"


def told(office: Office, role: Role, figure: str) -> list[str]:
    return [one["type"] for one in office.fetch(role, figure, "/v1/notices").json()["items"]]


def test_a_holder_is_told_of_each_passkey_that_counts_and_of_each_that_is_taken_away(office: Office) -> None:
    passkey_id, _ = registered(office, Role.APPRAISER, "appraiser")
    before = told(office, Role.APPRAISER, "appraiser")
    path = f"/v1/passkeys/{passkey_id}/confirmation"
    assert office.send(Role.SECURITY_OFFICER, "chairman", path).status_code == 201
    assert told(office, Role.APPRAISER, "appraiser") == ["passkey_confirmed", *before]
    body = {"passkey_id": passkey_id, "subject_id": PEOPLE["appraiser"].subject_id}
    asked = office.send(Role.SECURITY_OFFICER, "chairman", "/v1/passkey-resets", body).json()
    assert "passkey_reset_requested" in told(office, Role.APPRAISER, "appraiser")
    approval = f"/v1/passkey-resets/{asked['id']}/approval"
    assert office.send(Role.ADMINISTRATOR, "leader", approval).status_code == 201
    news = ["passkey_reset", "passkey_reset_requested", "passkey_confirmed"]
    # the clock stands, so the three have no order
    assert sorted(told(office, Role.APPRAISER, "appraiser")) == sorted([*news, *before])
    assert "passkey_reset" not in told(office, Role.AUTHORISED_SIGNER, "leader")


def test_a_lost_passkey_is_taken_away_by_two_persons(office: Office) -> None:
    passkey_id, _ = registered(office, Role.CLERK, "clerk")
    body = {"passkey_id": passkey_id, "subject_id": PEOPLE["clerk"].subject_id}
    path = "/v1/passkey-resets"
    assert office.send(Role.SECURITY_OFFICER, "clerk", path, body).json()["code"] == "SAME_PERSON"
    unknown = body | {"subject_id": PEOPLE["leader"].subject_id}
    assert office.send(Role.SECURITY_OFFICER, "chairman", path, unknown).json()["code"] == "PASSKEY_UNKNOWN"
    asked = office.send(Role.SECURITY_OFFICER, "chairman", path, body).json()
    approval = f"{path}/{asked['id']}/approval"
    for figure in ("chairman", "clerk"):
        assert office.send(Role.ADMINISTRATOR, figure, approval).json()["code"] == "SAME_PERSON"
    done = office.send(Role.ADMINISTRATOR, "leader", approval)
    assert (done.status_code, done.json()["state"]) == (201, "approved")
    assert office.send(Role.ADMINISTRATOR, "leader", approval).json()["code"] == "STATE_CONFLICT"
    left = office.fetch(Role.CLERK, "clerk", "/v1/passkeys").json()["items"]
    assert passkey_id not in [one["id"] for one in left]
    missing = f"{path}/pkr_01arz3ndektsv4rrffq69g5fav/approval"
    assert office.send(Role.ADMINISTRATOR, "leader", missing).json()["code"] == "NOT_FOUND"


def test_every_step_stands_in_the_ledger_and_a_refusal_too(office: Office) -> None:
    made = opened(office, digest_of("ledger"), figure="chairman").json()["id"]
    confirm(office, made, {"assertion": SoftPasskey().answer_json(bytes(32))}, figure="chairman")
    installation: Installation = office.installation
    events = installation.client.get(
        f"/v1/audit-events?object_id={made}", headers=installation.headers(Role.AUDITOR)
    ).json()["items"]
    assert [(one["action"], one["outcome"], one["reason_code"]) for one in reversed(events)] == [
        ("open_signature_authorisation", "allowed", None),
        ("confirm_signature_authorisation", "refused", "PASSKEY_UNKNOWN"),
    ]
