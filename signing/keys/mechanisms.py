"""How our kinds of keys are made, read and used through PKCS#11: templates, point encodings, signature forms.

Knows the standard's attributes and mechanisms. Knows no token, no storage and no id beyond a label. Data is hashed
here and signed there: ``CKM_ECDSA`` and ``CKM_RSA_PKCS_PSS`` are what every device has, and megabytes need not travel.
"""

import hashlib
from typing import Any, Final

import pkcs11
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.constants import DEFAULT
from pkcs11.util.ec import encode_named_curve_parameters

from signing.errors import AlgorithmNotSupported, KeyDamaged
from signing.keys.der import SEQUENCE, integer, tlv
from signing.keys.store import ALGORITHM_OF_KIND, KeyKind, SignatureAlgorithm

KWP: Final = Mechanism.AES_KEY_WRAP_PAD
"""RFC 5649. SoftHSM and most devices mean it by CKM_AES_KEY_WRAP_PAD (0x210A)."""
_CURVES: Final[dict[KeyKind, ec.EllipticCurve]] = {KeyKind.EC_P256: ec.SECP256R1(), KeyKind.EC_P384: ec.SECP384R1()}
_DIGESTS: Final = {
    SignatureAlgorithm.ECDSA_SHA256: hashlib.sha256,
    SignatureAlgorithm.ECDSA_SHA384: hashlib.sha384,
    SignatureAlgorithm.RSASSA_PSS_SHA256: hashlib.sha256,
}
_HASHES: Final = {
    SignatureAlgorithm.ECDSA_SHA256: hashes.SHA256(),
    SignatureAlgorithm.ECDSA_SHA384: hashes.SHA384(),
    SignatureAlgorithm.RSASSA_PSS_SHA256: hashes.SHA256(),
}
_SALT_OCTETS: Final = 32  # RFC 4055 §3.1: as long as the hash
_RSA_BITS: Final = 3072
_UNCOMPRESSED: Final = 0x04
_NOT_WANTED: Final = {
    # python-pkcs11 puts every capability into the template of an unwrapped key, and tokens refuse those that a
    # private key does not have (AttributeTypeInvalid): DEFAULT leaves them out
    Attribute.ENCRYPT: DEFAULT,
    Attribute.DECRYPT: DEFAULT,
    Attribute.WRAP: DEFAULT,
    Attribute.UNWRAP: DEFAULT,
    Attribute.VERIFY: DEFAULT,
    Attribute.DERIVE: DEFAULT,
}


def require_kind(kind: KeyKind) -> None:
    """Refuse a kind of key that no PKCS#11 store makes.

    Raises:
        AlgorithmNotSupported: ML-DSA, which the tokens that we could try do not know (SoftHSM 2.6.1).
    """
    if kind is not KeyKind.RSA_3072 and kind not in _CURVES:
        message = f"the key device makes no {kind.value} keys"
        raise AlgorithmNotSupported(message)


def require_algorithm(kind: KeyKind, algorithm: SignatureAlgorithm) -> None:
    """Refuse an algorithm that a key of this kind does not sign with.

    Raises:
        AlgorithmNotSupported: it belongs to another kind.
    """
    if ALGORITHM_OF_KIND[kind] is not algorithm:
        message = f"this key does not sign with {algorithm.value}"
        raise AlgorithmNotSupported(message)


def generate_pair(session: Any, kind: KeyKind, *, label: str, resident: bool) -> tuple[Any, Any]:  # noqa: ANN401
    """Make a key pair in the token: public and private object.

    Args:
        session: a logged-in session.
        kind: of the key.
        label: also the id of both objects.
        resident: True: kept in the token and never to leave it in any form. False: gone with the session, and may be
            wrapped before.
    """
    private = {
        Attribute.TOKEN: resident,
        Attribute.PRIVATE: True,
        Attribute.SENSITIVE: True,
        Attribute.EXTRACTABLE: not resident,
    }
    settings = {
        "label": label,
        "id": label.encode(),
        "store": resident,
        "capabilities": MechanismFlag.SIGN | MechanismFlag.VERIFY,
        "private_template": private,
    }
    if kind is KeyKind.RSA_3072:
        pair: tuple[Any, Any] = session.generate_keypair(KeyType.RSA, _RSA_BITS, **settings)
        return pair
    parameters = encode_named_curve_parameters(_CURVES[kind].name)
    domain = session.create_domain_parameters(KeyType.EC, {Attribute.EC_PARAMS: parameters}, local=True)
    made: tuple[Any, Any] = domain.generate_keypair(mechanism=Mechanism.EC_KEY_PAIR_GEN, **settings)
    return made


