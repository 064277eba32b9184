"""Clean files whose containers are in forms that cards, services and older programs give them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.attacks.cases import Cleans
from tests.attacks.raw_cms import (
    CERTIFICATE_V2,
    CONTENT_TYPE,
    DATA,
    HASHES,
    MESSAGE_DIGEST,
    SIGNED_DATA,
    TIMESTAMP_TOKEN,
    Signer,
    attribute,
    certificate_of,
    der,
    digest,
    integer,
    octets,
    oid,
    sequence,
    set_of,
)
from tests.attacks.raw_pdf import Draft, Stream
from tests.attacks.workshop import CATALOGUE, Workshop
from tests.fakes.small_pki import Authority

containers = Cleans("container")
_NULL = b"\x05\x00"
_ADBE_EVIDENCE, _CONTENT_STAMP, _COUNTER_SIGNATURE = (
    "1.2.840.113583.1.1.8", "1.2.840.113549.1.9.16.2.20", "1.2.840.113549.1.9.6",
)  # fmt: skip
_MASK, _PSS = "1.2.840.113549.1.1.8", "1.2.840.113549.1.1.10"
_PLAIN = {"/SubFilter": "/adbe.pkcs7.detached"}
Sign = Callable[[bytes], bytes]


def _nothing(_: bytes) -> Iterable[bytes]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Container:
    """A container of which every part can be given."""

    signer: Signer
    digest: str = "sha256"
    scheme: bytes | None = None
    sign: Sign | None = None
    certificates: tuple[bytes, ...] | None = None
    lists: tuple[bytes, ...] = ()
    is_named_by_key: bool = False
    signed: Callable[[bytes], Iterable[bytes]] = _nothing
    unsigned: Callable[[bytes], Iterable[bytes]] = _nothing
    digests: tuple[str, ...] = ()
    version: int = 1
    is_bound: bool = True

    def __call__(self, covered: bytes) -> bytes:
        own = sequence(oid(HASHES[self.digest]), _NULL)
        certificates = self.certificates or (self.signer.certificate, *self.signer.chain)
        lists = der(0xA1, *self.lists) if self.lists else b""
        return sequence(
            oid(SIGNED_DATA),
            der(0xA0, sequence(
                integer(self.version),
                set_of(own, *(sequence(oid(HASHES[name]), _NULL) for name in self.digests)),
                sequence(oid(DATA)),
                der(0xA0, *certificates),
                lists,
                der(0x31, self._info(covered, own)),
            )),
        )  # fmt: skip

    def _info(self, covered: bytes, own: bytes) -> bytes:
        attributes = [
            attribute(CONTENT_TYPE, oid(DATA)),
            attribute(MESSAGE_DIGEST, octets(digest(covered, self.digest))),
            *self.signed(covered),
        ]
        if self.is_bound:
            reference = sequence(octets(digest(self.signer.certificate, "sha256")))
            attributes.append(attribute(CERTIFICATE_V2, sequence(sequence(reference))))
        body = b"".join(sorted(attributes))
        message = der(0x31, body)
        value = self.sign(message) if self.sign else self.signer.sign(message, self.digest)
        beside = sorted(self.unsigned(value))
        return sequence(
            integer(3 if self.is_named_by_key else 1), self._name(), own, der(0xA0, body),
            self.scheme or self.signer.algorithm(self.digest), octets(value),
            der(0xA1, *beside) if beside else b"",
        )  # fmt: skip

    def _name(self) -> bytes:
        certificate = x509.load_der_x509_certificate(self.signer.certificate)
        if self.is_named_by_key:
            found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
            return der(0x80, found.value.digest)
        return sequence(certificate.issuer.public_bytes(), integer(certificate.serial_number))


def _add(
    name: str,
    made: Callable[[Workshop], Callable[[bytes], bytes]],
    levels: tuple[str, ...] = ("B-B",),
    entries: dict[str, str] | None = None,
) -> None:
    containers.add(
        name, lambda shop: shop.sign(cms=made(shop), entries=entries, octets=16_000), ("none",), levels
    )  # fmt: skip


# schemes
def _salted(salt: int, hashed: str = "sha256", masked: str = "sha256") -> Callable[[Workshop], Container]:
    """RSASSA-PSS; the length of salt is left out where it is the default (RFC 4055 §3.1: 20)."""

    def made(shop: Workshop) -> Container:
        signer = shop.signer("pss")
        assert isinstance(signer.key, rsa.RSAPrivateKey)
        content, mask = (getattr(hashes, name.upper())() for name in (hashed, masked))
        kinds = [sequence(oid(HASHES[name]), _NULL) for name in (hashed, masked)]
        length = () if salt == 20 else (der(0xA2, integer(salt)),)
        scheme = sequence(
            oid(_PSS), sequence(der(0xA0, kinds[0]), der(0xA1, sequence(oid(_MASK), kinds[1])), *length)
        )  # fmt: skip
        scheme_of = padding.PSS(padding.MGF1(mask), salt)
        return Container(
            signer=signer, digest=hashed, scheme=scheme, sign=lambda data: signer.key.sign(data, scheme_of, content)
        )

    return made


for _salt in (0, 20, 222):
    _add(f"salt_of_{_salt}", _salted(_salt))
_add("mask_with_another_digest", _salted(64, "sha512", "sha256"))
_add(
    "scheme_named_by_its_kind_of_key",
    lambda shop: Container(signer=shop.signer("rsa"), scheme=sequence(oid("1.2.840.113549.1.1.1"), _NULL)),
)


@containers()
def plain_value_of_an_elliptic_curve(shop: Workshop) -> Draft:
    """BSI TR-03111: both numbers side by side."""
    signer = shop.signer()

    def sign(data: bytes) -> bytes:
        numbers = decode_dss_signature(signer.key.sign(data, ec.ECDSA(hashes.SHA256())))
        return b"".join(number.to_bytes(32, "big") for number in numbers)

    scheme = sequence(oid("0.4.0.127.0.7.1.1.4.1.3"))
    return shop.sign(cms=Container(signer=signer, scheme=scheme, sign=sign))


# who signed, and what lies beside
_add("signer_named_by_the_key", lambda shop: Container(signer=shop.signer(), is_named_by_key=True, version=3))
_add("more_digests_named_than_used", lambda shop: Container(signer=shop.signer(), digests=("sha1", "sha512")))
_add("lists_inside", lambda shop: Container(signer=shop.signer(), lists=shop.evidence.crls))


def _renewed(shop: Workshop, old: Authority, parent: Authority | None) -> Authority:
    """The same authority with another key: its name stays."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = parent or Authority(old.name, key, None)  # type: ignore[arg-type]  # its own issuer
    end = shop.pki.at + timedelta(days=3650)
    return Authority(old.name, key, shop.pki.certificate(old.name, key.public_key(), issuer, ca=True, end=end))


