"""The development identity: an issuer inside the installation's own folder. Refused in production.

Knows one key pair and how to sign a token with it. Must not know accounts or roles.
"""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from api.records.accounts import DEVELOPMENT_ISSUER

LIFETIME: Final = timedelta(hours=8)


class DevelopmentIdentity:
    """Signs tokens for development accounts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = _load_or_make(folder / "development-identity.json")

    def public_keys(self) -> KeySet:
        """The keys that check our tokens."""
        return KeySet([ECKey.import_key(self._key.as_dict(private=False))])

    def key_set(self, key_id: str | None, at: datetime) -> KeySet:  # noqa: ARG002 - there is one key
        """The same, as the source of keys for a verifier."""
        return self.public_keys()

    def issue(self, external_id: str, *, audience: str, role: str, org_code: str | None, at: datetime) -> str:
        """A bearer token for eight hours."""
        claims = {
            "iss": DEVELOPMENT_ISSUER,
            "aud": audience,
            "sub": external_id,
            "iat": int(at.timestamp()),
            "exp": int((at + LIFETIME).timestamp()),
            "anso_role": role,
        }
        if org_code is not None:
            claims["anso_org"] = org_code
        return jwt.encode({"alg": "ES256", "kid": self._key.kid}, claims, self._key, ["ES256"])


def _load_or_make(path: Path) -> ECKey:
    """The key of this installation; two processes that start at once agree on one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        key = ECKey.generate_key("P-256", auto_kid=True)
        temporary = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(key.as_dict(private=True), file)
        try:
            os.link(temporary, path)  # fails when another process was first
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return ECKey.import_key(json.loads(path.read_text()))
