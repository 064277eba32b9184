"""Reuse events in SQL: every try, accepted or refused, and what counts."""

from dataclasses import replace

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from vault.catalogue_sql.tables import REUSES
from vault.ledger import micros
from vault.model import DocumentId, ReuseEvent, ReuseOutcome


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

    def accepted_for(self, dossier_id: str) -> tuple[tuple[str, DocumentId], ...]:
        """Component type and document of what was accepted in a dossier; a document used twice stands once."""
        columns = REUSES.c
        rows = self._tx.execute(
            select(columns.component_type, columns.document_id)
            .where(columns.dossier_id == dossier_id, columns.outcome == ReuseOutcome.ACCEPTED.value)
            .distinct()
            .order_by(columns.component_type, columns.document_id)
        )
        return tuple((row.component_type, DocumentId(row.document_id)) for row in rows)

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
