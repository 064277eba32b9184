"""Certificates and lists that no decent library would make: every field is DER of the test's choice.

Independent of our own DER code on purpose. A `Plan` describes a certificate; `make` signs it. Everything has a default
that is right, so that a test changes the one thing that it is about. Keys are made once per process: a test names them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha1
from ipaddress import ip_network

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

AT = datetime(2026, 8, 5, 2, 0, tzinfo=UTC)
START, END = AT - timedelta(days=30), AT + timedelta(days=365)

Extension = tuple[str, bool, bytes]

BASIC, USAGE, SUBJECT_KEY, AUTHORITY_KEY = "2.5.29.19", "2.5.29.15", "2.5.29.14", "2.5.29.35"
ALTERNATIVE, CONSTRAINTS, PURPOSES, POLICIES = "2.5.29.17", "2.5.29.30", "2.5.29.37", "2.5.29.32"
MAPPINGS, POLICY_LIMITS, ANY_POLICY_LIMIT, ACCESS = "2.5.29.33", "2.5.29.36", "2.5.29.54", "1.3.6.1.5.5.7.1.1"
CRL_NUMBER, DISTRIBUTION, LIST_POINTS, DELTA = "2.5.29.20", "2.5.29.28", "2.5.29.31", "2.5.29.27"
ECDSA_SHA256, ECDSA_SHA384 = "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3"


def tlv(tag: int, *parts: bytes) -> bytes:
    """One element."""
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def seq(*parts: bytes) -> bytes:
    """A SEQUENCE."""
    return tlv(0x30, *parts)


def number(value: int) -> bytes:
    """An INTEGER."""
    return tlv(0x02, value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, "big", signed=True))


def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER."""
    first, second, *rest = map(int, dotted.split("."))
    body = bytearray()
    for one in (first * 40 + second, *rest):
        digits = [one & 0x7F]
        while one := one >> 7:
            digits.append(one & 0x7F | 0x80)
        body += bytes(reversed(digits))
    return tlv(0x06, bytes(body))


def utc(moment: datetime) -> bytes:
    """A UTCTime."""
    return tlv(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())


def generalized(moment: datetime) -> bytes:
    """A GeneralizedTime."""
    return tlv(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode())


def name(*pairs: tuple[str, str]) -> bytes:
    """A Name of single-valued relative names in UTF-8."""
    return seq(*(tlv(0x31, seq(oid(kind), tlv(0x0C, text.encode()))) for kind, text in pairs))


def common(text: str, *more: tuple[str, str]) -> bytes:
    """A Name below C=VN with a common name."""
    return name(("2.5.4.6", "VN"), *more, ("2.5.4.3", text))


@cache
def key(label: str) -> ec.EllipticCurvePrivateKey:
    """The key of that label."""
    return ec.generate_private_key(ec.SECP256R1())


def spki(label: str) -> bytes:
    """SubjectPublicKeyInfo of a labelled key."""
    return key(label).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def key_id(label: str) -> bytes:
    """The usual identifier of a labelled key."""
    point = key(label).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return sha1(point, usedforsecurity=False).digest()


def basic(path_length: int | None = None, *, critical: bool = True, ca: bool = True) -> Extension:
    """BasicConstraints."""
    parts = [tlv(0x01, b"\xff")] if ca else []
    parts += [] if path_length is None else [number(path_length)]
    return BASIC, critical, seq(*parts)


def usage(bits: int, *, critical: bool = True) -> Extension:
    """KeyUsage from the first eight bits, digitalSignature highest."""
    return USAGE, critical, tlv(0x03, b"\x00", bytes([bits]))


SIGN, CERT_SIGN, CRL_SIGN = 0x80, 0x04, 0x02


def subject_key(label: str, *, critical: bool = False) -> Extension:
    """SubjectKeyIdentifier."""
    return SUBJECT_KEY, critical, tlv(0x04, key_id(label))


