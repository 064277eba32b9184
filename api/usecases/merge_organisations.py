"""At the legal moment one agency ends and another goes on with its work (model §3.5, I32, S14): one idempotent job.

All of it is one transaction: certificates end at the moment of the act (not when the job runs), numbers that were
reserved become void, open dossiers and stored papers change their custodian, and the unit is closed. No stored byte is
touched. The signed record is made after that and outside it, because it uses a key.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final

from api.callers import SYSTEM_CALLER
from api.db import Tx
from api.errors import MergerNotDue
from api.records.dossiers import Dossiers
from api.records.employments import Employments
from api.records.mergers import Merger, Mergers, MergerState
from api.records.numbers import NumberRegister
from api.records.organisations import Organisations
from api.records.results import Results, ResultState
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.completing import sign_as_far
from api.usecases.signing_parts import platform_credential
from api.vietnam_time import VIETNAM
from signing.errors import EvidenceUnavailable, KeyUnavailable, TimestampUnavailable
from signing.identity import read_certificate_facts
from signing.pades import SigningRequest
from signing.registry import CertificateRecord, CertificateStatus, RevocationReason, StatusChange
from signing.registry_sql import CertificateFilter, RegistrySql
from vault.catalogue_sql import Documents

JOB_KIND: Final = "merge_organisations"
_REASON: Final = "Đơn vị đã sáp nhập / the agency was merged"
_TYPESETTING_LIMIT_S: Final = 20.0
_PAGE: Final = 200
_LIVING: Final = frozenset({CertificateStatus.ACTIVE, CertificateStatus.ON_HOLD, CertificateStatus.SUPERSEDED})


def merge_organisations(
    services: Services, payload: Mapping[str, str], progress: Callable[[int, int, str], None]
) -> None:
    """The job's body; done twice, it does nothing the second time.

    Raises:
        MergerNotDue: the moment has not come. TimestampUnavailable, EvidenceUnavailable, KeyUnavailable: the record
            cannot be signed yet; the queue tries again, what was performed stands.
    """
    at = services.clock()
    with services.db.transaction() as tx:
        # no certificate may come into being beside this, and of two runs at once the second one finds it done
        RegistrySql(tx).take_turn(Mergers(tx).get(payload["merger_id"]).closing_org)
        merger = Mergers(tx).get(payload["merger_id"])
        if merger.state is MergerState.APPROVED:
            if at < merger.effective_at:
                raise MergerNotDue
            merger = _perform(tx, merger, services, at)
    progress(1, 2, "performed")
    if merger.state is MergerState.PERFORMED:
        pdf = _signed_record(merger, services, at)
        with services.db.transaction() as tx:
            RegistrySql(tx).take_turn(merger.closing_org)
            if Mergers(tx).get(merger.merger_id).state is MergerState.PERFORMED:
                Mergers(tx).move(merger, state=MergerState.RECORDED)
                Mergers(tx).keep_record(merger.merger_id, pdf)
    progress(2, 2, "recorded")


def finish_mergers(services: Services, at: datetime) -> int:
    """Take up what a job gave up on: a merger that is due is performed and recorded, however long a key was away.

    Returns:
        How many were finished. One that cannot be finished yet stops no other.
    """
    with services.db.reading() as tx:
        due = Mergers(tx).unfinished(at)
    finished = 0
    for merger_id in due:
        with suppress(TimestampUnavailable, EvidenceUnavailable, KeyUnavailable, MergerNotDue):
            merge_organisations(services, {"merger_id": merger_id}, _quietly)
            finished += 1
    return finished


def _quietly(_done: int, _total: int, _label: str) -> None:
    """Nobody watches the worker's own rounds."""


def _perform(tx: Tx, merger: Merger, services: Services, at: datetime) -> Merger:
    closing, heir = merger.closing_org, merger.successor_org
    figures = {
        "certificates_revoked": _end_certificates(tx, merger, services, at),
        "numbers_voided": _void_results(tx, closing, at),
        "dossiers_moved": Dossiers(tx).move_custody(from_org=closing, to_org=heir),
        "papers_moved": Documents(tx).move_custody(from_org=closing, to_org=heir),
        "posts_ended": Employments(tx).end_posts(closing, merger.effective_at),
    }
    Organisations(tx).close(closing)
    event = event_of(
        SYSTEM_CALLER,
        "merge_organisations",
        at,
        object_type="merger",
        object_id=merger.merger_id,
        details=(("closing_org", closing), ("successor_org", heir), *((key, str(n)) for key, n in figures.items())),
    )
    services.audit.append(tx, event)
    return Mergers(tx).move(merger, state=MergerState.PERFORMED, performed_at=at, figures=figures)


