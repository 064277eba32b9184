"""A signature dictionary whose container is still to come: room in the revision, and the digest of everything else.

ISO 32000-2 §12.8.1, table 255. Knows bytes and positions; neither keys nor containers.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.pades.objects import dictionary, name
from signing.pades.revision import RevisionWriter

_RANGE_WIDTH: Final = 64  # octets of /ByteRange: three numbers of up to 19 digits


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRevision:
    """A revision that lacks nothing but the container."""

    tail: bytes = field(repr=False)
    """What follows the document; the container's place is filled with zeros."""

    place: int
    """Where in ``tail`` the hexadecimal digits begin."""

    room: int
    """Bytes of a container that fit there."""

    digest: bytes
    """Over the byte range."""

    base: Any = field(repr=False)
    """SHA-256 of the document as a running digest: copy it to go on."""

    def filled(self, container: bytes) -> bytes | None:
        """What follows the document when the container is in its place; None if it does not fit."""
        if len(container) > self.room:
            return None
        digits = container.hex().upper().encode()
        return b"".join((self.tail[: self.place], digits, self.tail[self.place + len(digits) :]))


class OpenValue:
    """The signature dictionary of a revision that is being written."""

    def __init__(self, entries: Mapping[str, Any], room: int) -> None:
        """Args: the entries but for /ByteRange and /Contents; bytes of the largest container."""
        self._range = _Room(b"[0 0 0 0]".ljust(_RANGE_WIDTH))
        self._contents = _Room(b"<" + b"0" * (2 * room) + b">")
        self._room = room
        self.entries = dictionary(
            {"/Contents": self._contents, "/ByteRange": self._range, "/Filter": name("/Adobe.PPKLite"), **entries}
        )

    def written(self, writer: RevisionWriter, digest: str) -> OpenRevision:
        """The revision with this dictionary in it; the document is read once, for both digests.

        Args:
            writer: has every object of the revision, this dictionary too.
            digest: hashlib's name of the digest over the byte range.
        """
        base, tail = writer.base, bytearray(writer.tail())
        begin, end = self._contents.at - len(base), self._contents.end - len(base)
        span = b"[0 %d %d %d]" % (self._contents.at, self._contents.end, len(tail) - end)
        at = self._range.at - len(base)
        tail[at : at + _RANGE_WIDTH] = span.ljust(_RANGE_WIDTH)
        whole = hashlib.sha256(base)
        over = whole.copy() if digest == whole.name else hashlib.new(digest, base)
        over.update(tail[:begin])
        over.update(tail[end:])
        return OpenRevision(tail=bytes(tail), place=begin + 1, room=self._room, digest=over.digest(), base=whole)


class _Room(generic.PdfObject):
    """Octets that are written as they are and remembered by their place."""

    def __init__(self, octets: bytes) -> None:
        self._octets, self.at = octets, 0

    @property
    def end(self) -> int:
        """First octet behind them."""
        return self.at + len(self._octets)

    def write_to_stream(self, stream: Any, _handler: Any = None, _container_ref: Any = None) -> None:  # noqa: ANN401
        """As pyHanko writes an object."""
        self.at = stream.tell()
        stream.write(self._octets)
