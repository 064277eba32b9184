"""Files with many certificates: PEM bundles, PKCS#7, DER and base64, taken apart within bounds.

Knows wrappings. Must not know what a certificate says. Works on hostile bytes: callers run it in a worker process.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from signing.errors import CertificateMalformed
from signing.identity import load_certificate

MAX_BYTES: Final = 64 * 1024 * 1024
MAX_CERTIFICATES: Final = 25_000
_MAX_STEPS: Final = 5
_MAX_ABOVE: Final = 8
_MAX_LIST_BYTES: Final = 4 * 1024 * 1024
_BLOCK: Final = re.compile(
    rb"-----BEGIN (CERTIFICATE|X509 CERTIFICATE|PKCS7|CMS|X509 CRL)-----([A-Za-z0-9+/=\s]*)-----END \1-----"
)
_SEQUENCE: Final = b"\x30"
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")  # 1.2.840.113549.1.7.2, near the beginning of PKCS#7


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledCertificate:
    """One certificate of a file that is not an authority's, with what stands above it in the same file."""

    position: int
    """Among all certificates of the file; the first is 1."""
    der: bytes
    """What is inside may still be no certificate."""
    above: tuple[bytes, ...]


def certificates_in(data: bytes) -> tuple[bytes, ...]:
    """Every certificate of a file, in its order, each once (DER).

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


def bundled_certificates(data: bytes) -> tuple[BundledCertificate, ...]:
    """The holders' certificates of a file, each with the authorities' of the same file that may stand above it.

    Raises:
        CertificateMalformed: as `certificates_in`, or authorities' certificates only.
    """
    found = [(position, der, _names(der)) for position, der in enumerate(certificates_in(data), start=1)]
    authorities: dict[bytes, list[tuple[bytes, bytes]]] = {}
    for _, der, names in found:
        if names is not None and names.is_authority:
            authorities.setdefault(names.subject, []).append((der, names.issuer))
    leaves = tuple(
        BundledCertificate(position=position, der=der, above=_above(names, authorities))
        for position, der, names in found
        if names is None or not names.is_authority
    )
    if not leaves:
        raise CertificateMalformed("authorities' certificates only")
    return leaves


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    subject: bytes
    issuer: bytes
    is_authority: bool


def _names(der: bytes) -> _Names | None:
    """Who is named above whom; None: it cannot be read, which its own examination will say."""
    try:
        certificate = load_certificate(der)
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        is_authority = constraints.ca
    except x509.ExtensionNotFound:
        is_authority = False
    except Exception:  # noqa: BLE001 - hostile bytes: whatever the decoder raises means "cannot be read"
        return None
    return _Names(
        subject=certificate.subject.public_bytes(),
        issuer=certificate.issuer.public_bytes(),
        is_authority=is_authority,
    )


def _above(names: _Names | None, authorities: Mapping[bytes, list[tuple[bytes, bytes]]]) -> tuple[bytes, ...]:
    """The authorities by the name of the issuer, step by step; bounded, since names may form a circle."""
    found: dict[bytes, None] = {}
    wanted = set() if names is None else {names.issuer}
    for _ in range(_MAX_STEPS):
        step = [pair for name in wanted for pair in authorities.get(name, ()) if pair[0] not in found]
        found |= dict.fromkeys([der for der, _ in step][: _MAX_ABOVE - len(found)])
        wanted = {issuer for _, issuer in step}
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
