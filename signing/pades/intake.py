"""Opens a document for signing, or says with a typed reason why it cannot be signed.

Two readers must agree that the file is sound: what one of them repairs would be signed differently from what is seen.
Knows structure; draws and signs nothing.
"""

import io
from collections.abc import Iterator
from typing import Any, Final

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from signing.errors import MalformedDocument
from signing.pades.objects import entry
from signing.pades.predictor_rows import has_long_rows
from signing.pades.promises import certifies, permits_signing
from signing.pades.refusals import (
    DocumentClosed,
    DocumentDamaged,
    DocumentEncrypted,
    DocumentHasXfa,
    DocumentHybrid,
    FieldTaken,
    FormMalformed,
    NewFieldAfterCertification,
)
from signing.pades.revision import RevisionWriter, revision_writer
from signing.validation.reading import READ_ERRORS

MAX_FIELD_NAME: Final = 100
_PAGES_WALKED: Final = 32


def open_for_signing(pdf: bytes) -> RevisionWriter:
    """A writer that will append one revision to the document.

    Raises:
        MalformedDocument: not a PDF, or not readable (``DocumentDamaged`` if only a repair makes it readable).
        DocumentNotSignable: encrypted, hybrid cross-references, an XFA form.
    """
    _second_opinion(pdf)
    try:
        writer = revision_writer(pdf)
        reader = writer.prev
        if reader.encrypted:
            raise DocumentEncrypted("the document is encrypted")
        if reader.xrefs.hybrid_xrefs_present:
            raise DocumentHybrid("the document has hybrid cross-references")
        form = entry(reader.root, "/AcroForm")
        if isinstance(form, generic.DictionaryObject) and "/XFA" in form:
            raise DocumentHasXfa("the document holds an XFA form")
    except READ_ERRORS as err:  # QPDF could read it: what strict readers refuse is mended by saving it anew
        raise DocumentDamaged("a strict reader cannot read the document") from err
    return writer


def require_open_field(
    writer: RevisionWriter, field_name: str, *, certify: bool, timestamp: bool = False, is_visible: bool = False
) -> None:
    """Makes sure that a new signature in this field breaks no promise of an earlier one.

    Raises:
        NewFieldAfterCertification: visible, the document is certified, and the field was not reserved.
        FormMalformed: the form or an earlier signature cannot be read.
        DocumentClosed: no changes allowed, field locked, or a certification that does not come first.
        FieldTaken: the field is signed already, or its name cannot be used.
    """
    if not field_name or len(field_name) > MAX_FIELD_NAME or not field_name.isprintable():
        raise FieldTaken("a field name has 1-100 printable characters")
    try:
        signed = list(_signed_fields(writer.prev))
        taken = [name for name, value, _ in enumerate_sig_fields(writer.prev) if value is not None]
        names, empty = set(_field_names(writer.prev)), _empty_names(writer.prev)
        closed = not all(permits_signing(field, value, field_name) for field, value in signed)
        certified = "/DocMDP" in entry(writer.prev.root, "/Perms", {}) or any(map(certifies, (v for _, v in signed)))
    except READ_ERRORS as err:
        raise FormMalformed("the form of the document cannot be read") from err
    if "." in field_name and field_name not in empty:  # ISO 32000-2 §12.7.4.2: it stands between names
        raise FieldTaken("a new field's name has no full stop")
    if field_name in taken or (field_name in names and field_name not in empty):
        raise FieldTaken(f"the field {field_name} is taken")
    if certify and signed:
        raise DocumentClosed("a certifying signature must be the first one")
    if timestamp:
        return  # ISO 32000-2 §12.8.2.2.2: document time-stamps and validation data are allowed at every level
    if closed:
        raise DocumentClosed("an earlier signature allows no further signature here")
    if is_visible and certified and field_name not in empty:
        # ISO 32000-2 table 257: at P=2 existing fields are filled in and signed; a new one changes the page
        raise NewFieldAfterCertification("the document is certified and no field was reserved under this name")


def _second_opinion(pdf: bytes) -> None:
    """QPDF's view: it repairs silently, so every repair it had to make is a reason to refuse.

    Of a long document the page tree is not walked: what the cross-references say is checked, and what is used.
    """
    if b"%PDF-" not in pdf[:1024]:
        raise MalformedDocument("not a PDF")
    if has_long_rows(pdf):
        raise MalformedDocument("rows of a predictor that no document has")  # QPDF would make room for them first
    try:
        with pikepdf.open(io.BytesIO(pdf), suppress_warnings=True, inherit_page_attributes=False) as document:
            count = document.Root.Pages.Count
            if not 0 <= count <= _PAGES_WALKED or len(document.pages) != count:
                _ = document.Root.Pages.Kids
            warnings = document.get_warnings()
    except pikepdf.PasswordError as err:
        raise DocumentEncrypted("the document is encrypted") from err
    except (pikepdf.PdfError, AttributeError, KeyError, TypeError, ValueError) as err:
        raise MalformedDocument("the document cannot be read") from err
    if warnings:
        raise DocumentDamaged("the document can only be read after a repair")


def _signed_fields(reader: PdfFileReader) -> Iterator[tuple[Any, Any]]:
    for _, value, reference in enumerate_sig_fields(reader, filled_status=True):
        yield reference.get_object(), value.get_object()


def _empty_names(reader: PdfFileReader) -> set[str]:
    return {name for name, _, _ in enumerate_sig_fields(reader, filled_status=False)}


def _field_names(reader: PdfFileReader) -> Iterator[str]:
    for field in entry(entry(reader.root, "/AcroForm", {}), "/Fields", ()):
        name = entry(field.get_object(), "/T")
        if name is not None:
            yield str(name)
