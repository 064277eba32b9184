"""The ceremony: from a recipe to a hierarchy of authorities, responders, time-stamp unit and seal.

The same steps make a hierarchy for the first time and renew its short-lived members later. One member at a
time: make its key, record it, sign it, activate it. Keys are made and used while no registry is open, because
a key store may live in the same database, and because every key use is written down there. A run that ended
between two steps is continued by the next one: a recorded member whose key is there is signed, any other is
voided. Reads no clock.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.ca.builder import CertificateTemplate
from signing.ca.hierarchy import authority_of
from signing.ca.issuer import (
    Holder,
    PreparedCertificate,
    RecordedCertificate,
    Signatory,
    activate,
    issue,
    new_serial,
    prepare,
    record,
    recorded,
)
from signing.ca.recipe import Member, Recipe
from signing.errors import CeremonyRefused, IssuanceRefused, KeyDamaged, KeyNotFound, KeyUseRefused, StatusChangeRefused
from signing.keys import KeyStore
from signing.profiles import PROFILES, Site, key_prefix
from signing.registry import CertificateRecord, CertificateStatus, Registry, StatusChange

SYSTEM: Final = "system"
_TURN: Final = "turn:hierarchy"
"""Counter that whoever decides about the hierarchy takes first: two processes wait for each other on it."""

OpenRegistry = Callable[[], AbstractContextManager[Registry]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What issuing needs beside the registry."""

    keys: KeyStore
    site: Site
    new_id: Callable[[str], str]
    """Makes an id with a prefix, ``cert``, ``key`` or ``hsm``."""
    entropy: Callable[[int], bytes]
    """That many octets from a cryptographic random source."""


class CeremonyAct(StrEnum):
    """What a step of a ceremony did."""

    KEY_MADE = "key_made"
    RECORDED = "recorded"
    TAKEN_UP = "taken_up"
    """Recorded by an earlier run that did not come to sign it."""
    SIGNED = "signed"
    VOIDED = "voided"
    KEY_DESTROYED = "key_destroyed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CeremonyStep:
    """One step, as a witness writes it down. Hexadecimal SHA-256 digests; empty where there is nothing yet."""

    act: CeremonyAct
    service: str
    key_id: str
    spki_sha256: str = ""
    tbs_sha256: str = ""
    certificate: bytes = b""
    """DER, of a member that has been signed and is in force."""


Witness = Callable[[CeremonyStep], None]


def _unseen(_step: CeremonyStep) -> None:
    """The witness of a ceremony that nobody attends: a first start, a renewal."""


def perform(
    recipe: Recipe, room: Room, open_registry: OpenRegistry, *, at: datetime, witness: Witness = _unseen
) -> tuple[str, ...]:
    """Issue every member that is missing or due for renewal; return their services.

    Doing it twice does nothing. Authorities are made once and never renewed here: that is a decision. Of two
    processes that begin together each member is made by one.

    Raises:
        CeremonyRefused: recipe and site disagree, or a member's authority is missing.
        IssuanceRefused: a member would break its profile; what was made before it stays.
        KeyUnavailable: the store does not answer; the next run continues.
    """
    if recipe.development != room.site.development:
        message = "recipe and site disagree about development"
        raise CeremonyRefused(message)
    run = _Run(room=room, open_registry=open_registry, at=at, witness=witness)
    return tuple(member.service for member in recipe.members if run.establish(member))


