"""check_path: what RFC 5280 decides, within bounds, whatever the bytes are."""

import asyncio
import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.validation import path as path_module
from signing.validation.path import PathFailure, check_path

PKITS = Path(os.environ.get("PKITS_DIR", Path(__file__).parents[4] / "shared" / "vectors" / "pkits"))
"""The NIST vectors: where the variable says, or in the folder `shared` beside the repository, as CI has it."""


def run(pki: Any, credential: Any, **over: Any) -> Any:
    values = {
        "others": () if credential is None else credential.chain,
        "roots": [pki.root.der],
        "crls": [pki.crl(pki.root), pki.crl(pki.ca)],
        "at": pki.at,
    } | over
    leaf = values.pop("leaf") if "leaf" in values else credential.certificate
    others, roots, crls, at = (values.pop(k) for k in ("others", "roots", "crls", "at"))
    return check_path(leaf, others, roots, crls, at, **values)


def test_a_good_chain_with_status_is_ok_and_lists_leaf_to_anchor(pki: Any) -> None:
    credential = pki.credential()
    outcome = run(pki, credential)
    assert outcome.ok, outcome.reason
    assert outcome.chain == (credential.certificate, pki.ca.der, pki.root.der)


def test_a_good_chain_works_inside_a_running_event_loop(pki: Any) -> None:
    credential = pki.credential()

    async def inside() -> Any:
        return run(pki, credential)

    assert asyncio.run(inside()).ok


def test_without_status_the_chain_is_not_ok(pki: Any) -> None:
    outcome = run(pki, pki.credential(), crls=[])
    assert (outcome.ok, outcome.failure) == (False, PathFailure.STATUS_UNKNOWN)


def test_an_ocsp_answer_is_status_enough(pki: Any) -> None:
    credential = pki.credential()
    outcome = run(pki, credential, crls=[pki.crl(pki.root)], ocsps=[pki.ocsp(credential.certificate)])
    assert outcome.ok, outcome.reason


@pytest.mark.parametrize("digest", [hashes.SHA1, hashes.SHA224, hashes.SHA384, hashes.SHA512])
def test_an_answer_names_its_certificate_by_any_digest(small_pki: Any, digest: Any) -> None:
    # RFC 6960 §4.1.1: CertID; what says "revoked" is not lost for it, beside an older answer that says "good"
    pki = small_pki.SmallPki()
    credential = pki.credential()
    good = pki.ocsp(credential.certificate, digest())
    assert run(pki, credential, crls=[pki.crl(pki.root)], ocsps=[good]).ok
    pki.revoke(credential, pki.at - timedelta(hours=1), x509.ReasonFlags.key_compromise)
    answers = [pki.ocsp(credential.certificate, digest()), good]
    assert run(pki, credential, crls=[pki.crl(pki.root)], ocsps=answers).failure is PathFailure.REVOKED


def test_an_authority_that_another_one_issued_is_an_anchor_with_its_own_lists(pki: Any) -> None:
    # EN 319 102-1 §5.1.4: a trust anchor is whom we trust, root or not
    credential = pki.credential()
    outcome = run(pki, credential, roots=[pki.ca.der], crls=[pki.crl(pki.ca)])
    assert (outcome.ok, outcome.chain) == (True, (credential.certificate, pki.ca.der)), outcome.reason
    pki.revoke(credential, pki.at - timedelta(days=1), x509.ReasonFlags.key_compromise)
    refused = run(pki, credential, roots=[pki.ca.der], crls=[pki.crl(pki.ca)])
    assert refused.failure is PathFailure.REVOKED


def test_lists_of_somebody_else_say_nothing_about_whom_an_issued_anchor_issued(pki: Any) -> None:
    outcome = run(pki, pki.credential(), roots=[pki.ca.der], crls=[pki.crl(pki.root)])
    assert (outcome.ok, outcome.failure) == (False, PathFailure.STATUS_UNKNOWN)


def silent_certificate(pki: Any) -> bytes:
    """One that says nowhere where its status is told."""
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Nobody asks")])
    certificate: bytes = pki.certificate(name, key, pki.ca, status=False).public_bytes(Encoding.DER)
    return certificate


@pytest.mark.parametrize("anchored", ["root", "issuer"])
def test_an_ocsp_answer_counts_where_the_certificate_does_not_say_who_gives_one(pki: Any, anchored: str) -> None:
    leaf = silent_certificate(pki)
    roots, crls = ([pki.root.der], [pki.crl(pki.root)]) if anchored == "root" else ([pki.ca.der], [])
    asked = {"leaf": leaf, "others": [pki.ca.der], "roots": roots, "crls": crls}
    outcome = run(pki, None, **asked, ocsps=[pki.ocsp(leaf)])
    assert outcome.ok, outcome.reason
    pki.revoked[x509.load_der_x509_certificate(leaf).serial_number] = (pki.at, x509.ReasonFlags.key_compromise)
    assert run(pki, None, **asked, ocsps=[pki.ocsp(leaf)]).failure is PathFailure.REVOKED
    other = silent_certificate(pki)
    assert run(pki, None, **asked, ocsps=[pki.ocsp(other)]).failure is PathFailure.STATUS_UNKNOWN


