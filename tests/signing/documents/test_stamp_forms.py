"""What a time-stamp and its surroundings may not be: every odd form is a fault, none a proof."""

from datetime import timedelta
from typing import Any

import pytest

from signing.keys.der import DerError
from signing.trust import Evidence
from signing.validation import VN_TT15_2025
from signing.validation.archive_stamps import archived
from signing.validation.certificate_parts import read_parts
from signing.validation.container import read_container
from signing.validation.container_faults import ContainerFaultError
from signing.validation.digests import Content, digest_of
from signing.validation.stamp_info import read_stamp_info
from signing.validation.stamps import check_stamp
from tests.fakes import cms_builder as cms
from tests.fakes.cms_builder import Plan, attribute, identifier
from tests.fakes.odd_certificates import generalized, number, oid, seq, tlv, utc

SHA256 = identifier("2.16.840.1.101.3.4.2.1")
TST = "1.2.840.113549.1.9.16.1.4"


def info(at: Any, **other: bytes) -> bytes:
    parts = {
        "version": number(1), "policy": oid("1.2.3"),
        "imprint": seq(SHA256, tlv(0x04, cms.digest("sha256", b"data"))), "serial": number(7), "time": generalized(at),
    } | other  # fmt: skip
    return seq(*parts.values(), seq(number(1)), tlv(0x01, b"\xff"), number(99))  # accuracy, ordering, nonce


def test_a_right_one_is_read_and_its_accuracy_order_and_nonce_are_passed_over(pki: Any) -> None:
    found = read_stamp_info(info(pki.at))
    assert (found.moment, found.digest, found.policy) == (pki.at, "sha256", "1.2.3")


ODD = {
    "another version": {"version": number(2)},
    "an imprint that is too short": {"imprint": seq(SHA256, tlv(0x04, b"short"))},
    "another form of time": {"time": utc},
    "no time": {"time": tlv(0x18, b"tomorrow")},
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_one_is_a_fault(pki: Any, name: str) -> None:
    other = {key: value(pki.at) if callable(value) else value for key, value in ODD[name].items()}
    with pytest.raises(DerError):
        read_stamp_info(info(pki.at, **other))


def checked(pki: Any, token: bytes) -> Any:
    return check_stamp(
        token, (b"data",), others=(), anchors=pki.anchors(), evidence=Evidence(), policy=VN_TT15_2025,
        control_time=pki.at + timedelta(minutes=5),
    )  # fmt: skip


def token(pki: Any, content: bytes, **more: Any) -> bytes:
    by = cms.signer(pki, "p256")
    plan = Plan(by=by, content_type=TST, content=content, version=3, **more)
    return cms.container(plan, b"")


def test_a_token_by_somebody_who_may_not_stamp_is_intact_and_not_trusted(pki: Any) -> None:
    found = checked(pki, token(pki, info(pki.at)))
    assert (found.intact, found.trusted, found.stamped_time) == (True, False, pki.at)


@pytest.mark.parametrize(
    "more",
    [
        {"encode_attributes": lambda found: b"".join(sorted(found, reverse=True))},
        {"bind": "v2", "bound": b"another"},
        {"without": (cms.MESSAGE_DIGEST,)},
        {"sign": lambda k, data: cms.ecdsa("sha256")(k, data + b"!")},
        {"signers": 2},
    ],
    ids=["not DER", "another certificate", "no digest", "wrong value", "two signers"],
)
def test_a_broken_token_proves_nothing(pki: Any, more: Any) -> None:
    found = checked(pki, token(pki, info(pki.at), **more))
    assert (found.intact, found.trusted, found.stamped_time) == (False, False, None)


def test_a_token_whose_unsigned_parts_do_not_fit_is_about_the_bytes_and_proves_nothing(pki: Any) -> None:
    odd = token(pki, info(pki.at), digest_identifier=identifier("2.16.840.1.101.3.4.2.1", tlv(0x04, b"")))
    found = checked(pki, odd)
    assert (found.intact, found.unfit, found.trusted) == (True, True, False)


def test_tokens_without_a_time_or_about_something_else_are_broken(pki: Any) -> None:
    other = info(pki.at, imprint=seq(SHA256, tlv(0x04, bytes(32))))
    unknown = info(pki.at, imprint=seq(identifier("1.2.3"), tlv(0x04, bytes(32))))
    plain = cms.container(Plan(by=cms.signer(pki, "p256"), content=info(pki.at)), b"")
    for data in (token(pki, other), token(pki, unknown), token(pki, b"no info"), plain, b"junk"):
        assert checked(pki, data).intact is False


def test_a_token_from_the_future_proves_nothing(pki: Any) -> None:
    found = checked(pki, token(pki, info(pki.at + timedelta(days=1))))
    assert (found.intact, found.trusted) == (True, False)


def test_an_archive_time_stamp_without_a_right_index_is_a_fault(pki: Any) -> None:
    container = read_container(cms.container(Plan(by=cms.signer(pki, "p256")), b"x"))
    indexes = (seq(), seq(seq(), seq(), tlv(0x04, b"")), seq(seq(tlv(0x02, b"\1")), seq(), seq()))
    without = token(pki, info(pki.at))
    for data in (without, b"junk", *(
        token(pki, info(pki.at), unsigned=lambda _, index=index: (attribute("0.4.0.19122.1.5", index),))
        for index in indexes
    )):  # fmt: skip
        with pytest.raises(ContainerFaultError):
            archived(data, container, Content((b"x",)))


@pytest.mark.parametrize(
    "data", [b"", seq(), seq(seq(), seq(), seq()), bytes(70_000), seq(seq(number(1)), seq(), seq())]
)
def test_what_is_no_certificate_has_no_parts(data: bytes) -> None:
    with pytest.raises(DerError):
        read_parts(data)


def test_an_unknown_digest_is_a_fault() -> None:
    with pytest.raises(ContainerFaultError):
        digest_of((b"",), "whirlpool")
