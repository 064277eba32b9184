"""Pages of a listing: an opaque cursor that says where the last page ended.

Knows limits and cursors. Must not know what is listed.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, TypeVar
from urllib.parse import urlencode

from fastapi import Query, Response

from api.errors import InputInvalid

MAX_LIMIT: Final = 200
_MARK: Final = "1:"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """What the caller asked for."""

    limit: int
    after: str | None
    """The key that the last page ended with; None: the first page."""

    def cut(self, found: Sequence[_T], key: Callable[[_T], str]) -> tuple[Sequence[_T], str | None]:
        """The page and the cursor of the next one, from a query for `limit + 1` rows."""
        if len(found) <= self.limit:
            return found, None
        page = found[: self.limit]
        return page, _encode(key(page[-1]))

    def cursor_after(self, key: str | None) -> str | None:
        """The cursor of the next page for a listing that cuts its pages itself; None: there is none."""
        return None if key is None else _encode(key)


def paging(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Số mục mỗi trang / items a page")] = 50,
    cursor: Annotated[str | None, Query(max_length=400, description="`next_cursor` of the page before")] = None,
) -> Paging:
    """A dependency for listings: `paging: Annotated[Paging, Depends(paging)]`.

    Raises:
        InputInvalid: the cursor is none of ours.
    """
    return Paging(limit=limit, after=None if cursor is None else _decode(cursor))


def with_query(path: str, **wanted: str | None) -> str:
    """The address of the listing with what it was narrowed by, so that the next page lists the same things."""
    given = {name: value for name, value in wanted.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path


def link_next(response: Response, path: str, cursor: str | None) -> None:
    """Name the next page in the Link header (RFC 8288)."""
    if cursor is not None:
        joint = "&" if "?" in path else "?"
        response.headers["Link"] = f'<{path}{joint}cursor={cursor}>; rel="next"'


def _encode(key: str) -> str:
    return base64.urlsafe_b64encode((_MARK + key).encode()).decode().rstrip("=")


def _decode(cursor: str) -> str:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as err:
        raise _unknown_cursor() from err
    if not text.startswith(_MARK) or "\x00" in text:
        raise _unknown_cursor()
    return text.removeprefix(_MARK)


def _unknown_cursor() -> InputInvalid:
    return InputInvalid("Con trỏ trang không hợp lệ.", "The page cursor is not valid.")
