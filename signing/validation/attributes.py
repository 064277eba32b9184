"""Attributes of a signer: read as they were sent, and the few rules that decide whether a signature is one.

RFC 5652 §11 (content type and message digest), RFC 2634 §5.4 and RFC 5035 (signing certificate), RFC 6211 (algorithm
protection), ETSI EN 319 122-1 §5 (the rest). Unknown attributes say nothing and do no harm.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from asn1crypto import core

from signing.keys.der import INTEGER, NULL, OCTET_STRING, OID, SEQUENCE, SET, DerError, tlv
from signing.validation.ber import Element, as_der, der_fault, is_sorted, read_element
from signing.validation.certificate_parts import CertificateParts
from signing.validation.container_faults import ContainerFaultError
from signing.validation.digests import digest_of, dotted
from signing.validation.outline import name_key
from signing.validation.schemes import read_digest

_PKCS9, _AA = "1.2.840.113549.1.9.", "1.2.840.113549.1.9.16.2."
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = f"{_PKCS9}3", f"{_PKCS9}4", f"{_PKCS9}5"
ALGORITHM_PROTECTION: Final = f"{_PKCS9}52"
SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2 = f"{_AA}12", f"{_AA}47"
SIGNATURE_POLICY, COMMITMENT, SIGNER_LOCATION = f"{_AA}15", f"{_AA}16", f"{_AA}17"
SIGNER_ATTRIBUTES, SIGNER_ATTRIBUTES_V2 = f"{_AA}18", "0.4.0.19122.1.1"
SIGNATURE_TIMESTAMP, CONTENT_TIMESTAMP = f"{_AA}14", f"{_AA}20"
CERTIFICATE_VALUES, REVOCATION_VALUES = f"{_AA}23", f"{_AA}24"
COMPLETE_TIMESTAMP: Final = f"{_AA}25"
ARCHIVE_TIMESTAMPS_OLD: Final = frozenset({f"{_AA}27", f"{_AA}48"})
ARCHIVE_TIMESTAMP_V3: Final = "0.4.0.1733.2.4"
REVOCATION_ARCHIVAL: Final = "1.2.840.113583.1.1.8"
MAX_VALUES: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """A set of attributes."""

    element: Element | None
    items: tuple[tuple[str, tuple[Element, ...]], ...] = ()
    """Object identifier and values, in the order in which they were sent."""

    fault: str = ""
    """Why the set is not DER (RFC 5652 §5.3 demands it of signed attributes), or empty."""

    def values(self, *kinds: str) -> tuple[Element, ...]:
        """Every value of some kinds."""
        return tuple(value for kind, values in self.items if kind in kinds for value in values)[:MAX_VALUES]

    def count(self, *kinds: str) -> int:
        """How many attributes there are of some kinds."""
        return sum(kind in kinds for kind, _ in self.items)

    def one(self, kind: str) -> Element | None:
        """The one value of a kind that may stand once, or None.

        Raises:
            ContainerFaultError: it stands there twice, or with several values, or without one.
        """
        found = [values for name, values in self.items if name == kind]
        if not found:
            return None
        if len(found) > 1 or len(found[0]) != 1:
            raise ContainerFaultError(f"the attribute {kind} does not stand there exactly once")
        return found[0][0]

    def to_sign(self) -> bytes:
        """What is digested for the signature: the set in DER under its own tag (RFC 5652 §5.4).

        DER that was sent is taken as it was sent.
        """
        if self.element is None:
            return b""
        if not self.fault:
            return bytes([SET]) + self.element.raw[1:]
        return tlv(SET, *sorted(as_der(child) for child in self.element.children()))


def read_attributes(element: Element | None) -> Attributes:
    """Reads a set of attributes.

    Raises:
        DerError: it is none.
    """
    if element is None:
        return Attributes(element=None)
    children = element.children()
    fault = der_fault(element) or ("" if is_sorted(children) else "attributes out of order")
    items = []
    for child in children:
        kind, values = child.children()
        if child.tag != SEQUENCE or kind.tag != OID or values.tag != SET:
            raise DerError("not an attribute")
        inner = values.children()
        fault = fault or ("" if is_sorted(inner) else "values out of order")
        items.append((dotted(kind.content), tuple(inner)))
    return Attributes(element=element, items=tuple(items), fault=fault)


def attribute_fault(attributes: Attributes, *, content_type: str) -> str:
    """What is wrong with the two attributes that every signature with attributes has, or empty."""
    try:
        kind, digest = attributes.one(CONTENT_TYPE), attributes.one(MESSAGE_DIGEST)
    except ContainerFaultError as err:
        return str(err)
    if kind is None or kind.tag != OID or dotted(kind.content) != content_type:
        return "the signed content type is missing, or another one"
    if digest is None or digest.tag != OCTET_STRING:
        return "the message digest is missing"
    return ""


def binding_fault(attributes: Attributes, certificate: CertificateParts) -> str:
    """Why the signed reference to the signing certificate is not about this certificate, or empty.

    The first reference is the signer's (RFC 5035 §5.4.1.1); the others limit authorities.
    """
    try:
        old, new = attributes.one(SIGNING_CERTIFICATE), attributes.one(SIGNING_CERTIFICATE_V2)
        if old is not None and not _refers(old, certificate, "sha1"):
            return "the signed certificate is another one"
        if new is not None and not _refers(new, certificate, "sha256"):
            return "the signed certificate is another one"
    except ContainerFaultError as err:
        return str(err)
    except (ValueError, IndexError):  # DerError too
        return "the reference to the signing certificate does not decode"
    return ""


def _refers(value: Element, certificate: CertificateParts, default: str) -> bool:
    first = value.children()[0].children()[0]
    parts = first.children()
    algorithm = read_digest(parts.pop(0).raw) if parts[0].tag == SEQUENCE and len(parts) > 1 else default
    if parts[0].tag != OCTET_STRING or digest_of((certificate.der,), algorithm) != parts[0].content:
        return False
    if len(parts) == 1:
        return True
    names, serial = parts[1].children()
    named = [name_key(name.children()[0].raw) for name in names.children() if name.tag == 0xA4]  # noqa: PLR2004 - [4] directoryName
    return serial.tag == INTEGER and serial.content == certificate.serial and name_key(certificate.issuer) in named


def protection_fault(attributes: Attributes, digest: bytes, signature: bytes) -> str:
    """RFC 6211 §3: whether the signed names of the algorithms differ from those that are used, or empty."""
    try:
        value = attributes.one(ALGORITHM_PROTECTION)
        if value is None:
            return ""
        named_digest, *others = value.children()
        named = [tlv(SEQUENCE, one.content) for one in others if one.tag == 0xA1]  # noqa: PLR2004 - [1] signatureAlgorithm
    except ValueError as err:
        return str(err)
    same = _algorithm(named_digest.raw) == _algorithm(digest)
    if same and [_algorithm(one) for one in named] == [_algorithm(signature)]:
        return ""
    return "the signed algorithms are not those of the signature"


def _algorithm(data: bytes) -> tuple[bytes, bytes]:
    number, *parameters = read_element(data).children()
    return number.content, b"".join(one.raw for one in parameters if one.tag != NULL)


def signing_time(attributes: Attributes) -> datetime | None:
    """The time that the signer claims, or None."""
    for value in attributes.values(SIGNING_TIME)[:1]:
        return read_time(value)
    return None


def read_time(value: Element) -> datetime | None:
    """A UTCTime or GeneralizedTime; None for anything else."""
    try:
        kind = core.UTCTime if value.tag == core.UTCTime.tag else core.GeneralizedTime
        moment = kind.load(value.raw).native
        return moment.astimezone(UTC) if isinstance(moment, datetime) and moment.tzinfo else None
    except (ValueError, TypeError, OverflowError, AttributeError):
        return None


def policy_oid(attributes: Attributes) -> str | None:
    """The identifier of the signature policy; empty for an implied one; None: there is none."""
    for value in attributes.values(SIGNATURE_POLICY)[:1]:
        parts = value.children() if value.tag == SEQUENCE else []
        return dotted(parts[0].content) if parts and parts[0].tag == OID else ""
    return None
