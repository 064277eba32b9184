"""Opens the lock of an encrypted document in both readers: with no password, then with the one that was given.

A file that only has an owner password opens for everybody (ISO 32000-2 §7.6.4.1) and is checked like any other; the
bytes under a signature are the encrypted ones. pyHanko finds the file key; QPDF gets the key itself, so that both read
with the same one whatever they think of the letters in a password. Passwords are never kept, logged or named.
"""

import io
from typing import Any, Final

import pikepdf
from pyhanko.pdf_utils.crypt import AuthStatus, StandardSecurityHandler
from pyhanko.pdf_utils.crypt.api import PdfMacStatus
from pyhanko.pdf_utils.crypt.standard import StandardSecuritySettingsRevision
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.validation.faults import DocumentFaultError
from signing.validation.reading import READ_ERRORS

MAX_PASSWORD: Final = 1024  # characters; ISO 32000-2 uses 127 bytes of it


def unlocked(reader: PdfFileReader, password: str | None, source: io.IOBase) -> bytes | None:
    """The file key of an encrypted document whose reader can now read it; None if it is not encrypted.

    Raises:
        DocumentFaultError: no password was given and one is needed, it is wrong, or the lock is of another kind.
    """
    try:
        if not reader.encrypted:
            return None
        handler = reader.security_handler
    except READ_ERRORS as err:
        raise DocumentFaultError("DOCUMENT_ENCRYPTED", "the document is encrypted in an unknown way") from err
    if not isinstance(handler, StandardSecurityHandler):
        raise DocumentFaultError("DOCUMENT_ENCRYPTED", "the document is encrypted for certain recipients")
    for candidate in ("", (password or "")[:MAX_PASSWORD]):
        if _opens(reader, candidate) or _opens_old(handler, candidate, source):
            return _file_key(handler)
    if password:
        raise DocumentFaultError("PASSWORD_WRONG", "the password does not open the document")
    raise DocumentFaultError("DOCUMENT_ENCRYPTED", "the document opens with a password only")


def _opens(reader: PdfFileReader, password: str) -> bool:
    handler: Any = reader.security_handler
    for form in _forms(password):
        try:
            answer = reader.decrypt(form) if "/ID" in reader.trailer else handler.authenticate(form, b"")
        except READ_ERRORS:
            continue
        if answer.mac_status is PdfMacStatus.FAILED:  # ISO/TS 32004
            raise DocumentFaultError("DOCUMENT_DAMAGED", "the integrity code of the encryption is wrong")
        if answer.status is not AuthStatus.FAILED:
            return True
    return False


def _opens_old(handler: Any, password: str, source: io.IOBase) -> bool:  # noqa: ANN401 - pyHanko's handler
    """Revision 5 (Acrobat 9) is in no standard and unknown to pyHanko; QPDF finds its key."""
    if handler.revision is not StandardSecuritySettingsRevision.OTHER:
        return False
    try:
        with pikepdf.open(source, password=password) as document:  # type: ignore[arg-type]  # any binary stream
            key = bytes(document.encryption.encryption_key)
    except (pikepdf.PdfError, pikepdf.PasswordError, *READ_ERRORS):
        return False
    handler._shared_key, handler._auth_failed = key, False  # noqa: SLF001 - there is no other way to give it a key
    return bool(key)


def _forms(password: str) -> tuple[str | bytes, ...]:
    """A password as the library writes it, and as old writers did: UTF-8, Latin-1."""
    forms: list[str | bytes] = [password, password.encode()]
    try:
        forms.append(password.encode("latin-1"))
    except UnicodeEncodeError:
        return tuple(forms)
    return tuple(dict.fromkeys(forms)) if password else ("",)


def _file_key(handler: Any) -> bytes:  # noqa: ANN401 - pyHanko's handler
    try:
        return bytes(handler.get_file_encryption_key())
    except READ_ERRORS as err:
        raise DocumentFaultError("DOCUMENT_ENCRYPTED", "the key of the document cannot be computed") from err
