"""What a lint is asked about and what it answers: findings whose code is their clause.

Knows no rule.
"""

from dataclasses import dataclass
from datetime import datetime

from signing.identity import Scope
from signing.profiles import Profile, Site


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One thing that is not as its clause wants it. There are no lesser findings: each stops issuance."""

    code: str
    """Clause and what is wrong, e.g. ``rfc5280.4.2.1.3.key_usage_wrong``; stable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Primary:
    """What a secondary is compared with (I2)."""

    sha256: str
    scope: Scope
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LintInput:
    """A certificate and everything it is compared with."""

    certificate: bytes
    """DER."""
    profile: Profile
    site: Site
    issuer: bytes | None
    """The issuer's certificate, DER; None for a root."""
    primary: Primary | None = None
