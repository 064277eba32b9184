"""Documents and their files in SQL."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from vault.catalogue import NewDocument, StagedFile
from vault.catalogue_sql.tables import DOCUMENTS, FILES, read_time, stored_time
from vault.errors import AlreadyStored, DocumentNotFound, DuplicateDocument
from vault.ledger import from_micros, micros
from vault.model import (
    CitizenId,
    DocumentId,
    DocumentState,
    FileRole,
    Grade,
    Origin,
    StoredDocument,
    StoredFile,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewState:
    """A change of a document's state, made against the version that was looked at."""

    document_id: DocumentId
    seen_version: int
    state: DocumentState


class Documents:
    """Documents in one transaction."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def add(self, new: NewDocument, at: datetime) -> StoredDocument:
        """Insert an active document with its files.

        Raises:
            DuplicateDocument: the owner has an active document of this type and number.
            AlreadyStored: this very document is in the vault already (a repeated job).
        """
        draft = new.draft
        if draft.supersedes is not None:
            self._supersede(draft.supersedes, draft.owner)
        try:
            # a savepoint: after a refused insert PostgreSQL would answer nothing more in this transaction
            with self._tx.begin_nested():
                self._tx.execute(DOCUMENTS.insert().values(_document_row(new, at)))
        except IntegrityError as err:
            held = None if new.number_tag is None else self.with_number(draft.owner, new.number_tag)
            if held is None:
                raise AlreadyStored("the document's id is taken") from err
            raise DuplicateDocument(held) from err
        for staged in new.files:
            self._tx.execute(FILES.insert().values(_file_row(staged)))
        return self.get(draft.document_id)

    def add_file(self, staged: StagedFile) -> None:
        """Add a file of the next generation to a document.

        Raises:
            AlreadyStored: it has a file of this role and generation already (a repeated or simultaneous job).
        """
        try:
            with self._tx.begin_nested():  # as in `add`
                self._tx.execute(FILES.insert().values(_file_row(staged)))
        except IntegrityError as err:
            raise AlreadyStored("the document has this generation of the file") from err

    def after(self, document_id: str, *, limit: int) -> tuple[StoredDocument, ...]:
        """Documents behind this id, oldest first: ids are in the order of their making."""
        statement = (
            sa.select(DOCUMENTS)
            .where(DOCUMENTS.c.document_id > document_id)
            .order_by(DOCUMENTS.c.document_id)
            .limit(limit)
        )
        rows = self._tx.execute(statement).all()
        files = self._files([row.document_id for row in rows])
        return tuple(_document(row, files[row.document_id]) for row in rows)

    def get(self, document_id: str) -> StoredDocument:
        """The document, without what is sealed; `DocumentNotFound`."""
        row = self._tx.execute(sa.select(DOCUMENTS).where(DOCUMENTS.c.document_id == document_id)).one_or_none()
        if row is None:
            raise DocumentNotFound("no such document")
        return _document(row, self._files([row.document_id])[row.document_id])

    def sealed_details(self, document_id: str) -> bytes:
        """The sealed details; `DocumentNotFound`."""
        statement = sa.select(DOCUMENTS.c.sealed_details).where(DOCUMENTS.c.document_id == document_id)
        found: bytes | None = self._tx.execute(statement).scalar_one_or_none()
        if found is None:
            raise DocumentNotFound("no such document")
        return found

    def of_citizen(
        self, owner: CitizenId, *, limit: int, before: str | None = None, type_code: str | None = None
    ) -> tuple[StoredDocument, ...]:
        """The citizen's documents, newest first; `before` is the id that the last page ended with."""
        statement = (
            sa.select(DOCUMENTS)
            .where(DOCUMENTS.c.citizen_id == owner)
            .order_by(DOCUMENTS.c.document_id.desc())
            .limit(limit)
        )
        if before is not None:
            statement = statement.where(DOCUMENTS.c.document_id < before)
        if type_code is not None:
            statement = statement.where(DOCUMENTS.c.type_code == type_code)
        rows = self._tx.execute(statement).all()
        files = self._files([row.document_id for row in rows])
        return tuple(_document(row, files[row.document_id]) for row in rows)

    def with_number(self, owner: CitizenId, number_tag: str) -> DocumentId | None:
        """The owner's active document of this type and number."""
        found: str | None = self._tx.execute(
            sa.select(DOCUMENTS.c.document_id).where(
                DOCUMENTS.c.citizen_id == owner,
                DOCUMENTS.c.number_tag == number_tag,
                DOCUMENTS.c.state == DocumentState.ACTIVE.value,
            )
        ).scalar_one_or_none()
        return None if found is None else DocumentId(found)

    def with_content(self, lookup_tag: str) -> StoredDocument | None:
        """The newest document one of whose files has this content."""
        statement = (
            sa.select(FILES.c.document_id)
            .where(FILES.c.lookup_tag == lookup_tag)
            .order_by(FILES.c.document_id.desc())
            .limit(1)
        )
        found: str | None = self._tx.execute(statement).scalar_one_or_none()
        return None if found is None else self.get(found)

    def change_state(self, change: NewState) -> bool:
        """Change the state if nobody changed the record meanwhile; whether it was done."""
        done = self._tx.execute(
            sa.update(DOCUMENTS)
            .where(DOCUMENTS.c.document_id == change.document_id, DOCUMENTS.c.version == change.seen_version)
            .values(state=change.state.value, version=change.seen_version + 1)
        )
        return done.rowcount == 1

    def move_custody(self, *, from_org: str, to_org: str) -> int:
        """Give the papers that an agency looks after to its successor; how many. Nothing else of them changes (I32)."""
        moved = self._tx.execute(
            DOCUMENTS.update().where(DOCUMENTS.c.custodian_org == from_org).values(custodian_org=to_org)
        )
        return moved.rowcount

    def quarantine(self, object_name: str, reason: str, at: datetime) -> bool:
        """Mark a file as not to be served; whether this is news."""
        done = self._tx.execute(
            sa.update(FILES)
            .where(FILES.c.object_name == object_name, FILES.c.quarantined_at.is_(None))
            .values(quarantined_at=micros(at), quarantine_reason=reason)
        )
        return done.rowcount == 1

    def mark_protected(self, object_name: str, until: datetime) -> None:
        """Note that the store keeps the object until then."""
        self._tx.execute(
            sa.update(FILES).where(FILES.c.object_name == object_name).values(protected_until=micros(until))
        )

    def unprotected(self, *, limit: int) -> tuple[tuple[StoredDocument, StoredFile], ...]:
        """Committed files that the store does not protect yet."""
        statement = (
            sa.select(FILES.c.object_name, FILES.c.document_id)
            .where(FILES.c.protected_until.is_(None), FILES.c.quarantined_at.is_(None))
            .limit(limit)
        )
        found = []
        for row in self._tx.execute(statement).all():
            document = self.get(row.document_id)
            found += [(document, file) for file in document.files if file.object_name == row.object_name]
        return tuple(found)

    def every_file(self) -> Iterator[StoredFile]:
        """All files in order of their names, streamed, for the scrubber."""
        statement = sa.select(FILES).order_by(FILES.c.object_name)
        with self._tx.execute(statement, execution_options={"yield_per": 500}) as result:
            for row in result:
                yield _file(row)

    def knows_object(self, object_name: str) -> bool:
        """Whether a document has this object."""
        return (
            self._tx.execute(sa.select(FILES.c.object_name).where(FILES.c.object_name == object_name)).one_or_none()
            is not None
        )

    def _supersede(self, document_id: DocumentId, owner: CitizenId) -> None:
        old = self.get(document_id)
        if old.owner != owner:
            raise DocumentNotFound("no such document in this vault")
        self.change_state(NewState(document_id=document_id, seen_version=old.version, state=DocumentState.SUPERSEDED))

    def _files(self, document_ids: list[str]) -> dict[str, tuple[StoredFile, ...]]:
        found: dict[str, tuple[StoredFile, ...]] = dict.fromkeys(document_ids, ())
        statement = (
            sa.select(FILES).where(FILES.c.document_id.in_(document_ids)).order_by(FILES.c.role, FILES.c.generation)
        )
        for row in self._tx.execute(statement):
            found[row.document_id] += (_file(row),)
        return found


