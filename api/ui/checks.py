"""The four questions that a person has about a signed file, each with its answer.

Was the signature good when it was made, is the content unchanged, was the signer entitled, is the document in force
now. Knows the report's fields and the wording. Must not judge anything itself: what the report leaves open stays open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from api.rendering.standings import doubts_of_right
from api.ui.messages import Translate
from api.ui.shown import Report, local_time, visible

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
_STAMPED: Final = frozenset({"signature_timestamp", "document_timestamp", "archive_timestamp"})
_CLASSES: Final = frozenset({"personal", "org_seal", "citizen", "service"})
_DOCUMENT_STATES: Final = {
    "active": "yes",
    "not_issued": "open",
    "expired": "no",
    "revoked": "no",
    "superseded": "no",
    "recalled": "no",
    "voided": "no",
    "unknown": "open",
}
"""State of a document in the vault → answer; of every other state the page says: ask the agency."""
_HARMLESS: Final = frozenset({"none", "permitted", "form_fill", "annotations"})


class Answer(StrEnum):
    """The answer to one check."""

    YES = "yes"
    NO = "no"
    OPEN = "open"


_WORST_FIRST: Final = {
    "revoked": Answer.NO,
    "expired": Answer.NO,
    "failed": Answer.NO,
    "unproven": Answer.OPEN,
    "open": Answer.OPEN,
    "yes": Answer.YES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One of the four questions and its answer."""

    title: str
    answer: Answer
    lines: tuple[str, ...]
    """Sentences, the first the most important."""


def four_checks(report: Report, t: Translate, language: str, *, altered: bool) -> tuple[Check, ...]:
    """The answers; of an altered file only that it is altered, for nothing else counts then."""
    signatures = [entry for entry in report["signatures"] if entry["kind"] == "signature"]
    if altered:
        return (_content(signatures, t, altered=True),)
    in_force = document_state(state_of(report), t)
    if not signatures:
        return () if state_of(report) == "unknown" else (in_force,)
    return (
        _then(signatures, t),
        _content(signatures, t, altered=False),
        _entitled(signatures, report, t, language),
        in_force,
    )


def state_of(report: Report) -> str:
    """The state of the document that the file is, as the vault and the register know it."""
    return str((report.get("document_status") or {}).get("state") or "unknown").lower()


def document_state(state: str, t: Translate) -> Check:
    """Give the answer to "is the document in force now"."""
    key = f"document.{state}" if state in _DOCUMENT_STATES else "document.other"
    answer = Answer(_DOCUMENT_STATES.get(state, Answer.OPEN))
    return Check(title=t("document.title"), answer=answer, lines=(t(key),))


def profile_of(entry: Report) -> str | None:
    """Under which kind of roots a signature is good."""
    profile = (entry.get("trust") or {}).get("profile")
    return None if profile is None else str(profile)


def signer_line(entry: Report, t: Translate) -> str:
    """The signer as the certificate names it, and what kind of certificate that is."""
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


def _then(signatures: Sequence[Report], t: Translate) -> Check:
    """The worst signature decides; the times are told whatever the answer is."""
    found = {_certificate_state(entry) for entry in signatures}
    state = next(one for one in _WORST_FIRST if one in found)
    times = dict.fromkeys(_time(entry, t) for entry in signatures)
    return Check(title=t("check.then"), answer=_WORST_FIRST[state], lines=(t(f"check.then.{state}"), *times))


def _certificate_state(entry: Report) -> str:
    for code in (entry.get("reason_code"), entry.get("sub_indication")):
        if code in _CERTIFICATE_STATES:
            return _CERTIFICATE_STATES[code]
    indication = str(entry.get("indication")).replace("_", "-").upper()
    if indication in {"TOTAL-PASSED", "PASSED"}:
        return "yes"
    return "failed" if indication in {"TOTAL-FAILED", "FAILED"} else "open"


def _time(entry: Report, t: Translate) -> str:
    best = entry.get("best_signature_time") or {}
    claimed = local_time(entry.get("claimed_time"))
    if best.get("source") in _STAMPED:
        return t("check.time.yes", at=local_time(best.get("at")))
    return t("check.time.claimed", at=claimed) if claimed else t("check.time.none")


def _content(signatures: Sequence[Report], t: Translate, *, altered: bool) -> Check:
    changes = {entry["changes_after"] for entry in signatures}
    if altered:
        answer, text = Answer.NO, t("check.integrity.no")
    elif any(entry["intact"] is not True for entry in signatures) or not changes <= _HARMLESS:
        answer, text = Answer.OPEN, t("check.integrity.open")
    elif changes & {"form_fill", "annotations"}:
        answer, text = Answer.YES, t("check.integrity.added")
    else:
        answer, text = Answer.YES, t("check.integrity.yes")
    return Check(title=t("check.integrity"), answer=answer, lines=(text,))


def _entitled(signatures: Sequence[Report], report: Report, t: Translate, language: str) -> Check:
    """An entitlement that was not compared is no failure, and no success either."""
    lines = [signer_line(entry, t) for entry in signatures]
    entitlement = (report.get("entitlement") or {}).get("status")
    if entitlement == "not_entitled":
        answer = Answer.NO
        lines.append(t("check.signer.not_entitled"))
    elif any(profile_of(entry) is None for entry in signatures):
        answer = Answer.OPEN
        lines.append(t("check.signer.untrusted"))
    elif entitlement == "entitled":
        answer = Answer.YES
    else:
        answer = Answer.OPEN
        lines.append(t("check.signer.entitlement_open"))
    if answer is not Answer.YES:
        lines.extend(why.en if language == "en" else why.vi for why in doubts_of_right(report))
    return Check(title=t("check.signer"), answer=answer, lines=tuple(lines))
