"""Reuse events in SQL: every try, accepted or refused, and what counts."""

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from vault.catalogue_sql.tables import REUSES
from vault.ledger import from_micros, micros
from vault.model import CitizenId, DocumentId, ReuseEvent, ReuseOutcome


class Reuses:
    """Reuse events in one transaction."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def add(self, event: ReuseEvent) -> ReuseEvent:
        """Record a try; gives it back as recorded: of two that would count for one component only one does."""
        try:
            with self._tx.begin_nested():
                self._insert(event)
        except IntegrityError:
            if not event.counted:
                raise
            event = replace(event, counted=False)
            self._insert(event)
        return event

    def _insert(self, event: ReuseEvent) -> None:
        self._tx.execute(
            REUSES.insert().values(
                reuse_id=event.reuse_id,
                document_id=event.document_id,
                content_tag=event.content_tag,
                citizen_id=event.owner,
                dossier_id=event.dossier_id,
                component_type=event.component_type,
                consent_id=event.consent_id,
                org_code=event.org_code,
                at=micros(event.at),
                outcome=event.outcome.value,
                refusal_code=event.refusal_code,
                counted=event.counted,
            )
        )

    def of_document(self, document_id: str) -> tuple[ReuseEvent, ...]:
        """The document's events, oldest first."""
        statement = sa.select(REUSES).where(REUSES.c.document_id == document_id).order_by(REUSES.c.reuse_id)
        return tuple(_event(row) for row in self._tx.execute(statement))

    def of_dossier(self, dossier_id: str) -> tuple[ReuseEvent, ...]:
        """The dossier's events, oldest first."""
        statement = sa.select(REUSES).where(REUSES.c.dossier_id == dossier_id).order_by(REUSES.c.reuse_id)
        return tuple(_event(row) for row in self._tx.execute(statement))


def _event(row: sa.Row[tuple[object, ...]]) -> ReuseEvent:
    return ReuseEvent(
        reuse_id=row.reuse_id,
        document_id=DocumentId(row.document_id),
        content_tag=row.content_tag,
        owner=CitizenId(row.citizen_id),
        dossier_id=row.dossier_id,
        component_type=row.component_type,
        consent_id=row.consent_id,
        org_code=row.org_code,
        at=from_micros(row.at),
        outcome=ReuseOutcome(row.outcome),
        refusal_code=row.refusal_code,
        counted=row.counted,
    )
