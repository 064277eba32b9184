"""A repeated request gets the first answer, not a second effect (draft-ietf-httpapi-idempotency-key-header).

Knows keys, fingerprints and sealed answers. Must not know what a request does.
"""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from api.db import Tx, to_micros
from api.errors import IdempotencyKeyRequired, IdempotencyKeyReused, InputInvalid, RequestInFlight
from api.services import Services

METADATA = sa.MetaData()

KEYS = sa.Table(
    "idempotency_keys",
    METADATA,
    sa.Column("principal", sa.String(40), primary_key=True),
    sa.Column("idempotency_key", sa.String(255), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("claimed_at", sa.BigInteger, nullable=False),
    sa.Column("answer", sa.LargeBinary),
    sa.Index("ix_idempotency_keys_claimed_at", "claimed_at"),
)

KEPT: Final = timedelta(hours=24)
ABANDONED: Final = timedelta(minutes=15)
"""A claim this old belongs to a process that died; no request may run as long. The use-case's own state
check then decides whether its work was already done."""

_KEY: Final = re.compile(r'"?[\x21\x23-\x5b\x5d-\x7e]{1,253}"?')  # RFC 8941 string or the bare token


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """One use of a key."""

    principal: str
    key: str | None
    fingerprint: str
    """Keyed digest (hex) of operation and body: the same request has the same one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """An answer as it is kept and given again."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def once(services: Services, use: KeyUse, action: Callable[[], StoredAnswer], at: datetime) -> StoredAnswer:
    """The first answer for this key: from `action` or from the table.

    Raises:
        IdempotencyKeyRequired, IdempotencyKeyReused, RequestInFlight; InputInvalid for a malformed key.
    """
    if use.key is None:
        raise IdempotencyKeyRequired(
            "Gửi kèm tiêu đề Idempotency-Key để yêu cầu không bị thực hiện hai lần.",
            "Send an Idempotency-Key header so that the request cannot take effect twice.",
        )
    if not _KEY.fullmatch(use.key):
        raise InputInvalid("Idempotency-Key không hợp lệ.", "The Idempotency-Key is malformed.")
    stored = _claim(services, use, at)
    if stored is not None:
        return stored
    try:
        answer = action()
    except BaseException:
        # nothing was done (one transaction per use-case), so the same key may try again
        with services.db.transaction() as tx:
            tx.execute(KEYS.delete().where(_is(use), KEYS.c.state == "in_flight"))
        raise
    sealed = services.sealer.seal(_to_bytes(answer), _place(use))
    with services.db.transaction() as tx:
        tx.execute(KEYS.update().where(_is(use)).values(state="done", answer=sealed))
    return answer


def _claim(services: Services, use: KeyUse, at: datetime) -> StoredAnswer | None:
    """Take the key for this request, or give the answer that it already has."""
    try:
        with services.db.transaction() as tx:
            _forget_old(tx, use, at)
            row = tx.execute(sa.select(KEYS).where(_is(use))).one_or_none()
            if row is None:
                tx.execute(
                    KEYS.insert().values(
                        principal=use.principal,
                        idempotency_key=use.key,
                        fingerprint=use.fingerprint,
                        state="in_flight",
                        claimed_at=to_micros(at),
                    )
                )
                return None
    except sa.exc.IntegrityError as err:  # PostgreSQL: another process took the key at the same moment
        raise RequestInFlight from err
    if row.fingerprint != use.fingerprint:
        raise IdempotencyKeyReused
    if row.state == "in_flight":
        raise RequestInFlight
    return _from_bytes(services.sealer.unseal(row.answer, _place(use)))


def _forget_old(tx: Tx, use: KeyUse, at: datetime) -> None:
    """Drop this principal's answers after 24 hours, and claims whose process died."""
    over = KEYS.c.claimed_at < to_micros(at - KEPT)
    dead = sa.and_(KEYS.c.state == "in_flight", KEYS.c.claimed_at < to_micros(at - ABANDONED))
    tx.execute(KEYS.delete().where(KEYS.c.principal == use.principal, sa.or_(over, dead)))


def _is(use: KeyUse) -> sa.ColumnElement[bool]:
    return sa.and_(KEYS.c.principal == use.principal, KEYS.c.idempotency_key == use.key)


def _place(use: KeyUse) -> str:
    return f"idempotency_keys/{use.principal}/{use.key}"


def _to_bytes(answer: StoredAnswer) -> bytes:
    body = base64.b64encode(answer.body).decode()
    return json.dumps({"status": answer.status, "headers": answer.headers, "body": body}).encode()


def _from_bytes(content: bytes) -> StoredAnswer:
    value = json.loads(content)
    headers = tuple((name, text) for name, text in value["headers"])
    return StoredAnswer(status=value["status"], headers=headers, body=base64.b64decode(value["body"]))
