"""Certificates that others issued to people and agencies of ours: what was imported, and when it was held here.

Knows the tables. A hold here is local (S13): the issuer's own status is not ours to change, and the interval stays for
ever (I6). Must not know trust: which profile a certificate has was found out before it came here.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from signing.identity import CertificateClass, ProfileName, Scope
from signing.registry import CertificateRecord, CertificateStatus, Hold, KeyDevice
from signing.trust import TrustProfile

METADATA = sa.MetaData()
_ID = sa.String(40)
_NAME = sa.String(255)

EXTERNAL_CERTIFICATES = sa.Table(
    "external_certificates",
    METADATA,
    sa.Column("certificate_id", _ID, primary_key=True),
    sa.Column("der", sa.LargeBinary, nullable=False),
    sa.Column("chain", sa.Text, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, unique=True),
    sa.Column("spki_sha256", sa.String(64), nullable=False, index=True),
    sa.Column("issuer", _NAME, nullable=False),
    sa.Column("serial", sa.String(48), nullable=False),
    sa.Column("profile", sa.String(16), nullable=False),
    sa.Column("certificate_class", sa.String(16), nullable=False),
    sa.Column("subject_id", _ID, index=True),
    sa.Column("org_code", sa.String(35), index=True),
    sa.Column("employment_id", _ID),
    sa.Column("common_name", _NAME, nullable=False),
    sa.Column("organisation", _NAME, nullable=False),
    sa.Column("title", _NAME),
    sa.Column("key_id", sa.String(64)),
    sa.Column("not_before", sa.BigInteger, nullable=False),
    sa.Column("not_after", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("state_since", sa.BigInteger, nullable=False),
    sa.Column("evidence", sa.String(128), nullable=False),
    sa.Column("imported_by", _ID, nullable=False),
    sa.Column("importer_subject_id", _ID, nullable=False),
    sa.Column("imported_at", sa.BigInteger, nullable=False),
    sa.Column("confirmed_by", _ID),
    sa.Column("confirmed_at", sa.BigInteger),
)

EXTERNAL_HOLDS = sa.Table(
    "external_certificate_holds",
    METADATA,
    sa.Column("hold", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column(
        "certificate_id",
        _ID,
        sa.ForeignKey("external_certificates.certificate_id"),
        nullable=False,
        index=True,
    ),
    sa.Column("cause", sa.String(32), nullable=False),
    sa.Column("evidence", sa.String(128)),
    sa.Column("begun_at", sa.BigInteger, nullable=False),
    sa.Column("begun_by", _ID, nullable=False),
    sa.Column("ended_at", sa.BigInteger),
    sa.Column("ended_by", _ID),
)


class ExternalState(StrEnum):
    """What counts here, whatever its issuer says.

    `PENDING → ACTIVE ↔ ON_HOLD`, `ACTIVE → SUPERSEDED`, `PENDING → REJECTED`.
    """

    PENDING = "pending"
    """Imported by one person; it counts once another one has confirmed it."""
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    SUPERSEDED = "superseded"
    """A later one of the same holder took its place here."""
    REJECTED = "rejected"


_STATUS: Final = {
    ExternalState.PENDING: CertificateStatus.RECORDED,
    ExternalState.ACTIVE: CertificateStatus.ACTIVE,
    ExternalState.ON_HOLD: CertificateStatus.ON_HOLD,
    ExternalState.SUPERSEDED: CertificateStatus.SUPERSEDED,
    ExternalState.REJECTED: CertificateStatus.VOIDED,
}
_PROFILE_NAME: Final = {
    CertificateClass.PERSONAL: ProfileName.PERSONAL,
    CertificateClass.ORG_SEAL: ProfileName.ORG_SEAL,
    CertificateClass.CITIZEN: ProfileName.CITIZEN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalCertificate:
    """One certificate of another authority."""

    certificate_id: str
    """`cert_…`, from the same set as those of our own certificates."""
    der: bytes
    chain: tuple[bytes, ...]
    """DER, the issuer first, the anchor last, as they were when it was imported."""
    sha256: str
    spki_sha256: str
    issuer: str
    serial: str
    """Hex."""
    profile: TrustProfile
    """The anchor's."""
    certificate_class: CertificateClass
    subject_id: str | None
    org_code: str | None
    employment_id: str | None
    common_name: str
    organisation: str
    title: str | None
    key_id: str | None
    """A key of our own store, when the certificate was issued to one; None: the key is in the holder's device."""
    not_before: datetime
    not_after: datetime
    state: ExternalState
    state_since: datetime
    evidence: str
    imported_by: str
    importer_subject_id: str
    imported_at: datetime
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None

    def as_record(self) -> CertificateRecord:
        """The same as the guards of signing know certificates; nothing of it is in our own register."""
        return CertificateRecord(
            certificate_id=self.certificate_id,
            issuer=self.issuer,
            serial=int(self.serial, 16),
            profile=_PROFILE_NAME[self.certificate_class],
            certificate_class=self.certificate_class,
            ordinal=1,
            primary_id=None,
            service=None,
            subject_id=self.subject_id,
            org_code=self.org_code,
            employment_id=self.employment_id,
            common_name=self.common_name,
            organisation=self.organisation,
            title=self.title,
            scope=Scope(),
            key_id=self.key_id or "",
            not_before=self.not_before,
            not_after=self.not_after,
            tbs=b"",
            der=self.der,
            sha256=self.sha256,
            status=_STATUS[self.state],
            status_since=self.state_since,
            reason=None,
            request_id=None,
            key_device=KeyDevice.TOKEN if self.key_id is None else KeyDevice.SERVER,
            spki_sha256=self.spki_sha256,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalFilter:
    """Which certificates to list; None does not narrow."""

    subject_id: str | None = None
    org_code: str | None = None
    certificate_class: CertificateClass | None = None
    profile: TrustProfile | None = None
    state: ExternalState | None = None


class ExternalCertificates:
    """Imported certificates in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, certificate: ExternalCertificate) -> None:
        """Record an imported certificate."""
        self._tx.execute(EXTERNAL_CERTIFICATES.insert().values(_row(certificate)))

    def find(self, certificate_id: str) -> ExternalCertificate | None:
        """The certificate of that id."""
        return self._one(EXTERNAL_CERTIFICATES.c.certificate_id == certificate_id)

    def by_sha256(self, sha256: str) -> ExternalCertificate | None:
        """The certificate with this fingerprint (hex)."""
        return self._one(EXTERNAL_CERTIFICATES.c.sha256 == sha256)

    def page(self, wanted: ExternalFilter, *, after: str | None, limit: int) -> tuple[ExternalCertificate, ...]:
        """Certificates in the order of their ids, beginning behind ``after``."""
        columns = EXTERNAL_CERTIFICATES.c
        pairs = (
            (columns.subject_id, wanted.subject_id),
            (columns.org_code, wanted.org_code),
            (columns.certificate_class, wanted.certificate_class),
            (columns.profile, wanted.profile),
            (columns.state, wanted.state),
        )
        conditions = [column == value for column, value in pairs if value is not None]
        if after is not None:
            conditions.append(columns.certificate_id > after)
        query = sa.select(EXTERNAL_CERTIFICATES).where(*conditions).order_by(columns.certificate_id).limit(limit)
        return tuple(_certificate(row) for row in self._tx.execute(query).mappings())

    def move(
        self,
        certificate_id: str,
        *,
        before: ExternalState,
        after: ExternalState,
        at: datetime,
        confirmed_by: str | None = None,
    ) -> bool:
        """Take one step; False when it no longer stands where the step begins."""
        values: dict[str, object] = {"state": after.value, "state_since": to_micros(at)}
        if confirmed_by is not None:
            values |= {"confirmed_by": confirmed_by, "confirmed_at": to_micros(at)}
        moved = self._tx.execute(
            EXTERNAL_CERTIFICATES.update()
            .where(
                EXTERNAL_CERTIFICATES.c.certificate_id == certificate_id,
                EXTERNAL_CERTIFICATES.c.state == before.value,
            )
            .values(values)
        )
        return moved.rowcount == 1

    def begin_hold(self, certificate_id: str, *, cause: str, evidence: str | None, by: str, at: datetime) -> None:
        """Keep that a hold began; the interval is never forgotten (I6)."""
        self._tx.execute(
            EXTERNAL_HOLDS.insert().values(
                certificate_id=certificate_id, cause=cause, evidence=evidence, begun_at=to_micros(at), begun_by=by
            )
        )

    def end_hold(self, certificate_id: str, *, by: str, at: datetime) -> None:
        """Keep that the open hold ended."""
        holds = EXTERNAL_HOLDS.c
        self._tx.execute(
            EXTERNAL_HOLDS.update()
            .where(holds.certificate_id == certificate_id, holds.ended_at.is_(None))
            .values(ended_at=to_micros(at), ended_by=by)
        )

    def holds(self, certificate_id: str) -> tuple[Hold, ...]:
        """When it was held here, oldest first."""
        holds = EXTERNAL_HOLDS.c
        rows = self._tx.execute(
            sa.select(holds.begun_at, holds.ended_at).where(holds.certificate_id == certificate_id).order_by(holds.hold)
        )
        return tuple(
            Hold(
                certificate_id=certificate_id,
                begun_at=from_micros(row.begun_at),
                ended_at=None if row.ended_at is None else from_micros(row.ended_at),
            )
            for row in rows
        )

    def _one(self, condition: sa.ColumnElement[bool]) -> ExternalCertificate | None:
        row = self._tx.execute(sa.select(EXTERNAL_CERTIFICATES).where(condition)).mappings().one_or_none()
        return None if row is None else _certificate(row)


_TIMES: Final = ("not_before", "not_after", "state_since", "imported_at", "confirmed_at")
_CODED: Final = {"profile": TrustProfile, "certificate_class": CertificateClass, "state": ExternalState}


def _row(certificate: ExternalCertificate) -> dict[str, object]:
    values = {name: getattr(certificate, name) for name in EXTERNAL_CERTIFICATES.c.keys()}  # noqa: SIM118 - columns
    values |= {name: None if values[name] is None else to_micros(values[name]) for name in _TIMES}
    values |= {name: values[name].value for name in _CODED}
    return values | {"chain": json.dumps([b64encode(one).decode() for one in certificate.chain])}


def _certificate(row: sa.RowMapping) -> ExternalCertificate:
    values = dict(row)
    values |= {name: None if values[name] is None else from_micros(values[name]) for name in _TIMES}
    values |= {name: kind(values[name]) for name, kind in _CODED.items()}
    values["chain"] = tuple(b64decode(one) for one in json.loads(row["chain"]))
    return ExternalCertificate(**values)
