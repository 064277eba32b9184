"""Containers in every form in which they are met: sub-filters, BER around DER, attributes missing or too many."""

import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.validation import VN_TT15_2025, Reason, Verdict, verify_pdf
from signing.validation.attributes import read_attributes
from signing.validation.ber import as_der, der_fault, only_element, read_element
from signing.validation.container import integrity, read_container, read_containers
from signing.validation.container_faults import ContainerFaultError
from signing.validation.digests import Content
from tests.fakes import cms_builder as cms
from tests.fakes.cms_builder import NULL, RSA, Plan, attribute, identifier, pkcs1
from tests.fakes.odd_certificates import number, oid, seq, tlv, utc
from tests.fakes.small_pki import SmallPki

CONTENT = b"what was signed"
VALUE = tlv(0x04, b"ab" * 40)


@pytest.fixture(scope="module")
def by(pki: Any) -> Any:
    return cms.signer(pki, "p256")


@pytest.fixture(scope="module")
def rsa_signer(pki: Any) -> Any:
    return cms.signer(pki, "rsa2048")


def check(pki: Any, pdf: bytes, **more: Any) -> Any:
    report = verify_pdf(pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at + timedelta(minutes=5),
                        compare_pages=False, **more)  # fmt: skip
    assert len(report.signatures) == 1
    return report.signatures[0]


def answer(pki: Any, plan: Plan, **form: Any) -> tuple[bool | None, Verdict, Reason | None]:
    found = check(pki, cms.signed_pdf(plan, **form))
    return found.intact, found.verdict, found.reason


def proved(pki: Any, by: Any) -> Any:
    return pki.evidence((by.certificate, pki.ca.der, pki.root.der))


GOOD = (True, Verdict.VALID, None)
OPEN = (True, Verdict.INDETERMINATE, Reason.STATUS_UNKNOWN)
"""Right in everything; only status evidence is missing."""
MALFORMED = (True, Verdict.INVALID, Reason.SIGNATURE_MALFORMED)


def test_a_right_signature_with_evidence_is_valid(pki: Any, by: Any) -> None:
    found = check(pki, cms.signed_pdf(Plan(by=by)), evidence=proved(pki, by))
    assert (found.intact, found.verdict, found.reason) == GOOD


@pytest.mark.parametrize("sub_filter", [b"adbe.pkcs7.detached", b"ETSI.CAdES.detached"])
def test_ber_around_signed_attributes_in_der_is_accepted(pki: Any, by: Any, sub_filter: bytes) -> None:
    assert answer(pki, Plan(by=by, indefinite=True), sub_filter=sub_filter) == OPEN


def test_padding_of_zeros_is_all_that_may_stand_behind(pki: Any, by: Any) -> None:
    assert answer(pki, Plan(by=by), room=60_000) == OPEN
    trailing = cms.pdf_around(lambda content: cms.container(Plan(by=by), content) + b"\0\0\1")
    assert check(pki, trailing).reason is Reason.SIGNATURE_MALFORMED


@pytest.mark.parametrize("sha1", ["adbe.x509.rsa_sha1", "adbe.pkcs7.sha1"])
def test_the_old_forms_are_intact_and_forbidden_for_their_sha1(pki: Any, rsa_signer: Any, sha1: str) -> None:
    plan = Plan(by=rsa_signer, digest="sha1", scheme=identifier(f"{RSA}5", NULL), sign=pkcs1("sha1"), bind="")
    pdf = cms.bare_pdf(rsa_signer) if "x509" in sha1 else cms.encapsulated_pdf(plan)
    found = check(pki, pdf)
    assert (found.intact, found.reason) == (True, Reason.ALGORITHM_FORBIDDEN)
    assert found.common_name == "Nguyễn Văn Bình"
    assert found.level == ("X509-RSA-SHA1" if "x509" in sha1 else "PKCS7-B")
    altered = check(pki, pdf.replace(b"0 0 1 rg", b"1 0 0 rg"))
    assert (altered.intact, altered.reason) == (
        False, Reason.SIGNATURE_VALUE_WRONG if "x509" in sha1 else Reason.DOCUMENT_ALTERED,
    )  # fmt: skip


