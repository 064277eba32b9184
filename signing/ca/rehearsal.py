"""The ceremony without its keys: what would be made, in words that can be read out and compared afterwards.

A rehearsal performs the recipe with throw-away keys that live in memory. The form of a certificate is everything that
the recipe decides: names, period, key kind, extensions; not its key, serial number and dates, which differ each time.
So what was announced before a ceremony can be compared with what came out of it. Knows no device and no file.
"""

import hashlib
import itertools
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID

from signing.ca.ceremony import Room, perform
from signing.ca.recipe import Recipe
from signing.keys import MemoryBlobs, SoftwareKeyStore, kind_of_spki
from signing.profiles import Site
from signing.registry import MemoryRegistry, Registry

_MOMENT: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""When every rehearsal is held: a period is announced by its length."""
_VALUE_DIFFERS: Final = frozenset(
    {
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,  # names the list that the serial number falls into
        x509.ObjectIdentifier("2.5.29.16"),  # PrivateKeyUsagePeriod
    }
)
"""Extensions of which only the presence is announced: they follow from keys, serial numbers and dates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMember:
    """One certificate as it would be made."""

    service: str
    form: tuple[str, ...]
    """What the recipe decides about it, a line each."""

    @property
    def form_sha256(self) -> str:
        """SHA-256 (hex) over the lines."""
        return _digest(self.form)


def rehearse(recipe: Recipe, site: Site) -> tuple[PlannedMember, ...]:
    """Perform the recipe with throw-away keys; return what every member would be.

    Raises:
        CeremonyRefused, IssuanceRefused: the recipe does not give certificates that hold to their profiles.
    """
    registry, counter = MemoryRegistry(), itertools.count(1)

    @contextmanager
    def opened() -> Iterator[Registry]:
        yield registry

    room = Room(
        keys=SoftwareKeyStore(MemoryBlobs(), secrets.token_bytes(32)),
        site=site,
        new_id=lambda prefix: f"{prefix}_{next(counter):06d}",
        entropy=secrets.token_bytes,
    )
    made = perform(recipe, room, opened, at=_MOMENT)
    return tuple(
        PlannedMember(service=service, form=form_of(entry.der))
        for service in made
        for entry in registry.by_service(service)
        if entry.der is not None
    )


def plan_digest(plan: tuple[PlannedMember, ...]) -> str:
    """Return one digest (hex SHA-256) of a whole plan, short enough to be read out."""
    return _digest(tuple(f"{member.service} {member.form_sha256}" for member in plan))


def form_of(certificate: bytes) -> tuple[str, ...]:
    """Return what a recipe decides about a certificate (DER), in lines."""
    made = x509.load_der_x509_certificate(certificate)
    spki = made.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    life = made.not_valid_after_utc - made.not_valid_before_utc
    lines = [
        f"subject {made.subject.rfc4514_string()}",
        f"issuer {made.issuer.rfc4514_string()}",
        f"key {kind_of_spki(spki).value}",
        f"signature {made.signature_algorithm_oid.dotted_string}",
        f"days {life.total_seconds() / 86400:g}",
    ]
    for extension in made.extensions:
        value = "" if extension.oid in _VALUE_DIFFERS else f" {extension.value.public_bytes().hex()}"
        critical = " critical" if extension.critical else ""
        lines.append(f"extension {extension.oid.dotted_string}{critical}{value}")
    return tuple(lines)


def _digest(lines: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
