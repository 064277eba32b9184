"""Certificates as people send them (PEM, DER, base64) to DER, with bounds; nothing is parsed beyond the wrapping."""

import base64
import binascii
import re
from typing import Final

from signing.errors import CertificateMalformed

MAX_INPUT_BYTES: Final = 1024 * 1024
MAX_CERTIFICATES: Final = 32
"""In one input: a certificate with its chain has three."""

_PEM: Final = re.compile(rb"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END ")
_SEQUENCE: Final = 0x30


def certificates_of(data: bytes) -> tuple[bytes, ...]:
    """The certificates of one input in their order: PEM blocks, one DER certificate, or base64 of one.

    What stands inside the wrapping may still be no certificate.

    Raises:
        CertificateMalformed: neither of the three, too large, or too many.
    """
    if len(data) > MAX_INPUT_BYTES:
        raise CertificateMalformed(f"larger than {MAX_INPUT_BYTES} bytes")
    if data[:1] == bytes([_SEQUENCE]):
        return (data,)
    blocks = _PEM.findall(data) if b"-----BEGIN" in data else [data]
    if not blocks or len(blocks) > MAX_CERTIFICATES:
        raise CertificateMalformed(f"no certificate, or more than {MAX_CERTIFICATES}")
    return tuple(_decoded(block) for block in blocks)


def _decoded(block: bytes) -> bytes:
    try:
        der = base64.b64decode(b"".join(block.split()), validate=True)
    except (binascii.Error, ValueError) as err:
        raise CertificateMalformed("neither PEM nor DER nor base64") from err
    if der[:1] != bytes([_SEQUENCE]):
        raise CertificateMalformed("not the encoding of a certificate")
    return der
