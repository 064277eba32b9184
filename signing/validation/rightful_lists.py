"""Has somebody with the right to it published a list about a certificate?

The library also believes a list by any authority that the same issuer certified (its name and key, not the issuer's):
a revoked authority with a second certificate could vouch for itself. RFC 5280 §6.3.3 (b) (1) and (f): the list is
the issuer's own, or an indirect one by whom the certificate names. Knows lists and certificates of one path.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from pyhanko_certvalidator.errors import ValidationError

from signing.validation.candidates import MALFORMED, Candidate
from signing.validation.outline import NameKey, name_key
from signing.validation.work import PaidVerifier


def has_rightful_list(
    candidate: Candidate,
    issuer: Candidate,
    lists: Iterable[Any],
    signers: Sequence[Any],
    verifier: PaidVerifier,
    *,
    at: datetime,
    retroactive: bool,
) -> bool:
    """Whether one list of the right issuer, with a signature of that issuer, covers the moment.

    What the list says, its scope and its reasons have been judged by the library's procedure.

    Args:
        candidate: the certificate in question.
        issuer: the one above it in the path.
        lists: decoded lists, unchecked.
        signers: further certificates that may sign lists.
        verifier: checks signatures, and counts them.
        at: the moment that the list has to cover.
        retroactive: a list from after that moment counts too.
    """
    named = _named_issuers(candidate)
    for found in lists:
        publisher = name_key(found.issuer.dump())
        indirect = found.issuing_distribution_point_value
        own = publisher == candidate.outline.issuer
        if not own and not (publisher in named and indirect is not None and indirect["indirect_crl"].native):
            continue
        if not _covers(found, at, retroactive=retroactive):
            continue
        keys = [c.public_key for c in signers if name_key(c.subject.dump()) == publisher]
        keys += [issuer.certificate.public_key] if own else []
        if _signed_by_one(found, keys, verifier):
            return True
    return False


def _named_issuers(candidate: Candidate) -> set[NameKey]:
    """The cRLIssuer names of a certificate's distribution points."""
    found = set()
    for point in candidate.certificate.crl_distribution_points_value or ():
        for name in point["crl_issuer"] or ():
            if name.name == "directory_name":
                found.add(name_key(name.chosen.untag().dump()))
    return found


def _covers(found: Any, at: datetime, *, retroactive: bool) -> bool:  # noqa: ANN401 - asn1crypto ships no types
    tbs = found["tbs_cert_list"]
    begun = retroactive or tbs["this_update"].native <= at
    return bool(begun and at <= tbs["next_update"].native)


def _signed_by_one(found: Any, keys: Iterable[Any], verifier: PaidVerifier) -> bool:  # noqa: ANN401 - asn1crypto ships no types
    for key in keys:
        try:
            verifier.verify(found["signature"].native, found["tbs_cert_list"].dump(), key, found["signature_algorithm"])
        except (InvalidSignature, ValidationError, AssertionError, *MALFORMED):
            continue
        return True
    return False
