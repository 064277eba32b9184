"""Certificates, their history, counters and CRLs in the database.

Knows SQL. Decides nothing: which step a life cycle has is ``signing.registry``'s business.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from signing.errors import CertificateUnknown, StatusChangeRefused
from signing.identity import CertificateClass
from signing.registry import (
    CertificateRecord,
    CertificateStatus,
    RevocationReason,
    StatusChange,
    require_step,
)
from signing.registry_sql.changed import status_changed
from signing.registry_sql.rows import record_of, row_of
from signing.registry_sql.tables import (
    CERTIFICATE_HISTORY,
    CERTIFICATES,
    PKI_COUNTERS,
    from_micros,
    to_micros,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFilter:
    """Which certificates to list; None does not narrow. The hierarchy's own certificates are left out."""

    subject_id: str | None = None
    org_code: str | None = None
    certificate_class: CertificateClass | None = None
    ordinal: int | None = None
    status: CertificateStatus | None = None


_BY_SHA256: Final = sa.select(CERTIFICATES).where(CERTIFICATES.c.sha256 == sa.bindparam("fingerprint"))
"""Made once: every check of a file asks it."""


class RegistrySql:
    """The ``Registry`` in one transaction."""

    def __init__(self, tx: sa.Connection) -> None:
        self._tx = tx

    def record(self, record: CertificateRecord, *, actor: str) -> None:
        """Write down a certificate before it is signed."""
        try:
            with self._tx.begin_nested():
                self._tx.execute(CERTIFICATES.insert().values(row_of(record)))
        except sa.exc.IntegrityError as err:
            message = "certificate is recorded already"
            raise StatusChangeRefused(message) from err
        change = StatusChange(
            certificate_id=record.certificate_id,
            before=None,
            after=record.status,
            at=record.status_since,
            actor=actor,
        )
        self._append(change, record.issuer)

    def activate(self, certificate_id: str, der: bytes, sha256: str, change: StatusChange) -> None:
        """Add the signed bytes and make it active."""
        self.change_status(change)
        self._tx.execute(
            CERTIFICATES.update().where(CERTIFICATES.c.certificate_id == certificate_id).values(der=der, sha256=sha256)
        )

    def change_status(self, change: StatusChange) -> CertificateRecord:
        """Take one step of the life cycle; the row must still stand where the step begins."""
        record = self.get(change.certificate_id)
        require_step(record, change)
        result = self._tx.execute(
            CERTIFICATES.update()
            .where(
                CERTIFICATES.c.certificate_id == change.certificate_id,
                CERTIFICATES.c.status == record.status.value,
            )
            .values(
                status=change.after.value,
                status_since=to_micros(change.at),
                reason=change.reason.value if change.reason else None,
            )
        )
        if result.rowcount != 1:
            message = "another step was faster"
            raise StatusChangeRefused(message)
        self._append(change, record.issuer)
        status_changed(self._tx, record, change)
        return self.get(change.certificate_id)

    def get(self, certificate_id: str) -> CertificateRecord:
        """Return one certificate."""
        found = self._all(CERTIFICATES.c.certificate_id == certificate_id)
        if not found:
            raise CertificateUnknown(certificate_id)
        return found[0]

    def by_serial(self, issuer: str, serial: int) -> CertificateRecord | None:
        """Return the certificate with this serial."""
        columns = CERTIFICATES.c
        found = self._all(columns.issuer == issuer, columns.serial == f"{serial:x}")
        return found[0] if found else None

    def by_sha256(self, sha256: str) -> CertificateRecord | None:
        """Return the certificate with this fingerprint (hex)."""
        row = self._tx.execute(_BY_SHA256, {"fingerprint": sha256}).mappings().first()
        return None if row is None else record_of(row)

    def by_service(self, service: str) -> tuple[CertificateRecord, ...]:
        """Return certificates of one service, newest first."""
        found = self._all(CERTIFICATES.c.service == service)
        return tuple(sorted(found, key=lambda record: record.not_before, reverse=True))

    def by_request(self, request_id: str) -> CertificateRecord | None:
        """Return the certificate that was made for a request."""
        found = self._all(CERTIFICATES.c.request_id == request_id)
        return found[0] if found else None

    def by_key(self, spki_sha256: str) -> tuple[CertificateRecord, ...]:
        """Return the certificates of one public key, by its fingerprint (hex)."""
        return self._all(CERTIFICATES.c.spki_sha256 == spki_sha256)

    def successors(self, certificate_id: str) -> tuple[CertificateRecord, ...]:
        """Return the certificates that took the place of one, or were about to."""
        return self._all(CERTIFICATES.c.supersedes_id == certificate_id)

    def secondaries(self, primary_id: str) -> tuple[CertificateRecord, ...]:
        """Return the certificates that hang on a primary."""
        return self._all(CERTIFICATES.c.primary_id == primary_id)

    def page(self, wanted: CertificateFilter, *, after: str | None, limit: int) -> tuple[CertificateRecord, ...]:
        """Return holders' certificates in the order of their ids, beginning behind ``after``."""
        columns = CERTIFICATES.c
        conditions: list[sa.ColumnElement[bool]] = [columns.certificate_class.is_not(None)]
        pairs = (
            (columns.subject_id, wanted.subject_id),
            (columns.org_code, wanted.org_code),
            (columns.certificate_class, wanted.certificate_class),
            (columns.ordinal, wanted.ordinal),
            (columns.status, wanted.status),
        )
        conditions += [column == value for column, value in pairs if value is not None]
        if after is not None:
            conditions.append(columns.certificate_id > after)
        return self._all(*conditions, limit=limit)

    def ending(self, before: datetime, *, after: str | None, limit: int) -> tuple[CertificateRecord, ...]:
        """Return holders' certificates in force that end before a moment, by id, ``after`` excluded."""
        columns = CERTIFICATES.c
        conditions = [
            columns.status == CertificateStatus.ACTIVE.value,
            columns.not_after < to_micros(before),
            columns.service.is_(None),
        ]
        if after is not None:
            conditions.append(columns.certificate_id > after)
        return self._all(*conditions, limit=limit)

    def history(self, certificate_id: str) -> tuple[StatusChange, ...]:
        """Return every step of one certificate."""
        history = CERTIFICATE_HISTORY.c
        query = sa.select(CERTIFICATE_HISTORY).where(history.certificate_id == certificate_id).order_by(history.step)
        return tuple(
            StatusChange(
                certificate_id=row["certificate_id"],
                before=CertificateStatus(row["before"]) if row["before"] else None,
                after=CertificateStatus(row["after"]),
                at=from_micros(row["at"]),
                actor=row["actor"],
                reason=RevocationReason(row["reason"]) if row["reason"] else None,
                because_of=row["because_of"],
            )
            for row in self._tx.execute(query).mappings()
        )

    def next_number(self, counter: str) -> int:
        """Return the next number of a named counter; waits for others that count in a transaction."""
        counters = PKI_COUNTERS.c
        step = (
            PKI_COUNTERS.update()
            .where(counters.name == counter)
            .values(last=counters.last + 1)
            .returning(counters.last)
        )
        number = self._tx.execute(step).scalar_one_or_none()
        if number is None:
            try:
                with self._tx.begin_nested():
                    self._tx.execute(PKI_COUNTERS.insert().values(name=counter, last=1))
            except sa.exc.IntegrityError:  # somebody else began to count at the same moment
                return int(self._tx.execute(step).scalar_one())
            return 1
        return int(number)

    def take_turn(self, holder: str) -> None:
        """Wait until nobody else decides about this holder; the turn ends with the transaction.

        Two requests at once would each see no certificate of the other and both go on (I2).
        """
        self.next_number(f"turn:{holder}")

    def _all(self, *conditions: sa.ColumnElement[bool], limit: int | None = None) -> tuple[CertificateRecord, ...]:
        query = sa.select(CERTIFICATES).where(*conditions).order_by(CERTIFICATES.c.certificate_id)
        return tuple(record_of(row) for row in self._tx.execute(query.limit(limit)).mappings())

    def _append(self, change: StatusChange, issuer: str) -> None:
        self._tx.execute(
            CERTIFICATE_HISTORY.insert().values(
                certificate_id=change.certificate_id,
                issuer=issuer,
                before=change.before.value if change.before else None,
                after=change.after.value,
                at=to_micros(change.at),
                actor=change.actor,
                reason=change.reason.value if change.reason else None,
                because_of=change.because_of,
            )
        )
