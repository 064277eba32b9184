"""Base64 as programs write it: RFC 4648 §4, also in lines (RFC 2045 §6.8). Must not know what the bytes are."""

import base64
from typing import Final

_BLANKS: Final = ("\r", "\n", "\t", " ")


def bytes_of(text: str) -> bytes:
    """The bytes.

    Raises:
        ValueError: it is no base64; a letter of another alphabet is a mistake and not passed over.
    """
    for blank in _BLANKS:
        text = text.replace(blank, "")
    return base64.b64decode(text, validate=True)
