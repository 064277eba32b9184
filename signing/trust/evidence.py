"""Status evidence as values: certificates, OCSP answers and CRLs in DER, none of them checked yet."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What somebody handed over to judge a chain with; untrusted input until a path is checked with it."""

    certificates: tuple[bytes, ...] = ()
    """DER certificates that may help to build a chain."""

    ocsps: tuple[bytes, ...] = ()
    """DER OCSP responses (RFC 6960 OCSPResponse)."""

    crls: tuple[bytes, ...] = ()
    """DER certificate lists (RFC 5280 CertificateList)."""

    def merged(self, other: Self) -> Self:
        """Both together, own items first, every item once."""
        return type(self)(
            certificates=_unique(self.certificates + other.certificates),
            ocsps=_unique(self.ocsps + other.ocsps),
            crls=_unique(self.crls + other.crls),
        )

    def is_empty(self) -> bool:
        """Whether it holds no status information (certificates alone say nothing about status)."""
        return not self.ocsps and not self.crls


def _unique(items: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(items))
