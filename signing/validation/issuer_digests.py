"""The digests by which an OCSP answer may name a certificate's issuer, for names and keys (RFC 6960 §4.1.1 CertID).

The library knows SHA-1 and SHA-256 only and stops at others; an answer that says "revoked" must not be lost for that.
Knows digests of names and keys, no answers.
"""

from hashlib import sha224, sha384, sha512
from typing import Final

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509

NAMED_BY: Final = frozenset({"sha1", "sha224", "sha256", "sha384", "sha512"})
"""By their names in the library: attributes of a name and of a key."""


class DigestedName(asn1_x509.Name):  # type: ignore[misc]  # asn1crypto ships no types
    """A name with every digest; the library adds SHA-1 and SHA-256."""

    @property
    def sha224(self) -> bytes:
        """Over its DER."""
        return sha224(self.dump()).digest()

    @property
    def sha384(self) -> bytes:
        """Over its DER."""
        return sha384(self.dump()).digest()

    @property
    def sha512(self) -> bytes:
        """Over its DER."""
        return sha512(self.dump()).digest()


class DigestedKey(keys.PublicKeyInfo):  # type: ignore[misc]  # asn1crypto ships no types
    """A public key with every digest; the library adds SHA-1 and SHA-256."""

    @property
    def sha224(self) -> bytes:
        """Over the bits of the key."""
        return sha224(bytes(self["public_key"])).digest()

    @property
    def sha384(self) -> bytes:
        """Over the bits of the key."""
        return sha384(bytes(self["public_key"])).digest()

    @property
    def sha512(self) -> bytes:
        """Over the bits of the key."""
        return sha512(bytes(self["public_key"])).digest()
