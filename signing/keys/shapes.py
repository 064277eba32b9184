"""What the bytes are that a key is asked to sign: certificate, CRL, OCSP answer, CMS attributes, certificate request.

Reads only as much DER as is needed to tell them apart and to say who speaks about whom. Knows no key and no
register; what it cannot place has no shape, and whoever guards a key refuses that.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from signing.keys.der import (
    INTEGER,
    NULL,
    OCTET_STRING,
    OID,
    SEQUENCE,
    SET,
    DerError,
    DerReader,
    oid,
)

TST_INFO: Final = oid("1.2.840.113549.1.9.16.1.4")
"""RFC 3161 §2.4.2: the content type of a time-stamp."""
DATA: Final = oid("1.2.840.113549.1.7.1")
"""RFC 5652 §4: the content type of a document's signature."""
OCSP_SIGNING: Final = oid("1.3.6.1.5.5.7.3.9")
TIME_STAMPING: Final = oid("1.3.6.1.5.5.7.3.8")

_CONTENT_TYPE: Final = oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST: Final = oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2: Final = oid("1.2.840.113549.1.9.16.2.47")
_BASIC_CONSTRAINTS: Final = oid("2.5.29.19")
_EXTENDED_KEY_USAGE: Final = oid("2.5.29.37")
_POLICIES: Final = oid("2.5.29.32")
_HASHES: Final = {
    oid("2.16.840.1.101.3.4.2.1"): "sha256",
    oid("2.16.840.1.101.3.4.2.2"): "sha384",
    oid("2.16.840.1.101.3.4.2.3"): "sha512",
}
_MAX_ATTRIBUTES: Final = 32  # a signature of ours has three or four
_MAX_WALKED: Final = 64 * 1024
"""Most octets of what is walked through element by element. A revocation list may have more: its head is read."""
_BOOLEAN: Final = 0x01
_VERSION, _EXTENSIONS = 0xA0, 0xA3
_RESPONDER_NAME, _RESPONDER_KEY = 0xA1, 0xA2
_GENERALIZED_TIME: Final = 0x18
_UTC_TIME: Final = 0x17


@dataclass(frozen=True, slots=True, kw_only=True)
class TbsCertificate:
    """A certificate before its signature; names and key as DER."""

    issuer: bytes
    subject: bytes
    spki: bytes
    is_ca: bool
    path_length: int | None
    extended_key_usage: tuple[bytes, ...]
    """Object identifiers, DER."""
    policies: tuple[bytes, ...]
    """Object identifiers, DER."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TbsCertList:
    """A revocation list before its signature."""

    issuer: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OcspAnswer:
    """A ResponseData; the responder is named by its name or by the SHA-1 of its key."""

    responder_name: bytes | None
    responder_key_sha1: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAttributes:
    """The signed attributes of a CMS signature."""

    content_type: bytes
    """Object identifier, DER."""
    message_digest: bytes
    certificate_hashes: tuple[tuple[str, bytes], ...]
    """RFC 5035 §4: name of the digest algorithm and the digest of each named certificate, the signer's first."""

    def names(self, certificate: bytes) -> bool:
        """Whether the signer's certificate that is named here is this one (DER)."""
        if not self.certificate_hashes:
            return False
        algorithm, digest = self.certificate_hashes[0]
        return hashlib.new(algorithm, certificate).digest() == digest


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestInfo:
    """A PKCS#10 CertificationRequestInfo: the key asks for a certificate about itself."""

    spki: bytes


Shape = TbsCertificate | TbsCertList | OcspAnswer | SignedAttributes | RequestInfo


def shape_of(data: bytes) -> Shape | None:
    """What the bytes are; None for anything else, also for two readings at once or one byte too many."""
    try:
        reader = DerReader(data)
        is_set = reader.peek() == SET
        body = reader.inside(SET if is_set else SEQUENCE)
        reader.end()
        # five million identifiers fit into a frame of the signer's, and would keep it busy for seconds
        if len(data) > _MAX_WALKED and (is_set or body.peek() != INTEGER):
            return None
        return _signed_attributes(body) if is_set else _sequence(body)
    except DerError:
        return None


def _sequence(body: DerReader) -> Shape | None:
    first = body.peek()
    if first in (_RESPONDER_NAME, _RESPONDER_KEY):
        return _ocsp(body)
    if first == INTEGER:
        version = body.integer()
        return _cert_list(body) if version == 1 else _request_info(body) if version == 0 else None
    if first != _VERSION:
        return None
    explicit = body.inside(_VERSION)
    version = explicit.integer()
    explicit.end()
    # RFC 5280 §4.1.2.1: v3 is 2; RFC 6960 §4.2.1: v1 is 0
    return _certificate(body) if version == 2 else _ocsp(body) if version == 0 else None  # noqa: PLR2004 - as cited


