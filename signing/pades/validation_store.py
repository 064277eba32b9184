"""Writes status evidence into the document security store, by the octets; what stands there already is never changed.

ETSI EN 319 142-1 §5.4, ISO 32000-2 §12.8.4.3. Evidence is stored as it was given: no library decodes and encodes it
again. Knows the store's dictionaries; whether evidence is good is for whoever verifies.
"""

from collections.abc import Iterable
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.errors import EvidenceUnavailable
from signing.keys.der import SEQUENCE, DerError
from signing.pades.objects import array, dictionary, entry, name, stream
from signing.pades.revision import RevisionWriter
from signing.trust import Evidence
from signing.validation.ber import only_element

_MAX_STORED: Final = 5_000
_KINDS: Final = (("/Certs", "/Cert"), ("/OCSPs", "/OCSP"), ("/CRLs", "/CRL"))
_WORTH_COMPRESSING: Final = 4096  # a list of thousands of serial numbers; certificates and answers do not shrink


class ValidationStore:
    """The store of a document in the revision that is being written."""

    def __init__(self, writer: RevisionWriter) -> None:
        """Raises pyHanko's errors and those of wrong types where the store cannot be read."""
        self._writer = writer
        store = entry(writer.root, "/DSS")
        if store is None:
            store = dictionary({"/Type": name("/DSS")})
            writer.root[name("/DSS")] = writer.add_object(store)
            update: Any = writer.update_root
            update()
        self._store = store
        self._known = {key: self._stored(key) for key, _ in _KINDS}

    def add(self, evidence: Evidence, entry_name: str | None) -> None:
        """Stores what is not there yet.

        Args:
            evidence: certificates, OCSP answers and lists in DER.
            entry_name: the signature that it is about, by its key in /VRI; None: no entry (one that exists is never
                changed, readers would take that for a manipulation).

        Raises:
            EvidenceUnavailable: something in it is not DER.
        """
        given = (evidence.certificates, evidence.ocsps, evidence.crls)
        entries: dict[str, Any] = {"/Type": name("/VRI")}
        for (key, short), items in zip(_KINDS, given, strict=True):
            references = self._references(key, items)
            if references:
                entries[short] = array(references)
        if entry_name is not None:
            holder = self._holder("/VRI", dictionary({}))
            holder[name(entry_name)] = self._writer.add_object(dictionary(entries))
            self._writer.update_container(holder)

    def _references(self, key: str, items: Iterable[bytes]) -> list[Any]:
        known, found = self._known[key], []
        for item in dict.fromkeys(items):
            if item not in known:
                _require_der(item)
                known[item] = self._writer.add_object(_stored_form(item))
                holder = self._holder(key, array(()))
                holder.append(known[item])
                self._writer.update_container(holder)
            found.append(known[item])
        return found

    def _holder(self, key: str, empty: Any) -> Any:  # noqa: ANN401 - pyHanko's array or dictionary
        """What stands under a key of the store; made if nothing does."""
        holder = entry(self._store, key)
        if holder is None:
            holder = self._store[name(key)] = empty
            self._writer.update_container(self._store)
        return holder

    def _stored(self, key: str) -> dict[bytes, Any]:
        items = entry(self._store, key, ())
        references = [items.raw_get(index) for index in range(min(len(items), _MAX_STORED))]
        return {reference.get_object().data: reference for reference in references}


def _stored_form(item: bytes) -> Any:  # noqa: ANN401 - pyHanko's stream
    if len(item) >= _WORTH_COMPRESSING:
        return stream({}, item)
    make: Any = generic.StreamObject
    return make(stream_data=item)


def _require_der(item: bytes) -> None:
    try:
        only_element(item, SEQUENCE)
    except DerError as err:
        raise EvidenceUnavailable("the status evidence cannot be read") from err
