"""Whose certificate it is and at which moment it was good: what a later answer may say of an earlier moment."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.trust import Evidence
from signing.validation import VN_TT15_2025, PathFailure, Reason, Verdict, token_fault, verify_pdf
from signing.validation.algorithms import algorithm_faults, certificate_faults
from signing.validation.chains import ChainAnswer, judge_chain, judge_stamper
from signing.validation.container import read_container
from signing.validation.path import check_path
from tests.fakes import cms_builder as cms
from tests.fakes import odd_certificates as odd
from tests.fakes.cms_builder import NULL, Plan, identifier
from tests.fakes.odd_certificates import number, oid, seq, tlv
from tests.fakes.small_pki import Authority, SmallPki

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def own() -> SmallPki:
    return SmallPki()


def judged(pki: SmallPki, leaf: bytes, evidence: Evidence, at: datetime, **more: Any) -> ChainAnswer:
    values = {"proven_time": pki.at, "require_status": True} | more
    return judge_chain(leaf, (pki.ca.der,), pki.anchors(), evidence, control_time=at, **values)


def answer_by_a_new_responder(pki: SmallPki, subject: x509.Certificate, by: Authority, at: datetime) -> bytes:
    """Good, told by somebody whose certificate is an hour old: authorities change their responders every few weeks."""
    key = ec.generate_private_key(ec.SECP256R1())
    extra = (
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False),
        (x509.OCSPNoCheck(), False),
    )
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Responder")])
    responder = pki.certificate(name, key.public_key(), by, start=at - HOUR, end=at + DAY, extra=extra)
    builder = ocsp.OCSPResponseBuilder().add_response(
        subject, by.certificate, hashes.SHA256(), cert_status=ocsp.OCSPCertStatus.GOOD, this_update=at,
        next_update=at + DAY, revocation_time=None, revocation_reason=None,
    )  # fmt: skip
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder).certificates([responder])
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_an_answer_by_a_responder_of_today_says_that_the_certificate_was_good_when_it_signed(own: SmallPki) -> None:
    later = own.at + 2 * DAY
    leaf = own.credential().certificate
    own.evidence_at = later
    answer = answer_by_a_new_responder(own, x509.load_der_x509_certificate(leaf), own.ca, later)
    found = judged(own, leaf, Evidence(ocsps=(answer,), crls=(own.crl(own.root),)), later + HOUR)
    assert (found.ok, found.proven_time) == (True, own.at)
    without = judged(own, leaf, Evidence(crls=(own.crl(own.root),)), later + HOUR)
    assert without.outcome.failure is PathFailure.STATUS_UNKNOWN


def test_a_good_list_of_today_makes_nothing_valid_from_before_the_certificate_was_issued(own: SmallPki) -> None:
    """The authority's status at that time is not known, which is told first: the leaf's period counts all the same."""
    later = own.at + 2 * DAY
    leaf = own.credential(start=own.at + DAY).certificate
    key = ec.generate_private_key(ec.SECP256R1())
    begun = own.certificate(own.root.name, key.public_key(), own.root, ca=True, start=own.at + HOUR)
    publisher = Authority(own.root.name, key, begun)
    own.evidence_at = later
    evidence = Evidence(certificates=(publisher.der,), crls=(own.crl(publisher), own.crl(own.ca)))
    assert judged(own, leaf, evidence, later + HOUR, proven_time=own.at + DAY + HOUR).ok
    found = judged(own, leaf, evidence, later + HOUR)
    assert (found.ok, found.outcome.failure) == (False, PathFailure.STATUS_UNKNOWN)


def test_a_certificate_that_has_ended_is_told_before_a_status_that_nobody_gives_any_more(
    own: SmallPki, sign: Any, sample_pdf: Any
) -> None:
    pdf = sign(sample_pdf.small(), by=own, level="B-B").pdf
    for days, expected in (
        (1, (Verdict.INDETERMINATE, "TRY_LATER", Reason.STATUS_UNKNOWN)),
        (400, (Verdict.INDETERMINATE, "OUT_OF_BOUNDS_NO_POE", Reason.CERT_EXPIRED)),
    ):
        report = verify_pdf(pdf, anchors=own.anchors(), policy=VN_TT15_2025, at=own.at + days * DAY)
        (one,) = report.signatures
        assert (one.verdict, one.sub_indication, one.reason) == expected


class Known:
    """Everything existed at one moment."""

    def __init__(self, at: datetime, since: datetime) -> None:
        self.at, self.since = at, since

    def of(self, _: bytes) -> datetime:
        return self.since


def test_evidence_whose_age_nobody_proves_is_worth_nothing_once_the_authority_was_withdrawn(own: SmallPki) -> None:
    leaf = own.credential().certificate
    lists = (own.crl(own.root), own.crl(own.ca))
    own.revoked[own.ca.certificate.serial_number] = (own.at + DAY, x509.ReasonFlags.key_compromise)
    own.evidence_at = own.at + 2 * DAY
    evidence, at = Evidence(crls=(*lists, own.crl(own.root), own.crl(own.ca))), own.at + 2 * DAY + HOUR
    for existed in (None, Known(at, own.at + DAY), Known(at, own.at + 2 * DAY)):
        found = judged(own, leaf, evidence, at, existed=existed)
        assert (found.outcome.failure, found.outcome.failed_leaf) == (PathFailure.REVOKED, False)
        assert found.proven_time is None
    assert judged(own, leaf, evidence, at, existed=Known(at, own.at)).ok


USAGE = bytes.fromhex("03020640")  # content commitment, as the infrastructure's certificates have it


def with_usage(pki: SmallPki, certificate: bytes, usage: bytes) -> bytes:
    """The same certificate for another use of its key, signed anew."""
    tbs, algorithm, _ = cms.parts_of(certificate)
    assert tbs.count(USAGE) == 1
    body = tbs.replace(USAGE, usage)
    return seq(body, algorithm, tlv(0x03, b"\0", pki.ca.key.sign(body, ec.ECDSA(hashes.SHA256()))))


@pytest.mark.parametrize(
    ("usage", "may"),
    [
        ("03020640", True),  # nonRepudiation
        ("03020780", True),  # digitalSignature
        ("030205a0", True),  # and keyEncipherment
        ("03020520", False),  # keyEncipherment alone
        ("03020308", False),  # keyAgreement
    ],
)
def test_a_key_whose_use_is_something_else_signs_no_documents(own: SmallPki, usage: str, *, may: bool) -> None:
    """RFC 5280 §4.2.1.3: digitalSignature or nonRepudiation."""
    by = cms.signer(own, "p256")
    other = cms.Signer(by.key, with_usage(own, by.certificate, bytes.fromhex(usage)), by.chain)
    evidence = Evidence(crls=(own.crl(own.root), own.crl(own.ca)))
    (one,) = verify_pdf(
        cms.signed_pdf(Plan(by=other)), anchors=own.anchors(), policy=VN_TT15_2025, at=own.at + HOUR,
        evidence=evidence, compare_pages=False,
    ).signatures  # fmt: skip
    assert one.intact is True
    refused = (Verdict.INVALID, "CHAIN_CONSTRAINTS_FAILURE", Reason.CERT_PURPOSE)
    assert (one.verdict, one.sub_indication, one.reason) == ((Verdict.VALID, None, None) if may else refused)


def test_a_token_that_names_a_digest_nobody_knows_is_refused_in_these_words(own: SmallPki) -> None:
    info = seq(number(1), oid("1.2.3"), seq(identifier("1.2.3.4"), tlv(0x04, bytes(32))), number(7),
               odd.generalized(own.at))  # fmt: skip
    plan = Plan(by=cms.clock(own), scheme=identifier(f"{cms.RSA}11", NULL), sign=cms.pkcs1("sha256"),
                content_type="1.2.840.113549.1.9.16.1.4", content=info, version=3)  # fmt: skip
    token = cms.container(plan, b"")
    said = token_fault(token, bytes(32), anchors=own.anchors(), policy=VN_TT15_2025, at=own.at)
    assert said == "unknown digest algorithm 1.2.3.4"
    cut = cms.container(replace(plan, content=info[:2]), b"")
    told = token_fault(cut, bytes(32), anchors=own.anchors(), policy=VN_TT15_2025, at=own.at)
    assert told == "the time-stamp does not decode"


def test_algorithms_are_judged_of_everybody_but_the_anchor(own: SmallPki) -> None:
    by = cms.signer(own, "p256")
    container = read_container(cms.container(Plan(by=by), b""))
    weak = cms.signer(own, "rsa1024").certificate

    def reasons(*chain: bytes, **changes: Any) -> list[tuple[str, Reason]]:
        found = algorithm_faults(replace(container, **changes), chain, VN_TT15_2025, proven_time=None, at=own.at + HOUR)
        return [(fault.what, fault.reason) for fault in found]

    short = ("RSA key of 1024 bits", Reason.ALGORITHM_FORBIDDEN)
    assert reasons(by.certificate, own.ca.der, weak) == []  # an anchor is trusted by configuration
    assert reasons(by.certificate, weak, own.root.der) == [short]
    assert reasons(weak) == [short]  # no chain was found: there is no anchor
    assert reasons(by.certificate, digest="1.2.3.4") == [("digest 1.2.3.4", Reason.ALGORITHM_UNKNOWN)]
    assert reasons(by.certificate, scheme=None) == [("signature scheme 1.2.840.10045.4.3.2", Reason.ALGORITHM_UNKNOWN)]


@pytest.mark.parametrize("ends", [DAY, 30 * DAY], ids=["its certificate has ended since", "it has not"])
def test_a_clock_that_was_withdrawn_before_it_stamped_is_told_so(own: SmallPki, ends: timedelta) -> None:
    """RFC 3161 §4."""
    old, key = own._tsa
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    made = own.certificate(old.subject, key.public_key(), own.ca, end=own.at + ends, extra=((usage, True),))
    own.revoked[made.serial_number] = (own.at - HOUR, x509.ReasonFlags.superseded)
    evidence = Evidence(crls=(own.crl(own.root), own.crl(own.ca)))
    found = judge_stamper(
        made.public_bytes(Encoding.DER), (own.ca.der,), own.anchors(), evidence, stamped_time=own.at,
        control_time=own.at + 2 * DAY, require_status=True,
    )  # fmt: skip
    assert (found.ok, found.outcome.failure, found.outcome.failed_leaf) == (False, PathFailure.REVOKED, True)


@pytest.mark.parametrize("renewed", [True, False])
def test_a_clock_lasts_as_long_as_its_authority_has_a_certificate(own: SmallPki, *, renewed: bool) -> None:
    """The authority's own certificate has ended; for the same key there is a new one, or there is none."""
    key, name = own.ca.key.public_key(), own.ca.name
    before = own.certificate(name, key, own.root, ca=True, end=own.at + HOUR)
    after = own.certificate(name, key, own.root, ca=True, start=own.at + HOUR / 2)
    pool = [one.public_bytes(Encoding.DER) for one in ((before, after) if renewed else (before,))]
    found = judge_stamper(
        cms.clock(own).certificate, pool, own.anchors(), Evidence(crls=(own.crl(own.root), own.crl(own.ca))),
        stamped_time=own.at, control_time=own.at + DAY, require_status=True,
    )  # fmt: skip
    assert (found.ok, found.outcome.failure) == ((True, None) if renewed else (False, PathFailure.EXPIRED))
    if renewed:
        assert found.chain[1] == pool[0]  # told is by whom it was certified when it stamped


