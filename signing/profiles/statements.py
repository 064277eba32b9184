"""The QC statements extension that a profile's certificates carry: which rules the identifiers in the subject follow.

Knows its DER. Claims nothing about quality: our authorities issue no qualified certificates.
"""

from functools import lru_cache
from typing import Final

from signing.keys.der import SEQUENCE, oid, tlv
from signing.profiles.rules import SEMANTICS_LEGAL, Profile
from signing.profiles.site import Site

_QC_SYNTAX_V2: Final = "1.3.6.1.5.5.7.11.2"
_URI_NAME: Final = 0x86  # GeneralName [6] uniformResourceIdentifier


def statements_of(profile: Profile, site: Site) -> bytes:
    """Return the value of the extension (DER)."""
    return _statements(profile.semantics or "", site.base_url)


@lru_cache(maxsize=16)
def _statements(semantics: str, base_url: str) -> bytes:
    # EN 319 412-5 §4.1 / RFC 3739 §3.2.6.1
    authorities = (
        # EN 319 412-1 §5.1.4: a national scheme needs the authority that gives its numbers out
        tlv(SEQUENCE, tlv(_URI_NAME, base_url.encode())) if semantics == SEMANTICS_LEGAL else b""
    )
    information = tlv(SEQUENCE, oid(semantics), authorities)
    return tlv(SEQUENCE, tlv(SEQUENCE, oid(_QC_SYNTAX_V2), information))