def test_an_encapsulated_digest_rests_on_sha1_whatever_else_it_uses(pki: Any, by: Any) -> None:
    found = check(pki, cms.encapsulated_pdf(Plan(by=by)))
    assert (found.intact, found.reason, found.errors) == (True, Reason.ALGORITHM_FORBIDDEN, ("digest sha1",))
    without = cms.signed_pdf(Plan(by=by), sub_filter=b"adbe.pkcs7.sha1")
    assert check(pki, without).reason is Reason.SIGNATURE_MALFORMED


@pytest.mark.parametrize("as_array", [True, False])
def test_a_bare_value_names_its_own_digest(pki: Any, rsa_signer: Any, as_array: bool) -> None:  # noqa: FBT001 - one of two forms
    pdf = cms.bare_pdf(rsa_signer, "sha256", as_array=as_array)
    found = check(pki, pdf, evidence=pki.evidence((rsa_signer.certificate, pki.ca.der, pki.root.der)))
    assert (found.intact, found.signature_algorithm) == (True, "RSA_SHA256")
    assert found.verdict is Verdict.VALID
    assert Reason.LEGACY_SCHEME in found.warnings


@pytest.mark.parametrize(
    ("value", "extra", "reason"),
    [
        (VALUE, b"", Reason.SIGNER_CERT_MISSING),
        (VALUE, b"/Cert 5", Reason.SIGNER_CERT_MISSING),
        (VALUE, b"/Cert <3000>", Reason.SIGNATURE_MALFORMED),
        (seq(tlv(0x04, b"a" * 40)), b"/Cert <3000>", Reason.SIGNATURE_MALFORMED),
        (VALUE + b"\1", b"/Cert <3000>", Reason.SIGNATURE_MALFORMED),
        (b"junk" * 20, b"/Cert [<3000> 5]", Reason.SIGNATURE_MALFORMED),
    ],
)
def test_a_bare_value_in_another_form_is_told(pki: Any, value: bytes, extra: bytes, reason: Reason) -> None:
    found = check(pki, cms.pdf_around(lambda _: value, sub_filter=b"adbe.x509.rsa_sha1", extra=extra))
    assert (found.intact, found.reason) == (None, reason)


def test_a_bare_value_by_another_kind_of_key_is_malformed(pki: Any, by: Any) -> None:
    extra = b"/Cert <" + by.certificate.hex().encode() + b">"
    found = check(pki, cms.pdf_around(lambda _: VALUE, sub_filter=b"adbe.x509.rsa_sha1", extra=extra))
    assert (found.intact, found.reason) == (None, Reason.SIGNATURE_MALFORMED)


@pytest.mark.parametrize("name", [b"Own.Form", b"adbe.pkcs7.sha512", b"ETSI.XAdES"])
def test_an_unknown_form_leaves_everything_open(pki: Any, by: Any, name: bytes) -> None:
    assert answer(pki, Plan(by=by), sub_filter=name) == (
        None, Verdict.INDETERMINATE, Reason.UNSUPPORTED_SIGNATURE,
    )  # fmt: skip


def backwards(attributes: list[bytes]) -> bytes:
    return b"".join(sorted(attributes, reverse=True))


def long_length(attributes: list[bytes]) -> bytes:
    first, *others = sorted(attributes)
    return b"\x30\x81" + first[1:] + b"".join(others)


@pytest.mark.parametrize("encode", [backwards, long_length])
def test_signed_attributes_that_are_not_der_are_never_valid(pki: Any, by: Any, encode: Any) -> None:
    """RFC 5652 §5.3 and §5.4: sent in DER, signed in DER; what was signed otherwise is no signature of them."""
    in_der = check(pki, cms.signed_pdf(Plan(by=by, encode_attributes=encode)))
    assert (in_der.intact, in_der.verdict, in_der.reason, in_der.sub_indication) == (
        True, Verdict.INVALID, Reason.SIGNED_ATTRIBUTES_NOT_DER, "FORMAT_FAILURE",
    )  # fmt: skip
    as_sent = check(pki, cms.signed_pdf(Plan(by=by, encode_attributes=encode, signs_as_sent=True)))
    assert (as_sent.intact, as_sent.reason) == (False, Reason.SIGNED_ATTRIBUTES_NOT_DER)


