"""A repeated request gets the first answer, not a second effect (draft-ietf-httpapi-idempotency-key-header).

Knows keys, fingerprints and sealed answers. Must not know what a request does.
"""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from api.db import Tx, to_micros
from api.errors import IdempotencyKeyRequired, IdempotencyKeyReused, InputInvalid, RequestInFlight
from api.ids import creating, id_body
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
    sa.Column("creates", sa.String(26)),
    sa.Index("ix_idempotency_keys_claimed_at", "claimed_at"),
)

KEPT: Final = timedelta(hours=24)
ABANDONED: Final = timedelta(minutes=15)
"""A claim this old belongs to a process that died; no request may run as long."""

_IN_FLIGHT: Final = "in_flight"
_RELEASED: Final = "released"  # a run ended in a fault; the next one goes on with its id body
_DONE: Final = "done"

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
    body: bytes = field(repr=False)
    repeated: bytes | None = field(default=None, repr=False)
    """What is kept and given again in place of a body with something that is shown once; None: the body."""


def once(
    services: Services,
    use: KeyUse,
    action: Callable[[], StoredAnswer],
    at: datetime,
    *,
    is_refusal: Callable[[BaseException], bool],
) -> StoredAnswer:
    """The first answer for this key: from `action` or from the table.

    Args:
        services: of this process.
        use: the key and what it is used for.
        action: does the work; what it creates with `creation_id` has the same id in every run under the key.
        at: now.
        is_refusal: whether an error of `action` says that nothing was made.

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
    claim = _claim(services, use, at)
    if isinstance(claim, StoredAnswer):
        return claim
    try:
        with creating(claim):
            answer = action()
        _keep(services, use, answer)
    except BaseException as err:
        _let_go(services, use, made_nothing=is_refusal(err))
        raise
    return answer


def _claim(services: Services, use: KeyUse, at: datetime) -> StoredAnswer | str:
    """The answer that the key already has, or the claim: the id body of what this request creates."""
    try:
        with services.db.transaction() as tx:
            _forget_old(tx, use, at)
            row = tx.execute(sa.select(KEYS).where(_is(use))).one_or_none()
            if row is None:
                return _insert(tx, use, at)
            if row.fingerprint != use.fingerprint:
                raise IdempotencyKeyReused
            if row.state == _DONE:
                return _from_bytes(services.sealer.unseal(row.answer, _place(use)))
            return _take_over(tx, use, row, at)
    except sa.exc.IntegrityError as err:  # PostgreSQL: another process took the key at the same moment
        raise RequestInFlight from err


def _insert(tx: Tx, use: KeyUse, at: datetime) -> str:
    body = id_body(at)
    tx.execute(
        KEYS.insert().values(
            principal=use.principal,
            idempotency_key=use.key,
            fingerprint=use.fingerprint,
            state=_IN_FLIGHT,
            claimed_at=to_micros(at),
            creates=body,
        )
    )
    return body


def _take_over(tx: Tx, use: KeyUse, row: sa.Row[tuple[object, ...]], at: datetime) -> str:
    """Go on with the claim of a run that failed or died, under the same id body: what it made is found again."""
    if row.state == _IN_FLIGHT and row.claimed_at >= to_micros(at - ABANDONED):
        raise RequestInFlight
    body = row.creates or id_body(at)
    taken = tx.execute(
        KEYS.update()
        .where(_is(use), KEYS.c.state == row.state, KEYS.c.claimed_at == row.claimed_at)
        .values(state=_IN_FLIGHT, claimed_at=to_micros(at), creates=body)
    )
    if taken.rowcount != 1:  # another process was first
        raise RequestInFlight
    return str(body)


def _keep(services: Services, use: KeyUse, answer: StoredAnswer) -> None:
    sealed = services.sealer.seal(_to_bytes(answer), _place(use))
    with services.db.transaction() as tx:
        tx.execute(KEYS.update().where(_is(use)).values(state=_DONE, answer=sealed))


def _let_go(services: Services, use: KeyUse, *, made_nothing: bool) -> None:
    """A refusal made nothing: the key is free. After anything else nobody knows: the claim stays with its id body."""
    mine = sa.and_(_is(use), KEYS.c.state == _IN_FLIGHT)
    with services.db.transaction() as tx:
        tx.execute(KEYS.delete().where(mine) if made_nothing else KEYS.update().where(mine).values(state=_RELEASED))


def _forget_old(tx: Tx, use: KeyUse, at: datetime) -> None:
    """Drop this principal's keys after 24 hours."""
    over = KEYS.c.claimed_at < to_micros(at - KEPT)
    tx.execute(KEYS.delete().where(KEYS.c.principal == use.principal, over))


def _is(use: KeyUse) -> sa.ColumnElement[bool]:
    return sa.and_(KEYS.c.principal == use.principal, KEYS.c.idempotency_key == use.key)


def _place(use: KeyUse) -> str:
    return f"idempotency_keys/{use.principal}/{use.key}"


def _to_bytes(answer: StoredAnswer) -> bytes:
    body = base64.b64encode(answer.body if answer.repeated is None else answer.repeated).decode()
    return json.dumps({"status": answer.status, "headers": answer.headers, "body": body}).encode()


def _from_bytes(content: bytes) -> StoredAnswer:
    value = json.loads(content)
    headers = tuple((name, text) for name, text in value["headers"])
    return StoredAnswer(status=value["status"], headers=headers, body=base64.b64decode(value["body"]))
