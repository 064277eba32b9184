"""Who is calling: bearer tokens of one issuer, checked against its keys, and the account behind them.

Knows tokens, issuers and accounts. Must not know routes.
"""

from api.auth.authenticator import Authenticator
from api.auth.development import DevelopmentIdentity
from api.auth.keys import IssuerKeys, JwksFile, JwksUrl
from api.auth.tokens import TokenClaims, TokenVerifier

__all__ = [
    "Authenticator",
    "DevelopmentIdentity",
    "IssuerKeys",
    "JwksFile",
    "JwksUrl",
    "TokenClaims",
    "TokenVerifier",
]
