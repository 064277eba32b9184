"""Appends key uses from a process of its own."""

import hashlib
from datetime import UTC, datetime

from api.db import Database
from signing.key_use_sql import KeyUseLogSql
from signing.keys.recorded import KeyUse, KeyUseKind

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def use(number: int) -> KeyUse:
    digest = hashlib.sha256(number.to_bytes(4, "big")).hexdigest()
    return KeyUse(
        at=AT,
        key_id="key_1",
        algorithm="ecdsa_sha256",
        data_sha256=digest,
        signature_sha256=digest,
        kind=KeyUseKind.OTHER,
    )


def append_many(url: str, first: int, count: int) -> None:
    database = Database(url)
    log = KeyUseLogSql(database.transaction)
    for number in range(first, first + count):
        log.append(use(number))
    database.close()