def test_an_answer_about_the_leaf_says_nothing_about_its_authority(pki: Any) -> None:
    leaf = silent_certificate(pki)
    outcome = run(pki, None, leaf=leaf, others=[pki.ca.der], crls=[], ocsps=[pki.ocsp(leaf)])
    assert (outcome.ok, outcome.failure) == (False, PathFailure.STATUS_UNKNOWN)


@pytest.mark.parametrize(
    ("moment", "failure"),
    [
        (timedelta(days=-30), None),
        (timedelta(days=-30, seconds=-1), PathFailure.NOT_YET_VALID),
        (timedelta(days=365), None),
        (timedelta(days=365, seconds=1), PathFailure.EXPIRED),
    ],
)
def test_one_second_outside_the_period_is_outside(pki: Any, moment: Any, failure: Any) -> None:
    outcome = run(pki, pki.credential(), crls=[], at=pki.at + moment, revocation=False)
    assert outcome.failure is failure


def test_revocation_counts_from_its_moment_on(small_pki: Any) -> None:
    pki = small_pki.SmallPki()
    credential = pki.credential()
    pki.revoke(credential, pki.at - timedelta(hours=1), x509.ReasonFlags.key_compromise)
    outcome = run(pki, credential)
    assert outcome.failure is PathFailure.REVOKED
    assert outcome.failed_leaf
    assert outcome.revoked_at == pki.at - timedelta(hours=1)
    before = run(pki, credential, at=pki.at - timedelta(hours=2), retroactive=True)
    assert before.ok, before.reason


def test_a_hold_is_told_apart_from_a_revocation(small_pki: Any) -> None:
    pki = small_pki.SmallPki()
    credential = pki.credential()
    pki.revoke(credential, pki.at - timedelta(hours=1), x509.ReasonFlags.certificate_hold)
    assert run(pki, credential).failure is PathFailure.ON_HOLD


def test_a_foreign_root_gives_no_chain(pki: Any, small_pki: Any) -> None:
    stranger = small_pki.SmallPki(label="Other")
    outcome = run(pki, stranger.credential())
    assert outcome.failure is PathFailure.NO_CHAIN


def test_a_root_with_the_right_name_and_another_key_is_a_bad_signature(pki: Any, small_pki: Any) -> None:
    double = small_pki.SmallPki()
    outcome = run(pki, double.credential(), others=(), roots=[pki.root.der, pki.ca.der])
    assert outcome.failure in {PathFailure.BAD_SIGNATURE, PathFailure.NO_CHAIN}


def test_a_certificate_that_is_an_anchor_itself_is_ok_in_its_period(pki: Any) -> None:
    credential = pki.credential()
    assert run(pki, credential, roots=[credential.certificate]).ok
    late = run(pki, credential, roots=[credential.certificate], at=pki.at + timedelta(days=999))
    assert late.failure is PathFailure.EXPIRED
    early = run(pki, credential, roots=[credential.certificate], at=pki.at - timedelta(days=999))
    assert early.failure is PathFailure.NOT_YET_VALID


