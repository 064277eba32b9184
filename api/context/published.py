"""Bytes that everybody may fetch and caches may keep: validators, conditional requests, time to live (RFC 9110, 9111).

Knows HTTP's rules of caching. Must not know what the bytes are.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from fastapi import Request, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One published thing as it stands."""

    content: bytes
    media_type: str
    modified_at: datetime
    max_age_s: int
    """How long a cache may show it without asking again."""
    ends_at: datetime | None = None
    """When it stops being valid: no cache may show it beyond."""

    def answer(self, request: Request, at: datetime) -> Response:
        """The bytes, or 304 for who has them."""
        headers = self._headers(at)
        if self._is_known(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(self.content, media_type=self.media_type, headers=headers)

    def _headers(self, at: datetime) -> dict[str, str]:
        age = self.max_age_s
        if self.ends_at is not None:
            age = max(0, min(age, int((self.ends_at - at).total_seconds()) - 1))
        return {
            "Cache-Control": f"public, max-age={age}, no-transform, must-revalidate",
            "ETag": f'"{hashlib.sha256(self.content).hexdigest()}"',
            # RFC 5019 §6.2 asks for both; old caches know the second only
            "Last-Modified": _date(self._dated(at)),
            "Expires": _date(at + timedelta(seconds=age)),
        }

    def _dated(self, at: datetime) -> datetime:
        """The whole second from which on it stands; the one before while that has not come.

        A date has whole seconds, and two things may follow each other within one: only who asked after its end has the
        later one for certain (RFC 9110 §8.8.2.2).
        """
        second = self.modified_at.replace(microsecond=0)
        after = second + timedelta(seconds=1)
        return after if second < self.modified_at and after <= at else second

    def _is_known(self, request: Request, tag: str) -> bool:
        """RFC 9110 §13.2.2: the tag decides when there is one; the date only without."""
        asked = request.headers.get("if-none-match")
        if asked is not None:
            return any(one.strip().removeprefix("W/") in (tag, "*") for one in asked.split(","))
        since = request.headers.get("if-modified-since")
        try:
            return since is not None and self.modified_at <= parsedate_to_datetime(since)
        except (ValueError, TypeError):  # no date, or one without a zone: the header is ignored (§13.1.3)
            return False


def _date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)
