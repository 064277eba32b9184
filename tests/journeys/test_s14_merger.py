"""Scenario S14: an agency merges away at a legal moment (§3.5, I32), through HTTP and the job that waits for it."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from api.callers import Role
from api.errors import MergerNotDue
from api.records.demonstration import BIRTH_EXTRACT, PEOPLE, WARD
from api.records.numbers import NumberRegister, NumberState
from api.records.results import Results, ResultState
from api.usecases.merge_organisations import merge_organisations
from api.usecases.publish_due_lists import publish_due_lists
from api.usecases.signing_parts import credential_of, time_stamper
from signing.errors import KeyUnavailable
from signing.pades import SigningRequest, sign_pdf
from signing.registry_sql import RegistrySql
from tests.api.office import Office, issue_certificate, official, open_office
from tests.api.pki.moves import begin_post
from tests.fakes.sample_pdf import small
from vault.catalogue_sql.tables import DOCUMENTS, FILES

HEIR = "H49.51.01"
MOMENT = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)  # 1 December 2026, 00:00 +07:00
ACT = "1234/NQ-UBTVQH15"


def signed_now(installation: Any, certificate_id: str) -> bytes:
    """A file signed and time-stamped now with the holder's key, past every guard of the service."""
    services, at = installation.services, installation.clock.at
    with services.db.reading() as tx:
        credential = credential_of(tx, RegistrySql(tx).get(certificate_id))
    request = SigningRequest(credential=credential, field_name="Person")
    return sign_pdf(small(), request, keys=services.keys, stamp=time_stamper(services, at), evidence=None, at=at).pdf


def stored_state(installation: Any) -> tuple[dict[str, str], str]:
    """Custodian of every paper, and one digest over everything else that the catalogue says of papers and files."""
    with installation.services.db.reading() as tx:
        papers = tx.execute(sa.select(DOCUMENTS).order_by(DOCUMENTS.c.document_id)).mappings().all()
        files = tx.execute(sa.select(FILES).order_by(FILES.c.object_name)).all()
    rest = [{k: v for k, v in row.items() if k != "custodian_org"} for row in papers]
    digest = hashlib.sha256(repr((rest, files)).encode()).hexdigest()
    return {row["document_id"]: row["custodian_org"] for row in papers}, digest


@dataclass
class Story:
    """What happened up to the end of the job, and the answers on the way."""

    installation: Any
    office: Office
    answers: dict[str, Any]
    files: dict[str, bytes]

    def send(self, role: Role, figure: str | None, path: str, body: object | None = None) -> Any:
        headers = self.installation.headers(role, figure)
        return self.installation.client.post(path, json={} if body is None else body, headers=headers)

    def get(self, role: Role, figure: str | None, path: str, org: str | None = None) -> Any:
        return self.installation.client.get(path, headers=self.installation.headers(role, figure, org))

    def run_job(self, services: Any = None) -> None:
        payload = {"merger_id": self.answers["plan"].json()["id"]}
        merge_organisations(services or self.installation.services, payload, lambda *_: None)

    def state(self) -> str:
        path = f"/v1/mergers/{self.answers['plan'].json()['id']}"
        return str(self.get(Role.AUDITOR, "auditor", path).json()["state"])


class KeylessStore:
    """A key store whose device is away."""

    def __getattr__(self, _name: str) -> Any:
        def away(*_args: object, **_named: object) -> bytes:
            raise KeyUnavailable

        return away


