"""Object names: the only place that makes or reads one. Pure and strict.

Knows: the areas, and that a name says nothing about a citizen (random or counted, never derived from a person).
Must not know: which store, what an object holds.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from vault.errors import InvalidName

_TOKEN_BYTES: Final = 32
_OPAQUE: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_CHECKPOINT: Final = re.compile(r"checkpoint-[0-9]{16}", re.ASCII)


class Area(StrEnum):
    """Where an object lives; one bucket each, never one per citizen."""

    WORM = "worm"
    """Documents: written once, protected, kept."""
    WORK = "work"
    """Intermediate results: encrypted as well, deletable."""
    LOG = "log"
    """Recorded heads of the audit ledger."""


@dataclass(frozen=True, slots=True)
class ObjectName:
    """A well-formed object name; every instance was checked.

    Raises:
        InvalidName: the leaf is not of the one form that its area has.
    """

    area: Area
    leaf: str

    def __post_init__(self) -> None:
        """Refuse any other form, so that no name can leave its folder or meet a foreign object."""
        pattern = _CHECKPOINT if self.area is Area.LOG else _OPAQUE
        if not pattern.fullmatch(self.leaf):
            raise InvalidName("not an object name")

    @property
    def key(self) -> str:
        """Path inside the area: opaque names fan out over two levels of 256 folders."""
        if self.area is Area.LOG:
            return self.leaf
        return f"{self.leaf[:2]}/{self.leaf[2:4]}/{self.leaf}"

    def __str__(self) -> str:
        return f"{self.area.value}/{self.key}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The name that `str()` of a name gave.

        Raises:
            InvalidName: anything else, also a name that is only written differently.
        """
        area_text, _, rest = text.partition("/")
        try:
            name = cls(Area(area_text), rest.rpartition("/")[2])
        except ValueError as err:
            raise InvalidName("not an object name") from err
        if str(name) != text:
            raise InvalidName("not an object name")
        return name


def opaque_name(area: Area, token: bytes) -> ObjectName:
    """The name made of 32 random bytes; nothing else goes into it.

    Raises:
        InvalidName: the token has another length, or the area has counted names.
    """
    if len(token) != _TOKEN_BYTES or area is Area.LOG:
        raise InvalidName("an opaque name needs 32 random bytes and an area of opaque names")
    return ObjectName(area, token.hex())


def checkpoint_name(sequence: int) -> ObjectName:
    """The name of the ledger's recorded head at this entry number."""
    if sequence < 0:
        raise InvalidName("an entry number is not negative")
    return ObjectName(Area.LOG, f"checkpoint-{sequence:016d}")


def checkpoint_sequence(name: ObjectName) -> int:
    """The entry number in a checkpoint's name."""
    if name.area is not Area.LOG:
        raise InvalidName("not a checkpoint")
    return int(name.leaf.removeprefix("checkpoint-"))
