"""Authorisations, passkeys and the purposes of kept keys in SQL.

Knows tables and atomic steps. The rules are in ``signing.authorisation`` and ``signing.signer``.
"""

from signing.authorisation_sql.authorisations import Authorisations, DigestUse
from signing.authorisation_sql.book import Begin, Book
from signing.authorisation_sql.kept_keys import KeptKey, KeptKeys, KeyPurpose
from signing.authorisation_sql.passkeys import Passkey, Passkeys, PasskeyState
from signing.authorisation_sql.tables import METADATA

__all__ = [
    "METADATA",
    "Authorisations",
    "Begin",
    "Book",
    "DigestUse",
    "KeptKey",
    "KeptKeys",
    "KeyPurpose",
    "Passkey",
    "PasskeyState",
    "Passkeys",
]
