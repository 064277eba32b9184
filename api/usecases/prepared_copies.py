"""Copies that wait for their seal: what is recorded of one, whether it is what was prepared, what nobody sealed.

Knows rows and work slots. Must not know where the key is, nor how the holder agrees.
"""

from datetime import datetime, timedelta
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.ids import new_id
from api.records.copies import CertifiedCopies, CertifiedCopy, CopyState
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.certified_copy import CopyRequest, PlannedSeal
from vault.ledger import AuditEvent

_ABANDONED_AFTER: Final = timedelta(hours=1)
"""An authorisation is confirmed within five minutes; what was prepared and never sealed is forgotten."""


def copy_record(planned: PlannedSeal, at: datetime) -> CertifiedCopy:
    """The copy as it begins: prepared, without number and file."""
    request, source = planned.request, planned.source
    return CertifiedCopy(
        copy_id=new_id("cpy", at),
        source_document_id=request.document_id,
        source_sha256=source.sha256,
        owner_subject=source.described.document.owner,
        dossier_id=request.dossier_id,
        org_code=source.agency.org_code,
        form=request.form,
        pages=request.pages,
        state=CopyState.PREPARED,
        certificate_id=request.certificate_id,
        made_by=source.post.subject_id,
        created_at=at,
        changed_at=at,
    )


def request_of(record: CertifiedCopy) -> CopyRequest:
    """What was asked for when the copy was prepared."""
    return CopyRequest(
        document_id=record.source_document_id,
        dossier_id=record.dossier_id,
        form=record.form,
        certificate_id=record.certificate_id,
        pages=record.pages,
    )


def is_of(record: CertifiedCopy, planned: PlannedSeal) -> bool:
    """Whether what was prepared is what was checked now: same clerk, agency, source, form, pages and seal."""
    now = copy_record(planned, record.created_at)
    names = ("source_document_id", "source_sha256", "dossier_id", "form", "pages", "certificate_id", "made_by")
    return all(getattr(record, name) == getattr(now, name) for name in (*names, "org_code"))


def add_prepared(tx: Tx, record: CertifiedCopy, services: Services, at: datetime) -> tuple[str, ...]:
    """Record a copy that waits for its seal, and forget those of its agency that nobody sealed.

    What is given back are the pages of those: to be discarded after the commit. A token may take longer than an hour.
    """
    longest = max(_ABANDONED_AFTER, timedelta(minutes=services.settings.preparation_minutes))
    copies, garbage = CertifiedCopies(tx), list[str]()
    for old in copies.abandoned(record.org_code, at - longest):
        garbage += services.vault.work.forget(tx, old.copy_id)
        copies.drop(old)
    copies.add(record)
    return tuple(garbage)


def copy_attempt(request: CopyRequest, caller: Caller, at: datetime) -> AuditEvent:
    """The line of the ledger about a copy that is refused."""
    return event_of(
        caller,
        "certify_copy",
        at,
        object_type="document",
        object_id=request.document_id,
        details=(("form", request.form.value), ("dossier", request.dossier_id)),
    )
