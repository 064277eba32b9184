"""Every signature of a document, each on its own: in the form, on pages only, and those that were taken away.

pyHanko's list of signatures is all or nothing: one broken field hides the others. Here the form is walked by hand; what
is broken becomes a field with a fault. Counted is what public validators count: filled signature fields of the form, a
signature dictionary that several fields show once. Usage rights (/Perms /UR3) are no signature. Added is what they
overlook: a filled signature widget that stands on a page only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import EncryptedObjAccess

from signing.validation.faults import DocumentFaultError
from signing.validation.reading import MAX_DEPTH, READ_ERRORS, array_items, followed, get, page_nodes, raw

MAX_FIELDS_WALKED: Final = 20_000  # a tax form has 5,000
MAX_NAME: Final = 200
_MAX_RANGE: Final = 64
_SMALLEST_CONTAINER: Final = 32  # octets; a bare RSA value of 512 bits has 66
_LARGEST: Final = 10**15  # larger than any file
_MAX_WIDGETS: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureField:
    """A filled signature field, or one that claims to be."""

    name: str
    field: Any
    """pyHanko's dictionary of the field."""

    value: Any
    """pyHanko's signature dictionary; None if it cannot be read."""

    sub_filter: str
    byte_range: tuple[int | None, ...]
    """Whole numbers; None for whatever else stands there."""

    claimed_time: datetime | None
    contents: bytes | None = None
    """The container with its padding, as the first reader decodes it; None if it is no string."""

    fault: str | None = None
    """What is wrong with the dictionary itself, before its bytes are looked at."""

    fault_code: str | None = None
    """The reason code of that fault; set whenever there is one."""

    @property
    def is_timestamp(self) -> bool:
        """/SubFilter decides, not /Type (half of the odd files in the wild have the wrong /Type)."""
        return self.sub_filter == "/ETSI.RFC3161"


def signature_fields(root: Any) -> tuple[SignatureField, ...]:  # noqa: ANN401 - pyHanko's catalogue
    """The filled signature fields of a catalogue in the order of the form, each with a name of its own.

    Raises:
        DocumentFaultError: more fields than are looked at; a signature might be among the others.
    """
    names: set[str] = set()
    values: set[Any] = set()
    found = []
    for field, name in (*_of_form(root), *_of_pages(root)):
        value = raw(field, "/V")
        mark = (value.idnum, value.generation) if isinstance(value, generic.IndirectObject) else id(value)
        if mark in values:
            continue
        values.add(mark)
        found.append(read_field(field, _own_name(name, names)))
    return tuple(found)


def read_field(field: Any, name: str) -> SignatureField:  # noqa: ANN401 - pyHanko's dictionary
    """A filled field as a value; whatever is wrong with it is its fault."""
    value = get(field, "/V")
    if not isinstance(value, generic.DictionaryObject):
        return SignatureField(
            name=name, field=field, value=None, sub_filter="", byte_range=(), claimed_time=None,
            fault="the value of the field is no signature dictionary", fault_code="SIGNATURE_MALFORMED",
        )  # fmt: skip
    numbers = get(value, "/ByteRange")
    contents = _bytes_of(value)
    fault = None
    if not isinstance(numbers, generic.ArrayObject) or not len(numbers):
        fault = "the signature has no byte range"  # universal signature forgery: nothing could be checked
    elif len((contents or b"").rstrip(b"\0")) < _SMALLEST_CONTAINER:
        fault = "the signature has no container"
    return SignatureField(
        name=name, field=field, value=value, sub_filter=str(get(value, "/SubFilter", "")),
        byte_range=tuple(_whole(followed(item)) for item in list(array_items(numbers))[:_MAX_RANGE]),
        claimed_time=_date(get(value, "/M")), contents=contents, fault=fault,
        fault_code="FORGED_SIGNATURE" if fault else None,
    )  # fmt: skip


