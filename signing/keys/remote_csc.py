"""A key at an external provider that speaks the Cloud Signature Consortium's API: signatures over a batch, or none.

1. The provider describes the credential: it must be enabled and have the very certificate that is registered here.
2. One authorisation over exactly the hashes of the batch; the holder agrees there, by code or on the own device.
3. The provider signs. 4. Every value is verified under the registered certificate's key before any is given on.
Knows the protocol (CSC API 1.0.4 and 2.0); how a question travels is the port's matter. Nothing that comes back is
believed; neither code nor SAD is in any error.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.errors import (
    RemoteBatchTooLarge,
    RemoteCredentialChanged,
    RemoteHolderAway,
    RemoteSignerUnavailable,
    SignatureValueWrong,
)
from signing.keys.identifiers import HASH_OID, PSS_PARAMETERS, SIGNATURE_OID
from signing.keys.store import SignatureAlgorithm
from signing.keys.values import fitting_value

Answer = Mapping[str, Any]
_ASK_AGAIN_S: Final = 2.0
_MAX_TEXT: Final = 4096
_MAX_CERTIFICATES: Final = 10
_MAX_VALUE: Final = 2048  # base64; of an RSA key of 8,192 bits


class CscPort(Protocol):
    """The way to one provider."""

    @property
    def is_version_2(self) -> bool:
        """Whether it wants the names of version 2."""
        ...

    def post(self, method: str, body: Mapping[str, object]) -> tuple[int, Answer]:
        """Status (200 or 202) and the JSON object that came.

        Raises:
            RemoteSignerUnavailable: nothing usable came in time. RemoteSignerRefused: the provider says no.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteCredential:
    """A credential as it is registered here."""

    credential_id: str
    """The provider's name for it."""
    certificate: bytes = field(repr=False)
    """DER; what the provider says must be the same, octet by octet."""
    algorithm: SignatureAlgorithm


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the holder may take at the provider."""

    seconds: float
    pause: Callable[[float], None] = field(repr=False)


def most_at_once(port: CscPort, credential: RemoteCredential) -> int:
    """How many signatures one authorisation may cover, when the credential is what is registered, and enabled.

    Raises:
        RemoteCredentialChanged: another certificate, another algorithm, or disabled. What ``CscPort.post`` raises.
    """
    body = {"credentialID": credential.credential_id, "certificates": "chain", "certInfo": False}
    _, told = port.post("credentials/info", body)
    key, listed = _part(told, "key"), _part(told, "cert").get("certificates")
    if not isinstance(listed, list) or not 0 < len(listed) <= _MAX_CERTIFICATES:
        raise RemoteSignerUnavailable("the provider shows no certificate")
    # CSC API 1.0.4 §11.5: the signer's certificate is the first
    if _bytes(listed[0]) != credential.certificate:
        raise RemoteCredentialChanged("the provider shows another certificate than the registered one")
    if key.get("status") != "enabled":
        raise RemoteCredentialChanged("the provider has disabled the credential")
    algorithms = key.get("algo")
    if not isinstance(algorithms, list) or SIGNATURE_OID.get(credential.algorithm) not in algorithms:
        raise RemoteCredentialChanged("the provider does not sign with the algorithm of the registered key")
    most = told.get("multisign")
    if not isinstance(most, int) or most < 1:
        raise RemoteSignerUnavailable("the provider does not say how many it signs at once")
    return most


def sign_at_provider(
    port: CscPort, credential: RemoteCredential, messages: Sequence[bytes], *, code: str | None, patience: Patience
) -> tuple[bytes, ...]:
    """One signature value for each message, in their order; all are verified, or none is given.

    Args:
        port: to the provider.
        credential: with which key.
        messages: what is signed, DER of signed attributes; they stay here, their hashes go.
        code: of the holder, where the provider wants one in the request.
        patience: for holders who agree on a device of their own.

    Raises:
        RemoteBatchTooLarge, RemoteCredentialChanged, RemoteHolderAway. SignatureValueWrong: a value that the key did
        not make over its message: nothing of the batch is given on. What ``CscPort.post`` raises.
    """
    most = most_at_once(port, credential)
    if len(messages) > most:
        raise RemoteBatchTooLarge(most)
    digest = hashlib.sha384 if credential.algorithm is SignatureAlgorithm.ECDSA_SHA384 else hashlib.sha256
    hashes = [base64.b64encode(digest(message).digest()).decode() for message in messages]
    sad = _authorised(port, credential, hashes, code, patience)
    _, told = port.post("signatures/signHash", _signing(port, credential, hashes, sad))
    given = told.get("signatures")
    if not isinstance(given, list) or len(given) != len(messages):
        raise SignatureValueWrong("the provider gave another number of signatures")
    return _verified(credential, messages, given)


def _authorised(
    port: CscPort, credential: RemoteCredential, hashes: list[str], code: str | None, patience: Patience
) -> str:
    body: dict[str, object] = {"credentialID": credential.credential_id, "numSignatures": len(hashes)}
    body |= _named(port, credential, hashes)
    if code is not None:
        body |= {"authData": [{"id": "OTP", "value": code}]} if port.is_version_2 else {"OTP": code}
    status, told = port.post("credentials/authorize", body)
    for _ in range(ceil(patience.seconds / _ASK_AGAIN_S)):
        if "SAD" in told:
            break
        # CSC API 2.0 §11.7: the holder has not agreed yet
        handle = _text(told.get("handle"))
        patience.pause(_ASK_AGAIN_S)
        status, told = port.post("credentials/authorizeCheck", {"handle": handle})
    if "SAD" not in told:
        raise RemoteHolderAway(f"the holder did not agree in time ({status})")
    return _text(told["SAD"])


def _signing(port: CscPort, credential: RemoteCredential, hashes: list[str], sad: str) -> dict[str, object]:
    body: dict[str, object] = {
        "credentialID": credential.credential_id,
        "SAD": sad,
        "signAlgo": SIGNATURE_OID[credential.algorithm],
        **_named(port, credential, hashes),
    }
    if credential.algorithm is SignatureAlgorithm.RSASSA_PSS_SHA256:
        body["signAlgoParams"] = base64.b64encode(PSS_PARAMETERS).decode()
    return body


def _named(port: CscPort, credential: RemoteCredential, hashes: list[str]) -> dict[str, object]:
    """The hashes in the names of the provider's version."""
    kind = HASH_OID[credential.algorithm]
    if port.is_version_2:
        return {"hashes": hashes, "hashAlgorithmOID": kind}
    return {"hash": hashes, "hashAlgo": kind}


def _verified(credential: RemoteCredential, messages: Sequence[bytes], given: list[Any]) -> tuple[bytes, ...]:
    key = x509.load_der_x509_certificate(credential.certificate).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    values = []
    for message, text in zip(messages, given, strict=True):
        value = fitting_value(spki, message, _bytes(text, most=_MAX_VALUE), credential.algorithm)
        if value is None:
            raise SignatureValueWrong("the provider's key did not sign what was sent")
        values.append(value)
    return tuple(values)


def _part(told: Answer, name: str) -> Mapping[str, Any]:
    found = told.get(name)
    if not isinstance(found, dict):
        raise RemoteSignerUnavailable(f"the provider's answer has no {name}")
    return found


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_TEXT:
        raise RemoteSignerUnavailable("the provider's answer cannot be read")
    return value


def _bytes(value: object, *, most: int = 64 * 1024) -> bytes:
    if not isinstance(value, str) or len(value) > most:
        raise RemoteSignerUnavailable("the provider's answer cannot be read")
    try:
        return base64.b64decode(value, validate=True)
    except ValueError as err:  # letters beyond ASCII are no binascii.Error
        raise RemoteSignerUnavailable("the provider's answer cannot be read") from err
