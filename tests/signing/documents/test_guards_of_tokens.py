"""A time-stamp is worth something only if everything about it is right, and says in words what is not."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.keys.der import DerError
from signing.trust import Evidence
from signing.validation import VN_TT15_2025, token_fault
from signing.validation.stamp_info import read_stamp_info
from signing.validation.stamps import StampAnswer, check_stamp
from tests.fakes import cms_builder as cms
from tests.fakes.cms_builder import NIST, NULL, RSA, Plan, identifier
from tests.fakes.odd_certificates import generalized, number, oid, seq, tlv, utc
from tests.fakes.small_pki import SIGNED_AT, Authority, SmallPki

HOUR = timedelta(hours=1)
TST = "1.2.840.113549.1.9.16.1.4"
IMPRINT = seq(identifier(f"{NIST}2.1"), tlv(0x04, cms.digest("sha256", b"data")))
RIGHT = (number(1), oid("1.2.3"), IMPRINT, number(7), generalized(SIGNED_AT))


def with_part(place: int, part: bytes) -> bytes:
    """A TSTInfo with one part of a test's choice."""
    return seq(*RIGHT[:place], part, *RIGHT[place + 1 :])


@pytest.mark.parametrize(
    "info",
    [
        with_part(0, tlv(0x0A, b"\1")),
        with_part(0, number(2)),
        with_part(1, tlv(0x0D, b"\x2a\x03")),
        with_part(2, seq(identifier(f"{NIST}2.1"), tlv(0x0C, bytes(32)))),
        with_part(2, seq(identifier(f"{NIST}2.1"), tlv(0x04, bytes(20)))),
        with_part(3, tlv(0x04, b"\7")),
        with_part(4, utc(SIGNED_AT)),
        with_part(4, tlv(0x18, b"20260805")),
        seq(*RIGHT) + NULL,
    ],
    ids=[
        "no integer",
        "version 2",
        "policy",
        "imprint",
        "length",
        "serial",
        "UTCTime",
        "no time",
        "something behind it",
    ],
)
def test_a_time_stamp_in_another_form_says_nothing(info: bytes) -> None:
    """RFC 3161 §2.4.2."""
    assert read_stamp_info(seq(*RIGHT)).moment == SIGNED_AT
    with pytest.raises(DerError):
        read_stamp_info(info)


def answer(pki: SmallPki, token: bytes, at: datetime) -> StampAnswer:
    evidence = Evidence(crls=(pki.crl(pki.root), pki.crl(pki.ca)))
    return check_stamp(
        token, (b"data",), others=(), anchors=pki.anchors(), evidence=evidence, policy=VN_TT15_2025, control_time=at
    )


def weak_clock(pki: SmallPki) -> cms.Signer:
    """A clock whose key is too short."""
    key = cms.key("rsa1024")
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    made = pki.certificate(pki.ca.name, key.public_key(), pki.ca, extra=((usage, True),))
    return cms.Signer(key, made.public_bytes(Encoding.DER), (pki.ca.der,))


def clock_below_a_weak_authority(pki: SmallPki) -> cms.Signer:
    own, private = pki._tsa
    key, usage = cms.key("rsa1024"), x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Weak")])
    authority = Authority(name, key, pki.certificate(name, key.public_key(), pki.root, ca=True))
    made = pki.certificate(own.subject, private.public_key(), authority, extra=((usage, True),))
    return cms.Signer(private, made.public_bytes(Encoding.DER), (authority.der,))


def plan_of(pki: SmallPki, **more: Any) -> Plan:
    right = Plan(by=cms.clock(pki), scheme=identifier(f"{RSA}11", NULL), sign=cms.pkcs1("sha256"), content_type=TST,
                 content=seq(*RIGHT), version=3)  # fmt: skip
    return replace(right, **more)


SHORT, NO_CLOCK = "RSA key of 1024 bits", "the certificate is not for time-stamping alone"


@pytest.mark.parametrize(
    ("make", "intact", "said"),
    [
        (lambda p, _: cms.container(plan_of(p), b""), True, ""),
        (lambda p, _: cms.token_by(cms.clock(p), b"data", p.at, imprint="sha1"), True, "digest sha1"),
        (lambda p, _: cms.token_by(cms.clock(p), b"data", p.at, signature="sha1"), True, "digest sha1"),
        (lambda p, _: cms.token_by(weak_clock(p), b"data", p.at), True, SHORT),
        (lambda p, _: cms.token_by(clock_below_a_weak_authority(p), b"data", p.at), True, SHORT),
        (lambda _, s: cms.token_by(weak_clock(s), b"data", s.at), True, SHORT),  # nobody's chain has it
        (lambda _, s: cms.token_by(cms.clock(s), b"data", s.at), True, "no chain to a known root"),
        (lambda p, _: cms.token_by(cms.signer(p, "rsa2048"), b"data", p.at), True, NO_CLOCK),
        (lambda p, _: cms.container(plan_of(p, version=1), b""), True, "the version of the container"),
        (lambda p, _: cms.token_by(cms.clock(p), b"other", p.at), False, "the time-stamp is about other data"),
        (lambda p, _: cms.container(plan_of(p, content=None), b""), False, "it holds no time-stamp"),
        (lambda p, _: cms.container(plan_of(p, content_type=cms.DATA), b""), False, "it holds no time-stamp"),
        (lambda p, _: cms.container(plan_of(p, bound=p.ca.der), b""), False, "the signed certificate is another one"),
        (lambda p, _: cms.container(plan_of(p, in_order=False), b""), False, "signed attributes that are not DER"),
        (lambda p, _: cms.container(plan_of(p, sign=cms.pkcs1("sha512")), b""), False, "the signature of the time-"),
    ],
    ids=[
        "right", "imprint", "signature", "short key", "an authority's", "a stranger's", "stranger", "purpose",
        "incoherent", "other data", "detached", "no time-stamp", "another certificate", "order of attributes", "value",
    ],
)  # fmt: skip
def test_a_token_that_is_not_right_in_every_part_proves_nothing(make: Any, said: str, *, intact: bool) -> None:
    """EN 319 102-1 §5.4; the same before it goes into a document of ours."""
    pki = SmallPki()
    token = make(pki, SmallPki(label="Stranger"))
    found = answer(pki, token, pki.at + HOUR)
    assert (found.intact, found.trusted) == (intact, not said)
    known = "sha1" if cms.digest("sha1", b"data") in token else "sha256"
    imprint = cms.digest(known, b"data")
    told = token_fault(token, imprint, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at)
    for words in (found.error, told):
        assert words.startswith(said) if said else not words


def test_a_time_stamp_of_the_future_proves_nothing_yet() -> None:
    pki = SmallPki()
    token = cms.token_by(cms.clock(pki), b"data", pki.at + 2 * HOUR)
    found = answer(pki, token, pki.at + HOUR)
    assert (found.intact, found.trusted, found.error) == (True, False, "it lies in the future")
    assert answer(pki, token, pki.at + 2 * HOUR).trusted  # in the same second it is not of the future
