"""Opens a development account with one role, for `anso token` and the seed. Refused in production.

Knows who sits where in the demonstration. Must not make tokens.
"""

from dataclasses import dataclass
from datetime import datetime

from api.callers import SYSTEM_ACCOUNT, Role
from api.db import Tx
from api.errors import ConfigurationInvalid, InputInvalid
from api.ids import fixed_id, new_id
from api.records.accounts import DEVELOPMENT_ISSUER, Account, Accounts
from api.records.demonstration import PEOPLE, SEATS, SINCE
from api.records.employments import Employments
from api.records.grants import GrantState, RoleGrant, RoleGrants
from api.records.organisations import Organisations
from api.records.people import People
from api.services import Services
from vault.ledger import AuditEvent, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDevelopmentAccount:
    """Which account is wanted."""

    role: Role
    subject_id: str | None = None
    """None: the seeded person of that role."""
    org_code: str | None = None
    """None: the agency of the person's post, or of the seeded seat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopmentAccount:
    """An account that the development identity can log in."""

    account_id: str
    external_id: str
    subject_id: str | None
    role: Role
    org_code: str | None


def open_development_account(command: OpenDevelopmentAccount, services: Services, at: datetime) -> DevelopmentAccount:
    """The account of that person in that role, made with its grant when missing.

    Raises:
        ConfigurationInvalid: production. InputInvalid: the role cannot be held. NotFound: no such person
            or unit.
    """
    if services.settings.is_production:
        raise ConfigurationInvalid(("ANSO_PROFILE: development accounts are refused in production",))
    if not command.role.is_grantable:
        raise InputInvalid("Không cấp vai trò này.", "This role cannot be held.")
    with services.db.transaction() as tx:
        return ensure_account(tx, command, services, at)


def ensure_account(tx: Tx, command: OpenDevelopmentAccount, services: Services, at: datetime) -> DevelopmentAccount:
    """The same inside the caller's transaction (the seed makes many at once)."""
    subject_id, org_code = _seat(tx, command, services, at)
    # one account per person, role and agency: a person in two roles has two accounts, as in real systems
    external_id = ".".join((command.role, subject_id or "system", org_code or "any"))
    account_id = fixed_id("acc", external_id, SINCE)
    accounts = Accounts(tx)
    if accounts.by_external(DEVELOPMENT_ISSUER, external_id) is None:
        account = Account(account_id=account_id, subject_id=subject_id, is_active=True)
        accounts.add(account, issuer=DEVELOPMENT_ISSUER, external_id=external_id, at=at)
        _grant(tx, account_id, command.role, org_code, at)
        services.audit.append(tx, _event(account_id, subject_id, command.role, org_code, at))
    return DevelopmentAccount(
        account_id=account_id,
        external_id=external_id,
        subject_id=subject_id,
        role=command.role,
        org_code=org_code,
    )


def _seat(tx: Tx, command: OpenDevelopmentAccount, services: Services, at: datetime) -> tuple[str | None, str | None]:
    """The person and the agency that are meant."""
    default = next((seat for seat in SEATS if seat.role is command.role), None)
    subject_id, org_code = command.subject_id, command.org_code
    if subject_id is None and default is not None:
        subject_id = None if default.figure is None else PEOPLE[default.figure].subject_id
        org_code = org_code or default.org_code
    if subject_id is not None:
        People(tx, services.sealer).get(subject_id)
    if org_code is None and subject_id is not None and command.role is not Role.CITIZEN:
        post = next(iter(Employments(tx).of(subject_id, at)), None)
        org_code = None if post is None else post.org_code
    if org_code is not None:
        Organisations(tx).require_working(org_code, at)
    return subject_id, org_code


def _grant(tx: Tx, account_id: str, role: Role, org_code: str | None, at: datetime) -> None:
    RoleGrants(tx).add(
        RoleGrant(
            grant_id=new_id("grant", at),
            account_id=account_id,
            role=role,
            org_code=org_code,
            state=GrantState.ACTIVE,
            requested_by=SYSTEM_ACCOUNT,
            requested_at=at,
            decided_by=SYSTEM_ACCOUNT,
            decided_at=at,
        )
    )


def _event(account_id: str, subject_id: str | None, role: Role, org_code: str | None, at: datetime) -> AuditEvent:
    details = (("granted_role", role.value),) + (() if subject_id is None else (("holder", subject_id),))
    return AuditEvent(
        at=at,
        action="open_development_account",
        outcome=Outcome.ALLOWED,
        account_id=SYSTEM_ACCOUNT,
        role=SYSTEM_ACCOUNT,
        purpose="manage_roles",
        request_id="development-identity",
        org_code=org_code,
        object_type="account",
        object_id=account_id,
        details=details,
    )
