"""Files with many certificates: PEM bundles, PKCS#7, DER and base64, taken apart within bounds.

Knows wrappings. Must not know what a certificate says. Works on hostile bytes: callers run it in a worker process.
"""

import base64
import binascii
import re
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from signing.errors import CertificateMalformed

MAX_BYTES: Final = 64 * 1024 * 1024
MAX_CERTIFICATES: Final = 25_000
_MAX_LIST_BYTES: Final = 4 * 1024 * 1024
_BLOCK: Final = re.compile(
    rb"-----BEGIN (CERTIFICATE|X509 CERTIFICATE|PKCS7|CMS|X509 CRL)-----([A-Za-z0-9+/=\s]*)-----END \1-----"
)
_SEQUENCE: Final = b"\x30"
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")  # 1.2.840.113549.1.7.2, near the beginning of PKCS#7


def certificates_in(data: bytes) -> tuple[bytes, ...]:
    """Every certificate of a file, in its order, each once (DER; what is inside may still be no certificate).

    Raises:
        CertificateMalformed: nothing that can be taken apart, or more than one file may have.
    """
    if len(data) > MAX_BYTES:
        raise CertificateMalformed(f"larger than {MAX_BYTES} bytes")
    found: list[bytes] = []
    if b"-----BEGIN" in data:
        for label, body in _BLOCK.findall(data):
            if label != b"X509 CRL":
                found += _unwrapped(_decoded(body))
    else:
        found += _unwrapped(data if data.startswith(_SEQUENCE) else _decoded(data))
    unique = tuple(dict.fromkeys(found))
    if not unique:
        raise CertificateMalformed("no certificate")
    if len(unique) > MAX_CERTIFICATES:
        raise CertificateMalformed(f"more than {MAX_CERTIFICATES} certificates")
    return unique


def revocation_lists(texts: tuple[str, ...]) -> tuple[bytes, ...]:
    """Certificate lists as they are sent in JSON: PEM, or base64 of DER.

    Raises:
        CertificateMalformed: neither.
    """
    found = []
    for text in texts:
        data = text.encode()
        block = _BLOCK.search(data) if b"-----BEGIN" in data else None
        der = _decoded(block[2] if block is not None else data)
        if not der.startswith(_SEQUENCE) or len(der) > _MAX_LIST_BYTES:
            raise CertificateMalformed("a revocation list cannot be read")
        found.append(der)
    return tuple(found)


def _unwrapped(der: bytes) -> list[bytes]:
    if not der.startswith(_SEQUENCE):
        raise CertificateMalformed("no certificate")
    if _SIGNED_DATA not in der[:32]:
        return [der]
    try:
        certificates = pkcs7.load_der_pkcs7_certificates(der)
    except (ValueError, UnsupportedAlgorithm) as err:
        raise CertificateMalformed("a PKCS#7 file that cannot be read") from err
    return [one.public_bytes(Encoding.DER) for one in certificates]


def _decoded(body: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(body.split()), validate=True)
    except (binascii.Error, ValueError) as err:
        raise CertificateMalformed("not base64") from err