def _certificate(body: DerReader) -> TbsCertificate:
    body.integer()
    body.content(SEQUENCE)  # signature algorithm
    issuer = body.element(SEQUENCE)
    body.content(SEQUENCE)  # validity
    subject, spki = body.element(SEQUENCE), body.element(SEQUENCE)
    found: dict[bytes, bytes] = {}
    if not body.at_end:
        extensions = body.inside(_EXTENSIONS)
        listed = extensions.inside(SEQUENCE)
        extensions.end()
        while not listed.at_end:
            name, value = _extension(listed.inside(SEQUENCE))
            if name in found:
                message = "an extension stands twice"  # RFC 5280 §4.2
                raise DerError(message)
            found[name] = value
    body.end()
    is_ca, path_length = _basic_constraints(found.get(_BASIC_CONSTRAINTS))
    return TbsCertificate(
        issuer=issuer,
        subject=subject,
        spki=spki,
        is_ca=is_ca,
        path_length=path_length,
        extended_key_usage=_identifiers(found.get(_EXTENDED_KEY_USAGE)),
        policies=_policies(found.get(_POLICIES)),
    )


def _extension(reader: DerReader) -> tuple[bytes, bytes]:
    name = reader.element(OID)
    if reader.peek() == _BOOLEAN:
        reader.boolean()
    value = reader.content(OCTET_STRING)
    reader.end()
    return name, value


def _basic_constraints(value: bytes | None) -> tuple[bool, int | None]:
    if value is None:
        return False, None
    reader = DerReader(value)
    body = reader.inside(SEQUENCE)
    reader.end()
    is_ca = body.boolean() if body.peek() == _BOOLEAN else False
    path_length = body.integer() if body.peek() == INTEGER else None
    body.end()
    return is_ca, path_length


def _identifiers(value: bytes | None) -> tuple[bytes, ...]:
    if value is None:
        return ()
    reader = DerReader(value)
    body = reader.inside(SEQUENCE)
    reader.end()
    found = []
    while not body.at_end:
        found.append(body.element(OID))
    return tuple(found)


def _policies(value: bytes | None) -> tuple[bytes, ...]:
    if value is None:
        return ()
    reader = DerReader(value)
    body = reader.inside(SEQUENCE)
    reader.end()
    found = []
    while not body.at_end:
        found.append(body.inside(SEQUENCE).element(OID))
    return tuple(found)


def _cert_list(body: DerReader) -> TbsCertList | None:
    body.content(SEQUENCE)  # signature algorithm
    issuer = body.element(SEQUENCE)
    # RFC 5280 §5.1.2.4: thisUpdate follows; a certificate of version 1 could be read up to here
    return TbsCertList(issuer=issuer) if body.peek() in (_UTC_TIME, _GENERALIZED_TIME) else None


def _ocsp(body: DerReader) -> OcspAnswer | None:
    name = key = None
    if body.peek() == _RESPONDER_NAME:
        chosen = body.inside(_RESPONDER_NAME)
        name = chosen.element(SEQUENCE)
    else:
        chosen = body.inside(_RESPONDER_KEY)
        key = chosen.content(OCTET_STRING)
    chosen.end()
    body.content(_GENERALIZED_TIME)
    body.content(SEQUENCE)
    return OcspAnswer(responder_name=name, responder_key_sha1=key)


def _request_info(body: DerReader) -> RequestInfo | None:
    body.content(SEQUENCE)  # subject
    spki = body.element(SEQUENCE)
    if not body.at_end:
        body.content(_VERSION)  # attributes [0]
    body.end()
    return RequestInfo(spki=spki)


def _signed_attributes(body: DerReader) -> SignedAttributes | None:
    values: dict[bytes, DerReader] = {}
    while not body.at_end:
        attribute = body.inside(SEQUENCE)
        name, content = attribute.element(OID), attribute.inside(SET)
        attribute.end()
        # RFC 5652 §5.3: none of these attributes may stand twice
        if name in values or len(values) >= _MAX_ATTRIBUTES:
            return None
        values[name] = content
    if _CONTENT_TYPE not in values or _MESSAGE_DIGEST not in values:
        return None
    content_type = values[_CONTENT_TYPE].element(OID)
    digest = values[_MESSAGE_DIGEST].content(OCTET_STRING)
    values[_CONTENT_TYPE].end()
    values[_MESSAGE_DIGEST].end()
    named = values.get(_SIGNING_CERTIFICATE_V2)
    return SignedAttributes(
        content_type=content_type,
        message_digest=digest,
        certificate_hashes=_certificate_hashes(named) if named is not None else (),
    )


def _certificate_hashes(value: DerReader) -> tuple[tuple[str, bytes], ...]:
    """RFC 5035 §3: SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2, policies OPTIONAL }."""
    listed = value.inside(SEQUENCE).inside(SEQUENCE)
    value.end()
    found: list[tuple[str, bytes]] = []
    while not listed.at_end and len(found) < _MAX_ATTRIBUTES:
        one = listed.inside(SEQUENCE)
        algorithm = "sha256"  # the default, and left out in DER
        if one.peek() == SEQUENCE:
            named = one.inside(SEQUENCE)
            identifier = named.element(OID)
            if named.peek() == NULL:
                named.content(NULL)
            named.end()
            if identifier not in _HASHES:
                message = "a certificate is named by an unknown digest"
                raise DerError(message)
            algorithm = _HASHES[identifier]
        found.append((algorithm, one.content(OCTET_STRING)))
    return tuple(found)
