"""Time-stamps of CAdES: what an archive one protects, what came before a signature, in which order they stand."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.trust import Evidence
from signing.validation import VN_TT15_2025, ContentDigest, Reason, SignatureReport, Verdict, verify_detached
from tests.fakes import archived_cms
from tests.fakes import cms_builder as cms
from tests.fakes.archived_cms import FIRST_INDEX, SECOND_INDEX, Archive
from tests.fakes.cms_builder import NIST, Plan, attribute, identifier
from tests.fakes.odd_certificates import oid, tlv, utc
from tests.fakes.small_pki import SmallPki

CONTENT, CONTENT_STAMP = b"a decision", "1.2.840.113549.1.9.16.2.20"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def plan(pki: Any) -> Plan:
    by = cms.signer(pki, "p256")
    found = pki.evidence((by.certificate, pki.ca.der, pki.root.der))
    lists = (*found.crls, tlv(0xA1, oid("1.3.6.1.5.5.7.16.2"), found.ocsps[0]))
    return Plan(by=by, signed=(attribute(cms.SIGNING_TIME, utc(pki.at)),), lists=lists, version=5)


def check(pki: Any, data: bytes, at: datetime, content: bytes | ContentDigest | None = CONTENT) -> SignatureReport:
    evidence = Evidence(crls=(pki.crl(pki.root), pki.crl(pki.ca)))
    (found,) = verify_detached(
        data, content, anchors=pki.anchors(), policy=VN_TT15_2025, at=at, evidence=evidence
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
    assert late.best_time_source == ("signature_timestamp" if named else "archive_timestamp")
    assert [(one.kind, one.intact, one.trusted) for one in late.timestamps] == [
        ("archive_timestamp", True, True), ("signature_timestamp", True, named),
    ]  # fmt: skip


def test_an_archive_time_stamp_of_a_stranger_makes_nothing_last(pki: Any, plan: Plan) -> None:
    archive = Archive(stamp=stamping(SmallPki(label="Stranger"), pki.at + HOUR / 2))
    data = archived_cms.archived(plan, CONTENT, stamping(pki, pki.at, short_lived(pki)), archive)
    soon, late = (check(pki, data, pki.at + hours * HOUR) for hours in (0.75, 2))
    assert (soon.best_time, late.best_time) == (pki.at, None)


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


def signed(pki: Any, plan: Plan, content_at: float | None, stamped_at: float | None, about: bytes = CONTENT) -> bytes:
    """The content with time-stamps so many hours after the signing."""
    more, unsigned = (), None
    if content_at is not None:
        more = (attribute(CONTENT_STAMP, stamping(pki, pki.at + content_at * HOUR)(about)),)
    if stamped_at is not None:
        stamp = stamping(pki, pki.at + stamped_at * HOUR)

        def unsigned(value: bytes) -> tuple[bytes, ...]:
            return (attribute(cms.TOKEN, stamp(value)),)

    return cms.container(replace(plan, signed=(*plan.signed, *more), unsigned=unsigned), CONTENT)


OUT_OF_ORDER = (Verdict.INDETERMINATE, "TIMESTAMP_ORDER_FAILURE", Reason.TIMESTAMP_ORDER)
GOOD = (Verdict.VALID, None, None)
SECOND = 1 / 3600


def told(one: SignatureReport) -> tuple[Any, ...]:
    return one.verdict, one.sub_indication, one.reason


@pytest.mark.parametrize(
    ("content_at", "stamped_at", "about", "expected"),
    [
        (0, 1, CONTENT, GOOD),
        (0, None, CONTENT, GOOD),
        (0, 1, b"another", (Verdict.INDETERMINATE, "GENERIC", Reason.TIMESTAMP_NOT_TRUSTED)),
        (2, 1, CONTENT, OUT_OF_ORDER),
        (1 + 5 * SECOND, 1, CONTENT, GOOD),  # two clocks
        (1 + 6 * SECOND, 1, CONTENT, OUT_OF_ORDER),
        (1, 1, CONTENT, GOOD),
        (None, 1, CONTENT, GOOD),
    ],
)
def test_a_content_time_stamp_is_about_the_content_and_before_the_signature(  # noqa: PLR0917 - fixtures and a table
    pki: Any, plan: Plan, content_at: float | None, stamped_at: float | None, about: bytes, expected: tuple[Any, ...]
) -> None:
    """EN 319 122-1 §5.2.8, EN 319 102-1 §5.5.4."""
    one = check(pki, signed(pki, plan, content_at, stamped_at, about), pki.at + 3 * HOUR)
    assert told(one) == expected
    assert [stamp.kind for stamp in one.timestamps] == [
        *(["content_timestamp"] * (content_at is not None)), *(["signature_timestamp"] * (stamped_at is not None)),
    ]  # fmt: skip
    assert (one.best_time, one.best_time_source) == (
        (None, "none") if stamped_at is None else (pki.at + stamped_at * HOUR, "signature_timestamp")
    )
    assert one.warnings == ((Reason.NO_TRUSTED_TIME,) if stamped_at is None else ())


@pytest.mark.parametrize(
    ("content_at", "expected"),
    [
        (2, (Verdict.INVALID, "EXPIRED", Reason.CERT_NOT_VALID_AT_SIGNING)),
        (0.5, (Verdict.INDETERMINATE, "OUT_OF_BOUNDS_NOT_REVOKED", Reason.CERT_EXPIRED)),
        (None, (Verdict.INDETERMINATE, "OUT_OF_BOUNDS_NOT_REVOKED", Reason.CERT_EXPIRED)),
    ],
)
def test_what_a_content_time_stamp_proves_to_be_younger_than_its_certificate_is_invalid(
    pki: Any, plan: Plan, content_at: float | None, expected: tuple[Any, ...]
) -> None:
    """EN 319 102-1 §5.3.4 (6)."""
    made = pki.certificate(pki.ca.name, plan.by.key.public_key(), pki.ca, end=pki.at + HOUR)
    by = cms.Signer(plan.by.key, made.public_bytes(Encoding.DER), plan.by.chain)
    data = signed(pki, replace(plan, by=by), content_at, None)
    assert told(check(pki, data, pki.at + 3 * HOUR)) == expected


@pytest.mark.parametrize(("own", "content"), [(2, None), (0, 2)], ids=["of the signature", "of the content"])
def test_a_time_stamp_is_not_younger_than_the_one_that_protects_it(
    pki: Any, plan: Plan, own: int, content: int | None
) -> None:
    """EN 319 102-1 §5.5.4."""
    more = () if content is None else (attribute(CONTENT_STAMP, stamping(pki, pki.at + content * HOUR)(CONTENT)),)
    plan = replace(plan, signed=(*plan.signed, *more))
    for archive, expected in ((3, GOOD if content is None else OUT_OF_ORDER), (1, OUT_OF_ORDER)):
        made = Archive(stamp=stamping(pki, pki.at + archive * HOUR))
        data = archived_cms.archived(plan, CONTENT, stamping(pki, pki.at + own * HOUR), made)
        assert told(check(pki, data, pki.at + 4 * HOUR)) == expected


def test_a_proof_is_not_said_to_come_from_a_time_stamp_of_a_stranger_of_the_same_second(pki: Any, plan: Plan) -> None:
    archive = Archive(stamp=stamping(SmallPki(label="Stranger"), pki.at))
    one = check(pki, archived_cms.archived(plan, CONTENT, stamping(pki, pki.at), archive), pki.at + HOUR)
    assert (one.best_time, one.best_time_source) == (pki.at, "signature_timestamp")


def test_without_the_content_an_archive_time_stamp_is_about_nothing(pki: Any, plan: Plan) -> None:
    data = archived_cms.archived(plan, CONTENT, stamping(pki, pki.at), Archive(stamp=stamping(pki, pki.at)))
    one = check(pki, data, pki.at + HOUR, None)
    assert (one.reason, one.level) == (Reason.CONTENT_MISSING, "B-LT")
    assert [(stamp.intact, stamp.error) for stamp in one.timestamps] == [(False, "the content is missing"), (True, "")]


def test_over_a_digest_alone_no_content_time_stamp_is_judged(pki: Any, plan: Plan) -> None:
    digest = ContentDigest(algorithm="sha256", value=hashlib.sha256(CONTENT).digest())
    one = check(pki, signed(pki, plan, 0, 1), pki.at + 3 * HOUR, digest)
    assert (one.reason, [stamp.kind for stamp in one.timestamps]) == (Reason.CONTENT_NOT_GIVEN, ["signature_timestamp"])
