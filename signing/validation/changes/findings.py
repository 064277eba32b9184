"""The findings that several rules have in common; knows tokens, levels and reason codes."""

from typing import Final

from signing.validation.changes.outcome import ChangeLevel, Finding, Kind

FONT: Final = "FONT_OVERLAY"
FORM: Final = "FORM_OVERLAY"
HIDE: Final = "SHADOW_HIDE"
REPLACE: Final = "SHADOW_REPLACE"
HIDE_AND_REPLACE: Final = "SHADOW_HIDE_AND_REPLACE"
EVIL: Final = "EVIL_ANNOTATION"
SNEAKY: Final = "SNEAKY_SIGNATURE"
FORGED: Final = "FORGED_SIGNATURE"
FILLED: Final = "FORM_FILLED_AFTER_SIGNING"
ANNOTATED: Final = "ANNOTATED_AFTER_SIGNING"
METADATA: Final = "METADATA_CHANGED"


def forbidden(
    what: str, attack: str | None = None, *, values: tuple[str, ...] = (), kind: Kind = Kind.CONTENT
) -> Finding:
    """A change that nothing permits."""
    return Finding(what=what, kind=kind, level=ChangeLevel.FORBIDDEN, attack=attack, values=values)


def permitted(what: str, kind: Kind) -> Finding:
    """A change that does no harm unless the signer forbade its kind."""
    return Finding(what=what, kind=kind, level=ChangeLevel.PERMITTED)


PERMITTED: Final = {
    "rewritten": permitted("rewritten", Kind.NEUTRAL),
    "structure": permitted("structure", Kind.NEUTRAL),
    "validation_data": permitted("validation_data", Kind.EVIDENCE),
    "timestamp": permitted("timestamp", Kind.EVIDENCE),
    "signature": permitted("signature", Kind.SIGNING),
    "version": permitted("version", Kind.NEUTRAL),
}
NEW_FIELD: Final = permitted("signature_field", Kind.NEW_FIELD)
METADATA_CHANGED: Final = Finding(what="metadata", kind=Kind.METADATA, level=ChangeLevel.ANNOTATIONS, attack=METADATA)
STRUCTURE_CHANGED: Final = Finding(
    what="structure_changed", kind=Kind.METADATA, level=ChangeLevel.ANNOTATIONS, attack=METADATA
)
