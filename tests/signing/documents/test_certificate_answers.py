"""The answer about one certificate, pure: bytes in, an answer out; hostile bytes are never a pass."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from api.schemas.compat_dss import dss_reports
from signing.errors import CertificateMalformed
from signing.identity import DEFAULT_ARC, CertificateClass, Scope, encode_scope, encode_secondary
from signing.registry import CertificateStatus, RevocationReason, StatusChange
from signing.trust import Evidence, PolicyReference, TrustAnchor, TrustAnchors, TrustProfile, TrustPurpose
from signing.validation import (
    CERTIFICATE_TEXTS,
    VN_TT15_2025,
    CertificateFindings,
    CertificateQuestion,
    CertificateReason,
    CertificateReport,
    HolderEntitlement,
    Register,
    Verdict,
    certificate_report,
    certificates_of,
    examine_certificate,
    known_primary,
)
from signing.validation.certificate_description import describe_certificate
from signing.validation.certificate_input import MAX_CERTIFICATES, MAX_INPUT_BYTES
from signing.validation.certificate_judgement import judge_moment
from signing.validation.isolated import examine_in_worker
from signing.validation.path import PathFailure, PathOutcome

LATER = timedelta(hours=1)


def question(pki: Any, der: bytes, **more: Any) -> CertificateQuestion:
    values = {
        "certificate": der, "others": (pki.ca.der,), "evidence": status_of(pki, der), "then": pki.at,
        "now": pki.at + LATER,
    }  # fmt: skip
    return CertificateQuestion(**{**values, **more})


def status_of(pki: Any, der: bytes) -> Evidence:
    try:
        return Evidence(ocsps=(pki.ocsp(der),), crls=(pki.crl(pki.root),))
    except ValueError:
        return Evidence(crls=(pki.crl(pki.root),))


def report_of(
    pki: Any, der: bytes, *, register: Register | None = None, primary: bytes | None = None,
    anchors: TrustAnchors | None = None, **more: Any,
) -> CertificateReport:  # fmt: skip
    roots = pki.anchors() if anchors is None else anchors
    findings = examine_certificate(question(pki, der, **more), roots, VN_TT15_2025)
    return certificate_report(
        findings, register or Register(), primary=None if primary is None else known_primary(primary),
        entitlement=HolderEntitlement(), anchors=roots, policy=VN_TT15_2025, profile=None,
    )  # fmt: skip


def codes(report: CertificateReport) -> tuple[str, list[str]]:
    return report.verdict.value, [
        r.value for r in report.reasons if r is not CertificateReason.DEVELOPMENT_NO_LEGAL_VALUE
    ]


@pytest.fixture(scope="module")
def leaf(pki: Any) -> bytes:
    return bytes(pki.credential().certificate)


def test_a_good_certificate_with_evidence_is_good_then_and_now(pki: Any, leaf: bytes) -> None:
    report = report_of(pki, leaf)
    assert codes(report) == ("valid", [])
    assert (report.then.standing.state.value, report.now.standing.source) == ("good", "evidence")
    assert not report.has_legal_value
    official = report_of(pki, leaf, anchors=pki.anchors(TrustProfile.OFFICIAL))
    assert official.has_legal_value
    assert official.reasons == ()


def test_no_status_evidence_is_indeterminate_never_valid(pki: Any, leaf: bytes) -> None:
    report = report_of(pki, leaf, evidence=Evidence())
    assert codes(report) == ("indeterminate", ["STATUS_UNKNOWN"])
    only_leaf = report_of(pki, leaf, evidence=Evidence(ocsps=(pki.ocsp(leaf),)))
    assert only_leaf.verdict is Verdict.INDETERMINATE  # nothing about the authority in between


def test_without_the_authority_in_between_there_is_no_path(pki: Any, leaf: bytes) -> None:
    assert codes(report_of(pki, leaf, others=())) == ("invalid", ["UNTRUSTED_ROOT"])


@pytest.mark.parametrize(
    ("period", "reason"),
    [((-30, -1), "CERT_EXPIRED"), ((1, 30), "CERT_NOT_YET_VALID")],
)
def test_outside_its_period_it_is_invalid(pki: Any, period: tuple[int, int], reason: str) -> None:
    start, end = (pki.at + timedelta(days=day) for day in period)
    assert codes(report_of(pki, pki.credential(start=start, end=end).certificate)) == ("invalid", [reason])


@pytest.mark.parametrize(
    ("flag", "reason", "state"),
    [
        (x509.ReasonFlags.key_compromise, "CERT_REVOKED", "revoked"),
        (x509.ReasonFlags.certificate_hold, "CERT_ON_HOLD", "on_hold"),
    ],
)
def test_revoked_and_held_by_evidence(small_pki: Any, flag: x509.ReasonFlags, reason: str, state: str) -> None:
    own = small_pki.SmallPki()
    credential = own.credential()
    own.revoke(credential, own.at + timedelta(minutes=20), flag)
    own.evidence_at = own.at + timedelta(minutes=30)
    lists = Evidence(crls=(own.crl(own.ca), own.crl(own.root)))
    report = report_of(own, credential.certificate, evidence=lists)
    assert (report.now.verdict.value, report.now.reason, report.now.standing.state.value) == ("invalid", reason, state)
    assert report.then.verdict is Verdict.VALID  # it was revoked after the moment asked about
    for evidence in (lists, status_of(own, credential.certificate)):
        late = report_of(own, credential.certificate, then=own.at + timedelta(minutes=40), evidence=evidence)
        assert codes(late) == ("invalid", [reason])


def test_a_revoked_authority_spoils_everything_below(small_pki: Any) -> None:
    own = small_pki.SmallPki()
    leaf = own.credential().certificate
    own.revoked[own.ca.certificate.serial_number] = (own.at - LATER, x509.ReasonFlags.key_compromise)
    assert codes(report_of(own, leaf)) == ("invalid", ["ISSUER_REVOKED"])


def test_dss_callers_hear_nothing_good_of_an_authority_that_is_revoked_or_not_known_to_be_good(small_pki: Any) -> None:
    own = small_pki.SmallPki()
    leaf = own.credential().certificate

    def told(**more: Any) -> list[str]:
        chain = dss_reports(report_of(own, leaf, **more))
        checks = chain["detailedReport"]["BasicBuildingBlocks"][0]["XCV"]["SubXCV"]
        items = [one["Indication"] for one in chain["simpleCertificateReport"]["ChainItem"]]
        assert [one["Conclusion"]["Indication"] for one in checks] == items
        return items

    assert told() == ["PASSED", "PASSED", "PASSED"]
    assert told(evidence=Evidence()) == ["INDETERMINATE", "INDETERMINATE", "PASSED"]
    own.revoked[own.ca.certificate.serial_number] = (own.at - LATER, x509.ReasonFlags.key_compromise)
    assert told() == ["INDETERMINATE", "INDETERMINATE", "PASSED"]


def test_an_authority_that_ran_out_is_told_as_such(small_pki: Any) -> None:
    own = small_pki.SmallPki()
    late = own.at + timedelta(days=4000)
    leaf = own.credential(end=own.at + timedelta(days=8000)).certificate
    report = report_of(own, leaf, then=late, now=late)
    assert codes(report) == ("invalid", ["ISSUER_NOT_VALID"])


# --- the register ---------------------------------------------------------------------------------------


def history(*steps: tuple[CertificateStatus, datetime, RevocationReason | None]) -> tuple[StatusChange, ...]:
    before, made = None, []
    for after, at, reason in steps:
        made.append(StatusChange(certificate_id="c", before=before, after=after, at=at, actor="x", reason=reason))
        before = after
    return tuple(made)


def test_the_register_wins_over_evidence_and_remembers_released_holds(pki: Any, leaf: bytes) -> None:
    ca, begun = sha256(pki.ca.der).hexdigest(), pki.at - timedelta(days=1)
    active = (CertificateStatus.ACTIVE, begun, None)
    authority = history(active)
    held = (CertificateStatus.ON_HOLD, pki.at, RevocationReason.HOLD)
    free = (CertificateStatus.ACTIVE, pki.at + timedelta(minutes=1), None)

    def told(own: tuple[StatusChange, ...], above: tuple[StatusChange, ...] = authority, **more: Any) -> Any:
        register = Register(histories={sha256(leaf).hexdigest(): own, ca: above})
        return report_of(pki, leaf, register=register, **more)

    report = told(history(active, held, free))
    assert (codes(report), report.now.verdict.value) == (("invalid", ["CERT_ON_HOLD"]), "valid")
    assert [(h.begun_at, h.ended_at) for h in report.holds] == [(pki.at, pki.at + timedelta(minutes=1))]
    assert codes(told(history(active), evidence=Evidence())) == ("valid", [])
    superseded = (CertificateStatus.SUPERSEDED, pki.at, None)
    assert codes(told(history(active, superseded))) == ("valid", [])
    assert codes(told(())) == ("indeterminate", ["STATUS_UNKNOWN"])
    recorded = (CertificateStatus.RECORDED, begun, None)
    assert codes(told(history(recorded))) == ("indeterminate", ["STATUS_UNKNOWN"])
    assert codes(told(history(active), ())) == ("indeterminate", ["STATUS_UNKNOWN"])
    gone = (CertificateStatus.REVOKED, begun, RevocationReason.CESSATION)
    assert codes(told(history(active), history(active, gone))) == ("invalid", ["ISSUER_REVOKED"])


def test_an_anchor_is_good_by_itself(pki: Any) -> None:
    report = report_of(pki, pki.root.der)
    assert codes(report) == ("valid", [])
    assert (report.then.standing.state.value, report.then.standing.source) == ("not_applicable", "root")
    late = pki.at + timedelta(days=5000)
    assert codes(report_of(pki, pki.root.der, then=late, now=late)) == ("invalid", ["CERT_EXPIRED"])


# --- roots with dates and purposes -----------------------------------------------------------------------


def test_roots_that_do_not_count_then_or_for_this_are_told_apart(pki: Any, leaf: bytes) -> None:
    reference = PolicyReference(
        policy_id="trust.official.1", profile=TrustProfile.OFFICIAL, valid_from=pki.at, sha256="ab" * 32
    )
    root = TrustAnchor(profile=TrustProfile.OFFICIAL, certificate=pki.root.der, name="root", policy=reference)

    def told(der: bytes = leaf, **changes: Any) -> tuple[str, list[str]]:
        return codes(report_of(pki, der, anchors=TrustAnchors((replace(root, **changes),))))

    assert told() == ("valid", [])
    assert told(accepted_from=pki.at + timedelta(minutes=1)) == ("invalid", ["ROOT_NOT_ACCEPTED_THEN"])
    assert told(accepted_to=pki.at) == ("invalid", ["ROOT_NOT_ACCEPTED_THEN"])
    assert told(purposes=frozenset({TrustPurpose.SEAL})) == ("invalid", ["PURPOSE_NOT_ALLOWED"])
    assert told(pki.ca.der, accepted_to=pki.at) == ("invalid", ["ROOT_NOT_ACCEPTED_THEN"])
    citizen = pki.credential(certificate_class=CertificateClass.CITIZEN, title="").certificate
    assert told(citizen) == ("invalid", ["PURPOSE_NOT_ALLOWED"])
    document = report_of(pki, leaf, anchors=TrustAnchors((root,), (reference,))).document()
    assert document["trust"]["policy"]["sha256"] == document["trust_policies"][0]["sha256"] == "ab" * 32


# --- links to a primary ----------------------------------------------------------------------------------


def secondary(pki: Any, primary: bytes, scope: Scope | None = None, **changes: Any) -> bytes:
    """A seal that names a primary by digest."""
    arc = DEFAULT_ARC
    link = x509.UnrecognizedExtension(
        x509.ObjectIdentifier(arc.secondary_extension), encode_secondary(2, sha256(primary).hexdigest())
    )
    extra = [(link, False)]
    if scope is not None:
        value = x509.UnrecognizedExtension(x509.ObjectIdentifier(arc.scope_extension), encode_scope(scope))
        extra.append((value, False))
    subject = changes.pop("subject", x509.load_der_x509_certificate(primary).subject)
    made = pki.certificate(
        subject, ec.generate_private_key(ec.SECP256R1()).public_key(), pki.ca, extra=tuple(extra),
        policy=arc.policy(CertificateClass.ORG_SEAL, secondary=True), **changes,
    )  # fmt: skip
    return bytes(made.public_bytes(Encoding.DER))


@pytest.fixture(scope="module")
def primary(pki: Any) -> bytes:
    return bytes(pki.seal(ordinal=1).certificate)


def test_the_link_resolves_to_the_very_certificate_only(pki: Any, primary: bytes) -> None:
    linked = secondary(pki, primary)
    others = (pki.ca.der, primary, pki.seal(ordinal=1).certificate)
    evidence = Evidence(ocsps=(pki.ocsp(linked), pki.ocsp(primary)), crls=(pki.crl(pki.root),))
    given = report_of(pki, linked, others=others, evidence=evidence)
    assert codes(given) == ("valid", [])
    assert given.primary is not None
    assert (given.primary.found_in, given.primary.matches, given.primary.good_then) == ("given", True, True)
    open_status = report_of(pki, linked, others=others)
    assert codes(open_status) == ("valid", ["PRIMARY_NOT_VALID"])
    assert open_status.primary is not None
    assert open_status.primary.good_then is None
    alone = report_of(pki, linked)
    assert codes(alone) == ("indeterminate", ["PRIMARY_NOT_FOUND"])  # I2 could not be checked: never a pass
    assert not alone.has_legal_value


def test_a_primary_of_somebody_else_or_narrower_spoils_the_secondary(pki: Any, primary: bytes) -> None:
    foreign = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Somebody else")])
    for linked in (
        secondary(pki, primary, subject=foreign),
        secondary(pki, primary, end=pki.at + timedelta(days=366)),
    ):
        report = report_of(pki, linked, others=(pki.ca.der, primary))
        assert codes(report)[0] == "invalid"
        assert "PRIMARY_MISMATCH" in codes(report)[1]
    narrow = secondary(pki, primary, Scope.parse(places=["H49"]))
    wide = report_of(pki, narrow, others=(pki.ca.der, primary))
    assert "PRIMARY_MISMATCH" not in codes(wide)[1]


def test_the_register_says_how_the_primary_stood(pki: Any, primary: bytes) -> None:
    linked = secondary(pki, primary)
    begun = pki.at - timedelta(days=1)
    for step, good in (
        ((CertificateStatus.ACTIVE, begun, None), True),
        ((CertificateStatus.REVOKED, begun, RevocationReason.KEY_COMPROMISE), False),
        ((CertificateStatus.ACTIVE, pki.at + timedelta(minutes=1), None), None),
    ):
        register = Register(histories={sha256(primary).hexdigest(): history(step)})
        report = report_of(pki, linked, register=register, primary=primary)
        assert report.primary is not None
        assert (report.primary.found_in, report.primary.good_then) == ("register", good)
        assert report.verdict is Verdict.VALID  # I5: the end of one key does not end the other
    assert known_primary(b"x") is None


# --- keys, algorithms, kinds -----------------------------------------------------------------------------


def own_leaf(pki: Any, public_key: Any) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    return bytes(pki.certificate(name, public_key, pki.ca).public_bytes(Encoding.DER))


@pytest.mark.parametrize(
    ("make", "kind", "allowed"),
    [
        (lambda: rsa.generate_private_key(public_exponent=65537, key_size=1024), "rsa", False),  # noqa: S505
        (lambda: ec.generate_private_key(ec.SECP192R1()), "ec_secp192r1", False),
        (lambda: dsa.generate_private_key(2048), "dsa", False),
        (lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048), "rsa", True),
        (lambda: ec.generate_private_key(ec.SECP384R1()), "ec_secp384r1", True),
        (ed25519.Ed25519PrivateKey.generate, "ed25519", True),
        (ed448.Ed448PrivateKey.generate, "ed448", True),
        (mldsa.MLDSA65PrivateKey.generate, "mldsa65", True),
    ],
)
def test_key_rules_apply_after_the_path(pki: Any, make: Callable[[], Any], kind: str, allowed: bool) -> None:  # noqa: FBT001 - a table
    der = own_leaf(pki, make().public_key())
    report = report_of(pki, der)
    assert report.findings is not None
    assert report.findings.then.path.ok  # RFC 5280 has nothing against weak keys
    assert report.document()["algorithms"]["allowed"] is allowed
    assert report.description.key_kind == kind
    if not allowed:
        assert codes(report) == ("invalid", ["ALGORITHM_FORBIDDEN"])


def test_a_digest_that_is_not_on_the_policys_list_is_forbidden(pki: Any, leaf: bytes) -> None:
    strict = replace(VN_TT15_2025, digests=frozenset({"sha512"}))
    findings = examine_certificate(question(pki, leaf), pki.anchors(), strict)
    answer = judge_moment(findings, findings.now, Register())
    assert (answer.verdict, answer.reason) == (Verdict.INVALID, CertificateReason.ALGORITHM_FORBIDDEN)
    assert findings.algorithm_faults == ("digest sha256 in a certificate",)


def test_a_certificate_that_contradicts_itself_is_invalid(pki: Any) -> None:
    arc = DEFAULT_ARC
    link = x509.UnrecognizedExtension(x509.ObjectIdentifier(arc.secondary_extension), encode_secondary(2, "ab" * 32))
    made = pki.certificate(
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")]),
        ec.generate_private_key(ec.SECP256R1()).public_key(), pki.ca, extra=((link, False),),
        policy=arc.policy(CertificateClass.ORG_SEAL, secondary=False),
    ).public_bytes(Encoding.DER)  # fmt: skip
    report = report_of(pki, made)
    assert codes(report) == ("invalid", ["CERT_CONTRADICTORY"])
    assert report.document()["certificate"]["class"] is None


def test_the_description_repeats_no_identity_number(pki: Any, leaf: bytes) -> None:
    described = describe_certificate(leaf)
    assert "022190000001" not in str(described)
    assert described.part("common_name") == "Nguyễn Thị Ánh"
    assert (described.crl_urls, described.ocsp_urls) == (
        ("http://pki.example.vn/ca.crl",), ("http://pki.example.vn/ocsp",),
    )  # fmt: skip
    assert describe_certificate(b"x").not_before is None
    assert "022190000001" not in str(report_of(pki, leaf).document())


# --- hostile input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "der",
    [b"", b"\x30\x00", b"\x30\x80\x00\x00", b"\x30\x84\xff\xff\xff\xff", b"\x30" * 5000, b"\x30\x82\x10\x00" * 2000],
)
def test_bytes_that_are_no_certificate_are_malformed(pki: Any, der: bytes) -> None:
    assert codes(report_of(pki, der)) == ("invalid", ["CERT_MALFORMED"])
    assert report_of(pki, der).now.verdict is Verdict.INVALID


def test_many_authorities_of_one_name_cost_little_and_pass_nothing(pki: Any) -> None:
    name = pki.ca.name
    others = []
    for _ in range(12):
        key = ec.generate_private_key(ec.SECP256R1())
        made = pki.certificate(name, key.public_key(), pki.ca, ca=True)
        others.append(made.public_bytes(Encoding.DER))
    stranger = own_leaf(pki, ec.generate_private_key(ec.SECP256R1()).public_key())
    report = report_of(pki, stranger[:-4] + b"abcd", others=tuple(others))
    assert report.verdict is not Verdict.VALID


@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_a_changed_certificate_is_never_valid(pki: Any, leaf: bytes, data: st.DataObject) -> None:
    changed = bytearray(leaf)
    kind = data.draw(st.sampled_from(["flip", "cut", "insert", "drop"]))
    at = data.draw(st.integers(0, len(changed) - 1))
    if kind == "flip":
        changed[at] ^= 1 << data.draw(st.integers(0, 7))
    elif kind == "cut":
        changed = changed[:at]
    elif kind == "insert":
        changed[at:at] = data.draw(st.binary(min_size=1, max_size=20))
    else:
        del changed[at : at + data.draw(st.integers(1, 30))]
    if bytes(changed) == leaf:
        return
    evidence = status_of(pki, leaf)
    assert report_of(pki, bytes(changed), evidence=evidence).verdict is not Verdict.VALID
    register = Register(histories={sha256(leaf).hexdigest(): history((CertificateStatus.ACTIVE, pki.at, None))})
    assert report_of(pki, bytes(changed), evidence=evidence, register=register).verdict is not Verdict.VALID


@given(number=st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_the_same_names_with_another_key_are_never_valid(pki: Any, leaf: bytes, number: int) -> None:
    """A twin of a good certificate, signed by a stranger who took over every name."""
    del number
    twin, original = ec.generate_private_key(ec.SECP256R1()), x509.load_der_x509_certificate(leaf)
    builder = x509.CertificateBuilder(
        original.issuer, original.subject, twin.public_key(), original.serial_number, original.not_valid_before_utc,
        original.not_valid_after_utc, list(original.extensions),
    )  # fmt: skip
    forged = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).public_bytes(Encoding.DER)
    report = report_of(pki, forged, evidence=status_of(pki, leaf))
    assert report.verdict is Verdict.INVALID


@given(data=st.binary(max_size=600))
@settings(max_examples=80, deadline=None)
def test_anything_is_an_answer(pki: Any, data: bytes) -> None:
    report = report_of(pki, data)
    assert report.verdict is not Verdict.VALID
    assert report.document()["reason_codes"]


def test_the_worker_gives_the_same_findings(pki: Any, leaf: bytes) -> None:
    asked = question(pki, leaf)
    found = examine_in_worker(asked, pki.anchors(), VN_TT15_2025)
    assert found == examine_certificate(asked, pki.anchors(), VN_TT15_2025)
    assert isinstance(found, CertificateFindings)


def test_a_budget_that_ran_out_and_an_outcome_without_reason_stay_open(pki: Any, leaf: bytes) -> None:
    findings = examine_certificate(question(pki, leaf), pki.anchors(), VN_TT15_2025)
    for failure, reason in (
        (PathFailure.BUDGET, "CHECK_TOO_COSTLY"),
        (PathFailure.STATUS_UNKNOWN, "STATUS_UNKNOWN"),
        (None, "CHECK_FAILED"),
    ):
        broken = replace(findings.then, path=PathOutcome(ok=False, reason="x", failure=failure))
        answer = judge_moment(findings, broken, Register())
        assert (answer.verdict, answer.reason) == (Verdict.INDETERMINATE, reason)


# --- how certificates are sent ---------------------------------------------------------------------------


def test_pem_der_and_base64_are_the_same_certificate(pki: Any, leaf: bytes) -> None:
    pem = x509.load_der_x509_certificate(leaf).public_bytes(Encoding.PEM)
    chain = pem + b"\r\ntext between\r\n" + pki.ca.certificate.public_bytes(Encoding.PEM)
    assert certificates_of(leaf) == certificates_of(pem) == certificates_of(base64.b64encode(leaf)) == (leaf,)
    assert certificates_of(chain) == (leaf, pki.ca.der)
    wrapped = base64.encodebytes(leaf)
    assert certificates_of(wrapped) == (leaf,)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"SGVsbG8=",
        b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----",
        b"-----BEGIN CERTIFICATE-----\nMAA\n-----END CERTIFICATE-----",
        b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n" * (MAX_CERTIFICATES + 1),
        b"-----BEGIN CERTIFICATE-----" * 30_000,
        b"\xff" * 100,
        b"\x30" * (MAX_INPUT_BYTES + 1),
    ],
)
def test_other_input_is_malformed(data: bytes) -> None:
    with pytest.raises(CertificateMalformed) as caught:
        certificates_of(data)
    assert caught.value.code == "CERT_MALFORMED"


def test_every_reason_has_both_languages() -> None:
    for reason in CertificateReason:
        text = CERTIFICATE_TEXTS[reason]
        assert text.vi
        assert text.en
        assert text.vi != text.en
