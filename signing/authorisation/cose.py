"""Public keys of passkeys: from COSE (RFC 9053) to SubjectPublicKeyInfo, and their signatures.

Knows four algorithms. Knows nothing about what was signed.
"""

from enum import IntEnum
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from signing.authorisation.cbor import Cbor
from signing.errors import AuthorisationWrong, PasskeyRefused


class CoseAlgorithm(IntEnum):
    """Algorithms that a passkey may sign with; the numbers are IANA's."""

    ES256 = -7
    EDDSA = -8
    PS256 = -37
    RS256 = -257


_KTY, _ALG, _CRV, _X, _Y = 1, 3, -1, -2, -3
_RSA_N, _RSA_E = -1, -2
_OKP, _EC2, _RSA = 1, 2, 3
_P256, _ED25519 = 1, 6
_COORDINATE: Final = 32
_RSA_BITS: Final = (2048, 4096)
_RSA_EXPONENT: Final = 65537


def read_cose_key(key: Cbor) -> tuple[CoseAlgorithm, bytes]:
    """Algorithm and public key (SubjectPublicKeyInfo, DER) of a COSE key.

    Raises:
        PasskeyRefused: another algorithm, or a key that contradicts it or is weak.
    """
    if not isinstance(key, dict):
        raise PasskeyRefused("the public key is not a COSE key")
    try:
        algorithm = CoseAlgorithm(key[_ALG])  # type: ignore[arg-type] # another type is no member: ValueError
        public = _public_key(algorithm, key)
    except (KeyError, ValueError, TypeError, UnsupportedAlgorithm) as err:
        raise PasskeyRefused("the public key is of a kind that is not accepted") from err
    return algorithm, public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _public_key(
    algorithm: CoseAlgorithm, key: dict[int | str, Cbor]
) -> ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey:
    if algorithm is CoseAlgorithm.ES256:
        x, y = _bytes(key[_X]), _bytes(key[_Y])
        _require((key[_KTY], key[_CRV], len(x), len(y)) == (_EC2, _P256, _COORDINATE, _COORDINATE))
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + x + y)  # refuses other points
    if algorithm is CoseAlgorithm.EDDSA:
        _require((key[_KTY], key[_CRV]) == (_OKP, _ED25519))
        return ed25519.Ed25519PublicKey.from_public_bytes(_bytes(key[_X]))
    modulus = int.from_bytes(_bytes(key[_RSA_N]), "big")
    exponent = int.from_bytes(_bytes(key[_RSA_E]), "big")
    _require(key[_KTY] == _RSA and exponent == _RSA_EXPONENT)
    _require(_RSA_BITS[0] <= modulus.bit_length() <= _RSA_BITS[1])
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


def require_signature(algorithm: CoseAlgorithm, spki: bytes, signature: bytes, data: bytes) -> None:
    """Do nothing when the signature over ``data`` verifies.

    Raises:
        AuthorisationWrong: it does not.
    """
    public = load_der_public_key(spki)
    try:
        if isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        elif isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(signature, data)
        elif isinstance(public, rsa.RSAPublicKey):
            scheme = (
                padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size)
                if algorithm is CoseAlgorithm.PS256
                else padding.PKCS1v15()
            )
            public.verify(signature, data, scheme, hashes.SHA256())
        else:
            raise AuthorisationWrong("the passkey is of an unknown kind")
    except InvalidSignature as err:
        raise AuthorisationWrong("the passkey's signature does not verify") from err


def _bytes(value: Cbor) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("a part of the key is no byte string")  # noqa: TRY004 - one error for whatever is no key
    return value


def _require(claim: bool) -> None:  # noqa: FBT001 - a claim, as in assert
    if not claim:
        raise ValueError("the key contradicts its algorithm")
