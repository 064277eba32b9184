"""Opens a document for checking and finds every signature in it, each on its own.

pyHanko's list of signatures is all or nothing: one broken field hides the others. Here the form is walked by hand; what
is broken becomes a field with a fault. QPDF reads the same bytes beside it: both must see the same document, or nobody
knows what was signed. Every error of the readers becomes a value.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.trust import Evidence
from signing.validation.faults import DocumentFaultError
from signing.validation.passwords import unlocked
from signing.validation.reading import MAX_DEPTH, MAX_FIELDS, READ_ERRORS, array_items, get, page_nodes

MAX_EVIDENCE_ITEMS = 200
MAX_PAGES_COMPARED = 300
MAX_OBJECTS_SEARCHED = 50_000

__all__ = [
    "MAX_DEPTH", "MAX_FIELDS", "READ_ERRORS", "DocumentFaultError", "OpenedDocument", "SignatureField", "array_items",
    "get", "open_document", "page_nodes",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureField:
    """A filled signature field, or one that claims to be."""

    name: str
    field: Any
    """pyHanko's dictionary of the field."""

    value: Any
    """pyHanko's signature dictionary; None if it cannot be read."""

    sub_filter: str
    byte_range: tuple[Any, ...]
    claimed_time: datetime | None
    fault: str | None = None

    @property
    def is_timestamp(self) -> bool:
        """/SubFilter decides, not /Type (half of the odd files in the wild have the wrong /Type)."""
        return self.sub_filter == "/ETSI.RFC3161"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedDocument:
    """A document that two readers agree to be able to read."""

    pdf: bytes
    reader: PdfFileReader
    fields: tuple[SignatureField, ...]
    evidence: Evidence
    """Content of the document security store."""

    repaired: bool
    """QPDF had to repair the structure."""

    disagreement: str | None
    """What the two readers see differently."""

    active_content: tuple[str, ...]
    """JavaScript, launch actions and the like."""


def open_document(pdf: bytes, password: str | None = None) -> OpenedDocument:
    """Reads the structure of a document.

    Raises:
        DocumentFaultError: not readable, or encrypted and not opened by no or by the given password.
    """
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        key = unlocked(reader, password, io.BytesIO(pdf))
        _ = reader.root
    except DocumentFaultError:
        raise
    except READ_ERRORS as err:
        raise DocumentFaultError("DOCUMENT_DAMAGED", f"the structure cannot be read ({type(err).__name__})") from err
    lock = {"password": key.hex(), "hex_password": True} if key else {}
    try:
        with pikepdf.open(io.BytesIO(pdf), suppress_warnings=True, **lock) as second:  # type: ignore[arg-type]
            disagreement = _disagreement(reader, second)
            active = _active_content(second)
            repaired = any("damaged" in str(w) or "recover" in str(w) for w in second.get_warnings())
    except pikepdf.PasswordError as err:
        raise DocumentFaultError("DOCUMENT_ENCRYPTED", "the document is encrypted") from err
    except (pikepdf.PdfError, *READ_ERRORS) as err:
        raise DocumentFaultError("DOCUMENT_DAMAGED", f"a second reader cannot read it ({type(err).__name__})") from err
    return OpenedDocument(
        pdf=pdf, reader=reader, fields=tuple(_signature_fields(reader)), evidence=_store(reader), repaired=repaired,
        disagreement=disagreement, active_content=active,
    )  # fmt: skip


def _signature_fields(reader: PdfFileReader) -> Iterator[SignatureField]:
    roots = get(get(reader.root, "/AcroForm", {}), "/Fields", ())
    stack = [(item, "", None, 0) for item in reversed(list(array_items(roots)))]
    seen: set[Any] = set()
    names: set[str] = set()
    while stack and len(seen) < MAX_FIELDS:
        item, prefix, inherited, depth = stack.pop()
        reference = item.reference if isinstance(item, generic.IndirectObject) else id(item)
        if reference in seen or depth > MAX_DEPTH:
            continue
        seen.add(reference)
        try:
            field = item.get_object()
        except READ_ERRORS:
            continue
        kind = get(field, "/FT", inherited)
        own = get(field, "/T")
        name = ".".join(part for part in (prefix, str(own) if own is not None else "") if part)
        stack.extend((kid, name, kind, depth + 1) for kid in reversed(list(array_items(get(field, "/Kids", ())))))
        if kind == "/Sig" and _is_filled(field):
            unique = name if name and name not in names else f"{name}#{len(seen)}"
            names.add(unique)
            yield _read_field(field, unique)


