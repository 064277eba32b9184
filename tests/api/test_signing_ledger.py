"""Every act around a signature leaves its line in the ledger, whoever does it; what waits is noted (I17, I28)."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from api.bootstrap import build_authenticator
from api.callers import Role
from api.main import create_app
from api.records.annexes import ResultAnnexes
from api.records.demonstration import PEOPLE
from api.records.results import Results
from api.usecases import authorise_signature
from api.usecases.annex_sealing import complete_annex
from api.usecases.late_timestamp import add_late_timestamp, enqueue_if_pending
from api.usecases.pending_stamps import pending_of
from signing.ca import TIMESTAMP, service_credential
from signing.registry_sql import RegistrySql
from tests.api.office import BODY, Office, open_office
from tests.fakes import sample_pdf
from tests.fakes.failing_keys import FailingKeys


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    return open_office(installation)


@pytest.fixture
def without_time(office: Office) -> Iterator[FailingKeys]:
    installation = office.installation
    services = installation.services
    with services.db.reading() as tx:
        unit = service_credential(TIMESTAMP, RegistrySql(tx), at=installation.clock.at).key_id
    keys = FailingKeys(services.keys, lambda key_id: key_id == unit)
    before = installation.app
    installation.app = create_app(replace(services, keys=keys), build_authenticator(services.settings, services.db))
    yield keys
    installation.app = before


def told(office: Office, object_id: str) -> list[tuple[str, str, str | None]]:
    """What the ledger says about an object: action, outcome, reason."""
    headers = office.installation.headers(Role.AUDITOR, "auditor")
    path = f"/v1/audit-events?object_id={object_id}&limit=50"
    events = office.installation.client.get(path, headers=headers).json()["items"]
    return [(one["action"], one["outcome"], one["reason_code"]) for one in events if one["object_id"] == object_id]


def progress(_done: int, _total: int, _label: str) -> None:
    """Nobody watches."""


def test_an_authorisation_is_told_of_from_its_opening_to_its_end(office: Office) -> None:
    body = {
        "certificate_id": office.certificates["leader"],
        "digests": ["0" * 64],
        "purpose": "sign_detached",
    }
    ids = []
    for _ in range(2):
        opened = office.send(Role.AUTHORISED_SIGNER, "leader", "/v1/signature-authorisations", body)
        assert opened.status_code == 201, opened.text
        ids.append(opened.json()["id"])
    first, second = (f"/v1/signature-authorisations/{one}" for one in ids)
    assert office.send(Role.AUTHORISED_SIGNER, "leader", f"{first}/confirmation").status_code == 201
    again = office.send(Role.AUTHORISED_SIGNER, "leader", f"{first}/confirmation")
    signed = office.send(Role.AUTHORISED_SIGNER, "leader", f"{first}/signatures", {"digest": "0" * 64})
    assert signed.status_code == 201, signed.text
    headers = office.installation.headers(Role.AUTHORISED_SIGNER, "leader")
    assert office.installation.client.delete(second, headers=headers).status_code == 204
    assert set(told(office, ids[0])) == {
        ("open_signature_authorisation", "allowed", None),
        ("confirm_signature_authorisation", "allowed", None),
        ("confirm_signature_authorisation", "refused", again.json()["code"]),
        ("sign_authorised_digest", "allowed", None),
    }
    assert ("cancel_signature_authorisation", "allowed", None) in told(office, ids[1])


def test_an_authorisation_whose_certificate_nobody_knows_any_more_is_none(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"certificate_id": office.certificates["leader"], "digests": ["1" * 64], "purpose": "sign_detached"}
    opened = office.send(Role.AUTHORISED_SIGNER, "leader", "/v1/signature-authorisations", body).json()["id"]
    monkeypatch.setattr(authorise_signature, "known_certificate_id", lambda *_: None)
    read = office.fetch(Role.AUTHORISED_SIGNER, "leader", f"/v1/signature-authorisations/{opened}")
    assert (read.status_code, read.json()["code"]) == (404, "AUTHORISATION_UNKNOWN")


def test_a_signature_that_was_refused_before_the_key_is_told_of(office: Office) -> None:
    result = office.numbered()
    assert office.sign(result, figure="chairman", certificate="chairman").status_code == 403
    assert ("sign_result", "refused", "FORBIDDEN") in told(office, result)


def test_what_a_signature_or_a_seal_waits_for_is_noted_with_it(office: Office, without_time: FailingKeys) -> None:
    result = office.numbered()
    with office.installation.services.db.reading() as tx:
        unit = service_credential(TIMESTAMP, RegistrySql(tx), at=office.installation.clock.at).key_id
    services = office.installation.app.state.services
    without_time.refuses = lambda key_id: key_id == unit
    other = office.numbered()
    assert office.sign(other).status_code == 201
    without_time.refuses = lambda _key_id: False
    assert office.sign(result).status_code == 201
    assert pending_of(result, services) is None
    without_time.refuses = lambda key_id: key_id == unit
    sealed = office.seal(result)
    assert sealed.status_code == 201, sealed.text
    for one in (result, other):
        waiting = pending_of(one, services)
        assert waiting is not None
        assert waiting.error_code == "TIMESTAMP_UNAVAILABLE"


def test_annexes_are_told_of_and_what_they_wait_for_is_noted(office: Office, without_time: FailingKeys) -> None:
    result = str(office.draft().json()["id"])
    headers = office.installation.headers(Role.APPRAISER, "appraiser")
    files = {"file": ("phu-luc.pdf", sample_pdf.page(), "application/pdf")}
    added = office.installation.client.post(f"/v1/results/{result}/annexes", files=files, headers=headers).json()["id"]
    for role, figure, step in ((Role.APPRAISER, "appraiser", "appraisal"), (Role.CLERK, "clerk", "number")):
        assert office.send(role, figure, f"/v1/results/{result}/{step}").status_code == 201
    without_time.refuses = lambda _key_id: False
    assert office.sign(result).status_code == 201
    with office.installation.services.db.reading() as tx:
        unit = service_credential(TIMESTAMP, RegistrySql(tx), at=office.installation.clock.at).key_id
    without_time.refuses = lambda key_id: key_id == unit
    assert office.seal(result).status_code == 201
    services = office.installation.app.state.services
    waiting = pending_of(added, services)
    assert waiting is not None
    assert waiting.error_code == "TIMESTAMP_UNAVAILABLE"
    without_time.refuses = lambda _key_id: False
    complete_annex(services, {"annex_id": added}, progress)
    assert pending_of(added, services) is None
    with services.db.reading() as tx:
        annex = ResultAnnexes(tx).get(added)
    read = office.fetch(Role.CLERK, "clerk", f"/v1/annexes/{added}/content")
    assert (annex.signature_level, read.status_code) == ("B-LT", 200)
    done = [action for action, outcome, _ in told(office, result) if outcome == "allowed"]
    for action in ("add_annex", "read_annex", "add_late_timestamp", "seal_result"):
        assert done.count(action) == 1, action


def test_a_late_time_stamp_is_told_of(office: Office, without_time: FailingKeys) -> None:
    result, services = office.numbered(), office.installation.app.state.services
    assert office.sign(result).status_code == 201
    without_time.refuses = lambda _key_id: False
    add_late_timestamp(services, {"result_id": result}, progress)
    assert ("add_late_timestamp", "allowed", None) in told(office, result)
    assert pending_of(result, services) is None


def test_a_new_draft_replaces_the_values_and_is_told_of(office: Office) -> None:
    result = str(office.draft().json()["id"])
    office.send(Role.APPRAISER, "appraiser", f"/v1/results/{result}/appraisal")
    voiding = office.send(Role.CLERK, "clerk", f"/v1/results/{result}/voiding", {"reason": "thừa"})
    assert (voiding.status_code, voiding.json()["code"]) == (409, "STATE_CONFLICT")
    back = {"reason": "sai nơi sinh"}
    assert office.send(Role.AUTHORISED_SIGNER, "leader", f"/v1/results/{result}/sending-back", back).status_code == 201
    body = {
        "signer": {"employment_id": PEOPLE["leader"].employment_id, "capacity": "kt"},
        "content": {"place": "Quảng Yên", "recipients": [], "body": BODY | {"place_of_birth": "Hạ Long"}},
    }
    assert office.send(Role.APPRAISER, "appraiser", f"/v1/results/{result}/draft", body).status_code == 201
    services = office.installation.services
    with services.db.reading() as tx:
        kept = services.vault.work.read(tx, result, "content").content
    assert "Hạ Long" in kept.decode()
    actions = [(action, outcome) for action, outcome, _ in told(office, result)]
    for line in (("draft_result", "allowed"), ("redraft_result", "allowed"), ("void_result", "refused")):
        assert line in actions


def test_every_step_of_a_result_is_told_of(office: Office) -> None:
    result, other = office.numbered(), office.numbered()
    steps: list[tuple[Role, str, str, dict[str, object]]] = [
        (Role.AUTHORISED_SIGNER, "leader", "sending-back", {"reason": "sai"}),
        (
            Role.APPRAISER,
            "appraiser",
            "draft",
            {
                "signer": {"employment_id": PEOPLE["leader"].employment_id, "capacity": "kt"},
                "content": {"place": "Quảng Yên", "recipients": [], "body": BODY},
            },
        ),
        (Role.APPRAISER, "appraiser", "appraisal", {}),
        (Role.CLERK, "clerk", "number", {}),
        (
            Role.AUTHORISED_SIGNER,
            "leader",
            "signature",
            {"certificate_id": office.certificates["leader"], "capacity": "kt"},
        ),
        (Role.CLERK, "clerk", "seal", {"certificate_id": office.certificates["seal_secondary"]}),
        (Role.CLERK, "clerk", "issue", {}),
        (Role.CLERK, "clerk", "return", {}),
        (Role.AUTHORISED_SIGNER, "leader", "recall", {"act_number": "45/QĐ-UBND", "reason": "sai"}),
    ]
    document = ""
    for role, figure, step, body in steps:
        done = office.send(role, figure, f"/v1/results/{result}/{step}", body)
        assert done.status_code == 201, done.text
        document = done.json().get("document_id") or document
    office.send(Role.CLERK, "clerk", f"/v1/results/{other}/voiding", {"reason": "thừa"})
    again = office.send(Role.CLERK, "clerk", f"/v1/results/{result}/issue")
    assert again.json()["code"] == "STATE_CONFLICT", "what was issued is not issued again"
    actions = [action for action, outcome, _ in told(office, result) if outcome == "allowed"]
    assert sorted(actions) == sorted(
        [
            *("draft_result", "appraise_result", "number_result", "send_back_result", "redraft_result"),
            *("appraise_result", "number_result", "sign_result", "seal_result", "return_result", "recall_of_result"),
        ]
    )
    assert ("issue_result", "allowed", None) in told(office, document)
    assert ("void_result", "allowed", None) in told(office, other)


def test_a_number_that_lapsed_is_told_of_with_the_file_that_counts_no_more(office: Office) -> None:
    clock, before = office.installation.clock, office.installation.clock.at
    result = office.numbered()
    digest = sha256(office.content(result)).hexdigest()
    try:
        clock.forward(days=1)
        assert office.send(Role.CLERK, "clerk", f"/v1/results/{result}/number").status_code == 201
        headers = office.installation.headers(Role.AUDITOR, "auditor")
        events = office.installation.client.get(f"/v1/audit-events?object_id={result}", headers=headers).json()["items"]
    finally:
        clock.at = before
    (lapsed,) = [one for one in events if one["action"] == "lapse_number"]
    assert digest in str(lapsed["details"])


def test_a_file_that_is_complete_waits_for_nothing(office: Office) -> None:
    result, services, at = office.numbered(), office.installation.services, office.installation.clock.at
    with services.db.reading() as tx:
        record = Results(tx).get(result)
    for level, waits in (("B-B", True), ("B-LT", False)):
        with services.db.transaction() as tx:
            enqueue_if_pending(tx, replace(record, signature_level=level), services, at)
        assert (pending_of(result, services) is not None) == waits


def test_an_unknown_account_has_no_second_factor_to_reset(office: Office) -> None:
    body = {"account_id": "acc_" + "0" * 26}
    refused = office.send(Role.SECURITY_OFFICER, "security_officer", "/v1/second-factor-resets", body)
    assert refused.status_code == 404, refused.text