@pytest.fixture(scope="module")
def story(installation: Any) -> Story:
    office = open_office(installation)
    story = Story(installation=installation, office=office, answers={}, files={})
    issued, left = office.numbered(), office.numbered()
    assert office.sign(issued).status_code == 201
    assert office.seal(issued).status_code == 201
    story.answers["issued"] = office.send_issue(issued)
    story.answers["left"] = left
    story.answers["before"] = stored_state(installation)
    body = {"closing_org": WARD, "successor_org": HEIR, "effective_at": MOMENT.isoformat(), "act": ACT}
    story.answers["plan"] = story.send(Role.ADMINISTRATOR, "chairman", "/v1/mergers", body)
    path = f"/v1/mergers/{story.answers['plan'].json()['id']}/approval"
    story.answers["own approval"] = story.send(Role.ADMINISTRATOR, "chairman", path)
    story.answers["approval"] = story.send(Role.ADMINISTRATOR, "auditor", path)
    story.answers["new certificate"] = story.send(
        Role.RA_OFFICER,
        None,
        "/v1/certificate-requests",
        official("ward_clerk")
        | {
            "type": "new",
            "scope": {"places": [], "procedures": [], "document_types": []},
            "evidence": ["quyet-dinh-bo-nhiem"],
        },
    )
    clock = installation.clock
    clock.at = MOMENT - timedelta(minutes=10)
    story.files["23:50"] = signed_now(installation, office.certificates["leader"])
    with pytest.raises(MergerNotDue):
        story.run_job()
    clock.at = MOMENT + timedelta(minutes=5)
    story.files["00:05"] = signed_now(installation, office.certificates["leader"])
    clock.at = MOMENT + timedelta(minutes=7)
    with pytest.raises(KeyUnavailable):  # the record cannot be signed yet: what was done stands
        story.run_job(replace(installation.services, keys=KeylessStore()))
    story.answers["state without the key"] = story.state()
    story.run_job()
    clock.forward(hours=9)
    publish_due_lists(installation.services, clock.at)  # the worker does, every few seconds
    return story


def test_a_merger_needs_two_administrators(story: Story) -> None:
    assert story.answers["plan"].status_code == 201, story.answers["plan"].text
    assert story.answers["own approval"].json()["code"] == "SAME_PERSON"
    assert story.answers["approval"].json()["state"] == "approved"


def test_a_merging_unit_gets_no_new_certificates(story: Story) -> None:
    assert story.answers["new certificate"].json()["code"] == "CERT_ORG_CLOSED"


def test_every_certificate_of_the_unit_ends_at_the_moment_of_the_act(story: Story) -> None:
    for certificate_id in story.office.certificates.values():
        view = story.get(Role.AUDITOR, "auditor", f"/v1/certificates/{certificate_id}").json()
        assert (view["status"], view["reason"]) == ("revoked", "org_closed")
        assert datetime.fromisoformat(view["status_since"]) == MOMENT


@pytest.mark.parametrize(("signed_at", "verdict"), [("23:50", "valid"), ("00:05", "invalid")])
def test_the_moment_divides_good_signatures_from_bad_ones(story: Story, signed_at: str, verdict: str) -> None:
    upload = {"file": ("a.pdf", story.files[signed_at], "application/pdf")}
    report = story.installation.client.post("/v1/verifications", files=upload).json()
    assert report["verdict"] == verdict, report["reason_codes"]


def test_what_was_issued_before_stays_good_and_its_qr_code_opens(story: Story) -> None:
    code = story.answers["issued"].json()["verification_code"]
    page = story.installation.client.get(f"/v/{code}")
    assert page.status_code == 200


def test_custody_moves_and_no_stored_byte_changes(story: Story) -> None:
    custodians, digest = story.answers["before"]
    moved, after = stored_state(story.installation)
    assert set(custodians.values()) == {WARD}
    assert set(moved) == set(custodians)
    assert set(moved.values()) == {HEIR}
    assert after == digest


def test_an_unsigned_result_is_given_up_and_its_number_is_void(story: Story) -> None:
    with story.installation.services.db.reading() as tx:
        record = Results(tx).get(story.answers["left"])
        assert record.state is ResultState.VOIDED
        assert NumberRegister(tx).reserved_by(WARD) == ()
        entries = NumberRegister(tx).entries(WARD, 2026, str(record.document_number).split("/", 1)[1])
    assert [entry.state for entry in entries] == [NumberState.USED, NumberState.VOID]
    assert entries[1].reason


def test_the_closed_unit_takes_no_dossier_and_names_its_successor(story: Story) -> None:
    body = {
        "procedure_code": BIRTH_EXTRACT,
        "applicant_subject_id": PEOPLE["mother"].subject_id,
        "org_code": WARD,
        "channel": "online",
    }
    answer = story.send(Role.CITIZEN, "mother", "/v1/dossiers", body)
    assert answer.json()["code"] == "ORG_CLOSED"
    assert HEIR in answer.json()["detail"]


def test_the_successor_handles_the_dossiers_from_then_on(story: Story) -> None:
    dossier = story.answers["issued"].json()["dossier_id"]
    mine = story.get(Role.APPRAISER, "appraiser", f"/v1/dossiers/{dossier}", HEIR)
    assert mine.status_code == 200, mine.text


