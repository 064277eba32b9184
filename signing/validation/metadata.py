"""What a later revision says about the document beside its pages: form defaults, extensions, information, XMP.

The comparison of objects lets all of that change. Here: a demand to draw the form anew, or another default appearance,
changes what is shown; other information about the document (title, author, subject) is no part of a signature or of
validation data. What every writer sets anew (modification date, producer, instance id) is passed over. Knows pyHanko's
historical revisions.
"""

import io
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.metadata import xmp_xml

from signing.validation.document import get

MAX_XMP_BYTES: Final = 1024 * 1024
_WRITERS_OWN: Final = frozenset({"/ModDate", "/Producer"})
_EXTENSIONS_OF_SIGNATURES: Final = frozenset({"/ESIC", "/ADBE", "/ISO_"})
"""PAdES and signature algorithms are announced with these (ISO 32000-1 annex E; ETSI EN 319 142-1 §5.4.2.3)."""

_XMP_OF_WRITER: Final = frozenset({"ModifyDate", "MetadataDate", "Producer", "InstanceID"})


def appearance_changed(old: Any, new: Any) -> bool:  # noqa: ANN401 - pyHanko's revisions
    """Whether a revision makes readers draw the form in another way."""
    before, after = get(old.root, "/AcroForm", {}), get(new.root, "/AcroForm", {})
    if _is_true(get(after, "/NeedAppearances")) and not _is_true(get(before, "/NeedAppearances")):
        return True
    return any(get(before, key) != get(after, key) for key in ("/DA", "/Q"))


def metadata_changed(old: Any, new: Any) -> bool:  # noqa: ANN401 - pyHanko's revisions
    """Whether a revision says something else about the document than the one before."""
    return (
        _information(old) != _information(new)
        or _extensions_changed(old.root, new.root)
        or get(old.root, "/MarkInfo") != get(new.root, "/MarkInfo")
        or _xmp_changed(get(old.root, "/Metadata"), get(new.root, "/Metadata"))
    )


def _is_true(value: Any) -> bool:  # noqa: ANN401 - a PDF value
    return isinstance(value, generic.BooleanObject) and bool(value)


def _information(revision: Any) -> dict[str, str]:  # noqa: ANN401 - pyHanko's revision
    information = get(revision.trailer_view, "/Info", {})
    return {str(key): str(get(information, key)) for key in information if key not in _WRITERS_OWN}


def _extensions_changed(old: Any, new: Any) -> bool:  # noqa: ANN401 - pyHanko's catalogues
    before, after = get(old, "/Extensions", {}), get(new, "/Extensions", {})
    return any(get(before, key) != get(after, key) for key in {*before, *after} - _EXTENSIONS_OF_SIGNATURES)


def _xmp_changed(old: Any, new: Any) -> bool:  # noqa: ANN401 - pyHanko's streams
    if old is None or new is None:
        return old is not new
    if old.encoded_data == new.encoded_data:
        return False
    return _plain_xmp(old) != _plain_xmp(new)


def _plain_xmp(stream: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - pyHanko's stream
    """The statements of an XMP packet, except those that a writer sets anew, however they are written down.

    Raises:
        ValueError: it is no XMP, or too much of it; the caller's answer is then "unknown".
    """
    data = bytes(stream.read_data(DecodePurpose.XMP_METADATA))
    if len(data) > MAX_XMP_BYTES:
        raise ValueError("more metadata than any document has")
    statements = [
        (f"{name.ns}{name.local_name}", value)
        for root in xmp_xml.parse_xmp(io.BytesIO(data))
        for name, value in root
        if name.local_name not in _XMP_OF_WRITER
    ]
    return sorted(statements, key=lambda statement: statement[0])
