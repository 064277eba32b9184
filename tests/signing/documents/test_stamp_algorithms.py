"""Algorithms of a time-stamp count at the time by which the token is proven to exist, never at the one it tells."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signing.pades import augment_pdf
from signing.trust import Evidence
from signing.validation import VN_IN_FORCE, VN_TT15_2025, Reason, Report, Verdict, verify_detached, verify_pdf
from signing.validation.policy import AlgorithmEnd, ValidationPolicy
from signing.validation.stamps import StampAnswer, check_stamp
from tests.fakes import cms_builder as cms
from tests.fakes.cms_builder import NULL, RSA, TOKEN, Plan, attribute, identifier, pkcs1
from tests.fakes.small_pki import SmallPki

HOUR = timedelta(hours=1)


@pytest.fixture
def own() -> SmallPki:
    return SmallPki()


def made(pki: SmallPki, data: bytes, at: datetime, **digests: str) -> bytes:
    """A token of the infrastructure's authority with digests of a test's choice."""
    return cms.token_by(cms.clock(pki), data, at, **digests)


def lists(pki: SmallPki, at: datetime) -> Evidence:
    pki.evidence_at = at
    return Evidence(crls=(pki.crl(pki.root), pki.crl(pki.ca)))


def answer(pki: SmallPki, token: bytes, policy: ValidationPolicy, control: datetime) -> StampAnswer:
    return check_stamp(
        token, (b"data",), others=(pki.ca.der,), anchors=pki.anchors(), evidence=lists(pki, control), policy=policy,
        control_time=control,
    )  # fmt: skip


def ending(pki: SmallPki, *ends: AlgorithmEnd) -> ValidationPolicy:
    """SHA-224 and whatever else a test names count up to an hour after the infrastructure's time."""
    sha224 = AlgorithmEnd(algorithm="sha224", until=pki.at + HOUR)
    return replace(VN_TT15_2025, digests=VN_TT15_2025.digests | {"sha224"}, ends=(sha224, *ends))


@pytest.mark.parametrize("weak", ["imprint", "signature"])
def test_a_token_that_ends_with_its_algorithm_is_believed_only_while_something_proves_it(
    own: SmallPki, weak: str
) -> None:
    token = made(own, b"data", own.at, **{weak: "sha224"})
    before = answer(own, token, ending(own), own.at + HOUR / 2)
    after = answer(own, token, ending(own), own.at + 2 * HOUR)
    assert (before.intact, before.trusted, before.error) == (True, True, "")
    assert (after.intact, after.trusted, after.error) == (True, False, "digest sha224")


def test_a_short_key_of_the_authority_ends_the_same_way(own: SmallPki) -> None:
    policy = ending(own, AlgorithmEnd(algorithm="rsa", until=own.at + HOUR, below_bits=3000))
    token = made(own, b"data", own.at)
    assert answer(own, token, policy, own.at + HOUR / 2).trusted
    assert not answer(own, token, policy, own.at + 2 * HOUR).trusted


@pytest.mark.parametrize("digest", ["sha1", "md5"])
@pytest.mark.parametrize("weak", ["imprint", "signature"])
def test_a_broken_digest_proves_no_time(own: SmallPki, weak: str, digest: str) -> None:
    found = answer(own, made(own, b"data", own.at, **{weak: digest}), VN_IN_FORCE, own.at + HOUR)
    assert (found.intact, found.trusted, found.error) == (True, False, f"digest {digest}")


def test_a_token_made_today_for_a_day_of_another_rule_is_judged_by_the_rule_of_today() -> None:
    pki = SmallPki(at=datetime(2025, 8, 1, tzinfo=UTC))  # circular 22/2020 still had SHA-224
    today = datetime(2025, 8, 20, tzinfo=UTC)
    token = made(pki, b"data", pki.at, imprint="sha224", signature="sha224")
    assert answer(pki, token, VN_IN_FORCE, pki.at + HOUR).trusted
    found = answer(pki, token, VN_IN_FORCE, today)
    assert (found.stamped_time, found.trusted) == (pki.at, False)


def signed(pki: SmallPki, **weak: Any) -> bytes:
    plan = Plan(
        by=cms.signer(pki, "p256"), unsigned=lambda value: (attribute(TOKEN, made(pki, value, pki.at, **weak)),)
    )
    return cms.pdf_around(lambda content: cms.container(plan, content))


def covered(pki: SmallPki, pdf: bytes, at: datetime) -> bytes:
    pki.stamp_at = at
    return augment_pdf(pdf, stamp=pki.stamp, evidence=lambda _: Evidence(), at=at).pdf


def check(pki: SmallPki, pdf: bytes) -> Report:
    at = pki.at + 2 * HOUR
    return verify_pdf(
        pdf, anchors=pki.anchors(), policy=ending(pki), at=at, evidence=lists(pki, at), compare_pages=False
    )


@pytest.mark.parametrize(
    ("later", "believed"), [(None, False), (HOUR / 2, True), (HOUR * 1.5, False)], ids=["none", "in time", "too late"]
)
def test_a_document_time_stamp_keeps_an_older_token_only_if_it_came_in_time(
    own: SmallPki, later: timedelta | None, *, believed: bool
) -> None:
    pdf = signed(own, signature="sha224")
    report = check(own, pdf if later is None else covered(own, pdf, own.at + later))
    one = next(s for s in report.signatures if s.kind == "signature")
    assert report.verdict is Verdict.VALID, report.reasons  # the signature itself is made with what still counts
    assert (one.timestamps[0].intact, one.timestamps[0].trusted) == (True, believed)
    assert (one.best_time == own.at) is believed
    assert (Reason.TIMESTAMP_NOT_TRUSTED in one.warnings) is not believed


def test_a_backdated_token_of_a_weak_digest_saves_no_signature_of_a_weak_digest(own: SmallPki) -> None:
    plan = Plan(
        by=cms.signer(own, "rsa2048"), digest="sha224", scheme=identifier(f"{RSA}14", NULL), sign=pkcs1("sha224"),
        unsigned=lambda value: (attribute(TOKEN, made(own, value, own.at, signature="sha224")),),
    )  # fmt: skip
    pdf = cms.pdf_around(lambda content: cms.container(plan, content))
    report = check(own, pdf)
    assert (report.verdict, report.signatures[0].sub_indication) == (
        Verdict.INDETERMINATE, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    )  # fmt: skip
    kept = check(own, covered(own, pdf, own.at + HOUR / 2))
    assert kept.verdict is Verdict.VALID, kept.reasons


def test_signatures_over_files_follow_the_same_rule(own: SmallPki) -> None:
    at = own.at + 2 * HOUR
    plan = Plan(
        by=cms.signer(own, "p256"),
        unsigned=lambda value: (attribute(TOKEN, made(own, value, own.at, imprint="sha224")),),
    )
    report = verify_detached(
        cms.container(plan, b"file"), b"file", anchors=own.anchors(), policy=ending(own), at=at,
        evidence=lists(own, at),
    )  # fmt: skip
    (one,) = report.signatures
    assert (report.verdict, one.best_time) == (Verdict.VALID, None)
    assert (one.timestamps[0].intact, one.timestamps[0].trusted) == (True, False)
