"""Sealing and tagging with citizens' keys: what the catalogue keeps is made and opened here.

Knows which key guards what. Must not know SQL or the store.
"""

import hashlib
import hmac

from vault.catalogue import NewDocument, StagedFile, details_bytes, normal_number, parse_details
from vault.envelope import CitizenKey
from vault.model import DocumentDetails, DocumentDraft, DocumentId


def new_document(draft: DocumentDraft, files: tuple[StagedFile, ...], key: CitizenKey) -> NewDocument:
    """The draft ready for the catalogue, its details sealed with the owner's key."""
    return NewDocument(
        draft=draft,
        sealed_details=key.seal(_place(draft.document_id), details_bytes(draft.details)),
        number_tag=number_tag(key, draft.type_code, draft.details.document_number),
        files=files,
    )


def opened_details(key: CitizenKey, document_id: DocumentId, sealed: bytes) -> DocumentDetails:
    """The details again; `IntegrityMismatch` when they were changed or moved."""
    return parse_details(key.unseal(_place(document_id), sealed))


def content_tag(key: CitizenKey, sha256: bytes) -> str:
    """The tag by which equal contents are known inside one vault, never across vaults."""
    return key.tag("content", sha256)


def lookup_tag(index_key: bytes, sha256: bytes) -> str:
    """The tag by which a presented file is recognised; useless without the installation's index key."""
    return hmac.digest(index_key, b"anso/vault/lookup\x00" + sha256, "sha256").hex()


def number_tag(key: CitizenKey, type_code: str, document_number: str | None) -> str | None:
    """The tag by which the same paper (owner, type, number) is recognised; None without a number."""
    if document_number is None:
        return None
    text = f"{type_code}\x00{normal_number(document_number)}"
    return key.tag("number", hashlib.sha256(text.encode()).digest())


def _place(document_id: DocumentId) -> str:
    """The row and column that sealed details are bound to."""
    return f"vault_documents/{document_id}/details"
