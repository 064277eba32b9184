"""What the last steps of a check say: a file that readers repair, pages nobody could draw, who vouches for a stamp."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing.trust import Evidence, TrustAnchors
from signing.validation import (
    VN_TT15_2025,
    Reason,
    Report,
    Verdict,
    page_comparison,
    verify,
    verify_detached,
    verify_pdf,
)
from signing.validation.document import OpenedDocument, open_document
from signing.validation.rendered import PageDifference, RenderedAnswer
from tests.fakes import cms_builder as cms
from tests.fakes.small_pki import SmallPki
from tests.fakes.stamped_pdf import document_stamped


def check(pki: Any, pdf: bytes, *, known: bool = True) -> Report:
    evidence = Evidence(crls=(pki.crl(pki.root), pki.crl(pki.ca)) if known else ())
    moment = pki.at + timedelta(minutes=5)
    return verify_pdf(pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=moment, evidence=evidence)


@pytest.fixture(scope="module")
def once(sign: Any, sample_pdf: Any) -> bytes:
    signed: bytes = sign(sample_pdf.small()).pdf
    return signed


@pytest.fixture(scope="module")
def bare(sign: Any, sample_pdf: Any) -> bytes:
    signed: bytes = sign(sample_pdf.small(), level="B-B").pdf
    return signed


@pytest.fixture(scope="module")
def twice(sign: Any, once: bytes) -> bytes:
    signed: bytes = sign(once, field_name="Second", level="B-T").pdf
    return signed


@pytest.mark.parametrize(
    ("finding", "before", "reason"),
    [
        # between a signed revision and what a repairing reader shows there may be an update that nobody signed
        ({"repaired": True}, (Verdict.INVALID, Reason.HIDDEN_UPDATE), Reason.DOCUMENT_DAMAGED),
        ({"disagreement": "place"}, (Verdict.INDETERMINATE, Reason.READERS_DISAGREE), Reason.READERS_DISAGREE),
        (
            {"repaired": True, "disagreement": "place"},
            (Verdict.INVALID, Reason.HIDDEN_UPDATE),
            Reason.READERS_DISAGREE,
        ),
    ],
)
def test_a_file_that_another_reader_repairs_or_reads_otherwise_has_no_valid_signature(  # noqa: PLR0917 - fixtures and a table
    monkeypatch: pytest.MonkeyPatch,
    pki: Any,
    twice: bytes,
    finding: dict[str, Any],
    before: tuple[Verdict, Reason],
    reason: Reason,
) -> None:
    def opened(pdf: bytes, password: str | None) -> OpenedDocument:
        return replace(open_document(pdf, password), **finding)

    assert check(pki, twice).verdict is Verdict.VALID
    monkeypatch.setattr(verify, "open_document", opened)
    report = check(pki, twice)
    assert [(s.verdict, s.reason) for s in report.signatures] == [before, (Verdict.INDETERMINATE, reason)]
    altered = check(pki, twice.replace(b"0 0 1 rg", b"1 0 0 rg", 1))
    assert {s.reason for s in altered.signatures} == {Reason.DOCUMENT_ALTERED}  # what is worse is told first


@pytest.mark.parametrize(
    ("same", "verdict", "reason", "told", "warned"),
    [
        (True, Verdict.VALID, None, (), False),
        (False, Verdict.INVALID, Reason.PAGE_LOOKS_DIFFERENT, ("page_looks_different:1",), False),
        (None, Verdict.VALID, None, (), True),
    ],
)
def test_what_the_drawn_pages_show_is_part_of_the_answer_and_so_is_that_they_could_not_be_drawn(  # noqa: PLR0917 - fixtures, table
    monkeypatch: pytest.MonkeyPatch,
    pki: Any,
    twice: bytes,
    same: bool | None,  # noqa: FBT001 - a column of the table
    verdict: Verdict,
    reason: Reason | None,
    told: tuple[str, ...],
    warned: bool,  # noqa: FBT001 - a column of the table
) -> None:
    pages = (PageDifference(page=0, areas=()),) if same is False else ()
    monkeypatch.setattr(page_comparison, "compare_pages", lambda *_, **__: RenderedAnswer(same=same, pages=pages))
    first, second = check(pki, twice).signatures
    assert (first.verdict, first.reason, first.errors) == (verdict, reason, told)
    assert (Reason.PAGES_NOT_COMPARED in first.warnings) is warned
    assert (second.verdict, second.warnings) == (Verdict.VALID, ())  # nothing came after it


def with_other_content(pdf: bytes) -> bytes:
    """An update that exchanges what the page shows."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"1 0 0 rg 20 20 100 50 re f"))
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("known", [True, False], ids=["status known", "status unknown"])
def test_what_was_altered_afterwards_is_invalid_whatever_is_open_about_the_signer(
    pki: Any, bare: bytes, *, known: bool
) -> None:
    """EN 319 102-1 §5.1.3: FAILED is told before INDETERMINATE."""
    (one,) = check(pki, with_other_content(bare), known=known).signatures
    assert (one.intact, one.verdict, one.reason) == (True, Verdict.INVALID, Reason.DOCUMENT_ALTERED)


