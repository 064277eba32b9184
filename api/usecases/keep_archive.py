"""Archive care: before the newest time-stamp of a stored document loses its force, another one is put over it.

One bounded round: look at documents that are new (or were looked at under another policy), renew those that are due,
the most urgent first, and name in an alarm what could not be renewed. Each renewal is a new file of the document; no
stored byte is changed (I24). What a round leaves, the next one takes. Not to be called inside a transaction.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from api.callers import Caller, Role
from api.errors import ArchiveNotLonger
from api.ids import new_id
from api.records.accounts import Accounts
from api.records.archive_terms import ArchiveTerm, ArchiveTerms, Wanted
from api.records.outbox import Outbox
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.signing_parts import evidence_source, time_stamper
from signing.errors import SigningError
from signing.pades import augment_pdf
from signing.pades.protection import Protection, protection_of
from vault.catalogue_sql import Documents
from vault.errors import AlreadyStored, VaultError
from vault.ledger import AuditEvent
from vault.model import CitizenId, DocumentState, FileRole, Grade, Origin, StoredDocument, StoredFile

FAILURES: Final = 3
"""After so many tries in vain an alarm goes out."""
_PDF: Final = "application/pdf"
_OVERLAP: Final = timedelta(days=2)  # a document's id is made before it is committed
_PAGE: Final = 100
_NAMED: Final = 20
_REST: Final = timedelta(hours=1)
_LONGEST_REST: Final = timedelta(days=1)
_COMPLETE: Final = "B-LTA"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepArchive:
    """How much one round does."""

    examine: int = 200
    renew: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveRound:
    """What one round did."""

    examined: int
    renewed: int
    failed: int
    alarmed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveReport:
    """What would be renewed now, and how far archive care is."""

    looked_at: int
    due: int
    failing: int
    """Of those due, how many could not be renewed last time."""
    before: datetime
    """Due is what is protected no longer than until then."""
    most_urgent: tuple[ArchiveTerm, ...]


def wanted_at(services: Services, at: datetime) -> Wanted:
    """What is due at that moment, by the settings."""
    settings = services.settings
    return Wanted(before=at + timedelta(days=settings.archive_lead_days), unarchived=settings.archive_results)


def report_archive(services: Services, at: datetime, *, limit: int = 50) -> ArchiveReport:
    """The dry run: what the next rounds would renew; nothing is asked, signed or written."""
    wanted = wanted_at(services, at)
    with services.db.reading() as tx:
        terms = ArchiveTerms(tx)
        looked_at, due, failing = terms.counts(wanted)
        urgent = terms.due(wanted, limit=limit)
    return ArchiveReport(looked_at=looked_at, due=due, failing=failing, before=wanted.before, most_urgent=urgent)


def keep_archive(command: KeepArchive, services: Services, caller: Caller, at: datetime) -> ArchiveRound:
    """One round; safe to repeat and to run twice at once: of two renewals of one document one is kept."""
    examined = 0
    for document in _unexamined(services, at, limit=command.examine):
        _examine(document, services, caller, at)
        examined += 1
    with services.db.reading() as tx:
        due = ArchiveTerms(tx).due(wanted_at(services, at), limit=command.renew, at=at)
    renewed = sum(_renewed(term, services, caller, at) for term in due)
    alarmed = _alarm(services, caller, at)
    return ArchiveRound(examined=examined, renewed=renewed, failed=len(due) - renewed, alarmed=alarmed)


def _unexamined(services: Services, at: datetime, *, limit: int) -> Iterator[StoredDocument]:
    with services.db.reading() as tx:
        terms, documents = ArchiveTerms(tx), Documents(tx)
        outdated = terms.outdated(services.verifier.policy.policy_id, limit=limit)
        found = [documents.get(one) for one in outdated]
        after = min(terms.last_id(), new_id("doc", at - _OVERLAP))
        while len(found) < limit and (page := documents.after(after, limit=_PAGE)):
            known = terms.known(tuple(one.document_id for one in page))
            found += [one for one in page if one.document_id not in known][: limit - len(found)]
            after = page[-1].document_id
    yield from found


def _examine(document: StoredDocument, services: Services, caller: Caller, at: datetime) -> None:
    """Note until when a document is protected; one that is not signed, or no PDF, never is due."""
    file = _signed_file(document)
    known, error = Protection(until=None, tokens=0), None
    if file is not None:
        try:
            known = _protection(_content(document, file, services), services)
        except (SigningError, VaultError) as err:
            if err.retryable:
                return  # the next round looks again
            error = err.code
    term = ArchiveTerm(
        document_id=document.document_id,
        policy_id=services.verifier.policy.policy_id,
        until=known.until,
        tokens=known.tokens,
        generation=_generation(document),
        examined_at=at,
        attempts=0 if error is None else FAILURES,  # damaged: no later round could do better, somebody must look
        error_code=error,
        not_before=at,
    )
    until = "-" if known.until is None else known.until.isoformat()
    with services.db.transaction() as tx:
        ArchiveTerms(tx).put(term)
        if file is not None:
            services.audit.append(tx, _event("examine_archive", document, caller, at, ("until", until)))


def _renewed(term: ArchiveTerm, services: Services, caller: Caller, at: datetime) -> bool:
    try:
        _renew(term, services, caller, at)
    except AlreadyStored:
        return False  # another worker was faster: its term stands
    except (SigningError, VaultError, ArchiveNotLonger) as err:
        rest = min(_LONGEST_REST, _REST * 2 ** min(term.attempts, 10))
        tried = replace(term, attempts=term.attempts + 1, error_code=err.code, not_before=at + rest)
        with services.db.transaction() as tx:
            ArchiveTerms(tx).put(tried)
        return False
    return True


def _renew(term: ArchiveTerm, services: Services, caller: Caller, at: datetime) -> None:
    with services.db.reading() as tx:
        document = Documents(tx).get(term.document_id)
    file = _signed_file(document)
    if file is None or _generation(document) != term.generation:
        raise AlreadyStored("nothing to renew any more, or renewed since the list was made")
    before = _content(document, file, services)
    stamp, evidence = time_stamper(services, at, patient=True), evidence_source(services, at)
    signed = augment_pdf(before, stamp=stamp, evidence=evidence, at=at, archive=True)
    after = _protection(signed.pdf, services)
    if signed.level != _COMPLETE or after.until is None:
        raise ArchiveNotLonger
    if term.tokens and term.until is not None and after.until <= term.until:
        # the authority's certificate is still the same one: another token of it would protect no longer
        raise ArchiveNotLonger
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(document.owner), at)
    staged = services.vault.stage(
        key,
        document_id=document.document_id,
        role=FileRole.ARCHIVE,
        media_type=_PDF,
        content=signed.pdf,
        generation=_generation(document) + 1,
    )
    term = replace(
        term,
        until=after.until,
        tokens=after.tokens,
        generation=staged.generation,
        examined_at=at,
        attempts=0,
        error_code=None,
        not_before=at,
        alarmed_at=None,
    )
    details = (("until", after.until.isoformat()), ("file_sha256", signed.sha256))
    event = _event("renew_archive", document, caller, at, *details)
    with services.db.transaction() as tx:
        services.vault.add_archive(tx, document, staged)
        ArchiveTerms(tx).put(term)
        services.audit.append(tx, event)


def _signed_file(document: StoredDocument) -> StoredFile | None:
    """The file whose protection counts; scans as they came in are no signed files."""
    if document.state is DocumentState.DISPOSED or document.grade is Grade.D_UNVERIFIED:
        return None
    file = document.longest_file
    is_scan = file is not None and file.role is FileRole.MASTER and document.origin is not Origin.BORN_DIGITAL
    return None if file is None or is_scan or file.media_type != _PDF else file


def _generation(document: StoredDocument) -> int:
    newest = document.file(FileRole.ARCHIVE)
    return 0 if newest is None else newest.generation


def _content(document: StoredDocument, file: StoredFile, services: Services) -> bytes:
    with services.db.reading() as tx:
        return services.vault.read_file(tx, document, file)


def _protection(pdf: bytes, services: Services) -> Protection:
    return protection_of(pdf, policy=services.verifier.policy)


def _alarm(services: Services, caller: Caller, at: datetime) -> int:
    with services.db.transaction() as tx:
        late = ArchiveTerms(tx).to_alarm(attempts=FAILURES, limit=_PAGE)
        if not late:
            return 0
        payload = {
            "count": str(len(late)),
            "documents": ",".join(one.document_id for one in late[:_NAMED]),
            "until": min((one.until.isoformat() for one in late if one.until is not None), default=""),
            "reason_code": late[0].error_code or "",
        }
        accounts = Accounts(tx)
        told = {*accounts.with_role(Role.ADMINISTRATOR, at), *accounts.with_role(Role.SECURITY_OFFICER, at)}
        for account_id in sorted(told):
            Outbox(tx).add("archive_renewal_failed", recipient=account_id, payload=payload, at=at)
        for term in late:
            ArchiveTerms(tx).put(replace(term, alarmed_at=at))
        details = (("count", str(len(late))), ("told", str(len(told))))
        event = event_of(caller, "archive_renewal_failed", at, object_type="archive", object_id="all", details=details)
        services.audit.append(tx, event)
    return len(late)


def _event(
    action: str, document: StoredDocument, caller: Caller, at: datetime, *details: tuple[str, str]
) -> AuditEvent:
    return event_of(
        caller,
        action,
        at,
        object_type="document",
        object_id=document.document_id,
        owner_id=document.owner,
        details=details,
    )
