"""Texts that a stranger wrote (names, reasons, field names) before they stand in a report of ours.

Knows Unicode categories. Must not know the report's format: escaping is the writer's work.
"""

import unicodedata
from typing import Final

_REPLACED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# control characters, and the invisible ones that reorder or hide what stands around them (CVE-2021-42574)
MAX_LENGTH: Final = 300


def harmless(text: object, *, limit: int = MAX_LENGTH) -> str:
    """The text on one line, NFC, without controls, at most ``limit`` characters; what was taken out stays visible."""
    cut = str(text)[: 4 * limit]  # before normalising: NFC of a long hostile text costs time
    shown = "".join(" " if c in "\t\n\r" else "\N{REPLACEMENT CHARACTER}" if _is_replaced(c) else c for c in cut)
    shown = " ".join(unicodedata.normalize("NFC", shown).split(" ")).strip()
    return shown if len(shown) <= limit and len(str(text)) <= 4 * limit else shown[: limit - 1] + "…"


def _is_replaced(character: str) -> bool:
    return unicodedata.category(character) in _REPLACED
