"""Signature containers of a test's own choice (any algorithm, encoding, attribute), and small PDF files around them.

Independent of the code under test on purpose: elements are written by hand, signatures made with cryptography. A `Plan`
describes a container; every field has a default that is right, so that a test changes the one thing that it is about.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from asn1crypto import parser, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.fakes import sample_pdf
from tests.fakes.odd_certificates import generalized, number, oid, seq, tlv

NIST, RSA = "2.16.840.1.101.3.4.", "1.2.840.113549.1.1."
DIGESTS: dict[str, tuple[str, hashes.HashAlgorithm]] = {
    "md5": ("1.2.840.113549.2.5", hashes.MD5()),  # noqa: S303 - to be refused
    "sha1": ("1.3.14.3.2.26", hashes.SHA1()),  # noqa: S303 - to be refused
    "sha224": (f"{NIST}2.4", hashes.SHA224()),
    "sha256": (f"{NIST}2.1", hashes.SHA256()),
    "sha384": (f"{NIST}2.2", hashes.SHA384()),
    "sha512": (f"{NIST}2.3", hashes.SHA512()),
    "sha512_256": (f"{NIST}2.6", hashes.SHA512_256()),
    "sha3_224": (f"{NIST}2.7", hashes.SHA3_224()),
    "sha3_256": (f"{NIST}2.8", hashes.SHA3_256()),
    "sha3_384": (f"{NIST}2.9", hashes.SHA3_384()),
    "sha3_512": (f"{NIST}2.10", hashes.SHA3_512()),
    "shake128": (f"{NIST}2.11", hashes.SHAKE128(32)),
    "shake256": (f"{NIST}2.12", hashes.SHAKE256(64)),
}
NULL = b"\x05\x00"
DATA, SIGNED_DATA = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = (f"1.2.840.113549.1.9.{n}" for n in (3, 4, 5))
SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2 = (f"1.2.840.113549.1.9.16.2.{n}" for n in (12, 47))
TOKEN, POLICY = (f"1.2.840.113549.1.9.16.2.{n}" for n in (14, 15))
ARCHIVAL = "1.2.840.113583.1.1.8"


def digest(name: str, *parts: bytes) -> bytes:
    """A digest by its name."""
    state = hashes.Hash(DIGESTS[name][1])
    for part in parts:
        state.update(part)
    return state.finalize()


def identifier(dotted: str, *parameters: bytes) -> bytes:
    """An AlgorithmIdentifier."""
    return seq(oid(dotted), *parameters)


def attribute(kind: str, *values: bytes) -> bytes:
    """An Attribute."""
    return seq(oid(kind), tlv(0x31, *values))


@cache
def key(kind: str) -> Any:
    """The private key of a kind, once per process: 'rsa2048', 'p256', 'brainpoolP256r1', 'ed25519'."""
    curves = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1(), "p192": ec.SECP192R1()}
    curves |= {c.name: c for c in (ec.BrainpoolP256R1(), ec.BrainpoolP384R1(), ec.BrainpoolP512R1(), ec.SECP256K1())}
    if kind in curves:
        return ec.generate_private_key(curves[kind])
    if kind.startswith("rsa"):
        return rsa.generate_private_key(public_exponent=65537, key_size=int(kind[3:]))
    return (
        {"ed25519": ed25519.Ed25519PrivateKey, "ed448": ed448.Ed448PrivateKey}[kind].generate()
        if (kind != "dsa")
        else dsa.generate_private_key(2048)
    )


Sign = Callable[[Any, bytes], bytes]


def pkcs1(name: str) -> Sign:
    """RSASSA-PKCS1-v1_5."""
    return lambda k, data: k.sign(data, padding.PKCS1v15(), DIGESTS[name][1])


def pss(name: str, *, mask: str = "", salt: int = 20) -> Sign:
    """RSASSA-PSS."""
    form = padding.PSS(padding.MGF1(DIGESTS[mask or name][1]), salt)
    return lambda k, data: k.sign(data, form, DIGESTS[name][1])


def ecdsa(name: str) -> Sign:
    """ECDSA in the form of X9.62."""
    return lambda k, data: k.sign(data, ec.ECDSA(DIGESTS[name][1]))


def plain(name: str) -> Sign:
    """ECDSA as r and s side by side."""

    def sign(private: Any, data: bytes) -> bytes:
        size = (private.curve.key_size + 7) // 8
        return b"".join(n.to_bytes(size, "big") for n in utils.decode_dss_signature(ecdsa(name)(private, data)))

    return sign


def pss_identifier(name: str, *, mask: str = "", salt: int = 20) -> bytes:
    """AlgorithmIdentifier of RSASSA-PSS with everything said."""
    inner = identifier(DIGESTS[mask or name][0])
    mgf = seq(oid(f"{RSA}8"), inner)
    return identifier(f"{RSA}10", seq(tlv(0xA0, identifier(DIGESTS[name][0])), tlv(0xA1, mgf), tlv(0xA2, number(salt))))


@dataclass(frozen=True)
class Signer:
    """Somebody with a certificate."""

    key: Any
    certificate: bytes
    chain: tuple[bytes, ...] = ()


@cache
def _named(cn: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, cn)])


def signer(pki: Any, kind: str, *, cn: str = "Nguyễn Văn Bình") -> Signer:
    """Somebody under the infrastructure's authority."""
    private = key(kind)
    made = pki.certificate(_named(cn), private.public_key(), pki.ca)
    return Signer(private, made.public_bytes(Encoding.DER), (pki.ca.der, pki.root.der))


