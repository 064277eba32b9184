"""How long the newest archive time-stamp of a document protects it.

ETSI EN 319 142-1 §5.4.3, annex A: another time-stamp has to cover it before its certificate or an algorithm of it
ends. Knows tokens and the policy in force; asks nobody and decides on no date of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from asn1crypto import cms, tsp
from asn1crypto import x509 as asn1_x509

from signing.errors import MalformedDocument
from signing.pades.filled import filled_fields
from signing.pades.intake import open_for_signing
from signing.pades.stamping import token_certificates
from signing.validation import VN_IN_FORCE, ValidationPolicy
from signing.validation.reading import READ_ERRORS

_NO_TOKEN: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveNeed:
    """What the newest document time-stamp of a file allows."""

    until: datetime | None
    """Before this moment the next one has to be there: end of the shortest certificate of its chain, or of one of its
    algorithms under the policy. None: the file has no document time-stamp."""

    digest: str
    """The digest over the file ('sha256'); empty without a time-stamp."""

    tokens: int
    """Document time-stamps in the file."""


def archive_need(pdf: bytes, *, policy: ValidationPolicy = VN_IN_FORCE) -> ArchiveNeed:
    """When a file needs its next archive time-stamp.

    Whether the time-stamp is good and trusted is for whoever verifies; here is read what it says.

    Args:
        pdf: the signed file.
        policy: gives the ends of algorithms.

    Raises:
        MalformedDocument: the file or the newest time-stamp cannot be read; it is no PDF that could be continued.
        DocumentNotSignable: encrypted, hybrid: it cannot be continued, so it cannot be renewed either.
    """
    reader = open_for_signing(pdf).prev
    try:
        stamps = [one for one in filled_fields(reader) if one.is_stamp]
        if not stamps:
            return ArchiveNeed(until=None, digest=_NO_TOKEN, tokens=0)
        token = cms.ContentInfo.load(stamps[-1].contents)
        ends = [*_certificate_ends(stamps[-1].certificate_bags()[0]), *_algorithm_ends(token, policy)]
        digest = str(_imprint(token)["hash_algorithm"]["algorithm"].native)
    except READ_ERRORS as err:
        raise MalformedDocument("the newest time-stamp of the document cannot be read") from err
    return ArchiveNeed(until=min(ends, default=None), digest=digest, tokens=len(stamps))


def _imprint(token: cms.ContentInfo) -> tsp.MessageImprint:
    return token["content"]["encap_content_info"]["content"].parsed["message_imprint"]


def _certificate_ends(chain: tuple[bytes, ...]) -> Iterator[datetime]:
    """Ends of the token's own certificates; the anchor is trusted by configuration, not by its dates."""
    for der in chain:
        certificate = asn1_x509.Certificate.load(der)
        if certificate.self_issued and len(chain) > 1:
            continue
        yield certificate["tbs_certificate"]["validity"]["not_after"].native


def _algorithm_ends(token: cms.ContentInfo, policy: ValidationPolicy) -> Iterator[datetime]:
    signer = token["content"]["signer_infos"][0]
    names = {
        str(_imprint(token)["hash_algorithm"]["algorithm"].native),
        str(signer["digest_algorithm"]["algorithm"].native),
        str(signer["signature_algorithm"].signature_algo),  # the words of policies: 'rsassa_pss', 'ecdsa' …
    }
    key = asn1_x509.Certificate.load(token_certificates(token)[0]).public_key
    for end in policy.ends:
        of_key = end.algorithm == key.algorithm and (end.below_bits is None or key.bit_size < end.below_bits)
        if of_key or end.algorithm in names:
            yield end.until
