"""Whether a stranger's file may be continued at all: both readers of the check read all of it, and read the same.

What the check of signatures (``signing.validation``) would doubt later is refused before the key: a decision whose own
signature nobody can confirm helps nobody. It costs as much as checking a signature, so it is asked once of files that
come from outside; pages that we typeset ourselves need no such question.
"""

from collections import deque
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.keys.der import OCTET_STRING, SEQUENCE, tlv
from signing.pades.prepared import PreparedSignature
from signing.pades.refusals import DocumentClosed, DocumentDamaged
from signing.pades.revision import RevisionWriter
from signing.pades.validation_store import ValidationStore
from signing.trust import Evidence
from signing.validation.changes import ChangeAnalysis, ChangeLevel, is_worse, worst
from signing.validation.coverage import signature_coverage
from signing.validation.document import DocumentFaultError, OpenedDocument, open_document
from signing.validation.geometry import GeometryFaultError
from signing.validation.reading import READ_ERRORS

MAX_OBJECTS: Final = 20_000
"""Objects that are read, from the catalogue on: half a second at most."""
LONG_BYTES: Final = 32 * 1024 * 1024
"""Of a longer file only what is there is read: with what will follow it, it would lie in memory three times."""
_MAX_NESTING: Final = 64
_ENTRY: Final = "/" + "0" * 40  # of no signature
_CONTAINER: Final = (
    tlv(SEQUENCE, tlv(OCTET_STRING, b"\xff" * 512)).hex().encode()
)  # says nothing, in the digits of a string


def require_sound(pdf: bytes, prepared: PreparedSignature) -> None:
    """Read the prepared document, and what will follow its signature, as a stranger would who checks it.

    Raises:
        DocumentDamaged: readers cannot read it, differ about it, have to repair it, or meet objects that cannot be
        read; a later revision would put something where the document refers to nothing; or validation data behind
        the signature would count as a change. DocumentClosed: an earlier signature that holds would not any more.
    """
    is_long = len(pdf) > LONG_BYTES
    try:
        if is_long:
            _ = _validation_data(pdf, prepared)  # a store that stands there already may not be readable
        document = open_document(pdf if is_long else _continued(pdf, prepared))
    except (DocumentFaultError, *READ_ERRORS) as err:
        raise DocumentDamaged("a reader that checks signatures cannot read the document") from err
    if document.disagreement is not None or document.repaired:
        raise DocumentDamaged("readers see different things in the document, or have to repair it")
    _require_readable(document.reader)
    if not is_long:
        _require_harmless(pdf, document, prepared.field_name)


def _require_harmless(pdf: bytes, later: OpenedDocument, field_name: str) -> None:
    """What is appended changes nothing for the new signature, nor for those that stand there."""
    levels = _levels(later)
    if levels.pop(field_name, None) is not ChangeLevel.PERMITTED:
        raise DocumentDamaged("validation data behind the signature would count as a change of the document")
    if levels and any(_is_broken(levels.get(name), level) for name, level in _levels(open_document(pdf)).items()):
        raise DocumentClosed("an earlier signature would not hold any more")


def _continued(pdf: bytes, prepared: PreparedSignature) -> bytes:
    """The document as it will be, with a container and validation data that say nothing."""
    filled = _filled(pdf, prepared)
    return filled + _validation_data(filled, prepared)


def _filled(pdf: bytes, prepared: PreparedSignature) -> bytes:
    """The document with a container in its place that holds nothing."""
    tail, place = prepared.tail, prepared.place
    return b"".join((pdf, tail[:place], _CONTAINER, tail[place + len(_CONTAINER) :]))


def _validation_data(pdf: bytes, prepared: PreparedSignature) -> bytes:
    """What a store of validation data appends (ISO 32000-2 §12.8.4.3), with one certificate in it."""
    writer = RevisionWriter(pdf)
    ValidationStore(writer).add(Evidence(certificates=(prepared.credential.certificate,)), _ENTRY)
    return writer.tail()


def _levels(document: OpenedDocument) -> dict[str, ChangeLevel | None]:
    """What happened to the document after each signature; None where its byte range is wrong."""
    analysis, found = ChangeAnalysis(document), dict[str, ChangeLevel | None]()
    for field in document.fields:
        try:
            found[field.name] = analysis.after(field, signature_coverage(document, field)).level
        except GeometryFaultError:
            found[field.name] = None
    return found


def _is_broken(now: ChangeLevel | None, before: ChangeLevel | None) -> bool:
    """Whether a signature that was fine is doubted for what was appended."""
    if before is None or before is ChangeLevel.FORBIDDEN:
        return False  # nobody breaks it any more
    return now is None or is_worse(now, worst((before, ChangeLevel.PERMITTED)))


def _require_readable(reader: Any) -> None:  # noqa: ANN401 - pyHanko's reader
    """Every object can be read, and what is not there stays so (ISO 32000-2 §7.3.10: a reference to nothing is null).

    A number that is not given out yet (§7.5.5 /Size) goes to an object of a later revision: validation data of some
    years would become a part of the signed text.
    """
    root, free = reader.trailer.raw_get("/Root").reference, int(reader.trailer.raw_get("/Size"))
    queue, seen = deque([root]), {root}
    while queue and len(seen) <= MAX_OBJECTS:
        reference = queue.popleft()
        if reader.xrefs[reference] is None:
            if reference.idnum >= free:
                raise DocumentDamaged("the document refers to an object that only a later revision would have")
            continue
        try:
            value = reference.get_object()
        except READ_ERRORS as err:
            raise DocumentDamaged("an object of the document cannot be read") from err
        fresh = {found for found in _references(value, 0) if found not in seen}
        seen |= fresh
        queue.extend(fresh)


def _references(value: Any, depth: int) -> "list[generic.Reference]":  # noqa: ANN401 - a PDF value
    if isinstance(value, generic.IndirectObject):
        return [value.reference]
    if depth > _MAX_NESTING:
        raise DocumentDamaged("an object of the document is nested too deeply")
    if isinstance(value, generic.DictionaryObject):
        return [one for key in value for one in _references(value.raw_get(key), depth + 1)]
    if isinstance(value, generic.ArrayObject):
        return [one for at in range(len(value)) for one in _references(value.raw_get(at), depth + 1)]
    return []
