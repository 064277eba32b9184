"""The visible marks of an administrative document as data: who sees what, where (model §5).

A: the person's blue signature picture in the signer's block. B: the agency's red seal over its left third.
C and E: two lines of text at the top right, on annexes and on copies. Knows no PDF.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from signing.pades.geometry import Box

VIETNAM = timezone(timedelta(hours=7))
SIGNATURE_MAX_HEIGHT = 45.0  # points
SEAL_DIAMETER_MM = 36.0  # seals of communes; each agency configures its own
TEXT_WIDTH, TEXT_HEIGHT, TEXT_MARGIN = 170.0, 30.0, 8.0  # points, measured on a real file
TEXT_SIZE, TEXT_LEADING = 10.0, 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonMark:
    """Mark A."""

    picture: bytes
    """PNG of the signature, blue, transparent background."""

    block: Box | None = None
    """Free room between title and name, in shown coordinates; None: found from the page text."""

    signer_name: str | None = None
    """The signer's name as printed: of several blocks the one above this name; None: the last block."""

    signer_title: str | None = None
    """The signer's title as printed, in any case; only a block that carries it is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealMark:
    """Mark B."""

    picture: bytes
    """PNG of the seal, red, transparent background, square."""

    diameter_mm: float = SEAL_DIAMETER_MM
    """Real size of the seal; it is never scaled to fit."""

    beside_field: str | None = None
    """Field with mark A; None: the last signed field that shows a picture."""

    block: Box | None = None
    """Used instead of mark A when the signer's mark is not in this file (then as if A filled this box)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMark:
    """Mark C or E."""

    lines: tuple[str, ...]
    """Unwrapped lines; a long one wraps into a taller box."""

    font: bytes
    """TrueType or OpenType file with every letter of the lines (Tinos); embedded as a subset."""

    page: int = 0

    @classmethod
    def for_annex(cls, *, document_number: str, at: datetime, font: bytes) -> "TextMark":
        """Mark C: the number of the main document, and the time."""
        return cls(lines=(document_number, shown_time(at)), font=font)

    @classmethod
    def for_copy(cls, *, agency: str, at: datetime, font: bytes, kind: str = "SAO Y") -> "TextMark":
        """Mark E: the kind of copy (SAO Y, SAO LỤC, TRÍCH SAO) with the agency, and the time."""
        return cls(lines=(f"{kind}; {agency}", shown_time(at)), font=font)


Mark = PersonMark | SealMark | TextMark


def shown_time(at: datetime) -> str:
    """A moment as it stands on documents: ISO 8601 with +07:00, to the second."""
    return at.astimezone(VIETNAM).isoformat(timespec="seconds")
