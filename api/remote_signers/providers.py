"""The configured providers: a name, an address, an access token; how many people may wait for one at a time.

Knows the settings' text form. Asks nobody.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from api.errors import ConfigurationInvalid
from api.settings import Settings
from signing.errors import RemoteSignerUnavailable

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}", re.ASCII)
_LOCAL: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider."""

    name: str
    url: str
    """Up to and with the version: `https://host/csc/v1`; without a slash at the end."""
    token_file: Path | None = None
    """File with the access token that the provider gave this service."""
    tls_roots: Path | None = None

    @property
    def is_version_2(self) -> bool:
        """Whether it speaks version 2 of the API, as its address says."""
        return self.url.endswith("/v2")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteSigners:
    """All of them, and the places in which requests may wait for a holder."""

    providers: tuple[Provider, ...]
    seconds: float
    """Longest answer to one question."""
    patience_s: float
    """Longest time that a holder may take to agree."""
    places: threading.BoundedSemaphore = field(repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Those of the settings.

        Raises:
            ConfigurationInvalid: the text is none of the form, or an address is not safe.
        """
        return cls(
            providers=parse_providers(settings),
            seconds=settings.csc_provider_answer_s,
            patience_s=settings.csc_provider_patience_s,
            places=threading.BoundedSemaphore(settings.csc_provider_at_once),
        )

    def named(self, name: str) -> Provider | None:
        """The provider of that name."""
        return next((one for one in self.providers if one.name == name), None)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take a place for as long as a provider is asked.

        Raises:
            RemoteSignerUnavailable: all are taken.
        """
        if not self.places.acquire(blocking=False):
            raise RemoteSignerUnavailable("too many wait for a provider already")
        try:
            yield
        finally:
            self.places.release()


def parse_providers(settings: Settings) -> tuple[Provider, ...]:
    """The providers in `ANSO_CSC_PROVIDERS`.

    Raises:
        ConfigurationInvalid: with every finding.
    """
    found: list[Provider] = []
    wrong: list[str] = []
    for part in filter(None, (one.strip() for one in settings.csc_providers.split(","))):
        name, _, url = (piece.strip().rstrip("/") for piece in part.partition("="))
        if not _NAME.fullmatch(name) or not _is_safe(url, settings) or name in [one.name for one in found]:
            wrong.append(f"ANSO_CSC_PROVIDERS: `name=https://host/csc/v1`, not `{name[:40]}=…`")
            continue
        folder = settings.csc_provider_tokens
        token = None if folder is None else folder / name
        found.append(Provider(name=name, url=url, token_file=token, tls_roots=settings.csc_provider_roots))
    if wrong:
        raise ConfigurationInvalid(tuple(wrong))
    return tuple(found)


def _is_safe(url: str, settings: Settings) -> bool:
    """TLS, a plain path that ends in a version, and nothing hidden in the address; plain HTTP to this machine only."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    is_local = parts.scheme == "http" and host in _LOCAL and not settings.is_production
    is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
    return bool(host) and is_plain and (parts.scheme == "https" or is_local) and parts.path.endswith(("/v1", "/v2"))
