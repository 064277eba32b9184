"""The officers who put trust policies into force, and their signatures on a file: detached JWS, one file each.

Two signatures of two natural persons with two keys, both in office when the file comes into force. Knows bytes; must
not know where they lie.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import urlsafe_b64decode

from signing.errors import TrustOfficersMalformed, TrustPolicyMalformed, TrustPolicyUnsigned
from signing.trust.policy import MAX_POLICY_BYTES, TrustPolicy

OFFICERS_FORMAT: Final = "anso-trust-officers/1"
MAX_SIGNATURE_BYTES: Final = 4096
REQUIRED_PERSONS: Final = 2
_MAX_OFFICERS: Final = 100
_MAX_FILE_BYTES: Final = 1024 * 1024
_MIN_RSA_BITS: Final = 2048
_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_HEADER: Final = {"alg", "kid"}
_ALGORITHMS: Final = ("ES256", "ES384", "PS256")
"""Circular 15/2025 annex I: ECDSA or RSASSA-PSS; joserfc binds ES256 to P-256 and ES384 to P-384."""

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class _Registry(jws.JWSRegistry):
    max_payload_length = 2 * MAX_POLICY_BYTES  # measured on the base64 form


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustOfficer:
    """Somebody who may sign trust policies."""

    officer_id: str
    """Named in the signature's header."""
    person: str
    """The natural person, e.g. `sub_…`; two entries of one person count as one. Never an identity number."""
    name: str
    in_office_from: datetime
    in_office_to: datetime | None
    public_key: bytes
    """SubjectPublicKeyInfo, DER."""

    def holds_at(self, at: datetime) -> bool:
        """Whether the officer is in office at that moment."""
        return self.in_office_from <= at and (self.in_office_to is None or at < self.in_office_to)


def read_officers(content: bytes) -> tuple[TrustOfficer, ...]:
    """Read the file that pins the officers' keys.

    ``{"format": "anso-trust-officers/1", "officers": [{"id", "person", "name", "from", "to"?, "key"}]}``; the key is
    PEM of a public key or of a certificate.

    Raises:
        TrustOfficersMalformed: not of that form, an id or a key twice, or a key that may not be used.
    """
    if len(content) > _MAX_FILE_BYTES:
        raise TrustOfficersMalformed(f"larger than {_MAX_FILE_BYTES} bytes")
    try:
        said = json.loads(content)
        items = said["officers"] if said["format"] == OFFICERS_FORMAT else None
        if not isinstance(items, list) or len(items) > _MAX_OFFICERS:
            raise TrustOfficersMalformed(f"not of the format {OFFICERS_FORMAT}")
        found = tuple(_officer(item) for item in items)
    except (ValueError, TypeError, KeyError, RecursionError, UnsupportedAlgorithm) as err:
        raise TrustOfficersMalformed(f"not of the format {OFFICERS_FORMAT}") from err
    if len({o.officer_id for o in found}) != len(found) or len({o.public_key for o in found}) != len(found):
        raise TrustOfficersMalformed("an id or a key comes twice")
    return found


def _officer(item: dict[str, Any]) -> TrustOfficer:
    officer_id, person, name = item["id"], item["person"], item["name"]
    if not all(isinstance(text, str) and text for text in (officer_id, person, name)) or not _ID.fullmatch(officer_id):
        raise TrustOfficersMalformed("an officer has an id of a-z 0-9 . _ -, a person and a name")
    begun, ended = datetime.fromisoformat(item["from"]), item.get("to")
    until = None if ended is None else datetime.fromisoformat(ended)
    if begun.tzinfo is None or (until is not None and until.tzinfo is None):
        raise TrustOfficersMalformed("times have a time zone")
    return TrustOfficer(
        officer_id=officer_id, person=person, name=name, in_office_from=begun, in_office_to=until,
        public_key=_public_key(item["key"]),
    )  # fmt: skip


def _public_key(pem: object) -> bytes:
    data = pem.encode("ascii") if isinstance(pem, str) else b""
    key = (
        x509.load_pem_x509_certificate(data).public_key() if b"CERTIFICATE-----" in data else load_pem_public_key(data)
    )
    _algorithm(key)
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _algorithm(key: object) -> str:
    if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        if isinstance(key.curve, ec.SECP256R1):
            return "ES256"
        if isinstance(key.curve, ec.SECP384R1):
            return "ES384"
    if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey) and key.key_size >= _MIN_RSA_BITS:
        return "PS256"
    raise TrustOfficersMalformed(f"keys are P-256, P-384 or RSA of at least {_MIN_RSA_BITS} bits")


def sign_policy(content: bytes, officer_id: str, key: PrivateKey) -> bytes:
    """One officer's signature on a policy file, to be kept in a file beside it.

    Raises:
        TrustOfficersMalformed: a key of another kind. TrustPolicyMalformed: an id that cannot stand in a signature.
    """
    algorithm = _algorithm(key)
    if not _ID.fullmatch(officer_id):
        raise TrustPolicyMalformed("an officer's id has a-z 0-9 . _ -")
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    jwk = RSAKey.import_key(pem) if isinstance(key, rsa.RSAPrivateKey) else ECKey.import_key(pem)
    header = {"alg": algorithm, "kid": officer_id}
    whole = jws.serialize_compact(header, content, jwk, registry=_Registry(algorithms=_ALGORITHMS))
    head, _, value = whole.split(".")
    return f"{head}..{value}\n".encode()  # RFC 7515 appendix F: detached content


def signers_of(
    policy: TrustPolicy, signatures: Iterable[bytes], officers: Iterable[TrustOfficer]
) -> tuple[TrustOfficer, ...]:
    """The officers whose good signatures put a policy into force.

    A signature that is damaged, of somebody unknown or of somebody not in office when the file comes into force does
    not count.

    Raises:
        TrustPolicyUnsigned: fewer than two different persons signed.
    """
    known = {officer.officer_id: officer for officer in officers}
    found: dict[str, TrustOfficer] = {}
    for signature in signatures:
        officer = _signer(policy.content, signature, known)
        if officer is not None and officer.holds_at(policy.valid_from):
            found.setdefault(officer.person, officer)
    if len(found) < REQUIRED_PERSONS:
        names = ", ".join(officer.officer_id for officer in found.values()) or "nobody"
        raise TrustPolicyUnsigned(f"{policy.policy_id} needs {REQUIRED_PERSONS} persons' signatures; has: {names}")
    return tuple(sorted(found.values(), key=lambda officer: officer.officer_id))


def _signer(content: bytes, signature: bytes, known: dict[str, TrustOfficer]) -> TrustOfficer | None:
    """Who made a signature on this very content; None when nobody we know did."""
    parts = signature.strip().split(b".")
    if len(signature) > MAX_SIGNATURE_BYTES or len(parts) != 3 or parts[1]:  # noqa: PLR2004 - RFC 7515 §7.1
        return None
    try:
        header = json.loads(urlsafe_b64decode(parts[0]))
        officer = known.get(header["kid"]) if set(header) == _HEADER else None
        if officer is None:
            return None
        key = _jwk(officer.public_key)
        jws.deserialize_compact(signature.strip(), key[1], payload=content, registry=_Registry(algorithms=(key[0],)))
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return officer


def _jwk(spki: bytes) -> tuple[str, ECKey | RSAKey]:
    key = load_der_public_key(spki)
    algorithm = _algorithm(key)
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return algorithm, RSAKey.import_key(pem) if algorithm == "PS256" else ECKey.import_key(pem)