def test_attributes_whose_length_ends_in_80_are_taken_as_they_are(pki: Any, by: Any) -> None:
    """A general library encodes such a set again, and a text in it comes out otherwise."""
    for size in range(800):
        filler = attribute("1.2.3.4", tlv(0x86, b"http://Example.VN/%7e" + b"a" * size))
        data = cms.container(Plan(by=by, signed=(filler,)), CONTENT)
        found = read_container(data)
        element = found.signed_attributes.element
        assert element is not None
        if data[element.body - 1] != 0x80:
            continue
        assert integrity(found, Content((CONTENT,))) == (True, True)
        return
    pytest.fail("no such length was found")


MESSAGE_AGAIN = attribute(cms.MESSAGE_DIGEST, tlv(0x04, bytes(32)))
PROTECTION = "1.2.840.113549.1.9.52"
SHA256, ECDSA = identifier("2.16.840.1.101.3.4.2.1"), identifier("1.2.840.10045.4.3.2")
ODD: dict[str, dict[str, Any]] = {
    "no content type": {"without": (cms.CONTENT_TYPE,)},
    "the content type of something else": {
        "without": (cms.CONTENT_TYPE,), "signed": (attribute(cms.CONTENT_TYPE, oid("1.2.840.113549.1.9.16.1.4")),)
    },
    "two content types": {"signed": (attribute(cms.CONTENT_TYPE, oid("1.2.3")),)},
    "two digests": {"signed": (MESSAGE_AGAIN,)},
    "two signing certificates": {
        "signed": (attribute(cms.SIGNING_CERTIFICATE_V2, seq(seq(seq(tlv(0x04, bytes(32)))))),)
    },
    "a signing certificate of another algorithm": {
        "bind": "", "signed": (attribute(cms.SIGNING_CERTIFICATE, seq(seq(seq(tlv(0x04, bytes(20)))))),)
    },
    "a reference that does not decode": {"bind": "", "signed": (attribute(cms.SIGNING_CERTIFICATE_V2, seq()),)},
    "other algorithms protected": {
        "signed": (attribute(PROTECTION, seq(SHA256, tlv(0xA1, identifier("1.2.840.10045.4.3.3")[2:]))),)
    },
    "another digest protected": {
        "signed": (attribute(PROTECTION, seq(identifier("2.16.840.1.101.3.4.2.3"), tlv(0xA1, ECDSA[2:]))),)
    },
    "a mark of authentication protected": {"signed": (attribute(PROTECTION, seq(SHA256, tlv(0xA2, ECDSA[2:]))),)},
    "several signers": {"signers": 2},
    "another type of content": {"content_type": "1.2.3.4", "version": 3},
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_attributes_against_the_rules_are_malformed_and_integrity_is_told(pki: Any, by: Any, name: str) -> None:
    intact, verdict, reason = answer(pki, Plan(by=by, **ODD[name]))
    assert (verdict, reason) == (Verdict.INVALID, Reason.SIGNATURE_MALFORMED)
    assert intact is (name != "two digests" or intact)


def test_no_digest_in_the_attributes_is_not_intact(pki: Any, by: Any) -> None:
    assert answer(pki, Plan(by=by, without=(cms.MESSAGE_DIGEST,))) == (
        False, Verdict.INVALID, Reason.SIGNATURE_MALFORMED,
    )  # fmt: skip


def test_a_reference_to_another_certificate_is_malformed(pki: Any, by: Any) -> None:
    for bind in ("v1", "v2"):
        assert answer(pki, Plan(by=by, bind=bind, bound=pki.ca.der)) == MALFORMED
        assert answer(pki, Plan(by=by, bind=bind)) == OPEN


def issuer_and_serial(certificate: bytes, serial: bytes | None = None) -> bytes:
    tbs = cms.parts_of(cms.parts_of(certificate)[0])
    return seq(seq(tlv(0xA4, tbs[3])), serial or tbs[1])


def test_the_issuer_and_number_of_a_reference_have_to_be_right_too(pki: Any, by: Any) -> None:
    for more, expected in ((issuer_and_serial(by.certificate), OPEN),
                           (issuer_and_serial(by.certificate, number(5)), MALFORMED),
                           (issuer_and_serial(pki.ca.der), MALFORMED)):  # fmt: skip
        reference = seq(seq(seq(tlv(0x04, cms.digest("sha256", by.certificate)), more)))
        plan = Plan(by=by, bind="", signed=(attribute(cms.SIGNING_CERTIFICATE_V2, reference),))
        assert answer(pki, plan) == expected


def test_a_reference_with_the_right_number_of_another_issuer_is_about_another_certificate(pki: Any, by: Any) -> None:
    stranger = SmallPki(label="Stranger")
    tbs = cms.parts_of(cms.parts_of(by.certificate)[0])
    of_another = cms.parts_of(cms.parts_of(cms.signer(stranger, "p256").certificate)[0])[3]
    reference = seq(seq(seq(
        tlv(0x04, cms.digest("sha256", by.certificate)), seq(seq(tlv(0xA4, of_another)), tbs[1]),
    )))  # fmt: skip
    plan = Plan(by=by, bind="", signed=(attribute(cms.SIGNING_CERTIFICATE_V2, reference),))
    assert answer(pki, plan) == MALFORMED


def test_values_of_an_attribute_out_of_order_are_not_der(pki: Any, by: Any) -> None:
    odd = attribute("1.2.3.4", tlv(0x0C, b"b"), tlv(0x0C, b"a"))
    assert answer(pki, Plan(by=by, signed=(odd,)))[1:] == (Verdict.INVALID, Reason.SIGNED_ATTRIBUTES_NOT_DER)


def test_nothing_stands_behind_the_content_inside_the_container(pki: Any, by: Any) -> None:
    def around(content: bytes) -> bytes:
        return seq(*cms.parts_of(cms.container(Plan(by=by), content)), NULL)

    assert check(pki, cms.pdf_around(around)).reason is Reason.SIGNATURE_MALFORMED


def test_the_number_of_signers_is_bounded(by: Any) -> None:
    assert len(read_containers(cms.container(Plan(by=by, signers=32), CONTENT))) == 32
    with pytest.raises(ContainerFaultError, match="more signers"):
        read_containers(cms.container(Plan(by=by, signers=33), CONTENT))


def test_the_second_signature_of_one_person_has_to_keep_the_rules_too(pki: Any, by: Any) -> None:
    for odd in (Plan(by=by, bound=pki.ca.der), Plan(by=by, in_order=False)):

        def around(content: bytes, odd: Plan = odd) -> bytes:
            infos = (cms.signer_info(Plan(by=by), content), cms.signer_info(odd, content))
            return cms.container(Plan(by=by), content, infos=infos)

        found = check(pki, cms.pdf_around(around, sub_filter=b"adbe.pkcs7.detached"))
        assert (found.verdict, found.reason) == (Verdict.INVALID, Reason.SIGNATURE_MALFORMED)


def test_a_reference_by_another_digest_is_read(pki: Any, by: Any) -> None:
    reference = seq(seq(seq(identifier("2.16.840.1.101.3.4.2.3"), tlv(0x04, cms.digest("sha512", by.certificate)))))
    assert answer(pki, Plan(by=by, bind="", signed=(attribute(cms.SIGNING_CERTIFICATE_V2, reference),))) == OPEN


def test_what_is_not_against_the_rules_does_no_harm(pki: Any, by: Any) -> None:
    more = (
        attribute("1.2.3.4.5", tlv(0x0C, b"anything")), attribute(cms.SIGNING_TIME, utc(pki.at)),
        attribute(PROTECTION, seq(SHA256, tlv(0xA1, ECDSA[2:]))),
    )  # fmt: skip
    plan = Plan(by=by, signed=more, unsigned=lambda _: (attribute("1.2.3.4.6", NULL),))
    found = check(pki, cms.signed_pdf(plan))
    assert (found.intact, found.verdict, found.reason) == OPEN
    assert found.claimed_time == pki.at


def test_without_attributes_the_content_itself_is_signed(pki: Any, by: Any) -> None:
    plan = Plan(by=by, attributes=False)
    assert answer(pki, plan, sub_filter=b"adbe.pkcs7.detached") == OPEN
    pdf = cms.signed_pdf(plan, sub_filter=b"adbe.pkcs7.detached")
    altered = check(pki, pdf.replace(b"0 0 1 rg", b"1 0 0 rg"))
    assert (altered.intact, altered.verdict) == (False, Verdict.INVALID)


def test_an_encapsulated_content_is_not_detached_unless_it_is_empty(pki: Any, by: Any) -> None:
    def around(content: bytes) -> bytes:
        return cms.container(Plan(by=by, content=b"something else"), content)

    assert check(pki, cms.pdf_around(around)).reason is Reason.SIGNATURE_MALFORMED


def test_a_signer_is_found_in_the_store_of_the_document_or_is_missing(pki: Any, by: Any) -> None:
    data = cms.container(Plan(by=by, certificates=()), CONTENT)
    with pytest.raises(ContainerFaultError, match="missing"):
        read_container(data)
    found = read_container(data, (pki.ca.der, b"junk", by.certificate))
    assert integrity(found, Content((CONTENT,))) == (True, True)
    missing = check(pki, cms.signed_pdf(Plan(by=by, certificates=())))
    assert (missing.intact, missing.reason, missing.sub_indication) == (
        None, Reason.SIGNER_CERT_MISSING, "NO_SIGNING_CERTIFICATE_FOUND",
    )  # fmt: skip


def test_a_signer_named_by_key_is_found(pki: Any, by: Any) -> None:
    certificate = x509.load_der_x509_certificate(by.certificate)
    identifier_ = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert answer(pki, Plan(by=by, by_key=identifier_, version=3)) == OPEN
    assert answer(pki, Plan(by=by, by_key=b"somebody", version=3))[2] is Reason.SIGNER_CERT_MISSING


def test_of_two_certificates_of_one_name_and_number_the_signed_reference_tells_which(pki: Any, by: Any) -> None:
    stranger = cms.with_key(pki, by.certificate, cms.parts_of(cms.parts_of(pki.ca.der)[0])[6])
    plan = Plan(by=by, certificates=(stranger, by.certificate, pki.ca.der))
    assert answer(pki, plan)[0] is True
    assert read_container(cms.container(plan, CONTENT)).leaf == by.certificate


def test_no_signer_at_all_is_malformed(pki: Any, by: Any) -> None:
    assert answer(pki, Plan(by=by, signers=0)) == (None, Verdict.INVALID, Reason.SIGNATURE_MALFORMED)
    assert answer(pki, Plan(by=by, signers=40), room=40_000)[2] is Reason.SIGNATURE_MALFORMED


def test_every_signer_has_an_answer_of_its_own(by: Any) -> None:
    found = read_containers(cms.container(Plan(by=by, signers=3), CONTENT))
    assert [integrity(one, Content((CONTENT,))) for one in found] == [(True, True)] * 3
    assert read_container(cms.container(Plan(by=by, signers=3), CONTENT)).defect


def test_one_person_may_sign_twice_in_a_plain_pdf_signature(pki: Any, by: Any) -> None:
    twice = Plan(by=by, signers=2)
    assert answer(pki, twice, sub_filter=b"adbe.pkcs7.detached") == OPEN
    assert answer(pki, twice)[2] is Reason.SIGNATURE_MALFORMED  # PAdES: exactly one

    def one_wrong(content: bytes) -> bytes:
        right, wrong = cms.signer_info(Plan(by=by), content), cms.signer_info(Plan(by=by), b"another")
        return cms.container(Plan(by=by), content, infos=(right, wrong))

    found = check(pki, cms.pdf_around(one_wrong, sub_filter=b"adbe.pkcs7.detached"))
    assert (found.intact, found.verdict) == (False, Verdict.INVALID)


def test_two_persons_in_one_container_are_malformed(pki: Any, by: Any, rsa_signer: Any) -> None:
    def around(content: bytes) -> bytes:
        other = Plan(by=rsa_signer, scheme=identifier(f"{RSA}11", NULL), sign=pkcs1("sha256"))
        infos = (cms.signer_info(Plan(by=by), content), cms.signer_info(other, content))
        certificates = (by.certificate, rsa_signer.certificate)
        return cms.container(Plan(by=by, certificates=certificates), content, infos=infos)

    found = check(pki, cms.pdf_around(around, sub_filter=b"adbe.pkcs7.detached"))
    assert (found.intact, found.reason) == (True, Reason.SIGNATURE_MALFORMED)


def test_evidence_in_the_container_is_used(pki: Any, by: Any) -> None:
    evidence = proved(pki, by)
    archival = attribute(cms.ARCHIVAL, seq(tlv(0xA0, seq(*evidence.crls)), tlv(0xA1, seq(*evidence.ocsps))))
    basic = cms.parts_of(cms.parts_of(cms.parts_of(evidence.ocsps[0])[1])[0])[1]
    response = tlv(0xA1, oid("1.3.6.1.5.5.7.16.2"), evidence.ocsps[0])
    inner = tlv(0xA1, oid("1.3.6.1.5.5.7.48.1.1"), basic[4:] if basic[1] == 0x82 else basic[3:])
    values = attribute("1.2.840.113549.1.9.16.2.24", seq(tlv(0xA0, seq(*evidence.crls)), tlv(0xA1, seq(inner))))
    for plan in (
        Plan(by=by, signed=(archival,)),
        Plan(by=by, unsigned=lambda _: (archival,)),
        Plan(by=by, lists=(*evidence.crls, response), version=5),
        Plan(by=by, lists=(*evidence.crls, response), version=1),
        Plan(by=by, lists=(*evidence.crls, inner), version=5),
    ):
        found = check(pki, cms.signed_pdf(plan, room=20_000))
        assert (found.intact, found.verdict) == (True, Verdict.VALID), found.errors
    broken = Plan(by=by, unsigned=lambda _: (values, attribute("1.2.840.113549.1.9.16.2.23", seq(by.certificate))))
    assert read_container(cms.container(broken, CONTENT)).evidence.certificates == (by.certificate,)


def test_evidence_in_values_of_cades_is_used(pki: Any, by: Any) -> None:
    evidence = proved(pki, by)
    response = cms.parts_of(cms.parts_of(cms.parts_of(evidence.ocsps[0])[1])[0])[1]
    basic = only_element(response, 0x04).content
    values = attribute("1.2.840.113549.1.9.16.2.24", seq(tlv(0xA0, seq(*evidence.crls)), tlv(0xA1, seq(basic))))
    found = check(pki, cms.signed_pdf(Plan(by=by, unsigned=lambda _: (values,)), room=20_000))
    assert found.verdict is Verdict.VALID, found.errors


@pytest.mark.parametrize("options", [(), ("-keyid",), ("-noattr",), ("-stream", "-indef"), ("-md", "sha512")])
def test_what_openssl_signs_is_intact(by: Any, tmp_path: Path, options: tuple[str, ...]) -> None:
    pem = serialization.Encoding.PEM
    (tmp_path / "key.pem").write_bytes(
        by.key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (tmp_path / "cert.pem").write_bytes(x509.load_der_x509_certificate(by.certificate).public_bytes(pem))
    (tmp_path / "content").write_bytes(CONTENT)
    subprocess.run(
        ["openssl", "cms", "-sign", "-binary", "-in", "content", "-signer", "cert.pem", "-inkey", "key.pem",
         "-outform", "DER", "-out", "signed", *options],
        check=True, capture_output=True, cwd=tmp_path, timeout=60,
    )  # fmt: skip
    found = read_container((tmp_path / "signed").read_bytes())
    assert integrity(found, Content((CONTENT,))) == (True, True)
    assert integrity(found, Content((b"another",))) != (True, True)


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.soak)])
def test_one_flipped_bit_anywhere_in_a_container_is_never_valid(pki: Any, by: Any, step: int) -> None:
    """Everything but the authority's certificate, which comes from elsewhere; a step of seven in the signer's own."""
    evidence = proved(pki, by)
    plan = Plan(by=by, certificates=(by.certificate,))
    data = cms.container(plan, b"")
    inside = data.index(by.certificate), data.index(by.certificate) + len(by.certificate)
    places = [n for n in range(len(data)) if not inside[0] <= n < inside[1] or n % 7 == 0]
    whole = bytearray(cms.signed_pdf(plan, room=2_000))
    start = whole.index(b"/Contents <") + len(b"/Contents <")
    passed = []
    for place in places[::step]:
        at = start + 2 * place
        flipped = int(whole[at : at + 2], 16) ^ 1 << place % 8
        one = bytes(whole[:at]) + b"%02X" % flipped + bytes(whole[at + 2 :])
        if check(pki, one, evidence=evidence).verdict is Verdict.VALID:
            passed.append(place)
    assert passed == []
    assert check(pki, bytes(whole), evidence=evidence).verdict is Verdict.VALID