def _document_row(new: NewDocument, at: datetime) -> dict[str, object]:
    draft = new.draft
    return {
        "document_id": draft.document_id,
        "citizen_id": draft.owner,
        "type_code": draft.type_code,
        "grade": draft.grade.value,
        "origin": draft.origin.value,
        "state": DocumentState.ACTIVE.value,
        "version": 1,
        "issuing_org": draft.issuing_org,
        "custodian_org": draft.custodian_org,
        "source_dossier_id": draft.source_dossier_id,
        "digitised_by": draft.digitised_by,
        "valid_from": stored_time(draft.valid_from),
        "valid_to": stored_time(draft.valid_to),
        "retention_until": stored_time(draft.retention_until),
        "supersedes": draft.supersedes,
        "created_at": micros(at),
        "number_tag": new.number_tag,
        "sealed_details": new.sealed_details,
    }


def _file_row(staged: StagedFile) -> dict[str, object]:
    return {
        "object_name": staged.object_name,
        "document_id": staged.document_id,
        "role": staged.role.value,
        "media_type": staged.media_type,
        "size": staged.size,
        "stored_size": staged.stored_size,
        "stored_sha256": staged.stored_sha256,
        "content_tag": staged.content_tag,
        "lookup_tag": staged.lookup_tag,
        "generation": staged.generation,
    }


def _document(row: sa.Row[tuple[object, ...]], files: tuple[StoredFile, ...]) -> StoredDocument:
    return StoredDocument(
        document_id=DocumentId(row.document_id),
        owner=CitizenId(row.citizen_id),
        type_code=row.type_code,
        grade=Grade(row.grade),
        origin=Origin(row.origin),
        state=DocumentState(row.state),
        version=row.version,
        issuing_org=row.issuing_org,
        custodian_org=row.custodian_org,
        source_dossier_id=row.source_dossier_id,
        digitised_by=row.digitised_by,
        valid_from=read_time(row.valid_from),
        valid_to=read_time(row.valid_to),
        retention_until=read_time(row.retention_until),
        supersedes=None if row.supersedes is None else DocumentId(row.supersedes),
        created_at=from_micros(row.created_at),
        files=files,
    )


def _file(row: sa.Row[tuple[object, ...]]) -> StoredFile:
    return StoredFile(
        document_id=DocumentId(row.document_id),
        role=FileRole(row.role),
        media_type=row.media_type,
        size=row.size,
        object_name=row.object_name,
        stored_size=row.stored_size,
        stored_sha256=row.stored_sha256,
        content_tag=row.content_tag,
        protected_until=read_time(row.protected_until),
        quarantined_at=read_time(row.quarantined_at),
        generation=row.generation,
    )
