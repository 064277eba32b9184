"""The parts of a CMS SignedData as they were sent, found with a few steps and without a decoder that rewrites them.

RFC 5652 §5, RFC 2315 §9 before it; BER around DER is accepted (indefinite lengths, strings in pieces). Knows where the
parts lie and how many there are; must not know what they mean or whether they are right.
"""

from dataclasses import dataclass
from typing import Final

from signing.keys.der import INTEGER, OCTET_STRING, OID, SEQUENCE, SET, DerError
from signing.validation.ber import Element, read_element
from signing.validation.container_faults import ContainerFaultError
from signing.validation.digests import dotted

SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
DATA: Final = "1.2.840.113549.1.7.1"
TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
MAX_SIGNERS: Final = 32
MAX_CERTIFICATES: Final = 4_096
_CONTEXT: Final = 0xA0


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerPart:
    """One SignerInfo in its parts."""

    version: int
    identifier: Element
    """IssuerAndSerialNumber (a SEQUENCE) or a subject key identifier ([0])."""

    digest_algorithm: bytes
    signed_attributes: Element | None
    signature_algorithm: bytes
    value: bytes
    unsigned_attributes: Element | None
    fields: bytes
    """Everything up to the value as it was sent, one behind the other (what an archive time-stamp is about)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedData:
    """One SignedData in its parts."""

    element: Element
    version: int
    digest_algorithms: tuple[bytes, ...]
    content_type: str
    content: bytes | None
    """The encapsulated content without its wrapping; None: detached."""

    certificates: tuple[bytes, ...]
    """DER of the X.509 certificates."""

    other_certificates: tuple[bytes, ...]
    """What else there is among the certificates: attribute certificates, other forms."""

    certificate_forms: frozenset[int]
    """Their tags."""

    lists: tuple[Element, ...]
    """Revocation lists ([1] of RFC 5652 §10.2.1: other forms of status)."""

    signers: tuple[SignerPart, ...]


def read_signed_data(data: bytes) -> SignedData:
    """The parts of a container; zero padding behind it is allowed, anything else is not.

    Raises:
        ContainerFaultError: it is none, or there is more than it has room for. DerError: it does not decode.
    """
    info = read_element(data)
    if data[info.stop :].strip(b"\0"):
        raise ContainerFaultError("there is data behind the signature container")
    parts = info.children()
    # RFC 5652 §3: a type and a content. A longer length would take padding in, and nothing signs that length.
    if info.tag != SEQUENCE or [part.tag for part in parts] != [OID, _CONTEXT]:
        raise ContainerFaultError("it is no CMS container, or there is data behind its content")
    if dotted(parts[0].content) != SIGNED_DATA:
        raise ContainerFaultError("it is no CMS SignedData")
    return _signed_data(_only(parts[1].children()))


def _signed_data(element: Element) -> SignedData:
    version, digests, encapsulated, *rest = _sequence(element)
    content_type, content = _content(encapsulated)
    certificates = rest.pop(0).children() if rest and rest[0].tag == _CONTEXT else []
    lists = rest.pop(0).children() if rest and rest[0].tag == _CONTEXT + 1 else []
    signers = _only(rest)
    if signers.tag != SET or digests.tag != SET or len(certificates) > MAX_CERTIFICATES:
        raise DerError("not the parts of a SignedData")
    infos = signers.children()
    if len(infos) > MAX_SIGNERS:
        raise ContainerFaultError("more signers than any document has")
    return SignedData(
        element=element,
        version=_number(version),
        digest_algorithms=tuple(one.raw for one in digests.children()),
        content_type=content_type,
        content=content,
        certificates=tuple(one.raw for one in certificates if one.tag == SEQUENCE),
        other_certificates=tuple(one.raw for one in certificates if one.tag != SEQUENCE),
        certificate_forms=frozenset(one.tag for one in certificates if one.tag != SEQUENCE),
        lists=tuple(lists),
        signers=tuple(_signer(info) for info in infos),
    )


def _content(element: Element) -> tuple[str, bytes | None]:
    kind, *wrapped = _sequence(element)
    if kind.tag != OID:
        raise DerError("a content without a type")
    if not wrapped:
        return dotted(kind.content), None
    inner = _only(_only(wrapped).children())
    # RFC 2315 §9.3: PKCS #7 wraps any type, and digests its content octets
    return dotted(kind.content), inner.octets() if inner.tag & ~0x20 == OCTET_STRING else inner.content


def _signer(element: Element) -> SignerPart:
    version, identifier, digest, *rest = _sequence(element)
    signed = rest.pop(0) if rest and rest[0].tag == _CONTEXT else None
    algorithm, value, *rest = rest
    unsigned = rest.pop(0) if rest and rest[0].tag == _CONTEXT + 1 else None
    if rest or value.tag & ~0x20 != OCTET_STRING:
        raise DerError("not the parts of a SignerInfo")
    return SignerPart(
        version=_number(version), identifier=identifier, digest_algorithm=digest.raw, signed_attributes=signed,
        signature_algorithm=algorithm.raw, value=value.octets(), unsigned_attributes=unsigned,
        fields=element.data[version.start : value.stop],
    )  # fmt: skip


def _sequence(element: Element) -> list[Element]:
    if element.tag != SEQUENCE:
        raise DerError("a sequence was expected")
    return element.children()


def _only(elements: list[Element]) -> Element:
    if len(elements) != 1:
        raise DerError("one element was expected")
    return elements[0]


def _number(element: Element) -> int:
    if element.tag != INTEGER or len(element.content) != 1:
        raise DerError("not a version")
    return element.content[0]
