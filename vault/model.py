"""The vault's vocabulary: documents, their files, states and grades, consents, reuse events.

Knows values only. Must not know tables, keys, stores or who may do what.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

CitizenId = NewType("CitizenId", str)
"""`sub_…`: the natural person (or organisation) who owns a vault; never a personal number."""
DocumentId = NewType("DocumentId", str)
"""`doc_…`"""


class Grade(StrEnum):
    """How far a digitised paper can be trusted (model §1); the value is the letter."""

    A_ORIGINAL = "A"
    """Born digital, signatures of person and agency."""
    B_CERTIFIED_COPY = "B"
    """Electronic copy signed with the agency's certificate."""
    C_OFFICER_COPY = "C"
    """Scan signed with the reception officer's personal certificate."""
    D_UNVERIFIED = "D"
    """The citizen's own upload."""

    def reaches(self, wanted: "Grade") -> bool:
        """Whether this grade is at least as good as the wanted one."""
        return self.value <= wanted.value


class Origin(StrEnum):
    """Where the electronic document comes from."""

    BORN_DIGITAL = "born_digital"
    CONVERTED_FROM_PAPER = "converted_from_paper"


class DocumentState(StrEnum):
    """Life of a stored document (model §3.2)."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    RECALLED = "recalled"
    RESTRICTED = "restricted"
    DISPUTED = "disputed"
    DISPOSED = "disposed"


class FileRole(StrEnum):
    """Which of a document's files."""

    MASTER = "master"
    """What came in: the scan or photo as it was, or the born-digital original."""
    ACCESS = "access"
    """A rendition for reading."""
    SIGNED = "signed"
    """The signed PDF, the one with legal value."""
    ARCHIVE = "archive"
    """The same with later archive time-stamps: the file with legal value, continued; each renewal a file of its own."""


class ReuseOutcome(StrEnum):
    """How a try to reuse ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDetails:
    """What is written on the paper: personal, therefore only ever stored sealed with the citizen's key."""

    title: str = field(repr=False)
    document_number: str | None = field(default=None, repr=False)
    issued_on: date | None = field(default=None, repr=False)
    signer_name: str | None = field(default=None, repr=False)
    abstract: str | None = field(default=None, repr=False)
    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Confirmed (name, value) pairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDraft:
    """A document as its maker describes it, before it is in the vault."""

    document_id: DocumentId
    owner: CitizenId
    type_code: str
    grade: Grade
    origin: Origin
    details: DocumentDetails
    issuing_org: str | None
    custodian_org: str
    """Agency that answers for the paper now; a merger changes this and nothing else (I32)."""
    source_dossier_id: str | None
    """Dossier in which it came into being; there it never counts as reused (I27)."""
    digitised_by: str | None = None
    """Natural person who confirmed and signed the copy."""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    """First moment at which it is no longer valid; None: valid without end."""
    retention_until: datetime | None = None
    supersedes: DocumentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """One file of a stored document."""

    document_id: DocumentId
    role: FileRole
    media_type: str
    size: int
    """Bytes of the plaintext."""
    object_name: str
    stored_size: int
    stored_sha256: str
    """Of the ciphertext, hex: the scrubber needs no key."""
    content_tag: str
    """HMAC of the plaintext's SHA-256 under the citizen's key: equal content, equal tag, within one vault."""
    protected_until: datetime | None
    quarantined_at: datetime | None
    generation: int = 1
    """Counts files of one role: 1, but for archive files, of which each renewal adds one (I24)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A document in the vault, without what is sealed."""

    document_id: DocumentId
    owner: CitizenId
    type_code: str
    grade: Grade
    origin: Origin
    state: DocumentState
    version: int
    """Counts changes of the record (state, custodian); contents never change."""
    issuing_org: str | None
    custodian_org: str
    source_dossier_id: str | None
    digitised_by: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    retention_until: datetime | None
    supersedes: DocumentId | None
    created_at: datetime
    files: tuple[StoredFile, ...]

    def file(self, role: FileRole) -> StoredFile | None:
        """The newest file in that role, if there is one."""
        found = (each for each in self.files if each.role is role)
        return max(found, key=lambda each: each.generation, default=None)

    @property
    def evidential_file(self) -> StoredFile | None:
        """The file that carries the legal value: the signed one, else the master."""
        return self.file(FileRole.SIGNED) or self.file(FileRole.MASTER)

    @property
    def longest_file(self) -> StoredFile | None:
        """The file whose signatures can be checked longest: the newest archive file, else the evidential one."""
        return self.file(FileRole.ARCHIVE) or self.evidential_file

    def is_valid_at(self, at: datetime) -> bool:
        """Whether `at` lies in the paper's own validity period."""
        return (self.valid_from is None or self.valid_from <= at) and (self.valid_to is None or at < self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentedDocument:
    """A document under a consent, with the content that was consented to."""

    document_id: DocumentId
    content_tag: str
    spent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The owner's permission: which documents, for which dossier, why, until when."""

    consent_id: str
    owner: CitizenId
    documents: tuple[ConsentedDocument, ...]
    receiver_dossier_id: str
    receiver_org: str
    purpose: str
    granted_at: datetime
    granted_by: str
    """Account that gave it (the session is the proof)."""
    expires_at: datetime
    single_use: bool
    withdrawn_at: datetime | None

    def covers(self, document_id: str) -> ConsentedDocument | None:
        """The document's entry in this consent."""
        return next((each for each in self.documents if each.document_id == document_id), None)

    def is_live_at(self, at: datetime) -> bool:
        """Whether it was given, not withdrawn and not over at `at`."""
        return self.granted_at <= at < self.expires_at and (self.withdrawn_at is None or at < self.withdrawn_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReuseEvent:
    """One try to use a stored document in a dossier, accepted or refused."""

    reuse_id: str
    document_id: DocumentId
    content_tag: str | None
    owner: CitizenId
    dossier_id: str
    component_type: str
    consent_id: str
    org_code: str
    at: datetime
    outcome: ReuseOutcome
    refusal_code: str | None
    counted: bool
    """True once per dossier component: what the rate is made of (I27)."""
