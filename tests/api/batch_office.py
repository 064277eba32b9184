"""Batches of signatures for tests: over HTTP, with jobs run here one after the other as the queue would run them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from api.callers import Caller, Role
from api.jobs import JobState
from api.jobs.queue import code_of
from api.services import Services
from api.usecases.open_signature_batch import LAPSE_JOB
from api.usecases.signature_batch_work import PREPARE_JOB, SIGN_JOB
from api.worker import BODIES, ENDINGS
from tests.api.office import Office, open_office

PATH = "/v1/signature-batches"


def run_jobs(services: Services, *, kinds: frozenset[str] | None = None, ahead_s: float = 0.0) -> list[str]:
    """Every job that is due, until none is; a failure that may pass leaves its job for the next call.

    Returns:
        The codes of what failed.
    """
    failed: list[str] = []
    tried: set[str] = set()
    while True:
        at = services.clock() + timedelta(seconds=ahead_s)
        with services.db.reading() as tx:
            due = [one for one, *_ in services.jobs.waiting(tx, at) if one not in tried]
        if not due:
            return failed
        for job_id in due:
            tried.add(job_id)
            run_job(services, job_id, failed, kinds=kinds)


def run_batch_jobs(services: Services) -> list[str]:
    """The same, for jobs of batches only: what earlier tests left to be completed later has its own failures."""
    return run_jobs(services, kinds=frozenset({PREPARE_JOB, SIGN_JOB, LAPSE_JOB}))


def run_job(services: Services, job_id: str, failed: list[str], *, kinds: frozenset[str] | None = None) -> None:
    """One job as the queue would run it; the code of its failure is added to ``failed``."""
    with services.db.reading() as tx:
        found = services.jobs.find(tx, job_id)
    if found is None or (kinds is not None and found.kind not in kinds):
        return
    with services.db.transaction() as tx:
        services.jobs.begin(tx, job_id, services.clock())
    state, code = JobState.SUCCEEDED, None
    try:
        BODIES[found.kind](services, found.payload, lambda *_: None)
    except Exception as err:  # noqa: BLE001 - as the queue does
        code = code_of(err)
        failed.append(code)
        if getattr(err, "retryable", False):
            with services.db.transaction() as tx:
                services.jobs.postpone(tx, job_id, code, due_at=services.clock(), at=services.clock())
            return
        state = JobState.FAILED
        if found.kind in ENDINGS:
            ENDINGS[found.kind](services, found.payload, code)
    with services.db.transaction() as tx:
        services.jobs.end(tx, job_id, state, code, services.clock())


@dataclass
class BatchOffice:
    """The ward, putting results together."""

    office: Office
    numbered: list[str] = field(default_factory=list)

    @property
    def services(self) -> Services:
        return self.office.installation.services  # type: ignore[no-any-return] # an Installation

    def results(self, count: int) -> list[str]:
        return [self.office.numbered() for _ in range(count)]

    def post(self, path: str, body: object | None = None, *, seal: bool = False, figure: str | None = None) -> Any:
        role = Role.CLERK if seal else Role.AUTHORISED_SIGNER
        return self.office.send(role, figure or ("clerk" if seal else "leader"), f"{PATH}{path}", body)

    def get(self, path: str, *, seal: bool = False, figure: str | None = None) -> Any:
        role = Role.CLERK if seal else Role.AUTHORISED_SIGNER
        return self.office.fetch(role, figure or ("clerk" if seal else "leader"), f"{PATH}{path}")

    def opened(self, result_ids: list[str], **changes: object) -> Any:
        body: dict[str, object] = {
            "kind": "sign",
            "certificate_id": self.office.certificates["leader"],
            "capacity": "kt",
            "result_ids": result_ids,
        }
        return self.post("", body | changes)

    def sealing(self, result_ids: list[str] | None = None, **changes: object) -> Any:
        body: dict[str, object] = {"kind": "seal", "certificate_id": self.office.certificates["seal_secondary"]}
        body |= {"all_ready": True} if result_ids is None else {"result_ids": result_ids}
        return self.post("", body | changes, seal=True)

    def prepared(self, result_ids: list[str], **changes: object) -> str:
        made = self.opened(result_ids, **changes)
        assert made.status_code == 202, made.text
        run_jobs(self.services)
        return str(made.json()["id"])

    def authorised(self, batch: str, body: object | None = None, *, seal: bool = False) -> Any:
        return self.post(f"/{batch}/authorization", body, seal=seal)

    def items(self, batch: str, *, seal: bool = False) -> list[Mapping[str, Any]]:
        return list(self.get(f"/{batch}/items?limit=200", seal=seal).json()["items"])

    def states(self, batch: str, *, seal: bool = False) -> list[str]:
        return [one["state"] for one in self.items(batch, seal=seal)]

    def signed(self, count: int) -> list[str]:
        """Results that a batch signed."""
        results = self.results(count)
        batch = self.prepared(results)
        assert self.authorised(batch).status_code == 202
        run_jobs(self.services)
        assert self.states(batch) == ["signed"] * count, self.items(batch)
        return results


def batch_office(installation: Any) -> BatchOffice:
    return BatchOffice(office=open_office(installation))


def leader_of(ward: BatchOffice) -> Caller:
    """The leader as routes and jobs see him."""
    installation = ward.office.installation
    header = installation.headers(Role.AUTHORISED_SIGNER, "leader")["Authorization"]
    found: Caller = installation.app.state.authenticator.authenticate(
        header, (Role.AUTHORISED_SIGNER,), installation.clock.at
    )
    return found
