"""Writes the demonstration's organisation tree, people, procedures and accounts. Done twice, it does nothing.

Knows the order in which records need each other. Must not know certificates or documents: clients make those.
"""

from dataclasses import dataclass
from datetime import datetime

from api.callers import SYSTEM_ACCOUNT
from api.db import Tx
from api.errors import ConfigurationInvalid
from api.records import demonstration as demo
from api.records.employments import Employment, Employments, SigningRight
from api.records.organisations import Organisations
from api.records.people import People, Person, PersonStatus
from api.records.procedures import Procedures
from api.services import Services
from api.usecases.open_development_account import (
    DevelopmentAccount,
    OpenDevelopmentAccount,
    ensure_account,
)
from vault.ledger import AuditEvent, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class SeededDemonstration:
    """What a client may name after the seed."""

    accounts: tuple[DevelopmentAccount, ...]
    is_new: bool
    """False when the records stood there already."""


def seed_demonstration(services: Services, at: datetime) -> SeededDemonstration:
    """Write the demonstration's records in one transaction.

    Raises:
        ConfigurationInvalid: production.
    """
    if services.settings.is_production:
        raise ConfigurationInvalid(("ANSO_DEMO_DATA: demonstration data is refused in production",))
    with services.db.transaction() as tx:
        is_new = Organisations(tx).find(demo.PROVINCE) is None
        if is_new:
            _places(tx)
            _people(tx, services)
            _procedures(tx)
        accounts = tuple(ensure_account(tx, _seat(seat), services, at) for seat in demo.SEATS)
        if is_new:
            services.audit.append(tx, _event(at))
    return SeededDemonstration(accounts=accounts, is_new=is_new)


def _places(tx: Tx) -> None:
    organisations = Organisations(tx)
    for unit in demo.ORGANISATIONS:
        organisations.add(unit)


def _people(tx: Tx, services: Services) -> None:
    people, employments = People(tx, services.sealer), Employments(tx)
    for figure in demo.FIGURES:
        people.add(_person(figure), figure.personal_id)
        if figure.employment_id is not None:
            employments.add(_employment(figure), _rights(figure))


def _procedures(tx: Tx) -> None:
    procedures = Procedures(tx)
    for procedure in demo.PROCEDURES:
        procedures.add(procedure)


def _person(figure: demo.Figure) -> Person:
    guardian = None if figure.guardian is None else demo.PEOPLE[figure.guardian].subject_id
    return Person(
        subject_id=figure.subject_id,
        name=figure.name,
        date_of_birth=figure.date_of_birth,
        sex=figure.sex,
        status=PersonStatus.ALIVE if guardian is None else PersonStatus.MINOR,
        guardian_subject_id=guardian,
    )


def _employment(figure: demo.Figure) -> Employment:
    return Employment(
        employment_id=figure.employment_id or "",
        subject_id=figure.subject_id,
        org_code=figure.org_code or "",
        title=figure.title or "",
        place_code=figure.place_code,
        valid_from=demo.SINCE,
    )


def _rights(figure: demo.Figure) -> tuple[SigningRight, ...]:
    if figure.capacity is None:
        return ()
    return (
        SigningRight(
            procedure_code=demo.SIGNS,
            capacity=figure.capacity,
            basis=demo.SIGNING_BASIS,
            valid_from=demo.SINCE,
        ),
    )


def _seat(seat: demo.Seat) -> OpenDevelopmentAccount:
    subject_id = None if seat.figure is None else demo.PEOPLE[seat.figure].subject_id
    return OpenDevelopmentAccount(role=seat.role, subject_id=subject_id, org_code=seat.org_code)


def _event(at: datetime) -> AuditEvent:
    return AuditEvent(
        at=at,
        action="seed_demonstration",
        outcome=Outcome.ALLOWED,
        account_id=SYSTEM_ACCOUNT,
        role=SYSTEM_ACCOUNT,
        purpose="operate_service",
        request_id="seed",
    )


def describe_demonstration(seeded: SeededDemonstration) -> dict[str, object]:
    """What a client's script may name: codes, ids and invented names, no citizen numbers."""
    officials = {figure.key: figure for figure in demo.FIGURES if figure.title is not None}
    return {
        "organisations": {
            "province": demo.PROVINCE,
            "department": demo.DEPARTMENT,
            "town": demo.TOWN,
            "ward": demo.WARD,
            "centre": demo.CENTRE,
            "school": demo.SCHOOL,
        },
        "merging": {unit.org_code: unit.successor_code for unit in demo.ORGANISATIONS if unit.successor_code},
        "people": {figure.key: figure.subject_id for figure in demo.FIGURES},
        "names": {figure.key: figure.name for figure in demo.FIGURES},
        "employments": {key: figure.employment_id for key, figure in officials.items()},
        "employment_orgs": {key: figure.org_code for key, figure in officials.items()},
        "titles": {key: figure.title for key, figure in officials.items()},
        "procedures": {"birth_extract": demo.BIRTH_EXTRACT, "school_enrolment": demo.SCHOOL_ENROLMENT},
        "accounts": [
            {
                "account_id": account.account_id,
                "role": account.role.value,
                "subject_id": account.subject_id,
                "org_code": account.org_code,
            }
            for account in seeded.accounts
        ],
    }
