"""Bearer tokens: JWTs of one issuer for us, with a signature of an allowed kind and a time that fits.

Knows JWT. Must not know accounts: what a token says is only who was logged in.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError

from api.auth.keys import IssuerKeys
from api.errors import TokenExpired, TokenInvalid

ALGORITHMS: Final = ("ES256", "RS256", "PS256", "Ed25519", "EdDSA")
"""RFC 8725 §3.1: a list of ours; `none` and shared-secret algorithms are not in it. RFC 9864 renames EdDSA to
Ed25519; providers still send the old name."""
LEEWAY_S: Final = 60
MAX_TOKEN_CHARS: Final = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenClaims:
    """What a checked token says."""

    issuer: str
    external_id: str
    role: str | None
    """Narrows the account to one of its roles; absent: any it holds."""
    org_code: str | None
    """Narrows to grants for this organisation unit."""


class TokenVerifier:
    """Checks tokens of one issuer, made for one audience."""

    def __init__(self, *, issuer: str, audience: str, keys: IssuerKeys) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys

    def verify(self, token: str, at: datetime) -> TokenClaims:
        """The claims of a token that is good at that moment.

        Raises:
            TokenExpired: good but over. TokenInvalid: everything else; the answer does not say what, the
                cause is chained for the log.
        """
        if len(token) > MAX_TOKEN_CHARS:
            raise TokenInvalid
        try:
            decoded = jwt.decode(
                token, lambda guest: self._keys.key_set(guest.headers().get("kid"), at), list(ALGORITHMS)
            )
            self._claims(at).validate(decoded.claims)
        except ExpiredTokenError as err:
            raise TokenExpired from err
        except (JoseError, ValueError, TypeError) as err:
            raise TokenInvalid from err
        return _to_claims(decoded.claims)

    def _claims(self, at: datetime) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(at.timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            sub={"essential": True},
            exp={"essential": True},
        )


def _to_claims(claims: dict[str, Any]) -> TokenClaims:
    role, org_code = claims.get("anso_role"), claims.get("anso_org")
    return TokenClaims(
        issuer=str(claims["iss"]),
        external_id=str(claims["sub"]),
        role=role if isinstance(role, str) else None,
        org_code=org_code if isinstance(org_code, str) else None,
    )