def test_the_successor_reads_the_results_from_then_on(story: Story) -> None:
    begin_post(story.installation, "appraiser", org_code=HEIR, title="Công chức", at=story.installation.clock.at)
    for part in ("", "/content", "/annexes"):
        path = f"/v1/results/{story.answers['issued'].json()['id']}{part}"
        assert story.get(Role.APPRAISER, "appraiser", path, HEIR).status_code == 200
        assert story.get(Role.APPRAISER, "school_officer", path).status_code == 404


def test_the_record_names_what_was_done_under_the_platforms_seal(story: Story) -> None:
    merger = story.answers["plan"].json()["id"]
    view = story.get(Role.AUDITOR, "auditor", f"/v1/mergers/{merger}").json()
    assert view["state"] == "recorded"
    assert view["figures"] == {
        "certificates_revoked": len(story.office.certificates),
        "numbers_voided": 1,
        "dossiers_moved": 2,
        "papers_moved": 1,
        "posts_ended": view["figures"]["posts_ended"],
    }
    record = story.get(Role.AUDITOR, "auditor", f"/v1/mergers/{merger}/record")
    assert record.headers["content-type"] == "application/pdf"
    upload = {"file": ("record.pdf", record.content, "application/pdf")}
    report = story.installation.client.post("/v1/verifications", files=upload).json()
    assert report["verdict"] == "valid", report["reason_codes"]


def test_a_second_run_changes_nothing(story: Story) -> None:
    assert story.answers["state without the key"] == "performed"
    before = stored_state(story.installation)
    merger = story.answers["plan"].json()["id"]
    record = story.get(Role.AUDITOR, "auditor", f"/v1/mergers/{merger}/record").content
    story.run_job()
    assert stored_state(story.installation) == before
    assert story.get(Role.AUDITOR, "auditor", f"/v1/mergers/{merger}/record").content == record


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"effective_at": "2026-11-20T00:00:00+07:00"}, "MERGER_MOMENT"),
        ({"effective_at": "2027-01-01T00:00:01+07:00"}, "MERGER_MOMENT"),
        ({"effective_at": "2027-01-01T00:00:00Z"}, "MERGER_MOMENT"),
        ({"successor_org": "H49.53.01", "closing_org": "H49.53.01"}, "INPUT_INVALID"),
        ({"closing_org": "H49.99"}, "NOT_FOUND"),
        ({"act": "\u202e1/NQ"}, "INPUT_INVALID"),
        ({"successor_org": "H49.53.02"}, "MERGER_ALREADY_PLANNED"),  # it is about to go itself
        ({"closing_org": WARD}, "ORG_CLOSED"),
    ],
)
def test_a_merger_that_cannot_be_is_refused(story: Story, change: dict[str, str], code: str) -> None:
    body = {
        "closing_org": "H49.53.03",
        "successor_org": "H49.53.01",
        "effective_at": "2027-01-01T00:00:00+07:00",
        "act": ACT,
    }
    answer = story.send(Role.ADMINISTRATOR, "chairman", "/v1/mergers", body | change)
    assert answer.json()["code"] == code


def test_a_merger_can_be_taken_back_before_its_moment_and_not_after(story: Story) -> None:
    body = {
        "closing_org": "H49.54.01",
        "successor_org": "H49.55.01",
        "effective_at": "2027-01-01T00:00:00+07:00",
        "act": ACT,
    }
    planned = story.send(Role.ADMINISTRATOR, "chairman", "/v1/mergers", body).json()["id"]
    assert story.send(Role.ADMINISTRATOR, "auditor", f"/v1/mergers/{planned}/approval").status_code == 201
    again = story.send(Role.ADMINISTRATOR, "chairman", "/v1/mergers", body)
    assert again.json()["code"] == "MERGER_ALREADY_PLANNED"
    taken_back = story.send(Role.ADMINISTRATOR, "chairman", f"/v1/mergers/{planned}/cancellation")
    assert taken_back.json()["state"] == "cancelled"
    done = story.answers["plan"].json()["id"]
    late = story.send(Role.ADMINISTRATOR, "chairman", f"/v1/mergers/{done}/cancellation")
    assert late.json()["code"] == "STATE_CONFLICT"


def test_certificates_of_the_successor_are_issued_as_before(story: Story) -> None:
    seal = {"certificate_class": "org_seal", "ordinal": 1, "org_code": HEIR}
    assert issue_certificate(story.installation, seal).startswith("cert_")
