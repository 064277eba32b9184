"""The newest revision of a result's file and of its annexes: out of and into the encrypted work area of its owner.

Knows that a revision and the row that names it move together or not at all. Must not know what a revision adds.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime

from api.db import Tx
from api.records.annexes import ResultAnnex
from api.records.results import FILE_SLOT, ResultRecord, Results
from api.services import Services
from vault.errors import IntegrityMismatch, WorkNotFound
from vault.model import CitizenId


def load_revision(tx: Tx, record: ResultRecord, services: Services) -> bytes:
    """The newest revision, which is the one that the row names.

    Raises:
        WorkNotFound: there is none yet. IntegrityMismatch: it is not the one that was stored.
    """
    if record.file_sha256 is None:
        raise WorkNotFound  # not typeset yet, or its number was given back
    pdf = services.vault.work.read(tx, record.result_id, FILE_SLOT).content
    if hashlib.sha256(pdf).hexdigest() != record.file_sha256:
        raise IntegrityMismatch("revision")
    return pdf


def load_annex(tx: Tx, annex: ResultAnnex, services: Services) -> bytes:
    """The newest revision of an annex, which is the one that its row names: sealed, or as it was drawn.

    Raises:
        IntegrityMismatch: it is not the one that was stored.
    """
    slot = annex.plain_slot if annex.sealed_sha256 is None else annex.sealed_slot
    pdf = services.vault.work.read(tx, annex.result_id, slot).content
    if hashlib.sha256(pdf).hexdigest() != (annex.sealed_sha256 or annex.plain_sha256):
        raise IntegrityMismatch("annex")
    return pdf


def store_revision(
    record: ResultRecord,
    pdf: bytes,
    services: Services,
    at: datetime,
    *,
    within: Callable[[Tx, ResultRecord], None] | None = None,
    **changes: object,
) -> ResultRecord:
    """Write the revision, then move the row with ``changes`` in one transaction with whatever ``within`` adds to it.

    Raises:
        VersionConflict: somebody else moved the result meanwhile; the written object is garbage and is swept.
    """
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(record.owner_subject), at)
    staged = services.vault.work.stage(
        key, record_id=record.result_id, slot=FILE_SLOT, media_type="application/pdf", content=pdf, at=at
    )
    with services.db.transaction() as tx:
        changed = Results(tx).change(record, at=at, **changes)
        services.vault.work.keep(tx, staged)
        if within is not None:
            within(tx, changed)
    return changed
