"""How much of a report is told: the usual document, less for a screen, or everything with certificates and tokens."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:  # the command line cuts documents without loading what makes reports
    from signing.validation import Report

_KEPT: Final = (
    "field", "kind", "indication", "sub_indication", "reason_code", "intact", "changes_after", "level", "signer",
    "best_signature_time", "legal_minimum",
)  # fmt: skip


class Depth(StrEnum):
    """What a caller names."""

    SIMPLE = "simple"
    """Of each signature only who, when, how it ended, and what the law asks every report to say."""
    DETAILED = "detailed"
    """With certificates, time-stamp tokens and signature values in base64."""
    ETSI = "etsi"
    """The validation report of ETSI TS 119 102-2 (XML)."""


def document_of(report: "Report", depth: Depth | None) -> dict[str, Any]:
    """The JSON document of DESIGN §3, as much of it as is wanted; None: the usual one."""
    document = report.document(detailed=depth is Depth.DETAILED)
    return shortened(document) if depth is Depth.SIMPLE else document


def shortened(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with only the most needed about each signature."""
    return {**document, "signatures": [{key: one[key] for key in _KEPT} for one in document["signatures"]]}