def test_an_authority_that_signs_without_a_digest_is_judged_by_its_scheme_alone(own: SmallPki) -> None:
    """RFC 8410 §3: the identifier of EdDSA names no digest."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Authority")])
    builder = x509.CertificateBuilder(name, name, ec.generate_private_key(ec.SECP256R1()).public_key(), 7)
    made = (
        builder.not_valid_before(own.at).not_valid_after(own.at + DAY).sign(ed25519.Ed25519PrivateKey.generate(), None)
    )
    assert list(certificate_faults(made.public_bytes(Encoding.DER), VN_TT15_2025)) == []


ROOT, CA = odd.root(), odd.authority(odd.root())
FRIEND = odd.leaf(CA, "friend").has(odd.usage(odd.CRL_SIGN))
INDIRECT = odd.ListPlan(
    FRIEND.subject, "friend",
    extensions=((odd.CRL_NUMBER, False, number(1)), (odd.DISTRIBUTION, True, seq(tlv(0x84, b"\xff")))),
)  # fmt: skip


def naming(*publishers: bytes) -> odd.Plan:
    """A certificate with a distribution point that names these publishers of its list (cRLIssuer)."""
    points = (odd.LIST_POINTS, False, seq(seq(tlv(0xA2, *publishers))))
    return odd.leaf(CA).has(points) if publishers else odd.leaf(CA)


@pytest.mark.parametrize(
    ("publishers", "plan", "good"),
    [
        ((odd.directory(FRIEND.subject),), INDIRECT, True),
        ((odd.uri("http://crl.example.vn"), odd.directory(FRIEND.subject)), INDIRECT, True),
        ((odd.directory(odd.common("other")),), INDIRECT, False),
        ((), INDIRECT, False),
        ((odd.directory(FRIEND.subject),), odd.ListPlan(FRIEND.subject, "friend"), False),
    ],
    ids=["named", "named beside an address", "somebody else named", "nobody named", "the list is not indirect"],
)
def test_a_list_of_somebody_else_speaks_only_for_certificates_that_name_its_publisher(
    publishers: tuple[bytes, ...], plan: odd.ListPlan, *, good: bool
) -> None:
    """RFC 5280 §6.3.3 (b) (1): the name stands in cRLIssuer, and the list says that it is indirect."""
    lists = (odd.list_of(ROOT).der, plan.der)
    outcome = check_path(naming(*publishers).der, (CA.der, FRIEND.der), (ROOT.der,), lists, odd.AT)
    assert (outcome.ok, outcome.failure) == ((True, None) if good else (False, PathFailure.STATUS_UNKNOWN))


def test_an_indirect_list_revokes_too() -> None:
    leaf = naming(odd.directory(FRIEND.subject))
    by_the_authority = ("2.5.29.29", True, seq(odd.directory(CA.subject)))  # RFC 5280 §5.3.3: certificateIssuer
    revoking = INDIRECT.but(revoked=(odd.entry(leaf.serial, odd.AT - DAY, by_the_authority),))
    lists = (odd.list_of(ROOT).der, revoking.der)
    outcome = check_path(leaf.der, (CA.der, FRIEND.der), (ROOT.der,), lists, odd.AT)
    assert (outcome.failure, outcome.failed_leaf) == (PathFailure.REVOKED, True)
