"""The list of time-stamp authorities as it stands in the settings.

Knows the notation. Must not ask anybody.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

OWN: Final = "own"
"""Our own authority, in process."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,23}")
_OID: Final = re.compile(r"[0-2](\.(0|[1-9][0-9]*)){1,20}")
_LONGEST_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TsaAddress:
    """One entry of the list."""

    name: str
    """In metrics, logs and reports; the address is in none of them."""
    url: str | None
    """None: our own authority."""
    policy: str | None = None
    timeout_s: float | None = None
    """None: whatever the budget leaves."""


def parse_authorities(text: str) -> tuple[TsaAddress, ...]:
    """Read `own, name=URL[;policy=OID][;timeout=SECONDS], …` in order of preference.

    Raises:
        ValueError: something else, or one name twice.
    """
    found = tuple(_entry(part.strip()) for part in text.split(",") if part.strip())
    if not found:
        message = "at least one authority, or `own`"
        raise ValueError(message)
    if len({one.name for one in found}) != len(found):
        message = "a name twice"
        raise ValueError(message)
    return found


def _entry(text: str) -> TsaAddress:
    if text == OWN:
        return TsaAddress(name=OWN, url=None)
    address, *options = text.split(";")
    name, _, url = address.partition("=")
    parts = urlsplit(url)
    if not _NAME.fullmatch(name) or name == OWN:
        message = "name=URL, the name of small letters, digits and hyphens"
        raise ValueError(message)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None or parts.fragment:
        message = f"{name}: an http or https address without a user"
        raise ValueError(message)
    chosen = dict(option.split("=", 1) for option in options if "=" in option)
    if len(chosen) != len(options) or not chosen.keys() <= {"policy", "timeout"}:
        message = f"{name}: only ;policy=OID and ;timeout=SECONDS"
        raise ValueError(message)
    policy = chosen.get("policy")
    if policy is not None and not _OID.fullmatch(policy):
        message = f"{name}: the policy is an OID"
        raise ValueError(message)
    return TsaAddress(name=name, url=url, policy=policy, timeout_s=_seconds(name, chosen.get("timeout")))


def _seconds(name: str, text: str | None) -> float | None:
    if text is None:
        return None
    seconds = float(text)
    if not 0 < seconds <= _LONGEST_S:
        message = f"{name}: a timeout of up to {_LONGEST_S:.0f} s"
        raise ValueError(message)
    return seconds
