"""What a later revision says about the document beside its pages: information, XMP, extensions, version.

Other information about the document (title, author, subject) is no part of a signature or of validation data. What
every writer sets anew (modification date, producer, instance id, its own history) is passed over; so is a packet that
says again what the document information says already. Knows two revisions.
"""

import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.metadata import xmp_xml

from signing.validation.changes.findings import METADATA_CHANGED, PERMITTED, forbidden
from signing.validation.changes.objects import View
from signing.validation.changes.outcome import Finding
from signing.validation.changes.pairing import Pair
from signing.validation.framing import HEADER_WITHIN

MAX_XMP_BYTES: Final = 1024 * 1024
_WRITERS_OWN: Final = frozenset({"/ModDate", "/Producer"})
_EXTENSIONS_OF_SIGNATURES: Final = frozenset({"/ESIC", "/ADBE", "/ISO_"})
"""PAdES and signature algorithms are announced with these (ISO 32000-1 annex E; ETSI EN 319 142-1 §5.4.2.3)."""

_XMP_OF_WRITER: Final = frozenset({"ModifyDate", "MetadataDate", "Producer"})
_MANAGEMENT: Final = "http://ns.adobe.com/xap/1.0/mm/"
"""ISO 16684-1 §8.6: identifiers and history of the file, which its writers keep for themselves."""

_SYNTAX: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TWICE: Final = {
    "http://purl.org/dc/elements/1.1/title": "/Title",
    "http://purl.org/dc/elements/1.1/creator": "/Author",
    "http://purl.org/dc/elements/1.1/description": "/Subject",
    "http://purl.org/dc/elements/1.1/subject": "/Keywords",
    "http://ns.adobe.com/pdf/1.3/Keywords": "/Keywords",
    "http://ns.adobe.com/pdf/1.3/Trapped": "/Trapped",
    "http://ns.adobe.com/xap/1.0/CreatorTool": "/Creator",
    "http://ns.adobe.com/xap/1.0/CreateDate": "/CreationDate",
}
"""ISO 32000-2 table 349: what document information and XMP say in two ways."""

_FORMAT: Final = "http://purl.org/dc/elements/1.1/format"
_HEADER: Final = re.compile(rb"%PDF-(\d\.\d)")
_LISTS: Final = frozenset({"/Author", "/Keywords"})
_BETWEEN: Final = re.compile(r"[,;]")


def metadata(pair: Pair) -> Iterator[Finding]:
    """What a revision says about the document that the one before did not."""
    old, new = pair.old.root, pair.new.root
    if _information_changed(_information(pair.old), _information(pair.new)) or _extensions_changed(pair):
        yield METADATA_CHANGED
    if not pair.same_at(old, new, "/Metadata"):
        before, after = pair.old.get(old, "/Metadata"), pair.new.get(new, "/Metadata")
        if _tells_news(_information(pair.old), after) if before is None else _xmp_changed(before, after):
            yield METADATA_CHANGED
    if "/StructTreeRoot" not in old and "/StructTreeRoot" not in new and not pair.same_at(old, new, "/MarkInfo"):
        yield METADATA_CHANGED
    was, now = str(pair.old.get(old, "/Version", "")), str(pair.new.get(new, "/Version", ""))
    if was != now:
        # ISO 32000-2 §7.5.2, table 29: a catalogue may only raise the version of the header; the header's own, which
        # iText writes, says nothing
        is_harmless = now > was or now == _version_of_header(pair.new)
        yield PERMITTED["version"] if is_harmless else forbidden("content_changed")


def _version_of_header(view: View) -> str:
    header = _HEADER.search(view.objects.pdf, 0, HEADER_WITHIN)
    return f"/{header[1].decode()}" if header else ""


def _information(view: View) -> dict[str, str]:
    information = view.dictionary(view.trailer, "/Info")
    return {str(key): str(view.get(information, key)) for key in information if key not in _WRITERS_OWN}


def _information_changed(before: dict[str, str], after: dict[str, str]) -> bool:
    """Whether it says something else; a writer that adds an information dictionary sets the date of its own work."""
    if "/CreationDate" not in before:
        after = {key: value for key, value in after.items() if key != "/CreationDate"}
    return before != after


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
        if name.local_name not in _XMP_OF_WRITER and name.ns not in {_MANAGEMENT, _SYNTAX}
    ]
    return sorted(statements, key=lambda statement: statement[0])


def _tells_news(information: dict[str, str], packet: Any) -> bool:  # noqa: ANN401 - pyHanko's stream
    """Whether an XMP packet, where there was none, says more than the document information said before."""
    try:
        statements = _plain_xmp(packet) if isinstance(packet, generic.StreamObject) else []
    except ValueError:  # no XMP; whatever it says, nobody said it before
        return True
    return not statements or not all(_is_said(information, name, value) for name, value in statements)


def _is_said(information: dict[str, str], name: str, value: Any) -> bool:  # noqa: ANN401 - pyHanko's value
    if name == _FORMAT:
        return True
    key = _TWICE.get(name, "")
    said = information.get(key)
    if said is None:
        return False
    several = {part.strip() for part in _BETWEEN.split(said)} if key in _LISTS else set()
    return all(text in several or _says_same(text, said) for text in _texts(value))


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - pyHanko's values
    inner = getattr(value, "value", value)
    entries = getattr(inner, "entries", None)
    if entries is None:
        yield str(inner)
        return
    for entry in entries:
        yield from _texts(entry)


def _says_same(text: str, said: str) -> bool:
    if not said.startswith("D:"):
        return text == said.removeprefix("/")
    try:
        return datetime.fromisoformat(text) == generic.parse_pdf_date(said, strict=False)
    except (TypeError, ValueError):
        return False
