"""Over which of its issuer's revocation lists a certificate is looked up.

The shard is chosen once, from random bits of the serial, and stands in the certificate's CRL pointer: another number
of shards later changes nothing for certificates that exist. Knows serials and pointers; knows no list and no registry.
"""

import re
from typing import Final

from cryptography import x509

MAX_SHARDS: Final = 4096
_SHARD_ADDRESS: Final = re.compile(r"/pki/[a-z]+/(0|[1-9][0-9]{0,3})\.crl")
_ROOT: Final = "root"


def shard_of(serial: int, shards: int) -> int:
    """Return the shard of a serial.

    Args:
        serial: at least its low 12 bits are random.
        shards: how many there are, a power of two up to 4096.
    """
    if not 1 <= shards <= MAX_SHARDS or shards & (shards - 1):
        message = f"the number of shards is a power of two up to {MAX_SHARDS}"
        raise ValueError(message)
    return serial & (shards - 1)


def shard_for(authority: str, serial: int, shards: int) -> int | None:
    """Return the shard that a new certificate's pointer names; None for the authority's one full list."""
    # the root issues a handful of certificates, and its list is about authorities: it stays whole
    return None if authority == _ROOT or shards == 1 else shard_of(serial, shards)


def shard_in(certificate: bytes) -> int | None:
    """Return the shard that a certificate (DER) names; None: its pointer leads to the full list, or it has none."""
    try:
        found = x509.load_der_x509_certificate(certificate).extensions.get_extension_for_class(
            x509.CRLDistributionPoints
        )
    except x509.ExtensionNotFound:
        return None
    for point in found.value:
        for name in point.full_name or ():
            matched = (
                _SHARD_ADDRESS.search(str(name.value)) if isinstance(name, x509.UniformResourceIdentifier) else None
            )
            if matched is not None:
                return int(matched[1])
    return None
