"""Any sequence of steps by anybody: allowed ones only ever add bytes, forbidden ones write nothing (I10-I14)."""

from dataclasses import dataclass, field
from typing import Any

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings

from api.callers import Role
from api.records.demonstration import PEOPLE, WARD
from api.records.numbers import NUMBER_ENTRIES, NUMBER_SERIES
from api.records.results import FILE_SLOT, RESULTS, Results
from tests.api.office import BODY, Office, open_office
from vault.catalogue_sql import WorkObjects
from vault.ledger_sql import AUDIT_EVENTS

ACTS = ("appraise", "number", "sign", "seal", "issue", "send_back", "redraft", "void")
# who tries; the first is the one whose step it is
FIGURES = {
    "appraise": ("appraiser", "leader"),
    "number": ("clerk", "school_officer"),
    "sign": ("leader", "chairman", "appraiser"),
    "seal": ("clerk", "leader", "ward_clerk"),
    "issue": ("clerk", "school_officer"),
    "send_back": ("leader", "school_officer"),
    "redraft": ("appraiser", "school_officer"),
    "void": ("clerk", "school_officer"),
}
ROLES = {
    "appraise": Role.APPRAISER,
    "number": Role.CLERK,
    "sign": Role.AUTHORISED_SIGNER,
    "seal": Role.CLERK,
    "issue": Role.CLERK,
    "send_back": Role.AUTHORISED_SIGNER,
    "redraft": Role.APPRAISER,
    "void": Role.CLERK,
}
PATHS = {
    "appraise": "appraisal",
    "number": "number",
    "sign": "signature",
    "seal": "seal",
    "issue": "issue",
    "send_back": "sending-back",
    "redraft": "draft",
    "void": "voiding",
}
# model.md §3.4
MOVES = {
    ("drafted", "appraise"): "appraised",
    ("appraised", "number"): "numbered",
    ("numbered", "number"): "numbered",  # the same number again
    ("numbered", "sign"): "approved",
    ("approved", "seal"): "sealed",
    ("sealed", "issue"): "issued",
    ("appraised", "send_back"): "sent_back",
    ("numbered", "send_back"): "sent_back",
    ("sent_back", "redraft"): "drafted",
    ("numbered", "void"): "voided",
}


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    return open_office(installation)


def everything(office: Office, result: str) -> dict[str, Any]:
    """What a refusal must leave as it is: row, work slots, register, and the ledger but for refusals."""
    with office.installation.services.db.reading() as tx:
        outcomes = (
            tx.execute(sa.select(AUDIT_EVENTS.c.outcome).where(AUDIT_EVENTS.c.object_id == result)).scalars().all()
        )
        return {
            "row": tx.execute(RESULTS.select().where(RESULTS.c.result_id == result)).one(),
            "slots": tuple(WorkObjects(tx).of_record(result)),
            "numbers": tx.execute(NUMBER_ENTRIES.select().order_by(NUMBER_ENTRIES.c.number)).all(),
            "series": tx.execute(NUMBER_SERIES.select()).all(),
            "ledger": len([one for one in outcomes if one != "refused"]),
            "refusals": outcomes.count("refused"),
        }


@dataclass
class Story:
    """One result and what its file was."""

    office: Office
    result: str
    state: str = "drafted"
    appraiser: str | None = None
    revisions: list[bytes] = field(default_factory=list)

    def body(self, act: str, figure: str) -> dict[str, Any]:
        certificates = self.office.certificates
        match act:
            case "sign":
                return {"certificate_id": certificates.get(figure, certificates["leader"]), "capacity": "kt"}
            case "seal":
                return {"certificate_id": certificates["seal_secondary"]}
            case "send_back" | "void":
                return {"reason": "sai nơi sinh"}
            case "redraft":
                signer = {"employment_id": PEOPLE["leader"].employment_id, "capacity": "kt"}
                return {"signer": signer, "content": {"place": "Quảng Yên", "recipients": ["Lưu: VT"], "body": BODY}}
        return {}

    def next_state(self, act: str, figure: str) -> str | None:
        """Where the model says this leads; None: forbidden."""
        if figure != FIGURES[act][0] and not (act == "appraise" and figure == "leader"):
            return None
        if act == "sign" and self.appraiser == figure:
            return None  # one person, two steps
        return MOVES.get((self.state, act))

    def take(self, act: str, figure: str) -> None:
        expected, before = self.next_state(act, figure), everything(self.office, self.result)
        org = PEOPLE[figure].org_code if figure == "school_officer" else WARD
        path = f"/v1/results/{self.result}/{PATHS[act]}"
        answer = self.office.send(ROLES[act], figure, path, self.body(act, figure), org=org)
        if expected is None:
            assert answer.status_code in {403, 409}, (self.state, act, figure, answer.text)
            after = everything(self.office, self.result)
            assert after.pop("refusals") == before.pop("refusals") + 1, (self.state, act, figure)
            assert after == before, (self.state, act, figure)
            return
        assert answer.status_code == 201, (self.state, act, figure, answer.text)
        self.state = answer.json()["state"]
        assert self.state == expected
        if act == "appraise":
            self.appraiser = figure
        self.keep_revision()

    def keep_revision(self) -> None:
        services = self.office.installation.services
        with services.db.reading() as tx:
            record = Results(tx).get(self.result)
            if record.file_sha256 is None:
                self.revisions.clear()
                return
            pdf = services.vault.work.read(tx, self.result, FILE_SLOT).content
        if not self.revisions or self.revisions[-1] != pdf:
            self.revisions.append(pdf)

    def check(self) -> None:
        for earlier in self.revisions:
            assert self.revisions[-1].startswith(earlier)
        signatures = {"numbered": 0, "approved": 1, "sealed": 2, "issued": 2}.get(self.state)
        if signatures is not None:
            assert len(self.revisions) == signatures + 1
            assert self.revisions[-1].count(b"/ByteRange") == signatures
        with self.office.installation.services.db.reading() as tx:
            record = Results(tx).get(self.result)
        persons = [one for one in (record.appraised_by, record.signed_by, record.sealed_by) if one is not None]
        assert len(set(persons)) == len(persons)


def acts() -> st.SearchStrategy[list[tuple[str, str]]]:
    """Steps in any order by anybody, with the right ones often enough to reach the end."""
    right = st.sampled_from([(act, FIGURES[act][0]) for act in ("appraise", "number", "sign", "seal", "issue")])
    wrong = st.sampled_from([(act, figure) for act in ACTS for figure in FIGURES[act]])
    return st.lists(st.one_of(right, wrong), min_size=3, max_size=10)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(before=acts(), after=acts())
def test_any_sequence_of_steps_only_adds_bytes_or_writes_nothing(
    office: Office, before: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    story = Story(office=office, result=office.draft().json()["id"])
    for act, figure in (*before, *after):
        story.take(act, figure)
        story.check()


FORWARD = [(act, FIGURES[act][0]) for act in ("appraise", "number", "sign", "seal", "issue")]


@pytest.mark.parametrize("reached", range(len(FORWARD) + 1))
def test_from_every_state_every_other_step_of_anybody_is_refused_and_writes_nothing(
    office: Office, reached: int
) -> None:
    story = Story(office=office, result=office.draft().json()["id"])
    for act, figure in FORWARD[:reached]:
        story.take(act, figure)
    for act in ACTS:
        for figure in FIGURES[act]:
            if story.next_state(act, figure) is None:
                story.take(act, figure)
    story.check()
