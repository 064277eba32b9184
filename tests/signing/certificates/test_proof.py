"""A certification request from outside proves one key, or is refused with a code; nothing else of it is believed."""

import base64
import functools
import time
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AttributeOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.ca.proof import MAX_CSR_BYTES, check_csr
from signing.errors import CsrError, CsrKeyRefused, CsrMalformed, CsrProofWrong
from signing.keys import KeyKind
from signing.keys.der import BIT_STRING, INTEGER, NULL, SEQUENCE, SET, DerReader, integer, oid, tlv

ALL = tuple(KeyKind)
CHALLENGE = b"kb3e-7q2m"


@functools.cache
def key_of(kind: str) -> Any:
    makers: dict[str, Callable[[], Any]] = {
        "ec_p256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "ec_p384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "rsa_3072": lambda: rsa.generate_private_key(65537, 3072),
        "ml_dsa_65": mldsa.MLDSA65PrivateKey.generate,
        "secp256k1": lambda: ec.generate_private_key(ec.SECP256K1()),
        "brainpool": lambda: ec.generate_private_key(ec.BrainpoolP256R1()),
        "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
        "rsa_1024": lambda: rsa.generate_private_key(65537, 1024),  # noqa: S505 - too weak on purpose
        "rsa_2048": lambda: rsa.generate_private_key(65537, 2048),
        "rsa_4096": lambda: rsa.generate_private_key(65537, 4096),
        "rsa_e3": lambda: rsa.generate_private_key(3, 3072),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "dsa": lambda: dsa.generate_private_key(1024),  # noqa: S505 - too weak on purpose
    }
    return makers[kind]()


@functools.cache
def request(
    kind: str = "ec_p256",
    *,
    challenge: bytes | None = CHALLENGE,
    names: int = 0,
    digest: Any = None,
    pss: bool = False,
    subject: str = "Ai cũng được",
) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    )
    if challenge is not None:
        builder = builder.add_attribute(AttributeOID.CHALLENGE_PASSWORD, challenge)
    if names:
        wanted = x509.SubjectAlternativeName([x509.DNSName(f"{n}.vn") for n in range(names)])
        builder = builder.add_extension(wanted, critical=False)
    key = key_of(kind)
    undigested = isinstance(key, mldsa.MLDSA65PrivateKey | ed25519.Ed25519PrivateKey)
    extra = {"rsa_padding": padding.PSS(padding.MGF1(hashes.SHA256()), 32)} if pss else {}
    signed = builder.sign(key, None if undigested else (digest or hashes.SHA256)(), **extra)
    der: bytes = signed.public_bytes(Encoding.DER)
    return der


def spki(kind: str) -> bytes:
    der: bytes = key_of(kind).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return der


def pem(der: bytes, label: str = "CERTIFICATE REQUEST") -> bytes:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n".encode()


def refusal(csr: bytes, *, allowed: tuple[KeyKind, ...] = ALL, challenge: bytes | None = CHALLENGE) -> CsrError:
    with pytest.raises(CsrError) as caught:
        check_csr(csr, allowed=allowed, challenge=challenge)
    return caught.value


