"""Does a signature value belong to a key and to some bytes? Every scheme that is known, nothing about trust.

The arithmetic is cryptography's. By hand are only the forms around it: the DigestInfo of PKCS #1 (RFC 8017 §9.2, read
strictly to its end, CVE-2006-4339), r and s side by side (BSI TR-03111 §5.2.1), and RSASSA-PSS masked with SHAKE.
"""

import math
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

from signing.keys.der import OCTET_STRING, SEQUENCE, DerError
from signing.validation.ber import der_fault, only_element
from signing.validation.container_faults import UnknownAlgorithmError
from signing.validation.digests import HASHES, Signed
from signing.validation.public_keys import PublicKey
from signing.validation.schemes import Family, Scheme, read_digest

_KEYS: Final = {
    Family.RSA_PKCS1: "rsa", Family.RSA_PSS: "rsa", Family.ECDSA: "ec", Family.PLAIN_ECDSA: "ec", Family.DSA: "dsa",
}  # fmt: skip
_BY_KEY: Final = {"rsa": Family.RSA_PKCS1, "ec": Family.ECDSA, "dsa": Family.DSA}
_PSS_TRAILER: Final = 0xBC


def settled(scheme: Scheme, key: PublicKey) -> Scheme:
    """The scheme with its family, when the identifier named a digest only."""
    if scheme.family is not Family.BY_KEY:
        return scheme
    if key.kind not in _BY_KEY:
        raise UnknownAlgorithmError("a digest in place of a signature algorithm")
    return Scheme(family=_BY_KEY[key.kind], digest=scheme.digest)


def value_holds(scheme: Scheme, key: PublicKey, value: bytes, signed: Signed) -> bool:
    """Whether the value is a signature of these bytes by this key.

    Raises:
        UnknownAlgorithmError: it cannot be computed here; that is neither yes nor no.
    """
    scheme = settled(scheme, key)
    if _KEYS.get(scheme.family, str(scheme.family)) != key.kind:
        return False  # a scheme that this kind of key cannot make
    try:
        return _holds(scheme, key, value, signed)
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, TypeError, OverflowError) as err:
        raise UnknownAlgorithmError(f"the value cannot be computed ({type(err).__name__})") from err


def _holds(scheme: Scheme, key: PublicKey, value: bytes, signed: Signed) -> bool:
    match scheme.family:
        case Family.RSA_PKCS1:
            algorithm, digest = digest_in(key, value)
            return algorithm == scheme.digest and digest == signed.digest(algorithm)
        case Family.RSA_PSS:
            return _pss_holds(scheme, key, value, signed.digest(scheme.digest))
        case Family.ECDSA:
            key.key.verify(value, signed.digest(scheme.digest), ec.ECDSA(_prehashed(scheme.digest)))
        case Family.PLAIN_ECDSA:
            key.key.verify(_ordered(value, key), signed.digest(scheme.digest), ec.ECDSA(_prehashed(scheme.digest)))
        case Family.DSA:
            key.key.verify(value, signed.digest(scheme.digest), _prehashed(scheme.digest))
        case _:
            key.key.verify(value, signed.whole())
    return True


def digest_in(key: PublicKey, value: bytes) -> tuple[str, bytes]:
    """Algorithm and digest that an RSA value of PKCS #1 v1.5 holds.

    Raises:
        InvalidSignature: it holds none. UnknownAlgorithmError: a digest that is not known.
    """
    if len(value) != (key.bits + 7) // 8:
        raise InvalidSignature
    try:
        recovered = key.key.recover_data_from_signature(value, padding.PKCS1v15(), None)
        info = only_element(recovered, SEQUENCE)
        parts = info.children()
        if der_fault(info) or [part.tag for part in parts] != [SEQUENCE, OCTET_STRING]:
            raise InvalidSignature
        algorithm = parts[0].children()
        # RFC 8017 §A.2.4: parameters NULL; absent ones have to be accepted too. Nothing else: room for forgeries.
        if [(p.tag, p.content) for p in algorithm[1:]] not in ([], [(0x05, b"")]):
            raise InvalidSignature
        return read_digest(parts[0].raw), parts[1].content
    except (DerError, ValueError) as err:
        if isinstance(err, UnknownAlgorithmError):
            raise
        raise InvalidSignature from err


def _prehashed(algorithm: str) -> utils.Prehashed:
    return utils.Prehashed(_known(algorithm))


def _known(algorithm: str) -> hashes.HashAlgorithm:
    found = HASHES.get(algorithm)
    if found is None:
        raise UnknownAlgorithmError(f"unknown digest algorithm {algorithm[:60]}")
    return found


def _ordered(value: bytes, key: PublicKey) -> bytes:
    """Both halves, r and s, each as long as the order of the curve, in the form of X9.62."""
    half = (key.bits + 7) // 8
    if len(value) != 2 * half:
        raise InvalidSignature
    return utils.encode_dss_signature(int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))


def _pss_holds(scheme: Scheme, key: PublicKey, value: bytes, digest: bytes) -> bool:
    if scheme.plain_mask:
        return _shake_pss_holds(scheme, key, value, digest)
    key.key.verify(
        value, digest, padding.PSS(padding.MGF1(_known(scheme.mask)), scheme.salt), _prehashed(scheme.digest)
    )
    return True


def _shake_pss_holds(scheme: Scheme, key: PublicKey, value: bytes, digest: bytes) -> bool:
    """EMSA-PSS-VERIFY (RFC 8017 §9.1.2) with SHAKE as the mask (RFC 8702 §3.2.1)."""
    size, bits = math.ceil((key.bits - 1) / 8), key.bits - 1
    number = int.from_bytes(value, "big")
    if len(value) != (key.bits + 7) // 8 or number >= key.modulus:
        return False
    encoded = pow(number, key.exponent, key.modulus)
    if encoded.bit_length() > bits or size < len(digest) + scheme.salt + 2:
        return False
    block = encoded.to_bytes(size, "big")
    masked, digested, trailer = block[: -len(digest) - 1], block[-len(digest) - 1 : -1], block[-1]
    if trailer != _PSS_TRAILER:  # the bits above the number's length are zero: looked at above
        return False
    kind = hashes.SHAKE128 if scheme.mask == "shake128" else hashes.SHAKE256
    mask = _hashed(kind(len(masked)), digested)
    plain = bytearray(a ^ b for a, b in zip(masked, mask, strict=True))
    plain[0] &= 0xFF >> (8 * size - bits)
    zeros = len(plain) - scheme.salt - 1
    if any(plain[:zeros]) or plain[zeros] != 1:
        return False
    return _hashed(_known(scheme.digest), bytes(8) + digest + bytes(plain[zeros + 1 :])) == digested


def _hashed(algorithm: hashes.HashAlgorithm, data: bytes) -> bytes:
    state = hashes.Hash(algorithm)
    state.update(data)
    return state.finalize()
