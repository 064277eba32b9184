"""A past moment is judged with evidence of that time; look-alike authorities in a file cost it nothing."""

import sys
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from signing.trust import Evidence
from signing.validation import VN_TT15_2025, PathFailure, Verdict, check_path, verify_pdf


def asked(pki: Any, credential: Any, at: Any, *, crls: Any = (), ocsps: Any = (), retroactive: bool = True) -> Any:
    return check_path(
        credential.certificate, credential.chain, [pki.root.der], crls, at, ocsps=ocsps, retroactive=retroactive
    )


def evidence_from(pki: Any, credential: Any, moment: Any) -> tuple[list[bytes], list[bytes]]:
    pki.evidence_at = moment
    return [pki.crl(pki.root), pki.crl(pki.ca)], [pki.ocsp(credential.certificate)]


@pytest.mark.parametrize(
    ("made", "good"),
    [(timedelta(0), True), (timedelta(days=2), True), (timedelta(days=-6), True), (timedelta(days=-8), False)],
)
def test_lists_for_a_proved_moment_are_from_then_or_later_but_not_over_before(
    small_pki: Any,
    made: timedelta,
    good: bool,  # noqa: FBT001 - the column of a table
) -> None:
    pki = small_pki.SmallPki()
    credential = pki.credential()
    lists, _ = evidence_from(pki, credential, pki.at + made)
    outcome = asked(pki, credential, pki.at, crls=lists)
    assert (outcome.ok, outcome.failure) == (good, None if good else PathFailure.STATUS_UNKNOWN)


def test_an_answer_that_was_over_before_the_proved_moment_says_nothing(small_pki: Any) -> None:
    pki = small_pki.SmallPki()
    credential = pki.credential()
    lists, _ = evidence_from(pki, credential, pki.at)
    _, old = evidence_from(pki, credential, pki.at - timedelta(days=2))
    assert asked(pki, credential, pki.at, crls=lists[:1], ocsps=old).failure is PathFailure.STATUS_UNKNOWN
    _, fresh = evidence_from(pki, credential, pki.at)
    assert asked(pki, credential, pki.at, crls=lists[:1], ocsps=fresh).ok


def test_evidence_from_the_future_counts_only_when_the_moment_is_proved(small_pki: Any) -> None:
    pki = small_pki.SmallPki()
    credential = pki.credential()
    lists, answers = evidence_from(pki, credential, pki.at + timedelta(days=1))
    assert asked(pki, credential, pki.at, crls=lists, ocsps=answers).ok
    now = asked(pki, credential, pki.at, crls=lists, ocsps=answers, retroactive=False)
    assert now.failure is PathFailure.STATUS_UNKNOWN


@pytest.mark.parametrize("reason", [x509.ReasonFlags.cessation_of_operation, x509.ReasonFlags.certificate_hold])
@pytest.mark.parametrize("source", ["list", "answer", "both"])
def test_a_revocation_after_the_moment_leaves_the_moment_good_whatever_tells_of_it(
    small_pki: Any, source: str, reason: x509.ReasonFlags
) -> None:
    pki = small_pki.SmallPki()
    credential = pki.credential()
    pki.revoke(credential, pki.at + timedelta(days=1), reason)
    lists, answers = evidence_from(pki, credential, pki.at + timedelta(days=2))
    known: Any = {"crls": lists if source != "answer" else lists[:1], "ocsps": answers if source != "list" else ()}
    assert asked(pki, credential, pki.at, **known).ok
    assert asked(pki, credential, pki.at + timedelta(days=1, seconds=-1), **known).ok
    ended = {PathFailure.REVOKED, PathFailure.ON_HOLD}
    assert asked(pki, credential, pki.at + timedelta(days=1, seconds=1), **known).failure in ended
    # made after the moment: without a proved moment it is no evidence, as ever
    assert asked(pki, credential, pki.at, **known, retroactive=False).failure is PathFailure.STATUS_UNKNOWN