@settings(max_examples=150, deadline=None)
@given(st.recursive(
    st.tuples(st.sampled_from([0x04, 0x0C, 0x02, 0x80]), st.binary(min_size=1, max_size=8)),
    lambda inner: st.tuples(st.sampled_from([0x30, 0xA0, 0x31]), st.lists(inner, max_size=4)), max_leaves=12,
))  # fmt: skip
def test_der_of_der_is_itself_and_ber_of_it_has_the_same_der(tree: Any) -> None:
    def built(node: Any, *, loose: bool) -> bytes:
        tag, inside = node
        if isinstance(inside, bytes):
            return tlv(tag, inside)
        children = [built(one, loose=loose) for one in inside]
        if tag == 0x31:
            children = sorted(children)
        return bytes([tag, 0x80]) + b"".join(children) + b"\0\0" if loose else tlv(tag, *children)

    strict, loose = built(tree, loose=False), built(tree, loose=True)
    assert as_der(read_element(strict)) == strict
    assert der_fault(read_element(strict)) == ""
    assert as_der(read_element(loose)) == strict
    assert bool(der_fault(read_element(loose))) is not isinstance(tree[1], bytes)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_but_a_fault(data: bytes) -> None:
    for wrapped in (data, seq(oid(cms.SIGNED_DATA), tlv(0xA0, data)), seq(oid(cms.SIGNED_DATA), tlv(0xA0, seq(data)))):
        with pytest.raises(ContainerFaultError):
            read_container(wrapped)


