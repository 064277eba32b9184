"""A dossier uses a stored document instead of asking for it again: consented, judged now, counted once."""

import contextlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.callers import Caller, Role
from api.db import Tx
from api.errors import Forbidden, NotFound
from api.ids import new_id
from api.records.dossiers import Dossier, Dossiers
from api.records.procedures import Procedures
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.signature_finding import find_signatures
from api.usecases.vault_readers import persons_of
from vault.catalogue_sql import Consents, Documents, Reuses
from vault.errors import ConsentNotFound, DocumentNotFound, IntegrityMismatch, ReuseRefused, ReuseRefusedConsent
from vault.ledger import AuditEvent, Outcome
from vault.model import CitizenId, Consent, Grade, ReuseEvent, ReuseOutcome, StoredDocument
from vault.reuse import Content, Judgement, Receiver, SignatureFinding, judge_reuse

_NOT_LOOKED_AT: Final = Content(is_intact=False, signatures=SignatureFinding.INDETERMINATE)
"""There is no ground to look at the content, or none that can be trusted: the judgement will refuse."""
_PRESUMED_GOOD: Final = Content(is_intact=True, signatures=SignatureFinding.VALID)
"""Asks whether anything but the content speaks against the use: then the content is not opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReuseDocument:
    """Which document, for which component of which dossier, on which consent."""

    consent_id: str
    document_id: str
    dossier_id: str
    component_type: str


def reuse_document(command: ReuseDocument, services: Services, caller: Caller, at: datetime) -> ReuseEvent:
    """Judge and record one use.

    1. The dossier must be the caller's; nothing is opened before that is known.
    2. If nothing else speaks against the use, the file is read, checked, and its signatures are verified: the slow
       part, without any lock.
    3. With the consent locked, everything is judged as it stands now (I25, I26).
    4. A single-use consent is spent; of two uses at once one finds it spent.
    5. The try is recorded with its outcome, counted if it counts (I27), and in the ledger: every refusal too (I28).

    Raises:
        NotFound: no such dossier. Forbidden: it is not the caller's.
        ReuseRefusedConsent: also when consent or document do not exist: no difference is shown.
        ReuseRefused: the leaf says why; the refused try is on record.
    """
    dossier = _dossier(command, services, caller, at)
    content = _content(command, dossier, services, at)
    event: ReuseEvent | None = None
    refusal: type[ReuseRefused] | None = ReuseRefusedConsent
    with services.db.transaction() as tx:
        Consents(tx).lock(command.consent_id)
        with contextlib.suppress(DocumentNotFound, ConsentNotFound):
            document, consent = Documents(tx).get(command.document_id), Consents(tx).get(command.consent_id)
            receiver = _receiver(tx, command, dossier, persons_of(tx, dossier, document.owner, services, at))
            judgement = judge_reuse(document, consent, receiver, content, at)
            if judgement.refusal is None and consent.single_use:
                judgement = _spent(tx, consent, document, judgement, at)
            event = Reuses(tx).add(_event(command, document, dossier, judgement, at))
            refusal = judgement.refusal
        code = None if refusal is None else refusal.code
        services.audit.append(tx, _audit_event(tx, command, event, code, caller=caller, at=at))
    if event is None or refusal is not None:
        raise refusal or ReuseRefusedConsent
    return event


def _dossier(command: ReuseDocument, services: Services, caller: Caller, at: datetime) -> Dossier:
    """The caller's dossier; that it is none of the caller's is on record before the caller hears of it."""
    try:
        with services.db.reading() as tx:
            return _own_dossier(tx, command.dossier_id, caller)
    except (NotFound, Forbidden) as err:
        with services.db.transaction() as tx:
            services.audit.append(tx, _audit_event(tx, command, None, err.code, caller=caller, at=at))
        raise


def _content(command: ReuseDocument, dossier: Dossier, services: Services, at: datetime) -> Content:
    """What reading the stored file and verifying it gives; damage goes into quarantine."""
    with services.db.reading() as tx:
        try:
            document, consent = Documents(tx).get(command.document_id), Consents(tx).get(command.consent_id)
        except (DocumentNotFound, ConsentNotFound):
            return _NOT_LOOKED_AT
        file = document.evidential_file
        receiver = _receiver(tx, command, dossier, persons_of(tx, dossier, document.owner, services, at))
        if file is None or judge_reuse(document, consent, receiver, _PRESUMED_GOOD, at).refusal is not None:
            return _NOT_LOOKED_AT
        try:
            content: bytes | None = services.vault.read_file(tx, document, file)
            reason = ""
        except IntegrityMismatch as err:
            content, reason = None, err.reason
    if content is None:
        with services.db.transaction() as tx:
            services.vault.quarantine(tx, document.document_id, file.role, reason, at)
        return _NOT_LOOKED_AT
    return Content(is_intact=True, signatures=find_signatures(content, file.media_type, services, at))


def _own_dossier(tx: Tx, dossier_id: str, caller: Caller) -> Dossier:
    dossier = Dossiers(tx).get(dossier_id)
    if caller.role is Role.CITIZEN:
        is_own = dossier.applicant_subject_id == caller.subject_id
    else:
        is_own = dossier.handled_by == caller.org_code
    if not is_own:
        raise Forbidden("Hồ sơ thuộc đơn vị hoặc người khác.", "The dossier belongs to somebody else.")
    return dossier


def _spent(tx: Tx, consent: Consent, document: StoredDocument, judgement: Judgement, at: datetime) -> Judgement:
    if Consents(tx).spend(consent.consent_id, document.document_id, at):
        return judgement
    return Judgement(refusal=ReuseRefusedConsent, counts=False)


def _receiver(tx: Tx, command: ReuseDocument, dossier: Dossier, applicants: frozenset[CitizenId]) -> Receiver:
    procedure = Procedures(tx).version(dossier.procedure_code, dossier.procedure_version)
    component = procedure.component(command.component_type)
    if component is None:
        return Receiver(
            dossier_id=dossier.dossier_id,
            applicants=applicants,
            accepted_types=frozenset(),
            accepted_grade=Grade.A_ORIGINAL,
        )
    return Receiver(
        dossier_id=dossier.dossier_id,
        applicants=applicants,
        accepted_types=frozenset({component.type_code, *component.substitute_result_codes}),
        accepted_grade=Grade(component.accepted_grade),
    )


def _event(
    command: ReuseDocument, document: StoredDocument, dossier: Dossier, judgement: Judgement, at: datetime
) -> ReuseEvent:
    refusal = judgement.refusal
    file = document.evidential_file
    return ReuseEvent(
        reuse_id=new_id("reu", at),
        document_id=document.document_id,
        content_tag=None if file is None else file.content_tag,
        owner=document.owner,
        dossier_id=dossier.dossier_id,
        component_type=command.component_type,
        consent_id=command.consent_id,
        org_code=dossier.handled_by,
        at=at,
        outcome=ReuseOutcome.ACCEPTED if refusal is None else ReuseOutcome.REFUSED,
        refusal_code=None if refusal is None else refusal.code,
        counted=judgement.counts,
    )


def _audit_event(
    tx: Tx,
    command: ReuseDocument,
    event: ReuseEvent | None,
    refusal_code: str | None,
    *,
    caller: Caller,
    at: datetime,
) -> AuditEvent:
    details = [("dossier", command.dossier_id), ("consent", command.consent_id)]
    if event is not None:
        details += [("reuse", event.reuse_id), ("counted", "yes" if event.counted else "no")]
    owner: CitizenId | None = None
    with contextlib.suppress(DocumentNotFound):
        owner = Documents(tx).get(command.document_id).owner  # the owner sees every try, also one without a consent
    return event_of(
        caller,
        "reuse_document",
        at,
        object_type="document",
        object_id=command.document_id,
        owner_id=owner,
        outcome=Outcome.ALLOWED if refusal_code is None else Outcome.REFUSED,
        reason_code=refusal_code,
        details=tuple(details),
    )
