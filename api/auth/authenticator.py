"""From an Authorization header to the caller: token, account, role.

Knows tokens and accounts. Must not know routes; which roles suffice is their declaration.
"""

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

    def authenticate(self, authorization: str | None, roles: tuple[Role, ...], at: datetime) -> Caller:
        """The caller in the first of `roles` that the account holds.

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
        return _choose(account, held, claims, roles)


def _bearer(authorization: str | None) -> str:
    # RFC 6750 §2.1; the scheme is case-insensitive (RFC 9110 §11.1)
    if authorization is None:
        raise TokenMissing
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise TokenMissing
    return token.strip()


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
