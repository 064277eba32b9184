"""What a signer permitted to happen afterwards, and what a change means under that.

DocMDP (ISO 32000-2 table 257), FieldMDP (table 258) and the lock of a field (table 236). A permission is only ever
narrowed: what an earlier signature forbids, no later one allows. P=1 still allows validation data and document
time-stamps (table 257), whatever some readers say. Usage rights (/UR3) permit nothing to anybody but one reader.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from signing.validation.changes.findings import EVIL
from signing.validation.changes.outcome import Change, ChangeLevel, Finding, Kind
from signing.validation.reading import array_items, followed, get
from signing.validation.signature_fields import SignatureField

NOTHING: Final = 1
FORMS: Final = 2
ANNOTATIONS: Final = 3
NOT_PERMITTED: Final = "NOT_PERMITTED_BY_SIGNER"
CLOSED: Final = "CLOSED_DOCUMENT_CHANGED"
MAX_LOCKED: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldLock:
    """Fields that a signature closes."""

    action: str
    names: frozenset[str]

    def holds(self, name: str) -> bool:
        """Whether a field is closed; a field below a closed one is, too."""
        listed = any(name == own or name.startswith(f"{own}.") for own in self.names)
        return {"/All": True, "/Include": listed, "/Exclude": not listed}.get(self.action, True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What may happen after a signature."""

    level: int | None = None
    """DocMDP's P; None: nobody limited it."""

    is_closed: bool = False
    """A signature locked every field and allowed nothing more: the end of a planned sequence."""

    locks: tuple[FieldLock, ...] = ()

    def limited(self, finding: Finding, revision: int) -> Change:
        """A finding as it counts under this permission."""
        change = Change(
            revision=revision, level=finding.level, what=finding.what, values=finding.values, attack=finding.attack
        )
        if finding.kind in {Kind.NEUTRAL, Kind.EVIDENCE} or finding.level is ChangeLevel.UNKNOWN:
            return change
        if finding.level is ChangeLevel.FORBIDDEN:
            return replace(change, attack=change.attack or (CLOSED if self.is_closed else None))
        if self._forbids(finding):
            attack = CLOSED if self.is_closed else EVIL if finding.what == "annotation_drawn" else NOT_PERMITTED
            return replace(change, level=ChangeLevel.FORBIDDEN, what=f"not_permitted:{finding.what}", attack=attack)
        return change

    def _forbids(self, finding: Finding) -> bool:
        if any(lock.holds(name) for lock in self.locks for name in finding.values):
            return True
        if self.level == NOTHING:
            return True
        return self.level == FORMS and finding.kind is Kind.ANNOTATION


def permission(own: SignatureField, earlier: Iterable[SignatureField]) -> Permission:
    """What may happen after a signature: what it says itself, and what was said before it."""
    signatures = (own, *earlier)
    levels = [level for s in signatures for level in (*_certified(s), *_locked(s)) if level is not None]
    return Permission(
        level=min(levels, default=None),
        is_closed=any(_closes(s) for s in signatures),
        locks=tuple(lock for s in signatures for lock in _locks(s)),
    )


def _certified(signature: SignatureField) -> list[int | None]:
    return [
        _level(get(_parameters(reference), "/P", FORMS))
        for reference in _references(signature)
        if get(reference, "/TransformMethod") == "/DocMDP"
    ]


def _locked(signature: SignatureField) -> list[int | None]:
    lock = get(signature.field, "/Lock")
    return [_level(get(lock, "/P"))] if get(lock, "/P") is not None else []


def _closes(signature: SignatureField) -> bool:
    lock = get(signature.field, "/Lock")
    return bool(get(lock, "/P") == NOTHING and get(lock, "/Action") == "/All")


def _level(value: Any) -> int:  # noqa: ANN401 - a PDF number
    return int(value) if isinstance(value, int) and NOTHING <= value <= ANNOTATIONS else NOTHING


def _locks(signature: SignatureField) -> list[FieldLock]:
    transforms = [
        _parameters(reference)
        for reference in _references(signature)
        if get(reference, "/TransformMethod") == "/FieldMDP"
    ]
    lock = get(signature.field, "/Lock")
    return [_lock(one) for one in (*transforms, *([lock] if lock is not None else []))]


def _lock(parameters: Any) -> FieldLock:  # noqa: ANN401 - pyHanko's dictionary
    names = [str(followed(item)) for item in array_items(get(parameters, "/Fields"))][:MAX_LOCKED]
    return FieldLock(action=str(get(parameters, "/Action", "/All")), names=frozenset(names))


def _references(signature: SignatureField) -> list[Any]:
    return [followed(item) for item in array_items(get(signature.value, "/Reference"))]


def _parameters(reference: Any) -> Any:  # noqa: ANN401 - pyHanko's dictionary
    return get(reference, "/TransformParams")