def rebuilt(der: bytes, change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    """The request with other parts (version, name, key, attributes), signature kept."""
    outer = DerReader(der).inside(SEQUENCE)
    info, rest = outer.inside(SEQUENCE), []
    parts = [info.element(INTEGER), info.element(SEQUENCE), info.element(SEQUENCE), info.element(0xA0)]
    rest = [outer.element(SEQUENCE), outer.element(BIT_STRING)]
    return tlv(SEQUENCE, tlv(SEQUENCE, *change(parts)), *rest)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("form", [bytes, pem, lambda der: pem(der, "NEW CERTIFICATE REQUEST")])
def test_a_request_proves_the_key_that_signed_it(kind: KeyKind, form: Callable[[bytes], bytes]) -> None:
    proven = check_csr(form(request(kind.value)), allowed=[kind], challenge=CHALLENGE)
    assert (proven.kind, proven.public_key_spki) == (kind, spki(kind.value))


@pytest.mark.parametrize("digest", [hashes.SHA384, hashes.SHA512])
@pytest.mark.parametrize(("kind", "pss"), [("ec_p256", False), ("rsa_3072", False), ("rsa_3072", True)])
def test_tokens_may_prove_with_any_strong_digest_and_either_rsa_padding(kind: str, pss: bool, digest: Any) -> None:  # noqa: FBT001 - a column of the table
    assert check_csr(request(kind, digest=digest, pss=pss), allowed=ALL, challenge=CHALLENGE).kind == kind


@pytest.mark.parametrize(
    "kind",
    ["secp256k1", "brainpool", "p521", "rsa_1024", "rsa_2048", "rsa_4096", "rsa_e3", "ed25519", "dsa"],
)
def test_a_key_that_we_do_not_certify_is_refused(kind: str) -> None:
    assert isinstance(refusal(request(kind)), CsrKeyRefused)


@pytest.mark.parametrize("kind", ALL)
def test_a_kind_that_the_profile_does_not_take_is_refused(kind: KeyKind) -> None:
    others = tuple(other for other in ALL if other is not kind)
    caught = refusal(request(kind.value), allowed=others)
    assert (type(caught), caught.code) == (CsrKeyRefused, "CSR_KEY_REFUSED")


def rsa_spki(modulus: int, exponent: int = 65537) -> bytes:
    key = tlv(SEQUENCE, integer(modulus), integer(exponent))
    return tlv(SEQUENCE, tlv(SEQUENCE, oid("1.2.840.113549.1.1.1"), tlv(NULL)), tlv(BIT_STRING, b"\x00", key))


def close_factors() -> int:
    """A product of two numbers that lie close together; that no small prime divides them is all that matters here."""
    primes = [n for n in range(2, 752) if all(n % d for d in range(2, int(n**0.5) + 1))]
    half = 3 << 1534
    found: list[int] = []
    while len(found) < 2:
        half += 1
        if all(half % prime for prime in primes):
            found.append(half)
    return found[0] * found[1]


def roca_modulus() -> int:
    """A number of 3,072 bits that is a power of 65537 modulo every small prime, as the faulty device made them."""
    primes = [n for n in range(3, 168) if all(n % d for d in range(2, n))]
    product = 2 * functools.reduce(lambda a, b: a * b, primes)
    number = 65537 % product
    return number + product * ((3 << 3070) // product)


@pytest.mark.parametrize(
    "make",
    [
        lambda: rsa_spki(key_of("rsa_3072").public_key().public_numbers().n // 751 * 751 | 1),
        lambda: rsa_spki((3 << 3070) // 105 * 105 + 105),
        lambda: rsa_spki(close_factors()),
        lambda: rsa_spki(roca_modulus()),
        lambda: rsa_spki(key_of("rsa_3072").public_key().public_numbers().n, 65536),
        lambda: rsa_spki(key_of("rsa_3072").public_key().public_numbers().n, (1 << 64) + 1),
    ],
    ids=["maybe-prime-751", "small-factors", "fermat", "roca", "even-exponent", "huge-exponent"],
)
def test_an_rsa_key_with_a_known_weakness_is_refused(
    make: Callable[[], bytes],
) -> None:
    weak = rebuilt(request("rsa_3072"), lambda parts: [parts[0], parts[1], make(), parts[3]])
    assert isinstance(refusal(weak), CsrKeyRefused | CsrProofWrong)


def test_weaknesses_of_rsa_are_told_apart_from_a_wrong_proof() -> None:
    weak = rebuilt(request("rsa_3072"), lambda parts: [*parts[:2], rsa_spki(roca_modulus()), parts[3]])
    assert isinstance(refusal(weak), CsrKeyRefused)
    weak = rebuilt(request("rsa_3072"), lambda parts: [*parts[:2], rsa_spki(close_factors()), parts[3]])
    assert isinstance(refusal(weak), CsrKeyRefused)


def test_a_key_in_another_encoding_is_refused() -> None:
    point = key_of("ec_p256").public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    curve = tlv(SEQUENCE, oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7"))
    compressed = tlv(SEQUENCE, curve, tlv(BIT_STRING, b"\x00", point))
    caught = refusal(rebuilt(request(), lambda parts: [*parts[:2], compressed, parts[3]]))
    assert isinstance(caught, CsrKeyRefused)


def test_a_point_that_is_not_on_the_curve_is_refused() -> None:
    curve = tlv(SEQUENCE, oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7"))
    stray = tlv(SEQUENCE, curve, tlv(BIT_STRING, b"\x00\x04" + b"\x01" * 64))
    assert isinstance(refusal(rebuilt(request(), lambda parts: [*parts[:2], stray, parts[3]])), CsrKeyRefused)


@pytest.mark.parametrize("kind", ["ec_p256", "rsa_3072", "ml_dsa_65"])
def test_a_request_signed_by_another_key_proves_nothing(kind: str) -> None:
    stranger = {"ec_p256": ec.generate_private_key(ec.SECP256R1())}.get(kind)
    other = spki(kind) if stranger is None else None
    if stranger is not None:
        other = stranger.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        csr = rebuilt(request(kind), lambda parts: [*parts[:2], other, parts[3]])
    else:  # the name was exchanged after signing
        csr = rebuilt(request(kind), lambda parts: [parts[0], tlv(SEQUENCE), *parts[2:]])
    caught = refusal(csr)
    assert (type(caught), caught.code) == (CsrProofWrong, "CSR_PROOF_WRONG")


def test_a_proof_under_sha1_is_worth_nothing() -> None:
    sha1 = bytes.fromhex("06082a8648ce3d040302").replace(bytes.fromhex("2a8648ce3d040302"), b"")
    assert sha1 == b"\x06\x08"
    der = request("rsa_3072").replace(oid("1.2.840.113549.1.1.11"), oid("1.2.840.113549.1.1.5"))
    assert isinstance(refusal(der), CsrProofWrong)


def test_an_unknown_signature_algorithm_is_a_wrong_proof() -> None:
    der = request("rsa_3072").replace(oid("1.2.840.113549.1.1.11"), oid("1.2.840.113549.1.1.99"))
    assert isinstance(refusal(der), CsrProofWrong)


@pytest.mark.parametrize("given", [None, b"", b"kb3e-7q2n", CHALLENGE + b"x", CHALLENGE[:-1]])
def test_an_older_request_cannot_be_used_again(given: bytes | None) -> None:
    assert isinstance(refusal(request(challenge=given)), CsrProofWrong)


def test_a_challenge_that_nobody_asked_for_is_ignored() -> None:
    assert check_csr(request(), allowed=ALL, challenge=None).kind is KeyKind.EC_P256
    assert check_csr(request(challenge=None), allowed=ALL, challenge=None).kind is KeyKind.EC_P256


CHALLENGE_OID = oid("1.2.840.113549.1.9.7")


@pytest.mark.parametrize(
    "attributes",
    [
        tlv(SEQUENCE, CHALLENGE_OID, tlv(SET, tlv(0x1E, CHALLENGE))),  # BMPString: other octets, same bytes
        tlv(SEQUENCE, CHALLENGE_OID, tlv(SET, tlv(0x0C, CHALLENGE), tlv(0x0C, b"zz"))),
        tlv(SEQUENCE, CHALLENGE_OID, tlv(SET)),
        tlv(SEQUENCE, CHALLENGE_OID, tlv(SET, tlv(0x0C, CHALLENGE))) * 2,
    ],
    ids=["other-type", "two-values", "no-value", "twice"],
)
def test_a_challenge_stands_exactly_once_as_a_text(attributes: bytes) -> None:
    csr = rebuilt(request(), lambda parts: [*parts[:3], tlv(0xA0, attributes)])
    assert isinstance(refusal(csr), CsrProofWrong | CsrMalformed)


def test_a_thousand_alternative_names_are_refused_and_a_few_are_ignored() -> None:
    assert isinstance(refusal(request(names=1000)), CsrMalformed)
    assert isinstance(refusal(request(names=21)), CsrMalformed)
    assert check_csr(request(names=20), allowed=ALL, challenge=CHALLENGE).public_key_spki == spki("ec_p256")


def test_too_many_attributes_are_refused() -> None:
    many = b"".join(tlv(SEQUENCE, oid(f"1.2.3.{n}"), tlv(SET, tlv(NULL))) for n in range(9))
    csr = rebuilt(request(), lambda parts: [*parts[:3], tlv(0xA0, many)])
    assert isinstance(refusal(csr), CsrMalformed)


def test_what_is_larger_than_any_request_is_not_even_parsed() -> None:
    began = time.process_time()
    assert isinstance(refusal(b"\x30\x84\x7f\xff\xff\xff" + b"\x30\x80" * 8_000_000), CsrMalformed)
    assert isinstance(refusal(b"A" * (MAX_CSR_BYTES + 1)), CsrMalformed)
    assert time.process_time() - began < 3


@pytest.mark.parametrize("csr", [b"", b"\x30", b"\x30\x80", b"\x30\x00", b"\x30\x03\x02\x01\x00", b"not a request"])
def test_what_is_no_request_is_refused(csr: bytes) -> None:
    caught = refusal(csr)
    assert (type(caught), caught.code) == (CsrMalformed, "CSR_MALFORMED")


def test_nothing_may_stand_behind_a_request() -> None:
    assert isinstance(refusal(request() + b"\x00"), CsrMalformed)
    assert isinstance(refusal(pem(request() + b"\x00")), CsrMalformed)
    assert isinstance(refusal(pem(request()) + pem(request())), CsrMalformed)
    assert isinstance(refusal(b"text\n" + pem(request())), CsrMalformed)
    assert isinstance(refusal(pem(request(), "CERTIFICATE")), CsrMalformed)
    assert isinstance(refusal(pem(request()).replace(b"NEW ", b"").replace(b"BEGIN ", b"BEGIN NEW ")), CsrMalformed)
    assert isinstance(refusal(pem(request())[:-60]), CsrMalformed)


def test_base64_that_others_read_differently_is_refused() -> None:
    good = pem(request())
    line = good.splitlines()[1]
    assert isinstance(refusal(good.replace(line, line[:-1] + b"=")), CsrMalformed)
    assert isinstance(refusal(good.replace(line, line[:-2] + b"*\n")), CsrMalformed)


def test_every_truncation_of_a_request_is_refused() -> None:
    der = request()
    for size in range(len(der)):
        assert isinstance(refusal(der[:size]), CsrMalformed)


def test_two_equal_extensions_in_a_request_are_refused() -> None:
    one = tlv(SEQUENCE, oid("2.5.29.15"), tlv(0x04, bytes.fromhex("03020780")))
    both = tlv(SEQUENCE, oid("1.2.840.113549.1.9.14"), tlv(SET, tlv(SEQUENCE, one, one)))
    csr = rebuilt(request(), lambda parts: [*parts[:3], tlv(0xA0, both)])
    assert isinstance(refusal(csr), CsrMalformed)


@pytest.mark.parametrize("name", [tlv(0x83, b"x"), tlv(0xA3, tlv(NULL)), tlv(0x86, b"\xff\xfe")])
def test_an_alternative_name_of_an_unknown_kind_is_refused(name: bytes) -> None:
    names = tlv(SEQUENCE, oid("2.5.29.17"), tlv(0x04, tlv(SEQUENCE, name)))
    asked = tlv(SEQUENCE, oid("1.2.840.113549.1.9.14"), tlv(SET, tlv(SEQUENCE, names)))
    csr = rebuilt(request(), lambda parts: [*parts[:3], tlv(0xA0, asked)])
    assert isinstance(refusal(csr), CsrMalformed)


@pytest.mark.parametrize("kind", ["ec_p256", "ml_dsa_65"])
@settings(max_examples=150)
@given(data=st.data())
def test_a_flipped_byte_never_makes_another_key_proven(kind: str, data: st.DataObject) -> None:
    der = bytearray(request(kind))
    for _ in range(data.draw(st.integers(1, 3))):
        der[data.draw(st.integers(0, len(der) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        proven = check_csr(bytes(der), allowed=ALL, challenge=CHALLENGE)
    except CsrError:
        return
    assert proven.public_key_spki == spki(kind)


@settings(max_examples=100)
@given(st.binary(max_size=400))
def test_no_bytes_make_it_crash(noise: bytes) -> None:
    refusal(noise)
    refusal(b"\x30" + noise)


def test_every_single_byte_matters() -> None:
    der = request()
    for at in range(len(der)):
        changed = bytearray(der)
        changed[at] ^= 1
        refusal(bytes(changed))
