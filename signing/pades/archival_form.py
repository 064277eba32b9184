"""What a revision of ours may contain so that a PDF/A file stays one: checked for every signature and time-stamp.

ISO 19005-1 and 19005-2. No validator knows what an incremental update may add to a file that was fine before it, so the
rules for what we add stand here: the catalogue, the form, the widgets of signature fields and what they show. Knows
dictionaries; what the rest of the document holds is not its concern (that was checked, or claimed, before the first
signature).
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from pyhanko.pdf_utils import generic, misc
from pyhanko.sign.fields import enumerate_sig_fields

from signing.pades.objects import entry
from signing.pades.refusals import ArchivalFormLost
from signing.pades.revision import RevisionReader, RevisionWriter

_CLAIM: Final = re.compile(rb"pdfaid:part\s*(?:=\s*[\"']|>)\s*([1-4])")
_MAX_METADATA: Final = 1024 * 1024
_FORM_KEYS: Final = frozenset(("/Fields", "/SigFlags", "/DR", "/DA", "/Q", "/CO", "/NeedAppearances"))
_STORE_KEYS: Final = frozenset(("/Type", "/Certs", "/OCSPs", "/CRLs", "/VRI"))
_PRINT: Final = 0b100
_UNSEEN: Final = 0b1_0010_0011
"""Invisible, Hidden, NoView, ToggleNoView (ISO 32000-2 table 167)."""
_VERSION: Final = re.compile(r"/1\.[0-7]")
_FONT_FILES: Final = ("/FontFile", "/FontFile2", "/FontFile3")
_MAX_DEPTH: Final = 8
_NO_MASK: Final = (None, "/None")


def claimed_part(root: Any) -> int | None:  # noqa: ANN401 - pyHanko's catalogue
    """Which part of ISO 19005 a document says to follow; None: none."""
    metadata = entry(root, "/Metadata")
    if not isinstance(metadata, generic.StreamObject):
        return None
    try:
        found = _CLAIM.search(metadata.data[:_MAX_METADATA])
    except (misc.PdfError, ValueError):
        return None
    return int(found[1]) if found else None


def require_archival_form(writer: RevisionWriter, widgets: tuple[Any, ...]) -> None:
    """Do nothing when a document that claims to be PDF/A still is one after what was added.

    What somebody's earlier signature left wrong in the catalogue or the form is not held against ours: the file was no
    PDF/A before us, and it cannot be exported again without losing that signature. Without one it can be.

    Args:
        writer: holds the revision as it will be written.
        widgets: of the signature fields that were made or filled.

    Raises:
        ArchivalFormLost: the revision is not written.
    """
    part = claimed_part(writer.root)
    if part is None:
        return
    faults = list(archival_faults(writer.root, widgets, part=part))
    if faults:
        stood = _stood_under_a_signature(writer.base, part)
        faults = [fault for fault in faults if fault not in stood]
    if faults:
        raise ArchivalFormLost(f"the file would be no PDF/A-{part} any more: {faults[0]}")


def _stood_under_a_signature(base: bytes, part: int) -> frozenset[str]:
    reader = RevisionReader(base)  # the writer's own view has changed with what it writes
    if next(enumerate_sig_fields(reader, filled_status=True), None) is None:
        return frozenset()
    return frozenset(archival_faults(reader.root, (), part=part))


def archival_faults(root: Any, widgets: Iterator[Any] | tuple[Any, ...], *, part: int) -> Iterator[str]:  # noqa: ANN401
    """What breaks the rules of a part, in English."""
    version = entry(root, "/Version")
    if version is not None and not _VERSION.fullmatch(str(version)):
        yield f"catalogue with version {version}"  # 19005-2 §6.1.2
    form = entry(root, "/AcroForm", {})
    more = set(form) - _FORM_KEYS
    if more:
        yield f"form with {', '.join(sorted(more))}"  # 19005-2 §6.4.1, §6.4.2: no XFA
    if str(entry(form, "/NeedAppearances", "false")).lower() == "true":
        yield "form that wants its appearances made anew"  # 19005-1 §6.9, 19005-2 §6.4.1
    yield from _resource_faults(entry(form, "/DR", {}), part)
    store = set(entry(root, "/DSS", {})) - _STORE_KEYS
    if store:
        yield f"validation data with {', '.join(sorted(store))}"
    for widget in widgets:
        yield from _widget_faults(widget, part)


def _widget_faults(widget: Any, part: int) -> Iterator[str]:  # noqa: ANN401 - pyHanko's dictionary
    flags = int(entry(widget, "/F", 0))
    if not flags & _PRINT or flags & _UNSEEN:
        yield "widget that is not printed"  # 19005-1 §6.5.3, 19005-2 §6.3.2
    if {"/A", "/AA"} & set(widget):
        yield "widget with an action"  # 19005-1 §6.6.2, 19005-2 §6.4.1
    rectangle = [float(number) for number in entry(widget, "/Rect", (0, 0, 0, 0))]
    is_seen = rectangle[0] != rectangle[2] and rectangle[1] != rectangle[3]
    appearance = entry(widget, "/AP")
    if appearance is None:
        if is_seen:
            yield "widget without an appearance"  # 19005-2 §6.3.3
        return
    if set(appearance) != {"/N"}:
        yield "widget with more than its normal appearance"  # 19005-1 §6.5.3, 19005-2 §6.3.3
    content = entry(appearance, "/N")
    if not isinstance(content, generic.StreamObject):
        yield "signature whose appearance is no stream"
        return
    yield from _form_faults(content, part, 0)


def _form_faults(content: Any, part: int, depth: int) -> Iterator[str]:  # noqa: ANN401 - pyHanko's stream
    if part == 1 and entry(entry(content, "/Group", {}), "/S") == "/Transparency":
        yield "transparency"  # 19005-1 §6.4
    if {"/Ref", "/OPI", "/PS"} & set(content) or "/LZWDecode" in str(entry(content, "/Filter", "")):
        yield "form that is more than a drawing"  # 19005-2 §6.2.9, §6.1.7.2
    if depth < _MAX_DEPTH:
        yield from _resource_faults(entry(content, "/Resources", {}), part, depth)


def _resource_faults(resources: Any, part: int, depth: int = 0) -> Iterator[str]:  # noqa: ANN401 - pyHanko's dictionary
    for font in _values(resources, "/Font"):
        if not _is_embedded(font):
            yield "font that is not embedded"  # 19005-1 §6.3.4, 19005-2 §6.2.11.4
    for state in _values(resources, "/ExtGState"):
        if part == 1 and _is_transparent(state):
            yield "transparency"
    for item in _values(resources, "/XObject"):
        if entry(item, "/Subtype") == "/Form":
            yield from _form_faults(item, part, depth + 1)
            continue
        if part == 1 and entry(item, "/SMask") not in _NO_MASK:
            yield "soft mask"  # 19005-1 §6.4
        if str(entry(item, "/Interpolate", "false")).lower() == "true" or {"/Alternates", "/OPI"} & set(item):
            yield "picture that readers may show differently"  # 19005-1 §6.2.4, 19005-2 §6.2.8


def _values(resources: Any, key: str) -> Iterator[Any]:  # noqa: ANN401 - pyHanko's dictionaries
    holder = entry(resources, key, {})
    for name in holder:
        yield holder[name]


def _is_embedded(font: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    if entry(font, "/Subtype") == "/Type3":
        return True
    below = [one.get_object() for one in entry(font, "/DescendantFonts", ())] or [font]
    return all(any(key in entry(one, "/FontDescriptor", {}) for key in _FONT_FILES) for one in below)


def _is_transparent(state: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    opaque = all(float(entry(state, key, 1)) == 1 for key in ("/CA", "/ca"))
    return not opaque or entry(state, "/SMask") not in _NO_MASK or entry(state, "/BM", "/Normal") not in {
        "/Normal", "/Compatible",
    }  # fmt: skip
