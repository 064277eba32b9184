"""Kept OCSP answers: signed once, given to everybody who asks the same without a nonce, gone when the status changes.

An answer is kept only while the certificate still stands where it stood when the answer was signed: the row of the
certificate is locked for the comparison, and a change of status deletes the answers after it has changed that row.
Knows SQL. Must not know the protocol.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from signing.registry import CertificateRecord, CertificateStatus
from signing.registry_sql.rows import record_of
from signing.registry_sql.tables import CERTIFICATES, OCSP_ANSWERS, from_micros, to_micros

_WITHDRAWN: Final = (CertificateStatus.ON_HOLD.value, CertificateStatus.REVOKED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """One kept answer."""

    issuer: str
    serial: int
    encoded: bytes
    """CertID (DER) as it was asked; answers to other spellings of it are other answers."""
    der: bytes
    produced_at: datetime
    next_update: datetime
    asked_at: datetime
    """About when somebody asked last."""


class AnswersSql:
    """The kept answers in one transaction."""

    def __init__(self, tx: sa.Connection) -> None:
        self._tx = tx

    def find(self, issuer: str, encoded: bytes) -> KeptAnswer | None:
        """Return the answer to a CertID (DER); it may have run out."""
        answers = OCSP_ANSWERS.c
        query = sa.select(OCSP_ANSWERS).where(answers.cert_id == _key(encoded), answers.issuer == issuer)
        row = self._tx.execute(query).first()
        return None if row is None else _answer(row)

    def keep(self, answer: KeptAnswer, *, as_of: CertificateRecord) -> bool:
        """Keep an answer; False when the certificate's status has changed since ``as_of`` was read."""
        columns = CERTIFICATES.c
        stands = sa.select(columns.certificate_id).where(
            columns.certificate_id == as_of.certificate_id,
            columns.status == as_of.status.value,
            columns.status_since == to_micros(as_of.status_since),
        )
        # a change that is under way holds this row; we then see its end, or it sees ours and deletes it
        if self._tx.execute(stands.with_for_update(read=True)).first() is None:
            return False
        insert = postgresql.insert if self._tx.dialect.name == "postgresql" else sqlite.insert
        values = {
            "issuer": answer.issuer,
            "serial": f"{answer.serial:x}",
            "encoded": answer.encoded,
            "der": answer.der,
            "produced_at": to_micros(answer.produced_at),
            "next_update": to_micros(answer.next_update),
            "asked_at": to_micros(answer.asked_at),
        }
        self._tx.execute(
            insert(OCSP_ANSWERS)
            .values(cert_id=_key(answer.encoded), **values)
            .on_conflict_do_update(index_elements=["cert_id"], set_=values)
        )
        return True

    def asked(self, encoded: bytes, at: datetime) -> None:
        """Note that somebody asked."""
        answers = OCSP_ANSWERS.c
        self._tx.execute(OCSP_ANSWERS.update().where(answers.cert_id == _key(encoded)).values(asked_at=to_micros(at)))

    def purge(self, issuer: str, serial: int | None = None) -> None:
        """Forget the answers about one certificate, or about all of an issuer."""
        answers = OCSP_ANSWERS.c
        wanted = OCSP_ANSWERS.delete().where(answers.issuer == issuer)
        self._tx.execute(wanted if serial is None else wanted.where(answers.serial == f"{serial:x}"))

    def ending(self, issuer: str, *, before: datetime, limit: int) -> tuple[KeptAnswer, ...]:
        """Return an issuer's answers that run out before that moment, the first ones first."""
        answers = OCSP_ANSWERS.c
        query = sa.select(OCSP_ANSWERS).where(answers.issuer == issuer, answers.next_update < to_micros(before))
        return tuple(_answer(row) for row in self._tx.execute(query.order_by(answers.next_update).limit(limit)))

    def forget(self, encoded: bytes, *, produced_at: datetime) -> None:
        """Drop one answer, unless it was replaced meanwhile."""
        answers = OCSP_ANSWERS.c
        is_this = (answers.cert_id == _key(encoded)) & (answers.produced_at == to_micros(produced_at))
        self._tx.execute(OCSP_ANSWERS.delete().where(is_this))

    def unanswered(self, issuer: str, at: datetime, *, limit: int) -> tuple[CertificateRecord, ...]:
        """Return certificates that were withdrawn, have not expired, and have no kept answer; in the order of ids."""
        columns, answers = CERTIFICATES.c, OCSP_ANSWERS.c
        kept = sa.select(answers.cert_id).where(answers.issuer == columns.issuer, answers.serial == columns.serial)
        query = sa.select(CERTIFICATES).where(
            columns.issuer == issuer,
            columns.status.in_(_WITHDRAWN),
            columns.not_after >= to_micros(at),
            ~kept.exists(),
        )
        rows = self._tx.execute(query.order_by(columns.certificate_id).limit(limit)).mappings()
        return tuple(record_of(row) for row in rows)


def _key(encoded: bytes) -> str:
    return hashlib.sha256(encoded).hexdigest()


def _answer(row: sa.Row[*tuple[Any, ...]]) -> KeptAnswer:
    return KeptAnswer(
        issuer=row.issuer,
        serial=int(row.serial, 16),
        encoded=row.encoded,
        der=row.der,
        produced_at=from_micros(row.produced_at),
        next_update=from_micros(row.next_update),
        asked_at=from_micros(row.asked_at),
    )
