"""Which status evidence an answer about a signature rests on: what speaks of a certificate of its chains.

The document's own comes first, then what the caller gave. Whether a list or an answer is good is the path check's
question; what speaks of other certificates is none of this signature's evidence. Indexed once for all signatures.
"""

from collections.abc import Iterable, Sequence

from signing.trust import Evidence
from signing.validation.certificate_parts import read_parts
from signing.validation.report import EvidenceUsed, file_facts
from signing.validation.spoken_for import SpokenFor

_UNREADABLE = (ValueError, IndexError)


class EvidenceAtHand:
    """The evidence of one check."""

    def __init__(self, own: Evidence, given: Evidence) -> None:
        self._spoken = SpokenFor(own.merged(given))
        self._items = tuple(
            (der, kind, source)
            for source, evidence in (("document", own), ("given", given))
            for kind, items in (("ocsp", evidence.ocsps), ("crl", evidence.crls))
            for der in items
        )
        self._told: dict[tuple[bytes, str], EvidenceUsed] = {}
        self._speaking: dict[bytes, tuple[bytes, ...]] = {}  # a list may be long, and signatures many

    def about(self, chains: Iterable[Sequence[bytes]]) -> tuple[EvidenceUsed, ...]:
        """What speaks of certificates (DER) of these chains."""
        certificates = dict.fromkeys(der for chain in chains for der in chain)
        wanted = {item for certificate in certificates for item in self._speaking_of(certificate)}
        return tuple(self._entry(der, kind, source) for der, kind, source in self._items if der in wanted)

    def _entry(self, der: bytes, kind: str, source: str) -> EvidenceUsed:
        if (der, source) not in self._told:
            self._told[der, source] = EvidenceUsed(kind=kind, source=source, sha256=file_facts(der)[0])
        return self._told[der, source]

    def _speaking_of(self, certificate: bytes) -> tuple[bytes, ...]:
        if certificate not in self._speaking:
            try:
                self._speaking[certificate] = self._spoken.about(read_parts(certificate))
            except _UNREADABLE:
                self._speaking[certificate] = ()
        return self._speaking[certificate]
