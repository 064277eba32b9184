"""How attacks and clean files are listed: by family, each with what the answer must say."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from signing.validation import Reason, Verdict
from tests.attacks.raw_pdf import Draft
from tests.attacks.workshop import Workshop

Build = Callable[[Workshop], Draft | bytes]
INVALID = frozenset({Verdict.INVALID})
NOT_VALID = frozenset({Verdict.INVALID, Verdict.INDETERMINATE})
NOTHING_SIGNED = frozenset({Verdict.NO_SIGNATURE})


@dataclass(frozen=True)
class Attack:
    """One way to cheat."""

    name: str
    build: Build
    named: frozenset[Reason]
    """The names that are right for it."""

    verdicts: frozenset[Verdict] = INVALID

    @property
    def family(self) -> str:
        return self.name.split("-", 1)[0]


@dataclass(frozen=True)
class Clean:
    """One good file."""

    name: str
    build: Build
    changes: tuple[str, ...]
    """`changes_after` of every signature and time-stamp, in the order they were set."""

    levels: tuple[str | None, ...]
    warnings: frozenset[Reason] = frozenset()
    password: str | None = None


@dataclass
class Attacks:
    """A family of attacks; its members are functions or built by other functions."""

    family: str
    named: frozenset[Reason]
    members: list[Attack] = field(default_factory=list)

    def add(
        self, name: str, build: Build, named: Iterable[Reason] = (), verdicts: frozenset[Verdict] = INVALID
    ) -> None:
        self.members.append(Attack(f"{self.family}-{name}", build, frozenset(named) or self.named, verdicts))

    def __call__(self, *named: Reason, verdicts: frozenset[Verdict] = INVALID) -> Callable[[Build], Build]:
        def listed(build: Build) -> Build:
            self.add(build.__name__, build, named, verdicts)
            return build

        return listed


@dataclass
class Cleans:
    """A family of clean files."""

    family: str
    members: list[Clean] = field(default_factory=list)

    def add(
        self,
        name: str,
        build: Build,
        changes: Iterable[str] = ("none",),
        levels: Iterable[str | None] = ("B-B",),
        *,
        warnings: Iterable[Reason] = (),
        password: str | None = None,
    ) -> None:
        case = Clean(f"{self.family}-{name}", build, tuple(changes), tuple(levels), frozenset(warnings), password)
        self.members.append(case)

    def __call__(
        self, *changes: str, levels: Iterable[str | None] = ("B-B",), warnings: Iterable[Reason] = ()
    ) -> Callable[[Build], Build]:
        def listed(build: Build) -> Build:
            self.add(build.__name__, build, changes or ("none",), levels, warnings=warnings)
            return build

        return listed


def pdf_of(made: Draft | bytes) -> bytes:
    return made.pdf if isinstance(made, Draft) else made
