"""One signature for people who know the standards: the legal minimum first, then what else the report says.

Knows the report's fields and the wording. Must not judge anything itself.
"""

from dataclasses import dataclass
from typing import Final

from api.rendering.report_texts import FIELDS, TIME_SOURCES, VALUES, Pair
from api.rendering.standings import changes_in_words, further_errors
from api.ui.checks import signer_line
from api.ui.messages import Translate
from api.ui.shown import Report, local_time, visible

_MOST_CHANGES: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One signature: labels and values."""

    title: str
    rows: tuple[tuple[str, str], ...]


def detail(number: int, entry: Report, t: Translate, language: str) -> Detail:
    """Give one signature or time-stamp in labels and values."""
    signer = entry.get("signer") or {}
    outcome = " / ".join(str(part) for part in (entry.get("indication"), entry.get("sub_indication")) if part)
    told = changes_in_words(entry)[:_MOST_CHANGES]
    changes = " ".join(f"({number}) {what.en if language == 'en' and what.en else what.vi}" for number, what in told)
    rows = (
        ("details.field", entry.get("field")),
        ("details.signer", signer_line(entry, t) if entry["kind"] == "signature" else signer.get("common_name")),
        ("details.indication", outcome),
        ("details.level", entry.get("level")),
        ("details.rule", entry.get("policy")),
        ("details.claimed", local_time(entry.get("claimed_time"))),
        ("details.serial", signer.get("serial")),
        ("details.anchor", (entry.get("trust") or {}).get("anchor")),
        ("details.changes", changes),
        ("details.warnings", "; ".join([*map(str, entry.get("warnings") or ()), *further_errors(entry)])),
    )
    title = t("details.timestamp") if entry["kind"] == "timestamp" else t("details.signature", number=number)
    shown = tuple((t(label), visible(value)) for label, value in rows if value)
    return Detail(title=title, rows=(*_legal_minimum(entry.get("legal_minimum"), language), *shown))


def _legal_minimum(said: Report | None, language: str) -> tuple[tuple[str, str], ...]:
    """The seven fields of Circular 15/2025/TT-BKHCN, in its order."""
    if not said:
        return ()

    def word(pair: Pair) -> str:
        return pair.en if language == "en" else pair.vi

    def value(name: str) -> str:
        found = said[name]
        if name == "signing_time":
            source = word(TIME_SOURCES.get(str(found["source"]), TIME_SOURCES["none"]))
            return f"{local_time(found['at'])}, {source}" if found["at"] else source
        if name == "certificate_period":
            return f"{local_time(found['not_before']) or '?'} – {local_time(found['not_after']) or '?'}"
        return word(VALUES[str(found)]) if str(found) in VALUES else visible(found)

    return tuple((word(label), value(name)) for name, label in FIELDS.items() if name in said)
