"""Documents in and out of citizens' vaults.

Knows the order of things: key, ciphertext, store, catalogue. Must not decide who may read: see `vault.access`.
"""

import hashlib
import os
from datetime import datetime, timedelta
from typing import Final

from vault.catalogue import DescribedDocument, StagedFile
from vault.catalogue_sql import Documents, NewState, Tx, VaultKeys
from vault.citizen_vault.contents import EncryptedContents
from vault.citizen_vault.sealing import content_tag, lookup_tag, new_document, number_tag, opened_details
from vault.citizen_vault.upkeep import Upkeep
from vault.citizen_vault.work import WorkShelf
from vault.envelope import CitizenKey, KeyRing, Randomness, binding
from vault.errors import DocumentNotFound, IntegrityMismatch, VaultNotFound
from vault.model import (
    CitizenId,
    DocumentDraft,
    DocumentId,
    DocumentState,
    FileRole,
    StoredDocument,
    StoredFile,
)
from vault.naming import Area
from vault.store import ObjectStore

DEFAULT_RETENTION: Final = timedelta(days=3652)
"""How long a document without its own term is protected at first: ten years."""


class CitizenVault:
    """All citizens' vaults on one store.

    Args:
        store: where the ciphertext lives.
        ring: key-encryption keys.
        index_key: 32 bytes; recognises presented files (see `sealing.lookup_tag`).
        randomness: source of keys, salts and names.
    """

    def __init__(
        self, store: ObjectStore, ring: KeyRing, index_key: bytes, randomness: Randomness = os.urandom
    ) -> None:
        self._ring = ring
        self._index_key = index_key
        self._contents = EncryptedContents(store, randomness)
        self.work = WorkShelf(self._contents, self._key)
        """Intermediate results: encrypted, deletable."""
        self.upkeep = Upkeep(self._contents, ring, DEFAULT_RETENTION)
        """Protection, sweeping, scrubbing, key checks."""

    def open_vault(self, tx: Tx, owner: CitizenId, at: datetime) -> CitizenKey:
        """The citizen's key; the vault is made with a new one when there is none.

        Raises:
            KeyMismatch: the key-encryption key is missing or wrong.
        """
        keys = VaultKeys(tx)
        found = keys.find(owner)
        if found is not None:
            return self._ring.unwrap(owner, found)
        self.upkeep.check_keys(tx, at)
        key = CitizenKey.generate(owner, self._contents.randomness)
        if keys.add(owner, self._ring.wrap(key), at):
            return key
        return self._key(tx, owner)

    def stage(
        self,
        key: CitizenKey,
        *,
        document_id: DocumentId,
        role: FileRole,
        media_type: str,
        content: bytes,
        generation: int = 1,
    ) -> StagedFile:
        """Encrypt, write and read back a file; it belongs to nothing until `commit`, and is swept if that fails.

        Needs no transaction, so that no lock is held while the store works.

        Raises:
            StoreUnavailable: try again. IntegrityMismatch: the store gave back something else.
        """
        # a file's content never changes (I24): another content is another generation
        bound_to = binding(key.owner, f"{document_id}/{role.value}", generation, media_type)
        written = self._contents.write(key, Area.WORM, content, bound_to)
        return StagedFile(
            owner=key.owner,
            document_id=document_id,
            role=role,
            media_type=media_type,
            size=written.size,
            object_name=written.object_name,
            stored_size=written.stored_size,
            stored_sha256=written.stored_sha256,
            content_tag=content_tag(key, written.sha256),
            lookup_tag=lookup_tag(self._index_key, written.sha256),
            generation=generation,
        )

    def commit(self, tx: Tx, draft: DocumentDraft, staged: tuple[StagedFile, ...], at: datetime) -> StoredDocument:
        """Make the staged files a document, visible when the caller's transaction commits.

        Raises:
            DuplicateDocument: the owner holds this paper (type and number) already; names it.
            AlreadyStored: this document id is in the vault already (a repeated job).
            ValueError: the files were staged for another document or owner, or a role twice.
        """
        if not staged or any((file.owner, file.document_id) != (draft.owner, draft.document_id) for file in staged):
            raise ValueError("files staged for another document")
        if len({file.role for file in staged}) != len(staged):
            raise ValueError("a document has one file in each role")
        return Documents(tx).add(new_document(draft, staged, self._key(tx, draft.owner)), at)

    def add_archive(self, tx: Tx, document: StoredDocument, staged: StagedFile) -> None:
        """Add the next archive file to a document, visible when the caller's transaction commits.

        Raises:
            AlreadyStored: somebody was faster. ValueError: staged for another document, or not as its next archive.
        """
        newest = document.file(FileRole.ARCHIVE)
        wanted = (
            document.owner,
            document.document_id,
            FileRole.ARCHIVE,
            1 if newest is None else newest.generation + 1,
        )
        if (staged.owner, staged.document_id, staged.role, staged.generation) != wanted:
            raise ValueError("staged for another place")
        Documents(tx).add_file(staged)

    def read(self, tx: Tx, document_id: str, role: FileRole) -> bytes:
        """A file's content, after every check.

        Raises:
            DocumentNotFound: no such document, or no file in this role.
            IntegrityMismatch: what is stored is not what was stored, or the file is in quarantine. Record it
                with `quarantine` in a transaction of its own and serve nothing.
            StoreUnavailable: the store did not answer.
        """
        document = Documents(tx).get(document_id)
        file = document.file(role)
        if file is None:
            raise DocumentNotFound("no file in this role")
        return self.read_file(tx, document, file)

    def read_file(self, tx: Tx, document: StoredDocument, file: StoredFile) -> bytes:
        """The content of one of the document's files; raises as `read`."""
        if file.quarantined_at is not None:
            raise IntegrityMismatch("quarantined")
        key = self._key(tx, document.owner)
        bound_to = binding(
            document.owner, f"{document.document_id}/{file.role.value}", file.generation, file.media_type
        )
        content = self._contents.read(key, file.object_name, file.stored_sha256, bound_to)
        if content_tag(key, hashlib.sha256(content).digest()) != file.content_tag:
            raise IntegrityMismatch("content_tag")
        return content

    def describe(self, tx: Tx, document_id: str) -> DescribedDocument:
        """The document with its details opened; `DocumentNotFound`, `IntegrityMismatch`."""
        documents = Documents(tx)
        return self._described(tx, documents, documents.get(document_id))

    def list_documents(
        self, tx: Tx, owner: CitizenId, *, limit: int, before: str | None = None, type_code: str | None = None
    ) -> tuple[DescribedDocument, ...]:
        """The citizen's documents, newest first, with details; `before` is the last page's last id."""
        documents = Documents(tx)
        found = documents.of_citizen(owner, limit=limit, before=before, type_code=type_code)
        return tuple(self._described(tx, documents, document) for document in found)

    def held(self, tx: Tx, owner: CitizenId, type_codes: frozenset[str], at: datetime) -> tuple[StoredDocument, ...]:
        """The citizen's active, valid documents of these types: what need not be asked for again (I33)."""
        found = (
            document
            for type_code in sorted(type_codes)
            for document in Documents(tx).of_citizen(owner, limit=50, type_code=type_code)
        )
        return tuple(each for each in found if each.state is DocumentState.ACTIVE and each.is_valid_at(at))

    def find_number(self, tx: Tx, owner: CitizenId, type_code: str, document_number: str) -> DocumentId | None:
        """The owner's active document of this type and number: link it instead of storing a copy (S33)."""
        if VaultKeys(tx).find(owner) is None:
            return None
        tag = number_tag(self._key(tx, owner), type_code, document_number)
        return None if tag is None else Documents(tx).with_number(owner, tag)

    def find_content(self, tx: Tx, sha256: bytes) -> StoredDocument | None:
        """The newest document that has a file with this SHA-256 (32 bytes): "is this file known here?"."""
        return Documents(tx).with_content(lookup_tag(self._index_key, sha256))

    def change_state(self, tx: Tx, change: NewState) -> bool:
        """Change a document's state unless somebody was faster; contents never change."""
        return Documents(tx).change_state(change)

    def quarantine(self, tx: Tx, document_id: str, role: FileRole, reason: str, at: datetime) -> bool:
        """Never serve this file again until a person has looked; whether this is news."""
        file = Documents(tx).get(document_id).file(role)
        return file is not None and Documents(tx).quarantine(file.object_name, reason, at)

    def _described(self, tx: Tx, documents: Documents, document: StoredDocument) -> DescribedDocument:
        sealed = documents.sealed_details(document.document_id)
        details = opened_details(self._key(tx, document.owner), document.document_id, sealed)
        return DescribedDocument(document=document, details=details)

    def _key(self, tx: Tx, owner: CitizenId) -> CitizenKey:
        found = VaultKeys(tx).find(owner)
        if found is None:
            raise VaultNotFound("no vault, or its key was destroyed")
        return self._ring.unwrap(owner, found)
