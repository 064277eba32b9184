"""The public keys of an identity provider: from a file or from its address, kept for a while.

Knows JWKS. Must not know tokens or accounts. The address comes from the settings, never from a token.
"""

import json
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from api.errors import ServiceUnavailable

KEPT: Final = timedelta(minutes=10)
RETRY: Final = timedelta(seconds=30)  # an unknown key id asks the provider again, but not more often
MAX_BYTES: Final = 256 * 1024
_TIMEOUT_S: Final = 5.0


class IssuerKeys(Protocol):
    """Where the keys of the issuer come from."""

    def key_set(self, key_id: str | None, at: datetime) -> KeySet:
        """The issuer's keys; asked with the key id that is wanted, so that a new key is noticed.

        Raises:
            ServiceUnavailable: the keys cannot be had now.
        """
        ...


class JwksFile:
    """Keys in a file that an operator or the development identity wrote."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at: datetime | None = None
        self._keys: KeySet | None = None

    def key_set(self, key_id: str | None, at: datetime) -> KeySet:  # noqa: ARG002 - the file has all keys
        """The keys of the file, read again after a while."""
        if self._keys is None or self._read_at is None or at - self._read_at > RETRY:
            try:
                self._keys = parse_key_set(self._path.read_bytes())
            except OSError as err:
                raise ServiceUnavailable from err
            self._read_at = at
        return self._keys


class JwksUrl:
    """Keys at the provider's address."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._asked_at: datetime | None = None
        self._keys: KeySet | None = None

    def key_set(self, key_id: str | None, at: datetime) -> KeySet:
        """The keys, from the provider when too old or when the wanted one is not among them."""
        with self._lock:
            age = None if self._asked_at is None else at - self._asked_at
            known = self._keys is not None and (key_id is None or _has(self._keys, key_id))
            if age is None or age > KEPT or (not known and age > RETRY):
                self._asked_at = at
                self._keys = self._fetch() or self._keys  # an outage keeps the keys that we have
            if self._keys is None:
                raise ServiceUnavailable(
                    "Không lấy được khóa của nhà cung cấp định danh.",
                    "The identity provider's keys cannot be fetched.",
                )
            return self._keys

    def _fetch(self) -> KeySet | None:
        import httpx2  # noqa: PLC0415 - only a configured provider needs a client

        try:
            with (
                httpx2.Client(timeout=_TIMEOUT_S, follow_redirects=False) as client,
                client.stream("GET", self._url) as answer,
            ):
                answer.raise_for_status()
                content = b""
                for chunk in answer.iter_bytes():
                    content += chunk
                    if len(content) > MAX_BYTES:
                        return None
            return parse_key_set(content)
        except (httpx2.HTTPError, ServiceUnavailable):
            return None


def parse_key_set(content: bytes) -> KeySet:
    """The public keys of a JWKS document."""
    try:
        return KeySet.import_key_set(json.loads(content))
    except (ValueError, TypeError, KeyError, JoseError) as err:
        raise ServiceUnavailable from err


def _has(keys: KeySet, key_id: str) -> bool:
    return any(key.kid == key_id for key in keys.keys)
