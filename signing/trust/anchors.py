"""Trust anchors: a root certificate, its profile and the name that a person may read.

A profile says what a good signature under that root is worth. DEV never has legal value, whatever else is right.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Self


class TrustProfile(StrEnum):
    """Under which regime a root was accepted (glossary: OFFICIAL, PUBLIC, SPECIALISED, DEV)."""

    OFFICIAL = "official"
    PUBLIC = "public"
    SPECIALISED = "specialised"
    DEV = "dev"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustAnchor:
    """One accepted root."""

    profile: TrustProfile
    certificate: bytes
    """DER of the root certificate (or of an end certificate that is trusted by itself)."""

    name: str
    """Display name, for reports."""


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    """A closed set of anchors; a later anchor with the same certificate does not replace an earlier one."""

    anchors: tuple[TrustAnchor, ...] = ()

    def __iter__(self) -> Iterator[TrustAnchor]:
        return iter(self.anchors)

    def __len__(self) -> int:
        return len(self.anchors)

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """DER of every anchor."""
        return tuple(anchor.certificate for anchor in self.anchors)

    def find(self, certificate: bytes) -> TrustAnchor | None:
        """The anchor whose certificate has exactly these DER bytes."""
        wanted = sha256(certificate).digest()
        return next((a for a in self.anchors if sha256(a.certificate).digest() == wanted), None)

    def without(self, profile: TrustProfile) -> Self:
        """The set with every anchor of a profile left out (production leaves DEV out)."""
        return type(self)(tuple(a for a in self.anchors if a.profile is not profile))

    def plus(self, more: Iterable[TrustAnchor]) -> Self:
        """The set with further anchors behind the present ones."""
        known = set(self.certificates)
        return type(self)(self.anchors + tuple(a for a in more if a.certificate not in known))
