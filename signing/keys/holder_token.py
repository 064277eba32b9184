"""The token in a holder's own hand: opened once with the PIN, asked for signatures, closed.

For the holder's client, never for a service: there keys are in a `Device`. The PIN is offered to the token once, and
never again after it was refused: three tries are all that most tokens give. Knows PKCS#11; knows no document.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pkcs11 import Attribute, Mechanism, ObjectClass, TokenFlag

from signing.errors import KeyDamaged, KeyLoginRefused, KeyNotFound, KeyUnavailable, NoSuchToken, SeveralTokens
from signing.keys.kinds import kind_of_spki
from signing.keys.mechanisms import public_bytes
from signing.keys.module import Module, load_module
from signing.keys.store import ALGORITHM_OF_KIND, SignatureAlgorithm
from signing.keys.values import fitting_value

_WRONG_PIN: Final = (
    pkcs11.PinIncorrect,
    pkcs11.PinInvalid,
    pkcs11.PinLenRange,
    pkcs11.PinExpired,
    pkcs11.PinLocked,
    pkcs11.UserPinNotInitialized,
)
_DIGESTS: Final = {
    SignatureAlgorithm.ECDSA_SHA256: hashlib.sha256,
    SignatureAlgorithm.ECDSA_SHA384: hashlib.sha384,
    SignatureAlgorithm.RSASSA_PSS_SHA256: hashlib.sha256,
}
_PSS_SHA256: Final = (Mechanism.SHA256, pkcs11.MGF.SHA256, 32)  # RFC 4055 §3.1: salt as long as the hash


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenKey:
    """A key in the token and the certificate that names it."""

    certificate: bytes
    """DER."""
    spki: bytes = field(repr=False)
    algorithm: SignatureAlgorithm
    handle: Any = field(repr=False)


class HolderToken:
    """An open token; get it with `open_token`."""

    def __init__(self, session: Any, pin: str) -> None:  # noqa: ANN401 - python-pkcs11's session, a compiled class
        self._session = session
        self._pin = pin

    def __repr__(self) -> str:
        return "HolderToken()"

    def certificates(self) -> tuple[bytes, ...]:
        """The certificates in the token (DER) that a private key belongs to."""
        found = self._objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
        stored = [(_value(one, Attribute.VALUE), _value(one, Attribute.ID)) for one in found]
        return tuple(der for der, identifier in stored if der and identifier and self._private(identifier) is not None)

    def key_of(self, certificate: bytes) -> TokenKey:
        """The key of a certificate (DER).

        Raises:
            KeyNotFound: the token has no such key. AlgorithmNotSupported: nothing is signed with a key like it.
        """
        public = x509.load_der_x509_certificate(certificate).public_key()
        spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        algorithm = ALGORITHM_OF_KIND[kind_of_spki(spki)]
        for identifier in self._identifiers(certificate, spki):
            handle = self._private(identifier)
            if handle is not None:
                return TokenKey(certificate=certificate, spki=spki, algorithm=algorithm, handle=handle)
        raise KeyNotFound("the token holds no key of this certificate")

    def sign(self, key: TokenKey, data: bytes) -> bytes:
        """The value as the token gives it, proved with the certificate's key: ECDSA as r and s, RSASSA-PSS bare.

        Raises:
            KeyDamaged: the key is not the certificate's. KeyUnavailable: the token does not answer. KeyLoginRefused: it
            asks for the PIN with each signature, and refused it.
        """
        digest = _DIGESTS[key.algorithm](data).digest()
        is_pss = key.algorithm is SignatureAlgorithm.RSASSA_PSS_SHA256
        # PKCS#11 2.40 §4.9: a key may want the PIN with each use
        again: dict[str, Any] = {"pin": self._pin} if _value(key.handle, Attribute.ALWAYS_AUTHENTICATE) else {}
        if is_pss:
            again |= {"mechanism_param": _PSS_SHA256}
        try:
            value: bytes = key.handle.sign(
                digest, mechanism=Mechanism.RSA_PKCS_PSS if is_pss else Mechanism.ECDSA, **again
            )
        except _WRONG_PIN as err:
            raise KeyLoginRefused(f"the token does not accept the PIN: {type(err).__name__}") from None
        except pkcs11.PKCS11Error as err:
            raise KeyUnavailable(f"the token does not answer: {type(err).__name__}") from err
        if fitting_value(key.spki, data, value, key.algorithm) is None:
            raise KeyDamaged("the key in the token does not belong to the certificate")
        return value

    def _identifiers(self, certificate: bytes, spki: bytes) -> Iterator[bytes]:
        """Under which ids the key may lie: of the certificate in the token, then of the public key."""
        for one in self._objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
            if _value(one, Attribute.VALUE) == certificate and _value(one, Attribute.ID):
                yield one[Attribute.ID]
        for one in self._objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY}):
            with suppress(KeyDamaged, pkcs11.PKCS11Error):  # a key of another kind
                if public_bytes(one) == spki:
                    yield one[Attribute.ID]

    def _private(self, identifier: bytes) -> Any:  # noqa: ANN401 - a token's object
        found = self._objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: identifier})
        return found[0] if found else None

    def _objects(self, wanted: dict[Attribute, Any]) -> list[Any]:
        """A session has one search at a time (PKCS#11 2.40 §5.7): each is finished before anything else is asked."""
        return list(self._session.get_objects(wanted))


@contextmanager
def open_token(library: Path, label: str | None, pin: str) -> Iterator[HolderToken]:
    """The token, logged in for as long as the block lasts.

    Args:
        library: the vendor's PKCS#11 library.
        label: of the token; None: the only one that is there.
        pin: the holder's.

    Raises:
        KeyUnavailable: no such library or token, or several and none is named. KeyLoginRefused: the PIN is wrong, or
        the token is locked; it is not offered a second time.
    """
    module = load_module(library)
    with module.in_use():
        token = _token(module, label)
        if token.flags & TokenFlag.USER_PIN_LOCKED:
            raise KeyLoginRefused("the token is locked")
        try:
            session = token.open(user_pin=pin)
        except pkcs11.UserAlreadyLoggedIn:  # another use of the same token in this process
            session = token.open()
        except _WRONG_PIN as err:
            raise KeyLoginRefused(f"the token does not accept the PIN: {type(err).__name__}") from None
        except pkcs11.PKCS11Error as err:
            raise KeyUnavailable(f"the token does not answer: {type(err).__name__}") from err
        try:
            yield HolderToken(session, pin)
        finally:
            with suppress(pkcs11.PKCS11Error):  # it was pulled out
                session.close()


def tries_are_few(library: Path, label: str | None) -> bool:
    """Whether a wrong PIN was entered lately and the token has few tries left.

    Raises:
        KeyUnavailable: as `open_token`.
    """
    module = load_module(library)
    with module.in_use():
        flags = _token(module, label).flags
        return bool(flags & (TokenFlag.USER_PIN_COUNT_LOW | TokenFlag.USER_PIN_FINAL_TRY))


def _token(module: Module, label: str | None) -> Any:  # noqa: ANN401 - python-pkcs11's token, a compiled class
    try:
        found = list(module.library.get_tokens(token_label=label))
    except pkcs11.PKCS11Error as err:
        raise KeyUnavailable(f"the token cannot be read: {type(err).__name__}") from err
    initialised = [one for one in found if one.flags & TokenFlag.TOKEN_INITIALIZED]
    if not initialised:
        raise NoSuchToken("there is no such token")
    if len(initialised) > 1:
        raise SeveralTokens(tuple(sorted(printable(one.label) for one in initialised)))
    return initialised[0]


def printable(label: str) -> str:
    """A token's own name without what a terminal would obey."""
    return "".join(sign for sign in label if sign.isprintable())


def _value(handle: Any, attribute: Attribute) -> Any:  # noqa: ANN401 - a token's object and what it says
    try:
        return handle[attribute]
    except pkcs11.PKCS11Error:  # not every token knows every attribute
        return None