def _end_certificates(tx: Tx, merger: Merger, services: Services, at: datetime) -> int:
    registry, ended = RegistrySql(tx), 0
    for record in _certificates_of(registry, merger.closing_org):
        if record.status not in _LIVING:
            continue
        # the moment of the act, not of the job: what was signed a minute later is not signed by the agency (S14)
        step = StatusChange(
            certificate_id=record.certificate_id,
            before=record.status,
            after=CertificateStatus.REVOKED,
            at=merger.effective_at,
            actor=SYSTEM_CALLER.account_id,
            reason=RevocationReason.ORG_CLOSED,
        )
        registry.change_status(step)
        event = event_of(
            SYSTEM_CALLER,
            "revoke_certificate",
            at,
            object_type="certificate",
            object_id=record.certificate_id,
            owner_id=record.subject_id,
            details=(("reason", RevocationReason.ORG_CLOSED.value), ("merger", merger.merger_id)),
        )
        services.audit.append(tx, event)
        ended += 1
    return ended


def _certificates_of(registry: RegistrySql, org_code: str) -> Iterator[CertificateRecord]:
    after: str | None = None
    while page := registry.page(CertificateFilter(org_code=org_code), after=after, limit=_PAGE):
        yield from page
        after = page[-1].certificate_id


def _void_results(tx: Tx, org_code: str, at: datetime) -> int:
    """What was not sealed in time is drafted anew by the successor, under a number of the successor."""
    register, results = NumberRegister(tx), Results(tx)
    voided = 0
    for entry in register.reserved_by(org_code):
        register.void(entry.result_id, _REASON, at)
        voided += 1
    for record in results.unfinished_of(org_code):
        results.change(record, at=at, state=ResultState.VOIDED)
    return voided


def _signed_record(merger: Merger, services: Services, at: datetime) -> bytes:
    """The record of what the merger did, under the platform's seal."""
    with services.db.reading() as tx:
        credential = platform_credential(tx, at)
        organisations = Organisations(tx)
        closing, heir = organisations.get(merger.closing_org), organisations.get(merger.successor_org)
        revoked = [
            f"{record.serial:X}"
            for record in _certificates_of(RegistrySql(tx), merger.closing_org)
            if (record.reason, record.status_since) == (RevocationReason.ORG_CLOSED, merger.effective_at)
        ]
    figures = merger.figures or {}
    rows = [
        ("Đơn vị kết thúc", f"{closing.name} ({closing.org_code})"),
        ("Đơn vị kế thừa", f"{heir.name} ({heir.org_code})"),
        ("Văn bản sáp nhập", merger.act),
        ("Thời điểm có hiệu lực", merger.effective_at.astimezone(VIETNAM).isoformat()),
        ("Thực hiện lúc", (merger.performed_at or at).astimezone(VIETNAM).isoformat(timespec="seconds")),
        ("Chứng thư đã thu hồi", str(figures.get("certificates_revoked", 0))),
        ("Số văn bản bị hủy", str(figures.get("numbers_voided", 0))),
        ("Hồ sơ chuyển giao", str(figures.get("dossiers_moved", 0))),
        ("Giấy tờ chuyển giao", str(figures.get("papers_moved", 0))),
    ]
    page = services.workers.call(
        "api.rendering:render_record",
        {
            "title": "BIÊN BẢN CHUYỂN GIAO KHI SÁP NHẬP",
            "note": "Record of a merger of agencies",
            "issued_on": at.astimezone(VIETNAM).date().isoformat(),
            "issuer": read_certificate_facts(credential.certificate).common_name,
            "rows": [{"name": name, "value": value} for name, value in rows],
            "list_title": "Số sê-ri của các chứng thư đã thu hồi",
            "lines": revoked,
        },
        timeout_s=_TYPESETTING_LIMIT_S,
    )
    request = SigningRequest(credential=credential, field_name="Record", reason=merger.act)
    return sign_as_far(page, request, services, at).pdf  # the legal moment waits for no time-stamp authority
