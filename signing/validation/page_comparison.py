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

_COMPARED: Final = frozenset({ChangeLevel.PERMITTED, ChangeLevel.FORM_FILL, ChangeLevel.ANNOTATIONS})


@dataclass(slots=True)
class PageComparison:
    """The pictures of one document, compared once per signed version."""

    document: OpenedDocument
    password: str | None
    is_wanted: bool
    _answers: dict[int, RenderedAnswer] = field(default_factory=dict)

    def after(self, coverage: Coverage, changes: Changes) -> RenderedAnswer | None:
        """Whether the file shows what the signed revision showed; None: there is no question, or none is asked.

        Where a later signature, a form value or a note is rightfully shown, the pages may differ.
        """
        if not self.is_wanted or changes.covers_whole_file or changes.level not in _COMPARED:
            return None
        end = coverage.end
        if end not in self._answers:
            if len(self._answers) >= MAX_VERSIONS:
                return None
            shown = tuple((widget.page, widget.area) for widget in changes.shown if widget.page is not None)
            allowed = (*shown, *changes.areas)
            self._answers[end] = compare_pages(self.document.pdf, end, allowed=allowed, password=self.password)
        return self._answers[end]
