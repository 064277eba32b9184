"""Trust officers with keys in memory, their pinned file, and policy files signed by them."""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from signing.trust import sign_policy
from signing.trust.policy import FORMAT, canonical

START = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass
class Officer:
    """One officer."""

    officer_id: str
    person: str
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False)
    begun: str = "2020-01-01T00:00:00+00:00"
    ended: str | None = None

    def entry(self) -> dict[str, Any]:
        pem = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        said = {
            "id": self.officer_id, "person": self.person, "name": self.officer_id.upper(), "from": self.begun,
            "key": pem,
        }  # fmt: skip
        return said if self.ended is None else {**said, "to": self.ended}

    def sign(self, content: bytes) -> bytes:
        return sign_policy(content, self.officer_id, self.key)

    def pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def officers_file(*officers: Officer) -> bytes:
    return json.dumps({"format": "anso-trust-officers/1", "officers": [o.entry() for o in officers]}).encode()


def three() -> tuple[Officer, Officer, Officer]:
    """An officer with P-256, one with P-384, one with RSA."""
    return (
        Officer("an", "sub_1"),
        Officer("binh", "sub_2", ec.generate_private_key(ec.SECP384R1())),
        Officer("chi", "sub_3", rsa.generate_private_key(public_exponent=65537, key_size=2048)),
    )


def anchor(certificate: bytes, name: str = "Gốc", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "certificate": base64.b64encode(certificate).decode(),
        "from": "2020-01-01T00:00:00Z",
        "purposes": ["document_signing", "seal", "timestamping"],
        **more,
    }


def policy(*anchors: dict[str, Any], **more: Any) -> bytes:
    """The bytes of a policy file; nothing is checked."""
    said = {
        "format": FORMAT,
        "profile": "official",
        "version": 1,
        "valid_from": "2025-01-01T00:00:00Z",
        "previous_sha256": None,
        "anchors": list(anchors),
        "fetch_hosts": [],
        **more,
    }
    return canonical(said)
