"""What kind of file the bytes are, by their content; names and declared types lie.

Knows the first bytes of the accepted kinds. Must not know how a kind is decoded.
"""

from enum import StrEnum

from digitize.errors import EmptyInput, UnsupportedInput

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


class Kind(StrEnum):
    """Accepted kinds; the value is the media type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    TIFF = "image/tiff"
    HEIC = "image/heic"
    PDF = "application/pdf"


def sniff(data: bytes) -> Kind:
    """Return the kind of the file.

    Raises:
        EmptyInput: There are no bytes.
        UnsupportedInput: The bytes start like nothing that is accepted.
    """
    if not data:
        raise EmptyInput("the file is empty")
    if data.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if data.startswith((b"II*\x00", b"MM\x00*")):
        return Kind.TIFF
    if data.startswith(b"%PDF-"):  # only at the very start: a header that comes later makes a file two things at once
        return Kind.PDF
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return Kind.HEIC
    raise UnsupportedInput("the file is none of JPEG, PNG, TIFF, HEIC or PDF")
