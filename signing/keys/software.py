"""Software keys: PKCS#8 wrapped with AES-KWP under a key-encryption key, one row a key.

For the embedded profile; production uses a device and ``api/bootstrap.py`` refuses this store there.
Knows how a private key is wrapped, bound to its id and used. Knows no table: rows come from a
``BlobTable``. A plain private key exists only inside one call.
"""

import hashlib
import hmac

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding, rsa, utils
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap_with_padding,
    aes_key_wrap_with_padding,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from signing.errors import AlgorithmNotSupported, KeyDamaged, KeyExists, KeyNotFound
from signing.keys.blobs import BlobTable, WrappedKey
from signing.keys.store import KeyKind, SignatureAlgorithm, require_hash, require_key_id

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | mldsa.MLDSA65PrivateKey

KEK_BYTES = 32
_RSA_EXPONENT = 65537


class SoftwareKeyStore:
    """The ``KeyStore`` whose keys are files of bytes: no protection against the machine's own administrator."""

    def __init__(self, blobs: BlobTable, kek: bytes) -> None:
        if len(kek) != KEK_BYTES:
            message = f"a key-encryption key has {KEK_BYTES} bytes"
            raise ValueError(message)
        self._blobs = blobs
        # Two keys from one secret, so that wrapping and binding cannot be played against each other.
        self._wrapping_key = _derive(kek, b"anso software keys: wrap")
        self._binding_key = _derive(kek, b"anso software keys: bind")
        self._kek_id = _derive(kek, b"anso software keys: name")[:8].hex()

    def __repr__(self) -> str:
        return f"SoftwareKeyStore(kek_id={self._kek_id!r})"

    def generate(self, key_id: str, kind: KeyKind) -> bytes:
        """Make a key pair under a new id and return its public key (SPKI DER)."""
        require_key_id(key_id)
        key = _new_key(kind)
        spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        wrapped = aes_key_wrap_with_padding(self._wrapping_key, plain)
        row = WrappedKey(
            kind=kind,
            spki=spki,
            wrapped=wrapped,
            binding=self._bind(key_id, kind, spki, wrapped),
            kek_id=self._kek_id,
        )
        if not self._blobs.add(key_id, row):
            raise KeyExists(key_id)
        return spki

    def public_key(self, key_id: str) -> bytes:
        """Return the public key (SPKI DER) after checking that the row belongs to this id."""
        return self._row(key_id).spki

    def sign(self, key_id: str, data: bytes, algorithm: SignatureAlgorithm) -> bytes:
        """Hash and sign ``data`` with the key that was generated under ``key_id``."""
        return sign_with(self._open(key_id), data, algorithm)

    def sign_hash(self, key_id: str, value: bytes, algorithm: SignatureAlgorithm) -> bytes:
        """Sign a hash with the key that was generated under ``key_id``; see ``HashKeyStore``."""
        return sign_hash_with(self._open(key_id), value, algorithm)

    def destroy(self, key_id: str) -> None:
        """Delete the key; without its row nobody can unwrap it again."""
        if not self._blobs.remove(key_id):
            raise KeyNotFound(key_id)

    def _row(self, key_id: str) -> WrappedKey:
        row = self._blobs.get(key_id)
        if row is None:
            raise KeyNotFound(key_id)
        if row.kek_id != self._kek_id:
            message = f"{key_id} is wrapped under another key-encryption key ({row.kek_id})"
            raise KeyDamaged(message)
        # Two rows exchanged in the table must be noticed before a signature leaves.
        if not hmac.compare_digest(row.binding, self._bind(key_id, row.kind, row.spki, row.wrapped)):
            message = f"{key_id} is not the key that was generated under this id"
            raise KeyDamaged(message)
        return row

    def _open(self, key_id: str) -> PrivateKey:
        row = self._row(key_id)
        try:
            plain = aes_key_unwrap_with_padding(self._wrapping_key, row.wrapped)
            # Integrity comes from the binding; OpenSSL's RSA self-check costs 100 signatures.
            key = load_der_private_key(plain, None, unsafe_skip_rsa_key_validation=True)
        except (InvalidUnwrap, ValueError, UnsupportedAlgorithm) as err:
            message = f"{key_id} cannot be unwrapped"
            raise KeyDamaged(message) from err
        if not isinstance(key, PrivateKey):
            message = f"{key_id} holds a key of an unknown kind"
            raise KeyDamaged(message)
        return key

    def _bind(self, key_id: str, kind: KeyKind, spki: bytes, wrapped: bytes) -> bytes:
        mac = hmac.new(self._binding_key, digestmod=hashlib.sha256)
        for part in (key_id.encode(), kind.value.encode(), spki, wrapped):
            mac.update(len(part).to_bytes(4, "big") + part)
        return mac.digest()


def sign_with(key: PrivateKey, data: bytes, algorithm: SignatureAlgorithm) -> bytes:
    """Hash and sign ``data`` with a key at hand.

    Raises:
        AlgorithmNotSupported: the key is of another kind than the algorithm needs.
    """
    if isinstance(key, ec.EllipticCurvePrivateKey):
        if isinstance(key.curve, ec.SECP256R1) and algorithm is SignatureAlgorithm.ECDSA_SHA256:
            return key.sign(data, ec.ECDSA(hashes.SHA256()))
        if isinstance(key.curve, ec.SECP384R1) and algorithm is SignatureAlgorithm.ECDSA_SHA384:
            return key.sign(data, ec.ECDSA(hashes.SHA384()))
    elif isinstance(key, mldsa.MLDSA65PrivateKey):
        if algorithm is SignatureAlgorithm.ML_DSA_65:
            return key.sign(data)
    elif algorithm is SignatureAlgorithm.RSASSA_PSS_SHA256:
        # RFC 4055 §3.1: salt as long as the hash, MGF1 with the same hash.
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=hashes.SHA256.digest_size)
        return key.sign(data, pss, hashes.SHA256())
    message = f"this key does not sign with {algorithm.value}"
    raise AlgorithmNotSupported(message)


def sign_hash_with(key: PrivateKey, value: bytes, algorithm: SignatureAlgorithm) -> bytes:
    """Sign a hash with a key at hand, as ``sign_with`` signs its message.

    Raises:
        AlgorithmNotSupported: the key is of another kind than the algorithm needs, or the hash of another length.
    """
    require_hash(value, algorithm)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        if isinstance(key.curve, ec.SECP256R1) and algorithm is SignatureAlgorithm.ECDSA_SHA256:
            return key.sign(value, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
        if isinstance(key.curve, ec.SECP384R1) and algorithm is SignatureAlgorithm.ECDSA_SHA384:
            return key.sign(value, ec.ECDSA(utils.Prehashed(hashes.SHA384())))
    elif isinstance(key, rsa.RSAPrivateKey) and algorithm is SignatureAlgorithm.RSASSA_PSS_SHA256:
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=hashes.SHA256.digest_size)
        return key.sign(value, pss, utils.Prehashed(hashes.SHA256()))
    message = f"this key does not sign hashes with {algorithm.value}"
    raise AlgorithmNotSupported(message)


def new_throwaway_key(kind: KeyKind) -> PrivateKey:
    """Make a key that is kept nowhere: it signs what is only linted."""
    return _new_key(kind)


def _new_key(kind: KeyKind) -> PrivateKey:
    if kind is KeyKind.RSA_3072:
        return rsa.generate_private_key(public_exponent=_RSA_EXPONENT, key_size=3072)
    if kind is KeyKind.ML_DSA_65:
        return mldsa.MLDSA65PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1() if kind is KeyKind.EC_P256 else ec.SECP384R1())


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(secret)
