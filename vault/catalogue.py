"""What of a document the catalogue keeps open, what only sealed, and by which keyed tags it is found.

Knows: the forms in which titles, numbers and fields are sealed and compared. Must not know SQL or the store.
Open are ids, type, grade, state, agencies and times; everything that is written on the paper is sealed.
"""

import hashlib
import hmac
import json
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime

from vault.envelope import CitizenKey
from vault.model import CitizenId, DocumentDetails, DocumentDraft, DocumentId, FileRole, StoredDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedFile:
    """A file that is encrypted, written and read back, but not yet part of any document."""

    owner: CitizenId
    document_id: DocumentId
    role: FileRole
    media_type: str
    size: int
    object_name: str
    stored_size: int
    stored_sha256: str
    content_tag: str
    lookup_tag: str
    """HMAC of the plaintext's SHA-256 under the installation's index key: answers "is this file known here?"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """What is inserted for a draft: the open part, and the sealed rest."""

    draft: DocumentDraft
    sealed_details: bytes = field(repr=False)
    number_tag: str | None
    files: tuple[StagedFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedDocument:
    """A document with what is written on it, for somebody who may read it."""

    document: StoredDocument
    details: DocumentDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkEntry:
    """Where an intermediate result is kept."""

    record_id: str
    """The application's record that it belongs to, such as `dig_…`."""
    slot: str
    """Which of the record's results, such as `source` or `page-1`."""
    owner: CitizenId
    media_type: str
    size: int
    object_name: str
    stored_size: int
    stored_sha256: str
    created_at: datetime


def new_document(draft: DocumentDraft, files: tuple[StagedFile, ...], key: CitizenKey) -> NewDocument:
    """The draft ready for the catalogue, its details sealed with the owner's key."""
    return NewDocument(
        draft=draft,
        sealed_details=key.seal(details_place(draft.document_id), _details_bytes(draft.details)),
        number_tag=number_tag(key, draft.type_code, draft.details.document_number),
        files=files,
    )


def details_place(document_id: DocumentId) -> str:
    """The row and column that sealed details are bound to."""
    return f"vault_documents/{document_id}/details"


def opened_details(key: CitizenKey, document_id: DocumentId, sealed: bytes) -> DocumentDetails:
    """The details again; `IntegrityMismatch` when they were changed or moved."""
    found = json.loads(key.unseal(details_place(document_id), sealed))
    issued_on = found["issued_on"]
    return DocumentDetails(
        title=found["title"],
        document_number=found["document_number"],
        issued_on=None if issued_on is None else date.fromisoformat(issued_on),
        signer_name=found["signer_name"],
        abstract=found["abstract"],
        fields=tuple((name, value) for name, value in found["fields"]),
    )


def content_tag(key: CitizenKey, sha256: bytes) -> str:
    """The tag by which equal contents are known inside one vault (facts: never across vaults)."""
    return key.tag("content", sha256)


def lookup_tag(index_key: bytes, sha256: bytes) -> str:
    """The tag by which a presented file is recognised; useless without the installation's index key."""
    return hmac.digest(index_key, b"anso/vault/lookup\x00" + sha256, "sha256").hex()


def number_tag(key: CitizenKey, type_code: str, document_number: str | None) -> str | None:
    """The tag by which the same paper (owner, type, number) is recognised; None without a number."""
    if document_number is None:
        return None
    # "27 / TLKS-UBND" and "27/tlks-ubnd" are the same number
    normal = "".join(unicodedata.normalize("NFC", document_number).upper().split())
    return key.tag("number", hashlib.sha256(f"{type_code}\x00{normal}".encode()).digest())


def _details_bytes(details: DocumentDetails) -> bytes:
    document = {
        "title": _nfc(details.title),
        "document_number": _nfc(details.document_number),
        "issued_on": None if details.issued_on is None else details.issued_on.isoformat(),
        "signer_name": _nfc(details.signer_name),
        "abstract": _nfc(details.abstract),
        "fields": [[name, _nfc(value)] for name, value in details.fields],
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True).encode()


def _nfc(text: str | None) -> str | None:
    return None if text is None else unicodedata.normalize("NFC", text)
