"""What was changed in a document after a signature, revision by revision (ADR 0027).

Each step between two revisions is compared once and shared by all signatures before it; each signature takes what was
found as its signer, and those before, permitted. Never raises: what cannot be compared is ``unknown``, what does not
fit is ``forbidden``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from signing.validation.changes.objects import Objects
from signing.validation.changes.outcome import Change, ChangeLevel, Changes, Finding, Kind, worst
from signing.validation.changes.permissions import FORMS, Permission, permission
from signing.validation.changes.shown import shown_widgets
from signing.validation.changes.step import Step, Steps
from signing.validation.document import OpenedDocument
from signing.validation.geometry import Coverage, only_blank
from signing.validation.overlays import SignedPages, Widget, new_among, overlays
from signing.validation.reading import READ_ERRORS
from signing.validation.revisions import Boundaries, signed_revision
from signing.validation.signature_fields import SignatureField

MAX_REVISIONS: Final = 500
_ATTACKS: Final = (
    "HIDDEN_UPDATE", "SIGNATURE_COVERAGE", "SHADOW_HIDE_AND_REPLACE", "SHADOW_HIDE", "SHADOW_REPLACE", "FONT_OVERLAY",
    "FORM_OVERLAY", "FORGED_SIGNATURE", "EVIL_ANNOTATION", "SNEAKY_SIGNATURE", "CLOSED_DOCUMENT_CHANGED",
    "NOT_PERMITTED_BY_SIGNER", "CONTENT_COVERED", "FORM_FILLED_AFTER_SIGNING", "METADATA_CHANGED",
    "ANNOTATED_AFTER_SIGNING",
)  # fmt: skip
"""The most telling first."""


@dataclass(slots=True)
class ChangeAnalysis:
    """The comparison of one document; keeps what was compared already."""

    document: OpenedDocument
    password: str | None = None
    _steps: Steps | None = None
    _compared_steps: dict[int, Step] = field(default_factory=dict)
    _widgets: dict[int, tuple[Widget, ...]] = field(default_factory=dict)
    _pages: SignedPages | None = None
    _boundaries: Boundaries | None = None

    def after(self, signature: SignatureField, coverage: Coverage) -> Changes:
        """What happened to the document after a signature."""
        pdf, reader = self.document.pdf, self.document.reader
        total = reader.xrefs.total_revisions
        try:
            if only_blank(memoryview(pdf)[coverage.end :]):
                return Changes(level=ChangeLevel.NONE, covers_whole_file=True, signed_revision=total)
            if total > MAX_REVISIONS:
                return _unknown("too_many_revisions")
            return self._compared(signature, coverage, total)
        except READ_ERRORS as err:
            return _unknown(f"comparison_failed:{type(err).__name__}")

    def _compared(self, signature: SignatureField, coverage: Coverage, total: int) -> Changes:
        pdf, reader = self.document.pdf, self.document.reader
        signed = signed_revision(pdf, reader, coverage.end)
        if signed is None:
            return _manipulated("revision_not_covered", "SIGNATURE_COVERAGE")
        if signed + 1 >= total or self.document.repaired:
            # bytes without a revision: another reader finds objects in them (incremental saving attack)
            return _manipulated("hidden_update", "HIDDEN_UPDATE")
        outside = self._ends().fault(signed=signed, signed_end=coverage.end)
        if outside is not None:
            return _manipulated(outside, "HIDDEN_UPDATE")
        allowed = permission(signature, self._before(coverage.end))
        changes = [
            allowed.limited(finding, number + 2)
            for number in range(signed, total - 1)
            for found in self._step(number, coverage).findings
            for finding in found.seen_from(signed)
        ]
        covering, shown = self._overlays(signed, total, coverage, allowed)
        changes.extend(covering)
        level = worst((ChangeLevel.PERMITTED, *(c.level for c in changes)))
        areas = {area for number in range(signed, total - 1) for area in self._step(number, coverage).areas}
        return Changes(
            level=level, covers_whole_file=False, changes=_told(changes, total), attack=_attack(changes, level),
            shown=shown, areas=tuple(areas), signed_revision=signed + 1,
        )  # fmt: skip

    def _before(self, end: int) -> Iterable[SignatureField]:
        """The signatures that were there when one was set."""
        for other in self.document.fields:
            numbers = [n for n in other.byte_range if isinstance(n, int)]
            if len(numbers) == 4 and numbers[2] + numbers[3] < end:  # noqa: PLR2004 - a byte range has four
                yield other

    def _step(self, number: int, coverage: Coverage) -> Step:
        """What happened between revision ``number`` (from 0) and the next."""
        if number not in self._compared_steps:
            pages = self._signed_pages(coverage)
            try:
                self._compared_steps[number] = self._all_steps().step(number, pages.covers)
            except READ_ERRORS as err:
                what = f"comparison_failed:{type(err).__name__}"
                finding = Finding(what=what, kind=Kind.CONTENT, level=ChangeLevel.UNKNOWN)
                self._compared_steps[number] = Step(findings=(finding,))
        return self._compared_steps[number]

    def _overlays(
        self, signed: int, total: int, coverage: Coverage, allowed: Permission
    ) -> tuple[list[Change], tuple[Widget, ...]]:
        """Later signature fields that cover what the signer saw, and those that are shown rightfully."""
        known, later = self._shown(signed), self._shown(total - 1)
        fresh = new_among(later, known)
        covering = tuple(overlays(later, known, self._signed_pages(coverage)))
        is_limited = allowed.level is not None and allowed.level <= FORMS
        if is_limited:
            # ISO 32000-2 table 257: P=2 lets existing fields be signed; a new one that is seen was not planned
            places = {(widget.page, widget.area) for widget in known}
            covering += tuple(w for w in fresh if w not in covering and (w.page, w.area) not in places)
        changes = [
            Change(
                revision=total, level=ChangeLevel.FORBIDDEN, what=f"overlay:{widget.field[:100]}",
                attack="SNEAKY_SIGNATURE" if is_limited or not widget.filled else "CONTENT_COVERED",
            )
            for widget in covering
        ]  # fmt: skip
        return changes, tuple(widget for widget in later if widget not in covering and widget not in known)

    def _shown(self, revision: int) -> tuple[Widget, ...]:
        if revision not in self._widgets:
            steps = self._all_steps()
            self._widgets[revision] = shown_widgets(steps.objects.view(revision), steps.tree(revision))
        return self._widgets[revision]

    def _signed_pages(self, coverage: Coverage) -> SignedPages:
        """The pages as the first signature that asks covers them; another content later is forbidden anyway."""
        if self._pages is None:
            self._pages = SignedPages(self.document.pdf, coverage.end, self.password)
        return self._pages

    def _ends(self) -> Boundaries:
        if self._boundaries is None:
            self._boundaries = Boundaries(self.document.pdf, self.document.reader)
        return self._boundaries

    def _all_steps(self) -> Steps:
        if self._steps is None:
            self._steps = Steps.of(Objects(self.document.reader, self.document.pdf), self.document.pdf)
        return self._steps


def _told(changes: list[Change], total: int) -> tuple[Change, ...]:
    """Every change once; a revision that only wrote things again is told if it did nothing else."""
    busy = {c.revision for c in changes if c.what != "rewritten"}
    told = [c for c in dict.fromkeys(changes) if c.what != "rewritten" or c.revision not in busy]
    return tuple(told) or (Change(revision=total, level=ChangeLevel.PERMITTED, what="nothing"),)


def _attack(changes: list[Change], level: ChangeLevel) -> str | None:
    """The reason code of the worst changes, or of the doubt that remains."""
    if level is ChangeLevel.FORBIDDEN:
        changes = [c for c in changes if c.level is level]
    found = {c.attack for c in changes}
    return next((attack for attack in _ATTACKS if attack in found), None)


def _manipulated(what: str, attack: str) -> Changes:
    change = Change(revision=0, level=ChangeLevel.FORBIDDEN, what=what, attack=attack)
    return Changes(level=ChangeLevel.FORBIDDEN, covers_whole_file=False, changes=(change,), attack=attack)


def _unknown(what: str) -> Changes:
    change = Change(revision=0, level=ChangeLevel.UNKNOWN, what=what)
    return Changes(level=ChangeLevel.UNKNOWN, covers_whole_file=False, changes=(change,))
