"""The key of whoever runs the command: in a PEM file, or in a token behind a PKCS#11 library.

Knows files, tokens and certificates. Must not know what is signed. A PIN is offered once.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from api.cli.exits import Exit, fail
from api.cli.pin_entry import entered

if TYPE_CHECKING:
    from signing.errors import SigningError
    from signing.keys import Credential, SignatureAlgorithm
    from signing.keys.holder_token import HolderToken

_MAX_FILE: Final = 1024 * 1024
_ASK_FOR_KEY: Final = "Mật khẩu khóa / key password"
_ASK_FOR_PIN: Final = "Mã PIN của thiết bị / token PIN"


_TO_DO: Final = {
    "KEY_UNAVAILABLE": ("; xem --pkcs11", "; check --pkcs11"),
    "KEY_NOT_FOUND": (
        "; thiết bị không giữ khóa của chứng thư này, xem --cert, --token-label",
        "; check --cert, --token-label",
    ),
}
"""What the holder can do, by code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOptions:
    """Where the key is, as the options say."""

    certificate: Path | None = None
    """PEM, may be followed by its chain."""
    key: Path | None = None
    module: Path | None = None
    token_label: str | None = None
    pin_fd: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderKey:
    """An open key with its certificate; one signature at a time."""

    certificate: bytes
    """DER."""
    chain: tuple[bytes, ...]
    """DER, the issuer first; as far as it was given."""
    algorithm: "SignatureAlgorithm"
    sign: Callable[[bytes], bytes] = field(repr=False)
    """Over the data, not its hash; the value in the form that containers carry."""

    @property
    def credential(self) -> "Credential":
        """Certificate, chain and algorithm; the key is in no store of ours."""
        from signing.keys import Credential

        return Credential(key_id="", certificate=self.certificate, chain=self.chain, algorithm=self.algorithm)


@contextmanager
def open_key(options: KeyOptions) -> Iterator[HolderKey]:
    """The key, for as long as the block lasts.

    Raises:
        SystemExit: 2 for options that do not go together, 7 for a key, PIN or token that cannot be used.
    """
    _require_one_place(options)
    from signing.errors import SigningError

    try:
        if options.key is not None:
            yield _from_file(options)
        else:
            with _token(options) as token:
                yield _from_token(token, options)
    except SigningError as err:
        if not err.code.startswith(("KEY_", "CERT_")):
            raise
        fail(Exit.NOT_AUTHORISED, _told(err))


def _told(error: "SigningError") -> str:
    """What is wrong with the key and what to do, in both languages."""
    from api.cli.sign_failures import of_error
    from signing.errors import NoSuchToken, SeveralTokens

    if isinstance(error, SeveralTokens):
        named = ", ".join(error.labels)
        return f"{error.code}: có nhiều thiết bị, chọn một / several tokens, name one: --token-label {named}"
    if isinstance(error, NoSuchToken):
        return f"{error.code}: không có thiết bị nào như vậy, cắm vào hoặc sửa / no such token: --token-label, --pkcs11"
    failure, (vi, en) = of_error(error), _TO_DO.get(error.code, ("", ""))
    return f"{error.code}: {failure.vi}{vi} / {failure.en}{en}"


def _require_one_place(options: KeyOptions) -> None:
    if (options.key is None) == (options.module is None):
        fail(Exit.USAGE, "cần đúng một / exactly one of: --key PEM, --pkcs11 MODULE")
    if options.key is not None and options.certificate is None:
        fail(Exit.USAGE, "--key: cần / needs --cert")


@contextmanager
def _token(options: KeyOptions) -> Iterator["HolderToken"]:
    from api.settings import HolderSecrets
    from signing.keys.holder_token import open_token, tries_are_few

    module = options.module or Path()
    if tries_are_few(module, options.token_label):
        print_warning("thiết bị còn ít lần thử PIN / few PIN tries are left")
    pin = entered(_ASK_FOR_PIN, "ANSO_PIN", HolderSecrets().pin, options.pin_fd)
    with open_token(module, options.token_label, pin) as token:
        yield token


def _from_token(token: "HolderToken", options: KeyOptions) -> HolderKey:
    from signing.keys.values import fitting_value

    if options.certificate is not None:
        certificate, *chain = _certificates(options.certificate)
    else:
        found = token.certificates()
        if len(found) != 1:
            told = "không có / there is none" if not found else "có nhiều / there are several"
            fail(Exit.NOT_AUTHORISED, f"chứng thư trong thiết bị / certificates in the token: {told}: --cert")
        certificate, chain = found[0], []
    key, turn = token.key_of(certificate), threading.Lock()

    def sign(data: bytes) -> bytes:
        with turn:
            value = token.sign(key, data)
        return fitting_value(key.spki, data, value, key.algorithm) or value

    return HolderKey(certificate=certificate, chain=tuple(chain), algorithm=key.algorithm, sign=sign)


def _from_file(options: KeyOptions) -> HolderKey:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from signing.identity import load_certificate
    from signing.keys import ALGORITHM_OF_KIND, kind_of_spki
    from signing.keys.software import sign_with

    certificate, *chain = _certificates(options.certificate or Path())
    private = _private(options.key or Path(), options.pin_fd)
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    spki = load_certificate(certificate).public_key().public_bytes(*form)
    if private.public_key().public_bytes(*form) != spki:
        fail(Exit.NOT_AUTHORISED, "--key: không phải khóa của --cert / not the key of --cert")
    algorithm = ALGORITHM_OF_KIND[kind_of_spki(spki)]
    return HolderKey(
        certificate=certificate,
        chain=tuple(chain),
        algorithm=algorithm,
        sign=lambda data: sign_with(private, data, algorithm),
    )


def _private(path: Path, descriptor: int | None) -> Any:  # noqa: ANN401 - one of the library's key classes
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from api.settings import HolderSecrets

    content, password = _read(path, "--key"), None
    if b"ENCRYPTED" in content:
        secret = entered(_ASK_FOR_KEY, "ANSO_KEY_PASSWORD", HolderSecrets().key_password, descriptor)
        password = secret.encode()
    try:
        return load_pem_private_key(content, password)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        fail(Exit.NOT_AUTHORISED, "--key: không phải khóa PEM, hoặc sai mật khẩu / not a PEM key, or a wrong password")


def _certificates(path: Path) -> list[bytes]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        found = x509.load_pem_x509_certificates(_read(path, "--cert"))
    except ValueError:
        fail(Exit.USAGE, "--cert: không phải chứng thư PEM / not a PEM certificate")
    return [one.public_bytes(Encoding.DER) for one in found]


def _read(path: Path, option: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_FILE)
    except OSError as err:
        fail(Exit.USAGE, f"{option}: {err.strerror}: {path.name}")


def print_warning(text: str) -> None:
    """One line for the person at the terminal."""
    import sys

    print(f"anso: {text}", file=sys.stderr)
