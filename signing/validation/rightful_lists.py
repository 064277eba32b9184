"""Which revocation lists may speak about a certificate?

The library also believes a list by any authority that the same issuer certified (its name and key, not the issuer's):
a revoked authority with a second certificate could vouch for itself. RFC 5280 §6.3.3 (b) (1): the list is the
issuer's own, or one by whom the certificate names. Knows names in lists and certificates of one path; whether a list
is signed rightly, current and complete is judged by the library, which is then shown no other lists.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from signing.validation.candidates import Candidate
from signing.validation.outline import NameKey, name_key


def rightful_lists(candidate: Candidate, above: Sequence[Candidate], lists: Iterable[Any]) -> list[Any]:
    """The lists that may speak about a certificate, or about somebody who signed one of them.

    Who signs a list under another key was certified by an authority above (RFC 5280 §6.3.3 (f)), so the lists of those
    are needed too: they say whether that signer was withdrawn.

    Args:
        candidate: the certificate in question.
        above: those above it in the path, the anchor first.
        lists: decoded lists, unchecked.
    """
    named = _named_issuers(candidate)
    entitled = {candidate.outline.issuer, *(one.outline.subject for one in above)}
    found = []
    for one in lists:
        publisher = name_key(one.issuer.dump())
        point = one.issuing_distribution_point_value
        if publisher in entitled or (publisher in named and point is not None and point["indirect_crl"].native):
            found.append(one)
    return found


def _named_issuers(candidate: Candidate) -> set[NameKey]:
    """The cRLIssuer names of a certificate's distribution points."""
    found = set()
    for point in candidate.certificate.crl_distribution_points_value or ():
        for name in point["crl_issuer"] or ():
            if name.name == "directory_name":
                found.add(name_key(name.chosen.untag().dump()))
    return found
