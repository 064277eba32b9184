"""Consents in SQL."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from vault.catalogue_sql.tables import CONSENT_DOCUMENTS, CONSENTS, read_time
from vault.errors import ConsentNotFound
from vault.ledger import from_micros, micros
from vault.model import CitizenId, Consent, ConsentedDocument, DocumentId


class Consents:
    """Consents in one transaction."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def add(self, consent: Consent) -> None:
        """Record a consent with its documents."""
        self._tx.execute(
            CONSENTS.insert().values(
                consent_id=consent.consent_id,
                citizen_id=consent.owner,
                receiver_dossier_id=consent.receiver_dossier_id,
                receiver_org=consent.receiver_org,
                purpose=consent.purpose,
                granted_at=micros(consent.granted_at),
                granted_by=consent.granted_by,
                expires_at=micros(consent.expires_at),
                single_use=consent.single_use,
            )
        )
        for document in consent.documents:
            self._tx.execute(
                CONSENT_DOCUMENTS.insert().values(
                    consent_id=consent.consent_id,
                    document_id=document.document_id,
                    content_tag=document.content_tag,
                )
            )

    def get(self, consent_id: str) -> Consent:
        """The consent; `ConsentNotFound`."""
        row = self._tx.execute(sa.select(CONSENTS).where(CONSENTS.c.consent_id == consent_id)).one_or_none()
        if row is None:
            raise ConsentNotFound("no such consent")
        return self._consent(row)

    def of_citizen(self, owner: CitizenId, *, limit: int, before: str | None = None) -> tuple[Consent, ...]:
        """The citizen's consents, newest first; `before` is the id that the last page ended with."""
        statement = (
            sa.select(CONSENTS)
            .where(CONSENTS.c.citizen_id == owner)
            .order_by(CONSENTS.c.consent_id.desc())
            .limit(limit)
        )
        if before is not None:
            statement = statement.where(CONSENTS.c.consent_id < before)
        return tuple(self._consent(row) for row in self._tx.execute(statement).all())

    def for_reader(self, document_id: str, org_code: str) -> tuple[Consent, ...]:
        """The consents under which this agency may look at the document, live or not."""
        statement = (
            sa.select(CONSENTS)
            .join(CONSENT_DOCUMENTS, CONSENT_DOCUMENTS.c.consent_id == CONSENTS.c.consent_id)
            .where(CONSENT_DOCUMENTS.c.document_id == document_id, CONSENTS.c.receiver_org == org_code)
        )
        return tuple(self._consent(row) for row in self._tx.execute(statement).all())

    def spend(self, consent_id: str, document_id: str, at: datetime) -> bool:
        """Use up a single-use consent for a document; of many at once exactly one gets True."""
        done = self._tx.execute(
            sa.update(CONSENT_DOCUMENTS)
            .where(
                CONSENT_DOCUMENTS.c.consent_id == consent_id,
                CONSENT_DOCUMENTS.c.document_id == document_id,
                CONSENT_DOCUMENTS.c.spent_at.is_(None),
            )
            .values(spent_at=micros(at))
        )
        return done.rowcount == 1

    def withdraw(self, consent_id: str, at: datetime) -> bool:
        """End a consent; False when it was withdrawn before."""
        done = self._tx.execute(
            sa.update(CONSENTS)
            .where(CONSENTS.c.consent_id == consent_id, CONSENTS.c.withdrawn_at.is_(None))
            .values(withdrawn_at=micros(at))
        )
        return done.rowcount == 1

    def lock(self, consent_id: str) -> None:
        """Let a withdrawal and a use of the same consent follow one another (SQLite's writers do anyway)."""
        statement = sa.select(CONSENTS.c.consent_id).where(CONSENTS.c.consent_id == consent_id)
        self._tx.execute(statement.with_for_update()).all()

    def _consent(self, row: sa.Row[tuple[object, ...]]) -> Consent:
        documents = self._tx.execute(
            sa.select(CONSENT_DOCUMENTS)
            .where(CONSENT_DOCUMENTS.c.consent_id == row.consent_id)
            .order_by(CONSENT_DOCUMENTS.c.document_id)
        )
        return Consent(
            consent_id=row.consent_id,
            owner=CitizenId(row.citizen_id),
            documents=tuple(
                ConsentedDocument(
                    document_id=DocumentId(each.document_id),
                    content_tag=each.content_tag,
                    spent_at=read_time(each.spent_at),
                )
                for each in documents
            ),
            receiver_dossier_id=row.receiver_dossier_id,
            receiver_org=row.receiver_org,
            purpose=row.purpose,
            granted_at=from_micros(row.granted_at),
            granted_by=row.granted_by,
            expires_at=from_micros(row.expires_at),
            single_use=row.single_use,
            withdrawn_at=read_time(row.withdrawn_at),
        )
