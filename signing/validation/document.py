"""Opens a document for checking: two readers, the same objects; every signature in it; its store and its actions.

pyHanko reads the history of the file, QPDF reads the same bytes beside it: both must see the same document, or nobody
knows what was signed (ADR 0028). Every error of the readers becomes a value or a ``DocumentFaultError``.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import pikepdf

from signing.trust import Evidence
from signing.validation.active_content import active_content
from signing.validation.evidence_store import document_evidence
from signing.validation.faults import DocumentFaultError
from signing.validation.flat_xref import flat_section
from signing.validation.framing import Framing, Window, framing
from signing.validation.geometry import only_blank
from signing.validation.passwords import unlocked
from signing.validation.primary_reader import MAX_REVISIONS_READ, PrimaryReader
from signing.validation.reader_agreement import Agreement, positions
from signing.validation.reading import MAX_DEPTH, MAX_FIELDS, READ_ERRORS, array_items, get, page_nodes
from signing.validation.removed_signatures import removed_signatures, signed_revision
from signing.validation.second_reader import QPDF_ERRORS, second_reader
from signing.validation.signature_fields import SignatureField, signature_fields

MAX_REVISIONS_COMPARED: Final = 40  # signed revisions that both readers are asked for, the first and the last ones
MAX_BEGINNINGS: Final = 8  # end-of-file markers up to which a file is tried that cannot be read as a whole
_LONG: Final = 32 * 1024 * 1024  # from here on long objects are read as views
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

    reader: PrimaryReader
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
class _Source:
    """The bytes of a document, as files for readers."""

    pdf: bytes
    end: int
    """First byte that readers do not get."""

    header: int
    """Offset of the header; readers that want it at the beginning find a copy there."""

    def whole(self) -> io.IOBase:
        """All of it."""
        if not self.header and len(self.pdf) - self.end <= _SPARE_BLANKS and only_blank(self.pdf[self.end :]):
            return io.BytesIO(self.pdf)  # shares the bytes
        return self.part(self.end)

    def part(self, end: int, tail: bytes = b"") -> io.IOBase:
        """Its first bytes, and something behind them."""
        front = self.pdf[self.header : self.header + len(b"%PDF-1.7")] if self.header else b""
        return io.BufferedReader(Window(self.pdf, end, front=front, tail=tail))

    def flat(self, reader: PrimaryReader, revision: int | None, end: int | None = None) -> io.IOBase | None:
        """Its first bytes with one plain cross-reference section behind them, if its own ones are hybrid."""
        if not reader.xrefs.hybrid_xrefs_present:
            return None
        end = self.end if end is None else end
        return self.part(end, flat_section(end, positions(reader, revision), reader.trailer.flatten(revision)))


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
    source = _Source(pdf=document, end=frame.end - frame.start, header=frame.header)
    opened: OpenedDocument | None
    try:
        opened = _opened(source, password, frame)
    except DocumentFaultError as err:
        opened = _signed_beginning(source, password, frame) if err.code == "DOCUMENT_DAMAGED" else None
        if opened is None:
            raise
    if not opened.fields and _is_cut_off(source):
        raise DocumentFaultError("DOCUMENT_DAMAGED", "the last revision is cut off")
    return opened


def _signed_beginning(source: _Source, password: str | None, frame: Framing) -> OpenedDocument | None:
    """What can be read up to one of the last end-of-file markers, if there are signatures in it.

    Whoever appends what only a repairing reader understands (incremental saving attack) must not make the signatures
    unreadable: they are found in the revision that they cover, and what follows belongs to no revision.
    """
    end = source.end
    for _ in range(MAX_BEGINNINGS):
        end = source.pdf.rfind(b"%%EOF", 0, end)
        if end < 0:
            break
        try:
            opened = _opened(replace(source, end=end + len(b"%%EOF")), password, replace(frame, trailing=True))
        except DocumentFaultError:
            continue
        if opened.fields:
            return opened
    return None


def _is_cut_off(source: _Source) -> bool:
    """Whether objects stand behind the last end-of-file marker, where no reader looks for a signature."""
    behind = source.pdf.rfind(b"%%EOF")
    return behind >= 0 and source.pdf.find(b" obj", behind) >= 0


def _opened(source: _Source, password: str | None, frame: Framing) -> OpenedDocument:
    """The document as both readers see it.

    Raises:
        DocumentFaultError: one of them cannot read it.
    """
    try:
        reader, key = _primary(source, password)
        fields = signature_fields(reader.root)
        fields += tuple(removed_signatures(source.pdf, fields, reader, end=source.end + _SPARE_BLANKS))
        evidence = document_evidence(reader.root)
    except READ_ERRORS as err:
        raise _as_fault(err, "the structure cannot be read") from err
    try:
        second = _second(source, key, Agreement(reader), fields)
    except QPDF_ERRORS as err:
        raise _as_fault(err, "a second reader cannot read it") from err
    return OpenedDocument(
        pdf=source.pdf, reader=reader, fields=fields, evidence=evidence, repaired=second.repaired or frame.trailing,
        disagreement=frame.foreign or second.disagreement, active_content=second.active_content,
    )  # fmt: skip


def _as_fault(err: BaseException, reason: str) -> DocumentFaultError:
    return err if isinstance(err, DocumentFaultError) else DocumentFaultError(
        "DOCUMENT_DAMAGED", f"{reason} ({type(err).__name__})"
    )  # fmt: skip


def _primary(source: _Source, password: str | None) -> tuple[PrimaryReader, bytes | None]:
    """The first reader, able to read, and the file key if there is one."""
    whole = source.whole()
    is_long = len(source.pdf) > _LONG and isinstance(whole, io.BytesIO)  # the very bytes of the file
    reader = PrimaryReader(whole, source.pdf if is_long else None)
    if reader.xrefs.total_revisions > MAX_REVISIONS_READ:
        raise DocumentFaultError("CHECK_TOO_COSTLY", "more revisions than are looked at")
    key = unlocked(reader, password, source.whole())
    if not hasattr(reader.root, "raw_get"):
        raise DocumentFaultError("DOCUMENT_DAMAGED", "the catalogue is no dictionary")
    return reader, key


def _second(source: _Source, key: bytes | None, agreement: Agreement, fields: Iterable[SignatureField]) -> _SecondView:
    """What QPDF sees in the file and in its signed revisions, held against what pyHanko sees."""
    with second_reader(source.flat(agreement.reader, None) or source.whole(), key=key) as second:
        difference = agreement.disagreement(second)
        active = active_content(second.document)
        repaired = second.is_repaired
    for number, signed_end in _signed_ends(source.pdf, agreement.reader, fields):
        if difference is None and not repaired:
            difference = _revision_difference(source, signed_end, number, key, agreement)
    return _SecondView(disagreement=difference, repaired=repaired, active_content=active)


def _revision_difference(source: _Source, end: int, number: int, key: bytes | None, agreement: Agreement) -> str | None:
    """What both readers see differently in a signed revision."""
    part = source.flat(agreement.reader, number, end) or source.part(end)
    try:
        with second_reader(part, key=key) as second:
            difference = agreement.disagreement(second, number)
            if difference is None and second.is_repaired:
                difference = "structure"
    except pikepdf.PdfError:
        difference = "structure"
    return f"revision {number + 1}: {difference}" if difference else None


def _signed_ends(pdf: bytes, reader: Any, fields: Iterable[SignatureField]) -> list[tuple[int, int]]:  # noqa: ANN401 - pyHanko's reader
    """Number (from 0) and end of each signed revision that something was appended to."""
    ranges = ([n for n in field.byte_range if n is not None and n >= 0] for field in fields)
    ends = {numbers[2] + numbers[3] for numbers in ranges if len(numbers) == 4}  # noqa: PLR2004 - two pairs
    last = reader.xrefs.total_revisions - 1
    numbered = [(signed_revision(reader, end), end) for end in sorted(ends) if end <= len(pdf)]
    found = [(number, end) for number, end in numbered if number is not None and number < last]
    half = MAX_REVISIONS_COMPARED // 2
    return found if len(found) <= MAX_REVISIONS_COMPARED else found[:half] + found[-half:]
