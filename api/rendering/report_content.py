"""What stands on the pages of a verification report, in both languages, from the report's document.

Knows the document of DESIGN §3 and the wording. Judges nothing: what the report leaves open stays open here, and of a
file that was altered only that is said. Every text in it may come from a stranger's certificate or file.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from api.rendering import report_texts as texts
from api.rendering.printable import shown
from api.rendering.report_texts import Pair
from api.rendering.standings import advice_on, changes_in_words, doubts_of_right, further_errors, standing_of
from api.vietnam_time import VIETNAM

Report = Mapping[str, Any]
MAX_SIGNATURES: Final = 60
"""So many signatures are printed; a file may have hundreds, and a page for each helps nobody."""
_MAX_LINES: Final = 12  # reasons, warnings, changes
_LONG: Final = 300


def report_content(report: Report, issuer: str) -> dict[str, Any]:
    """The values of the template: texts and lists, nothing that could be code.

    Args:
        report: the document that `POST /v1/verifications` answers.
        issuer: who checked, as the certificate of the seal names it.
    """
    signatures = [one for one in report["signatures"] if one["kind"] == "signature"]
    altered = any(one["intact"] is False or one["changes_after"] == "forbidden" for one in signatures)
    verdict = report["verdict"]
    standing = standing_of(report)
    headline = "altered" if altered and verdict == "invalid" else standing
    trial = any(one["trust"]["profile"] == "dev" for one in report["signatures"])
    printed = report["signatures"][:MAX_SIGNATURES]
    return {
        "issuer": shown(issuer, limit=160),
        "title": texts.TITLE._asdict(),
        "sections": {name: pair._asdict() for name, pair in texts.SECTIONS.items()},
        "trial": texts.TRIAL._asdict() if trial else None,
        "verdict": verdict,
        "tone": verdict if standing == verdict else "indeterminate",
        "word": texts.WORDS[standing]._asdict(),
        "sentence": texts.SENTENCES[headline]._asdict(),
        "checks": _checks(report, signatures, altered=altered),
        "facts": _facts(report),
        "reasons": _reasons(report),
        "next": [texts.NEXT[advice_on(report, headline, trial=trial)]._asdict()],
        "signatures": [_signature(number, one) for number, one in enumerate(printed, 1)],
        "left_out": str(len(report["signatures"]) - len(printed)),
        "checked_on": _moment(report["checked_at"]),
        "day": datetime.fromisoformat(report["checked_at"]).astimezone(VIETNAM).date().isoformat(),
    }


def _checks(report: Report, signatures: Sequence[Report], *, altered: bool) -> list[dict[str, Any]]:
    if not signatures:
        return []
    integrity = _check("integrity", *_integrity(signatures, altered=altered))
    if altered:
        return [integrity]
    certificate = _worst(one["legal_minimum"]["validity_at_signing_time"] for one in signatures)
    time = "yes" if all(one["best_signature_time"]["at"] for one in signatures) else "open"
    return [
        integrity,
        _check("signer", *_signer(report, signatures)),
        _check("certificate", certificate, texts.CERTIFICATES[certificate]),
        _check("time", time, texts.TIMES[time]),
    ]


def _check(name: str, answer: str, sentence: Pair) -> dict[str, Any]:
    return {
        "name": texts.CHECKS[name]._asdict(),
        "answer": answer,
        "word": texts.ANSWERS[answer]._asdict(),
        "sentence": sentence._asdict(),
    }


def _integrity(signatures: Sequence[Report], *, altered: bool) -> tuple[str, Pair]:
    changes = {str(one["changes_after"]) for one in signatures}
    if altered:
        return "no", texts.CHANGES["forbidden"] if "forbidden" in changes else texts.SENTENCES["altered"]
    if "unknown" in changes or any(one["intact"] is not True for one in signatures):
        return "open", texts.CHANGES["unknown"]
    for worst in ("annotations", "form_fill", "permitted"):
        if worst in changes:
            return "yes", texts.CHANGES[worst]
    return "yes", texts.CHANGES["none"]


def _signer(report: Report, signatures: Sequence[Report]) -> tuple[str, Pair]:
    status = report["entitlement"]["status"]
    sentence = texts.ENTITLEMENT.get(status, texts.ENTITLEMENT["unknown"])
    for why in doubts_of_right(report):
        sentence = Pair(f"{sentence.vi} {why.vi}", f"{sentence.en} {why.en}")
    if status == "not_entitled":
        return "no", sentence
    known = all(one["trust"]["profile"] for one in signatures)
    return ("yes" if known and status == "entitled" else "open"), sentence


def _worst(validities: Any) -> str:  # noqa: ANN401 - an iterable of the three words
    found = set(validities)
    return "no" if "invalid" in found else "open" if "unknown" in found else "yes"


def _facts(report: Report) -> list[dict[str, Any]]:
    state = str(report["document_status"]["state"])
    values = {
        "sha256": report["file"]["sha256"],
        "size": report["file"]["size"],
        "policy": report["policy"],
        "checked_at": _moment(report["checked_at"]),
        "state": _both(texts.STATES.get(state, texts.OTHER_STATE)),
        "acceptance": report["acceptance"],
    }
    return [_row(texts.FACTS[name], str(value)) for name, value in values.items()]


def _reasons(report: Report) -> list[dict[str, str]]:
    told = zip(report["reason_codes"], report["reasons_vi"], report["reasons_en"], strict=True)
    return [{"code": shown(code, limit=60), "vi": shown(vi), "en": shown(en)} for code, vi, en in told][:_MAX_LINES]


def _signature(number: int, one: Report) -> dict[str, Any]:
    kind = "timestamp" if one["kind"] == "timestamp" else "signature"
    return {
        "number": str(number),
        "kind": kind,
        "field": shown(one["field"] or "–", limit=80),
        "rows": [*_legal_rows(one), *_more_rows(one)],
    }


def _legal_rows(one: Report) -> list[dict[str, Any]]:
    minimum = one["legal_minimum"]
    time, period = minimum["signing_time"], minimum["certificate_period"]
    values = {
        "issuer": minimum["issuer"],
        "signer": minimum["signer"],
        "certificate_managing_unit": _word_or_text(minimum["certificate_managing_unit"]),
        "signing_time": f"{_moment(time['at'])} – {_both(texts.TIME_SOURCES[time['source']])}",
        "integrity": _both(texts.VALUES[minimum["integrity"]]),
        "validity_at_signing_time": _both(texts.VALUES[minimum["validity_at_signing_time"]]),
        "certificate_period": f"{_moment(period['not_before'])} – {_moment(period['not_after'])}",
    }
    return [_row(texts.FIELDS[name], _word_or_text(value)) for name, value in values.items()]


def _more_rows(one: Report) -> list[dict[str, Any]]:
    signer, told = one["signer"], [one["reason_code"], *one["warnings"], *further_errors(one)]
    steps = " ".join(f"({number}) {' '.join(what)}".strip() for number, what in changes_in_words(one)[:_MAX_LINES])
    outcome = " / ".join(part for part in (one["indication"], one["sub_indication"]) if part)
    values = {
        "result": outcome,
        "capacity": ", ".join(part for part in (signer["title"], signer["organisation"]) if part),
        "changes": _both(texts.CHANGES[one["changes_after"]]) + (f" {steps}" if steps else ""),
        "level": one["level"],
        "policy": one.get("policy"),
        "anchor": one["trust"]["anchor"],
        "serial": signer["serial"],
        "details": "; ".join(dict.fromkeys(str(text) for text in told[:_MAX_LINES] if text)),
    }
    limits = {"changes": 4 * _LONG}
    return [
        _row(texts.MORE_FIELDS[name], str(value), limits.get(name, _LONG)) for name, value in values.items() if value
    ]


def _row(name: Pair, value: str, limit: int = _LONG) -> dict[str, Any]:
    return {"name": name._asdict(), "value": shown(value, limit=limit)}


def _word_or_text(value: str) -> str:
    return _both(texts.VALUES["unknown"]) if value == "unknown" else value


def _both(pair: Pair) -> str:
    return f"{pair.vi} / {pair.en}"


def _moment(text: str | None) -> str:
    """A moment as people in Viet Nam read it, with its offset."""
    if not text:
        return _both(texts.VALUES["none"])
    return datetime.fromisoformat(text).astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S +07:00")
