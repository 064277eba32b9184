"""A paper comes in at the counter: checked at the door, stored encrypted, and its reading queued."""

import contextlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from api.callers import Caller
from api.db import Tx
from api.errors import (
    ComponentAlreadyHeld,
    ComponentExempt,
    ComponentNotRequired,
    Forbidden,
    NotFound,
    OwnerNotApplicant,
)
from api.ids import creation_id
from api.records.digitisations import SOURCE_SLOT, Digitisation, Digitisations, DigitisationState
from api.records.dossiers import Dossier
from api.records.procedures import Component, Procedures
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.receive_dossier import read_dossier
from api.usecases.vault_readers import wards_of
from digitize.errors import DigitizeError
from vault.catalogue import WorkEntry
from vault.errors import VaultNotFound
from vault.ledger import AuditEvent, Outcome
from vault.model import CitizenId, Grade

JOB_KIND: Final = "digitise_paper"
VERIFY: Final = "verify"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartDigitisation:
    """What is scanned, for which component of which dossier, and whose paper it is."""

    dossier_id: str
    component_type: str
    owner_subject: str
    source: bytes = field(repr=False)
    reason: Literal["verify"] | None = None
    """`verify`: the vault holds the paper, and it is scanned to compare (I33)."""


def start_digitisation(command: StartDigitisation, services: Services, caller: Caller, at: datetime) -> Digitisation:
    """Take the paper in, or refuse it before anything is stored.

    1. The component: asked for, not exempt, not held already; the owner: the applicant or a minor represented.
    2. The file: kind, size, pages, nothing active, nothing signed; looked at in a process of its own.
    3. The bytes go encrypted into the owner's work area; row, job and ledger commit together.

    Raises:
        NotFound, Forbidden, ComponentNotRequired, ComponentExempt, ComponentAlreadyHeld, OwnerNotApplicant.
        DigitizeError: the leaf says why the file is refused; the refusal is in the ledger.
    """
    if caller.org_code is None:
        raise Forbidden
    digitisation_id = creation_id("dig", at)
    dossier = read_dossier(command.dossier_id, services, caller, at)
    with services.db.reading() as tx:
        with contextlib.suppress(NotFound):
            return Digitisations(tx).get(digitisation_id)  # an earlier run of this request made it
        component = _component(tx, dossier, command.component_type)
        _require_owner(tx, dossier, command.owner_subject, services, at)
        _require_not_held(tx, component, command, services, at)
    try:
        kind, page_count = services.digitiser.inspect(command.source)
    except DigitizeError as err:
        with services.db.transaction() as tx:
            services.audit.append(tx, _event(command, caller, at, digitisation_id, refusal=err.code))
        raise
    staged = _staged(command, digitisation_id, kind.value, services, at)
    with services.db.transaction() as tx:
        payload = {"digitisation_id": digitisation_id}
        record = Digitisation(
            digitisation_id=digitisation_id,
            dossier_id=dossier.dossier_id,
            component_type=command.component_type,
            owner_subject=command.owner_subject,
            org_code=caller.org_code,
            received_by=caller.account_id,
            reason=command.reason,
            state=DigitisationState.RECEIVED,
            job_id=services.jobs.enqueue(tx, JOB_KIND, payload, at, owner=caller.account_id),
            media_type=kind.value,
            page_count=page_count,
            created_at=at,
            changed_at=at,
        )
        Digitisations(tx).add(record)
        services.vault.work.keep(tx, staged)
        services.audit.append(tx, _event(command, caller, at, digitisation_id))
    return record


def _staged(
    command: StartDigitisation, digitisation_id: str, media_type: str, services: Services, at: datetime
) -> WorkEntry:
    """The bytes, encrypted in the owner's work area; visible once `keep` commits."""
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(command.owner_subject), at)
    return services.vault.work.stage(
        key,
        record_id=digitisation_id,
        slot=SOURCE_SLOT,
        media_type=media_type,
        content=command.source,
        at=at,
    )


def _component(tx: Tx, dossier: Dossier, component_type: str) -> Component:
    procedure = Procedures(tx).version(dossier.procedure_code, dossier.procedure_version)
    component = procedure.component(component_type)
    if component is None:
        raise ComponentNotRequired
    if component.exempt_from_scan:
        raise ComponentExempt
    return component


def _require_owner(tx: Tx, dossier: Dossier, owner: str, services: Services, at: datetime) -> None:
    applicant = dossier.applicant_subject_id
    if owner != applicant and not wards_of(tx, applicant, owner, services, at):
        raise OwnerNotApplicant


def _require_not_held(
    tx: Tx, component: Component, command: StartDigitisation, services: Services, at: datetime
) -> None:
    if command.reason == VERIFY:
        return
    types = frozenset({component.type_code, *component.substitute_result_codes})
    with contextlib.suppress(VaultNotFound):  # nobody without a vault holds anything
        held = services.vault.held(tx, CitizenId(command.owner_subject), types, at)
        if any(document.grade.reaches(Grade(component.accepted_grade)) for document in held):
            raise ComponentAlreadyHeld


def _event(
    command: StartDigitisation,
    caller: Caller,
    at: datetime,
    digitisation_id: str,
    *,
    refusal: str | None = None,
) -> AuditEvent:
    details = [("dossier", command.dossier_id), ("component", command.component_type)]
    if command.reason is not None:
        details.append(("reason", command.reason))
    return event_of(
        caller,
        "start_digitisation",
        at,
        object_type="digitisation",
        object_id=digitisation_id,
        owner_id=command.owner_subject,
        outcome=Outcome.ALLOWED if refusal is None else Outcome.REFUSED,
        reason_code=refusal,
        details=tuple(details),
    )
