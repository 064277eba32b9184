"""The parts of one certificate as they lie in its bytes, for whoever has to compute with them.

Less strict than ``outline``: a signature is verified with any certificate that has a key, whatever a path check thinks
of it later. Knows positions (RFC 5280 §4.1), no meaning.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from signing.keys.der import INTEGER, SEQUENCE, DerError
from signing.validation.ber import Element, only_element
from signing.validation.outline import MAX_CERTIFICATE_BYTES, name_key

_KEY_IDENTIFIER: Final = bytes.fromhex("0603551d0e")
_ISSUER_KEY: Final = bytes.fromhex("0603551d23")
_VERSION: Final = 0xA0
_EXTENSIONS: Final = 0xA3
_BY_KEY: Final = 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateParts:
    """Slices of a certificate."""

    der: bytes
    tbs: bytes
    serial: bytes
    """Content of the INTEGER."""

    issuer: bytes
    subject: bytes
    key: bytes
    """SubjectPublicKeyInfo."""

    key_identifier: bytes
    """Subject key identifier, or empty."""

    algorithm: bytes
    """AlgorithmIdentifier of the issuer's signature."""

    value: bytes
    """The issuer's signature."""


def read_parts(der: bytes) -> CertificateParts:
    """The parts of a certificate.

    Raises:
        DerError: it is none.
    """
    if len(der) > MAX_CERTIFICATE_BYTES:
        raise DerError("larger than any certificate")
    outer = only_element(der, SEQUENCE).children()
    if len(outer) != 3:  # noqa: PLR2004 - signed part, algorithm, signature
        raise DerError("not a certificate")
    tbs, algorithm, value = outer
    parts = tbs.children()
    if parts and parts[0].tag == _VERSION:
        parts = parts[1:]
    if len(parts) < 6 or parts[0].tag != INTEGER or parts[5].tag != SEQUENCE:  # noqa: PLR2004 - serial … key
        raise DerError("not a certificate")
    try:
        key_identifier = _key_identifier(parts[6:])
    except IndexError as err:
        raise DerError("extensions that are none") from err
    return CertificateParts(
        der=der, tbs=tbs.raw, serial=parts[0].content, issuer=parts[2].raw, subject=parts[4].raw, key=parts[5].raw,
        key_identifier=key_identifier, algorithm=algorithm.raw, value=value.content[1:],
    )  # fmt: skip


def issuer_key(certificate: CertificateParts) -> bytes:
    """By which identifier a certificate tells its issuer's key from others of the same name; empty if it does not.

    RFC 5280 §4.2.1.1.
    """
    try:
        held = _extension(only_element(certificate.tbs, SEQUENCE).children(), _ISSUER_KEY)
        found = only_element(held, SEQUENCE).children() if held else []
    except (ValueError, IndexError):  # DerError too
        return b""
    return next((one.content for one in found if one.tag == _BY_KEY), b"")


def _key_identifier(rest: list[Element]) -> bytes:
    held = _extension(rest, _KEY_IDENTIFIER)
    return only_element(held, 0x04).content if held else b""


def _extension(rest: list[Element], name: bytes) -> bytes:
    """What an extension holds; empty if there is none of that name."""
    for block in rest:
        if block.tag != _EXTENSIONS:
            continue
        for extension in block.children()[0].children():
            parts = extension.children()
            if parts[0].raw == name:
                return parts[-1].content
    return b""


def find_named(identifier: Element, certificates: Iterable[bytes]) -> tuple[CertificateParts, ...]:
    """The certificates that a SignerIdentifier names, each once; what does not decode is left out.

    Raises:
        DerError: the identifier does not decode.
    """
    by_name = identifier.tag == SEQUENCE
    issuer, serial = identifier.children() if by_name else (identifier, identifier)
    if [issuer.tag, serial.tag] != ([SEQUENCE, INTEGER] if by_name else [_BY_KEY, _BY_KEY]):
        raise DerError("not the name of a signer")
    found: dict[bytes, CertificateParts] = {}
    for der in certificates:
        try:
            one = read_parts(der)
            if by_name:
                fits = one.serial == serial.content and _same_name(one.issuer, issuer.raw)
            else:
                fits = bool(one.key_identifier) and one.key_identifier == identifier.content
        except (DerError, ValueError, IndexError):
            continue
        if fits:
            found[der] = one
    return tuple(found.values())


def _same_name(one: bytes, other: bytes) -> bool:
    return one == other or name_key(one) == name_key(other)
