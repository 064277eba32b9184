"""Which drawn pages are compared for which signature of one document: each signed version once, within a budget.

Objects are compared elsewhere; pictures are the second opinion of another program, asked only where something was added
that the objects allow. Must not know what a difference means.
"""

from dataclasses import dataclass, field
from typing import Final

from signing.validation.changes import ChangeLevel, Changes
from signing.validation.document import OpenedDocument
from signing.validation.geometry import Coverage
from signing.validation.rendered import RenderedAnswer, compare_pages

MAX_VERSIONS: Final = 4  # signed versions that are drawn, the earliest first: what is shown now must be what they show


@dataclass(slots=True)
class PageComparison:
    """The pictures of one document, compared once per signed version."""

    document: OpenedDocument
    password: str | None
    is_wanted: bool
    _answers: dict[int, RenderedAnswer] = field(default_factory=dict)

    def after(self, coverage: Coverage, changes: Changes) -> RenderedAnswer | None:
        """Whether the file shows what the signed revision showed; None: there is no question, or none is asked.

        Where a form was filled in or a note was added the pages differ rightfully; the objects decide.
        """
        if not self.is_wanted or changes.covers_whole_file or changes.level is not ChangeLevel.PERMITTED:
            return None
        end = coverage.end
        if end not in self._answers:
            if len(self._answers) >= MAX_VERSIONS:
                return None
            allowed = tuple((widget.page, widget.area) for widget in changes.shown if widget.page is not None)
            self._answers[end] = compare_pages(self.document.pdf, end, allowed=allowed, password=self.password)
        return self._answers[end]
