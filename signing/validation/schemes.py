"""Signature schemes by their identifiers: what is computed, with which digest.

RFC 3279, 4055, 5758 (RSA, ECDSA, DSA), RFC 8419 (EdDSA), RFC 8692 and 8702 (SHAKE), NIST's identifiers for SHA-3, BSI
TR-03111 (plain ECDSA). Also what is seen in the wild: a key's or a digest's identifier in place of a scheme's.
Knows identifiers, no keys and no policy.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from signing.keys.der import NULL, OID, SEQUENCE, DerError
from signing.validation.ber import Element, only_element
from signing.validation.container_faults import UnknownAlgorithmError
from signing.validation.digests import OIDS, dotted


class Family(StrEnum):
    """Ways to compute a signature value; the words of policies."""

    RSA_PKCS1 = "rsassa_pkcs1v15"
    RSA_PSS = "rsassa_pss"
    ECDSA = "ecdsa"
    PLAIN_ECDSA = "plain_ecdsa"
    DSA = "dsa"
    ED25519 = "ed25519"
    ED448 = "ed448"
    MLDSA44 = "mldsa44"
    MLDSA65 = "mldsa65"
    MLDSA87 = "mldsa87"
    BY_KEY = "by_key"
    """The identifier names a digest only: the key decides."""


WITHOUT_DIGEST: Final = frozenset({Family.ED25519, Family.ED448, Family.MLDSA44, Family.MLDSA65, Family.MLDSA87})
"""Families that sign the message itself."""

_SHOWN: Final = {
    Family.RSA_PKCS1: "RSA", Family.RSA_PSS: "RSASSA_PSS", Family.ECDSA: "ECDSA", Family.PLAIN_ECDSA: "PLAIN_ECDSA",
    Family.DSA: "DSA", Family.ED25519: "EDDSA_ED25519", Family.ED448: "EDDSA_ED448", Family.MLDSA44: "ML_DSA_44",
    Family.MLDSA65: "ML_DSA_65", Family.MLDSA87: "ML_DSA_87", Family.BY_KEY: "UNKNOWN",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One way to sign."""

    family: Family
    digest: str
    """What the signed bytes are digested with; for families without a digest that of the content."""

    salt: int = 0
    """RSASSA-PSS: octets of salt."""

    mask: str = ""
    """RSASSA-PSS: digest inside MGF1."""

    plain_mask: bool = False
    """RSASSA-PSS with SHAKE: the mask is the output of SHAKE itself (RFC 8702 §3.2.1)."""

    @property
    def name(self) -> str:
        """As reports name it: 'RSA_SHA256', 'RSASSA_PSS_SHA256', 'ECDSA_SHA3_256', 'EDDSA_ED25519'."""
        shown = _SHOWN[self.family]
        return shown if self.family in WITHOUT_DIGEST else f"{shown}_{self.digest.upper()}"


_RSA, _X962, _NIST_SIG = "1.2.840.113549.1.1.", "1.2.840.10045.4.", "2.16.840.1.101.3.4.3."
_PLAIN, _PKIX = "0.4.0.127.0.7.1.1.4.1.", "1.3.6.1.5.5.7.6."
_SHA3: Final = ("sha3_224", "sha3_256", "sha3_384", "sha3_512")
_FIXED: Final[dict[str, tuple[Family, str]]] = {
    f"{_RSA}4": (Family.RSA_PKCS1, "md5"), f"{_RSA}5": (Family.RSA_PKCS1, "sha1"),
    "1.3.14.3.2.29": (Family.RSA_PKCS1, "sha1"), "1.3.36.3.3.1.2": (Family.RSA_PKCS1, "ripemd160"),
    f"{_RSA}11": (Family.RSA_PKCS1, "sha256"), f"{_RSA}12": (Family.RSA_PKCS1, "sha384"),
    f"{_RSA}13": (Family.RSA_PKCS1, "sha512"), f"{_RSA}14": (Family.RSA_PKCS1, "sha224"),
    f"{_RSA}15": (Family.RSA_PKCS1, "sha512_224"), f"{_RSA}16": (Family.RSA_PKCS1, "sha512_256"),
    **{f"{_NIST_SIG}{number}": (Family.RSA_PKCS1, name) for number, name in enumerate(_SHA3, 13)},
    f"{_X962}1": (Family.ECDSA, "sha1"),
    **{f"{_X962}3.{n}": (Family.ECDSA, d) for n, d in enumerate(("sha224", "sha256", "sha384", "sha512"), 1)},
    **{f"{_NIST_SIG}{number}": (Family.ECDSA, name) for number, name in enumerate(_SHA3, 9)},
    f"{_PKIX}32": (Family.ECDSA, "shake128"), f"{_PKIX}33": (Family.ECDSA, "shake256"),
    **{
        f"{_PLAIN}{number}": (Family.PLAIN_ECDSA, name)
        for number, name in enumerate(("sha1", "sha224", "sha256", "sha384", "sha512"), 1)
    },
    **{f"{_PLAIN}{number}": (Family.PLAIN_ECDSA, name) for number, name in enumerate(_SHA3, 8)},
    "1.2.840.10040.4.3": (Family.DSA, "sha1"), "1.3.14.3.2.27": (Family.DSA, "sha1"),
    **{
        f"{_NIST_SIG}{number}": (Family.DSA, name)
        for number, name in enumerate(("sha224", "sha256", "sha384", "sha512", *_SHA3), 1)
    },
}  # fmt: skip
_WITH_CONTENT_DIGEST: Final = {
    f"{_RSA}1": Family.RSA_PKCS1, "1.2.840.10045.2.1": Family.ECDSA, "1.2.840.10040.4.1": Family.DSA,
    f"{_X962}2": Family.ECDSA, "1.3.101.112": Family.ED25519, "1.3.101.113": Family.ED448,
    f"{_NIST_SIG}17": Family.MLDSA44, f"{_NIST_SIG}18": Family.MLDSA65, f"{_NIST_SIG}19": Family.MLDSA87,
}  # fmt: skip
_SHAKE_PSS: Final = {f"{_PKIX}30": ("shake128", 32), f"{_PKIX}31": ("shake256", 64)}
_PSS, _MGF1, _ECDSA_SPECIFIED = f"{_RSA}10", f"{_RSA}8", f"{_X962}3"


