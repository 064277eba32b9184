"""Status evidence from outside, bounded and put into the form that the library takes.

Knows CRLs and OCSP answers by their form and by whom they speak for; whether one of them is signed rightly, fresh and
about the certificate in question is decided by the path check. Must not know a moment.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Any, Final

from asn1crypto import crl, ocsp

from signing.keys.der import BIT_STRING, SEQUENCE, DerError, DerReader
from signing.validation.candidates import MALFORMED, Candidate, Pool
from signing.validation.issuer_digests import NAMED_BY
from signing.validation.lists import RevocationList, read_list, without_strangers
from signing.validation.outline import MAX_ELEMENTS, NameKey, Outline, count_elements, name_key, read_outline
from signing.validation.quick_names import with_quick_names
from signing.validation.signed_parts import SignedParts
from signing.validation.work import DECODED_ELEMENT, Work

MAX_ITEMS: Final = 128  # our own authorities publish their lists in shards
MAX_BYTES: Final = 16 * 1024 * 1024  # a CRL of 100,000 entries has 6 MB
MAX_ANSWER_BYTES: Final = 128 * 1024
_LIST_BYTES_PER_UNIT: Final = 100  # sorting and copying; the signature is paid for where it is checked


@dataclass(slots=True)
class StatusEvidence:
    """What can be used, and what speaks for somebody but cannot."""

    lists: list[Any] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    signed_parts: SignedParts = field(default_factory=SignedParts)
    """For ``PaidVerifier``: what was really signed where a list is shortened."""

    refused: dict[NameKey, str] = field(default_factory=dict)
    """Issuers whose list is there but malformed, and why."""

    helpers: list[Outline] = field(default_factory=list)
    """Certificates of the heap, the leaf among them, that may have signed evidence."""

    def is_empty(self) -> bool:
        """Whether there is nothing to judge a status with."""
        return not self.lists and not self.answers and not self.refused


class _SignedPart(crl.TbsCertList):  # type: ignore[misc]  # asn1crypto ships no types
    """Stays what was signed (see ``candidates``)."""

    _fields = with_quick_names(crl.TbsCertList._fields)

    def _set_contents(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - as in the class above
        """Nothing: what was read stays."""


class _List(crl.CertificateList):  # type: ignore[misc]  # asn1crypto ships no types
    """A list that stays what was read."""

    _fields = [("tbs_cert_list", _SignedPart), *crl.CertificateList._fields[1:]]  # noqa: RUF012 - as above

    def _set_contents(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - as in the class above
        """Nothing: what was read stays."""


def sort_evidence(
    crls: Iterable[bytes], ocsps: Iterable[bytes], leaf: Candidate, pool: Pool, work: Work
) -> StatusEvidence:
    """Evidence that decodes, within bounds; what does not is left out, or remembered if it says for whom it speaks.

    Raises:
        WorkSpent: looking through it costs more than is left.
    """
    result = StatusEvidence()
    names, keys, embedded = _sort_answers(ocsps, result, work)
    lists = _read_lists(crls, result, work)
    names |= {found.issuer for found in lists}
    outlines = [leaf.outline, *(outline for group in pool.by_subject.values() for outline in group)]
    result.helpers = [o for o in outlines if o.subject in names or (keys and _key_hash(o) in keys)]
    serials: dict[NameKey, set[bytes]] = defaultdict(set)
    for outline in (*outlines, *embedded):
        serials[outline.issuer].add(outline.serial)
    everything = {serial for group in serials.values() for serial in group}
    for found in lists:
        wanted = everything if found.is_indirect else serials.get(found.issuer)
        if not wanted:
            continue  # it speaks for nobody here
        try:
            short, tbs = without_strangers(found, wanted)
            result.lists.append(_decoded_list(short))
            result.signed_parts.add(found.value, tbs, found.tbs)
        except MALFORMED as err:
            result.refused[found.issuer] = str(err)[:100]
    return result


def _read_lists(crls: Iterable[bytes], result: StatusEvidence, work: Work) -> list[RevocationList]:
    lists, size = [], 0
    for count, der in enumerate(dict.fromkeys(crls)):
        size += len(der)
        if count >= MAX_ITEMS or size > MAX_BYTES:
            break
        work.spend(len(der) // _LIST_BYTES_PER_UNIT)
        try:
            found = read_list(der)
        except MALFORMED:
            continue
        if found.fault:
            result.refused[found.issuer] = found.fault
        else:
            lists.append(found)
    return lists


def _decoded_list(der: bytes) -> Any:  # noqa: ANN401 - asn1crypto ships no types
    value = _List.load(der, strict=True)
    # Decoded now, so that nothing malformed is met in the middle of the library's procedure.
    _ = value.issuer.hashable, value["tbs_cert_list"].native
    return value


def _sort_answers(
    ocsps: Iterable[bytes], result: StatusEvidence, work: Work
) -> tuple[set[NameKey], set[bytes], list[Outline]]:
    names: set[NameKey] = set()
    keys: set[bytes] = set()
    embedded: list[Outline] = []
    for der in list(dict.fromkeys(ocsps))[:MAX_ITEMS]:
        elements = count_elements(der) if len(der) <= MAX_ANSWER_BYTES else MAX_ELEMENTS + 1
        if elements > MAX_ELEMENTS:
            continue
        work.spend(elements * DECODED_ELEMENT)
        try:
            answer = ocsp.OCSPResponse.load(der, strict=True)
            if answer["response_status"].native != "successful":
                continue
            _ = answer.native
            basic = answer.basic_ocsp_response
            if not _named_by(basic["tbs_response_data"]["responses"]) <= NAMED_BY:
                continue
            certificates = [read_outline(c.dump()) for c in basic["certs"] or ()]
            responder = basic["tbs_response_data"]["responder_id"]
            by_key, dumped = responder.name == "by_key", responder.chosen
            if by_key:
                keys.add(dumped.native)
            else:
                names.add(name_key(dumped.untag().dump()))
        except MALFORMED:
            continue
        if not any(outline.fault for outline in certificates):
            embedded += certificates
            result.answers.append(answer)
    return names, keys, embedded


def _named_by(statements: Any) -> set[str]:  # noqa: ANN401 - asn1crypto ships no types
    return {one["cert_id"]["hash_algorithm"]["algorithm"].native for one in statements}


def _key_hash(outline: Outline) -> bytes:
    """SHA-1 of the public key's bits, as a ResponderID by key has it (RFC 6960 §4.2.1: no question of strength)."""
    try:
        info = DerReader(outline.key).inside(SEQUENCE)
        info.content(SEQUENCE)
        bits = info.content(BIT_STRING)[1:]
    except DerError:  # no key: nobody's answers are signed with it
        return b""
    return sha1(bits, usedforsecurity=False).digest()