_add(
    "renewed_authorities_beside",
    lambda shop: Container(
        signer=shop.signer(),
        certificates=(
            shop.signer().certificate, shop.pki.ca.der, _renewed(shop, shop.pki.ca, shop.pki.root).der,
            shop.pki.root.der, _renewed(shop, shop.pki.root, None).der,
        ),
    ),
)  # fmt: skip
_add(
    "authority_signed_by_a_renewed_root_too",
    lambda shop: Container(
        signer=shop.signer(),
        certificates=(
            shop.signer().certificate, shop.pki.ca.der, shop.pki.root.der,
            certificate_of(shop.pki.certificate(
                shop.pki.ca.name, shop.pki.ca.key.public_key(), _renewed(shop, shop.pki.root, None), ca=True
            )),
        ),
    ),
)  # fmt: skip


@containers("permitted")
def renewed_authority_beside_and_the_right_one_in_the_store(shop: Workshop) -> Draft:
    certificates = (shop.signer().certificate, _renewed(shop, shop.pki.ca, shop.pki.root).der)
    signed = shop.sign(cms=Container(signer=shop.signer(), certificates=certificates))
    number = signed.size
    store = f"<< /Certs [{number} 0 R] >>"
    return signed.revise({CATALOGUE: signed.changed(CATALOGUE, DSS=store), number: Stream(shop.pki.ca.der)})


# attributes
def _stamped(shop: Workshop, times: int) -> Callable[[bytes], Iterable[bytes]]:
    return lambda value: [attribute(TIMESTAMP_TOKEN, *(shop.token(value) for _ in range(times)))]


def _counter_signed(shop: Workshop) -> Callable[[bytes], Iterable[bytes]]:
    def beside(value: bytes) -> Iterable[bytes]:
        other: Any = shop.signer(name="Tran Thi Binh")
        certificate = x509.load_der_x509_certificate(other.certificate)
        body = attribute(MESSAGE_DIGEST, octets(digest(value, "sha256")))
        yield attribute(_COUNTER_SIGNATURE, sequence(
            integer(1), sequence(certificate.issuer.public_bytes(), integer(certificate.serial_number)),
            sequence(oid(HASHES["sha256"]), _NULL), der(0xA0, body), other.algorithm("sha256"),
            octets(other.sign(der(0x31, body), "sha256")),
        ))  # fmt: skip

    return beside


_add("two_time_stamps", lambda shop: Container(signer=shop.signer(), unsigned=_stamped(shop, 2)), ("B-T",))
_add("counter_signature", lambda shop: Container(signer=shop.signer(), unsigned=_counter_signed(shop)))
_add(
    "time_stamp_of_the_content",
    lambda shop: Container(
        signer=shop.signer(), signed=lambda covered: [attribute(_CONTENT_STAMP, shop.token(covered))],
        unsigned=_stamped(shop, 1),
    ),
    ("B-T",),
)  # fmt: skip
_add(
    "evidence_among_the_signed_attributes",
    lambda shop: Container(
        signer=shop.signer(), is_bound=False, unsigned=_stamped(shop, 1),
        signed=lambda _: [attribute(_ADBE_EVIDENCE, sequence(der(0xA0, sequence(*shop.evidence.crls))))],
    ),
    ("PKCS7-LT",),
    _PLAIN,
)  # fmt: skip
