"""Somebody reads a document's record or one of its files; every read, and every refused try, is in the ledger."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime

from api.callers import Caller
from api.db import Tx
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.vault_readers import decide, reader_of
from vault.access import Decision
from vault.catalogue import DescribedDocument
from vault.errors import AccessDenied, DocumentNotFound, IntegrityMismatch, VaultError
from vault.ledger import AuditEvent, Outcome
from vault.model import FileRole, StoredDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """Which document, and which of its files (None: only the record)."""

    document_id: str
    role: FileRole | None = None
    evidential: bool = False
    """The file that carries the legal value, whichever role it has; `role` is not asked for then."""

    dossier_id: str | None = None
    """The dossier for which somebody in office reads; owner and guardian need none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContent:
    """A file that passed every check."""

    content: bytes = field(repr=False)
    media_type: str
    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOutcome:
    """The record and, when asked for, the file."""

    described: DescribedDocument
    file: FileContent | None


def read_document(command: ReadDocument, services: Services, caller: Caller, at: datetime) -> ReadOutcome:
    """Give the document to somebody who may read it.

    1. The rules decide (`vault.access`).
    2. The file is read and checked; what does not agree goes into quarantine and is not served.
    3. The ledger has the read before anybody has the content: one transaction.

    Raises:
        DocumentNotFound: there is no such document or file. AccessDenied: there is, but not for this caller;
            both look the same from outside.
        IntegrityMismatch: what is stored is not what was stored. StoreUnavailable: the store does not answer.
    """
    refusal: VaultError | None = None
    outcome: ReadOutcome | None = None
    with services.db.transaction() as tx:
        described = services.vault.describe(tx, command.document_id)
        command = _resolved(command, described.document)
        owner = described.document.owner
        reader = reader_of(tx, caller, owner, services, at, dossier_id=command.dossier_id)
        decision = decide(tx, reader, described.document, at)
        try:
            outcome = _read(tx, command, described, decision, services)
        except (AccessDenied, DocumentNotFound, IntegrityMismatch) as err:
            refusal = err  # raised after the commit: a refusal and a quarantine must stay on record
            if isinstance(err, IntegrityMismatch) and command.role is not None:
                services.vault.quarantine(tx, command.document_id, command.role, err.reason, at)
        services.audit.append(tx, _event(command, described.document, decision, refusal, caller=caller, at=at))
    if refusal is not None:
        raise refusal
    if outcome is None:  # cannot be: without a refusal there is an outcome
        raise DocumentNotFound
    return outcome


def _resolved(command: ReadDocument, document: StoredDocument) -> ReadDocument:
    """A result's own signed file is its master; a paper's is the signed copy beside the scan."""
    if not command.evidential:
        return command
    file = document.evidential_file
    return replace(command, role=FileRole.SIGNED if file is None else file.role)


def _read(
    tx: Tx, command: ReadDocument, described: DescribedDocument, decision: Decision, services: Services
) -> ReadOutcome:
    if not decision.allowed:
        raise AccessDenied(decision.rule)
    if command.role is None:
        return ReadOutcome(described=described, file=None)
    file = described.document.file(command.role)
    if file is None:
        raise DocumentNotFound("no file in this role")
    content = services.vault.read_file(tx, described.document, file)
    return ReadOutcome(
        described=described,
        file=FileContent(content=content, media_type=file.media_type, sha256=hashlib.sha256(content).digest()),
    )


def _event(
    command: ReadDocument,
    document: StoredDocument,
    decision: Decision,
    refusal: VaultError | None,
    *,
    caller: Caller,
    at: datetime,
) -> AuditEvent:
    ended, details = Outcome.ALLOWED, [("ground", decision.rule)]
    if refusal is not None:
        ended = Outcome.FAILED if isinstance(refusal, IntegrityMismatch) else Outcome.REFUSED
    if command.role is not None:
        details.append(("file_role", command.role.value))
    if command.dossier_id is not None:
        details.append(("dossier", command.dossier_id))
    if decision.consent_id is not None:
        details.append(("consent", decision.consent_id))
    if isinstance(refusal, IntegrityMismatch):
        details.append(("mismatch", refusal.reason))
    return event_of(
        caller,
        "read_document" if command.role is None else "read_document_file",
        at,
        object_type="document",
        object_id=document.document_id,
        owner_id=document.owner,
        outcome=ended,
        reason_code=None if refusal is None else refusal.code,
        details=tuple(details),
    )
