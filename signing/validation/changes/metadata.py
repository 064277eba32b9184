"""What a later revision says about the document beside its pages: information, XMP, extensions, version.

Other information about the document (title, author, subject) is no part of a signature or of validation data. What
every writer sets anew (modification date, producer, instance id) is passed over. Knows two revisions.
"""

import io
from collections.abc import Iterator
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.metadata import xmp_xml

from signing.validation.changes.findings import METADATA_CHANGED, PERMITTED, forbidden
from signing.validation.changes.objects import View
from signing.validation.changes.outcome import Finding
from signing.validation.changes.pairing import Pair

MAX_XMP_BYTES: Final = 1024 * 1024
_WRITERS_OWN: Final = frozenset({"/ModDate", "/Producer"})
_EXTENSIONS_OF_SIGNATURES: Final = frozenset({"/ESIC", "/ADBE", "/ISO_"})
"""PAdES and signature algorithms are announced with these (ISO 32000-1 annex E; ETSI EN 319 142-1 §5.4.2.3)."""

_XMP_OF_WRITER: Final = frozenset({"ModifyDate", "MetadataDate", "Producer", "InstanceID"})


def metadata(pair: Pair) -> Iterator[Finding]:
    """What a revision says about the document that the one before did not."""
    old, new = pair.old.root, pair.new.root
    if _information(pair.old) != _information(pair.new) or _extensions_changed(pair):
        yield METADATA_CHANGED
    if not pair.same_at(old, new, "/Metadata") and _xmp_changed(
        pair.old.get(old, "/Metadata"), pair.new.get(new, "/Metadata")
    ):
        yield METADATA_CHANGED
    if "/StructTreeRoot" not in old and "/StructTreeRoot" not in new and not pair.same_at(old, new, "/MarkInfo"):
        yield METADATA_CHANGED
    before, after = str(pair.old.get(old, "/Version", "")), str(pair.new.get(new, "/Version", ""))
    if before != after:
        # ISO 32000-2 §7.5.2: a catalogue may only raise the version of the header
        yield PERMITTED["version"] if after > before else forbidden("content_changed")


def _information(view: View) -> dict[str, str]:
    information = view.dictionary(view.trailer, "/Info")
    return {str(key): str(view.get(information, key)) for key in information if key not in _WRITERS_OWN}


def _extensions_changed(pair: Pair) -> bool:
    before, after = (view.dictionary(view.root, "/Extensions") for view in (pair.old, pair.new))
    return bool(pair.differing(before, after, _EXTENSIONS_OF_SIGNATURES))


def _xmp_changed(old: Any, new: Any) -> bool:  # noqa: ANN401 - pyHanko's streams
    if not isinstance(old, generic.StreamObject) or not isinstance(new, generic.StreamObject):
        return True
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
