"""Digest algorithms by their identifiers, and digests over what was signed.

Names are those of policies and reports ('sha256', 'sha3_256', 'shake128'). What is known here can be computed; whether
it may be used is the policy's question.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from cryptography.hazmat.primitives import hashes

from signing.keys.der import DerError, oid, tlv
from signing.validation.container_faults import UnknownAlgorithmError

_NIST: Final = "2.16.840.1.101.3.4.2."
OIDS: Final[Mapping[str, str]] = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "1.3.36.3.2.1": "ripemd160",
    f"{_NIST}1": "sha256",
    f"{_NIST}2": "sha384",
    f"{_NIST}3": "sha512",
    f"{_NIST}4": "sha224",
    f"{_NIST}5": "sha512_224",
    f"{_NIST}6": "sha512_256",
    f"{_NIST}7": "sha3_224",
    f"{_NIST}8": "sha3_256",
    f"{_NIST}9": "sha3_384",
    f"{_NIST}10": "sha3_512",
    f"{_NIST}11": "shake128",
    f"{_NIST}12": "shake256",
    f"{_NIST}17": "shake128",
    f"{_NIST}18": "shake256",
}
"""Digest algorithms that can be computed, by object identifier."""


class Ripemd160(hashes.HashAlgorithm):
    """RIPEMD-160 (ISO/IEC 10118-3), which the library computes but does not list."""

    name = "ripemd160"
    digest_size = 20
    block_size = 64


HASHES: Final[Mapping[str, hashes.HashAlgorithm]] = {
    "md5": hashes.MD5(),  # noqa: S303 - only so that integrity is told truthfully; every policy forbids it
    "sha1": hashes.SHA1(),  # noqa: S303 - as above
    "ripemd160": Ripemd160(),
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
    "sha512_224": hashes.SHA512_224(),
    "sha512_256": hashes.SHA512_256(),
    "sha3_224": hashes.SHA3_224(),
    "sha3_256": hashes.SHA3_256(),
    "sha3_384": hashes.SHA3_384(),
    "sha3_512": hashes.SHA3_512(),
    "shake128": hashes.SHAKE128(32),  # RFC 8702 §2: 256 bits of output
    "shake256": hashes.SHAKE256(64),  # RFC 8702 §2, RFC 8419 §2.3: 512 bits
}


def dotted(content: bytes) -> str:
    """An object identifier from its content octets.

    Raises:
        DerError: it has no end, or is far too long.
    """
    numbers, value = [], 0
    if not 0 < len(content) <= 64 or content[-1] & 0x80:  # noqa: PLR2004 - no identifier in use has 64 octets
        raise DerError("not an object identifier")
    for octet in content:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(str(number) for number in (first, numbers[0] - 40 * first, *numbers[1:]))


def digest_of(parts: tuple[bytes | memoryview, ...], algorithm: str) -> bytes:
    """Digest over the parts one after the other.

    Raises:
        UnknownAlgorithmError: the algorithm is not known here.
    """
    kind = HASHES.get(algorithm)
    if kind is None:
        raise UnknownAlgorithmError(f"unknown digest algorithm {algorithm[:60]}")
    state = hashes.Hash(kind)
    for part in parts:
        state.update(part)
    return state.finalize()


def identifier(algorithm: str) -> bytes:
    """AlgorithmIdentifier of a digest, without parameters (RFC 5754 §2)."""
    found = next(number for number, name in OIDS.items() if name == algorithm)
    return tlv(0x30, oid(found))


class Signed(Protocol):
    """What a signature is about: bytes that are here, or only their digest."""

    def digest(self, algorithm: str) -> bytes:
        """The digest by an algorithm.

        Raises:
            UnknownAlgorithmError: it cannot be computed.
        """

    def whole(self) -> bytes:
        """All of it, for schemes that do not take a digest.

        Raises:
            UnknownAlgorithmError: only a digest is here.
        """


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes in parts; each digest is computed once."""

    parts: tuple[bytes | memoryview, ...]
    _known: dict[str, bytes] = field(default_factory=dict)

    def digest(self, algorithm: str) -> bytes:
        """The digest over all parts."""
        if algorithm not in self._known:
            self._known[algorithm] = digest_of(self.parts, algorithm)
        return self._known[algorithm]

    def whole(self) -> bytes:
        """The parts joined."""
        return b"".join(self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentDigest:
    """A digest that somebody else computed; the content itself never came here."""

    algorithm: str
    """Name as in ``HASHES``."""

    value: bytes

    def digest(self, algorithm: str) -> bytes:
        """The given digest, if that is what is asked for."""
        if algorithm != self.algorithm:
            raise UnknownAlgorithmError(f"a digest by {algorithm[:60]} was not given")
        return self.value

    def whole(self) -> bytes:
        """Nothing: there is no content."""
        raise UnknownAlgorithmError("the scheme signs the content itself, not its digest")
