"""Trust anchors: a root certificate, its profile, what it may be used for and when, and where we have it from.

A profile says what a good signature under that root is worth. DEV never has legal value, whatever else is right; DEV
and SPECIALISED are asked for by their own names and never stand in for OFFICIAL or PUBLIC. Knows no files.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final, Self


class TrustProfile(StrEnum):
    """Under which regime a root was accepted (glossary: OFFICIAL, PUBLIC, SPECIALISED, DEV)."""

    OFFICIAL = "official"
    PUBLIC = "public"
    SPECIALISED = "specialised"
    DEV = "dev"


class TrustPurpose(StrEnum):
    """What the certificates under a root may be used for."""

    DOCUMENT_SIGNING = "document_signing"
    """Officials, and everybody whose class is not known."""
    CITIZEN_SIGNING = "citizen_signing"
    SEAL = "seal"
    """Agencies and services."""
    TIMESTAMPING = "timestamping"


_OFFICE: Final = frozenset({TrustPurpose.DOCUMENT_SIGNING, TrustPurpose.SEAL, TrustPurpose.TIMESTAMPING})
ALLOWED_PURPOSES: Final = {
    # Law 20/2023/QH15 Art. 22(1): official signatures are of agencies and officials, specialised ones serve an
    # agency's own activity; only a licensed public authority gives citizens their signatures
    TrustProfile.OFFICIAL: _OFFICE,
    TrustProfile.PUBLIC: frozenset(TrustPurpose),
    TrustProfile.SPECIALISED: _OFFICE,
    TrustProfile.DEV: frozenset(TrustPurpose),
}
"""The most that a root of each profile may be used for; a policy file may allow less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyReference:
    """The signed policy file that an anchor stands in, as reports name it."""

    policy_id: str
    profile: TrustProfile
    valid_from: datetime
    sha256: str
    """Hex, over the file's bytes."""

    def document(self) -> dict[str, str]:
        """The wire form."""
        return {
            "id": self.policy_id,
            "profile": self.profile.value,
            "valid_from": self.valid_from.isoformat().replace("+00:00", "Z"),
            "sha256": self.sha256,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustAnchor:
    """One accepted root."""

    profile: TrustProfile
    certificate: bytes
    """DER of the root certificate (or of an end certificate that is trusted by itself)."""

    name: str
    """Display name, for reports."""

    purposes: frozenset[TrustPurpose] | None = None
    """Narrower than its profile's; None: all that the profile allows."""

    accepted_from: datetime | None = None
    """First moment for which the root counts; None: always."""

    accepted_to: datetime | None = None
    """First moment for which it counts no more; None: open."""

    policy: PolicyReference | None = None
    """None for a plain certificate file, which only the embedded profile and the command line take."""

    def serves(self, purpose: TrustPurpose, at: datetime) -> bool:
        """Whether the root counts for this purpose at that moment."""
        allowed = ALLOWED_PURPOSES[self.profile]
        if purpose not in (allowed if self.purposes is None else allowed & self.purposes):
            return False
        begun = self.accepted_from is None or self.accepted_from <= at
        return begun and (self.accepted_to is None or at < self.accepted_to)


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    """A closed set of anchors; a later one with the same certificate and profile does not replace an earlier one."""

    anchors: tuple[TrustAnchor, ...] = ()
    policies: tuple[PolicyReference, ...] = ()
    """The policy files in force from which the set was made."""
    fetch_hosts: frozenset[str] = frozenset()
    """Hosts that the policy files allow status information to be fetched from."""

    def __iter__(self) -> Iterator[TrustAnchor]:
        return iter(self.anchors)

    def __len__(self) -> int:
        return len(self.anchors)

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """DER of every anchor, each once."""
        return tuple(dict.fromkeys(anchor.certificate for anchor in self.anchors))

    def find(self, certificate: bytes) -> TrustAnchor | None:
        """The anchor whose certificate has exactly these DER bytes."""
        wanted = sha256(certificate).digest()
        return next((a for a in self.anchors if sha256(a.certificate).digest() == wanted), None)

    def without(self, profile: TrustProfile) -> Self:
        """The set with every anchor of a profile left out (production leaves DEV out)."""
        return self._keeping(lambda one: one is not profile)

    def only(self, profile: TrustProfile | None) -> Self:
        """The set with the anchors of one profile alone; None: the whole set. No profile stands in for another."""
        return self if profile is None else self._keeping(lambda one: one is profile)

    def serving(self, purpose: TrustPurpose, at: datetime) -> Self:
        """The set of those that count for a purpose at a moment."""
        return replace(self, anchors=tuple(a for a in self.anchors if a.serves(purpose, at)))

    def plus(self, more: Iterable[TrustAnchor]) -> Self:
        """The set with further anchors behind the present ones."""
        known = {(a.certificate, a.profile) for a in self.anchors}
        added = {(a.certificate, a.profile): a for a in more if (a.certificate, a.profile) not in known}
        return replace(self, anchors=self.anchors + tuple(added.values()))

    def _keeping(self, keep: Callable[[TrustProfile], bool]) -> Self:
        return replace(
            self,
            anchors=tuple(a for a in self.anchors if keep(a.profile)),
            policies=tuple(p for p in self.policies if keep(p.profile)),
        )
