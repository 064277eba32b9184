"""A citizen lets one dossier use documents of the own vault, or of a minor's whose guardian the citizen is."""

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.ids import creation_id
from api.records.dossiers import Dossiers
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.vault_readers import caller_acts_for, wards_of
from vault.catalogue_sql import Consents, Documents
from vault.errors import AccessDenied, ConsentInvalid, ConsentNotFound
from vault.ledger import AuditEvent
from vault.model import Consent, ConsentedDocument, DocumentState, StoredDocument

DEFAULT_LIFE: Final = timedelta(days=30)
LONGEST_LIFE: Final = timedelta(days=366)
MOST_DOCUMENTS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantConsent:
    """What is permitted, to whom, why, until when."""

    document_ids: tuple[str, ...]
    receiver_dossier_id: str
    purpose: str
    """Short code, such as `school_enrolment`."""
    expires_at: datetime | None = None
    """None: thirty days from now."""
    single_use: bool = True


def grant_consent(command: GrantConsent, services: Services, caller: Caller, at: datetime) -> Consent:
    """Record the consent with the very contents that it covers.

    Raises:
        DocumentNotFound, AccessDenied: a document is not there, or not the caller's to share.
        NotFound: no such dossier.
        ConsentInvalid: no documents, not of one owner, not active, a dossier of somebody else, or an end that is
            past or too far away.
    """
    expires_at = command.expires_at or at + DEFAULT_LIFE
    consent_id = creation_id("con", at)
    with services.db.transaction() as tx:
        with contextlib.suppress(ConsentNotFound):
            return Consents(tx).get(consent_id)  # an earlier run of this request made it
        documents = _documents(tx, command, services, caller, at)
        dossier = Dossiers(tx).get(command.receiver_dossier_id)
        _require_sound(documents, expires_at, at)
        applicant, owner = dossier.applicant_subject_id, documents[0].owner
        if applicant != owner and not wards_of(tx, applicant, owner, services, at):
            raise ConsentInvalid("the dossier is of somebody else")
        consent = Consent(
            consent_id=consent_id,
            owner=owner,
            documents=tuple(_consented(document) for document in documents),
            receiver_dossier_id=dossier.dossier_id,
            receiver_org=dossier.handled_by,
            purpose=command.purpose,
            granted_at=at,
            granted_by=caller.account_id,
            expires_at=expires_at,
            single_use=command.single_use,
            withdrawn_at=None,
        )
        Consents(tx).add(consent)
        services.audit.append(tx, _event(consent, caller, at))
    return consent


def _documents(
    tx: Tx, command: GrantConsent, services: Services, caller: Caller, at: datetime
) -> tuple[StoredDocument, ...]:
    wanted = tuple(dict.fromkeys(command.document_ids))
    if not wanted or len(wanted) > MOST_DOCUMENTS:
        raise ConsentInvalid("name at least one document and not too many")
    documents = tuple(Documents(tx).get(document_id) for document_id in wanted)
    if not all(caller_acts_for(tx, caller, document.owner, services, at) for document in documents):
        raise AccessDenied("not_owner")
    return documents


def _require_sound(documents: tuple[StoredDocument, ...], expires_at: datetime, at: datetime) -> None:
    if len({document.owner for document in documents}) > 1:
        raise ConsentInvalid("the documents belong to different persons")
    if any(document.state is not DocumentState.ACTIVE for document in documents):
        raise ConsentInvalid("a document is not active")
    if not at < expires_at <= at + LONGEST_LIFE:
        raise ConsentInvalid("the consent must end in the future and within a year")


def _consented(document: StoredDocument) -> ConsentedDocument:
    file = document.evidential_file
    if file is None or file.quarantined_at is not None:
        raise ConsentInvalid("a document has no sound file")
    return ConsentedDocument(document_id=document.document_id, content_tag=file.content_tag, spent_at=None)


def _event(consent: Consent, caller: Caller, at: datetime) -> AuditEvent:
    return event_of(
        caller,
        "grant_consent",
        at,
        object_type="consent",
        object_id=consent.consent_id,
        owner_id=consent.owner,
        details=(("dossier", consent.receiver_dossier_id), ("receiver", consent.receiver_org)),
    )
