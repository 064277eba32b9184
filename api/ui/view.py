"""What a person reads of a verification report: one sentence, four checks, what to do next.

Knows the report's fields and the wording. Must not judge anything itself: where the report leaves something open,
so does the page, and nothing becomes better on the way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from api.rendering.standings import advice_on, standing_of
from api.ui.checks import Check, four_checks, profile_of
from api.ui.messages import Translate
from api.ui.shown import Report, visible
from api.ui.signature_details import Detail, detail

_ALTERED: Final = frozenset({"DOCUMENT_ALTERED", "HIDDEN_UPDATE", "READERS_DISAGREE", "SIGNATURE_COVERAGE"})
_TRIAL: Final = "DEVELOPMENT_NO_LEGAL_VALUE"
_TRY_LATER: Final = frozenset({"STATUS_UNKNOWN", "TRY_LATER"})
_UNTRUSTED: Final = frozenset({"UNTRUSTED_ROOT", "NO_CERTIFICATE_CHAIN_FOUND"})
_UNSIGNED: Final = (
    ("PRINT_ONLY", "print_only"),
    ("PICTURE_OF_SEAL", "picture_of_seal"),
    ("SIGNATURE_FIELD_EMPTY", "field_empty"),
)
_VERDICTS: Final = frozenset({"valid", "invalid", "indeterminate", "no_signature"})


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictView:
    """Everything the page shows of one report."""

    verdict: str
    """valid, invalid, indeterminate or no_signature: what the signatures are."""
    tone: str
    """The same words, as the name of colour and icon: what outweighs good signatures is not shown green."""
    word: str
    sentence: str
    trial: bool
    """Made with development certificates: no legal value."""
    reasons: tuple[str, ...]
    checks: tuple[Check, ...]
    """Only one if the content is not intact: nothing else counts then."""
    next_steps: tuple[str, ...]
    details: tuple[Detail, ...]
    versions: tuple[tuple[str, str], ...]
    """Name of each signature's field and what it is called: whose version can be fetched."""
    facts: tuple[tuple[str, str], ...]
    """Hash, size, policy and reason codes of the file."""


def verdict_view(report: Report, t: Translate, language: str) -> VerdictView:
    """Give the page's view of a report.

    Args:
        report: as `POST /v1/verifications` answers; texts in it may come from certificates, so from anyone.
        t: the wording.
        language: `vi` or `en`, for the report's own sentences.
    """
    verdict = report["verdict"] if report["verdict"] in _VERDICTS else "indeterminate"
    signatures = [entry for entry in report["signatures"] if entry["kind"] == "signature"]
    altered = _is_altered(verdict, signatures)
    trial = any(profile_of(entry) == "dev" for entry in report["signatures"])
    standing = standing_of({**report, "verdict": verdict})
    outweighed = standing != verdict
    headline = standing if outweighed else _headline(verdict, report, signatures, altered=altered)
    return VerdictView(
        verdict=verdict,
        tone="indeterminate" if outweighed else verdict,
        word=t(f"verdict.{standing}.word"),
        sentence=t(f"verdict.{headline}", count=len(signatures)),
        trial=trial,
        reasons=_reasons(report, language, altered=altered),
        checks=four_checks(report, t, language, altered=altered),
        next_steps=_next_steps(report, headline, signatures, t, trial=trial),
        details=tuple(detail(number, entry, t, language) for number, entry in enumerate(report["signatures"], 1)),
        versions=tuple(_version(number, entry, t) for number, entry in enumerate(report["signatures"], 1)),
        facts=_facts(report, t),
    )


def _is_altered(verdict: str, signatures: Sequence[Report]) -> bool:
    broken = any(entry["intact"] is False or entry["changes_after"] == "forbidden" for entry in signatures)
    return broken or (verdict == "invalid" and any(entry.get("reason_code") in _ALTERED for entry in signatures))


def _headline(verdict: str, report: Report, signatures: Sequence[Report], *, altered: bool) -> str:
    if altered and verdict != "valid":
        return "altered"
    if verdict == "no_signature":  # S10: each kind of unsigned file has its own answer
        return next((name for code, name in _UNSIGNED if code in report["reason_codes"]), verdict)
    return "unreadable" if verdict == "indeterminate" and not signatures else verdict


def _reasons(report: Report, language: str, *, altered: bool) -> tuple[str, ...]:
    pairs = zip(report["reason_codes"], report[f"reasons_{language}"], strict=False)
    texts = tuple(visible(text) for code, text in pairs if code != _TRIAL)  # that one is said in a frame of its own
    return texts[:1] if altered else texts


def _next_steps(
    report: Report, headline: str, signatures: Sequence[Report], t: Translate, *, trial: bool
) -> tuple[str, ...]:
    codes = {entry.get(name) for entry in signatures for name in ("reason_code", "sub_indication")}
    steps = []
    if headline == "indeterminate" and codes & _TRY_LATER:
        steps.append("next.try_later")
    elif headline in {"invalid", "indeterminate"} and codes & _UNTRUSTED:
        steps.append("next.untrusted")
    steps.append(f"next.{advice_on(report, headline, trial=trial)}")
    return tuple(t(step) for step in steps)


def _version(number: int, entry: Report, t: Translate) -> tuple[str, str]:
    name = visible((entry.get("signer") or {}).get("common_name") or "")
    kind = t("details.timestamp") if entry["kind"] == "timestamp" else t("details.signature", number=number)
    return str(entry.get("field") or ""), f"{kind}: {name}" if name else kind


def _facts(report: Report, t: Translate) -> tuple[tuple[str, str], ...]:
    rows = (
        ("SHA-256", report["file"]["sha256"]),
        (t("details.size"), t("details.bytes", size=f"{report['file']['size']:,}".replace(",", "."))),
        (t("details.codes"), ", ".join(report["reason_codes"])),
        (t("details.policy"), report.get("policy")),
    )
    return tuple((label, visible(value)) for label, value in rows if value)
