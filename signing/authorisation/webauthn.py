"""Passkeys (W3C Web Authentication, Level 3): what a browser sends, read strictly and checked against a challenge.

Knows the bytes of a registration and of an assertion, and one relying party. Knows no person and no storage: the
caller says which passkey it must be and remembers the counter.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Final

from signing.authorisation.cbor import CborError, read_cbor
from signing.authorisation.cose import CoseAlgorithm, read_cose_key, require_signature
from signing.errors import AuthorisationMalformed, AuthorisationWrong, PasskeyRefused

MAX_CLIENT_DATA: Final = 4096
MAX_AUTHENTICATOR_DATA: Final = 8192
MAX_SIGNATURE: Final = 1024
MAX_CREDENTIAL_ID: Final = 1023  # Level 3 §4: at most 1023 bytes

_USER_PRESENT, _USER_VERIFIED, _BACKUP_ELIGIBLE = 0x01, 0x04, 0x08
_ATTESTED, _EXTENSIONS = 0x40, 0x80
_FIXED: Final = 37
_AAGUID: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyingParty:
    """Who we are for a browser."""

    rp_id: str
    """A domain; a passkey answers to it alone."""
    origins: frozenset[str]
    """Where our pages come from, such as ``https://anso.example.vn``."""
    allows_synced: bool = False
    """Whether passkeys that can be copied to other devices are accepted: then sole control rests on their cloud."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What a passkey answers to a challenge, as the browser hands it over."""

    credential_id: bytes
    client_data: bytes = field(repr=False)
    authenticator_data: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what is larger than any answer of a passkey."""
        if (
            not 0 < len(self.credential_id) <= MAX_CREDENTIAL_ID
            or len(self.client_data) > MAX_CLIENT_DATA
            or len(self.authenticator_data) > MAX_AUTHENTICATOR_DATA
            or len(self.signature) > MAX_SIGNATURE
        ):
            raise AuthorisationMalformed("the answer of the passkey is larger than any")


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyKey:
    """The public half of a passkey."""

    credential_id: bytes
    algorithm: CoseAlgorithm
    spki: bytes
    """SubjectPublicKeyInfo, DER."""
    sign_count: int


def check_assertion(assertion: Assertion, key: PasskeyKey, challenge: bytes, party: RelyingParty) -> int:
    """The passkey's counter, when its holder agreed to this challenge with this passkey, here and verified.

    The steps are those of Level 3 §7.2.

    Raises:
        AuthorisationWrong: one of them fails. AuthorisationMalformed: it cannot be read.
    """
    if not hmac.compare_digest(assertion.credential_id, key.credential_id):  # step 5
        raise AuthorisationWrong("another passkey answered")
    _require_client_data(assertion.client_data, "webauthn.get", challenge, party)  # steps 7-12
    data = assertion.authenticator_data
    flags, count = _read_header(data, party)  # steps 13-15
    # steps 16-17: one that was registered while copies were allowed counts no more once they are not
    if flags & _BACKUP_ELIGIBLE and not party.allows_synced:
        raise AuthorisationWrong("a passkey that can be copied to other devices is not accepted here")
    # step 20: attested data has no place here; extensions are signed and not used
    if flags & _ATTESTED or (len(data) > _FIXED) != bool(flags & _EXTENSIONS):
        raise AuthorisationMalformed("the authenticator data has another length than it says")
    signed = data + hashlib.sha256(assertion.client_data).digest()  # steps 21-22
    require_signature(key.algorithm, key.spki, assertion.signature, signed)
    if (count or key.sign_count) and count <= key.sign_count:  # step 23: a copy of the passkey is at work
        raise AuthorisationWrong("the passkey's counter went back: there may be a copy of it")
    return count


def read_registration(client_data: bytes, attestation: bytes, challenge: bytes, party: RelyingParty) -> PasskeyKey:
    """The new passkey that answers to this challenge; the steps are those of Level 3 §7.1.

    Who made the device is not asked (attestation ``none``): a second person vouches for the holder.

    Raises:
        PasskeyRefused: the key or the device is not of a kind that we take.
        AuthorisationWrong, AuthorisationMalformed: as for an assertion.
    """
    if len(client_data) > MAX_CLIENT_DATA:
        raise AuthorisationMalformed("the answer of the passkey is larger than any")
    _require_client_data(client_data, "webauthn.create", challenge, party)
    try:
        told, size = read_cbor(attestation)
    except CborError as err:
        raise AuthorisationMalformed("the attestation object cannot be read") from err
    data = told.get("authData") if isinstance(told, dict) else None
    if size != len(attestation) or not isinstance(told, dict) or not isinstance(data, bytes):
        raise AuthorisationMalformed("the attestation object cannot be read")
    if told.get("fmt") != "none" or told.get("attStmt") != {}:
        raise PasskeyRefused("only attestation none is taken")
    flags, count = _read_header(data, party)
    if flags & _BACKUP_ELIGIBLE and not party.allows_synced:
        raise PasskeyRefused("a passkey that can be copied to other devices is not accepted here")
    return _attested(data, flags, count)


def _attested(data: bytes, flags: int, count: int) -> PasskeyKey:
    start = _FIXED + _AAGUID + 2
    if not flags & _ATTESTED or len(data) < start:
        raise AuthorisationMalformed("there is no new key in the answer")
    size = int.from_bytes(data[start - 2 : start], "big")
    credential_id, rest = data[start : start + size], data[start + size :]
    if not 0 < size <= MAX_CREDENTIAL_ID or len(credential_id) < size:
        raise AuthorisationMalformed("the passkey's identifier has another length than it says")
    try:
        key, used = read_cbor(rest)
        if flags & _EXTENSIONS:
            used += read_cbor(rest[used:])[1]
    except CborError as err:
        raise AuthorisationMalformed("the passkey's public key cannot be read") from err
    if used != len(rest):
        raise AuthorisationMalformed("something stands behind the passkey's public key")
    algorithm, spki = read_cose_key(key)
    return PasskeyKey(credential_id=credential_id, algorithm=algorithm, spki=spki, sign_count=count)


def _read_header(data: bytes, party: RelyingParty) -> tuple[int, int]:
    """Flags and counter, when the data is for us and a verified person was there."""
    if not _FIXED <= len(data) <= MAX_AUTHENTICATOR_DATA:
        raise AuthorisationMalformed("the authenticator data has an impossible length")
    if not hmac.compare_digest(data[:32], hashlib.sha256(party.rp_id.encode()).digest()):
        raise AuthorisationWrong("the passkey answered to another service")
    flags = data[32]
    if not flags & _USER_PRESENT or not flags & _USER_VERIFIED:
        raise AuthorisationWrong("the passkey did not verify its holder")
    return flags, int.from_bytes(data[33:37], "big")


def _require_client_data(raw: bytes, kind: str, challenge: bytes, party: RelyingParty) -> None:
    try:
        said = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as err:
        raise AuthorisationMalformed("the client data cannot be read") from err
    if not isinstance(said, dict):
        raise AuthorisationMalformed("the client data cannot be read")
    expected = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
    given = said.get("challenge")
    if said.get("type") != kind:
        raise AuthorisationWrong("the answer is for another ceremony")
    if not isinstance(given, str) or not given.isascii() or not hmac.compare_digest(given, expected):
        raise AuthorisationWrong("the answer is for another challenge")
    # a page of somebody else around ours could steer the holder's hand: never across origins
    origin = said.get("origin")
    if not isinstance(origin, str) or origin not in party.origins or said.get("crossOrigin") not in (None, False):
        raise AuthorisationWrong("the answer was given on another site")
