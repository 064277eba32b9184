"""When a holder is told that a certificate will expire: spread over weeks, so that a batch does not come back at once.

20,000 certificates of one campaign expire in one quarter (F4). Each gets a day of its own inside a window before its
end, drawn from its id: the same id has the same day for ever, whoever asks, and no list of days is kept anywhere. Pure:
knows no clock, no record and no message.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from api.vietnam_time import vietnam_day


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWindow:
    """How long before the end the first notices go out, and the last."""

    first: timedelta = timedelta(weeks=13)
    last: timedelta = timedelta(weeks=5)
    """Late enough to be remembered, early enough for a visit to the counter."""

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.last < self.first:
            raise ValueError("a window begins before it ends")

    @property
    def days(self) -> int:
        """How many days have notices; at least one."""
        return max(1, (self.first - self.last).days)


DEFAULT_WINDOW: Final = NoticeWindow()
"""Eight weeks."""


def notice_day(certificate_id: str, not_after: datetime, window: NoticeWindow = DEFAULT_WINDOW) -> date:
    """The day in Viet Nam on which the holder is told.

    Args:
        certificate_id: `cert_…`.
        not_after: the certificate's end, UTC.
        window: first and last day, counted back from the end.
    """
    digest = hashlib.sha256(certificate_id.encode()).digest()
    offset = int.from_bytes(digest[:8], "big") % window.days
    return vietnam_day(not_after) - timedelta(days=window.first.days) + timedelta(days=offset)


def is_notice_due(
    certificate_id: str, not_after: datetime, at: datetime, window: NoticeWindow = DEFAULT_WINDOW
) -> bool:
    """Whether the holder should have been told by now; no longer once the certificate has expired."""
    return at <= not_after and vietnam_day(at) >= notice_day(certificate_id, not_after, window)