def public_bytes(public: Any) -> bytes:  # noqa: ANN401 - a token's object
    """Return a token's public key as SubjectPublicKeyInfo (DER).

    Raises:
        KeyDamaged: the token says something that is no key of ours.
    """
    try:
        if public[Attribute.KEY_TYPE] == KeyType.RSA:
            modulus = int.from_bytes(public[Attribute.MODULUS], "big")
            exponent = int.from_bytes(public[Attribute.PUBLIC_EXPONENT], "big")
            key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey = rsa.RSAPublicNumbers(exponent, modulus).public_key()
        else:
            key = _point(public[Attribute.EC_PARAMS], public[Attribute.EC_POINT])
    except (ValueError, KeyError) as err:
        message = "the token's public key cannot be read"
        raise KeyDamaged(message) from err
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _point(parameters: bytes, point: bytes) -> ec.EllipticCurvePublicKey:
    curves = {encode_named_curve_parameters(known.name): known for known in _CURVES.values()}
    curve = curves[parameters]
    size = 1 + 2 * ((curve.key_size + 7) // 8)
    # PKCS#11 2.40 §2.3.3: a DER OCTET STRING; some devices give the bare point. Both begin with 0x04.
    raw = point if len(point) == size else point[-size:]
    if raw[:1] != bytes((_UNCOMPRESSED,)) or len(point) - len(raw) not in (0, 2, 3):
        message = "not an uncompressed point"
        raise ValueError(message)
    return ec.EllipticCurvePublicKey.from_encoded_point(curve, raw)


def wrap(kek: Any, private: Any) -> bytes:  # noqa: ANN401 - a token's objects
    """Return the private key under a key-encryption key; it is read by no one on the way."""
    wrapped: bytes = kek.wrap_key(private, mechanism=KWP)
    return wrapped


def unwrap(kek: Any, wrapped: bytes, kind: KeyKind, *, extractable: bool = False) -> Any:  # noqa: ANN401 - as above
    """Open a wrapped key as a session object: sensitive, and extractable only to be wrapped again.

    Raises:
        KeyDamaged: the blob was not made by this key-encryption key, or was changed.
    """
    try:
        return kek.unwrap_key(
            ObjectClass.PRIVATE_KEY,
            KeyType.RSA if kind is KeyKind.RSA_3072 else KeyType.EC,
            wrapped,
            mechanism=KWP,
            store=False,
            capabilities=MechanismFlag.SIGN,
            template={
                **_NOT_WANTED,
                Attribute.TOKEN: False,
                Attribute.PRIVATE: True,
                Attribute.SENSITIVE: True,
                Attribute.EXTRACTABLE: extractable,
                Attribute.SIGN: True,
            },
        )
    except (pkcs11.WrappedKeyInvalid, pkcs11.WrappedKeyLenRange, pkcs11.EncryptedDataInvalid) as err:
        message = "a wrapped key cannot be opened"
        raise KeyDamaged(message) from err


def hash_of(data: bytes, algorithm: SignatureAlgorithm) -> bytes:
    """The hash that a token is given instead of the data.

    Raises:
        AlgorithmNotSupported: no token of ours signs so.
    """
    made = _DIGESTS.get(algorithm)
    if made is None:
        message = f"no key in a device signs with {algorithm.value}"
        raise AlgorithmNotSupported(message)
    return made(data).digest()


def sign_hash(private: Any, digest: bytes, algorithm: SignatureAlgorithm) -> bytes:  # noqa: ANN401 - a token's object
    """Sign a hash in the token; return the signature in the form that certificates carry."""
    if algorithm is SignatureAlgorithm.RSASSA_PSS_SHA256:
        parameters = (Mechanism.SHA256, pkcs11.MGF.SHA256, _SALT_OCTETS)
        value: bytes = private.sign(digest, mechanism=Mechanism.RSA_PKCS_PSS, mechanism_param=parameters)
        return value
    raw: bytes = private.sign(digest, mechanism=Mechanism.ECDSA)
    half = len(raw) // 2
    # RFC 3279 §2.2.3: Ecdsa-Sig-Value; the token gives r and s one behind the other
    return tlv(SEQUENCE, integer(int.from_bytes(raw[:half], "big")), integer(int.from_bytes(raw[half:], "big")))


def require_match(spki: bytes, digest: bytes, signature: bytes, algorithm: SignatureAlgorithm) -> None:
    """Refuse a signature that the public key does not verify: the private key is another one, or computed wrongly.

    Raises:
        KeyDamaged: and the signature goes nowhere.
    """
    key = load_der_public_key(spki)
    hashed = utils.Prehashed(_HASHES[algorithm])
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, digest, ec.ECDSA(hashed))
        elif isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=_SALT_OCTETS)
            key.verify(signature, digest, pss, hashed)
    except InvalidSignature as err:
        message = "the private key in the token does not belong to the public key"
        raise KeyDamaged(message) from err