@pytest.mark.parametrize("range_of", [b"0 1 2", b"0 5 5 99999999"], ids=["no range", "outside of the file"])
def test_a_document_time_stamp_whose_place_is_wrong_is_told_by_its_place(
    pki: Any, once: bytes, range_of: bytes
) -> None:
    pdf = document_stamped(once, pki)
    at = pdf.rindex(b"/ByteRange [") + 12
    end = pdf.index(b"]", at)
    stamp = check(pki, pdf[:at] + range_of.ljust(end - at) + pdf[end:]).signatures[-1]
    assert (stamp.kind, stamp.verdict, stamp.reason) == ("timestamp", Verdict.INVALID, Reason.SIGNATURE_COVERAGE)


def test_a_document_time_stamp_tells_whose_root_vouches_for_it_and_why_it_is_not_trusted(pki: Any, once: bytes) -> None:
    good = check(pki, document_stamped(once, pki)).signatures[-1]
    assert (good.kind, good.verdict, good.errors) == ("timestamp", Verdict.VALID, ())
    (anchor,) = pki.anchors()
    assert (good.trust_anchor, good.trust_profile) == (anchor.name, anchor.profile)
    assert good.evidence
    stranger = check(pki, document_stamped(once, SmallPki(label="Stranger"))).signatures[-1]
    assert (stranger.verdict, stranger.trust_anchor) == (Verdict.INDETERMINATE, "")
    assert [error.partition(";")[0] for error in stranger.errors] == ["no chain to a known root"]


@pytest.mark.parametrize("stamped", [True, False])
@pytest.mark.parametrize("form", ["document", "file"])
def test_a_root_counts_at_the_time_that_is_proved_and_without_a_proof_now(
    pki: Any, form: str, *, stamped: bool
) -> None:
    """EN 319 102-1 §5.2.4: the context of validation is that of the moment in question."""
    clock, at = SmallPki(label="Clock"), pki.at + timedelta(hours=3)

    def unsigned(value: bytes) -> tuple[bytes, ...]:
        return (cms.attribute(cms.TOKEN, cms.token(clock, value)),) if stamped else ()

    plan = cms.Plan(by=cms.signer(pki, "p256"), unsigned=unsigned)
    lists = tuple(one.crl(by) for one in (pki, clock) for by in (one.root, one.ca))

    def verdict(*, until: timedelta) -> Verdict:
        own = (replace(one, accepted_to=pki.at + until) for one in pki.anchors())
        values: dict[str, Any] = {
            "anchors": TrustAnchors((*own, *clock.anchors())), "policy": VN_TT15_2025, "at": at,
            "evidence": Evidence(crls=lists),
        }  # fmt: skip
        if form == "document":
            return verify_pdf(cms.signed_pdf(plan), **values).verdict
        return verify_detached(cms.container(plan, b"a file"), b"a file", **values).verdict

    assert verdict(until=timedelta(hours=4)) is Verdict.VALID
    assert verdict(until=timedelta(hours=2)) is (Verdict.VALID if stamped else Verdict.INVALID)
    assert verdict(until=timedelta(0)) is Verdict.INVALID


@pytest.mark.parametrize("stranger", [True, False])
def test_only_a_trusted_time_stamp_keeps_the_one_below_it_alive(sign: Any, sample_pdf: Any, *, stranger: bool) -> None:
    """EN 319 102-1 §5.6.2.3: whoever has the key of an ended clock writes any time; strangers vouch for nothing."""
    own = SmallPki()
    clock, key = own._tsa
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    end = own.at + timedelta(hours=1)
    ended = own.certificate(clock.subject, key.public_key(), own.ca, end=end, extra=((usage, True),))
    own.__dict__["_tsa"] = ended, key
    pdf = document_stamped(sign(sample_pdf.small(), by=own, level="B-B").pdf, own)
    own.__dict__["_tsa"] = clock, key
    pdf = document_stamped(pdf, SmallPki(label="Stranger") if stranger else own, field="Second")
    signed, first, second = verify_pdf(
        pdf, anchors=own.anchors(), policy=VN_TT15_2025, at=own.at + timedelta(hours=2),
        evidence=Evidence(crls=(own.crl(own.root), own.crl(own.ca))),
    ).signatures  # fmt: skip
    assert {first.verdict, second.verdict} == {Verdict.INDETERMINATE if stranger else Verdict.VALID}
    assert signed.best_time == (None if stranger else own.at)
