"""Room that was encrypted before the container was written into it: where it is left over, it stands for zeros.

ISO 32000-2 §7.6.2: the container of a signature is never encrypted. Some writers encrypt the zeros that keep its place,
and write the container over their beginning. What is left over is no data if it deciphers to those zeros; anything else
stays what it is, and is refused as data behind the container. Knows one signature dictionary and its document's key.
"""

from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.keys.der import DerError
from signing.validation.ber import read_element
from signing.validation.reading import READ_ERRORS

_BLURRED: Final = 48
"""Octets behind the container that cannot be deciphered: two blocks of AES, and its own padding at the end."""


def without_encrypted_padding(contents: bytes, value: Any) -> bytes:  # noqa: ANN401 - pyHanko's dictionary
    """The container with zeros for padding, if its padding is zeros that were encrypted; else what was given."""
    try:
        end = read_element(contents).stop
        rest = len(contents) - end - _BLURRED
        if rest <= 0 or not contents[end:].strip(b"\0"):
            return contents
        deciphered = value.raw_get("/Contents")
        if not isinstance(deciphered, generic.ByteStringObject | generic.TextStringObject):
            return contents
        plain = bytes(deciphered.original_bytes)
    except (DerError, *READ_ERRORS):
        return contents
    if plain == contents:  # nothing is encrypted here: what stands behind the container is data
        return contents
    if len(plain) < rest or plain[-rest:].strip(b"\0"):
        return contents
    return contents[:end] + bytes(len(contents) - end)
