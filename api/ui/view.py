"""What a person reads of a verification report: one sentence, four checks, what to do next.

Knows the report's fields and the wording. Must not judge anything itself: where the report leaves something open,
so does the page, and nothing becomes better on the way.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from api.ui.messages import Translate
from api.vietnam_time import VIETNAM

Report = Mapping[str, Any]
"""The document of `POST /v1/verifications`."""

_ALTERED: Final = frozenset({"DOCUMENT_ALTERED", "HIDDEN_UPDATE", "READERS_DISAGREE", "SIGNATURE_COVERAGE"})
_TRIAL: Final = "DEVELOPMENT_NO_LEGAL_VALUE"
_CERTIFICATE_STATES: Final = {
    # reason codes and ETSI sub-indications, whichever the report has
    "CERT_REVOKED_AT_SIGNING": "revoked",
    "CERT_ON_HOLD_AT_SIGNING": "revoked",
    "REVOKED": "revoked",
    "REVOKED_CA": "revoked",
    "CERT_NOT_VALID_AT_SIGNING": "expired",
    "EXPIRED": "expired",
    "NOT_YET_VALID": "expired",
    "CERT_REVOKED": "unproven",
    "CERT_ON_HOLD": "unproven",
    "CERT_EXPIRED": "unproven",
    "REVOKED_NO_POE": "unproven",
    "REVOKED_CA_NO_POE": "unproven",
    "OUT_OF_BOUNDS_NO_POE": "unproven",
}
_STAMPED: Final = frozenset({"signature_timestamp", "document_timestamp"})
_TRY_LATER: Final = frozenset({"STATUS_UNKNOWN", "TRY_LATER"})
_UNTRUSTED: Final = frozenset({"UNTRUSTED_ROOT", "NO_CERTIFICATE_CHAIN_FOUND"})
_DOCUMENT_STATES: Final = {
    "active": "yes",
    "not_issued": "open",
    "expired": "no",
    "revoked": "no",
    "superseded": "no",
    "recalled": "no",
    "voided": "no",
}
"""State of a document in the vault → answer; of every other state the page says: ask the agency."""
_CLASSES: Final = frozenset({"personal", "org_seal", "citizen", "service"})
_VERDICTS: Final = frozenset({"valid", "invalid", "indeterminate", "no_signature"})


class Answer(StrEnum):
    """The answer to one check."""

    YES = "yes"
    NO = "no"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One of the four questions and its answer."""

    title: str
    answer: Answer
    lines: tuple[str, ...]
    """Sentences, the first the most important."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One signature for people who know the standards: labels and values."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictView:
    """Everything the page shows of one report."""

    verdict: str
    """valid, invalid, indeterminate or no_signature: what the signatures are."""
    tone: str
    """The same words, as the name of colour and icon: a good signature on a withdrawn document is not shown green."""
    word: str
    sentence: str
    trial: bool
    """Made with development certificates: no legal value."""
    reasons: tuple[str, ...]
    checks: tuple[Check, ...]
    """Only the first one if the content is not intact: nothing else counts then."""
    document: Check | None
    """Whether the document is in force now, which is another question than the signatures."""
    next_steps: tuple[str, ...]
    details: tuple[Detail, ...]
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
    trial = any(_profile(entry) == "dev" for entry in report["signatures"])
    document = None if altered else _document(report, t)
    withdrawn = verdict == "valid" and document is not None and document.answer is not Answer.YES
    headline = "withdrawn" if withdrawn else _headline(verdict, signatures, altered=altered)
    return VerdictView(
        verdict=verdict,
        tone="indeterminate" if withdrawn else verdict,
        word=t(f"verdict.{'withdrawn' if withdrawn else verdict}.word"),
        sentence=t(f"verdict.{headline}", count=len(signatures)),
        trial=trial,
        reasons=_reasons(report, language, altered=altered),
        checks=_checks(signatures, report, t, altered=altered),
        document=document,
        next_steps=_next_steps(headline, signatures, t, trial=trial),
        details=tuple(_detail(number, entry, t) for number, entry in enumerate(report["signatures"], 1)),
        facts=_facts(report, t),
    )


def visible(value: object) -> str:
    """Give a foreign text so that nothing in it can reorder, hide or break what stands around it."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
        else character
        for character in str(value)
    )


