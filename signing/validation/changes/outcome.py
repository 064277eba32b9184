"""What the comparison of revisions answers, as frozen values; knows the vocabulary, not how anything is found.

``Finding`` is one fact about one step between two revisions, whatever any signer permitted; ``Change`` is that fact as
one signature has to take it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from signing.validation.overlays import Area, Widget


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


class Kind(StrEnum):
    """What a signer may permit or forbid (ISO 32000-2 table 257)."""

    NEUTRAL = "neutral"
    """Means nothing: values re-written, objects nobody uses."""

    EVIDENCE = "evidence"
    """Validation data and document time-stamps: permitted even when nothing else is."""

    SIGNING = "signing"
    NEW_FIELD = "new_field"
    FORM = "form"
    ANNOTATION = "annotation"
    METADATA = "metadata"
    CONTENT = "content"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fact about the step from one revision to the next."""

    what: str
    """Token of ``words.TEXTS``."""

    kind: Kind
    level: ChangeLevel
    values: tuple[str, ...] = ()
    """Full names of the form fields concerned."""

    attack: str | None = None
    """Reason code: of a manipulation when the level is forbidden, of a doubt otherwise."""

    since: int | None = None
    """Revision (from 0) that brought what is changed here: who signed an earlier one never saw it."""

    instead: "tuple[Finding, ...]" = ()
    """What happened for whoever signed before that."""

    def seen_from(self, signed: int) -> "tuple[Finding, ...]":
        """What happened for whoever signed a revision (from 0)."""
        return (self,) if self.since is None or self.since <= signed else self.instead


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that a later revision did, as it counts for one signature."""

    revision: int
    """Number of the revision, from 1."""

    level: ChangeLevel
    what: str
    """Short machine-readable description; ``words.words_of`` puts it into sentences."""

    values: tuple[str, ...] = ()
    """Names of form fields whose values changed."""

    attack: str | None = None
    """Reason code of a recognised manipulation, or of the doubt that remains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything after one signature."""

    level: ChangeLevel
    covers_whole_file: bool
    changes: tuple[Change, ...] = ()
    attack: str | None = None
    """Reason code of the worst change.

    With the levels form_fill and annotations: None if it leaves no doubt (a warning is enough).
    """

    shown: tuple[Widget, ...] = ()
    """Permitted later signature fields that show something."""

    areas: tuple[tuple[int, Area], ...] = ()
    """Pages (by index) and places where annotations and fields came, or show something else."""

    signed_revision: int | None = None
    """Number of the revision that the signature covers, from 1."""


def worst(levels: Iterable[ChangeLevel]) -> ChangeLevel:
    """The most serious of several levels."""
    return max(levels, key=_ORDER.index, default=ChangeLevel.NONE)


def is_worse(level: ChangeLevel, other: ChangeLevel) -> bool:
    """Whether a level is more serious than another."""
    return _ORDER.index(level) > _ORDER.index(other)
