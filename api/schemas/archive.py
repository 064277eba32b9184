"""Archive care on the wire."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from api.records.archive_terms import ArchiveTerm
from api.usecases.keep_archive import ArchiveReport


class RenewalView(BaseModel):
    """One document that needs another time-stamp."""

    document_id: str
    until: datetime = Field(description="What protects it now ends then")
    archived: bool = Field(description="Whether it has an archive time-stamp already")
    attempts: int = Field(description="Renewals in vain since the last good one")
    reason_code: str | None = Field(description="Why the last one failed")
    not_before: datetime = Field(description="Not tried again sooner")

    @classmethod
    def of(cls, term: ArchiveTerm) -> Self:
        """The view of a row that is due."""
        if term.until is None:
            raise ValueError("nothing protects it: never due")
        return cls(
            document_id=term.document_id,
            until=term.until,
            archived=term.tokens > 0,
            attempts=term.attempts,
            reason_code=term.error_code,
            not_before=term.not_before,
        )


class ArchiveView(BaseModel):
    """What would be renewed now."""

    looked_at: int = Field(description="Documents that archive care knows")
    due: int
    failing: int = Field(description="Of those due, how many could not be renewed last time")
    before: datetime = Field(description="Due is what is protected no longer than until then")
    items: list[RenewalView]

    @classmethod
    def of(cls, report: ArchiveReport) -> Self:
        """The view of a dry run."""
        return cls(
            looked_at=report.looked_at,
            due=report.due,
            failing=report.failing,
            before=report.before,
            items=[RenewalView.of(one) for one in report.most_urgent],
        )
