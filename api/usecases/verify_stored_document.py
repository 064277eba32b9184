"""Somebody who may read a document of the vault has its file checked: read by the same rules, with the same record."""

from dataclasses import dataclass, field
from datetime import datetime

from api.callers import Caller
from api.services import Services
from api.usecases.judge_signatures import Terms
from api.usecases.read_document import ReadDocument, read_document
from api.usecases.verify_document import VerifyDocument, verify_document
from signing.validation import Report
from vault.errors import DocumentNotFound
from vault.model import FileRole


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyStoredDocument:
    """Which document, and what to judge it by."""

    document_id: str
    role: FileRole | None = None
    """None: the one that carries the legal value."""

    dossier_id: str | None = None
    """The dossier for which somebody in office reads; owner and guardian need none."""
    terms: Terms = field(default_factory=Terms)


def verify_stored_document(command: VerifyStoredDocument, services: Services, caller: Caller, at: datetime) -> Report:
    """The report about a stored file.

    Raises:
        DocumentNotFound, AccessDenied, IntegrityMismatch, StoreUnavailable: as for reading it.
        FileNotPdf: the file in this role is none. InputInvalid, WorkersBusy: as for every check.
    """
    wanted = ReadDocument(
        document_id=command.document_id, role=command.role, evidential=command.role is None,
        dossier_id=command.dossier_id,
    )  # fmt: skip
    file = read_document(wanted, services, caller, at).file
    if file is None:  # a role was asked for, so there is a file
        raise DocumentNotFound
    terms = command.terms
    found = VerifyDocument(
        pdf=file.content,
        policy_id=terms.policy_id,
        profile=terms.profile,
        then=terms.then,
        password=terms.password,
    )
    return verify_document(found, services, caller, at)