def local_time(text: str | None) -> str:
    """Give an ISO 8601 moment as people in Viet Nam read it."""
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return visible(text)
    return moment.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S (+07:00)")


def _is_altered(verdict: str, signatures: Sequence[Report]) -> bool:
    broken = any(entry["intact"] is False or entry["changes_after"] == "forbidden" for entry in signatures)
    return broken or (verdict == "invalid" and any(entry.get("reason_code") in _ALTERED for entry in signatures))


def _headline(verdict: str, signatures: Sequence[Report], *, altered: bool) -> str:
    if altered and verdict != "valid":
        return "altered"
    return "unreadable" if verdict == "indeterminate" and not signatures else verdict


def _reasons(report: Report, language: str, *, altered: bool) -> tuple[str, ...]:
    pairs = zip(report["reason_codes"], report[f"reasons_{language}"], strict=False)
    texts = tuple(visible(text) for code, text in pairs if code != _TRIAL)  # that one is said in a frame of its own
    return texts[:1] if altered else texts


def _profile(entry: Report) -> str | None:
    profile = (entry.get("trust") or {}).get("profile")
    return None if profile is None else str(profile)


def _checks(signatures: Sequence[Report], report: Report, t: Translate, *, altered: bool) -> tuple[Check, ...]:
    if not signatures:
        return ()
    integrity = _integrity(signatures, t, altered=altered)
    if altered:
        return (integrity,)
    return (integrity, _signers(signatures, report, t), _certificates(signatures, t), _times(signatures, t))


def _integrity(signatures: Sequence[Report], t: Translate, *, altered: bool) -> Check:
    changes = {entry["changes_after"] for entry in signatures}
    if altered:
        answer, text = Answer.NO, t("check.integrity.no")
    elif any(entry["intact"] is not True for entry in signatures) or not changes <= {
        "none", "permitted", "form_fill", "annotations"
    }:  # fmt: skip
        answer, text = Answer.OPEN, t("check.integrity.open")
    elif changes & {"form_fill", "annotations"}:
        answer, text = Answer.YES, t("check.integrity.added")
    else:
        answer, text = Answer.YES, t("check.integrity.yes")
    return Check(title=t("check.integrity"), answer=answer, lines=(text,))


def _signers(signatures: Sequence[Report], report: Report, t: Translate) -> Check:
    lines = [_signer_line(entry, t) for entry in signatures]
    entitlement = (report.get("entitlement") or {}).get("status")
    if entitlement == "not_entitled":
        answer = Answer.NO
        lines.append(t("check.signer.not_entitled"))
    elif any(_profile(entry) is None for entry in signatures):
        answer = Answer.OPEN
        lines.append(t("check.signer.untrusted"))
    else:
        answer = Answer.YES
        if entitlement != "entitled":
            lines.append(t("check.signer.entitlement_open"))
    return Check(title=t("check.signer"), answer=answer, lines=tuple(lines))


def _signer_line(entry: Report, t: Translate) -> str:
    signer = entry.get("signer") or {}
    certificate = entry.get("certificate") or {}
    parts = [signer.get("common_name"), signer.get("title"), signer.get("organisation")]
    # a seal names its agency twice, as holder and as organisation
    names = list(dict.fromkeys(visible(part) for part in parts if part)) or [t("check.signer.unknown_name")]
    kind = certificate.get("class") if certificate.get("class") in _CLASSES else "other"
    notes = [t(f"check.signer.{kind}")]
    ordinal = certificate.get("ordinal")
    if isinstance(ordinal, int) and ordinal > 1:
        notes.append(t("check.signer.ordinal", ordinal=ordinal))
    return f"{', '.join(names)} – {', '.join(notes)}"