@dataclass(frozen=True, slots=True, kw_only=True)
class _NewKey:
    key_id: str
    public_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One pass over a recipe."""

    room: Room
    open_registry: OpenRegistry
    at: datetime
    witness: Witness

    def establish(self, member: Member) -> bool:
        """Make the member if it is due; False when it is there, or another process made it."""
        while True:
            with self.open_registry() as registry:
                known = registry.by_service(member.service)
            begun = next((entry for entry in known if entry.status is CertificateStatus.RECORDED), None)
            if begun is not None:
                entry = self._take_up(member, begun)
                if entry is None:
                    self._void(member, begun)
                    continue
                return self._sign(member, entry, begun.key_id)
            if not _is_due(member, known, self.at):
                return False
            made = self._make(member)
            if made is not None:
                return self._sign(member, *made)

    def _make(self, member: Member) -> tuple[RecordedCertificate, str] | None:
        """Make a key and record its certificate; None when another process was faster."""
        key_id = self.room.new_id(key_prefix(PROFILES[member.profile]))
        key = _NewKey(key_id=key_id, public_key=self.room.keys.generate(key_id, member.kind))
        entry = None
        try:
            self._tell(CeremonyAct.KEY_MADE, member, key_id, spki=key.public_key)
            entry = self._record(member, key)
        finally:
            if entry is None and not self._is_recorded(member, key_id):
                self.room.keys.destroy(key_id)
                self._tell(CeremonyAct.KEY_DESTROYED, member, key_id, spki=key.public_key)
        if entry is None:
            return None
        self._tell(CeremonyAct.RECORDED, member, key_id, spki=key.public_key, tbs=entry.prepared.tbs)
        return entry, key_id

    def _record(self, member: Member, key: _NewKey) -> RecordedCertificate | None:
        with self.open_registry() as registry:
            registry.next_number(_TURN)
            known = registry.by_service(member.service)
            is_begun = any(entry.status is CertificateStatus.RECORDED for entry in known)
            if is_begun or not _is_due(member, known, self.at):
                return None
            serial = new_serial(self.room.entropy(16))
            prepared = self._prepared(member, key, registry, serial=serial, not_before=self.at)
            holder = Holder(certificate_id=self.room.new_id("cert"), key_id=key.key_id, service=member.service)
            return record(prepared, holder, PROFILES[member.profile], registry, at=self.at, actor=SYSTEM)

    def _is_recorded(self, member: Member, key_id: str) -> bool:
        """Whether the record needs the key after all: a commit may have arrived with only its answer lost."""
        with self.open_registry() as registry:
            return any(entry.key_id == key_id for entry in registry.by_service(member.service))

    def _take_up(self, member: Member, begun: CertificateRecord) -> RecordedCertificate | None:
        """Continue what an earlier run recorded; None when it cannot be: key gone, recipe changed, too old."""
        if begun.not_after <= self.at or (member.authority is None and _is_worn(begun, self.at)):
            return None
        try:
            key = _NewKey(key_id=begun.key_id, public_key=self.room.keys.public_key(begun.key_id))
            with self.open_registry() as registry:
                prepared = self._prepared(member, key, registry, serial=begun.serial, not_before=begun.not_before)
        except (KeyNotFound, KeyDamaged, IssuanceRefused):
            return None
        if prepared.tbs != begun.tbs:
            return None
        self._tell(CeremonyAct.TAKEN_UP, member, key.key_id, spki=key.public_key, tbs=begun.tbs)
        return recorded(begun.certificate_id, prepared)

    def _prepared(
        self, member: Member, key: _NewKey, registry: Registry, *, serial: int, not_before: datetime
    ) -> PreparedCertificate:
        not_after = not_before + member.validity
        if member.issuer is None:
            signatory = Signatory.itself(key.key_id, member.kind)
        else:
            authority = authority_of(member.issuer, registry)
            signatory = Signatory.of(authority)
            not_after = min(not_after, authority.certificate.not_valid_after_utc)
        template = CertificateTemplate(
            profile=PROFILES[member.profile],
            subject=member.subject,
            public_key=key.public_key,
            serial=serial,
            not_before=not_before,
            not_after=not_after,
            authority=member.authority,
        )
        return prepare(template, self.room.site, signatory)

    def _sign(self, member: Member, entry: RecordedCertificate, key_id: str) -> bool:
        """Sign and put into force; False when another process signed the same record first."""
        der = issue(entry, self.room.keys)
        try:
            with self.open_registry() as registry:
                activate(entry.certificate_id, der, registry, at=self.at, actor=SYSTEM)
        except StatusChangeRefused:  # our signature leaves nowhere: the certificate is the one that was stored
            with self.open_registry() as registry:
                if registry.get(entry.certificate_id).der is None:
                    raise
            return False
        tbs = entry.prepared.tbs
        self._tell(CeremonyAct.SIGNED, member, key_id, spki=_spki_of(entry.prepared.sample), tbs=tbs, certificate=der)
        return True

    def _void(self, member: Member, begun: CertificateRecord) -> None:
        step = StatusChange(
            certificate_id=begun.certificate_id,
            before=CertificateStatus.RECORDED,
            after=CertificateStatus.VOIDED,
            at=self.at,
            actor=SYSTEM,
        )
        try:
            with self.open_registry() as registry:
                registry.change_status(step)
        except StatusChangeRefused:  # another process ended it, or signed it after all: look again
            return
        self._tell(CeremonyAct.VOIDED, member, begun.key_id, tbs=begun.tbs)
        try:
            self.room.keys.destroy(begun.key_id)
        except (KeyNotFound, KeyUseRefused):  # gone already; or an authority's, which a signer leaves to its operator
            return
        self._tell(CeremonyAct.KEY_DESTROYED, member, begun.key_id)

    def _tell(
        self,
        act: CeremonyAct,
        member: Member,
        key_id: str,
        *,
        spki: bytes = b"",
        tbs: bytes = b"",
        certificate: bytes = b"",
    ) -> None:
        self.witness(
            CeremonyStep(
                act=act,
                service=member.service,
                key_id=key_id,
                spki_sha256=sha256(spki).hexdigest() if spki else "",
                tbs_sha256=sha256(tbs).hexdigest() if tbs else "",
                certificate=certificate,
            )
        )


def _spki_of(certificate: bytes) -> bytes:
    return (
        x509.load_der_x509_certificate(certificate)
        .public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )


def _is_due(member: Member, known: tuple[CertificateRecord, ...], at: datetime) -> bool:
    if member.authority is not None:
        # a second root or authority is never made by a clock: not by one that went back, nor by one that ran on
        return all(entry.der is None for entry in known)
    newest = next((entry for entry in known if entry.status is CertificateStatus.ACTIVE), None)
    return newest is None or _is_worn(newest, at)


def _is_worn(entry: CertificateRecord, at: datetime) -> bool:
    """Whether less than a third of its life, or of its key's, is left."""
    life = PROFILES[entry.profile].key_use or entry.not_after - entry.not_before
    return at > entry.not_before + life * 2 / 3