def _of_form(root: Any) -> Iterator[tuple[Any, str]]:  # noqa: ANN401 - pyHanko's catalogue
    """Filled signature fields below /AcroForm, with their full names; /FT and /V are inherited (table 226)."""
    roots = get(get(root, "/AcroForm", {}), "/Fields", ())
    stack: list[tuple[Any, str, Any, Any, int]] = [(item, "", None, None, 0) for item in array_items(roots)][::-1]
    seen: set[Any] = set()
    while stack:
        item, prefix, kind, unsaid, depth = stack.pop()
        mark = (item.idnum, item.generation) if isinstance(item, generic.IndirectObject) else id(item)
        field = followed(item)
        if mark in seen or depth > MAX_DEPTH or not isinstance(field, generic.DictionaryObject):
            continue
        seen.add(mark)
        if len(seen) > MAX_FIELDS_WALKED:
            raise DocumentFaultError("CHECK_TOO_COSTLY", "more form fields than are looked at")
        kind, name = get(field, "/FT", kind), ".".join(part for part in (prefix, _text(get(field, "/T"))) if part)
        holder = field if _is_filled(field) else unsaid
        if kind == "/Sig" and holder is not None:
            yield holder, name
        unsaid = holder if kind is None else None  # a value above, its kind below
        kids = list(array_items(get(field, "/Kids", ())))
        stack.extend((kid, name, kind, unsaid, depth + 1) for kid in reversed(kids))


def _of_pages(root: Any) -> Iterator[tuple[Any, str]]:  # noqa: ANN401 - pyHanko's catalogue
    """Filled signature widgets of pages; those that the form names, too, are passed over by the caller."""
    looked_at = 0
    for page in page_nodes(root):
        for item in array_items(get(page, "/Annots", ())):
            looked_at += 1
            if looked_at > _MAX_WIDGETS:
                return
            widget = followed(item)
            if isinstance(widget, generic.DictionaryObject) and get(widget, "/Subtype") == "/Widget":
                holder = widget if "/FT" in widget else get(widget, "/Parent", {})
                if get(holder, "/FT") == "/Sig" and get(get(holder, "/V"), "/ByteRange") is not None:
                    yield holder, _text(get(holder, "/T"))


def _is_filled(field: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    try:
        return "/V" in field and not isinstance(field.raw_get("/V").get_object(), generic.NullObject)
    except READ_ERRORS:
        return "/V" in field


def _own_name(name: str, names: set[str]) -> str:
    """A name that no other field of the report has, and that every kind of report can show."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name[:MAX_NAME])
    unique, number = shown or f"#{len(names) + 1}", 1
    while unique in names:
        number += 1
        unique = f"{shown}#{number}"
    names.add(unique)
    return unique


def _text(value: Any) -> str:  # noqa: ANN401 - a PDF string
    if isinstance(value, generic.ByteStringObject):
        return bytes(value).decode("latin-1")
    return str(value) if isinstance(value, str) else ""


def _bytes_of(value: Any) -> bytes | None:  # noqa: ANN401 - pyHanko's dictionary
    """ISO 32000-2 §7.6.2: /Contents of a signature is never encrypted, so it is taken as it stands."""
    try:
        contents = value.raw_get("/Contents", decrypt=EncryptedObjAccess.RAW)
        if isinstance(contents, generic.IndirectObject):
            return b""  # it cannot stand in the gap of the byte range then
        return bytes(contents.original_bytes)
    except READ_ERRORS:
        return None


def _whole(number: Any) -> int | None:  # noqa: ANN401 - a PDF value
    """A number as a Python integer if it is a whole one; None for anything else."""
    if isinstance(number, Decimal) and number.is_finite() and number == number.to_integral_value():
        return int(number) if abs(number) < _LARGEST else None
    return int(number) if isinstance(number, int) else None


def _date(text: Any) -> datetime | None:  # noqa: ANN401 - a PDF string
    try:
        moment = generic.parse_pdf_date(str(text), strict=False)
    except READ_ERRORS:
        return None
    return moment if moment.tzinfo is not None else None
