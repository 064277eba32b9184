"""A container whose parts are not what they should be is none, also when every octet in it is signed rightly."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pyhanko.pdf_utils import generic

from signing.keys.der import DerError
from signing.trust import Evidence
from signing.validation import VN_TT15_2025, Reason, SignatureReport, Verdict, verify_pdf
from signing.validation.archive_stamps import archived
from signing.validation.container import read_container
from signing.validation.container_faults import ContainerFaultError, UnknownAlgorithmError
from signing.validation.digests import Content
from signing.validation.document import open_document
from signing.validation.existence import MAX_ITEMS, Existence
from signing.validation.legacy_subfilters import _certificates
from signing.validation.public_keys import read_public_key, with_positive_modulus
from tests.fakes import cms_builder as cms
from tests.fakes import hostile_pdf
from tests.fakes.cms_builder import NULL, RSA, Plan, identifier, parts_of, pss, pss_identifier
from tests.fakes.odd_certificates import number, oid, seq, tlv

VALID = (True, Verdict.VALID, None)
MALFORMED = (None, Verdict.INVALID, Reason.SIGNATURE_MALFORMED)


@pytest.fixture(scope="module")
def by(pki: Any) -> cms.Signer:
    return cms.signer(pki, "p256")


def check(pki: Any, pdf: bytes) -> SignatureReport:
    report = verify_pdf(pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at + timedelta(minutes=5),
                        evidence=Evidence(crls=(pki.crl(pki.root), pki.crl(pki.ca))), compare_pages=False)  # fmt: skip
    (found,) = report.signatures
    return found


def answer(pki: Any, pdf: bytes) -> tuple[Any, ...]:
    found = check(pki, pdf)
    return found.intact, found.verdict, found.reason


Parts = list[bytes]


def other_tag(tag: int, element: bytes) -> bytes:
    return tlv(tag, *parts_of(element))


def with_info(change: Callable[[Parts], bytes]) -> Callable[[Parts], bytes]:
    """The SignedData whose SignerInfo was changed."""

    def changed(parts: Parts) -> bytes:
        (info,) = parts_of(parts[-1])
        return seq(*parts[:-1], tlv(0x31, change(parts_of(info))))

    return changed


SIGNED_DATAS: dict[str, Callable[[Parts], bytes]] = {
    "a set of parts": lambda parts: tlv(0x31, *parts),
    "two of them": lambda parts: seq(*parts) * 2,
    "the version in octets": lambda parts: seq(tlv(0x04, b"\1"), *parts[1:]),
    "a version of two octets": lambda parts: seq(tlv(0x02, b"\1\0"), *parts[1:]),
    "digests in a sequence": lambda parts: seq(parts[0], other_tag(0x30, parts[1]), *parts[2:]),
    "a content without a type": lambda parts: seq(*parts[:2], seq(tlv(0x0D, parts[2][4:])), *parts[3:]),
    "a content in a set": lambda parts: seq(*parts[:2], other_tag(0x31, parts[2]), *parts[3:]),
    "signers in a sequence": lambda parts: seq(*parts[:-1], other_tag(0x30, parts[-1])),
    "something behind the signers": lambda parts: seq(*parts, tlv(0x31)),
    "a signer in a set": with_info(lambda info: tlv(0x31, *info)),
    "a value in text": with_info(lambda info: seq(*info[:-1], tlv(0x0C, info[-1][2:]))),
    "something behind the value": with_info(lambda info: seq(*info, number(1))),
    "something behind the unsigned attributes": with_info(lambda info: seq(*info, tlv(0xA1), tlv(0xA2))),
}


def rebuilt(container: bytes, change: Callable[[Parts], bytes]) -> bytes:
    kind, wrapped = parts_of(container)
    (signed_data,) = parts_of(wrapped)
    return seq(kind, tlv(0xA0, change(parts_of(signed_data))))


@pytest.mark.parametrize("name", SIGNED_DATAS)
def test_parts_of_another_kind_or_number_are_no_container(pki: Any, by: cms.Signer, name: str) -> None:
    """RFC 5652 §5.1, §5.3: what nothing signs there may not have a second form."""

    def made(change: Callable[[Parts], bytes]) -> tuple[Any, ...]:
        return answer(pki, cms.pdf_around(lambda content: rebuilt(cms.container(Plan(by=by), content), change)))

    assert made(lambda parts: seq(*parts)) == VALID
    assert made(SIGNED_DATAS[name]) == MALFORMED


def test_more_certificates_than_the_bound_are_not_read(pki: Any, by: cms.Signer) -> None:
    def of(count: int) -> tuple[Any, ...]:
        plan = Plan(by=by, certificates=(by.certificate, *by.chain, *[b"\x30\0"] * (count - 3)))
        return answer(pki, cms.signed_pdf(plan, room=20_000))

    assert of(4_096) == (
        True,
        Verdict.INDETERMINATE,
        Reason.SIGNATURE_MALFORMED,
    )  # read, and found to be no certificates
    assert of(4_097) == MALFORMED


@pytest.mark.parametrize(
    "odd",
    [
        tlv(0x31, oid("1.2.3.4"), tlv(0x31, number(1))),
        seq(tlv(0x0D, b"\x2a\x03"), tlv(0x31, number(1))),
        seq(oid("1.2.3.4"), seq(number(1))),
        seq(oid("1.2.3.4")),
        seq(oid("1.2.3.4"), tlv(0x31, number(1)), tlv(0x31, number(1))),
    ],
    ids=["a set", "a kind of another type", "values in a sequence", "no values", "values twice"],
)
def test_a_signed_attribute_in_another_form_makes_the_signature_malformed(pki: Any, by: cms.Signer, odd: bytes) -> None:
    """RFC 5652 §5.3: a kind and a set of values."""
    right = seq(oid("1.2.3.4"), tlv(0x31, number(1)))
    assert answer(pki, cms.signed_pdf(Plan(by=by, signed=(right,)))) == VALID
    assert answer(pki, cms.signed_pdf(Plan(by=by, signed=(odd,)))) == MALFORMED


def test_a_salt_longer_than_any_key_is_no_parameter(pki: Any) -> None:
    plan = Plan(
        by=cms.signer(pki, "rsa2048"), scheme=pss_identifier("sha256", salt=70_000), sign=pss("sha256", salt=32)
    )
    assert answer(pki, cms.signed_pdf(plan)) == MALFORMED


def test_pss_has_its_digest_in_its_parameters_and_nowhere_else(pki: Any) -> None:
    """Of other schemes the digest of the content is tried too, and told as incoherent: not of one that says it all."""
    plan = Plan(by=cms.signer(pki, "rsa2048"), digest="sha512", scheme=pss_identifier("sha256", salt=32),
                sign=pss("sha512", mask="sha256", salt=32))  # fmt: skip
    assert answer(pki, cms.signed_pdf(plan)) == (False, Verdict.INVALID, Reason.SIGNATURE_VALUE_WRONG)


def with_range(pdf: bytes, second: int, length: int | None = None) -> bytes:
    """The file whose byte range begins or ends elsewhere; its length is the same."""
    found = re.search(rb"/ByteRange \[0 +(\d+) +(\d+) +(\d+)\]", pdf)
    assert found is not None
    told = b"/ByteRange [0 %s %d %d]" % (found[1], int(found[2]) + second, length or int(found[3]) - second)
    return pdf.replace(found[0], told.ljust(len(found[0])), 1)


def test_a_signer_is_told_by_name_though_the_byte_range_is_none(pki: Any, by: cms.Signer) -> None:
    pdf = cms.signed_pdf(Plan(by=by))
    one = check(pki, with_range(pdf, 0, len(pdf)))
    assert (one.intact, one.verdict, one.common_name) == (None, Verdict.INVALID, "Nguyễn Văn Bình")


def test_digest_and_value_are_computed_over_a_wrong_range_only_where_the_content_is_signed_as_it_stands(
    pki: Any, by: cms.Signer
) -> None:
    """What a form that encapsulates, or a time-stamp, signs is something else: no digest of it says anything here."""
    made = {
        "ETSI.CAdES.detached": cms.signed_pdf(Plan(by=by)),
        "adbe.pkcs7.sha1": cms.encapsulated_pdf(Plan(by=by)),
        "adbe.x509.rsa_sha1": cms.bare_pdf(cms.signer(pki, "rsa2048")),
        "ETSI.RFC3161": cms.pdf_around(lambda content: cms.token(pki, content), sub_filter=b"ETSI.RFC3161"),
    }
    found = {kind: check(pki, with_range(pdf, 1)) for kind, pdf in made.items()}
    assert {one.reason for one in found.values()} == {Reason.SIGNATURE_COVERAGE}
    assert {kind: (one.intact, bool(one.common_name)) for kind, one in found.items()} == {
        "ETSI.CAdES.detached": (False, True),
        "adbe.pkcs7.sha1": (None, False),
        "adbe.x509.rsa_sha1": (None, False),
        "ETSI.RFC3161": (None, False),
    }


def test_what_an_old_form_encapsulates_is_what_its_attributes_are_about(pki: Any, by: cms.Signer) -> None:
    """RFC 5652 §5.4: the value is over the attributes, and they are over the encapsulated digest, exchanged here."""
    plan, other = Plan(by=by, content=cms.digest("sha1", b"another file")), cms.digest("sha1", b"another file")

    def exchanged(content: bytes) -> bytes:
        made = cms.container(plan, content)
        assert made.count(other) == 1
        return made.replace(other, cms.digest("sha1", content))

    altered = cms.encapsulated_pdf(Plan(by=by)).replace(b"0 0 1 rg", b"1 0 0 rg")
    assert check(pki, altered).intact is False
    one = check(pki, cms.pdf_around(exchanged, sub_filter=b"adbe.pkcs7.sha1"))
    assert (one.intact, one.verdict, one.reason) == (False, Verdict.INVALID, Reason.DOCUMENT_ALTERED)


P256 = (
    seq(oid("1.2.840.10045.1.1"), number(0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF)),
    seq(
        tlv(0x04, bytes.fromhex("ffffffff00000001000000000000000000000000fffffffffffffffffffffffc")),
        tlv(0x04, bytes.fromhex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b")),
    ),
    bytes.fromhex(
        "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    ),
    number(0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551),
)  # fmt: skip
EC, DSA = "1.2.840.10045.2.1", "1.2.840.10040.4.1"


def point(kind: str = "p256") -> bytes:
    made: bytes = cms.key(kind).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return made


def key_of(algorithm: bytes, bits: bytes) -> bytes:
    return seq(algorithm, tlv(0x03, b"\0", bits))


def curve_with(generator: bytes) -> bytes:
    field, curve, _, order = P256
    return key_of(identifier(EC, seq(number(1), field, curve, tlv(0x04, generator), order, number(1))), point())


def test_a_curve_that_is_written_out_is_read_if_it_is_a_known_one_to_the_last_number() -> None:
    """CVE-2020-0601: with another generator anybody has a private key to the same point."""
    found = read_public_key(curve_with(P256[2]))
    assert (found.kind, found.bits) == ("ec", 256)
    with pytest.raises(UnknownAlgorithmError):
        read_public_key(curve_with(point()))


def rsa(modulus: bytes, exponent: bytes) -> bytes:
    return key_of(identifier(f"{RSA}1", NULL), seq(modulus, exponent))


N = 2**2047 + 1
KEYS: dict[str, tuple[bytes, str]] = {
    "a modulus in octets": (rsa(tlv(0x04, N.to_bytes(256, "big")), number(65537)), "not an RSA key"),
    "a third number": (key_of(identifier(f"{RSA}1"), seq(number(N), number(3), number(3))), "not an RSA key"),
    "a huge modulus": (rsa(number(2**16_384 + 1), number(65537)), "too large"),
    "a long exponent": (rsa(number(N), number(2**64 + 1)), "too large"),
    "an even modulus": (rsa(number(N + 1), number(65537)), "no RSA key"),
    "an even exponent": (rsa(number(N), number(65536)), "no RSA key"),
    "no curve": (key_of(identifier(EC), bytes(65)), "without its curve"),
    "a curve that nobody knows": (key_of(identifier(EC, oid("1.3.132.0.20")), bytes(65)), "unknown curve 1.3.132"),
    "a DSA key without its group": (key_of(identifier(DSA), number(5)), "without parameters"),
    "a DSA key of many bits": (
        key_of(identifier(DSA, seq(number(2**4_200 + 1), number(2**255 + 95), number(2))), number(5)), "too large",
    ),
    "no bit string": (seq(identifier(f"{RSA}1"), tlv(0x04, b"\0", seq(number(N), number(3)))), "not a public key"),
    "bits that are cut": (seq(identifier(f"{RSA}1"), tlv(0x03, b"\1", seq(number(N), number(3)))), "not a public key"),
}  # fmt: skip


@pytest.mark.parametrize("name", KEYS)
def test_a_key_in_another_form_is_refused_before_anything_is_computed(name: str) -> None:
    spki, said = KEYS[name]
    with pytest.raises((UnknownAlgorithmError, DerError), match=said):
        read_public_key(spki)


def test_the_largest_keys_of_each_kind_are_read() -> None:
    assert read_public_key(rsa(number(2**16_383 + 1), number(2**63 + 1))).bits == 16_384
    own = cms.key("dsa").public_key()
    assert read_public_key(own.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).bits == 2048


def test_certificates_beside_a_bare_value_are_taken_as_they_stand_in_whatever_kind_of_string() -> None:
    inside = b"0 " + b"all octets are letters: a text  "
    text = generic.pdf_string(inside)
    assert isinstance(text, generic.TextStringObject)
    octets = generic.ByteStringObject(b"\x30\x02\x05\x00junk")
    items = generic.ArrayObject([text, octets, generic.NumberObject(5)])
    field = SimpleNamespace(value=generic.DictionaryObject({generic.pdf_name("/Cert"): items}))
    assert list(_certificates(field)) == [inside, b"\x30\x02\x05\x00junk"]  # type: ignore[arg-type]  # all it has


def test_an_archive_time_stamp_of_a_bare_value_is_a_fault(pki: Any) -> None:
    container = read_container(cms.container(Plan(by=cms.signer(pki, "p256")), b""))
    with pytest.raises(ContainerFaultError, match="no container"):
        archived(cms.token(pki, b""), replace(container, parts=None), Content((b"",)))


def test_no_more_items_of_a_store_are_dated_than_the_bound(pki: Any) -> None:
    opened = open_document(hostile_pdf.store(MAX_ITEMS + 50))
    existence = Existence(opened, pki.at, ())
    assert 0 < len(existence._found_ends()) <= MAX_ITEMS


def test_only_the_modulus_of_an_rsa_key_is_read_as_the_positive_number_that_was_meant() -> None:
    bits = seq(tlv(0x02, b"\xc1" + bytes(255)), number(65537))
    assert with_positive_modulus(key_of(identifier(f"{RSA}1", NULL), bits)) != key_of(identifier(f"{RSA}1", NULL), bits)
    other = key_of(identifier("1.2.3.4"), bits)
    assert with_positive_modulus(other) == other


@pytest.mark.parametrize(
    ("contents", "fits"),
    [
        (lambda value: tlv(0x04, value), True),
        (lambda value: tlv(0x24, tlv(0x04, value[:9]), tlv(0x04, value[9:])), True),
        (lambda value: tlv(0x04, value) + b"\0" * 9, True),
        (lambda value: tlv(0x04, value) + b"\0x", False),
        (lambda value: tlv(0x0C, value), False),
    ],
    ids=["a string", "in pieces", "padded", "something behind it", "another type"],
)
def test_a_bare_value_is_one_octet_string_and_padding(pki: Any, contents: Any, *, fits: bool) -> None:
    """ISO 32000-1 §12.8.3.2."""
    by = cms.signer(pki, "rsa2048")
    cert = b"/Cert <%s>" % (by.certificate + b"\0" * 4).hex().encode()  # its padding is none of the certificate's
    pdf = cms.pdf_around(
        lambda content: contents(cms.pkcs1("sha1")(by.key, content)), sub_filter=b"adbe.x509.rsa_sha1", extra=cert
    )
    one = check(pki, pdf)
    assert (one.intact, one.reason is Reason.SIGNATURE_MALFORMED) == ((True, False) if fits else (None, True))
    assert one.certificate_sha256 == (hashlib.sha256(by.certificate).hexdigest() if fits else "")