def parts_of(der: bytes) -> list[bytes]:
    """The elements inside an element, as they stand there."""
    content, found = parser.parse(der)[4], []
    while content:
        size = len(content) - len(_rest(content))
        found.append(content[:size])
        content = content[size:]
    return found


def _rest(data: bytes) -> bytes:
    return data[parser.peek(data) :]


def with_key(pki: Any, certificate: bytes, spki: bytes) -> bytes:
    """The same certificate for another key, signed anew by the issuing authority."""
    tbs, algorithm, _ = parts_of(certificate)
    inner = parts_of(tbs)
    inner[6] = spki
    body = seq(*inner)
    return seq(body, algorithm, tlv(0x03, b"\x00", pki.ca.key.sign(body, ec.ECDSA(hashes.SHA256()))))


def negative(public: rsa.RSAPublicKey) -> bytes:
    """SubjectPublicKeyInfo whose modulus forgot its sign octet, as on real identity cards."""
    numbers = public.public_numbers()
    modulus = tlv(0x02, numbers.n.to_bytes((public.key_size + 7) // 8, "big"))
    return seq(identifier(f"{RSA}1", NULL), tlv(0x03, b"\x00", seq(modulus, number(numbers.e))))


def token(pki: Any, data: bytes) -> bytes:
    """A time-stamp of the infrastructure over some data."""
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest("sha256", data)}
    request = tsp.TimeStampReq({"version": "v1", "cert_req": True, "message_imprint": imprint})
    return bytes(tsp.TimeStampResp.load(pki.stamp(request.dump()))["time_stamp_token"].dump())


@dataclass(frozen=True)
class Plan:
    """A container."""

    by: Signer
    digest: str = "sha256"
    scheme: bytes = identifier("1.2.840.10045.4.3.2")
    sign: Sign = field(default_factory=lambda: ecdsa("sha256"))
    digest_identifier: bytes | None = None
    content_type: str = DATA
    content: bytes | None = None
    """What is encapsulated."""

    bind: str = "v2"
    """'v2', 'v1', or empty: no reference to the signing certificate."""

    bound: bytes | None = None
    """The certificate that the reference is about."""

    attributes: bool = True
    signed: tuple[bytes, ...] = ()
    """More signed attributes."""

    without: tuple[str, ...] = ()
    """Signed attributes that are left out."""

    unsigned: Callable[[bytes], tuple[bytes, ...]] | None = None
    """Unsigned attributes by the signature value."""

    certificates: tuple[bytes, ...] | None = None
    lists: tuple[bytes, ...] = ()
    version: int = 1
    in_order: bool = True
    indefinite: bool = False
    """BER around the signed attributes: indefinite lengths, strings in pieces."""

    encode_attributes: Callable[[list[bytes]], bytes] | None = None
    """Content of the set as it is sent; what is signed stays DER."""

    signs_as_sent: bool = False
    by_key: bytes | None = None
    """Names the signer by this key identifier."""

    signers: int = 1


def _attributes(plan: Plan, content_digest: bytes) -> list[bytes]:
    found = {
        CONTENT_TYPE: attribute(CONTENT_TYPE, oid(plan.content_type)),
        MESSAGE_DIGEST: attribute(MESSAGE_DIGEST, tlv(0x04, content_digest)),
    }
    bound = plan.bound or plan.by.certificate
    if plan.bind == "v2":
        found[SIGNING_CERTIFICATE_V2] = attribute(
            SIGNING_CERTIFICATE_V2, seq(seq(seq(tlv(0x04, digest("sha256", bound)))))
        )
    elif plan.bind == "v1":
        found[SIGNING_CERTIFICATE] = attribute(SIGNING_CERTIFICATE, seq(seq(seq(tlv(0x04, digest("sha1", bound))))))
    return [value for kind, value in found.items() if kind not in plan.without] + list(plan.signed)


def _constructed(tag: int, *parts: bytes, indefinite: bool) -> bytes:
    return bytes([tag, 0x80]) + b"".join(parts) + b"\0\0" if indefinite else tlv(tag, *parts)


def container(plan: Plan, content: bytes, *, infos: tuple[bytes, ...] | None = None) -> bytes:
    """The container over some content, with the plan's signers or with given ones."""
    infos = (signer_info(plan, content),) * plan.signers if infos is None else infos
    digest_identifier = plan.digest_identifier or identifier(DIGESTS[plan.digest][0])

    def put(tag: int, *parts: bytes) -> bytes:
        return _constructed(tag, *parts, indefinite=plan.indefinite)

    certificates = (plan.by.certificate, *plan.by.chain) if plan.certificates is None else plan.certificates
    inside = [] if plan.content is None else [put(0xA0, _octets(plan.content, pieces=plan.indefinite))]
    body = [
        number(plan.version), tlv(0x31, digest_identifier), put(0x30, oid(plan.content_type), *inside),
        *([put(0xA0, *certificates)] if certificates else []), *([put(0xA1, *plan.lists)] if plan.lists else []),
        put(0x31, *infos),
    ]  # fmt: skip
    return put(0x30, oid(SIGNED_DATA), put(0xA0, put(0x30, *body)))


def _octets(data: bytes, *, pieces: bool) -> bytes:
    if not pieces:
        return tlv(0x04, data)
    half = len(data) // 2
    return _constructed(0x24, tlv(0x04, data[:half]), tlv(0x04, data[half:]), indefinite=True)


def signer_info(plan: Plan, content: bytes) -> bytes:
    """One SignerInfo."""
    told = plan.content if plan.content is not None else content
    signed = b""
    to_sign = told
    if plan.attributes:
        attributes = _attributes(plan, digest(plan.digest, told))
        attributes = sorted(attributes) if plan.in_order else sorted(attributes, reverse=True)
        to_sign = tlv(0x31, *sorted(attributes))
        sent = plan.encode_attributes(attributes) if plan.encode_attributes else b"".join(attributes)
        signed = tlv(0xA0, sent)
        if plan.signs_as_sent:
            to_sign = tlv(0x31, sent)
    value = plan.sign(plan.by.key, to_sign)
    unsigned = plan.unsigned(value) if plan.unsigned else ()
    tbs = parts_of(parts_of(plan.by.certificate)[0])
    named = seq(tbs[3], tbs[1]) if plan.by_key is None else tlv(0x80, plan.by_key)
    return seq(
        number(1 if plan.by_key is None else 3), named,
        plan.digest_identifier or identifier(DIGESTS[plan.digest][0]), signed, plan.scheme,
        tlv(0x04, value), tlv(0xA1, *unsigned) if unsigned else b"",
    )  # fmt: skip


_RANGE = b"[0 0000000000 0000000000 0000000000]"


def pdf_around(
    make: Callable[[bytes], bytes],
    *,
    sub_filter: bytes = b"ETSI.CAdES.detached",
    extra: bytes = b"/M (D:20260805090000+07'00')",
    room: int = 12_000,
) -> bytes:
    """A small file with one signature over everything else: `make` gets the byte range and gives the container."""
    hole = b"<" + b"0" * (2 * room) + b">"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] /SigFlags 3 >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << >> /Annots [5 0 R] >>",
        b"<< /Length 30 >>\nstream\n0 0 1 rg 20 20 100 50 re f     \nendstream",
        b"<< /FT /Sig /T (Signature1) /Type /Annot /Subtype /Widget /F 132 /Rect [0 0 0 0] /P 3 0 R /V 6 0 R >>",
        b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /%s %s /ByteRange %s /Contents %s >>"
        % (sub_filter, extra, _RANGE, hole),
    ]
    whole = sample_pdf.assembled(objects)
    start = whole.index(hole)
    end = start + len(hole)
    numbers = b"[0 %10d %10d %10d]" % (start, end, len(whole) - end)
    whole = whole.replace(_RANGE, numbers.ljust(len(_RANGE)))
    value = make(whole[:start] + whole[end:])
    return whole[:start] + b"<" + value.hex().upper().encode().ljust(2 * room, b"0") + b">" + whole[end:]


