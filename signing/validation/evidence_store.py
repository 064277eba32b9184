"""The document security store: certificates, OCSP answers and CRLs that a document brings along.

ISO 32000-2 §12.8.4.3. Item by item; what cannot be read is left out. Where a store holds more than is looked at, the
latest items count: writers append. Knows pyHanko's objects.
"""

from collections.abc import Iterator
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose

from signing.trust import Evidence
from signing.validation.reading import READ_ERRORS, array_items, get

MAX_EVIDENCE_ITEMS: Final = 400  # of each kind; a document with 100 signatures of ours has 210
MAX_EVIDENCE_BYTES: Final = 64 * 1024 * 1024  # of each kind; a CRL of 100,000 entries has 4 MB
_MAX_RECORDS: Final = 500


def document_evidence(root: Any) -> Evidence:  # noqa: ANN401 - pyHanko's catalogue
    """The store of a catalogue, with what only its records about single signatures (/VRI) name."""
    store = get(root, "/DSS", {})
    records = get(store, "/VRI", {})
    holders = [store, *(get(records, name, {}) for name in list(getattr(records, "keys", dict)())[-_MAX_RECORDS:])]
    return Evidence(
        certificates=_items(holders, ("/Certs", "/Cert"), DecodePurpose.CERTIFICATE),
        ocsps=_items(holders, ("/OCSPs", "/OCSP"), DecodePurpose.OCSP_RESPONSE),
        crls=_items(holders, ("/CRLs", "/CRL"), DecodePurpose.CRL),
    )


def _items(holders: list[Any], keys: tuple[str, str], purpose: DecodePurpose) -> tuple[bytes, ...]:
    found: list[bytes] = []
    total = 0
    for reference in _latest(holders, keys):
        try:
            data = bytes(reference.get_object().read_data(purpose))
        except READ_ERRORS:
            continue
        total += len(data)
        if len(found) >= MAX_EVIDENCE_ITEMS or total > MAX_EVIDENCE_BYTES:
            break
        found.append(data)
    return tuple(dict.fromkeys(reversed(found)))


def _latest(holders: list[Any], keys: tuple[str, str]) -> Iterator[Any]:
    """References to items, the latest first, each once, at most twice as many as are read."""
    seen: set[tuple[int, int]] = set()
    for holder in holders:
        for reference in reversed(list(array_items(get(holder, keys[0], get(holder, keys[1], ()))))):
            if not isinstance(reference, generic.IndirectObject):
                continue
            mark = (reference.idnum, reference.generation)
            if mark not in seen and len(seen) < 2 * MAX_EVIDENCE_ITEMS:
                seen.add(mark)
                yield reference
