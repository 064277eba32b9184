"""What a report says beside the verdict: order of signing, times, levels, names; and who was entitled to sign."""

import io
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from asn1crypto import ocsp as asn1_ocsp
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from signing.identity import CertificateClass
from signing.trust import Evidence
from signing.validation import VN_IN_FORCE, VN_TT15_2025, Reason, Report, Verdict, verify_pdf
from signing.validation.algorithms import certificate_faults
from signing.validation.archive_stamps import archived
from signing.validation.building_blocks import Block, building_blocks
from signing.validation.container import read_container
from signing.validation.container_faults import ContainerFaultError
from signing.validation.digests import Content
from signing.validation.entitlement import judged_entitlement
from signing.validation.fitting_evidence import sorted_claims
from signing.validation.judgement import MALFORMED, UNSUPPORTED
from signing.validation.signature_reading import of_fault
from signing.validation.status_evidence import StatusEvidence
from tests.fakes import cms_builder as cms
from tests.fakes.cms_builder import NIST, NULL, RSA, Plan, attribute, identifier, pkcs1
from tests.fakes.hostile_pdf import CATALOGUE, plain
from tests.fakes.odd_certificates import generalized, number, oid, seq, tlv, utc
from tests.fakes.stamped_pdf import document_stamped

ROLES, OLD_ROLES, AT_ROLE = "0.4.0.19122.1.1", "1.2.840.113549.1.9.16.2.18", "2.5.4.72"


@pytest.fixture(scope="module")
def by(pki: Any) -> cms.Signer:
    return cms.signer(pki, "p256")


def check(pki: Any, pdf: bytes) -> Report:
    return verify_pdf(
        pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at + timedelta(minutes=5),
        evidence=Evidence(crls=(pki.crl(pki.root), pki.crl(pki.ca))), compare_pages=False,
    )  # fmt: skip


def only(pki: Any, pdf: bytes) -> Any:
    return next(one for one in check(pki, pdf).signatures if one.kind == "signature")


def test_signatures_are_told_in_the_order_in_which_they_were_set_not_in_that_of_the_form(
    pki: Any, sign: Any, sample_pdf: Any
) -> None:
    """I11: whether the person signed before the seal is read from this order."""
    pdf = sample_pdf.small()
    for name in ("Upper", "Lower"):
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        append_signature_field(writer, SigFieldSpec(name))
        out = io.BytesIO()
        writer.write(out)
        pdf = out.getvalue()
    for name in ("Lower", "Upper"):
        pdf = sign(pdf, field_name=name, level="B-B").pdf
    report = check(pki, pdf)
    assert [(one.field, one.verdict) for one in report.signatures] == [
        ("Lower", Verdict.VALID), ("Upper", Verdict.VALID),
    ]  # fmt: skip


def test_a_signature_tells_its_root_and_that_no_time_is_proved(pki: Any, by: cms.Signer) -> None:
    one = only(pki, cms.signed_pdf(Plan(by=by)))
    (anchor,) = pki.anchors()
    assert (one.best_time, one.best_time_source) == (None, "none")
    assert (one.trust_anchor, one.trust_profile, len(one.chain)) == (anchor.name, anchor.profile, 3)
    assert one.evidence
    assert Reason.NO_TRUSTED_TIME in one.warnings
    stamped = only(
        pki,
        cms.signed_pdf(Plan(by=by, unsigned=lambda value: (attribute(cms.TOKEN, cms.token(pki, value)),))),
    )
    assert (stamped.best_time_source, stamped.warnings) == ("signature_timestamp", ())


@pytest.mark.parametrize("written", [utc, generalized])
def test_a_claimed_time_inside_the_container_is_told_however_it_is_written(
    pki: Any, by: cms.Signer, written: Any
) -> None:
    plan = Plan(by=by, signed=(attribute(cms.SIGNING_TIME, written(pki.at)),))
    assert only(pki, cms.signed_pdf(plan, extra=b"")).claimed_time == pki.at