def signed_pdf(plan: Plan, **form: Any) -> bytes:
    """A small file signed after a plan."""
    return pdf_around(lambda content: container(plan, content), **form)


def encapsulated_pdf(plan: Plan, **form: Any) -> bytes:
    """A small file of the kind adbe.pkcs7.sha1."""
    return pdf_around(
        lambda content: container(replace(plan, content=digest("sha1", content)), content),
        sub_filter=b"adbe.pkcs7.sha1", **form,
    )  # fmt: skip


def bare_pdf(by: Signer, name: str = "sha1", *, as_array: bool = True) -> bytes:
    """A small file of the kind adbe.x509.rsa_sha1."""
    strings = [b"<" + der.hex().encode() + b">" for der in (by.certificate, *by.chain)]
    cert = b"/Cert [%s]" % b" ".join(strings) if as_array else b"/Cert %s" % strings[0]
    return pdf_around(
        lambda content: tlv(0x04, pkcs1(name)(by.key, content)), sub_filter=b"adbe.x509.rsa_sha1", extra=cert
    )


_PKCS1 = {"md5": 4, "sha1": 5, "sha224": 14, "sha256": 11}


def clock(pki: Any, certificate: bytes | None = None) -> Signer:
    """The infrastructure's time-stamp authority; with another certificate for its key, if one is given."""
    own, private = pki._tsa
    return Signer(private, certificate or own.public_bytes(Encoding.DER), (pki.ca.der,))


def token_by(by: Signer, data: bytes, at: datetime, *, imprint: str = "sha256", signature: str = "sha256") -> bytes:
    """A time-stamp by somebody with an RSA key, with digests of a test's choice."""
    info = seq(
        number(1), oid("1.2.3"), seq(identifier(DIGESTS[imprint][0]), tlv(0x04, digest(imprint, data))), number(7),
        generalized(at),
    )  # fmt: skip
    plan = Plan(
        by=by, digest=signature, scheme=identifier(f"{RSA}{_PKCS1[signature]}", NULL), sign=pkcs1(signature),
        content_type="1.2.840.113549.1.9.16.1.4", content=info, version=3,
    )  # fmt: skip
    return container(plan, b"")
