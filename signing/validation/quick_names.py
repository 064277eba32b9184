"""Distinguished names that remember how they compare.

The library compares the same few names hundreds of times in one check, and prepares every letter of them anew each time
(a fifth of what a path costs). A name that was read never changes, so its prepared form is worked out once; the names
of a few authorities stand in almost every file, so the forms of the last names are kept by their bytes. What is equal
stays exactly what RFC 5280 §7.1 says: only names whose prepared forms agree are compared in full.
"""

from functools import lru_cache
from typing import Any, Final, cast

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509

from signing.validation.issuer_digests import DigestedKey, DigestedName

_NAMES_KEPT: Final = 512
_LONGEST_KEPT: Final = 1024
"""Octets: together at most half a megabyte of names, whoever sends them."""


@lru_cache(maxsize=_NAMES_KEPT)
def _prepared(der: bytes) -> str:
    return cast("str", asn1_x509.Name.load(der).hashable)


class QuickName(DigestedName):
    """A Name whose comparable form is worked out once."""

    _prepared: str | None = None

    @property
    def hashable(self) -> str:
        """The comparable form."""
        if self._prepared is None:
            der = self.dump()
            self._prepared = _prepared(der) if len(der) <= _LONGEST_KEPT else cast("str", super().hashable)
        return self._prepared

    def __eq__(self, other: object) -> bool:
        """Equal by RFC 5280 §7.1."""
        if isinstance(other, QuickName):
            if self is other or (self.contents is not None and self.contents == other.contents):
                return True
            if self.hashable != other.hashable:
                return False
        return bool(super().__eq__(other))

    def __ne__(self, other: object) -> bool:
        """Not equal."""
        return not self == other

    def __hash__(self) -> int:
        """As the comparable form."""
        return hash(self.hashable)


def with_quick_names(fields: list[Any]) -> list[Any]:
    """The fields of an ASN.1 sequence with its names replaced, and its public key by one that knows more digests."""
    replaced = {asn1_x509.Name: QuickName, keys.PublicKeyInfo: DigestedKey}
    return [(f[0], replaced.get(f[1], f[1]), *f[2:]) for f in fields]
