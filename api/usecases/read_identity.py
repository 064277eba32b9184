"""Listings of identity and access: role grants for those who decide them, notices for whom they are meant."""

from api.callers import Caller
from api.records.grants import RoleGrant, RoleGrants
from api.records.outbox import Notice, Outbox
from api.services import Services


def list_role_grants(
    services: Services, *, account_id: str | None, limit: int, before: str | None
) -> tuple[RoleGrant, ...]:
    """Grants, newest first, of one account or of all."""
    with services.db.reading() as tx:
        return RoleGrants(tx).page(account_id=account_id, limit=limit, before=before)


def read_role_grant(grant_id: str, services: Services) -> RoleGrant:
    """One grant.

    Raises:
        NotFound: there is none.
    """
    with services.db.reading() as tx:
        return RoleGrants(tx).get(grant_id)


def list_notices(services: Services, caller: Caller, *, limit: int, before: str | None) -> tuple[Notice, ...]:
    """What the caller's account was told, newest first."""
    with services.db.reading() as tx:
        return Outbox(tx).for_recipient(caller.account_id, limit=limit, before=before)
