"""How much of a report is told: the usual document, less for a screen, or everything with certificates and tokens."""

from enum import StrEnum
from typing import Any, Final

from signing.validation import Report

_KEPT: Final = (
    "field", "kind", "indication", "sub_indication", "reason_code", "intact", "changes_after", "level", "signer",
    "best_signature_time",
)  # fmt: skip


class Depth(StrEnum):
    """What a caller names."""

    SIMPLE = "simple"
    """Of each signature only who, when and how it ended."""
    DETAILED = "detailed"
    """With certificates, time-stamp tokens and signature values in base64."""
    ETSI = "etsi"
    """The validation report of ETSI TS 119 102-2 (XML)."""


def document_of(report: Report, depth: Depth | None) -> dict[str, Any]:
    """The JSON document of DESIGN §3, as much of it as is wanted; None: the usual one."""
    if depth is not Depth.SIMPLE:
        return report.document(detailed=depth is Depth.DETAILED)
    document = report.document()
    return {**document, "signatures": [{key: one[key] for key in _KEPT} for one in document["signatures"]]}
