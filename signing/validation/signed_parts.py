"""What was really signed, where the library is shown something shorter or as of a moment.

Two lists that differ in entries nobody here asks for, or two answers that differ in a time behind the moment, are
shown as the same; a broken one must not stand for the good one. Knows bytes only.
"""

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass(slots=True)
class SignedParts:
    """By the value of a signature and by what the library is shown: everything that may have been signed."""

    signed: dict[tuple[bytes, bytes], dict[bytes, None]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, value: bytes, shown: bytes, signed: bytes) -> None:
        """Remembers that ``shown`` stands for ``signed`` under this signature value."""
        self.signed[value, shown][signed] = None

    def add_all(self, other: "SignedParts") -> None:
        """Takes over what another one knows."""
        for key, parts in other.signed.items():
            self.signed[key].update(parts)

    def of(self, value: bytes, shown: bytes) -> tuple[bytes, ...]:
        """What the signature value may be over, the likeliest first: what is shown may be signed just so, too."""
        return tuple(dict.fromkeys((*self.signed.get((value, shown), ()), shown)))
