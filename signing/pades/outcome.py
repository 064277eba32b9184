"""What signing and augmenting give back. A value, nothing else."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPdf:
    """A document with at least one more revision."""

    pdf: bytes = field(repr=False)
    sha256: str
    """Hex, over the whole file."""

    level: str
    """'B-B', 'B-T', 'B-LT' or 'B-LTA' (ETSI EN 319 142-1)."""

    field_name: str
