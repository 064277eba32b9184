"""What a slow authority left open in a signed upload is added behind its signatures, as a durable job (I17, S25).

Only while the file is kept for its sender; who fetched it before completes the own copy by `anso augment`. The file is
parsed in a limited worker. Knows that no signed byte changes. An alarm names the preparation, never the file.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from api.callers import SYSTEM_CALLER
from api.db import Tx
from api.errors import NotFound
from api.records.signature_preparations import SIGNED_SLOT, SignaturePreparation, SignaturePreparations
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.pending_stamps import (
    COMPLETE_LEVELS,
    counting_failures,
    is_patient,
    note_complete,
    note_given_up,
    note_pending,
)
from api.usecases.signed_uploads import with_late_stamp, with_status
from api.usecases.signing_certificate import certificate_of
from api.usecases.token_credential import token_credential
from signing.errors import EvidenceUnavailable
from signing.pades import SignedPdf
from signing.pades.isolated import Chain
from vault.model import CitizenId

JOB_KIND: Final = "late_upload"
_STAMPED: Final = "B-T"
_PDF: Final = "application/pdf"


def enqueue_if_incomplete(
    tx: Tx, preparation_id: str, services: Services, at: datetime, *, signed: SignedPdf, base_length: int, org_code: str
) -> None:
    """Have time-stamp or evidence added later, if something is missing.

    Args:
        tx: the transaction in which the file is kept.
        preparation_id: whose file it is.
        services: of this process.
        at: now.
        signed: the file.
        base_length: tells our signature from what others signed before: their status is not ours to prove.
        org_code: the signer's agency, or `NO_AGENCY`.
    """
    if signed.level in COMPLETE_LEVELS:
        return
    note_pending(
        tx,
        preparation_id,
        level=signed.level,
        kind=JOB_KIND,
        payload={"preparation_id": preparation_id, "base_length": str(base_length)},
        org_code=org_code,
        services=services,
        at=at,
    )


def complete_upload(services: Services, payload: Mapping[str, str], progress: Callable[[int, int, str], None]) -> None:
    """The job's body; done twice, it does nothing the second time.

    Raises:
        TimestampUnavailable, EvidenceUnavailable: still not to be had; the queue tries again. Of a file that waits for
        both the time-stamp is kept (B-T) and not asked for again.
    """
    at = services.clock()
    waiting = _waiting(payload["preparation_id"], services, at)
    if waiting is None:
        with services.db.transaction() as tx:
            note_given_up(tx, payload["preparation_id"], at)
        return
    found, signed, known = waiting
    progress(0, 1, "evidence")
    with counting_failures(found.preparation_id, services, at):
        if signed.level != _STAMPED:
            signed = with_late_stamp(signed, services, at, patient=is_patient(found.preparation_id, services))
        try:
            complete = with_status(signed, int(payload["base_length"]), known, services, at)
        except EvidenceUnavailable:
            if signed.sha256 != found.file_sha256:
                _keep(found, signed, services, at)
            raise
    _keep(found, complete, services, at)
    progress(1, 1, "evidence")


def _waiting(
    preparation_id: str, services: Services, at: datetime
) -> tuple[SignaturePreparation, SignedPdf, Chain] | None:
    """The file that lacks something, and the chain of its signer; None: it is complete, or not kept any more."""
    with services.db.reading() as tx:
        try:
            found = SignaturePreparations(tx).get(preparation_id)
        except NotFound:
            return None
        level = found.signature_level or ""
        if level in COMPLETE_LEVELS or found.kept_until is None or found.kept_until < at:
            return None
        content = services.vault.work.read(tx, preparation_id, SIGNED_SLOT).content
        chain = token_credential(tx, certificate_of(tx, found.certificate_id)).chain
    signed = SignedPdf(pdf=content, sha256=found.file_sha256 or "", level=level, field_name="")
    return found, signed, chain


def _keep(found: SignaturePreparation, signed: SignedPdf, services: Services, at: datetime) -> None:
    work = services.vault.work
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(found.owner_subject), at)
    staged = work.stage(
        key, record_id=found.preparation_id, slot=SIGNED_SLOT, media_type=_PDF, content=signed.pdf, at=at
    )
    event = event_of(
        SYSTEM_CALLER,
        "complete_upload",
        at,
        object_type="signature_preparation",
        object_id=found.preparation_id,
        owner_id=found.owner_subject,
        details=(("file_sha256", signed.sha256), ("level", signed.level)),
    )
    with services.db.transaction() as tx:
        improved = SignaturePreparations(tx).improve(found, file_sha256=signed.sha256, signature_level=signed.level)
        if improved:  # else it was forgotten, or another run was first
            work.keep(tx, staged)
            services.audit.append(tx, event)
            if signed.level in COMPLETE_LEVELS:
                note_complete(tx, found.preparation_id, at)
