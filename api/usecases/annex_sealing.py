"""The seals on a result's annexes: mark C with the number of the main document, set in the same act as its seal.

Knows annexes and their files. Must not know whether the result may be sealed: that was asked for the main file (I11
excepts files of form C). What lacks a time-stamp afterwards is completed by a job (I17).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.callers import SYSTEM_CALLER
from api.db import Tx
from api.records.annexes import ResultAnnex, ResultAnnexes
from api.records.results import ResultRecord, Results
from api.rendering.typeface import MARK_FONT
from api.services import Services
from api.usecases.authorised_signing import WaitingSignature
from api.usecases.pending_stamps import (
    COMPLETE_LEVELS,
    counting_failures,
    is_patient,
    note_complete,
    note_pending,
)
from api.usecases.result_events import result_event
from api.usecases.result_files import load_annex
from api.usecases.result_signing import PlannedSignature
from api.usecases.signing_parts import evidence_source, time_stamper
from api.usecases.token_credential import signing_credential
from signing.errors import EvidenceUnavailable
from signing.pades import SignedPdf, SigningRequest, TextMark, augment_pdf, prepare_signature, with_room
from vault.catalogue import WorkEntry
from vault.model import CitizenId

LATE_ANNEX: Final = "late_annex"
"""The job that completes an annex whose time-stamp or evidence was missing."""
FIELD_NAME: Final = "Annex"
_PDF: Final = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnexSeal:
    """One annex with its seal prepared."""

    annex: ResultAnnex
    waiting: WaitingSignature


def prepare_annexes(planned: PlannedSignature, services: Services, at: datetime) -> tuple[AnnexSeal, ...]:
    """The seals of the result's annexes up to their values, in order.

    Raises:
        IntegrityMismatch: a file is not the one that was appraised. DocumentNotSignable.
    """
    record = planned.record
    with services.db.reading() as tx:
        annexes = ResultAnnexes(tx).of_result(record.result_id)
        files = [load_annex(tx, one, services) for one in annexes]
        credential = signing_credential(tx, planned.certificate)
    mark = TextMark.for_annex(document_number=record.document_number or "", at=at, font=MARK_FONT.read_bytes())
    request = SigningRequest(
        credential=credential,
        field_name=FIELD_NAME,
        mark=mark,
        reason=f"Phụ lục kèm theo {record.document_number}",
        location=planned.certificate.organisation,
        certify=True,
        closes=True,
    )
    seals = []
    for annex, pdf in zip(annexes, files, strict=True):
        page = with_room(pdf, mark)
        prepared = prepare_signature(page, request, with_stamp=True, at=at)
        seals.append(AnnexSeal(annex=annex, waiting=WaitingSignature(pdf=page, prepared=prepared)))
    return tuple(seals)


def keeping_annexes(
    record: ResultRecord, sealed: Sequence[tuple[ResultAnnex, SignedPdf]], services: Services, at: datetime
) -> Callable[[Tx, ResultRecord], None]:
    """Write the sealed annexes; what is given back keeps them in the transaction that keeps the main file.

    Raises:
        StoreUnavailable.
    """
    staged = [_staged(record, annex, signed, services, at) for annex, signed in sealed]

    def keep(tx: Tx, _changed: ResultRecord) -> None:
        for (annex, signed), entry in zip(sealed, staged, strict=True):
            ResultAnnexes(tx).change(annex, at=at, sealed_sha256=signed.sha256, signature_level=signed.level)
            services.vault.work.keep(tx, entry)
            _note(tx, annex, signed, record.org_code, services, at)

    return keep


def complete_annex(services: Services, payload: Mapping[str, str], progress: Callable[[int, int, str], None]) -> None:
    """The body of the job `LATE_ANNEX`; done twice, it does nothing the second time.

    Raises:
        TimestampUnavailable, EvidenceUnavailable: still not to be had; the queue tries again.
        VersionConflict, StoreUnavailable: the queue tries again.
    """
    at = services.clock()
    with services.db.reading() as tx:
        annex = ResultAnnexes(tx).get(payload["annex_id"])
        if annex.sealed_sha256 is None or annex.signature_level in COMPLETE_LEVELS:
            return
        record = Results(tx).get(annex.result_id)
        pdf = load_annex(tx, annex, services)
    progress(0, 1, "timestamp")
    with counting_failures(annex.annex_id, services, at):
        stamp = time_stamper(services, at, patient=is_patient(annex.annex_id, services))
        signed = augment_pdf(pdf, stamp=stamp, evidence=evidence_source(services, at), at=at)
        if signed.level not in COMPLETE_LEVELS:
            raise EvidenceUnavailable("status evidence is still missing")
    entry = _staged(record, annex, signed, services, at)
    with services.db.transaction() as tx:
        Results(tx).change(record, at=at)
        ResultAnnexes(tx).change(annex, at=at, sealed_sha256=signed.sha256, signature_level=signed.level)
        services.vault.work.keep(tx, entry)
        note_complete(tx, annex.annex_id, at)
        event = result_event(
            "add_late_timestamp",
            record,
            SYSTEM_CALLER,
            at,
            details=(("annex", annex.annex_id), ("file_sha256", signed.sha256), ("level", signed.level)),
        )
        services.audit.append(tx, event)
    progress(1, 1, "timestamp")


def _staged(record: ResultRecord, annex: ResultAnnex, signed: SignedPdf, services: Services, at: datetime) -> WorkEntry:
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(record.owner_subject), at)
    return services.vault.work.stage(
        key, record_id=record.result_id, slot=annex.sealed_slot, media_type=_PDF, content=signed.pdf, at=at
    )


def _note(tx: Tx, annex: ResultAnnex, signed: SignedPdf, org_code: str, services: Services, at: datetime) -> None:  # noqa: PLR0917 - one transaction's parts
    if signed.level in COMPLETE_LEVELS:
        return
    note_pending(
        tx,
        annex.annex_id,
        level=signed.level,
        kind=LATE_ANNEX,
        payload={"annex_id": annex.annex_id},
        org_code=org_code,
        services=services,
        at=at,
    )
