"""A signature that stands beside a file, in the forms in which people send it: DER, PEM, base64, S/MIME.

RFC 7468 §8 and §9 (PEM), RFC 8551 §3.4 (S/MIME). Bounded; knows wrappings, nothing about signatures.
"""

import base64
import binascii
import re
from email import message_from_bytes
from email.errors import MessageError
from typing import Final

from signing.validation.container_faults import ContainerFaultError

MAX_SIGNATURE_BYTES: Final = 16 * 1024 * 1024
_LABEL: Final = rb"(?:PKCS7|CMS|PKCS #7 SIGNED DATA)-----"
_PEM: Final = re.compile(rb"-----BEGIN " + _LABEL + rb"\s+([A-Za-z0-9+/=\s]+)-----END " + _LABEL)
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/\s]+={0,2}\s*")
_KINDS: Final = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})
_WHOLE: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "application/cms"})
_SEQUENCE: Final = b"\x30"


def unwrapped(data: bytes) -> bytes:
    """The container (BER) in some bytes.

    Raises:
        ContainerFaultError: larger than any signature, or no form that is known.
    """
    if len(data) > MAX_SIGNATURE_BYTES:
        raise ContainerFaultError("larger than any signature")
    if data[:1] == _SEQUENCE:
        return data
    pem = _PEM.search(data)
    if pem is not None:
        return _decoded(pem[1])
    if _BASE64.fullmatch(data):
        return _decoded(data)
    return _of_mail(data)


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as err:
        raise ContainerFaultError("the base64 of the signature is broken") from err


def _of_mail(data: bytes) -> bytes:
    try:
        parts = list(message_from_bytes(data).walk())
    except (MessageError, ValueError, RecursionError) as err:
        raise ContainerFaultError("no form of a signature that is known") from err
    for wanted in (_KINDS, _WHOLE):
        for part in parts:
            payload = part.get_payload(decode=True) if part.get_content_type() in wanted else None
            if isinstance(payload, bytes) and payload[:1] == _SEQUENCE:
                return payload
    raise ContainerFaultError("no form of a signature that is known")
