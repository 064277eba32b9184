"""What good signatures amount to for a person: the three answers of a report in one headline and one piece of advice.

A machine reads `acceptance`; whoever reads the page or the printed report must not be told to use what it refuses.
Knows the document of DESIGN §3. Judges nothing.
"""

from collections.abc import Mapping
from typing import Any, Final

from api.rendering.report_texts import Pair

_SAID_ELSEWHERE: Final = frozenset({"CHECK_FAILED", "NO_SIGNATURE"})  # by the verdict itself
_HARMLESS_STATES: Final = frozenset({"active", "unknown"})


def standing_of(report: Mapping[str, Any]) -> str:
    """The headline of a report: its verdict, or what outweighs good signatures: `withdrawn`, `not_entitled`."""
    verdict = str(report["verdict"])
    if verdict != "valid":
        return verdict
    if _part(report, "document_status", "state") not in _HARMLESS_STATES:
        return "withdrawn"
    return "not_entitled" if _part(report, "entitlement", "status") == "not_entitled" else verdict


def advice_on(report: Mapping[str, Any], standing: str, *, trial: bool) -> str:
    """What to do next; only what `acceptance` accepts may be used without asking anybody.

    Args:
        report: the document.
        standing: its headline.
        trial: signed under a development root.
    """
    if standing != "valid":
        return standing
    if trial:
        return "trial"
    return "valid" if report.get("acceptance") == "accept" else "ask"


def doubts_of_right(report: Mapping[str, Any]) -> tuple[Pair, ...]:
    """Why the right to sign is refused or open, in words; codes that this version does not know are left out."""
    from signing.validation import TEXTS, Reason  # noqa: PLC0415 - the command line does without what checks files

    codes = (report.get("entitlement") or {}).get("reasons") or ()
    known = (TEXTS[Reason(code)] for code in codes if code in Reason.__members__ and code not in _SAID_ELSEWHERE)
    return tuple(Pair(text.vi, text.en) for text in known)


def changes_in_words(signature: Mapping[str, Any]) -> tuple[tuple[int, Pair], ...]:
    """What each later revision did, in its order, each thing once."""
    said = (
        (one["revision"], Pair(one.get("vi") or one["what"], one.get("en") or ""))
        for one in signature.get("changes") or ()
    )
    return tuple(dict.fromkeys(said))


def further_errors(signature: Mapping[str, Any]) -> tuple[str, ...]:
    """Technical details that are not the tokens of changes, which are told in words."""
    told = {one["what"] for one in signature.get("changes") or ()}
    return tuple(str(error) for error in signature.get("errors") or () if error not in told)


def _part(report: Mapping[str, Any], name: str, key: str) -> str:
    return str((report.get(name) or {}).get(key) or "unknown").lower()