def authority_key(label: str, *, critical: bool = False) -> Extension:
    """AuthorityKeyIdentifier by key."""
    return AUTHORITY_KEY, critical, seq(tlv(0x80, key_id(label)))


def dns(text: str) -> bytes:
    """A dNSName."""
    return tlv(0x82, text.encode())


def email(text: str) -> bytes:
    """An rfc822Name."""
    return tlv(0x81, text.encode())


def uri(text: str) -> bytes:
    """A uniformResourceIdentifier."""
    return tlv(0x86, text.encode())


def address(*octets: int) -> bytes:
    """An iPAddress."""
    return tlv(0x87, bytes(octets))


def network(text: str) -> bytes:
    """An iPAddress as a constraint has it."""
    net = ip_network(text)
    return tlv(0x87, net.network_address.packed, net.netmask.packed)


def directory(value: bytes) -> bytes:
    """A directoryName."""
    return tlv(0xA4, value)


def other_name(text: str = "x") -> bytes:
    """An otherName of a kind that nobody knows."""
    return tlv(0xA0, oid("1.3.6.1.4.1.32473.7"), tlv(0xA0, tlv(0x0C, text.encode())))


def alternatives(*names: bytes, critical: bool = False) -> Extension:
    """SubjectAltName."""
    return ALTERNATIVE, critical, seq(*names)


def constraints(permitted: Sequence[bytes] = (), excluded: Sequence[bytes] = (), *, critical: bool = True) -> Extension:
    """NameConstraints."""
    parts = [tlv(tag, *(seq(base) for base in bases)) for tag, bases in ((0xA0, permitted), (0xA1, excluded)) if bases]
    return CONSTRAINTS, critical, seq(*parts)


def policies(*dotted: str, critical: bool = False) -> Extension:
    """CertificatePolicies without qualifiers."""
    return POLICIES, critical, seq(*(seq(oid(one)) for one in dotted))


def mappings(*pairs: tuple[str, str], critical: bool = True) -> Extension:
    """PolicyMappings."""
    return MAPPINGS, critical, seq(*(seq(oid(one), oid(other)) for one, other in pairs))


def policy_limits(explicit: int | None = 0, *, critical: bool = True) -> Extension:
    """PolicyConstraints with requireExplicitPolicy."""
    return POLICY_LIMITS, critical, seq(*([] if explicit is None else [tlv(0x80, bytes([explicit]))]))


@dataclass(frozen=True, slots=True)
class Plan:
    """One certificate, field by field."""

    subject: bytes
    issuer: bytes
    own_key: str
    signing_key: str
    extensions: tuple[Extension, ...] = ()
    serial: bytes = number(0x1001)
    version: bytes = tlv(0xA0, number(2))
    start: bytes = utc(START)
    end: bytes = utc(END)
    spki: bytes | None = None
    inner_algorithm: str = ECDSA_SHA256
    outer_algorithm: str = ECDSA_SHA256
    loose_signature: bool = False
    """The signature's BIT STRING says that its last bit is not used; that bit is zero, so the value is the same."""

    def has(self, *extensions: Extension) -> "Plan":
        """With these extensions, in place of any of the same kind."""
        new = {extension[0] for extension in extensions}
        return replace(self, extensions=(*(e for e in self.extensions if e[0] not in new), *extensions))

    def without(self, *kinds: str) -> "Plan":
        """Without extensions of these kinds."""
        return replace(self, extensions=tuple(e for e in self.extensions if e[0] not in kinds))

    def but(self, **changes: object) -> "Plan":
        """With other fields."""
        return replace(self, **changes)

    @property
    def der(self) -> bytes:
        """The certificate."""
        return make(self)


def _extension(one: Extension) -> bytes:
    dotted, critical, value = one
    return seq(oid(dotted), tlv(0x01, b"\xff") if critical else b"", tlv(0x04, value))