def _is_filled(field: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    try:
        return "/V" in field and not isinstance(field.raw_get("/V"), generic.NullObject)
    except READ_ERRORS:
        return False


def _read_field(field: Any, name: str) -> SignatureField:  # noqa: ANN401 - pyHanko's dictionary
    value = get(field, "/V")
    fault = None
    if not isinstance(value, generic.DictionaryObject):
        value, fault = None, "the value of the field is no signature dictionary"
    byte_range = get(value, "/ByteRange", ()) if value is not None else ()
    if value is not None and not isinstance(byte_range, generic.ArrayObject):
        byte_range, fault = (), "the signature has no byte range"
    return SignatureField(
        name=name[:200], field=field, value=value, sub_filter=str(get(value, "/SubFilter", "")),
        byte_range=tuple(byte_range)[:16], claimed_time=_date(get(value, "/M")), fault=fault,
    )  # fmt: skip


def _date(text: Any) -> datetime | None:  # noqa: ANN401 - a PDF string
    try:
        moment = generic.parse_pdf_date(str(text), strict=False)
    except READ_ERRORS:
        return None
    return moment if moment.tzinfo is not None else None


def _store(reader: PdfFileReader) -> Evidence:
    """The document security store, item by item; what cannot be read is left out."""
    store = get(reader.root, "/DSS", {})

    def parts(key: str, purpose: DecodePurpose) -> Iterator[bytes]:
        for number, item in enumerate(array_items(get(store, key, ()))):
            if number >= MAX_EVIDENCE_ITEMS:
                return
            try:
                yield bytes(item.get_object().read_data(purpose))
            except READ_ERRORS:
                continue

    return Evidence(
        certificates=tuple(parts("/Certs", DecodePurpose.CERTIFICATE)),
        ocsps=tuple(parts("/OCSPs", DecodePurpose.OCSP_RESPONSE)),
        crls=tuple(parts("/CRLs", DecodePurpose.CRL)),
    )


def _disagreement(reader: PdfFileReader, second: pikepdf.Pdf) -> str | None:
    """What both readers see differently: catalogue, pages, page contents, signature fields."""
    root = reader.root_ref
    if (root.idnum, root.generation) != second.Root.objgen:
        return "catalogue"
    pages = list(page_nodes(reader.root))
    if len(pages) != len(second.pages):
        return "number of pages"
    for number, (mine, theirs) in enumerate(zip(pages, second.pages, strict=True)):
        if number >= MAX_PAGES_COMPARED:
            break
        if _content_digest(mine) != _second_digest(theirs):
            return f"content of page {number + 1}"
    return None


def _content_digest(page: Any) -> str:  # noqa: ANN401 - pyHanko's dictionary
    contents = get(page, "/Contents")
    if contents is None:
        return sha256().hexdigest()
    streams = (
        [i.get_object() for i in array_items(contents)] if isinstance(contents, generic.ArrayObject) else [contents]
    )
    return sha256(b"\0".join(bytes(s.encoded_data) for s in streams)).hexdigest()


def _second_digest(page: pikepdf.Page) -> str:
    contents = page.obj.get("/Contents")
    if contents is None:
        return sha256().hexdigest()
    streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    return sha256(b"\0".join(s.read_raw_bytes() for s in streams)).hexdigest()


def _active_content(second: pikepdf.Pdf) -> tuple[str, ...]:
    """Actions that a viewer could run, wherever they hang: also direct values inside other objects."""
    found = set()
    for number, item in enumerate(second.objects):
        if number >= MAX_OBJECTS_SEARCHED:
            break
        for dictionary in _dictionaries(item):
            kind = str(dictionary.get("/S", ""))
            if kind == "/JavaScript" or "/JS" in dictionary or "/JavaScript" in dictionary:
                found.add("javascript")
            if kind in {"/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/RichMediaExecute"}:
                found.add(kind.removeprefix("/").lower())
    return tuple(sorted(found))


def _dictionaries(item: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The dictionaries of one indirect object, without following references (those are objects of their own)."""
    stack: list[tuple[Any, int]] = [(item, 0)]
    while stack:
        value, depth = stack.pop()
        if depth > MAX_DEPTH or not isinstance(value, pikepdf.Dictionary | pikepdf.Array | pikepdf.Stream):
            continue
        if isinstance(value, pikepdf.Array):
            inner: list[Any] = list(value)
        else:
            yield value
            inner = [value.get(key) for key in value.keys()]  # noqa: SIM118 - a PDF dictionary iterates otherwise
        stack.extend((part, depth + 1) for part in inner if not getattr(part, "is_indirect", True))
