"""The job that reads a received paper: out of the encrypted source, through a limited process, back encrypted.

Done twice, it does nothing the second time. Nothing of the paper is in the job's row, its progress or the log.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from api.callers import SYSTEM_CALLER
from api.db import Tx
from api.records.digitisations import (
    COPY_SLOT,
    FIELDS_SLOT,
    READING_SLOT,
    SOURCE_SLOT,
    Digitisation,
    Digitisations,
    DigitisationState,
)
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.digitisation_fields import fields_of_reading, to_bytes
from digitize.errors import DigitizeError, SecretPaper, UnsafeInput
from digitize.model import Document
from digitize.pipeline import DigitisedDocument
from vault.ledger import Outcome
from vault.model import CitizenId

MAX_ATTEMPTS: Final = 3
"""A paper that killed its reader so often is given back to the officer instead of being tried for a day."""


def digitise_paper(services: Services, payload: Mapping[str, str], progress: Callable[[int, int, str], None]) -> None:
    """The job's body.

    Raises:
        DigitizeError: the reader failed and another try may help.
        VersionConflict, StoreUnavailable: the queue tries again.
    """
    at = services.clock()
    with services.db.transaction() as tx:
        record = Digitisations(tx).get(payload["digitisation_id"])
        if record.state is not DigitisationState.RECEIVED:
            return
        record = Digitisations(tx).change(record, at=at, attempts=record.attempts + 1)
        source = services.vault.work.read(tx, record.digitisation_id, SOURCE_SLOT).content
    try:
        read = services.digitiser.digitise(source, at=at, progress=progress)
    except DigitizeError as err:
        if err.retryable and record.attempts < MAX_ATTEMPTS:
            raise
        _give_up(record, err, services, at)
        return
    _keep(record, read, services, services.clock())


def give_up_digitisation(services: Services, payload: Mapping[str, str], error_code: str) -> None:
    """The job has failed for good: the paper does not wait for ever, and must be scanned again."""
    with services.db.reading() as tx:
        record = Digitisations(tx).get(payload["digitisation_id"])
    if record.state is DigitisationState.RECEIVED:
        _close(record, DigitisationState.FAILED, error_code, services, services.clock())


def _keep(record: Digitisation, read: DigitisedDocument, services: Services, at: datetime) -> None:
    """Keep what was read, encrypted; the row learns only codes and figures."""
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(record.owner_subject), at)
    contents = (
        (READING_SLOT, "application/json", json.dumps(read.document, ensure_ascii=False).encode()),
        (FIELDS_SLOT, "application/json", to_bytes(fields_of_reading(read.document))),
        (COPY_SLOT, "application/pdf", read.pdf),
    )
    staged = [
        services.vault.work.stage(
            key, record_id=record.digitisation_id, slot=slot, media_type=media_type, content=content, at=at
        )
        for slot, media_type, content in contents
    ]
    quality = _quality(read.document)
    with services.db.transaction() as tx:
        changed = Digitisations(tx).change(record, at=at, state=DigitisationState.EXTRACTED, **quality)
        for entry in staged:
            services.vault.work.keep(tx, entry)
        _append(tx, changed, services, at, outcome=Outcome.ALLOWED)


def _quality(document: Document) -> dict[str, object]:
    quality, pages = document["quality"], document["pages"]
    if not isinstance(quality, dict) or not isinstance(pages, list):
        raise TypeError("not a document of the reader")
    return {
        "document_type": document["document_type"],
        "confidence_permille": round(1000 * quality["confidence"]),
        "needs_human": quality["needs_human"],
        "findings": tuple(quality["findings"]),
        "page_count": len(pages),
    }


def _give_up(record: Digitisation, err: DigitizeError, services: Services, at: datetime) -> None:
    """Record why, and forget the paper: of a secret or unsafe one nothing may stay (I31), a failed one comes again."""
    state = DigitisationState.FAILED
    if isinstance(err, SecretPaper):
        state = DigitisationState.RETURNED
    elif isinstance(err, UnsafeInput):
        state = DigitisationState.QUARANTINED
    _close(record, state, err.code, services, at)


def _close(record: Digitisation, state: DigitisationState, code: str, services: Services, at: datetime) -> None:
    with services.db.transaction() as tx:
        changed = Digitisations(tx).change(record, at=at, state=state, error_code=code)
        garbage = services.vault.work.forget(tx, record.digitisation_id)
        _append(tx, changed, services, at, outcome=Outcome.REFUSED, reason_code=code)
    services.vault.work.discard(garbage, at)


def _append(
    tx: Tx,
    record: Digitisation,
    services: Services,
    at: datetime,
    *,
    outcome: Outcome,
    reason_code: str | None = None,
) -> None:
    services.audit.append(
        tx,
        event_of(
            SYSTEM_CALLER,
            "digitise_paper",
            at,
            object_type="digitisation",
            object_id=record.digitisation_id,
            owner_id=record.owner_subject,
            outcome=outcome,
            reason_code=reason_code,
        ),
    )
