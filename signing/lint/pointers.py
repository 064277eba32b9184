"""Where a certificate sends its readers: lists of revoked certificates, status answers, the issuer's certificate.

Knows the addresses that the site publishes. Fetches nothing.
"""

import ipaddress
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from signing.profiles import Profile, Site

_ELSEWHERE: Final = "rfc5280.4.2.1.13.pointer_leads_elsewhere"
# one point [0] fullName [0] with one URI [6]: five lengths, each two octets more than the next
_POINT: Final = re.compile(
    rb"\x30(.)\x30(.)\xa0(.)\xa0(.)\x86(.)(?P<base>.+)/pki/(?P<issuer>[a-z]+)(?:/(?:0|[1-9][0-9]{0,3}))?\.crl",
    re.DOTALL,
)
_INTERNAL_ENDINGS: Final = frozenset(
    # RFC 6761, RFC 6762, RFC 8375 and names that ICANN keeps out of the root: no relying party can resolve them
    {"local", "localhost", "internal", "intranet", "private", "corp", "home", "lan", "test", "invalid", "example"}
)
_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def access_findings(value: x509.AuthorityInformationAccess, site: Site, profile: Profile) -> Iterator[str]:
    """Judge an authority information access: the addresses that the site publishes about the profile's issuer."""
    issuers = [name.value for name in profile.issuers]
    wanted = {
        AuthorityInformationAccessOID.OCSP: [site.ocsp_url(name) for name in issuers],
        AuthorityInformationAccessOID.CA_ISSUERS: [site.certificate_url(name) for name in issuers],
    }
    yield from site_findings(site)
    places = list(value)
    if not places or not all(
        one.access_method in wanted
        and isinstance(one.access_location, x509.UniformResourceIdentifier)
        and one.access_location.value in wanted[one.access_method]
        for one in places
    ):
        yield _ELSEWHERE
    if AuthorityInformationAccessOID.CA_ISSUERS not in {one.access_method for one in places}:
        yield "en319412-2.4.4.1.issuer_pointer_missing"


def list_findings(value: bytes, site: Site, profile: Profile) -> Iterator[str]:
    """Judge the value of a CRL distribution points extension (DER): one point, one address of the issuer, ours.

    An address of more than 115 octets, whose lengths take another form, is refused: no reader needs one.
    """
    yield from site_findings(site)
    point = _POINT.fullmatch(value)
    size = len(value)
    if (
        point is None
        or value[1:10:2] != bytes((size - 2, size - 4, size - 6, size - 8, size - 10))
        or point["base"] != site.base_url.encode()
        or point["issuer"].decode() not in profile.issuers
    ):
        yield _ELSEWHERE


@lru_cache(maxsize=16)
def site_findings(site: Site) -> tuple[str, ...]:
    """Judge the address that every pointer begins with."""
    scheme, _, host = site.base_url.partition("://")
    codes = []
    # RFC 5280 §8: an https pointer could need this very certificate to be checked
    if scheme != "http":
        codes.append("rfc5280.8.pointer_not_http")
    if _is_internal(host.partition("/")[0].partition(":")[0]):
        codes.append("rfc5280.4.2.1.13.pointer_host_internal")
    return tuple(codes)


def _is_internal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _HOST.fullmatch(host) is None or host.rpartition(".")[2] in _INTERNAL_ENDINGS
    return True
