"""Identifiers of our own: a prefix that says what it names, and a UUIDv7 that sorts by time.

Knows the structure only. Must not know what exists: an id that parses may still name nothing.
"""

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Final

from api.errors import InvalidId

# Crockford's base32 without i, l, o and u: safe to read aloud and to type
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_BODY: Final = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}")  # 26 x 5 bits hold 128; the first digit has three
_MAX_LENGTH: Final = 40
_RANDOM_BITS: Final = 74
_CLAIMED: Final[ContextVar[str | None]] = ContextVar("claimed_id_body", default=None)


def new_id(prefix: str, at: datetime) -> str:
    """A new identifier: `prefix_` and 26 characters of a UUIDv7 made at `at`."""
    return _render(prefix, at, secrets.randbits(_RANDOM_BITS))


def id_body(at: datetime) -> str:
    """The 26 characters of a new identifier without its prefix, to be kept with an idempotency key."""
    return new_id("", at).removeprefix("_")


@contextmanager
def creating(body: str) -> Iterator[None]:
    """What is created inside gets this body in its identifier, however often it is tried (decision 0012)."""
    token = _CLAIMED.set(body)
    try:
        yield
    finally:
        _CLAIMED.reset(token)


def creation_id(prefix: str, at: datetime) -> str:
    """The identifier of the one thing that a request creates: the same in every run under one idempotency key.

    A use-case that asks for it looks first whether the thing is there: then an earlier run made it. Outside a
    claimed key it is a new one.
    """
    body = _CLAIMED.get()
    return new_id(prefix, at) if body is None else f"{prefix}_{body}"


def fixed_id(prefix: str, name: str, at: datetime) -> str:
    """The same identifier for the same name, for seeded records; structure as `new_id`."""
    digest = hashlib.sha256(f"{prefix}:{name}".encode()).digest()
    return _render(prefix, at, int.from_bytes(digest, "big") >> (256 - _RANDOM_BITS))


def parse_id(prefix: str, text: str) -> str:
    """The identifier itself when its structure is right.

    Raises:
        InvalidId: wrong prefix, length or alphabet. The text is not repeated: it may hold anything.
    """
    head = prefix + "_"
    if len(text) > _MAX_LENGTH or not text.startswith(head) or not _BODY.fullmatch(text[len(head) :]):
        raise InvalidId(
            f"Mã định danh phải có dạng {head}… gồm 26 ký tự sau dấu gạch dưới.",
            f"The identifier must look like {head}… with 26 characters after the underscore.",
        )
    return text


def _render(prefix: str, at: datetime, random: int) -> str:
    # RFC 9562 §5.7: 48 bits Unix milliseconds, version 7, 12 random bits, variant 10, 62 random bits
    milliseconds = int(at.timestamp() * 1000)
    value = milliseconds << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & ((1 << 62) - 1)
    digits = [_ALPHABET[value >> shift & 31] for shift in range(125, -1, -5)]
    return f"{prefix}_{''.join(digits)}"
