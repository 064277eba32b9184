"""The two forms of signatures in PDF files from before CMS was put in whole.

ISO 32000-1 §12.8.3.2 (adbe.x509.rsa_sha1): /Contents is an OCTET STRING with a PKCS #1 value, /Cert holds the
certificates, the signer's first. §12.8.3.3 (adbe.pkcs7.sha1): the container encapsulates the SHA-1 of the byte range
and signs that. Knows forms, no trust and no policy.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import InvalidSignature
from pyhanko.pdf_utils import generic

from signing.keys.der import OCTET_STRING, DerError
from signing.validation.attributes import Attributes
from signing.validation.ber import read_element
from signing.validation.certificate_parts import read_parts
from signing.validation.container import Container, integrity
from signing.validation.container_faults import ContainerFaultError, SignerMissingError
from signing.validation.digests import Content
from signing.validation.document import SignatureField, array_items, get
from signing.validation.public_keys import read_public_key
from signing.validation.reading import followed
from signing.validation.schemes import Family, Scheme
from signing.validation.signature_values import digest_in

MAX_CERTIFICATES: Final = 64
_RSA_ENCRYPTION: Final = "1.2.840.113549.1.1.1"


def read_bare_value(field: SignatureField, contents: bytes) -> Container:
    """Reads a signature of the kind adbe.x509.rsa_sha1.

    The name says SHA-1, but writers of PDF 1.6 and later may use others: the value itself names its digest.

    Raises:
        ContainerFaultError: it is none, or its certificate is missing.
    """
    element = read_element(contents)
    if contents[element.stop :].strip(b"\0") or element.tag & ~0x20 != OCTET_STRING:
        raise ContainerFaultError("the signature is no octet string, or there is data behind it")
    certificates = tuple(_certificates(field))
    if not certificates:
        raise SignerMissingError
    try:
        leaf, value = read_parts(certificates[0]), element.octets()
    except DerError as err:
        raise ContainerFaultError("the signer's certificate does not decode") from err
    digest = _digest_of_value(leaf.key, value)
    return Container(
        parts=None, part=None, certificate=asn1_x509.Certificate.load(leaf.der), leaf=leaf.der,
        certificates=certificates, content_type="data", content=None, digest=digest, algorithm=_RSA_ENCRYPTION,
        scheme=Scheme(family=Family.RSA_PKCS1, digest=digest), value=value, key=leaf.key,
        signed_attributes=Attributes(element=None), unsigned_attributes=Attributes(element=None),
    )  # fmt: skip


def _digest_of_value(key: bytes, value: bytes) -> str:
    found = read_public_key(key)
    if found.kind != "rsa":
        raise ContainerFaultError("the signer's key is no RSA key")
    try:
        return digest_in(found, value)[0]
    except InvalidSignature:
        return "sha1"  # what the name of the form says; the value will be found wrong


def _certificates(field: SignatureField) -> Iterator[bytes]:
    """/Cert: one byte string, or an array of them."""
    found = get(field.value, "/Cert")
    items: list[Any] = list(array_items(found)) if isinstance(found, generic.ArrayObject) else [found]
    for item in items[:MAX_CERTIFICATES]:
        value = followed(item)
        if isinstance(value, generic.ByteStringObject):
            yield _without_padding(bytes(value))
        elif isinstance(value, generic.TextStringObject):
            yield _without_padding(bytes(value.original_bytes))


def _without_padding(data: bytes) -> bytes:
    try:
        element = read_element(data)
    except DerError:
        return data
    return element.raw if not data[element.stop :].strip(b"\0") else data


def encapsulated_digest_holds(container: Container, byte_range: Content) -> tuple[bool, bool]:
    """Digest and value of a signature of the kind adbe.pkcs7.sha1.

    Raises:
        ContainerFaultError: nothing is encapsulated, or an algorithm or key cannot be used.
    """
    if container.content is None:
        raise ContainerFaultError("the digest of the byte range is missing")
    intact, value = integrity(container, Content((container.content,)))
    return intact and container.content == byte_range.digest("sha1"), value


def resting_on_sha1(container: Container) -> Container:
    """The same container, whose integrity rests on SHA-1 whatever its own digest is."""
    return replace(container, more_digests=("sha1",))
