"""Records of issued certificates: what is kept, in which states, and the ``Registry`` that keeps it.

Knows the life of a certificate (model §3.1): recorded before it is signed, then active, on hold, revoked.
Knows no SQL and no caller. ``MemoryRegistry`` serves ceremonies that write to files.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from signing.errors import CertificateUnknown, StatusChangeRefused
from signing.identity import CertificateClass, ProfileName, Scope


class CertificateStatus(StrEnum):
    """Where a certificate stands. Expiry is the clock's business and no status of its own."""

    RECORDED = "recorded"
    """Written down with its serial, not yet signed or not yet known to be signed."""
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    """Another certificate took its place (RENEW, CHANGE): nobody signs with it here any more, outside it is good until
    it is revoked or expires."""
    VOIDED = "voided"
    """Recorded, but never issued and never will be: what it rested on fell away. Unknown to the outside."""


class KeyDevice(StrEnum):
    """Where the private key of a certificate lives."""

    SERVER = "server"
    """In our key store."""
    TOKEN = "token"  # noqa: S105 - a device, not a secret
    """On a device of the holder's own; we never had it, and sign nothing with it."""


class RevocationReason(StrEnum):
    """Why a certificate ended (I5, I6)."""

    KEY_COMPROMISE = "key_compromise"
    AFFILIATION_CHANGED = "affiliation_changed"
    SUPERSEDED = "superseded"
    CESSATION = "cessation"
    ORG_CLOSED = "org_closed"
    PRIVILEGE_WITHDRAWN = "privilege_withdrawn"
    HOLD = "hold"
    """Only of a certificate on hold."""


CRL_REASON: Final = {
    # RFC 5280 §5.3.1 CRLReason
    RevocationReason.KEY_COMPROMISE: 1,
    RevocationReason.AFFILIATION_CHANGED: 3,
    RevocationReason.SUPERSEDED: 4,
    RevocationReason.CESSATION: 5,
    RevocationReason.ORG_CLOSED: 5,
    RevocationReason.HOLD: 6,
    RevocationReason.PRIVILEGE_WITHDRAWN: 9,
}
CASCADING_REASONS: Final = frozenset(
    {RevocationReason.CESSATION, RevocationReason.AFFILIATION_CHANGED, RevocationReason.ORG_CLOSED}
)
"""I5: these end the holder's standing, so the secondaries of a primary end with it; others end one key."""

ALLOWED_STEPS: Final = {
    CertificateStatus.RECORDED: frozenset({CertificateStatus.ACTIVE, CertificateStatus.VOIDED}),
    CertificateStatus.ACTIVE: frozenset(
        {CertificateStatus.ON_HOLD, CertificateStatus.REVOKED, CertificateStatus.SUPERSEDED}
    ),
    # what was superseded is good outside: a hold must reach it too, and a release leads back to where it stood
    CertificateStatus.SUPERSEDED: frozenset({CertificateStatus.ON_HOLD, CertificateStatus.REVOKED}),
    CertificateStatus.ON_HOLD: frozenset(
        {CertificateStatus.ACTIVE, CertificateStatus.SUPERSEDED, CertificateStatus.REVOKED}
    ),
    CertificateStatus.REVOKED: frozenset(),  # I6: revoked is final
    CertificateStatus.VOIDED: frozenset(),
}


CRL_RELEVANT: Final = (CertificateStatus.ACTIVE, CertificateStatus.SUPERSEDED, CertificateStatus.ON_HOLD)
"""A step from one of these changes what a CRL must say; being superseded alone changes nothing outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRecord:
    """One certificate of this authority, from its recording on."""

    certificate_id: str
    issuer: str
    """Name of the issuing authority; a root names itself."""
    serial: int
    profile: ProfileName
    certificate_class: CertificateClass | None
    ordinal: int
    primary_id: str | None
    """Certificate that a secondary hangs on."""
    service: str | None
    """What a certificate of the hierarchy itself is for: ``ca:root``, ``ocsp:personal``, ``tsa``, ``seal``."""
    subject_id: str | None
    org_code: str | None
    employment_id: str | None
    common_name: str
    organisation: str
    title: str | None
    scope: Scope
    key_id: str
    not_before: datetime
    not_after: datetime
    tbs: bytes
    """What was linted and is (to be) signed, DER."""
    der: bytes | None
    sha256: str | None
    status: CertificateStatus
    status_since: datetime
    reason: RevocationReason | None
    request_id: str | None
    key_device: KeyDevice = KeyDevice.SERVER
    spki_sha256: str | None = None
    """Fingerprint (hex) of the public key: one key, one certificate. None: recorded before this was kept."""
    supersedes_id: str | None = None
    """Certificate whose place this one took or takes."""
    crl_shard: int | None = None
    """Which of its issuer's lists its pointer names; None: the full list, or no pointer."""

    def is_active(self, at: datetime) -> bool:
        """Say whether it may be used at that moment, as far as status and period go."""
        return self.status is CertificateStatus.ACTIVE and self.not_before <= at <= self.not_after


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """One step in the life of a certificate, kept for ever."""

    certificate_id: str
    before: CertificateStatus | None
    """Where it must stand for this step; None for the recording."""
    after: CertificateStatus
    at: datetime
    actor: str
    """Account that did it, or ``system``."""
    reason: RevocationReason | None = None
    because_of: str | None = None
    """Certificate whose change carried over to this one (I5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A time in which a certificate was suspended. The interval stays after release (I6)."""

    certificate_id: str
    begun_at: datetime
    ended_at: datetime | None


