"""What was changed in a document after a signature, revision by revision.

The object-level comparison is pyHanko's; around it stand rules that are stricter than the standard asks and that its
comparison does not have: every byte behind a signature must belong to a revision that is understood, form values are
told apart from further signatures, and a new empty field that shows something is an overlay. Each step between two
revisions is compared once and shared by all signatures before it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, DiffResult, ModificationLevel
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm

from signing.validation.document import READ_ERRORS, OpenedDocument, SignatureField, get
from signing.validation.geometry import Coverage, only_blank
from signing.validation.metadata import appearance_changed, metadata_changed
from signing.validation.overlays import Widget, overlays
from signing.validation.revisions import boundary_fault

MAX_REVISIONS = 500
_NEVER_CERTIFIED = {"signature", "annotations", "form_values", "metadata"}
"""Changes that a certification without any permitted change (/P 1) rules out."""


class ChangeLevel(StrEnum):
    """The worst change after a signature, in the order of the report's vocabulary."""

    NONE = "none"
    PERMITTED = "permitted"
    FORM_FILL = "form_fill"
    ANNOTATIONS = "annotations"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"


_ORDER = (
    ChangeLevel.NONE, ChangeLevel.PERMITTED, ChangeLevel.FORM_FILL, ChangeLevel.ANNOTATIONS, ChangeLevel.UNKNOWN,
    ChangeLevel.FORBIDDEN,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One later revision."""

    revision: int
    """Number of the revision, from 1."""

    level: ChangeLevel
    what: str
    """Short machine-readable description."""

    values: tuple[str, ...] = ()
    """Names of form fields whose values changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything after one signature."""

    level: ChangeLevel
    covers_whole_file: bool
    changes: tuple[Change, ...] = ()
    attack: str | None = None
    """Reason code of a recognised manipulation."""


@dataclass(slots=True)
class ChangeAnalysis:
    """The comparison of one document; keeps what was compared already."""

    document: OpenedDocument
    _steps: dict[tuple[int, bool], Change] = field(default_factory=dict)
    _signature_names: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._signature_names = frozenset(f.name for f in self.document.fields)

    def after(self, signature: SignatureField, coverage: Coverage) -> Changes:
        """What happened to the document after a signature.

        Never raises: what cannot be compared is ``unknown``, what does not fit is ``forbidden``.
        """
        pdf = self.document.pdf
        tail = pdf[coverage.end :]
        if only_blank(tail):
            return Changes(level=ChangeLevel.NONE, covers_whole_file=True)
        try:
            return self._compared(signature, coverage, tail)
        except READ_ERRORS as err:
            change = Change(revision=0, level=ChangeLevel.UNKNOWN, what=f"comparison_failed:{type(err).__name__}")
            return Changes(level=ChangeLevel.UNKNOWN, covers_whole_file=False, changes=(change,))

    def _compared(self, signature: SignatureField, coverage: Coverage, tail: bytes) -> Changes:
        reader = self.document.reader
        signed = _signed_revision(self.document, signature, coverage)
        total = reader.xrefs.total_revisions
        if signed is None or total > MAX_REVISIONS:
            return _manipulated("revision_not_covered", "SIGNATURE_COVERAGE")
        if signed + 1 >= total:
            # Bytes without a revision: another reader finds objects in them (incremental saving attack).
            return _manipulated("hidden_update", "HIDDEN_UPDATE")
        if tail.count(b"startxref") != total - signed - 1 or self.document.repaired:
            return _manipulated("hidden_update", "HIDDEN_UPDATE")
        outside = boundary_fault(self.document.pdf, reader, signed=signed, signed_end=coverage.end)
        if outside is not None:
            return _manipulated(outside, "HIDDEN_UPDATE")
        permission, locks = _permission(signature), _locks(signature)
        steps = [self._step(number, certified=permission is not None) for number in range(signed, total - 1)]
        changes = [_limited(step, permission, locks) for step in steps]
        harm = worst(c.level for c in changes)
        covering = self._overlays(signed, coverage)
        changes.extend(
            Change(revision=total, level=ChangeLevel.FORBIDDEN, what=f"overlay:{widget.field[:100]}")
            for widget in covering
        )
        is_cover = harm is not ChangeLevel.FORBIDDEN and any(widget.filled for widget in covering)
        level = worst(c.level for c in changes)
        is_metadata = level is ChangeLevel.ANNOTATIONS and any(c.what == "metadata" for c in changes)
        attack = "CONTENT_COVERED" if is_cover else "METADATA_CHANGED" if is_metadata else None
        return Changes(level=level, covers_whole_file=False, changes=tuple(changes), attack=attack)

    def _overlays(self, signed: int, coverage: Coverage) -> tuple[Widget, ...]:
        """Later signature fields that cover what the signer saw."""
        reader = self.document.reader
        before = reader.get_historical_root(signed)
        after = reader.get_historical_root(reader.xrefs.total_revisions - 1)
        return tuple(overlays(self.document.pdf[: coverage.end], before, after))

    def _step(self, number: int, *, certified: bool) -> Change:
        key = (number, certified)
        if key not in self._steps:
            self._steps[key] = self._compare(number, certified=certified)
        return self._steps[key]

    def _compare(self, number: int, *, certified: bool) -> Change:
        """Compares revision ``number`` (from 0) with the next."""
        reader = self.document.reader
        old, new = reader.get_historical_resolver(number), reader.get_historical_resolver(number + 1)
        shown = number + 2
        try:
            result = DEFAULT_DIFF_POLICY.apply(old, new, doc_mdp=MDPPerm.FILL_FORMS if certified else None)
        except READ_ERRORS as err:  # SuspiciousModification is a ValueError
            what = "content_changed" if type(err).__name__ == "SuspiciousModification" else "comparison_failed"
            level = ChangeLevel.FORBIDDEN if what == "content_changed" else ChangeLevel.UNKNOWN
            return Change(revision=shown, level=level, what=what)
        found = self._classified(result, shown)
        if appearance_changed(old, new):
            return replace(found, level=ChangeLevel.FORBIDDEN, what="form_appearance")
        if metadata_changed(old, new):
            return replace(found, level=worst((found.level, ChangeLevel.ANNOTATIONS)), what="metadata")
        return found

    def _classified(self, result: DiffResult, shown: int) -> Change:
        """PyHanko's answer in our vocabulary."""
        values = sorted(set(result.changed_form_fields) - self._signature_names)
        if values:
            return Change(revision=shown, level=ChangeLevel.FORM_FILL, what="form_values", values=tuple(values))
        return {
            ModificationLevel.NONE: Change(revision=shown, level=ChangeLevel.NONE, what="nothing"),
            ModificationLevel.LTA_UPDATES: Change(
                revision=shown, level=ChangeLevel.PERMITTED, what="validation_data_or_timestamp"
            ),
            ModificationLevel.FORM_FILLING: Change(revision=shown, level=ChangeLevel.PERMITTED, what="signature"),
            ModificationLevel.ANNOTATIONS: Change(revision=shown, level=ChangeLevel.ANNOTATIONS, what="annotations"),
        }.get(result.modification_level, Change(revision=shown, level=ChangeLevel.FORBIDDEN, what="content_changed"))


def worst(levels: Iterable[ChangeLevel]) -> ChangeLevel:
    """The most serious of several levels."""
    return max(levels, key=_ORDER.index, default=ChangeLevel.NONE)


def _manipulated(what: str, attack: str) -> Changes:
    change = Change(revision=0, level=ChangeLevel.FORBIDDEN, what=what)
    return Changes(level=ChangeLevel.FORBIDDEN, covers_whole_file=False, changes=(change,), attack=attack)


def _signed_revision(document: OpenedDocument, signature: SignatureField, coverage: Coverage) -> int | None:
    """The revision that ends where the signature's coverage ends; None if there is no such revision."""
    reader = document.reader
    reference = signature.field.raw_get("/V")
    if isinstance(reference, generic.IndirectObject):
        revision = reader.xrefs.get_last_change(reference.reference)
    else:
        revision = reader.xrefs.get_last_change(signature.field.container_ref)
    for number in range(revision + 1):
        if reader.xrefs.get_xref_container_info(number).end_location > coverage.end:
            return None
    covered = document.pdf[: coverage.end].rstrip(b"\0\t\n\f\r ")
    if not covered.endswith(b"%%EOF"):
        return None
    # ISO 32000-1 §7.5.5: the last startxref of the covered part must be the one that the reader follows
    declared = covered[covered.rfind(b"startxref") + 9 : -5].split()
    if len(declared) != 1 or not declared[0].isdigit():
        return None
    return revision if int(declared[0]) == reader.xrefs.get_startxref_for_revision(revision) else None


def _permission(signature: SignatureField) -> MDPPerm | None:
    """DocMDP of a certifying signature (ISO 32000-1 table 254), or /P of a field lock."""
    for item in get(signature.value, "/Reference", ()):
        reference = item.get_object()
        if get(reference, "/TransformMethod") == "/DocMDP":
            return _level(get(get(reference, "/TransformParams", {}), "/P", 2))
    lock = get(signature.field, "/Lock", {})
    return _level(lock["/P"]) if "/P" in lock else None


def _level(value: Any) -> MDPPerm:  # noqa: ANN401 - a PDF number
    try:
        return MDPPerm(int(value))
    except ValueError:
        return MDPPerm.NO_CHANGES


def _locks(signature: SignatureField) -> tuple[FieldMDPSpec, ...]:
    """The fields that a signature closes (ISO 32000-1 table 256)."""
    references = (item.get_object() for item in get(signature.value, "/Reference", ()))
    return tuple(
        FieldMDPSpec.from_pdf_object(reference["/TransformParams"])
        for reference in references
        if get(reference, "/TransformMethod") == "/FieldMDP"
    )


def _limited(change: Change, permission: MDPPerm | None, locks: tuple[FieldMDPSpec, ...]) -> Change:
    """A change measured against what the signature permits."""
    closed = any(lock.is_locked(name) for lock in locks for name in change.values)
    if closed or (permission is MDPPerm.NO_CHANGES and change.what in _NEVER_CERTIFIED):
        return replace(change, level=ChangeLevel.FORBIDDEN, what=f"not_permitted:{change.what}")
    if change.level is ChangeLevel.FORM_FILL and permission is not None:
        return replace(change, level=ChangeLevel.PERMITTED)  # the signer certified a form to be filled in (/P 2)
    return change