def read_algorithm(data: bytes) -> tuple[str, Element | None]:
    """Identifier and parameters of an AlgorithmIdentifier; None: absent or NULL.

    Raises:
        DerError: it is none.
    """
    parts = only_element(data, SEQUENCE).children()
    if not 1 <= len(parts) <= 2 or parts[0].tag != OID:  # noqa: PLR2004 - algorithm and parameters
        raise DerError("not an algorithm identifier")
    parameters = parts[1] if len(parts) > 1 and parts[1].tag != NULL else None
    return dotted(parts[0].content), parameters


def read_digest(data: bytes) -> str:
    """The digest that an AlgorithmIdentifier names; some writers put the whole scheme's identifier there.

    Raises:
        UnknownAlgorithmError: not one that can be computed. DerError: not an AlgorithmIdentifier.
    """
    number, _ = read_algorithm(data)
    name = OIDS.get(number) or _FIXED.get(number, (Family.BY_KEY, ""))[1]
    if not name:
        raise UnknownAlgorithmError(f"unknown digest algorithm {number[:60]}")
    return name


def read_scheme(data: bytes, content_digest: str) -> Scheme:
    """The scheme that an AlgorithmIdentifier names.

    Args:
        data: the AlgorithmIdentifier as it was sent.
        content_digest: the digest of the content, for identifiers that name no digest.

    Raises:
        UnknownAlgorithmError: not one that can be computed. DerError: not an AlgorithmIdentifier.
    """
    number, parameters = read_algorithm(data)
    if number == _PSS:
        return _pss(parameters)
    if number in _SHAKE_PSS:
        digest, salt = _SHAKE_PSS[number]
        return Scheme(family=Family.RSA_PSS, digest=digest, salt=salt, mask=digest, plain_mask=True)
    if number in _FIXED:
        family, digest = _FIXED[number]
        return Scheme(family=family, digest=digest)
    if number in _WITH_CONTENT_DIGEST:
        return Scheme(family=_WITH_CONTENT_DIGEST[number], digest=content_digest)
    if number == _ECDSA_SPECIFIED and parameters is not None:  # X9.62: ecdsa-with-Specified names a digest
        return Scheme(family=Family.ECDSA, digest=read_digest(parameters.raw))
    if number in OIDS:
        return Scheme(family=Family.BY_KEY, digest=OIDS[number])
    raise UnknownAlgorithmError(f"unknown signature algorithm {number[:60]}")


def _pss(parameters: Element | None) -> Scheme:
    """RFC 4055 §3.1: every parameter has a default, SHA-1 and a salt of 20 octets."""
    digest, mask, salt, trailer = "sha1", "sha1", 20, 1
    for part in parameters.children() if parameters is not None else ():
        (inner,) = part.children()
        match part.tag:
            case 0xA0:
                digest = read_digest(inner.raw)
            case 0xA1:
                number, mask_parameters = read_algorithm(inner.raw)
                if number != _MGF1:
                    raise UnknownAlgorithmError(f"unknown mask generation {number[:60]}")
                mask = read_digest(mask_parameters.raw) if mask_parameters is not None else "sha1"
            case 0xA2:
                salt = _small(inner)
            case 0xA3:
                trailer = _small(inner)
            case _:
                raise DerError("unknown parameters of RSASSA-PSS")
    if trailer != 1:
        raise UnknownAlgorithmError("unknown trailer of RSASSA-PSS")
    return Scheme(family=Family.RSA_PSS, digest=digest, salt=salt, mask=mask)


def _small(element: Element) -> int:
    if not 0 < len(element.content) <= 2:  # noqa: PLR2004 - a salt of up to 32 K octets
        raise DerError("a number that is too large")
    value = int.from_bytes(element.content, "big", signed=True)
    if value < 0:
        raise DerError("a negative number")
    return value
