"""Which of the forms at hand the caller's Accept header asks for (RFC 9110 §12.5.1). Must not know what they hold."""

from collections.abc import Sequence
from typing import Final

from api.errors import NotAcceptable

_MOST: Final = 2000  # characters of a header that are read
_ANY: Final = "*/*"


def chosen_media_type(accept: str | None, offered: Sequence[str]) -> str:
    """The offered media type that the caller likes best; of equal ones the first.

    Args:
        accept: the header's value; None: everything is welcome.
        offered: media types without parameters, the usual one first.

    Raises:
        NotAcceptable: none of them is accepted.
    """
    if accept is None or not accept.strip():
        return offered[0]
    ranges = [_range(part) for part in accept[:_MOST].split(",") if part.strip()]
    weights = {one: _weight(one, ranges) for one in offered}
    best = max(offered, key=lambda one: weights[one])
    if weights[best] == 0:
        names = ", ".join(offered)
        raise NotAcceptable(f"Có thể nhận: {names}.", f"Available: {names}.")
    return best


def _range(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            return name, _quality(value.strip())
    return name, 1.0


def _quality(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0 <= value <= 1 else 0.0  # also what is no number at all


def _weight(offered: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The most specific range decides."""
    kind = offered.partition("/")[0]
    for wanted in (offered, f"{kind}/*", _ANY):
        found = [quality for name, quality in ranges if name == wanted]
        if found:
            return max(found)
    return 0.0
