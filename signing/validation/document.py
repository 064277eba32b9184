"""Opens a document for checking: two readers, the same objects; every signature in it; its store and its actions.

pyHanko reads the history of the file, QPDF reads the same bytes beside it: both must see the same document, or nobody
knows what was signed (ADR 0028). Every error of the readers becomes a value or a ``DocumentFaultError``.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import pikepdf
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.trust import Evidence
from signing.validation.active_content import active_content
from signing.validation.evidence_store import document_evidence
from signing.validation.faults import DocumentFaultError
from signing.validation.framing import Window, framing
from signing.validation.geometry import only_blank
from signing.validation.passwords import unlocked
from signing.validation.primary_reader import MAX_REVISIONS_READ, PrimaryReader
from signing.validation.reader_agreement import Agreement
from signing.validation.reading import MAX_DEPTH, MAX_FIELDS, READ_ERRORS, array_items, get, page_nodes
from signing.validation.removed_signatures import removed_signatures
from signing.validation.second_reader import QPDF_ERRORS, second_reader
from signing.validation.signature_fields import SignatureField, signature_fields

MAX_REVISIONS_COMPARED: Final = 40  # signed revisions that both readers are asked for, the first and the last ones
_SPARE_BLANKS: Final = 512  # blanks at the end of a file that both readers pass over by themselves

__all__ = [
    "MAX_DEPTH", "MAX_FIELDS", "READ_ERRORS", "DocumentFaultError", "OpenedDocument", "SignatureField", "array_items",
    "get", "open_document", "page_nodes",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedDocument:
    """A document that two readers agree to be able to read."""

    pdf: bytes
    """From the header on: what byte ranges and offsets count from."""

    reader: PdfFileReader
    fields: tuple[SignatureField, ...]
    evidence: Evidence
    """Content of the document security store."""

    repaired: bool
    """The structure had to be repaired: another reader repairs it in another way."""

    disagreement: str | None
    """What the two readers see differently, or what else the file is."""

    active_content: tuple[str, ...]
    """JavaScript, launch actions and the like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _SecondView:
    """What the second reader says."""

    disagreement: str | None
    repaired: bool
    active_content: tuple[str, ...]


def open_document(pdf: bytes, password: str | None = None) -> OpenedDocument:
    """Reads the structure of a document.

    Raises:
        DocumentFaultError: not readable, too costly to read, or encrypted and not opened by no or the given password.
    """
    frame = framing(pdf)
    if frame is None:
        raise DocumentFaultError("DOCUMENT_DAMAGED", "there is no header of a PDF")
    document = pdf[frame.start :] if frame.start else pdf
    end = frame.end - frame.start
    try:
        reader, key = _primary(document, end, password)
        fields = signature_fields(reader.root)
        fields += tuple(removed_signatures(document, fields, reader))
        evidence = document_evidence(reader.root)
    except READ_ERRORS as err:
        raise _as_fault(err, "the structure cannot be read") from err
    try:
        second = _second(document, end, key, Agreement(reader), fields)
    except QPDF_ERRORS as err:
        raise _as_fault(err, "a second reader cannot read it") from err
    return OpenedDocument(
        pdf=document, reader=reader, fields=fields, evidence=evidence, repaired=second.repaired or frame.trailing,
        disagreement=frame.foreign or second.disagreement, active_content=second.active_content,
    )  # fmt: skip


def _as_fault(err: BaseException, reason: str) -> DocumentFaultError:
    return err if isinstance(err, DocumentFaultError) else DocumentFaultError(
        "DOCUMENT_DAMAGED", f"{reason} ({type(err).__name__})"
    )  # fmt: skip


def _primary(pdf: bytes, end: int, password: str | None) -> tuple[PdfFileReader, bytes | None]:
    """The first reader, able to read, and the file key if there is one."""
    if len(pdf) - end <= _SPARE_BLANKS and only_blank(pdf[end:]):
        source: io.IOBase = io.BytesIO(pdf)  # shares the bytes
    else:
        source = io.BufferedReader(Window(pdf, end))
    reader = PrimaryReader(source)
    if reader.xrefs.total_revisions > MAX_REVISIONS_READ:
        raise DocumentFaultError("CHECK_TOO_COSTLY", "more revisions than are looked at")
    key = unlocked(reader, password, Window(pdf, end))
    if not hasattr(reader.root, "raw_get"):
        raise DocumentFaultError("DOCUMENT_DAMAGED", "the catalogue is no dictionary")
    return reader, key


def _second(
    pdf: bytes, end: int, key: bytes | None, agreement: Agreement, fields: Iterable[SignatureField]
) -> _SecondView:
    """What QPDF sees in the file and in its signed revisions, held against what pyHanko sees."""
    with second_reader(pdf, end if end < len(pdf) else None, key=key) as second:
        difference = agreement.disagreement(second)
        active = active_content(second.document)
        repaired = second.is_repaired
    for number, signed_end in _signed_ends(pdf, agreement.reader, fields):
        if difference is None and not repaired:
            difference = _revision_difference(pdf, signed_end, number, key, agreement)
    return _SecondView(disagreement=difference, repaired=repaired, active_content=active)


def _revision_difference(pdf: bytes, end: int, number: int, key: bytes | None, agreement: Agreement) -> str | None:
    """What both readers see differently in a signed revision."""
    try:
        with second_reader(pdf, end, key=key) as second:
            difference = agreement.disagreement(second, number)
            if difference is None and second.is_repaired:
                difference = "structure"
    except pikepdf.PdfError:
        difference = "structure"
    return f"revision {number + 1}: {difference}" if difference else None


def _signed_ends(pdf: bytes, reader: Any, fields: Iterable[SignatureField]) -> list[tuple[int, int]]:  # noqa: ANN401 - pyHanko's reader
    """Number (from 0) and end of each signed revision that something was appended to."""
    sections = [reader.xrefs.get_xref_container_info(n).end_location for n in range(reader.xrefs.total_revisions)]
    ends = {sum(field.byte_range[2:4]) for field in fields if len(field.byte_range) == 4 and _are_offsets(field)}  # noqa: PLR2004
    found = []
    for end in sorted(ends):
        number = next((n for n, section in enumerate(sections) if section > end), len(sections)) - 1
        if 0 <= number < len(sections) - 1 and end <= len(pdf):
            found.append((number, end))
    half = MAX_REVISIONS_COMPARED // 2
    return found if len(found) <= MAX_REVISIONS_COMPARED else found[:half] + found[-half:]


def _are_offsets(field: SignatureField) -> bool:
    return all(isinstance(number, int) and number >= 0 for number in field.byte_range)