def test_an_answer_about_a_later_revocation_needs_its_own_signature(small_pki: Any) -> None:
    pki = small_pki.SmallPki()
    credential, other = pki.credential(), pki.credential()
    pki.revoke(credential, pki.at + timedelta(days=1), x509.ReasonFlags.cessation_of_operation)
    lists, (answer,) = evidence_from(pki, credential, pki.at + timedelta(days=2))
    _, (stranger,) = evidence_from(pki, other, pki.at)
    later = b"20260806020000Z"  # the revocation, moved on by whoever wants the day after to be good
    assert answer.count(later) == 1
    for forged in (answer.replace(later, b"20260807020000Z"), stranger):
        outcome = asked(pki, credential, pki.at + timedelta(days=1, hours=1), crls=lists[:1], ocsps=[forged])
        assert outcome.failure is PathFailure.STATUS_UNKNOWN


@pytest.mark.parametrize("source", ["list", "answer"])
@pytest.mark.parametrize("first", [True, False])
def test_a_hold_in_kept_evidence_counts_though_later_evidence_is_good(small_pki: Any, source: str, first: bool) -> None:  # noqa: FBT001
    pki = small_pki.SmallPki()
    credential = pki.credential()
    pki.revoke(credential, pki.at - timedelta(hours=1), x509.ReasonFlags.certificate_hold)
    held_lists, held_answers = evidence_from(pki, credential, pki.at)
    pki.revoked.clear()  # released: later evidence knows nothing of it
    lists, answers = evidence_from(pki, credential, pki.at + timedelta(days=1))
    if source == "list":
        lists = [*held_lists, *lists] if first else [*lists, *held_lists]
    else:
        answers = [*held_answers, *answers] if first else [*answers, *held_answers]
    assert asked(pki, credential, pki.at, crls=lists, ocsps=answers).failure is PathFailure.ON_HOLD
    before = asked(pki, credential, pki.at - timedelta(hours=2), crls=lists, ocsps=answers)
    assert before.ok, before.reason


@pytest.mark.parametrize("first", [True, False])
def test_a_kept_good_answer_hides_no_revocation_that_came_after_it(small_pki: Any, first: bool) -> None:  # noqa: FBT001
    pki = small_pki.SmallPki()
    credential = pki.credential()
    lists, good = evidence_from(pki, credential, pki.at)
    pki.revoke(credential, pki.at + timedelta(minutes=10), x509.ReasonFlags.key_compromise)
    later = pki.at + timedelta(hours=1)
    new_lists, bad = evidence_from(pki, credential, later)
    by_list = asked(pki, credential, later, crls=new_lists, ocsps=good, retroactive=False)
    both = [*good, *bad] if first else [*bad, *good]
    by_answer = asked(pki, credential, later, crls=lists[:1], ocsps=both, retroactive=False)
    assert (by_list.failure, by_answer.failure) == (PathFailure.REVOKED, PathFailure.REVOKED)


def look_alikes(pki: Any, count: int) -> tuple[bytes, ...]:
    """Authorities with the issuing authority's name that all certify each other."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(count)]
    found = []
    for issuer in keys:
        for subject in keys:
            builder = x509.CertificateBuilder().subject_name(pki.ca.name).issuer_name(pki.ca.name)
            builder = builder.public_key(subject.public_key()).serial_number(pki.serial())
            builder = builder.not_valid_before(pki.at - timedelta(days=1)).not_valid_after(pki.at + timedelta(days=1))
            for extension, critical in (
                (x509.BasicConstraints(ca=True, path_length=None), True),
                (x509.SubjectKeyIdentifier.from_public_key(subject.public_key()), False),
                (x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), False),
            ):
                builder = builder.add_extension(extension, critical=critical)
            found.append(builder.sign(issuer, hashes.SHA256()).public_bytes(Encoding.DER))
    return tuple(found)


@pytest.mark.parametrize("count", [4, 8])
def test_a_file_with_a_clique_of_look_alike_authorities_is_checked_as_fast_as_any(
    pki: Any, sign: Any, sample_pdf: Any, count: int
) -> None:
    credential = pki.credential()
    evidence = Evidence(crls=(pki.crl(pki.root), pki.crl(pki.ca)))

    def checked(one: Any) -> Any:
        pdf = sign(sample_pdf.small(), level="B-B", credential=one).pdf
        begun = time.process_time()
        report = verify_pdf(pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at, evidence=evidence)
        return report.verdict, time.process_time() - begun

    heap = replace(credential, chain=(*look_alikes(pki, count), *credential.chain))
    verdict, spent = checked(heap)
    assert verdict is Verdict.VALID
    assert spent < (4.0 if sys.gettrace() is None else 10.0)  # 8 of them cost the library 23 s
