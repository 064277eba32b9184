"""verify_pdf: what is good is valid, what could not be checked is never valid, and every answer has its name."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from asn1crypto import cms
from cryptography import x509
from hypothesis import example, given, settings
from hypothesis import strategies as st

from signing.identity import CertificateClass
from signing.pades import SigningRequest, augment_pdf, sign_pdf
from signing.trust import Evidence, TrustAnchors, TrustProfile
from signing.validation import POLICIES, TEXTS, VN_TT15_2025, Reason, Verdict, unchecked_report, verify_pdf
from signing.validation import verify as verify_module
from signing.validation.entitlement import acceptance_of
from signing.validation.isolated import verify_in_worker

KEYS = [
    "verdict", "acceptance", "reason_codes", "reasons_vi", "reasons_en", "file", "signatures", "entitlement",
    "document_status", "policy",
]  # fmt: skip
SIGNATURE_KEYS = [
    "field", "kind", "indication", "sub_indication", "intact", "covers_whole_file", "changes_after", "changes", "level",
    "best_signature_time", "claimed_time", "signer", "certificate", "trust", "evidence", "warnings", "errors",
]  # fmt: skip


def check(pki: Any, pdf: Any, *, later: Any = timedelta(minutes=5), profile: Any = TrustProfile.DEV, **more: Any):
    values = {"anchors": pki.anchors(profile), "policy": VN_TT15_2025, "at": pki.at + later} | more
    return verify_pdf(pdf, **values)


def status_of(pki: Any, *credentials: Any):
    """What the issuing side knows now, for files that carry no evidence."""
    return Evidence(crls=(pki.crl(pki.root), pki.crl(pki.ca)))


def only(report: Any):
    (signature,) = [s for s in report.signatures if s.kind == "signature"]
    return signature


def test_a_signed_and_sealed_page_is_valid_and_says_development_first_in_vietnamese(pki: Any, sealed_page: Any):
    document = check(pki, sealed_page.pdf).document()
    assert (document["verdict"], document["acceptance"]) == ("valid", "accept")
    assert document["reason_codes"] == ["DEVELOPMENT_NO_LEGAL_VALUE"]
    assert "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ" in document["reasons_vi"][0]
    assert document["entitlement"] == {"status": "entitled", "reasons": []}
    assert [s["certificate"]["class"] for s in document["signatures"]] == ["personal", "org_seal"]
    assert [s["certificate"]["ordinal"] for s in document["signatures"]] == [1, 2]
    assert [s["level"] for s in document["signatures"]] == ["B-LT", "B-LT"]
    assert {s["trust"]["profile"] for s in document["signatures"]} == {"dev"}
    assert all(s["best_signature_time"]["source"] == "signature_timestamp" for s in document["signatures"])


def test_the_document_has_every_field_of_the_design_in_plain_json_types(pki: Any, sealed_page: Any):
    document = check(pki, sealed_page.pdf).document()
    assert set(KEYS) <= set(document)
    assert all(set(SIGNATURE_KEYS) <= set(s) for s in document["signatures"])
    assert set(document["file"]) == {"sha256", "size"}
    assert set(document["document_status"]) == {"state", "vault_match"}
    assert set(document["signatures"][0]["signer"]) == {"common_name", "organisation", "title", "serial"}

    def plain(value: Any):
        if isinstance(value, dict):
            return all(isinstance(k, str) and plain(v) for k, v in value.items())
        return all(map(plain, value)) if isinstance(value, list) else type(value) in {str, int, bool, type(None)}

    assert plain(document)


def test_another_profile_of_the_same_root_is_valid_without_the_development_line(pki: Any, sealed_page: Any):
    report = check(pki, sealed_page.pdf, profile=TrustProfile.OFFICIAL)
    assert (report.verdict, report.reasons) == (Verdict.VALID, ())


def test_every_reason_has_both_languages():
    assert set(TEXTS) == set(Reason)
    assert all(text.vi and text.en and text.vi != text.en for text in TEXTS.values())
    assert POLICIES["vn.tt15-2025"] is VN_TT15_2025


def test_a_file_without_signature_is_no_signature_and_pictures_are_no_signatures(pki: Any, sample_pdf: Any):
    document = check(pki, sample_pdf.page()).document()
    assert (document["verdict"], document["acceptance"]) == ("no_signature", "refuse")
    assert document["reason_codes"] == ["NO_SIGNATURE"]
    assert "không phải là chữ ký số" in document["reasons_vi"][0]


def test_a_file_with_a_time_stamp_only_has_no_signature(pki: Any, sign: Any, sample_pdf: Any, small_pki: Any):
    signed = sign(sample_pdf.page(), level="B-B")
    late = augment_pdf(signed.pdf, stamp=pki.stamp, evidence=pki.evidence, at=pki.at)

    def leave_the_stamp(document: Any):
        kept = pikepdf.Array([f for f in document.Root.AcroForm.Fields if "Time" in str(f.T)])
        document.Root.AcroForm.Fields = kept
        document.pages[0].Annots = kept

    report = check(pki, sample_pdf.changed(late.pdf, leave_the_stamp))
    assert report.verdict is Verdict.NO_SIGNATURE


def test_an_unknown_root_is_invalid_by_name_and_integrity_is_still_told(pki: Any, small_pki: Any, sealed_page: Any):
    stranger = small_pki.SmallPki(label="Other")
    report = verify_pdf(sealed_page.pdf, anchors=stranger.anchors(), policy=VN_TT15_2025, at=pki.at)
    assert report.verdict is Verdict.INVALID
    assert report.reasons[0] is Reason.UNTRUSTED_ROOT
    assert [s.sub_indication for s in report.signatures] == ["NO_CERTIFICATE_CHAIN_FOUND"] * 2
    assert all(s.intact for s in report.signatures)
    assert (
        verify_pdf(sealed_page.pdf, anchors=TrustAnchors(), policy=VN_TT15_2025, at=pki.at).verdict is Verdict.INVALID
    )


def test_without_any_status_information_the_answer_is_indeterminate(pki: Any, sign: Any, sample_pdf: Any):
    report = check(pki, sign(sample_pdf.page(), level="B-B").pdf)
    assert report.verdict is Verdict.INDETERMINATE
    assert (only(report).sub_indication, only(report).reason) == ("TRY_LATER", Reason.STATUS_UNKNOWN)
    assert report.document()["acceptance"] == "ask"


def test_status_that_the_caller_has_makes_a_bare_signature_valid_with_the_missing_time_named(
    pki: Any, sign: Any, sample_pdf: Any
):
    report = check(pki, sign(sample_pdf.page(), level="B-B").pdf, evidence=status_of(pki))
    assert report.verdict is Verdict.VALID
    assert only(report).level == "B-B"
    assert Reason.NO_TRUSTED_TIME in report.reasons
    assert {e.source for e in only(report).evidence} == {"given"}


def test_a_lenient_policy_may_do_without_status(pki: Any, sign: Any, sample_pdf: Any):

    lenient = replace(VN_TT15_2025, require_status=False)
    assert check(pki, sign(sample_pdf.page(), level="B-B").pdf, policy=lenient).verdict is Verdict.VALID


def test_years_later_the_evidence_inside_still_proves_the_signature(pki: Any, sealed_page: Any):
    assert check(pki, sealed_page.pdf, later=timedelta(days=300)).verdict is Verdict.VALID


def test_a_late_document_time_stamp_gives_the_best_time(pki: Any, sign: Any, sample_pdf: Any):
    late = augment_pdf(sign(sample_pdf.page(), level="B-B").pdf, stamp=pki.stamp, evidence=pki.evidence, at=pki.at)
    report = check(pki, late.pdf)
    assert report.verdict is Verdict.VALID
    assert (only(report).best_time_source, only(report).best_time) == ("document_timestamp", pki.at)
    assert only(report).level == "B-LT"


def test_a_document_time_stamp_over_the_evidence_is_long_term_archival(pki: Any, sealed_page: Any):
    archived = augment_pdf(sealed_page.pdf, stamp=pki.stamp, evidence=pki.evidence, at=pki.at)
    report = check(pki, archived.pdf)
    assert report.verdict is Verdict.VALID
    assert {s.level for s in report.signatures if s.kind == "signature"} == {"B-LTA"}
    assert [s.kind for s in report.signatures] == ["signature", "signature", "timestamp"]


def moved(small_pki: Any, **more: Any):
    return small_pki.SmallPki(**more)


@pytest.mark.parametrize(
    ("reason", "stamped", "expected", "verdict"),
    [
        (x509.ReasonFlags.key_compromise, True, Reason.CERT_REVOKED_AT_SIGNING, Verdict.INVALID),
        (x509.ReasonFlags.key_compromise, False, Reason.CERT_REVOKED, Verdict.INDETERMINATE),
        (x509.ReasonFlags.certificate_hold, True, Reason.CERT_ON_HOLD_AT_SIGNING, Verdict.INVALID),
        (x509.ReasonFlags.certificate_hold, False, Reason.CERT_ON_HOLD, Verdict.INDETERMINATE),
    ],
)
def test_a_certificate_withdrawn_before_it_was_used(  # noqa: PLR0917 - fixtures
    small_pki: Any, sign: Any, sample_pdf: Any, reason: Any, stamped: Any, expected: Any, verdict: Any
):
    pki = moved(small_pki)
    credential = pki.credential()
    pki.revoke(credential, pki.at - timedelta(hours=1), reason)
    signed = sign(sample_pdf.page(), by=pki, credential=credential, level="B-LT" if stamped else "B-B")
    report = check(pki, signed.pdf, evidence=status_of(pki))
    assert (report.verdict, only(report).reason) == (verdict, expected)


def test_a_certificate_revoked_after_the_proved_time_leaves_the_signature_good(
    small_pki: Any, sign: Any, sample_pdf: Any
):
    pki = moved(small_pki)
    credential = pki.credential()
    signed = sign(sample_pdf.page(), by=pki, credential=credential)
    pki.revoke(credential, pki.at + timedelta(days=1), x509.ReasonFlags.cessation_of_operation)
    pki.evidence_at = pki.at + timedelta(days=2)
    report = check(pki, signed.pdf, later=timedelta(days=2, hours=1), evidence=status_of(pki))
    assert report.verdict is Verdict.VALID, report.reasons


def test_a_later_list_that_dates_the_revocation_before_the_proved_time_counts(
    small_pki: Any, sign: Any, sample_pdf: Any
):
    pki = moved(small_pki)
    credential = pki.credential()
    signed = sign(sample_pdf.page(), by=pki, credential=credential)  # its own evidence says good
    pki.revoke(credential, pki.at - timedelta(days=1), x509.ReasonFlags.key_compromise)
    pki.evidence_at = pki.at + timedelta(days=2)
    report = check(pki, signed.pdf, later=timedelta(days=2, hours=1), evidence=status_of(pki))
    assert only(report).reason is Reason.CERT_REVOKED_AT_SIGNING


def test_an_expired_certificate_without_proved_time_is_open_with_proved_time_good(
    small_pki: Any, sign: Any, sample_pdf: Any
):
    pki = moved(small_pki)
    credential = pki.credential(end=pki.at + timedelta(days=10))
    bare = sign(sample_pdf.page(), by=pki, credential=credential, level="B-B")
    later = timedelta(days=20)
    pki.evidence_at = pki.at + later
    report = check(pki, bare.pdf, later=later, evidence=status_of(pki))
    assert (only(report).reason, only(report).sub_indication) == (Reason.CERT_EXPIRED, "OUT_OF_BOUNDS_NO_POE")
    pki.evidence_at = None
    stamped = sign(sample_pdf.page(), by=pki, credential=credential)
    assert check(pki, stamped.pdf, later=later).verdict is Verdict.VALID


def test_a_certificate_used_outside_its_period_is_invalid(small_pki: Any, sign: Any, sample_pdf: Any):
    pki = moved(small_pki)
    credential = pki.credential(start=pki.at + timedelta(days=1))
    early = sign(sample_pdf.page(), by=pki, credential=credential)
    report = check(pki, early.pdf, later=timedelta(days=2))
    assert (report.verdict, only(report).reason) == (Verdict.INVALID, Reason.CERT_NOT_VALID_AT_SIGNING)


def test_a_time_stamp_of_a_stranger_proves_nothing_but_breaks_nothing(
    pki: Any, small_pki: Any, sign: Any, sample_pdf: Any
):

    stranger = small_pki.SmallPki(label="Other")
    signed = sign_pdf(
        sample_pdf.page(), SigningRequest(credential=pki.credential(), field_name="S"), keys=pki.keys,
        stamp=stranger.stamp, evidence=None, at=pki.at,
    )  # fmt: skip
    report = check(pki, signed.pdf, evidence=status_of(pki))
    assert report.verdict is Verdict.VALID
    assert only(report).level == "B-T"  # what is there; who is trusted is another question
    assert {Reason.TIMESTAMP_NOT_TRUSTED, Reason.NO_TRUSTED_TIME} <= set(report.reasons)


def test_a_time_stamp_from_the_future_proves_nothing(small_pki: Any, sign: Any, sample_pdf: Any):
    pki = moved(small_pki)
    pki.stamp_at = pki.at + timedelta(days=1)
    signed = sign(sample_pdf.page(), by=pki, level="B-T")
    report = check(pki, signed.pdf, evidence=status_of(pki))
    assert only(report).level == "B-B"


def test_a_seal_before_the_person_is_named_and_a_seal_alone_is_left_open(pki: Any, sign: Any, sample_pdf: Any):
    seal_first = sign(sample_pdf.page(), credential=pki.seal(), field_name="Seal")
    alone = check(pki, seal_first.pdf)
    assert (alone.verdict, alone.entitlement.status) == (Verdict.VALID, "unknown")
    assert alone.entitlement.reasons == ("SEAL_WITHOUT_SIGNATURE",)
    then_person = check(pki, sign(seal_first.pdf, field_name="Person").pdf)
    assert (then_person.entitlement.status, then_person.entitlement.reasons) == (
        "not_entitled", ("SEAL_BEFORE_SIGNATURE",),
    )  # fmt: skip


def test_the_seal_of_another_agency_entitles_nobody(pki: Any, sign: Any, sample_pdf: Any):
    other = pki.seal(organisation="Sở Nội vụ", cn="Sở Nội vụ")
    report = check(pki, sign(sign(sample_pdf.page()).pdf, credential=other, field_name="Seal").pdf)
    assert (report.verdict, report.acceptance) == (Verdict.VALID, "refuse")
    assert (report.entitlement.status, report.entitlement.reasons) == ("not_entitled", ("SEAL_OF_OTHER_AGENCY",))


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (CertificateClass.CITIZEN, "CITIZEN_SIGNATURE"),
        (CertificateClass.PERSONAL, "SEAL_MISSING"),
        (CertificateClass.SERVICE, "SEAL_MISSING"),
    ],
)
def test_a_signature_without_the_agencys_seal_is_not_entitled_by_itself(
    pki: Any, sign: Any, sample_pdf: Any, kind: Any, reason: Any
):
    report = check(pki, sign(sample_pdf.page(), credential=pki.credential(certificate_class=kind)).pdf)
    assert (report.verdict, report.acceptance) == (Verdict.VALID, "ask")
    assert (report.entitlement.status, report.entitlement.reasons) == ("unknown", (reason,))


def test_a_citizen_under_a_seal_is_no_official(pki: Any, sign: Any, sample_pdf: Any):
    citizen = pki.credential(certificate_class=CertificateClass.CITIZEN)
    report = check(
        pki, sign(sign(sample_pdf.page(), credential=citizen).pdf, credential=pki.seal(), field_name="S").pdf
    )
    assert (report.entitlement.status, report.entitlement.reasons) == ("unknown", ("SEAL_WITHOUT_SIGNATURE",))


def test_a_broken_signature_leaves_entitlement_open(pki: Any, sign: Any, sample_pdf: Any):
    report = check(pki, sign(sample_pdf.page(), level="B-B").pdf)
    assert report.entitlement.reasons == ("CHECK_FAILED",)


@pytest.mark.parametrize("state", ["revoked", "voided", "recalled", "superseded", "expired"])
def test_a_document_that_is_no_longer_in_force_is_refused_whatever_its_signatures_are(
    pki: Any, sealed_page: Any, state: Any
):
    report = check(pki, sealed_page.pdf).with_document_status(state=state, vault_match="identical")
    assert (report.verdict, report.document()["acceptance"]) == (Verdict.VALID, "refuse")


@pytest.mark.parametrize("state", ["not_issued", "restricted", "disputed", "disposed", "some_new_state"])
def test_a_document_in_an_open_state_is_asked_about(pki: Any, sealed_page: Any, state: Any):
    assert check(pki, sealed_page.pdf).with_document_status(state=state, vault_match="identical").acceptance == "ask"


@pytest.mark.parametrize("verdict", ["valid", "indeterminate"])
@pytest.mark.parametrize("entitlement", ["entitled", "unknown"])
@pytest.mark.parametrize("state", ["active", "unknown", "disputed"])
def test_only_three_good_answers_are_accepted(verdict: Any, entitlement: Any, state: Any):
    good = verdict == "valid" and entitlement == "entitled" and state != "disputed"
    assert acceptance_of(verdict, entitlement, state) == ("accept" if good else "ask")
    assert acceptance_of(verdict, "not_entitled", state) == "refuse"
    assert acceptance_of("invalid", entitlement, state) == acceptance_of("no_signature", entitlement, state) == "refuse"


def test_scripts_in_the_file_are_named(pki: Any, sign: Any, sample_pdf: Any):
    report = check(pki, sign(sample_pdf.with_script(sample_pdf.page())).pdf)
    assert report.verdict is Verdict.VALID
    assert Reason.ACTIVE_CONTENT in report.reasons


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda _: b"", Reason.DOCUMENT_DAMAGED),
        (lambda _: b"%PDF-1.7\nnothing", Reason.DOCUMENT_DAMAGED),
        (lambda s: s.page()[:4000], Reason.DOCUMENT_DAMAGED),
        (lambda s: s.encrypted(s.page(), user="x"), Reason.DOCUMENT_ENCRYPTED),
    ],
)
def test_a_file_that_cannot_be_opened_is_indeterminate(pki: Any, sample_pdf: Any, make: Any, reason: Any):
    report = check(pki, make(sample_pdf))
    assert (report.verdict, report.reasons) == (Verdict.INDETERMINATE, (reason,))
    assert report.document()["signatures"] == []


def test_a_check_that_broke_off_is_a_report_too(pki: Any):
    report = unchecked_report(b"x", policy=VN_TT15_2025, at=pki.at, fault=Reason.CHECK_TOO_COSTLY)
    assert report.verdict is Verdict.INDETERMINATE
    known = report.with_document_status(state="active", vault_match="identical").document()
    assert known["document_status"] == {"state": "active", "vault_match": "identical"}


def test_a_crash_in_one_signature_is_its_own_answer(pki: Any, sealed_page: Any, monkeypatch: Any):
    original = verify_module._signature

    def crashes_on_the_seal(field: Any, found: Any, setting: Any):
        if field.name == "Seal":
            raise ZeroDivisionError
        return original(field, found, setting)

    monkeypatch.setattr(verify_module, "_signature", crashes_on_the_seal)
    report = check(pki, sealed_page.pdf)
    assert {s.field: s.verdict for s in report.signatures} == {
        "Person": Verdict.VALID, "Seal": Verdict.INDETERMINATE,
    }  # fmt: skip
    assert report.verdict is Verdict.INDETERMINATE


def test_a_crash_while_opening_is_a_report(pki: Any, monkeypatch: Any):
    def crash(pdf: Any):
        raise ZeroDivisionError

    monkeypatch.setattr(verify_module, "open_document", crash)
    assert check(pki, b"x").verdict is Verdict.INDETERMINATE


def test_the_worker_entry_gives_the_same_report(pki: Any, signed_page: Any):
    direct = check(pki, signed_page.pdf)
    assert verify_in_worker(signed_page.pdf, pki.anchors(), VN_TT15_2025, direct.checked_at, Evidence()) == direct


def test_more_signatures_than_the_bound_are_not_checked(pki: Any, sealed_page: Any, monkeypatch: Any):
    monkeypatch.setattr(verify_module, "MAX_SIGNATURES", 1)
    report = check(pki, sealed_page.pdf)
    assert (report.verdict, report.reasons[0]) == (Verdict.INDETERMINATE, Reason.CHECK_TOO_COSTLY)


def digit_of(pdf: bytes, place: int | str) -> int:
    """Where to damage a file: somewhere in it, or the last digit of a version in its container."""
    if isinstance(place, int):
        return place % (len(pdf) - 1)
    first = pdf.index(b"/Contents <") + len(b"/Contents <")
    container = bytes.fromhex(pdf[first : pdf.index(b">", first)].decode())
    signed = cms.ContentInfo.load(container, strict=False)["content"]
    (signer,) = signed["signer_infos"]
    at = container.index((signed if place == "container version" else signer).contents)
    assert container[at : at + 3] == b"\x02\x01\x01"
    return first + 2 * (at + 2) + 1


def damaged(pdf: bytes, kind: str, position: int, *, bit: int, junk: bytes) -> bytes:
    if kind == "cut":
        return pdf[:position]
    if kind == "flip":
        return pdf[:position] + bytes((pdf[position] ^ 1 << bit,)) + pdf[position + 1 :]
    if kind == "insert":
        return pdf[:position] + junk + pdf[position:]
    return pdf[:position] + pdf[position + len(junk) :]


def spelled(pdf: bytes) -> bytes:
    """A file up to what changes no byte that is signed, and none of the container.

    That is white space around it, and the case of the hexadecimal digits of the container (ISO 32000-1 §7.3.4.3).
    """
    pdf = pdf.lstrip(b"\0\t\n\f\r ")
    first = pdf.find(b"/Contents <")
    last = pdf.find(b">", first)
    return pdf[:first] + pdf[first:last].lower() + pdf[last:].rstrip(b"\0\t\n\f\r ")


@given(
    kind=st.sampled_from(["cut", "flip", "insert", "drop"]),
    place=st.integers(0, 2**20),
    bit=st.integers(0, 7),
    junk=st.binary(min_size=1, max_size=20),
)
@example(kind="flip", place="signer version", bit=1, junk=b"-")  # 1 becomes 3, and nothing of it is signed
@example(kind="flip", place="container version", bit=1, junk=b"-")
@settings(max_examples=60, deadline=None)
def test_random_damage_never_raises_and_never_passes(  # noqa: PLR0917 - fixtures
    pki: Any, small_signed: Any, kind: str, place: int | str, bit: int, junk: bytes
):
    pdf = damaged(small_signed, kind, digit_of(small_signed, place), bit=bit, junk=junk)
    report = check(pki, pdf, evidence=status_of(pki))
    if report.verdict is Verdict.VALID:
        assert spelled(pdf) == spelled(small_signed)


def test_no_flipped_byte_of_the_signed_range_or_the_container_is_valid(pki: Any, small_signed: Any):
    evidence = status_of(pki)
    assert check(pki, small_signed, evidence=evidence).verdict is Verdict.VALID
    with pikepdf.open(io.BytesIO(small_signed)) as document:
        _, first, second, _ = (int(n) for n in document.Root.AcroForm.Fields[0].V.ByteRange)
    container = cms.ContentInfo.load(bytes.fromhex(small_signed[first + 1 : second - 1].decode()))
    used = first + 1 + 2 * len(container.dump())
    positions = [
        *range(0, first, 47),
        *range(first, used, 37),
        *range(used, second, 1_201),
        *range(second, len(small_signed), 23),
    ]
    survivors = []
    for position in positions:
        broken = bytearray(small_signed)
        # inside the hexadecimal string another digit, so that the container itself is hit
        broken[position] = (
            ord("0123456789ABCDEF0"["0123456789ABCDEF".index(chr(broken[position])) + 1])
            if first < position < second - 1
            else broken[position] ^ 1
        )
        if check(pki, bytes(broken), evidence=evidence).verdict is Verdict.VALID:
            survivors.append(position)
    assert survivors == []
