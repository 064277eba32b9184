"""One error as one RFC 9457 problem document.

Knows the table and the languages. Must not decide anything: the error was decided where it was raised.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api.problems.table import TABLE, Row

LANGUAGES: Final = ("vi", "en")
_UNKNOWN: Final = Row(500, "Lỗi của hệ thống", "Internal error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What the client gets: status and body of `application/problem+json`."""

    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str]


def choose_language(accept_language: str | None) -> str:
    """`vi` or `en` by Accept-Language (RFC 9110 §12.5.4); Vietnamese when nothing fits."""
    best, weight = "vi", 0.0
    for part in (accept_language or "")[:400].split(","):
        tag, _, parameter = part.strip().partition(";")
        primary = tag.split("-")[0].lower()
        quality = _quality(parameter)
        if primary in LANGUAGES and quality > weight:
            best, weight = primary, quality
    return best


def describe(
    error: Exception,
    *,
    language: str,
    request_id: str,
    incident: str | None = None,
    errors: tuple[Mapping[str, str], ...] = (),
) -> Problem:
    """The problem document of an error.

    An error class without a row, or one with status 500, shows nothing but the incident number.
    """
    row = _row(error)
    code = getattr(error, "code", "INTERNAL") if row is not _UNKNOWN else "INTERNAL"
    body: dict[str, object] = {
        "type": f"/problems/{code}",
        "title": row.title_vi if language == "vi" else row.title_en,
        "status": row.status,
        "code": code,
        "request_id": request_id,
        "retryable": bool(getattr(error, "retryable", False)),
    }
    detail = _detail(error, row, language)
    if detail:
        body["detail"] = detail
    if incident is not None:
        body["incident"] = incident
    if errors:
        body["errors"] = list(errors)
    return Problem(status=row.status, body=body, headers={"Content-Language": language, **_headers(error)})


def is_refusal(error: BaseException) -> bool:
    """Whether the error says for sure that the request was refused: a known 4xx that is not worth trying again."""
    if not isinstance(error, Exception) or getattr(error, "retryable", False):
        return False
    return _row(error).status < 500  # noqa: PLR2004 - RFC 9110 §15.6


def _row(error: Exception) -> Row:
    for base in type(error).__mro__:
        row = TABLE.get(base)
        if row is not None:
            return row
    return _UNKNOWN


def _detail(error: Exception, row: Row, language: str) -> str:
    if row.status == 500:  # noqa: PLR2004 - RFC 9110 §15.6.1; details go to the log
        return ""
    return str(getattr(error, f"detail_{language}", "") or getattr(error, "detail_en", ""))


def _headers(error: Exception) -> Mapping[str, str]:
    retry_after = getattr(error, "retry_after_s", None)
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    if getattr(error, "closes_connection", False):
        headers["Connection"] = "close"  # RFC 9112 §9.6: the rest of the body is not waited for
    return headers


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def reason_of(code: str) -> tuple[str, str]:
    """The Vietnamese and the English title of a code, for results that are kept by code; empty for a strange one."""
    return _TITLES.get(code, ("", ""))


_TITLES: Final = {str(getattr(error, "code", "")): (row.title_vi, row.title_en) for error, row in TABLE.items()}
