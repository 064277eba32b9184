"""Which status evidence an answer about a signature rests on: what speaks of a certificate of its chains.

The document's own comes first, then what the caller gave. Whether a list or an answer is good is the path check's
question; what speaks of other certificates is none of this signature's evidence. Indexed once for all signatures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from asn1crypto import crl, ocsp

from signing.trust import Evidence
from signing.validation.certificate_parts import read_parts
from signing.validation.report import EvidenceUsed, file_facts
from signing.validation.spoken_for import SpokenFor

_UNREADABLE = (ValueError, IndexError)


def _made_at(kind: str, der: bytes) -> datetime | None:
    """RFC 6960 §4.2.1 producedAt, RFC 5280 §5.1.2.4 thisUpdate."""
    try:
        if kind == "ocsp":
            data = ocsp.OCSPResponse.load(der).basic_ocsp_response["tbs_response_data"]
            moment = data["produced_at"].native
        else:
            moment = crl.CertificateList.load(der)["tbs_cert_list"]["this_update"].native
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None
    return moment if isinstance(moment, datetime) else None


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
        speaking: dict[bytes, list[str]] = {}
        for certificate in dict.fromkeys(der for chain in chains for der in chain):
            for item in self._speaking_of(certificate):
                speaking.setdefault(item, []).append(sha256(certificate).hexdigest())
        return tuple(
            replace(self._entry(der, kind, source), about=tuple(speaking[der]))
            for der, kind, source in self._items
            if der in speaking
        )

    def _entry(self, der: bytes, kind: str, source: str) -> EvidenceUsed:
        if (der, source) not in self._told:
            digest, _ = file_facts(der)
            self._told[der, source] = EvidenceUsed(kind=kind, source=source, sha256=digest, at=_made_at(kind, der))
        return self._told[der, source]

    def _speaking_of(self, certificate: bytes) -> tuple[bytes, ...]:
        if certificate not in self._speaking:
            try:
                self._speaking[certificate] = self._spoken.about(read_parts(certificate))
            except _UNREADABLE:
                self._speaking[certificate] = ()
        return self._speaking[certificate]