def test_an_octet_string_in_pieces_is_the_octets_of_the_pieces(pki: Any, by: cms.Signer) -> None:
    """X.690 §8.7.3, in a kind of signature that encapsulates a digest."""
    for indefinite in (False, True):
        assert only(pki, cms.encapsulated_pdf(Plan(by=by, indefinite=indefinite))).intact is True


def test_actions_of_a_signed_file_are_warned_of(pki: Any) -> None:
    quiet, loud = plain(), plain(catalogue=CATALOGUE[:-2] + b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>")
    assert Reason.ACTIVE_CONTENT not in check(pki, quiet).warnings
    assert Reason.ACTIVE_CONTENT in check(pki, loud).warnings


def test_a_signature_with_a_store_and_a_stamp_over_it_lasts_though_it_is_no_baseline_one(
    pki: Any, sign: Any, by: cms.Signer, sample_pdf: Any
) -> None:
    """EN 319 142-2 §5.5: LTV; without a stamp, or without a store, it does not."""
    from signing.pades.longterm import with_evidence  # noqa: PLC0415

    pdf = cms.signed_pdf(Plan(by=by, bind=""))
    stored, _ = with_evidence(pdf, lambda _: pki.evidence((by.certificate, pki.ca.der, pki.root.der)))
    levels = [only(pki, one).level for one in (pdf, stored, document_stamped(pdf, pki), document_stamped(stored, pki))]
    assert levels == ["BES", "BES", "BES", "LTV"]


def test_the_policy_that_a_signer_names_is_told_and_an_implied_one_is_still_one(pki: Any, by: cms.Signer) -> None:
    named = seq(oid("1.2.3.4"), seq(identifier(f"{NIST}2.1"), tlv(0x04, bytes(32))))
    for value, told in ((named, "1.2.3.4"), (NULL, None), (seq(number(1)), None)):
        one = only(pki, cms.signed_pdf(Plan(by=by, bind="", signed=(attribute(cms.POLICY, value),))))
        assert (one.policy_oid, one.level) == (told, "EPES")


def role(*, uri: str) -> bytes:
    """RFC 5755 §4.4.5: RoleSyntax, with an authority that the role is not."""
    authority = tlv(0xA0, tlv(0x86, b"urn:authority"))
    return seq(authority, tlv(0xA1, tlv(0x86, uri.encode())))


@pytest.mark.parametrize(
    ("kind", "values", "told"),
    [
        (AT_ROLE, (tlv(0x0C, "Phó Chủ tịch".encode()),), "Phó Chủ tịch"),
        (AT_ROLE, (role(uri="urn:role:clerk"),), "urn:role:clerk"),
        (AT_ROLE, (seq(tlv(0xA1, tlv(0x81, b"van.thu@example.vn"))),), "van.thu@example.vn"),
        (AT_ROLE, (tlv(0x1E, "Văn thư".encode("utf-16-be")), tlv(0x13, b"Clerk")), "Clerk; Văn thư"),
        (AT_ROLE, (seq(tlv(0xA1, tlv(0x88, b"\x2a\x03"))),), ""),
        (AT_ROLE, (seq(number(1)),), ""),
        ("2.5.4.41", (tlv(0x0C, b"Manager"),), "Manager"),
        ("2.5.4.10", (tlv(0x0C, b"Somewhere"),), ""),
    ],
    ids=[
        "text",
        "a name of a role",
        "an address",
        "several",
        "a name of no letters",
        "nothing",
        "as others write",
        "no role",
    ],
)
@pytest.mark.parametrize("attribute_kind", [ROLES, OLD_ROLES])
def test_the_roles_that_a_signer_claims_are_told_and_nothing_else_that_is_claimed(  # noqa: PLR0917 - fixtures, table
    pki: Any, by: cms.Signer, attribute_kind: str, kind: str, values: tuple[bytes, ...], told: str
) -> None:
    """EN 319 122-1 §5.2.6.1."""
    other = seq(oid("2.5.4.10"), tlv(0x31, tlv(0x0C, b"Elsewhere")))
    claimed = seq(tlv(0xA0, seq(other, seq(oid(kind), tlv(0x31, *sorted(values))))))
    one = only(pki, cms.signed_pdf(Plan(by=by, signed=(attribute(attribute_kind, claimed),))))
    assert (one.verdict, one.role) == (Verdict.VALID, told)


@pytest.mark.parametrize("odd", [NULL, seq(), seq(tlv(0xA0)), seq(tlv(0xA0, seq(NULL))), seq(tlv(0xA1, seq()))])
def test_claims_that_do_not_decode_are_left_out(pki: Any, by: cms.Signer, odd: bytes) -> None:
    one = only(pki, cms.signed_pdf(Plan(by=by, signed=(attribute(ROLES, odd),))))
    assert (one.verdict, one.role) == (Verdict.VALID, "")


def test_a_bare_value_has_no_digest_of_signed_attributes_and_a_container_has(pki: Any, by: cms.Signer) -> None:
    assert only(pki, cms.bare_pdf(cms.signer(pki, "rsa2048"))).representation_digest is None
    found = only(pki, cms.signed_pdf(Plan(by=by))).representation_digest
    assert found is not None
    assert len(found) == 32


def test_what_is_written_beside_a_signature_is_told_only_if_it_is_text(pki: Any, by: cms.Signer) -> None:
    one = only(
        pki, cms.signed_pdf(Plan(by=by), extra=b"/M (D:20260805) /Reason 5 /Location (Ha  Noi) /ContactInfo [(x)]")
    )
    assert (one.reason_text, one.location, one.contact) == ("", "Ha Noi", "")


def test_a_fault_that_we_do_not_know_is_told_from_one_that_is_broken() -> None:
    assert of_fault(ContainerFaultError("x")) is MALFORMED
    assert of_fault(ContainerFaultError("x", unsupported=True)) is UNSUPPORTED


def test_a_block_has_an_answer_only_if_the_check_came_to_it(pki: Any, by: cms.Signer) -> None:
    one = only(pki, cms.signed_pdf(Plan(by=by)).replace(b"0 0 1 rg", b"1 0 0 rg"))
    blocks = building_blocks(one)
    assert (blocks[Block.CERTIFICATE_FOUND].indication, blocks[Block.INTEGRITY].sub_indication) == (
        "PASSED", "HASH_FAILURE",
    )  # fmt: skip
    nobody = replace(one, certificate_sha256="", sub_indication="NO_SIGNING_CERTIFICATE_FOUND", intact=None)
    assert building_blocks(nobody)[Block.CERTIFICATE_FOUND].indication != "PASSED"
    assert Block.CERTIFICATE_FOUND not in building_blocks(replace(nobody, sub_indication="FORMAT_FAILURE"))
    named = replace(nobody, certificate_sha256="ab")
    assert building_blocks(named)[Block.CERTIFICATE_FOUND].indication != "PASSED"


def test_a_policy_calls_an_old_scheme_old_only_if_it_accepts_it() -> None:
    for accepts in (True, False):
        told = replace(VN_TT15_2025, accept_pkcs1_v15=accepts).document()
        assert ("rsassa_pkcs1v15" in told["schemes"], told["legacy_schemes"]) == (
            accepts, ["rsassa_pkcs1v15"] if accepts else [],
        )  # fmt: skip


def test_a_certificate_is_judged_by_the_rule_itself_when_no_moment_is_in_question(pki: Any) -> None:
    weak = cms.signer(pki, "rsa1024").certificate
    assert list(certificate_faults(weak, VN_IN_FORCE)) == ["RSA key of 1024 bits"]
    assert list(certificate_faults(weak, VN_IN_FORCE, at=pki.at)) == ["RSA key of 1024 bits"]


@dataclass(frozen=True)
class Who:
    """One signer as the judgement of entitlement reads it."""

    certificate_class: CertificateClass | None = CertificateClass.PERSONAL
    organisation: str = "UBND phường Yên Giang"
    organisation_id: str = ""
    kind: str = "signature"
    is_valid: bool = True
    key_sha256: str = ""
    holder_sha256: str = ""


SEAL = Who(certificate_class=CertificateClass.ORG_SEAL)


@pytest.mark.parametrize(
    ("signers", "status", "reasons"),
    [
        ((), "unknown", (Reason.NO_SIGNATURE,)),
        ((replace(SEAL, kind="timestamp"),), "unknown", (Reason.NO_SIGNATURE,)),
        ((Who(), replace(SEAL, certificate_class=None)), "unknown", (Reason.CLASS_UNKNOWN,)),
        ((Who(certificate_class=None),), "unknown", (Reason.CLASS_UNKNOWN,)),
        ((Who(), SEAL, Who(certificate_class=None)), "unknown", (Reason.CLASS_UNKNOWN,)),
        ((Who(), SEAL), "entitled", ()),
        ((SEAL, Who()), "not_entitled", (Reason.SEAL_BEFORE_SIGNATURE,)),
        # identifiers decide where both have one: names of agencies repeat from province to province
        ((Who(organisation_id="H49.61"), replace(SEAL, organisation_id="H49.61")), "entitled", ()),
        (
            (Who(organisation_id="H49.61"), replace(SEAL, organisation_id="H12.61")),
            "not_entitled", (Reason.SEAL_OF_OTHER_AGENCY,),
        ),
        (
            (Who(organisation_id="H49.61", organisation="Phòng A"), replace(SEAL, organisation_id="H49.61")),
            "entitled", (),
        ),
        ((Who(organisation_id="H49.61"), SEAL), "entitled", ()),
        ((Who(organisation="Phòng A"), SEAL), "not_entitled", (Reason.SEAL_OF_OTHER_AGENCY,)),
        ((Who(organisation=""), replace(SEAL, organisation="")), "not_entitled", (Reason.SEAL_OF_OTHER_AGENCY,)),
    ],
)  # fmt: skip
def test_entitled_is_only_who_can_be_seen_to_be(
    signers: tuple[Who, ...], status: str, reasons: tuple[Reason, ...]
) -> None:
    found = judged_entitlement(signers)
    assert (found.status, found.reasons) == (status, tuple(reason.value for reason in reasons))


def test_an_answer_about_two_certificates_lasts_for_ever_if_one_half_says_no_end(pki: Any) -> None:
    answer = asn1_ocsp.OCSPResponse.load(pki.ocsp(pki.credential().certificate))
    statements = answer.basic_ocsp_response["tbs_response_data"]["responses"]
    first = statements[0]
    endless = asn1_ocsp.SingleResponse(
        {"cert_id": first["cert_id"], "cert_status": first["cert_status"], "this_update": first["this_update"]}
    )
    ends = []
    for held in ([first], [first, endless], [endless, first]):
        answer.basic_ocsp_response["tbs_response_data"]["responses"] = asn1_ocsp.Responses(held)
        (item,) = sorted_claims(StatusEvidence(answers=[answer])).answers
        ends.append(item.until)
    assert ends == [pki.at + timedelta(days=1), None, None]


def test_an_archive_time_stamp_with_two_indexes_is_a_fault(pki: Any, by: cms.Signer) -> None:
    """Which of them it is about nobody could tell."""
    container = read_container(cms.container(Plan(by=by), b"x"))
    index = attribute("0.4.0.19122.1.5", seq(identifier(f"{NIST}2.1"), seq(), seq(), seq()))
    info = seq(number(1), oid("1.2.3"), seq(identifier(f"{NIST}2.1"), tlv(0x04, bytes(32))), number(7),
               generalized(pki.at))  # fmt: skip
    plan = Plan(by=cms.clock(pki), scheme=identifier(f"{RSA}11", NULL), sign=pkcs1("sha256"),
                content_type="1.2.840.113549.1.9.16.1.4", content=info, version=3)  # fmt: skip

    def octets(*indexes: bytes) -> bytes:
        token = cms.container(replace(plan, unsigned=lambda _: indexes), b"")
        return archived(token, container, Content((b"x",))).octets

    assert octets(index)
    for several in ((index, index), ()):
        with pytest.raises(ContainerFaultError, match="without its index"):
            octets(*several)
