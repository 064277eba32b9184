"""By when each object of a document certainly existed: proofs of existence, one per object.

ETSI EN 319 102-1 §5.6.2.3: a time-stamp over a document proves that everything in the revisions that it covers existed
at its time: signatures, certificates, answers and lists alike. What came later is proved by a later stamp, or not at
all. Knows revisions and ends in bytes; which stamp is believable is decided elsewhere.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose

from signing.validation.container import Container
from signing.validation.document import OpenedDocument
from signing.validation.reading import READ_ERRORS, array_items, get

MAX_ITEMS: Final = 400
_KINDS: Final = (
    ("/Certs", DecodePurpose.CERTIFICATE), ("/OCSPs", DecodePurpose.OCSP_RESPONSE), ("/CRLs", DecodePurpose.CRL),
)  # fmt: skip


@dataclass(slots=True)
class Existence:
    """What has been proved so far; stamps are added from the latest to the earliest."""

    document: OpenedDocument
    at: datetime
    """The moment of checking: without a proof an object exists since then."""

    containers: tuple[tuple[int, Container], ...]
    """Every signature container, and the end of the revision that it is in."""

    _proved: list[tuple[int, datetime]] = field(default_factory=list)
    _ends: Mapping[bytes, int] | None = None

    def prove(self, end: int, moment: datetime) -> None:
        """Everything before this byte existed at that moment."""
        self._proved.append((end, moment))

    def of_revision(self, end: int) -> datetime:
        """By when the bytes before an end certainly existed."""
        return min((moment for covered, moment in self._proved if covered >= end), default=self.at)

    def of(self, der: bytes) -> datetime:
        """By when a certificate, an answer or a list certainly existed; what is not in the document: since now."""
        end = self._end_of(der)
        return self.at if end is None else self.of_revision(end)

    def _end_of(self, der: bytes) -> int | None:
        """Where the revision ends that wrote a certificate, an answer or a list; None: it is not in the document."""
        if self._ends is None:
            self._ends = self._found_ends()
        return self._ends.get(der)

    def _found_ends(self) -> dict[bytes, int]:
        ends: dict[bytes, int] = {}
        for end, container in self.containers:
            inner = container.evidence
            _note(ends, (*container.certificates, *inner.certificates, *inner.ocsps, *inner.crls), end)
        for der, end in _stored(self.document):
            _note(ends, (der,), end)
        return ends


def _note(ends: dict[bytes, int], items: Iterable[bytes], end: int) -> None:
    for der in items:
        ends[der] = min(end, ends.get(der, end))


def _stored(document: OpenedDocument) -> Iterator[tuple[bytes, int]]:
    """The items of the document security store, each with the end of the revision that wrote it."""
    reader = document.reader
    store = get(reader.root, "/DSS", {})
    for key, purpose in _KINDS:
        for number, item in enumerate(array_items(get(store, key, ()))):
            if number >= MAX_ITEMS or not isinstance(item, generic.IndirectObject):
                break
            try:
                found = item.get_object()  # type: ignore[no-untyped-call]  # pyHanko
                yield bytes(found.read_data(purpose)), _written_up_to(reader, item)
            except READ_ERRORS:
                continue


def _written_up_to(reader: Any, item: generic.IndirectObject) -> int:  # noqa: ANN401 - pyHanko's reader
    revision = reader.xrefs.get_last_change(item.reference)
    return int(reader.xrefs.get_xref_container_info(revision).end_location)
