"""What an archive time-stamp of CAdES protects, and what it says nothing about."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.trust import Evidence
from signing.validation import VN_TT15_2025, SignatureReport, Verdict, verify_detached
from tests.fakes import archived_cms
from tests.fakes import cms_builder as cms
from tests.fakes.archived_cms import FIRST_INDEX, SECOND_INDEX, Archive
from tests.fakes.cms_builder import NIST, Plan, attribute, identifier
from tests.fakes.odd_certificates import oid, tlv, utc

CONTENT = b"a decision"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def plan(pki: Any) -> Plan:
    by = cms.signer(pki, "p256")
    found = pki.evidence((by.certificate, pki.ca.der, pki.root.der))
    lists = (*found.crls, tlv(0xA1, oid("1.3.6.1.5.5.7.16.2"), found.ocsps[0]))
    return Plan(by=by, signed=(attribute(cms.SIGNING_TIME, utc(pki.at)),), lists=lists, version=5)


def check(pki: Any, data: bytes, at: datetime) -> SignatureReport:
    evidence = Evidence(crls=(pki.crl(pki.root), pki.crl(pki.ca)))
    (found,) = verify_detached(
        data, CONTENT, anchors=pki.anchors(), policy=VN_TT15_2025, at=at, evidence=evidence
    ).signatures
    return found


def stamping(pki: Any, at: datetime, by: cms.Signer | None = None) -> archived_cms.Stamp:
    return lambda data: cms.token_by(by or cms.clock(pki), data, at)


def short_lived(pki: Any) -> cms.Signer:
    """The clock with a certificate that ends an hour after the signing."""
    own, private = pki._tsa
    usage = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)
    made = pki.certificate(own.subject, private.public_key(), pki.ca, end=pki.at + HOUR, extra=(usage,))
    return cms.clock(pki, made.public_bytes(Encoding.DER))


@pytest.mark.parametrize(("named", "minutes"), [(True, 0), (False, 30)], ids=["named", "not named"])
def test_an_archive_time_stamp_makes_only_what_it_names_last(
    pki: Any, plan: Plan, minutes: int, *, named: bool
) -> None:
    """EN 319 122-1 §5.5.2: nothing else is protected. Whoever gets at an ended clock's key could add a token later."""
    archive = Archive(stamp=stamping(pki, pki.at + HOUR / 2), named=named)
    data = archived_cms.archived(plan, CONTENT, stamping(pki, pki.at, short_lived(pki)), archive)
    soon, late = (check(pki, data, pki.at + hours * HOUR) for hours in (0.75, 2))
    assert soon.best_time == pki.at  # its certificate has not ended yet
    assert (late.verdict, late.best_time) == (Verdict.VALID, pki.at + timedelta(minutes=minutes))
    assert [(one.kind, one.intact, one.trusted) for one in late.timestamps] == [
        ("archive_timestamp", True, True), ("signature_timestamp", True, named),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("archive", "good"),
    [
        ({}, True),
        ({"index": FIRST_INDEX, "whole_attributes": True}, True),
        ({"index": FIRST_INDEX, "whole_attributes": True, "algorithm": ()}, True),  # SHA-256 is its default
        ({"index": SECOND_INDEX, "whole_attributes": True}, True),
        ({"index": SECOND_INDEX}, False),
        ({"index": FIRST_INDEX}, False),
        ({"whole_attributes": True}, False),
        ({"algorithm": (identifier(f"{NIST}2.3"),)}, False),  # the digests are by another algorithm
        ({"kept": False}, False),
    ],
)
def test_each_version_of_the_index_is_read_by_its_own_rule(
    pki: Any, plan: Plan, archive: dict[str, Any], *, good: bool
) -> None:
    """Since version 3 over type and value; TS 101 733 v2.2.1 §6.4.2 and EN 319 122-1 v1.0.0: over attributes."""
    made = Archive(stamp=stamping(pki, pki.at), **archive)
    found = check(pki, archived_cms.archived(plan, CONTENT, stamping(pki, pki.at), made), pki.at + HOUR)
    assert found.timestamps[0].intact is good
    assert (found.verdict, found.level) == (
        (Verdict.VALID, "B-LTA") if good else (Verdict.INDETERMINATE, "B-LT" if made.kept else "B-B")
    )


@pytest.mark.parametrize(
    ("own", "archive", "level"), [(0, 0, "B-LTA"), (0, 3, "B-LT"), (3, 3, "B-B")], ids=["past", "archive", "both"]
)
def test_a_time_stamp_of_the_future_raises_no_level(pki: Any, plan: Plan, own: int, archive: int, level: str) -> None:
    """As for documents: it proves nothing, whoever made it."""
    made = Archive(stamp=stamping(pki, pki.at + archive * HOUR))
    data = archived_cms.archived(plan, CONTENT, stamping(pki, pki.at + own * HOUR), made)
    assert check(pki, data, pki.at + HOUR).level == level