@cache
def make(plan: Plan) -> bytes:
    """Signs a plan."""
    extensions = tlv(0xA3, seq(*map(_extension, plan.extensions))) if plan.extensions else b""
    tbs = seq(
        plan.version, plan.serial, seq(oid(plan.inner_algorithm)), plan.issuer, seq(plan.start, plan.end), plan.subject,
        plan.spki or spki(plan.own_key), extensions,
    )  # fmt: skip
    return _signed(tbs, plan.signing_key, plan.outer_algorithm, loose=plan.loose_signature)


def _signed(tbs: bytes, label: str, algorithm: str, *, loose: bool = False) -> bytes:
    signature = b"\x01"
    while signature[-1] & 1:
        signature = key(label).sign(tbs, ec.ECDSA(hashes.SHA256()))
        if not loose:
            break
    return seq(tbs, seq(oid(algorithm)), tlv(0x03, b"\x01" if loose else b"\x00", signature))


def serial_of(*labels: str) -> bytes:
    """A serial number that belongs to these labels."""
    return number(int.from_bytes(sha1("/".join(labels).encode(), usedforsecurity=False).digest()[:8], "big") | 1)


def root(label: str = "root", **fields: object) -> Plan:
    """A root that is right."""
    own = common(label)
    extensions = (basic(), usage(CERT_SIGN | CRL_SIGN), subject_key(label))
    return Plan(own, own, label, label, extensions, serial_of(label)).but(**fields)


def authority(parent: Plan, label: str = "ca", path_length: int | None = None, **fields: object) -> Plan:
    """A subordinate authority that is right."""
    extensions = (
        basic(path_length), usage(CERT_SIGN | CRL_SIGN), subject_key(label), authority_key(parent.own_key),
    )  # fmt: skip
    serial = serial_of(parent.own_key, label)
    return Plan(common(label), parent.subject, label, parent.own_key, extensions, serial).but(**fields)


def leaf(parent: Plan, label: str = "leaf", *names: bytes, **fields: object) -> Plan:
    """An end certificate that is right."""
    extensions = (
        usage(SIGN), subject_key(label), authority_key(parent.own_key),
        alternatives(*(names or (dns("a.example.vn"),))),
    )  # fmt: skip
    serial = serial_of(parent.own_key, label)
    return Plan(common(label), parent.subject, label, parent.own_key, extensions, serial).but(**fields)


@dataclass(frozen=True, slots=True)
class ListPlan:
    """One revocation list, field by field."""

    issuer: bytes
    signing_key: str
    revoked: tuple[bytes, ...] = ()
    """Entries, as `entry` makes them."""

    extensions: tuple[Extension, ...] = field(default=((CRL_NUMBER, False, number(1)),))
    version: bytes = number(1)
    this_update: bytes = utc(AT - timedelta(hours=1))
    next_update: bytes = utc(AT + timedelta(days=7))
    inner_algorithm: str = ECDSA_SHA256
    loose_signature: bool = False

    def but(self, **changes: object) -> "ListPlan":
        """With other fields."""
        return replace(self, **changes)

    @property
    def der(self) -> bytes:
        """The list."""
        entries = seq(*self.revoked) if self.revoked else b""
        extensions = tlv(0xA0, seq(*map(_extension, self.extensions))) if self.extensions else b""
        tbs = seq(
            self.version, seq(oid(self.inner_algorithm)), self.issuer, self.this_update, self.next_update, entries,
            extensions,
        )  # fmt: skip
        return _signed(tbs, self.signing_key, ECDSA_SHA256, loose=self.loose_signature)


def entry(serial: bytes, when: datetime = AT - timedelta(days=1), *extensions: Extension) -> bytes:
    """One revoked certificate."""
    more = seq(*map(_extension, extensions)) if extensions else b""
    return seq(serial, utc(when), more)


def list_of(issuer: Plan, *revoked: bytes, **fields: object) -> ListPlan:
    """A list by an authority that is right."""
    listed = ((CRL_NUMBER, False, number(1)), authority_key(issuer.own_key))
    return ListPlan(issuer.subject, issuer.own_key, revoked, listed).but(**fields)
