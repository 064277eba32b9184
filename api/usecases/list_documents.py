"""Somebody sees what is in a citizen's vault: owner and guardian all of it, an agency what it has a ground for."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.vault_readers import decide, reader_of
from vault.access import Relation
from vault.catalogue import DescribedDocument
from vault.errors import AccessDenied
from vault.ledger import Outcome
from vault.model import CitizenId


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDocuments:
    """Whose documents, and which page."""

    owner: str
    limit: int = 50
    before: str | None = None
    """Id that the last page ended with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPage:
    """One page, newest first."""

    documents: tuple[DescribedDocument, ...]
    next_before: str | None
    """Ask for the next page with this; None: there is none."""


def list_documents(command: ListDocuments, services: Services, caller: Caller, at: datetime) -> DocumentPage:
    """Give the documents that the caller may see; the listing is in the ledger (I28).

    Raises:
        AccessDenied: the caller is no citizen of concern and acts for no agency.
    """
    with services.db.transaction() as tx:
        relation = reader_of(tx, caller, command.owner, services, at).relation
        allowed = relation is not Relation.NONE
        found: tuple[DescribedDocument, ...] = ()
        if allowed:
            found = services.vault.list_documents(
                tx, CitizenId(command.owner), limit=command.limit + 1, before=command.before
            )
        page = found[: command.limit]
        seen = tuple(each for each in page if decide(tx, caller, each.document, services, at).allowed)
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
                details=(("shown", str(len(seen))),),
            ),
        )
    if not allowed:
        raise AccessDenied
    has_more = len(found) > command.limit
    return DocumentPage(documents=seen, next_before=page[-1].document.document_id if has_more else None)