@given(junk=st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_junk_in_any_place_is_an_outcome_never_an_exception(pki: Any, junk: Any) -> None:
    credential = pki.credential_once
    assert not run(pki, credential, leaf=junk).ok
    assert not run(pki, credential, roots=[junk]).ok
    assert run(pki, credential, others=[junk, *credential.chain]).ok
    assert run(pki, credential, crls=[junk, pki.crl_once, pki.ca_crl_once], ocsps=[junk]).ok


@pytest.fixture(scope="session", autouse=True)
def _once(pki: Any) -> None:
    pki.credential_once = pki.credential()
    pki.crl_once, pki.ca_crl_once = pki.crl(pki.root), pki.crl(pki.ca)


def test_every_flipped_byte_of_the_leaf_breaks_it(pki: Any) -> None:
    credential = pki.credential()
    accepted = []
    for position in range(0, len(credential.certificate), 3):
        broken = bytearray(credential.certificate)
        broken[position] ^= 0x01
        if run(pki, credential, leaf=bytes(broken)).ok:
            accepted.append(position)
    assert accepted == []


def cross_signed(pki: Any, count: Any, *, one_key: Any) -> Any:
    """`count` authorities with one subject that all sign each other, and a leaf below the last."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Same")])
    keys = [ec.generate_private_key(ec.SECP256R1())] * count
    if not one_key:
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(count)]
    certificates = []
    for issuer in keys:
        for subject in keys:
            builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(subject.public_key())
            builder = builder.serial_number(pki.serial()).not_valid_before(pki.at - timedelta(days=1))
            builder = builder.not_valid_after(pki.at + timedelta(days=1))
            builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            certificates.append(builder.sign(issuer, hashes.SHA256()).public_bytes(Encoding.DER))
    leaf = x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(name).public_key(keys[0].public_key())
    leaf = (
        leaf.serial_number(5).not_valid_before(pki.at - timedelta(days=1)).not_valid_after(pki.at + timedelta(days=1))
    )
    return leaf.sign(keys[-1], hashes.SHA256()).public_bytes(Encoding.DER), certificates


@pytest.mark.parametrize(("count", "one_key"), [(8, True), (12, True), (8, False), (12, False)])
def test_authorities_that_share_a_subject_cost_no_blow_up(pki: Any, count: Any, one_key: Any) -> None:
    leaf, heap = cross_signed(pki, count, one_key=one_key)
    begin = time.process_time()
    outcome = check_path(leaf, heap, [pki.root.der], [], pki.at, revocation=False)
    assert not outcome.ok
    assert time.process_time() - begin < 3


def test_a_good_chain_is_found_in_a_heap_of_look_alikes(pki: Any) -> None:
    _, heap = cross_signed(pki, 6, one_key=False)
    outcome = run(pki, pki.credential(), others=[*heap, *pki.credential_once.chain])
    assert outcome.ok, outcome.reason


def test_a_spent_budget_is_an_outcome(pki: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(path_module, "MAX_WORK", 1)
    assert run(pki, pki.credential()).failure is PathFailure.BUDGET


def odd_leaf(pki: Any, *extensions: Any) -> Any:
    key = ec.generate_private_key(ec.SECP256R1())
    return pki.certificate(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "odd")]), key.public_key(), pki.ca, extra=extensions
    ).public_bytes(Encoding.DER)


def test_name_constraints_in_an_end_certificate_are_refused(pki: Any) -> None:
    constraints = x509.NameConstraints([x509.DNSName("example.vn")], None)
    outcome = run(pki, pki.credential_once, leaf=odd_leaf(pki, (constraints, True)))
    assert outcome.failure is PathFailure.MALFORMED
    assert "name_constraints" in outcome.reason
    loose = run(pki, pki.credential_once, leaf=odd_leaf(pki, (constraints, False)))
    assert "critical" in loose.reason


def test_an_unknown_critical_extension_is_refused(pki: Any) -> None:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.32473.99"), b"\x05\x00")
    outcome = run(pki, pki.credential_once, leaf=odd_leaf(pki, (unknown, True)))
    assert outcome.failure is PathFailure.CONSTRAINTS


def test_too_many_extensions_are_refused(pki: Any) -> None:
    oids = [x509.ObjectIdentifier(f"1.3.6.1.4.1.32473.98.{n}") for n in range(70)]
    many = tuple((x509.UnrecognizedExtension(oid, b"\x05\x00"), False) for oid in oids)
    assert run(pki, pki.credential_once, leaf=odd_leaf(pki, *many)).failure is PathFailure.MALFORMED


def test_too_many_names_are_refused(pki: Any) -> None:
    names = x509.SubjectAlternativeName([x509.DNSName(f"h{n}.example.vn") for n in range(300)])
    assert run(pki, pki.credential_once, leaf=odd_leaf(pki, (names, False))).failure is PathFailure.MALFORMED


def test_an_oversized_certificate_is_refused_before_it_is_parsed(pki: Any) -> None:
    assert run(pki, pki.credential_once, leaf=b"\x30" * 70_000).failure is PathFailure.MALFORMED


@pytest.mark.skipif(
    not (PKITS / "pkits.json").exists(), reason="no NIST vectors: PKITS_DIR, or ../shared/vectors/pkits"
)
def test_nist_pkits_agrees_in_every_case() -> None:
    def read(folder: Any, name: Any) -> Any:
        return (PKITS / folder / name).read_bytes()

    root = read("certs", "TrustAnchorRootCertificate.crt")
    wrong = []
    for case in json.loads((PKITS / "pkits.json").read_text()):
        crls = [read("crls", "TrustAnchorRootCRL.crl")] + [read("crls", c) for c in case.get("crls", [])]
        others = [read("certs", c) for c in case.get("other_certs", [])]
        outcome = check_path(
            read("certs", case["cert"]), others, [root], crls, datetime(2022, 5, 1, tzinfo=UTC),
            params=case.get("params") or None, revocation=case.get("revocation", True),
        )  # fmt: skip
        if outcome.ok == ("error" in case):
            wrong.append((case["id"], case["name"], outcome.reason))
    assert wrong == []
