"""Which policy judges: the rule in force at the proven time; an algorithm counts up to its end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signing.validation import POLICIES, VN_IN_FORCE, VN_TT15_2025, Reason, Verdict, policy_at, verify_pdf
from signing.validation.algorithms import algorithm_faults, certificate_faults
from signing.validation.container import read_container
from signing.validation.crypto_judgements import of_algorithms
from signing.validation.policies import VN_TT22_2020
from signing.validation.policy import AlgorithmEnd
from tests.fakes import cms_builder as cms
from tests.fakes.cms_builder import NULL, RSA, Plan, identifier, pkcs1

OLD, NEW = datetime(2021, 6, 1, tzinfo=UTC), datetime(2026, 8, 5, tzinfo=UTC)
CONTENT = b"content"


@pytest.fixture(scope="module")
def sha224(pki: Any) -> Any:
    plan = Plan(by=cms.signer(pki, "rsa2048"), digest="sha224", scheme=identifier(f"{RSA}14", NULL),
                sign=pkcs1("sha224"))  # fmt: skip
    return read_container(cms.container(plan, CONTENT))


@pytest.fixture(scope="module")
def legacy(pki: Any) -> Any:
    plan = Plan(by=cms.signer(pki, "rsa2048"), scheme=identifier(f"{RSA}11", NULL), sign=pkcs1("sha256"))
    return read_container(cms.container(plan, CONTENT))


def reasons(container: Any, policy: Any, proven: datetime | None, at: datetime = NEW) -> set[Reason]:
    return {f.reason for f in algorithm_faults(container, (container.leaf,), policy, proven_time=proven, at=at)}


def test_the_rule_in_force_at_the_proven_time_judges() -> None:
    assert policy_at(OLD, NEW).policy_id == "vn.tt22-2020"
    assert policy_at(None, NEW).policy_id == policy_at(NEW, NEW).policy_id == "vn.tt15-2025"
    assert policy_at(datetime(2015, 1, 1, tzinfo=UTC), NEW) is VN_TT22_2020  # no earlier rule is kept
    assert VN_IN_FORCE.in_force_from is not None
    assert policy_at(VN_IN_FORCE.in_force_from, NEW).policy_id == "vn.tt15-2025"
    assert policy_at(VN_IN_FORCE.in_force_from - timedelta(seconds=1), NEW).policy_id == "vn.tt22-2020"


def test_a_policy_asked_for_by_name_judges_every_time() -> None:
    assert set(POLICIES) == {"vn.tt15-2025", "vn.tt22-2020"}
    assert POLICIES["vn.tt15-2025"].judging(OLD) is VN_TT15_2025
    assert VN_IN_FORCE.alone().judging(OLD) == VN_TT15_2025


def test_what_the_rule_before_allowed_counts_only_with_a_proof_from_its_time(sha224: Any) -> None:
    assert reasons(sha224, VN_IN_FORCE, OLD) == set()
    assert reasons(sha224, VN_IN_FORCE, None) == {Reason.ALGORITHM_ENDED}
    assert reasons(sha224, VN_IN_FORCE, NEW) == {Reason.ALGORITHM_ENDED}
    assert reasons(sha224, VN_TT15_2025, OLD) == {Reason.ALGORITHM_FORBIDDEN}
    assert reasons(sha224, VN_TT22_2020, NEW) == {Reason.ALGORITHM_ENDED}


def test_an_end_without_a_proof_leaves_the_answer_open_and_with_one_refuses(sha224: Any) -> None:
    faults = algorithm_faults(sha224, (sha224.leaf,), VN_IN_FORCE, proven_time=None, at=NEW)
    open_answer, refused = of_algorithms(faults, proven=False), of_algorithms(faults, proven=True)
    assert open_answer is not None
    assert refused is not None
    assert (open_answer.verdict, open_answer.sub_indication) == (
        Verdict.INDETERMINATE, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    )  # fmt: skip
    assert (refused.verdict, refused.sub_indication) == (Verdict.INVALID, "CRYPTO_CONSTRAINTS_FAILURE")
    assert faults[0].until == VN_IN_FORCE.in_force_from
    assert of_algorithms((), proven=False) is None


@pytest.mark.parametrize(
    ("end", "counts"),
    [
        (AlgorithmEnd(algorithm="sha256", until=OLD), True),
        (AlgorithmEnd(algorithm="rsassa_pkcs1v15", until=OLD), True),
        (AlgorithmEnd(algorithm="rsa", until=OLD, below_bits=3000), True),
        (AlgorithmEnd(algorithm="rsa", until=OLD, below_bits=2048), False),
        (AlgorithmEnd(algorithm="ec", until=OLD), False),
        (AlgorithmEnd(algorithm="sha256", until=NEW + timedelta(days=1)), False),
    ],
)
def test_digests_schemes_and_key_lengths_can_end(legacy: Any, end: AlgorithmEnd, counts: bool) -> None:  # noqa: FBT001 - the expected answer
    dated = replace(VN_TT15_2025, ends=(end,))
    assert reasons(legacy, dated, None) == ({Reason.ALGORITHM_ENDED} if counts else set())
    assert reasons(legacy, dated, OLD - timedelta(days=1)) == set()


def test_the_old_scheme_may_be_forbidden(legacy: Any) -> None:
    assert reasons(legacy, replace(VN_TT15_2025, accept_pkcs1_v15=False), None) == {Reason.ALGORITHM_FORBIDDEN}
    assert reasons(legacy, replace(VN_TT15_2025, schemes=frozenset({"ecdsa"})), None) == {Reason.ALGORITHM_FORBIDDEN}


@pytest.mark.parametrize("policy", [VN_IN_FORCE, VN_TT22_2020, VN_TT15_2025])
def test_sha1_and_short_keys_are_forbidden_whenever(pki: Any, policy: Any) -> None:
    for kind, digest, number in (("rsa1024", "sha256", 11), ("rsa2048", "sha1", 5), ("rsa2048", "md5", 4)):
        plan = Plan(by=cms.signer(pki, kind), digest=digest, scheme=identifier(f"{RSA}{number}", NULL),
                    sign=pkcs1(digest))  # fmt: skip
        for proven in (None, OLD, NEW):
            container = read_container(cms.container(plan, CONTENT))
            assert reasons(container, policy, proven) == {Reason.ALGORITHM_FORBIDDEN}


def test_a_certificate_that_does_not_decode_is_told(pki: Any) -> None:
    assert "read" in next(certificate_faults(b"junk", VN_TT15_2025))
    odd = cms.with_key(pki, cms.signer(pki, "p256").certificate, cms.parts_of(cms.parts_of(pki.ca.der)[0])[5])
    assert list(certificate_faults(odd, VN_TT15_2025))
    assert list(certificate_faults(pki.ca.der, VN_TT15_2025, at=OLD)) == []


def test_every_policy_says_what_it_is_in_two_languages() -> None:
    for policy in (*POLICIES.values(), VN_IN_FORCE):
        told = policy.document()
        assert told["name_vi"]
        assert told["name_en"]
        assert told["in_force_from"].endswith("Z")
        assert not {"md5", "sha1"} & set(told["digests"])
    assert VN_IN_FORCE.document()["replaces"] == "vn.tt22-2020"
    assert "rsassa_pkcs1v15" not in replace(VN_TT15_2025, accept_pkcs1_v15=False).document()["schemes"]


def test_the_default_policy_gives_the_note_legacy_scheme(pki: Any) -> None:
    by = cms.signer(pki, "rsa2048")
    pdf = cms.signed_pdf(Plan(by=by, scheme=identifier(f"{RSA}11", NULL), sign=pkcs1("sha256")))
    evidence = pki.evidence((by.certificate, pki.ca.der, pki.root.der))
    report = verify_pdf(
        pdf, anchors=pki.anchors(), policy=VN_IN_FORCE, at=pki.at + timedelta(minutes=5), evidence=evidence
    )
    assert report.verdict is Verdict.VALID
    assert Reason.LEGACY_SCHEME in report.reasons
