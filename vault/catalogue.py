"""What the catalogue keeps of a document: ids, type, grade, state, agencies and times in the open, the rest sealed.

Knows what goes in and comes out, and the form in which details are sealed. Must not know keys, SQL or the store.
"""

import json
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime

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
    generation: int = 1


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


def details_bytes(details: DocumentDetails) -> bytes:
    """Details as they are sealed: JSON, names in NFC."""
    document = {
        "title": _nfc(details.title),
        "document_number": _nfc(details.document_number),
        "issued_on": None if details.issued_on is None else details.issued_on.isoformat(),
        "signer_name": _nfc(details.signer_name),
        "abstract": _nfc(details.abstract),
        "fields": [[name, _nfc(value)] for name, value in details.fields],
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True).encode()


def parse_details(sealed_form: bytes) -> DocumentDetails:
    """The details in such bytes, which were authenticated when they were opened."""
    found = json.loads(sealed_form)
    issued_on = found["issued_on"]
    return DocumentDetails(
        title=found["title"],
        document_number=found["document_number"],
        issued_on=None if issued_on is None else date.fromisoformat(issued_on),
        signer_name=found["signer_name"],
        abstract=found["abstract"],
        fields=tuple((name, value) for name, value in found["fields"]),
    )


def normal_number(document_number: str) -> str:
    """The form in which numbers are compared: "27 / TLKS-UBND" and "27/tlks-ubnd" are the same number."""
    return "".join(unicodedata.normalize("NFC", document_number).upper().split())


def _nfc(text: str | None) -> str | None:
    return None if text is None else unicodedata.normalize("NFC", text)
