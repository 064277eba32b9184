"""What one signature of an opened document covers: its byte range, and that the gap is its own container.

The range is checked on the bytes, and then against what the reader sees: the string in the gap must be the /Contents of
this very dictionary, where the cross references say that it lies. A container taken from elsewhere is signature
wrapping. Knows documents and their geometry, nothing about what is in a container.
"""

from dataclasses import replace
from typing import Any

from pyhanko.pdf_utils import generic

from signing.validation.document import OpenedDocument
from signing.validation.encrypted_padding import without_encrypted_padding
from signing.validation.geometry import Coverage, GeometryFaultError, checked_coverage, require_contents_of
from signing.validation.reading import READ_ERRORS, raw
from signing.validation.signature_fields import SignatureField


def signature_coverage(document: OpenedDocument, field: SignatureField) -> Coverage:
    """What a signature covers.

    Raises:
        GeometryFaultError: the dictionary or its byte range is not what a signature of this file can have; ``code``
            is the reason.
    """
    if field.fault is not None or field.value is None:
        raise GeometryFaultError(field.fault or "no signature dictionary", field.fault_code or "SIGNATURE_MALFORMED")
    coverage = checked_coverage(document.pdf, field.byte_range)
    require_contents_of(document.pdf, coverage, field.contents, _span(document.reader, field))
    return replace(coverage, contents=without_encrypted_padding(coverage.contents, field.value))


def _span(reader: Any, field: SignatureField) -> tuple[int, int] | None:  # noqa: ANN401 - pyHanko's reader
    """Where the object with the signature dictionary begins and ends in the file; None inside an object stream."""
    try:
        value = raw(field.field, "/V")
        reference = value.reference if isinstance(value, generic.IndirectObject) else field.field.container_ref
        offset = reader.xrefs[reference]
        if not isinstance(offset, int):
            return None
        return offset, reader.ends[offset]  # it was read when the fields were
    except READ_ERRORS:
        return None
