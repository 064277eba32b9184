"""Reserves the field of the agency's seal before a certifying signature.

ISO 32000-2 §12.8.2.2.2: at P=2 existing fields may be signed; a new visible field breaks the certification. Knows
where a seal stands beside a signature; draws nothing.
"""

from dataclasses import dataclass

from signing.pades.form import field_reference
from signing.pades.marks import SEAL_DIAMETER_MM
from signing.pades.placing import seal_box
from signing.pades.revision import RevisionWriter
from signing.pades.widget import PlacedMark


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservedSeal:
    """An empty field for the agency's seal, made before a certifying signature."""

    field_name: str
    diameter_mm: float = SEAL_DIAMETER_MM
    closes: bool = False
    """Whether the signature in it will be the last: its lock stands in the field before anything is signed, because
    after a certification an existing field gets a value and nothing else."""


def reserve_seal(writer: RevisionWriter, reserved: ReservedSeal, signature: PlacedMark) -> None:
    """Adds an empty, visible signature field where the seal will be: part of what the first signature certifies.

    Raises:
        MarkHasNoPlace: the seal would leave the page.
    """
    box = seal_box(signature.box, signature.frame, reserved.diameter_mm)
    rectangle = PlacedMark(box=box, frame=signature.frame).rectangle
    field_reference(writer, reserved.field_name, page=box.page, rectangle=rectangle, closes=reserved.closes)
