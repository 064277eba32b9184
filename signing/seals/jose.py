"""A JSON document under a seal: a compact JWS (RFC 7515).

Only headers that RFC 7515 registers: strict libraries refuse others (JAdES' ``iat`` among them), and when it was sealed
the document itself says. Knows bytes, a key by name and its certificates. Must not know what the document says.
"""

import json
from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from signing.errors import AlgorithmNotSupported
from signing.keys import Credential, KeyStore, SignatureAlgorithm

_NAMES: Final = {
    # RFC 7518 §3.1: the curve belongs to the name
    SignatureAlgorithm.ECDSA_SHA256: "ES256",
    SignatureAlgorithm.ECDSA_SHA384: "ES384",
    SignatureAlgorithm.RSASSA_PSS_SHA256: "PS256",
}
_COORDINATE_BYTES: Final = {SignatureAlgorithm.ECDSA_SHA256: 32, SignatureAlgorithm.ECDSA_SHA384: 48}


def sealed_json(document: bytes, credential: Credential, keys: KeyStore) -> bytes:
    """The document as payload of a compact JWS; the key is used once.

    Args:
        document: JSON, UTF-8.
        credential: who seals; the caller has checked that the certificate may be used.
        keys: signs.

    Raises:
        AlgorithmNotSupported: JOSE has no name for what the key signs with.
        KeyStoreError: the key is not there, or is of another kind.
    """
    name = _NAMES.get(credential.algorithm)
    if name is None:
        raise AlgorithmNotSupported(f"JOSE has no name for {credential.algorithm.value}")
    header = {
        "alg": name,
        "cty": "json",
        "x5t#S256": _url64(sha256(credential.certificate).digest()),
        # RFC 7515 §4.1.6; without the root: whoever checks has it or does not trust it
        "x5c": [b64encode(der).decode() for der in (credential.certificate, *credential.chain[:-1])],
    }
    signed = f"{_url64(json.dumps(header, separators=(',', ':')).encode())}.{_url64(document)}".encode()
    value = keys.sign(credential.key_id, signed, credential.algorithm)
    return signed + b"." + _url64(_raw(value, credential.algorithm)).encode()


def _raw(value: bytes, algorithm: SignatureAlgorithm) -> bytes:
    """RFC 7518 §3.4: an ECDSA signature is R and S side by side, each as long as the curve."""
    length = _COORDINATE_BYTES.get(algorithm)
    if length is None:
        return value
    return b"".join(part.to_bytes(length, "big") for part in decode_dss_signature(value))


def _url64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