@pytest.mark.parametrize(
    "data",
    [b"\x30\x80" * 60, b"\x04\x80\0\0", b"\x30\x84\xff\xff\xff\xff", b"\x30\x85\1\1\1\1\1", b"\x1f\xff\xff\xff\xff",
     b"\x30", b"", b"\x30\x03\x04\x05a"],
)  # fmt: skip
def test_ber_that_lies_or_nests_without_end_is_refused(data: bytes) -> None:
    with pytest.raises(ContainerFaultError):
        read_container(data)


def test_attributes_that_are_none_are_refused(by: Any) -> None:
    assert read_attributes(None).to_sign() == b""
    plan = Plan(by=by, encode_attributes=lambda _: tlv(0x04, b"no attribute"))
    with pytest.raises(ContainerFaultError):
        read_container(cms.container(plan, CONTENT))


def test_a_boolean_that_is_neither_is_not_der() -> None:
    odd = read_element(seq(tlv(0x01, b"\x01")))
    assert der_fault(odd)
    assert as_der(odd) == seq(tlv(0x01, b"\xff"))
    assert as_der(read_element(tlv(0x24, tlv(0x04, b"a"), tlv(0x04, b"b")))) == tlv(0x04, b"ab")
    assert der_fault(read_element(tlv(0x24, tlv(0x04, b"a"))))


def test_the_plan_of_a_container_is_not_changed_by_making_it(by: Any) -> None:
    plan = Plan(by=by)
    assert replace(plan) == plan
