"""A passkey made of software: registers and answers like an authenticator behind a browser, or wrongly on purpose."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from signing.authorisation import Assertion, CoseAlgorithm

ORIGIN = "https://anso.example.vn"
RP_ID = "anso.example.vn"
PRESENT, VERIFIED, BACKUP, ATTESTED, EXTENSIONS = 0x01, 0x04, 0x08, 0x40, 0x80


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def cbor(value: Any) -> bytes:
    """The canonical encoding of what a passkey sends."""
    if isinstance(value, bool) or value is None:
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value]
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(cbor, value))
    return _head(5, len(value)) + b"".join(cbor(key) + cbor(one) for key, one in value.items())


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes((major << 5 | number,))
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * size:
            return bytes((major << 5 | info,)) + number.to_bytes(size, "big")
    raise ValueError


@dataclass
class SoftPasskey:
    """One authenticator with one key."""

    algorithm: CoseAlgorithm = CoseAlgorithm.ES256
    rp_id: str = RP_ID
    origin: str = ORIGIN
    flags: int = PRESENT | VERIFIED
    count: int = 0
    step: int = 1
    """How much the counter grows with each answer; 0: it has none."""
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    client_extra: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.key: Any = {
            CoseAlgorithm.ES256: lambda: ec.generate_private_key(ec.SECP256R1()),
            CoseAlgorithm.EDDSA: ed25519.Ed25519PrivateKey.generate,
            CoseAlgorithm.RS256: lambda: rsa.generate_private_key(65537, 2048),
            CoseAlgorithm.PS256: lambda: rsa.generate_private_key(65537, 2048),
        }[self.algorithm]()

    def client_data(self, kind: str, challenge: bytes) -> bytes:
        said = {"type": kind, "challenge": b64(challenge), "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | self.client_extra).encode()

    def header(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes((flags,)) + self.count.to_bytes(4, "big")

    def cose(self) -> dict[int, Any]:
        public = self.key.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            numbers = public.public_numbers()
            return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        if isinstance(public, ed25519.Ed25519PublicKey):
            return {1: 1, 3: -8, -1: 6, -2: public.public_bytes_raw()}
        numbers = public.public_numbers()
        return {1: 3, 3: int(self.algorithm), -1: numbers.n.to_bytes(256, "big"), -2: b"\x01\x00\x01"}

    def attested(self, extra: bytes = b"") -> bytes:
        size = len(self.credential_id).to_bytes(2, "big")
        return self.header(self.flags | ATTESTED) + bytes(16) + size + self.credential_id + cbor(self.cose()) + extra

    def register(self, challenge: bytes, **changes: Any) -> tuple[bytes, bytes]:
        """Client data and attestation object."""
        told = {"fmt": "none", "attStmt": {}, "authData": self.attested()} | changes
        return self.client_data("webauthn.create", challenge), cbor(told)

    def answer(self, challenge: bytes) -> Assertion:
        self.count += self.step
        client_data, data = self.client_data("webauthn.get", challenge), self.header(self.flags)
        return Assertion(
            credential_id=self.credential_id,
            client_data=client_data,
            authenticator_data=data,
            signature=self.sign(data + hashlib.sha256(client_data).digest()),
        )

    def sign(self, data: bytes) -> bytes:
        if self.algorithm is CoseAlgorithm.ES256:
            return bytes(self.key.sign(data, ec.ECDSA(hashes.SHA256())))
        if self.algorithm is CoseAlgorithm.EDDSA:
            return bytes(self.key.sign(data))
        scheme = (
            padding.PKCS1v15()
            if self.algorithm is CoseAlgorithm.RS256
            else padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        )
        return bytes(self.key.sign(data, scheme, hashes.SHA256()))

    def answer_json(self, challenge: bytes) -> dict[str, str]:
        """The answer as our HTTP interface takes it."""
        made = self.answer(challenge)
        return {
            "credential_id": b64(made.credential_id),
            "client_data_json": b64(made.client_data),
            "authenticator_data": b64(made.authenticator_data),
            "signature": b64(made.signature),
        }

    def register_json(self, challenge: bytes) -> dict[str, str]:
        client_data, attestation = self.register(challenge)
        return {"client_data_json": b64(client_data), "attestation_object": b64(attestation)}
