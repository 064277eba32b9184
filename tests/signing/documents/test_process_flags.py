"""What is flagged beside the signatures: another day than the printed one, one person twice; what needs no trust."""

from dataclasses import replace
from typing import Any

import pytest

from signing.trust import Evidence, TrustAnchors
from signing.validation import VN_TT15_2025, Reason, Report, Verdict, check_path, verify_pdf
from signing.validation.entitlement import judged_entitlement
from signing.validation.path_memory import PathMemory
from signing.validation.printed_date import printed_date

_HEAD = """#set page(paper: "a4", margin: 2cm)
#grid(columns: (1fr, 1fr), align(center)[*UBND PHƯỜNG YÊN GIANG* \\ Số: 27/TLKS-UBND],
  align(center)[*CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM* \\ _Yên Giang, LINE_])
Căn cứ Nghị định số 30 ngày 05 tháng 3 năm 2020 của Chính phủ; sinh ngày 01 tháng 02 năm 1990.
"""


def paper(sample_pdf: Any, line: str, more: str = "") -> bytes:
    made: bytes = sample_pdf.page(body=_HEAD.replace("LINE", line) + more)
    return made


def check(pki: Any, pdf: bytes, **more: Any) -> Report:
    values = {"anchors": pki.anchors(), "policy": VN_TT15_2025, "at": pki.at, "compare_pages": False, **more}
    return verify_pdf(pdf, **values)


def sealed(pki: Any, sign: Any, pdf: bytes, seal: Any = None) -> bytes:
    person = sign(pdf, field_name="Person").pdf
    made: bytes = sign(person, credential=seal or pki.seal(), field_name="Seal").pdf
    return made


@pytest.mark.parametrize(
    ("line", "differs"),
    [
        ("ngày 05 tháng 8 năm 2026", False),  # 02:00 UTC is 09:00 of the same day in Việt Nam
        ("ngày 5 tháng 08 năm 2026", False),
        ("ngày 04 tháng 8 năm 2026", True),
        ("ngày … tháng … năm 2026", False),  # nothing is printed
        ("ngày 31 tháng 02 năm 2026", False),  # no day
    ],
)
def test_a_paper_that_prints_another_day_is_for_a_person_to_look_at(
    pki: Any, sign: Any, sample_pdf: Any, line: str, *, differs: bool
) -> None:
    report = check(pki, sealed(pki, sign, paper(sample_pdf, line)))
    assert report.verdict is Verdict.VALID, report.reasons
    assert (Reason.PRINTED_DATE_DIFFERS in report.reasons) is differs
    assert report.acceptance == ("ask" if differs else "accept")
    assert report.without_printed_date().acceptance == "accept"  # a copy prints the day of what was copied


def test_two_different_days_on_a_page_are_no_printed_date(sample_pdf: Any) -> None:
    two = paper(sample_pdf, "ngày 04 tháng 8 năm 2026", "\n\nHà Nội, ngày 06 tháng 8 năm 2026")
    assert printed_date(two, len(two)) is None
    assert printed_date(b"no pdf", 6) is None


def test_a_moment_after_midnight_in_vietnam_is_the_next_day(small_pki: Any, sign: Any, sample_pdf: Any) -> None:
    own = small_pki.SmallPki()
    own.stamp_at = own.at.replace(hour=18)  # 01:00 of 6 August
    pdf = sign(paper(sample_pdf, "ngày 05 tháng 8 năm 2026"), by=own).pdf
    report = check(own, pdf, at=own.at.replace(hour=19))
    assert Reason.PRINTED_DATE_DIFFERS in report.reasons


def test_who_signs_does_not_seal(pki: Any, sign: Any, sample_pdf: Any) -> None:
    own_number = pki.seal(personal_id="PNOVN-022190000001")
    report = check(pki, sealed(pki, sign, sample_pdf.page(), own_number))
    assert (report.verdict, report.acceptance) == (Verdict.VALID, "refuse")
    assert (report.entitlement.status, report.entitlement.reasons) == ("not_entitled", ("SAME_PERSON_TWICE",))
    other = check(pki, sealed(pki, sign, sample_pdf.page()))
    assert other.entitlement.status == "entitled"
    one_key = tuple(replace(s, key_sha256="00") for s in other.signatures)
    assert "022190000001" not in str(other.document())
    assert judged_entitlement(one_key).reasons == ("SAME_PERSON_TWICE",)


def test_what_needs_no_trust_is_the_same_under_any_roots(pki: Any, sealed_page: Any) -> None:
    trusted, unknown = check(pki, sealed_page.pdf), check(pki, sealed_page.pdf, anchors=TrustAnchors())
    assert (trusted.verdict, unknown.verdict) == (Verdict.VALID, Verdict.INVALID)
    told = ("kind", "intact", "changes_after", "covers_whole_file", "level", "signature_algorithm", "revision_end")
    for one, other in zip(trusted.signatures, unknown.signatures, strict=True):
        assert [getattr(one, name) for name in told] == [getattr(other, name) for name in told]
        assert other.certificates


def test_a_weak_policy_answer_hides_no_integrity(pki: Any, sealed_page: Any) -> None:
    strict = replace(VN_TT15_2025, digests=frozenset({"sha512"}))
    report = check(pki, sealed_page.pdf, policy=strict)
    assert report.verdict is Verdict.INVALID
    assert [s.intact for s in report.signatures] == [True, True]
    assert [s.changes_after.value for s in report.signatures] == ["permitted", "permitted"]


def test_the_detailed_document_holds_what_the_short_one_names(pki: Any, sealed_page: Any) -> None:
    report = check(pki, sealed_page.pdf)
    short, detailed = report.document()["signatures"][0], report.document(detailed=True)["signatures"][0]
    assert short["chain"][0]["sha256"] == detailed["chain"][0]["sha256"]
    assert "der" not in short["chain"][0]
    assert detailed["chain"][0]["der"]
    assert detailed["timestamps"][0]["token"]
    assert short["sub_filter"] == "ETSI.CAdES.detached"


def test_a_memory_changes_no_answer(pki: Any) -> None:
    credential = pki.credential()
    evidence = Evidence(crls=(pki.crl(pki.root), pki.crl(pki.ca)))
    memory = PathMemory()
    for at in (pki.at, pki.at.replace(year=2025), pki.at.replace(year=2028), pki.at):
        for known in (None, memory):
            outcome = check_path(
                credential.certificate, credential.chain, [pki.root.der], evidence.crls, at, memory=known
            )
            fresh = check_path(credential.certificate, credential.chain, [pki.root.der], evidence.crls, at)
            assert outcome == fresh
