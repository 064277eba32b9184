"""Every signature algorithm that is met: integrity is told truthfully, the policy decides, nothing crashes."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.validation import VN_TT15_2025, Reason, Verdict, verify_pdf
from tests.fakes import cms_builder as cms
from tests.fakes.cms_builder import NIST, NULL, RSA, Plan, ecdsa, identifier, pkcs1, plain, pss, pss_identifier
from tests.fakes.odd_certificates import number, oid, seq, tlv

X962, BSI, PKIX = "1.2.840.10045.4.", "0.4.0.127.0.7.1.1.4.1.", "1.3.6.1.5.5.7.6."


def check(pki: Any, pdf: bytes) -> Any:
    report = verify_pdf(pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at + timedelta(minutes=5),
                        evidence=pki.evidence((pki.ca.der, pki.root.der)), compare_pages=False)  # fmt: skip
    assert len(report.signatures) == 1
    return report.signatures[0]


def shake_pss(kind: str, size: int) -> Any:
    """RSASSA-PSS with SHAKE (RFC 8702), by hand: no library at hand makes it."""
    shake = {"shake128": hashes.SHAKE128, "shake256": hashes.SHAKE256}[kind]

    def hashed(length: int, data: bytes) -> bytes:
        state = hashes.Hash(shake(length))
        state.update(data)
        return state.finalize()

    def sign(private: Any, data: bytes) -> bytes:
        numbers = private.private_numbers()
        modulus = numbers.public_numbers.n
        bits = modulus.bit_length() - 1
        octets = (bits + 7) // 8
        salt = b"\x5a" * size
        digested = hashed(size, bytes(8) + hashed(size, data) + salt)
        plain_block = bytes(octets - 2 * size - 2) + b"\x01" + salt
        mask = hashed(len(plain_block), digested)
        masked = bytearray(a ^ b for a, b in zip(plain_block, mask, strict=True))
        masked[0] &= 0xFF >> (8 * octets - bits)
        block = int.from_bytes(bytes(masked) + digested + b"\xbc", "big")
        return pow(block, numbers.d, modulus).to_bytes((modulus.bit_length() + 7) // 8, "big")

    return sign


GOOD: dict[str, tuple[str, str, bytes, Any]] = {
    # key, digest of the content, scheme, how to sign
    "RSA_SHA256": ("rsa2048", "sha256", identifier(f"{RSA}11", NULL), pkcs1("sha256")),
    "RSA_SHA512 named by the key": ("rsa2048", "sha512", identifier(f"{RSA}1", NULL), pkcs1("sha512")),
    "RSA_SHA256 named by the digest": ("rsa2048", "sha256", identifier(f"{NIST}2.1"), pkcs1("sha256")),
    "RSA_SHA512_256": ("rsa2048", "sha512_256", identifier(f"{RSA}16", NULL), pkcs1("sha512_256")),
    "RSA_SHA3_256": ("rsa2048", "sha3_256", identifier(f"{NIST}3.14", NULL), pkcs1("sha3_256")),
    "RSA_SHA3_512": ("rsa2048", "sha3_512", identifier(f"{NIST}3.16", NULL), pkcs1("sha3_512")),
    "RSASSA_PSS_SHA256": ("rsa2048", "sha256", pss_identifier("sha256", salt=32), pss("sha256", salt=32)),
    "RSASSA_PSS_SHA256 without salt": ("rsa2048", "sha256", pss_identifier("sha256", salt=0), pss("sha256", salt=0)),
    "RSASSA_PSS_SHA384": ("rsa2048", "sha384", pss_identifier("sha384", salt=48), pss("sha384", salt=48)),
    "RSASSA_PSS_SHA3_256": ("rsa2048", "sha3_256", pss_identifier("sha3_256", salt=32), pss("sha3_256", salt=32)),
    "RSASSA_PSS_SHAKE128": ("rsa2048", "shake128", identifier(f"{PKIX}30"), shake_pss("shake128", 32)),
    "RSASSA_PSS_SHAKE256": ("rsa2048", "shake256", identifier(f"{PKIX}31"), shake_pss("shake256", 64)),
    "ECDSA_SHA256": ("p256", "sha256", identifier(f"{X962}3.2"), ecdsa("sha256")),
    "ECDSA_SHA512 on a shorter curve": ("p256", "sha512", identifier(f"{X962}3.4"), ecdsa("sha512")),
    "ECDSA_SHA384": ("p384", "sha384", identifier(f"{X962}3.3"), ecdsa("sha384")),
    "ECDSA_SHA512": ("p521", "sha512", identifier(f"{X962}3.4"), ecdsa("sha512")),
    "ECDSA_SHA256 named by the key": ("p256", "sha256", identifier("1.2.840.10045.2.1"), ecdsa("sha256")),
    "ECDSA_SHA256 beside its digest": (
        "p256", "sha256", identifier(f"{X962}3", identifier(f"{NIST}2.1")), ecdsa("sha256"),
    ),
    "ECDSA_SHA3_256": ("p256", "sha3_256", identifier(f"{NIST}3.10"), ecdsa("sha3_256")),
    "ECDSA_SHA3_512": ("p256", "sha3_512", identifier(f"{NIST}3.12"), ecdsa("sha3_512")),
    "ECDSA_SHAKE128": ("p256", "shake128", identifier(f"{PKIX}32"), ecdsa("shake128")),
    "ECDSA_SHAKE256": ("p256", "shake256", identifier(f"{PKIX}33"), ecdsa("shake256")),
    "ECDSA_SHA256 on brainpool": ("brainpoolP256r1", "sha256", identifier(f"{X962}3.2"), ecdsa("sha256")),
    "ECDSA_SHA384 on brainpool": ("brainpoolP384r1", "sha384", identifier(f"{X962}3.3"), ecdsa("sha384")),
    "PLAIN_ECDSA_SHA256": ("brainpoolP256r1", "sha256", identifier(f"{BSI}3"), plain("sha256")),
    "PLAIN_ECDSA_SHA384": ("p384", "sha384", identifier(f"{BSI}4"), plain("sha384")),
    "PLAIN_ECDSA_SHA512 on 521 bits": ("p521", "sha512", identifier(f"{BSI}5"), plain("sha512")),
    "PLAIN_ECDSA_SHA3_256": ("p256", "sha3_256", identifier(f"{BSI}9"), plain("sha3_256")),
    "EDDSA_ED25519": ("ed25519", "sha512", identifier("1.3.101.112"), lambda k, data: k.sign(data)),
    "EDDSA_ED448": ("ed448", "shake256", identifier("1.3.101.113"), lambda k, data: k.sign(data)),
}  # fmt: skip
WEAK: dict[str, tuple[str, str, bytes, Any]] = {
    "RSA_SHA1": ("rsa2048", "sha1", identifier(f"{RSA}5", NULL), pkcs1("sha1")),
    "RSA_MD5": ("rsa2048", "md5", identifier(f"{RSA}4", NULL), pkcs1("md5")),
    "RSA_SHA224": ("rsa2048", "sha224", identifier(f"{RSA}14", NULL), pkcs1("sha224")),
    "RSA_SHA256 of 1024 bits": ("rsa1024", "sha256", identifier(f"{RSA}11", NULL), pkcs1("sha256")),
    "ECDSA_SHA1": ("p256", "sha1", identifier(f"{X962}1"), ecdsa("sha1")),
    "ECDSA_SHA256 of 192 bits": ("p192", "sha256", identifier(f"{X962}3.2"), ecdsa("sha256")),
    "RSASSA_PSS_SHA1 by default": ("rsa2048", "sha1", identifier(f"{RSA}10", seq()), pss("sha1", salt=20)),
    "RSASSA_PSS_SHA1 without a word": ("rsa2048", "sha1", identifier(f"{RSA}10"), pss("sha1", salt=20)),
    "RSASSA_PSS_SHA256 masked with SHA-1": (
        "rsa2048", "sha256", pss_identifier("sha256", mask="sha1", salt=32), pss("sha256", mask="sha1", salt=32),
    ),
    "DSA_SHA256": ("dsa", "sha256", identifier(f"{NIST}3.2"), lambda k, data: k.sign(data, hashes.SHA256())),
}  # fmt: skip


def planned(pki: Any, case: tuple[str, str, bytes, Any], **more: Any) -> Plan:
    kind, digest, scheme, sign = case
    return Plan(by=cms.signer(pki, kind), digest=digest, scheme=scheme, sign=sign, **more)


@pytest.mark.parametrize("name", GOOD)
def test_an_algorithm_of_the_list_is_verified(pki: Any, name: str) -> None:
    pdf = cms.signed_pdf(planned(pki, GOOD[name]))
    found = check(pki, pdf)
    assert (found.intact, found.reason) == (True, Reason.STATUS_UNKNOWN)  # nothing but evidence about the leaf misses
    assert found.signature_algorithm == name.partition(" ")[0]


@pytest.mark.parametrize("name", WEAK)
def test_a_weak_algorithm_is_intact_and_forbidden(pki: Any, name: str) -> None:
    found = check(pki, cms.signed_pdf(planned(pki, WEAK[name])))
    assert (found.intact, found.verdict, found.reason) == (True, Verdict.INVALID, Reason.ALGORITHM_FORBIDDEN)
    assert found.signature_algorithm == name.partition(" ")[0]


@pytest.mark.parametrize("name", [*GOOD, *WEAK])
def test_another_value_is_not_intact(pki: Any, name: str) -> None:
    kind, digest, scheme, sign = (GOOD | WEAK)[name]

    def damaged(private: Any, data: bytes) -> bytes:
        return sign(private, data + b"!")

    found = check(pki, cms.signed_pdf(planned(pki, (kind, digest, scheme, damaged))))
    assert (found.intact, found.verdict, found.reason) == (False, Verdict.INVALID, Reason.SIGNATURE_VALUE_WRONG)


@pytest.mark.parametrize("name", ["RSA_SHA256", "ECDSA_SHA256", "PLAIN_ECDSA_SHA256", "EDDSA_ED25519", "RSA_SHA1"])
def test_another_content_is_not_intact(pki: Any, name: str) -> None:
    pdf = cms.signed_pdf(planned(pki, (GOOD | WEAK)[name]))
    found = check(pki, pdf.replace(b"0 0 1 rg", b"1 0 0 rg"))
    assert (found.intact, found.reason) == (False, Reason.DOCUMENT_ALTERED)


@pytest.mark.parametrize("name", [name for name in GOOD if "by the digest" not in name])  # there the key decides
def test_a_scheme_that_the_key_cannot_make_is_not_intact(pki: Any, name: str) -> None:
    kind, digest, scheme, _ = GOOD[name]
    other = "p256" if kind.startswith("rsa") else "rsa2048"
    sign = (ecdsa if other == "p256" else pkcs1)("sha256")
    found = check(pki, cms.signed_pdf(planned(pki, (other, digest, scheme, sign))))
    assert (found.intact, found.verdict) == (False, Verdict.INVALID)


UNKNOWN = {
    "RIPEMD-128": ("sha256", identifier("1.3.36.3.3.1.3", NULL), None),
    "GOST": ("sha256", identifier("1.2.643.7.1.1.3.2"), None),
    "something": ("sha256", identifier("1.2.3.4"), None),
    "Whirlpool over the content": ("sha256", identifier(f"{RSA}11", NULL), identifier("1.0.10118.3.0.55")),
    "RIPEMD-128 over the content": ("sha256", identifier(f"{RSA}11", NULL), identifier("1.3.36.3.2.2", NULL)),
    "another mask": ("sha256", identifier(f"{RSA}10", seq(tlv(0xA1, identifier("1.2.3")))), None),
    "another trailer": ("sha256", identifier(f"{RSA}10", seq(tlv(0xA3, number(2)))), None),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_algorithm_leaves_everything_open(pki: Any, name: str) -> None:
    digest, scheme, own = UNKNOWN[name]
    plan = planned(pki, ("rsa2048", digest, scheme, pkcs1("sha256")), digest_identifier=own)
    found = check(pki, cms.signed_pdf(plan))
    assert (found.intact, found.verdict, found.reason) == (None, Verdict.INDETERMINATE, Reason.ALGORITHM_UNKNOWN)


def test_parameters_of_pss_that_do_not_decode_are_a_malformed_signature(pki: Any) -> None:
    scheme = identifier(f"{RSA}10", seq(tlv(0xA2, number(-1))))
    found = check(pki, cms.signed_pdf(planned(pki, ("rsa2048", "sha256", scheme, pkcs1("sha256")))))
    assert (found.verdict, found.reason) == (Verdict.INVALID, Reason.SIGNATURE_MALFORMED)


@pytest.mark.parametrize("salt", [31, 33, 65_000 // 2])
def test_another_salt_than_that_of_the_parameters_is_not_intact(pki: Any, salt: int) -> None:
    case = ("rsa2048", "sha256", pss_identifier("sha256", salt=salt), pss("sha256", salt=32))
    assert check(pki, cms.signed_pdf(planned(pki, case))).intact is False


def test_a_scheme_that_names_another_digest_than_the_signature_is_intact_but_never_valid(pki: Any) -> None:
    case = ("rsa2048", "sha512", identifier(f"{RSA}11", NULL), pkcs1("sha256"))
    found = check(pki, cms.signed_pdf(planned(pki, case)))
    assert (found.intact, found.verdict) == (True, Verdict.INDETERMINATE)
    mixed = check(
        pki, cms.signed_pdf(planned(pki, ("rsa2048", "sha256", identifier(f"{RSA}5", NULL), pkcs1("sha256"))))
    )
    assert (mixed.intact, mixed.reason) == (True, Reason.ALGORITHM_FORBIDDEN)  # its name is SHA-1's


def forged_value(inside: bytes) -> Any:
    """An RSA value that holds these octets behind right padding."""

    def sign(private: Any, _: bytes) -> bytes:
        numbers = private.private_numbers()
        size = (private.key_size + 7) // 8
        block = b"\0\1" + b"\xff" * (size - len(inside) - 3) + b"\0" + inside
        return pow(int.from_bytes(block, "big"), numbers.d, numbers.public_numbers.n).to_bytes(size, "big")

    return sign


def info_of(*algorithm: bytes, behind: bytes = b"") -> Any:
    def sign(private: Any, data: bytes) -> bytes:
        info = seq(seq(*algorithm), tlv(0x04, cms.digest("sha256", data))) + behind
        return forged_value(info)(private, data)

    return sign


def test_a_digest_info_without_parameters_is_accepted_and_nothing_else(pki: Any) -> None:
    """RFC 8017 §A.2.4: NULL or absent; anything more is room for a forgery (CVE-2006-4339)."""
    own = oid(f"{NIST}2.1")

    def intact(sign: Any) -> bool | None:
        return check(pki, cms.signed_pdf(planned(pki, ("rsa2048", "sha256", identifier(f"{RSA}11"), sign)))).intact

    assert intact(info_of(own)) is True
    assert intact(info_of(own, NULL)) is True
    assert intact(info_of(own, tlv(0x04, b"junk"))) is False
    assert intact(info_of(own, NULL, behind=b"junk")) is False
    assert intact(info_of(oid(f"{NIST}2.2"), NULL)) is False
    assert intact(forged_value(b"nothing")) is False


def odd_key(pki: Any, spki: bytes, sign: Any = None) -> Any:
    by = cms.signer(pki, "rsa2048")
    odd = cms.Signer(by.key, cms.with_key(pki, by.certificate, spki), by.chain)
    return check(pki, cms.signed_pdf(Plan(by=odd, scheme=identifier(f"{RSA}11", NULL), sign=sign or pkcs1("sha256"))))


def rsa_key(modulus: int, exponent: int) -> bytes:
    return seq(identifier(f"{RSA}1", NULL), tlv(0x03, b"\0", seq(number(modulus), number(exponent))))


def test_a_modulus_written_as_a_negative_number_is_read_as_it_was_meant(pki: Any) -> None:
    found = odd_key(pki, cms.negative(cms.key("rsa2048").public_key()))
    assert (found.intact, found.reason) == (True, Reason.STATUS_UNKNOWN)
    assert len(found.chain) == 3
    assert found.common_name == "Nguyễn Văn Bình"


@pytest.mark.parametrize(
    ("modulus", "exponent"),
    [
        (2**2047 + 1, 1),
        (2**2047 + 1, 2),
        (2**2047 + 2, 3),
        (15, 3),
        (2**20000 + 1, 3),
        (2**2047 + 1, 2**70 + 1),
        (0, 3),
    ],
    ids=["exponent 1", "exponent 2", "even modulus", "tiny", "huge", "long exponent", "zero"],
)
def test_numbers_that_are_no_key_are_unknown_and_cost_nothing(pki: Any, modulus: int, exponent: int) -> None:
    found = odd_key(pki, rsa_key(modulus, exponent))
    assert found.verdict is not Verdict.VALID
    assert found.intact is not True


def test_the_largest_keys_are_computed_with(pki: Any) -> None:
    found = odd_key(pki, rsa_key(2**16383 + 1, 65537))
    assert found.intact is False


@pytest.mark.parametrize(
    "spki",
    [
        seq(identifier("1.2.840.10045.2.1", oid("1.3.36.3.3.2.8.1.1.9")), tlv(0x03, b"\0", b"\4" + bytes(80))),
        seq(identifier("1.2.840.10045.2.1"), tlv(0x03, b"\0", b"\4" + bytes(64))),
        seq(identifier("1.2.840.10045.2.1", seq(number(1), seq())), tlv(0x03, b"\0", b"\4" + bytes(64))),
        seq(identifier("1.2.840.10040.4.1"), tlv(0x03, b"\0", number(5))),
        seq(identifier("1.2.3.4"), tlv(0x03, b"\0", b"key")),
        seq(identifier("1.3.101.112"), tlv(0x03, b"\0", b"short")),
    ],
)
def test_a_key_that_nobody_can_compute_with_is_unknown(pki: Any, spki: bytes) -> None:
    found = odd_key(pki, spki)
    assert (found.intact, found.reason) == (None, Reason.ALGORITHM_UNKNOWN)


def test_compressed_points_and_the_identifiers_of_bsi_are_read(pki: Any) -> None:
    public = cms.key("p256").public_key()
    point = public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    for kind in ("1.2.840.10045.2.1", "0.4.0.127.0.7.1.1.2.2.1"):
        spki = seq(identifier(kind, oid("1.2.840.10045.3.1.7")), tlv(0x03, b"\0", point))
        by = cms.signer(pki, "p256")
        odd = cms.Signer(by.key, cms.with_key(pki, by.certificate, spki), by.chain)
        assert check(pki, cms.signed_pdf(Plan(by=odd))).intact is True


def test_a_value_of_another_length_is_not_intact(pki: Any) -> None:
    for name in ("RSA_SHA256", "PLAIN_ECDSA_SHA256", "EDDSA_ED25519", "RSASSA_PSS_SHAKE128"):
        kind, digest, scheme, sign = GOOD[name]
        for cut in (lambda v: v + b"\0", lambda v: b"\0" + v, lambda v: v[:-1], lambda _: b""):
            case = (kind, digest, scheme, lambda k, data, sign=sign, cut=cut: cut(sign(k, data)))
            assert check(pki, cms.signed_pdf(planned(pki, case))).intact is False
