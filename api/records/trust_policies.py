"""The trust policy files that were put into force, with their bytes, so that a report of any day can be explained.

Knows one table, as migration 0013 makes it. Must not know how a file is checked. Rows are only ever added.
"""

import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros

METADATA = sa.MetaData()

TRUST_POLICIES = sa.Table(
    "trust_policies",
    METADATA,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("profile", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("valid_from", sa.BigInteger, nullable=False),
    sa.Column("valid_to", sa.BigInteger),
    sa.Column("loaded_at", sa.BigInteger, nullable=False),
    sa.Column("signed_by", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("profile", "version", name="uq_trust_policies_version"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPolicy:
    """One file as it was put into force."""

    sha256: str
    profile: str
    version: int
    valid_from: datetime
    valid_to: datetime | None
    loaded_at: datetime
    """When this installation first accepted it."""
    signed_by: tuple[str, ...]
    """Ids of the officers."""
    content: bytes


class TrustPolicies:
    """Recorded policies in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def digests(self) -> dict[tuple[str, int], str]:
        """Digest of every recorded file by profile and version."""
        columns = TRUST_POLICIES.c
        rows = self._tx.execute(sa.select(columns.profile, columns.version, columns.sha256))
        return {(row.profile, row.version): row.sha256 for row in rows}

    def all(self) -> tuple[RecordedPolicy, ...]:
        """Every recorded file, by profile and version."""
        columns = TRUST_POLICIES.c
        rows = self._tx.execute(sa.select(TRUST_POLICIES).order_by(columns.profile, columns.version))
        return tuple(
            RecordedPolicy(
                sha256=row.sha256,
                profile=row.profile,
                version=row.version,
                valid_from=from_micros(row.valid_from),
                valid_to=None if row.valid_to is None else from_micros(row.valid_to),
                loaded_at=from_micros(row.loaded_at),
                signed_by=tuple(json.loads(row.signed_by)),
                content=row.content,
            )
            for row in rows
        )

    def add(self, policy: RecordedPolicy) -> bool:
        """Record a file; False when another process was faster."""
        try:
            with self._tx.begin_nested():
                self._tx.execute(
                    TRUST_POLICIES.insert().values(
                        sha256=policy.sha256,
                        profile=policy.profile,
                        version=policy.version,
                        valid_from=to_micros(policy.valid_from),
                        valid_to=None if policy.valid_to is None else to_micros(policy.valid_to),
                        loaded_at=to_micros(policy.loaded_at),
                        signed_by=json.dumps(policy.signed_by),
                        content=policy.content,
                    )
                )
        except sa.exc.IntegrityError:
            return False
        return True
