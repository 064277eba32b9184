"""Somebody sees what is in a citizen's vault: owner and guardian all of it, an agency what it has a ground for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.vault_readers import decide, reader_of
from vault.access import Reader, Relation, obstacle_in_office
from vault.catalogue import DescribedDocument
from vault.catalogue_sql import Documents
from vault.errors import AccessDenied
from vault.ledger import Outcome
from vault.model import CitizenId

_KIN: Final = frozenset({Relation.OWNER, Relation.GUARDIAN})


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDocuments:
    """Whose documents, and which page."""

    owner: str
    limit: int = 50
    before: str | None = None
    """Id that the last page ended with."""
    dossier_id: str | None = None
    """The dossier for which somebody in office looks; owner and guardian need none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPage:
    """One page, newest first."""

    documents: tuple[DescribedDocument, ...]
    next_before: str | None
    """Ask for the next page with this; None: there is none."""


def list_documents(command: ListDocuments, services: Services, caller: Caller, at: datetime) -> DocumentPage:
    """Give the documents that the caller may see; the listing is in the ledger (I28).

    Raises:
        AccessDenied: the caller is neither the owner nor a minor owner's guardian, and names no dossier of the
            own agency that is this owner's business.
    """
    owner = CitizenId(command.owner)
    with services.db.transaction() as tx:
        reader = reader_of(tx, caller, owner, services, at, dossier_id=command.dossier_id)
        allowed = reader.relation in _KIN or obstacle_in_office(reader, owner) is None
        found = _visible(tx, command, reader, services, at) if allowed else ()
        page = found[: command.limit]
        details = [("shown", str(len(page)))]
        if command.dossier_id is not None:
            details.append(("dossier", command.dossier_id))
        services.audit.append(
            tx,
            event_of(
                caller,
                "list_documents",
                at,
                object_type="vault",
                object_id=command.owner,
                owner_id=command.owner,
                outcome=Outcome.ALLOWED if allowed else Outcome.REFUSED,
                details=tuple(details),
            ),
        )
    if not allowed:
        raise AccessDenied
    has_more = len(found) > command.limit
    return DocumentPage(documents=page, next_before=page[-1].document.document_id if has_more else None)


def _visible(
    tx: Tx, command: ListDocuments, reader: Reader, services: Services, at: datetime
) -> tuple[DescribedDocument, ...]:
    """The next documents that the reader may see, one more than the page holds if there are more.

    What may not be seen is neither opened nor named, not even as the place where a page ended.
    """
    seen: list[DescribedDocument] = []
    before = command.before
    while True:
        batch = Documents(tx).of_citizen(CitizenId(command.owner), limit=command.limit + 1, before=before)
        allowed = (document for document in batch if decide(tx, reader, document, at).allowed)
        seen.extend(services.vault.describe(tx, document.document_id) for document in allowed)
        if len(seen) > command.limit or len(batch) <= command.limit:
            return tuple(seen[: command.limit + 1])
        before = batch[-1].document_id
