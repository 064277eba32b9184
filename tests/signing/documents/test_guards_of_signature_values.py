"""A signature value in a form of its own is none: octets that nobody looks at are room for a forgery."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.validation import VN_TT15_2025, Reason, Verdict, verify_pdf
from signing.validation.public_keys import read_public_key
from signing.validation.signature_values import digest_in
from tests.fakes import cms_builder as cms
from tests.fakes.cms_builder import NIST, NULL, RSA, Plan, identifier
from tests.fakes.odd_certificates import seq, tlv

PKIX = "1.3.6.1.5.5.7.6."
SHAKES = {"shake128": (hashes.SHAKE128, f"{PKIX}30", 32), "shake256": (hashes.SHAKE256, f"{PKIX}31", 64)}
INTACT = (True, Verdict.INDETERMINATE, Reason.STATUS_UNKNOWN)  # nothing but evidence about the leaf misses
WRONG = (False, Verdict.INVALID, Reason.SIGNATURE_VALUE_WRONG)
UNKNOWN = (None, Verdict.INDETERMINATE, Reason.ALGORITHM_UNKNOWN)


def answer(pki: Any, kind: str | cms.Signer, scheme: bytes, sign: Any, digest: str = "sha256") -> tuple[Any, ...]:
    """Integrity, verdict and reason of a small file that somebody with a key of this kind signed."""
    by = kind if isinstance(kind, cms.Signer) else cms.signer(pki, kind)
    pdf = cms.signed_pdf(Plan(by=by, digest=digest, scheme=scheme, sign=sign))
    report = verify_pdf(pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at + timedelta(minutes=5),
                        evidence=pki.evidence((pki.ca.der, pki.root.der)), compare_pages=False)  # fmt: skip
    (found,) = report.signatures
    return found.intact, found.verdict, found.reason


def powered(private: Any, block: int) -> bytes:
    """The bare RSA operation."""
    numbers = private.private_numbers()
    size = (private.key_size + 7) // 8
    return pow(block, numbers.d, numbers.public_numbers.n).to_bytes(size, "big")


def holding(info: Any) -> Any:
    """A value of PKCS #1 v1.5 with right padding around what `info` makes of the digest."""

    def sign(private: Any, data: bytes) -> bytes:
        inside = info(cms.digest("sha256", data))
        padding = b"\xff" * (private.key_size // 8 - len(inside) - 3)
        return powered(private, int.from_bytes(b"\0\1" + padding + b"\0" + inside, "big"))

    return sign


def long_length(digest: bytes) -> bytes:
    whole = seq(identifier(f"{NIST}2.1", NULL), tlv(0x04, digest))
    return b"\x30\x81" + whole[1:]


DIGEST_INFOS = {
    "as it should be": (lambda d: seq(identifier(f"{NIST}2.1", NULL), tlv(0x04, d)), INTACT),
    "a length that is longer than it need be": (long_length, WRONG),
    "something behind the digest, counted in": (
        lambda d: seq(identifier(f"{NIST}2.1", NULL), tlv(0x04, d), tlv(0x04, b"room")), WRONG,
    ),
    "something before the algorithm": (
        lambda d: seq(tlv(0x04, b"room"), identifier(f"{NIST}2.1", NULL), tlv(0x04, d)), WRONG,
    ),
    "the digest in another type": (lambda d: seq(identifier(f"{NIST}2.1", NULL), tlv(0x0C, d)), WRONG),
    "no digest": (lambda _: seq(identifier(f"{NIST}2.1", NULL)), WRONG),
    "no algorithm": (lambda d: seq(seq(), tlv(0x04, d)), WRONG),
    "a digest that nobody can compute": (lambda d: seq(identifier("1.2.3.4", NULL), tlv(0x04, d)), UNKNOWN),
}  # fmt: skip


@pytest.mark.parametrize("name", DIGEST_INFOS)
def test_a_digest_info_is_read_strictly_to_its_end(pki: Any, name: str) -> None:
    """CVE-2006-4339 and what came after it: RFC 8017 §8.2.2 compares the whole block."""
    info, expected = DIGEST_INFOS[name]
    assert answer(pki, "rsa2048", identifier(f"{RSA}11", NULL), holding(info)) == expected


def test_the_value_holds_the_digest_that_its_scheme_names(pki: Any) -> None:
    """Else a policy would judge another digest than the one that was signed."""
    scheme = identifier(f"{RSA}11", NULL)
    assert answer(pki, "rsa2048", scheme, cms.pkcs1("sha256")) == INTACT
    for other in ("sha1", "sha512"):
        assert answer(pki, "rsa2048", scheme, cms.pkcs1(other)) == WRONG


@pytest.mark.parametrize("kind", ["ed25519", "ed448"])
def test_a_digest_in_place_of_a_scheme_says_nothing_when_the_key_signs_no_digests(pki: Any, kind: str) -> None:
    scheme = identifier(f"{NIST}2.1")
    assert answer(pki, kind, scheme, lambda private, data: private.sign(data)) == UNKNOWN


def masked_block(
    name: str,
    private: Any,
    data: bytes,
    *,
    mark: int = 1,
    padding: int = 0,
    trailer: int = 0xBC,
    short: bool = False,
    over: bool = False,
    first: int = 0,
) -> int:
    """EMSA-PSS-ENCODE with SHAKE as the mask (RFC 8017 §9.1.1, RFC 8702 §3.2.1), with one thing wrong if wanted."""
    shake, _, size = SHAKES[name]

    def hashed(length: int, *parts: bytes) -> bytes:
        state = hashes.Hash(shake(length))
        for part in parts:
            state.update(part)
        return state.finalize()

    octets, modulus = private.key_size // 8, private.public_key().public_numbers().n
    for number in range(first, 256):
        salt = bytes([number]) * (1 if short else size)
        digested = hashed(size, bytes(8), hashed(size, data), salt)
        plain = bytearray(octets - size - 1 - len(salt) - 1) + bytes([mark]) + salt
        if not short:
            plain[1] = padding
        masked = bytearray(a ^ b for a, b in zip(plain, hashed(len(plain), digested), strict=True))
        masked[0] = masked[0] & 0x7F | (0x80 if over else 0)
        block = int.from_bytes(bytes(masked) + digested + bytes([trailer]), "big")
        if block < modulus:  # with the highest bit set it may not be, for this salt
            return block
    raise AssertionError("no salt fits")


@pytest.mark.parametrize("name", SHAKES)
@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({}, INTACT),
        ({"trailer": 0xBB}, WRONG),
        ({"mark": 2}, WRONG),
        ({"padding": 1}, WRONG),
        ({"over": True}, WRONG),
    ],
    ids=["right", "trailer", "mark before the salt", "padding", "a bit above the number's length"],
)
def test_a_block_of_pss_masked_with_shake_is_right_in_every_octet(
    pki: Any, name: str, wrong: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    def sign(private: Any, data: bytes) -> bytes:
        return powered(private, masked_block(name, private, data, **wrong))

    assert answer(pki, "rsa2048", identifier(SHAKES[name][1]), sign, name) == expected


def test_a_value_beyond_the_modulus_is_wrong_though_it_computes_the_same(pki: Any) -> None:
    """RFC 8017 §5.2.2 step 1: a value has one form."""
    keys = (rsa.generate_private_key(public_exponent=65537, key_size=1024) for _ in range(200))  # noqa: S505 - a short one is quick to make
    key = next(key for key in keys if key.public_key().public_numbers().n >> 1020 < 0xC)  # it leaves room
    certificate = pki.certificate(pki.ca.name, key.public_key(), pki.ca).public_bytes(Encoding.DER)
    by = cms.Signer(key, certificate, (pki.ca.der, pki.root.der))

    def sign(private: Any, data: bytes, more: int) -> bytes:
        modulus = private.public_key().public_numbers().n
        values = (powered(private, masked_block("shake128", private, data, first=n)) for n in range(256))
        numbers = (int.from_bytes(value, "big") + more * modulus for value in values)
        return next(number for number in numbers if number < 1 << 1024).to_bytes(128, "big")

    scheme = identifier(SHAKES["shake128"][1])
    found = [answer(pki, by, scheme, lambda *a, n=n: sign(*a, n), "shake128")[0] for n in (0, 1)]
    assert found == [True, False]


def test_a_key_too_short_for_the_salt_that_its_scheme_demands_signs_nothing_with_a_shorter_one(pki: Any) -> None:
    """RFC 8017 §9.1.2 step 3: 1024 bits have no room for two times 64 octets and the marks."""

    def sign(private: Any, data: bytes) -> bytes:
        return powered(private, masked_block("shake256", private, data, short=True))

    assert answer(pki, "rsa1024", identifier(SHAKES["shake256"][1]), sign, "shake256") == WRONG


def test_a_value_of_rsa_is_as_long_as_the_modulus_though_its_first_octet_is_zero() -> None:
    """RFC 8017 §8.2.2 step 1; the library computes with the number alone."""
    private = cms.key("rsa1024")
    public = read_public_key(private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    made = (cms.pkcs1("sha256")(private, bytes([n >> 8, n & 255])) for n in range(5_000))
    value = next(value for value in made if value[0] == 0)
    assert digest_in(public, value)[0] == "sha256"
    for other in (value[1:], b"\0" + value):
        with pytest.raises(InvalidSignature):
            digest_in(public, other)


PLAIN_SHA256 = "0.4.0.127.0.7.1.1.4.1.3"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda value: value, INTACT),
        (lambda value: value[:32] + b"\0" + value[32:], WRONG),
        (lambda value: value + b"\0", WRONG),
        (lambda value: value[:-1], WRONG),
    ],
    ids=["right", "a zero in between", "a zero behind", "cut"],
)
def test_both_halves_of_a_plain_value_are_as_long_as_the_order(
    pki: Any, change: Any, expected: tuple[Any, ...]
) -> None:
    """BSI TR-03111 §5.2.1."""
    assert answer(pki, "p256", identifier(PLAIN_SHA256), lambda *a: change(cms.plain("sha256")(*a))) == expected


def test_a_salt_that_the_key_has_no_room_for_is_a_wrong_value(pki: Any) -> None:
    scheme = cms.pss_identifier("sha256", salt=300)
    assert answer(pki, "rsa2048", scheme, cms.pss("sha256", salt=32)) == WRONG
