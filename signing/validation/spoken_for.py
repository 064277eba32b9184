"""Of which certificates does status evidence speak? A list by its issuer, an answer by name and number.

Looks at the form only: whether the evidence is signed, fresh and good is the path check's question. One index serves
all signatures of a document.
"""

from collections import defaultdict
from typing import Final

from signing.keys.der import OCTET_STRING, SEQUENCE, DerError
from signing.trust import Evidence
from signing.validation.ber import Element, only_element
from signing.validation.certificate_parts import CertificateParts
from signing.validation.container_faults import UnknownAlgorithmError
from signing.validation.digests import digest_of
from signing.validation.outline import NameKey, name_key
from signing.validation.schemes import read_digest

_UNREADABLE: Final = (ValueError, IndexError)
_MAX_ANSWERS: Final = 64
_VERSION: Final = 0x02


class SpokenFor:
    """Which items of some evidence speak of a certificate."""

    def __init__(self, evidence: Evidence) -> None:
        self._lists: dict[NameKey, list[bytes]] = defaultdict(list)
        self._answers: dict[bytes, list[tuple[bytes, bytes, bytes]]] = defaultdict(list)
        for der in evidence.crls:
            try:
                self._lists[_issuer_of_list(der)].append(der)
            except _UNREADABLE:
                continue
        for der in evidence.ocsps:
            try:
                for digest, name_hash, serial in _named_in(der):
                    self._answers[serial].append((digest, name_hash, der))
            except _UNREADABLE:
                continue

    def about(self, certificate: CertificateParts) -> tuple[bytes, ...]:
        """The lists and answers (DER) that speak of it."""
        try:
            found = list(self._lists.get(name_key(certificate.issuer), ()))
        except _UNREADABLE:
            found = []
        for digest, name_hash, der in self._answers.get(certificate.serial, ()):
            try:
                if digest_of((certificate.issuer,), read_digest(digest)) == name_hash:
                    found.append(der)
            except (DerError, UnknownAlgorithmError):
                continue
        return tuple(found)


def _issuer_of_list(der: bytes) -> NameKey:
    parts = only_element(der, SEQUENCE).children()[0].children()
    if parts[0].tag == _VERSION:
        parts = parts[1:]
    return name_key(parts[1].raw)


def _named_in(der: bytes) -> list[tuple[bytes, bytes, bytes]]:
    """(digest algorithm, digest of the issuer's name, serial number) of each certificate that an answer names."""
    _, wrapped = only_element(der, SEQUENCE).children()
    basic = wrapped.children()[0].children()[1]
    if basic.tag != OCTET_STRING:
        raise DerError("not a basic answer")
    data = only_element(basic.content, SEQUENCE).children()[0]
    return [_named(single) for single in _responses(data).children()[:_MAX_ANSWERS]]


def _responses(data: Element) -> Element:
    """RFC 6960 §4.2.1: responses are the one SEQUENCE among version, responder, time and extensions."""
    found = next((part for part in data.children() if part.tag == SEQUENCE), None)
    if found is None:
        raise DerError("an answer without answers")
    return found


def _named(single: Element) -> tuple[bytes, bytes, bytes]:
    algorithm, name_hash, _, serial = single.children()[0].children()
    return algorithm.raw, name_hash.content, serial.content
