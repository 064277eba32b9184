"""From an Authorization header to the caller: token, account, role.

Knows tokens and accounts. Must not know routes; which roles suffice is their declaration.
"""

from dataclasses import replace
from datetime import datetime

from api.auth.tokens import TokenClaims, TokenVerifier
from api.callers import Caller, Role
from api.db import Database
from api.errors import RoleMissing, TokenInvalid, TokenMissing
from api.records.accounts import Account, Accounts, HeldRole


class Authenticator:
    """Answers who is calling and as what."""

    def __init__(self, *, verifier: TokenVerifier, db: Database) -> None:
        self._verifier = verifier
        self._db = db

    def authenticate(
        self, authorization: str | None, roles: tuple[Role, ...], at: datetime, *, org_code: str | None = None
    ) -> Caller:
        """The caller in the first of `roles` that the account holds.

        Args:
            authorization: the header's value.
            roles: those that the route takes.
            at: now.
            org_code: the agency that the caller wants to act for; it chooses among the grants held and gives none.

        Raises:
            TokenMissing, TokenInvalid, TokenExpired: not logged in. RoleMissing: none of the roles.
        """
        claims = self._verifier.verify(_bearer(authorization), at)
        with self._db.reading() as tx:
            accounts = Accounts(tx)
            account = accounts.by_external(claims.issuer, claims.external_id)
            if account is None or not account.is_active:
                raise TokenInvalid
            held = accounts.held_roles(account.account_id, at)
        return _choose(account, held, replace(claims, org_code=_agreed(claims.org_code, org_code)), roles)


def _bearer(authorization: str | None) -> str:
    # RFC 6750 §2.1; the scheme is case-insensitive (RFC 9110 §11.1)
    if authorization is None:
        raise TokenMissing
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise TokenMissing
    return token.strip()


def _agreed(by_token: str | None, wanted: str | None) -> str | None:
    """The agency to act for: a token made for one agency leaves no choice."""
    if by_token is not None and wanted not in (None, by_token):
        raise RoleMissing(
            "Mã truy cập được cấp cho đơn vị khác với Anso-Org.", "The token is for another agency than Anso-Org."
        )
    return by_token if wanted is None else wanted


def _choose(account: Account, held: tuple[HeldRole, ...], claims: TokenClaims, roles: tuple[Role, ...]) -> Caller:
    for role in roles:
        for one in held:
            wanted = one.role is role and claims.role in (None, role.value)
            if wanted and claims.org_code in (None, one.org_code):
                return Caller(
                    account_id=account.account_id,
                    subject_id=account.subject_id,
                    role=role,
                    org_code=one.org_code,
                )
    raise RoleMissing(
        "Cần một trong các vai trò: " + ", ".join(roles), "One of these roles is needed: " + ", ".join(roles)
    )