def _certificates(signatures: Sequence[Report], t: Translate) -> Check:
    found = {_certificate_state(entry) for entry in signatures}
    for state, answer in (
        ("revoked", Answer.NO),
        ("expired", Answer.NO),
        ("unproven", Answer.OPEN),
        ("open", Answer.OPEN),
    ):
        if state in found:
            return Check(title=t("check.certificate"), answer=answer, lines=(t(f"check.certificate.{state}"),))
    return Check(title=t("check.certificate"), answer=Answer.YES, lines=(t("check.certificate.yes"),))


def _certificate_state(entry: Report) -> str:
    for code in (entry.get("reason_code"), entry.get("sub_indication")):
        if code in _CERTIFICATE_STATES:
            return _CERTIFICATE_STATES[code]
    return "yes" if _has_passed(entry) else "open"


def _has_passed(entry: Report) -> bool:
    return str(entry.get("indication")).replace("_", "-").upper() in {"TOTAL-PASSED", "PASSED"}


def _times(signatures: Sequence[Report], t: Translate) -> Check:
    lines = []
    answer = Answer.YES
    for entry in signatures:
        best = entry.get("best_signature_time") or {}
        claimed = local_time(entry.get("claimed_time"))
        if best.get("source") in _STAMPED:
            lines.append(t("check.time.yes", at=local_time(best.get("at"))))
        else:
            answer = Answer.OPEN
            lines.append(t("check.time.claimed", at=claimed) if claimed else t("check.time.none"))
    return Check(title=t("check.time"), answer=answer, lines=tuple(dict.fromkeys(lines)))


def document_state(state: str, t: Translate) -> Check:
    """Give the answer to "is the document in force now"."""
    key = f"document.{state}" if state in _DOCUMENT_STATES else "document.other"
    answer = Answer(_DOCUMENT_STATES.get(state, Answer.OPEN))
    return Check(title=t("document.title"), answer=answer, lines=(t(key),))


def _document(report: Report, t: Translate) -> Check | None:
    state = (report.get("document_status") or {}).get("state") or "unknown"
    return None if state == "unknown" else document_state(str(state).lower(), t)


def _next_steps(headline: str, signatures: Sequence[Report], t: Translate, *, trial: bool) -> tuple[str, ...]:
    codes = {entry.get(name) for entry in signatures for name in ("reason_code", "sub_indication")}
    steps = []
    if headline == "indeterminate" and codes & _TRY_LATER:
        steps.append("next.try_later")
    elif headline in {"invalid", "indeterminate"} and codes & _UNTRUSTED:
        steps.append("next.untrusted")
    steps.append("next.trial" if headline == "valid" and trial else f"next.{headline}")
    return tuple(t(step) for step in steps)


def _detail(number: int, entry: Report, t: Translate) -> Detail:
    signer = entry.get("signer") or {}
    outcome = " / ".join(str(part) for part in (entry.get("indication"), entry.get("sub_indication")) if part)
    changes = "; ".join(f"{change['revision']}: {change['what']}" for change in entry.get("changes") or ())
    rows = (
        ("details.field", entry.get("field")),
        ("check.signer", _signer_line(entry, t) if entry["kind"] == "signature" else signer.get("common_name")),
        ("details.indication", outcome),
        ("details.level", entry.get("level")),
        ("details.claimed", local_time(entry.get("claimed_time"))),
        ("details.serial", signer.get("serial")),
        ("details.anchor", (entry.get("trust") or {}).get("anchor")),
        ("details.changes", changes),
        ("details.warnings", "; ".join(map(str, [*(entry.get("warnings") or ()), *(entry.get("errors") or ())]))),
    )
    title = t("details.timestamp") if entry["kind"] == "timestamp" else t("details.signature", number=number)
    return Detail(title=title, rows=tuple((t(label), visible(value)) for label, value in rows if value))


def _facts(report: Report, t: Translate) -> tuple[tuple[str, str], ...]:
    rows = (
        ("SHA-256", report["file"]["sha256"]),
        (t("details.size"), t("details.bytes", size=f"{report['file']['size']:,}".replace(",", "."))),
        (t("details.codes"), ", ".join(report["reason_codes"])),
        (t("details.policy"), report.get("policy")),
    )
    return tuple((label, visible(value)) for label, value in rows if value)
