"""CMS and CAdES signatures over any file: every wrapping, every signer, every level, through the one report."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.trust import Evidence
from signing.validation import VN_IN_FORCE, VN_TT15_2025, ContentDigest, Reason, Verdict, verify_detached
from signing.validation.isolated import verify_detached_in_worker
from tests.fakes import archived_cms
from tests.fakes import cms_builder as cms
from tests.fakes.cms_builder import NULL, TOKEN, Plan, attribute, identifier
from tests.fakes.odd_certificates import oid, tlv, utc

CONTENT = "Quyết định số 27/QĐ-UBND".encode() * 20


@pytest.fixture(scope="module")
def by(pki: Any) -> Any:
    return cms.signer(pki, "p256")


@pytest.fixture(scope="module")
def evidence(pki: Any, by: Any) -> Evidence:
    return pki.evidence((by.certificate, pki.ca.der, pki.root.der))


def baseline(pki: Any, by: Any, **more: Any) -> Plan:
    """Level B-B of CAdES: with the time that the signer claims."""
    return Plan(by=by, signed=(attribute(cms.SIGNING_TIME, utc(pki.at)),), **more)


def check(pki: Any, signature: bytes, content: Any = CONTENT, evidence: Evidence | None = None) -> Any:
    return verify_detached(
        signature, content, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at + timedelta(minutes=5),
        evidence=evidence,
    )  # fmt: skip


def stamped(pki: Any) -> Any:
    return lambda value: (attribute(TOKEN, cms.token(pki, value)),)


def test_a_right_signature_is_valid_and_the_report_is_about_the_file(pki: Any, by: Any, evidence: Evidence) -> None:
    report = check(pki, cms.container(baseline(pki, by), CONTENT), evidence=evidence)
    (found,) = report.signatures
    assert (report.verdict, found.intact, found.level) == (Verdict.VALID, True, "B-B")
    assert (report.file_sha256, report.file_size) == (hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
    assert (found.common_name, found.signature_algorithm) == ("Nguyễn Văn Bình", "ECDSA_SHA256")
    assert found.claimed_time == pki.at
    assert report.document()["verdict"] == "valid"


def wrappings(data: bytes) -> dict[str, bytes]:
    text = base64.encodebytes(data)
    mail = b"MIME-Version: 1.0\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n"
    multipart = (
        b'Content-Type: multipart/signed; boundary="x"\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n'
        b"--x\r\nContent-Type: application/x-pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    return {
        "der": data, "base64": text,
        "pem": b"-----BEGIN PKCS7-----\n" + text + b"-----END PKCS7-----\n",
        "pem of cms": b"# comment\n-----BEGIN CMS-----\n" + text + b"-----END CMS-----\n",
        "p7s": mail + b"Content-Transfer-Encoding: base64\r\n\r\n" + text,
        "multipart": multipart + text + b"\r\n--x--\r\n",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["der", "base64", "pem", "pem of cms", "p7s", "multipart"])
def test_every_wrapping_is_taken_off(pki: Any, by: Any, evidence: Evidence, name: str) -> None:
    wrapped = wrappings(cms.container(baseline(pki, by), CONTENT))[name]
    assert check(pki, wrapped, evidence=evidence).verdict is Verdict.VALID


def test_ber_is_read(pki: Any, by: Any, evidence: Evidence) -> None:
    data = cms.container(baseline(pki, by, indefinite=True), CONTENT)
    assert check(pki, data, evidence=evidence).verdict is Verdict.VALID


def test_another_file_is_altered(pki: Any, by: Any, evidence: Evidence) -> None:
    report = check(pki, cms.container(baseline(pki, by), CONTENT), b"another file", evidence)
    assert (report.verdict, report.signatures[0].intact, report.reasons[0]) == (
        Verdict.INVALID, False, Reason.DOCUMENT_ALTERED,
    )  # fmt: skip


def test_what_is_enveloped_is_taken_out_unless_a_file_is_given(pki: Any, by: Any, evidence: Evidence) -> None:
    data = cms.container(baseline(pki, by, content=CONTENT), CONTENT)
    inside = check(pki, data, None, evidence)
    assert (inside.verdict, inside.file_sha256) == (Verdict.VALID, hashlib.sha256(CONTENT).hexdigest())
    assert check(pki, data, CONTENT, evidence).verdict is Verdict.VALID
    assert check(pki, data, b"another", evidence).verdict is Verdict.INVALID


def test_without_any_content_nothing_can_be_said(pki: Any, by: Any, evidence: Evidence) -> None:
    report = check(pki, cms.container(baseline(pki, by), CONTENT), None, evidence)
    assert (report.verdict, report.signatures[0].intact, report.reasons[0]) == (
        Verdict.INDETERMINATE, None, Reason.CONTENT_MISSING,
    )  # fmt: skip


def test_a_digest_in_place_of_the_file_is_at_best_indeterminate(pki: Any, by: Any, evidence: Evidence) -> None:
    data = cms.container(baseline(pki, by), CONTENT)
    right = check(pki, data, ContentDigest(algorithm="sha256", value=hashlib.sha256(CONTENT).digest()), evidence)
    assert (right.verdict, right.signatures[0].intact, right.reasons[0]) == (
        Verdict.INDETERMINATE, True, Reason.CONTENT_NOT_GIVEN,
    )  # fmt: skip
    wrong = check(pki, data, ContentDigest(algorithm="sha256", value=bytes(32)), evidence)
    assert (wrong.verdict, wrong.signatures[0].intact) == (Verdict.INVALID, False)
    other = check(pki, data, ContentDigest(algorithm="sha512", value=bytes(64)), evidence)
    assert (other.signatures[0].intact, other.reasons[0]) == (None, Reason.CONTENT_MISSING)
    assert other.file_sha256 == ""


def test_what_is_wrong_with_the_signer_is_told_over_a_digest_too(pki: Any, by: Any, evidence: Evidence) -> None:
    digest = ContentDigest(algorithm="sha256", value=hashlib.sha256(CONTENT).digest())
    weak = Plan(by=cms.signer(pki, "rsa1024"), scheme=identifier(f"{cms.RSA}11", NULL), sign=cms.pkcs1("sha256"))
    one = check(pki, cms.container(weak, CONTENT), digest, evidence).signatures[0]
    assert (one.intact, one.verdict, one.reason) == (True, Verdict.INVALID, Reason.ALGORITHM_FORBIDDEN)
    unfit = check(pki, cms.container(baseline(pki, by, version=5), CONTENT), digest, evidence).signatures[0]
    assert (unfit.verdict, unfit.reason) == (Verdict.INDETERMINATE, Reason.SIGNATURE_MALFORMED)


def test_a_signature_over_a_file_tells_its_root_and_the_evidence(pki: Any, by: Any, evidence: Evidence) -> None:
    (anchor,) = pki.anchors()
    one = check(pki, cms.container(baseline(pki, by), CONTENT), evidence=evidence).signatures[0]
    assert (one.trust_anchor, one.trust_profile, len(one.chain)) == (anchor.name, anchor.profile, 3)
    assert {used.source for used in one.evidence} == {"given"}


def test_a_scheme_that_signs_the_content_itself_needs_it(pki: Any) -> None:
    ed = cms.signer(pki, "ed25519")
    plan = Plan(by=ed, digest="sha512", scheme=identifier("1.3.101.112"), sign=lambda k, data: k.sign(data),
                attributes=False)  # fmt: skip
    data = cms.container(plan, CONTENT)
    assert check(pki, data).signatures[0].intact is True
    digest = ContentDigest(algorithm="sha512", value=hashlib.sha512(CONTENT).digest())
    assert check(pki, data, digest).signatures[0].intact is None


def test_every_signer_is_reported(pki: Any, by: Any, evidence: Evidence) -> None:
    report = check(pki, cms.container(baseline(pki, by, signers=2), CONTENT), evidence=evidence)
    assert [(s.field, s.verdict) for s in report.signatures] == [
        ("signer-1", Verdict.VALID), ("signer-2", Verdict.VALID),
    ]  # fmt: skip


def embedded(evidence: Evidence) -> tuple[bytes, ...]:
    return (*evidence.crls, tlv(0xA1, oid("1.3.6.1.5.5.7.16.2"), evidence.ocsps[0]))


def test_levels_rise_with_what_is_there(pki: Any, by: Any, evidence: Evidence) -> None:
    def level(plan: Plan) -> str | None:
        found = check(pki, cms.container(plan, CONTENT)).signatures[0]
        assert found.intact is True
        return str(found.level)

    assert level(Plan(by=by)) == "BES"  # without the claimed time no baseline signature
    assert level(Plan(by=by, signed=(attribute(cms.POLICY, NULL),))) == "EPES"
    assert level(baseline(pki, by)) == "B-B"
    assert level(baseline(pki, by, lists=embedded(evidence), version=5)) == "B-B"
    assert level(baseline(pki, by, unsigned=stamped(pki))) == "B-T"
    assert level(baseline(pki, by, unsigned=stamped(pki), lists=embedded(evidence), version=5)) == "B-LT"
    other = attribute(TOKEN, cms.token(pki, b"of another signature"))
    assert level(baseline(pki, by, unsigned=lambda _: (other,))) == "B-B"


def archived(pki: Any, plan: Plan, *, content: bytes = CONTENT, kept: bool = True) -> bytes:
    """The container with an archive-time-stamp-v3 over everything that is in it."""

    def stamp(data: bytes) -> bytes:
        return cms.token(pki, data)

    return archived_cms.archived(plan, content, stamp, archived_cms.Archive(stamp=stamp, kept=kept))


def test_an_archive_time_stamp_over_everything_is_the_highest_level(pki: Any, by: Any, evidence: Evidence) -> None:
    plan = baseline(pki, by, lists=embedded(evidence), version=5)
    (found,) = check(pki, archived(pki, plan), evidence=evidence).signatures
    kinds = {stamp.kind: stamp.intact for stamp in found.timestamps}
    assert kinds == {"archive_timestamp": True, "signature_timestamp": True}, found.timestamps
    assert (found.level, found.intact) == ("B-LTA", True)


def test_an_archive_time_stamp_over_what_is_not_there_any_more_is_broken(pki: Any, by: Any, evidence: Evidence) -> None:
    plan = baseline(pki, by, lists=embedded(evidence), version=5)
    for data in (archived(pki, plan, kept=False), archived(pki, plan, content=CONTENT + b"!")):
        (found,) = check(pki, data, evidence=evidence).signatures
        assert not all(stamp.intact for stamp in found.timestamps if stamp.kind == "archive_timestamp")
        assert found.verdict is not Verdict.VALID


@pytest.mark.parametrize(
    ("claimed", "is_stamped", "told"),
    [
        (timedelta(0), False, False),
        (timedelta(hours=1), False, True),  # it has not come yet
        (timedelta(days=-400), False, True),  # in front of the certificate
        (timedelta(0), True, False),
    ],
)
def test_a_claimed_time_that_cannot_be_is_told(  # noqa: PLR0917 - fixtures and one case
    pki: Any, by: Any, evidence: Evidence, claimed: timedelta, is_stamped: Any, told: Any
) -> None:
    clock = pki.evidence((cms.clock(pki).certificate, pki.ca.der, pki.root.der))
    more = {"unsigned": stamped(pki)} if is_stamped else {}
    plan = Plan(by=by, signed=(attribute(cms.SIGNING_TIME, utc(pki.at + claimed)),), **more)
    report = check(pki, cms.container(plan, CONTENT), evidence=evidence.merged(clock))
    assert (report.verdict, report.signatures[0].best_time is not None) == (Verdict.VALID, is_stamped)
    assert (Reason.CLAIMED_TIME_DOUBTFUL in report.reasons) is told


def test_a_broken_time_stamp_is_never_valid(pki: Any, by: Any, evidence: Evidence) -> None:
    plan = baseline(pki, by, unsigned=lambda _: (attribute(TOKEN, cms.token(pki, b"another")),))
    (found,) = check(pki, cms.container(plan, CONTENT), evidence=evidence).signatures
    assert (found.intact, found.verdict) == (True, Verdict.INDETERMINATE)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.SIGNATURE_MALFORMED), (b"junk \xff", Reason.SIGNATURE_MALFORMED),
        (b"\x30\x00", Reason.SIGNATURE_MALFORMED),
        (b"AAAA", Reason.SIGNATURE_MALFORMED), (b"A" * 5, Reason.SIGNATURE_MALFORMED),
        (b"\x30" * (16 * 1024 * 1024 + 1), Reason.SIGNATURE_MALFORMED),
        (b"Content-Type: multipart/signed; boundary=x\n\n--x\n\n--x--", Reason.SIGNATURE_MALFORMED),
    ],
    ids=["nothing", "junk", "empty", "base64 of junk", "broken base64", "too large", "a mail without one"],
)  # fmt: skip
def test_what_is_no_signature_is_malformed(pki: Any, data: bytes, reason: Reason) -> None:
    report = check(pki, data)
    assert (report.verdict, report.reasons[0]) == (Verdict.INVALID, reason)


def test_a_signer_who_is_not_inside_is_missing_or_found_in_the_given_evidence(
    pki: Any, by: Any, evidence: Evidence
) -> None:
    data = cms.container(baseline(pki, by, certificates=()), CONTENT)
    assert check(pki, data).reasons[0] is Reason.SIGNER_CERT_MISSING
    more = Evidence(certificates=(by.certificate, *evidence.certificates), ocsps=evidence.ocsps, crls=evidence.crls)
    assert check(pki, data, evidence=more).verdict is Verdict.VALID


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80))
def test_no_bytes_raise(pki: Any, data: bytes) -> None:
    assert check(pki, data).verdict is not Verdict.VALID


def test_a_worker_gives_the_same_report(pki: Any, by: Any) -> None:
    data, at = cms.container(baseline(pki, by), CONTENT), pki.at + timedelta(minutes=5)
    direct = verify_detached(data, CONTENT, anchors=pki.anchors(), policy=VN_IN_FORCE, at=at)
    assert verify_detached_in_worker(data, CONTENT, pki.anchors(), VN_IN_FORCE, at, Evidence()) == direct