class Registry(Protocol):
    """Where certificates are recorded. One contract suite runs on every implementation."""

    def record(self, record: CertificateRecord, *, actor: str) -> None:
        """Write down a certificate before it is signed (status RECORDED, no DER)."""
        ...

    def activate(self, certificate_id: str, der: bytes, sha256: str, change: StatusChange) -> None:
        """Add the signed bytes to a recorded certificate and make it active."""
        ...

    def change_status(self, change: StatusChange) -> CertificateRecord:
        """Take one step of the life cycle and return the certificate after it.

        Raises:
            CertificateUnknown: no such certificate.
            StatusChangeRefused: the life cycle has no such step (revoked is final), or the certificate
                no longer stands where the step begins.
        """
        ...

    def get(self, certificate_id: str) -> CertificateRecord:
        """Return one certificate, or raise CertificateUnknown."""
        ...

    def by_serial(self, issuer: str, serial: int) -> CertificateRecord | None:
        """Return the certificate with this serial; None when it was never issued."""
        ...

    def by_service(self, service: str) -> tuple[CertificateRecord, ...]:
        """Return certificates of one service of the hierarchy, newest first."""
        ...

    def secondaries(self, primary_id: str) -> tuple[CertificateRecord, ...]:
        """Return the certificates that hang on a primary."""
        ...

    def history(self, certificate_id: str) -> tuple[StatusChange, ...]:
        """Return every step of one certificate, oldest first."""
        ...

    def next_number(self, counter: str) -> int:
        """Return the next number of a named counter: 1, 2, 3 … (CRL numbers, time-stamp serials)."""
        ...


def holds_of(history: Iterable[StatusChange]) -> tuple[Hold, ...]:
    """Return the hold intervals in a certificate's history; an open one has no end.

    I6: a signature made inside such an interval stays invalid after release.
    """
    holds: list[Hold] = []
    for change in history:
        if change.after is CertificateStatus.ON_HOLD:
            holds.append(Hold(certificate_id=change.certificate_id, begun_at=change.at, ended_at=None))
        elif holds and holds[-1].ended_at is None:
            # a revocation may reach back behind a hold (§3.5: to the moment of the act): then the hold was empty
            holds[-1] = replace(holds[-1], ended_at=max(change.at, holds[-1].begun_at))
    return tuple(holds)


def changes_list(change: StatusChange) -> bool:
    """Say whether a step changes what the issuer's CRL must say."""
    is_listed = change.before is CertificateStatus.ON_HOLD or change.after is not CertificateStatus.SUPERSEDED
    return is_listed and change.before in CRL_RELEVANT


def require_step(record: CertificateRecord, change: StatusChange) -> None:
    """Refuse a step that the life cycle does not have from where the certificate stands.

    Raises:
        StatusChangeRefused: naming the present and the wanted status.
    """
    if change.before is not record.status or change.after not in ALLOWED_STEPS[record.status]:
        message = f"{record.status.value} -> {change.after.value}"
        raise StatusChangeRefused(message)


class MemoryRegistry:
    """A registry that lives as long as the process."""

    def __init__(self) -> None:
        self._records: dict[str, CertificateRecord] = {}
        self._history: list[StatusChange] = []
        self._numbers: dict[str, int] = {}

    def record(self, record: CertificateRecord, *, actor: str) -> None:
        """Write down a certificate before it is signed."""
        if record.certificate_id in self._records or self.by_serial(record.issuer, record.serial):
            message = "certificate is recorded already"
            raise StatusChangeRefused(message)
        self._records[record.certificate_id] = record
        self._history.append(
            StatusChange(
                certificate_id=record.certificate_id,
                before=None,
                after=record.status,
                at=record.status_since,
                actor=actor,
            )
        )

    def activate(self, certificate_id: str, der: bytes, sha256: str, change: StatusChange) -> None:
        """Add the signed bytes and make it active."""
        self.change_status(change)
        self._records[certificate_id] = replace(self._records[certificate_id], der=der, sha256=sha256)

    def change_status(self, change: StatusChange) -> CertificateRecord:
        """Take one step of the life cycle."""
        record = self.get(change.certificate_id)
        require_step(record, change)
        record = replace(record, status=change.after, status_since=change.at, reason=change.reason)
        self._records[record.certificate_id] = record
        self._history.append(change)
        return record

    def get(self, certificate_id: str) -> CertificateRecord:
        """Return one certificate."""
        if certificate_id not in self._records:
            raise CertificateUnknown(certificate_id)
        return self._records[certificate_id]

    def by_serial(self, issuer: str, serial: int) -> CertificateRecord | None:
        """Return the certificate with this serial."""
        return next((r for r in self._records.values() if (r.issuer, r.serial) == (issuer, serial)), None)

    def by_service(self, service: str) -> tuple[CertificateRecord, ...]:
        """Return certificates of one service, newest first."""
        found = [record for record in self._records.values() if record.service == service]
        return tuple(sorted(found, key=lambda record: record.not_before, reverse=True))

    def secondaries(self, primary_id: str) -> tuple[CertificateRecord, ...]:
        """Return the certificates that hang on a primary."""
        return tuple(record for record in self._records.values() if record.primary_id == primary_id)

    def history(self, certificate_id: str) -> tuple[StatusChange, ...]:
        """Return every step of one certificate."""
        return tuple(change for change in self._history if change.certificate_id == certificate_id)

    def next_number(self, counter: str) -> int:
        """Return the next number of a named counter."""
        self._numbers[counter] = self._numbers.get(counter, 0) + 1
        return self._numbers[counter]
