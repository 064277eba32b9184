"""A token from elsewhere goes into a document of ours only if our own checks would accept it there."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from signing.validation import VN_TT15_2025, token_fault
from tests.fakes import cms_builder as cms
from tests.fakes.small_pki import SmallPki

IMPRINT = sha256(b"data").digest()


def fault(pki: SmallPki, token: bytes, **other: Any) -> str:
    given = {"anchors": pki.anchors(), "policy": VN_TT15_2025, "at": pki.at} | other
    return token_fault(token, given.pop("imprint", IMPRINT), **given)


def made(pki: SmallPki, **more: Any) -> bytes:
    return cms.token_by(cms.clock(pki), b"data", more.pop("at", pki.at), **more)


@pytest.mark.parametrize("seconds", [-60, 0, 60])
def test_a_token_of_now_is_taken(pki: SmallPki, seconds: int) -> None:
    assert not fault(pki, made(pki, at=pki.at + timedelta(seconds=seconds)))


@pytest.mark.parametrize("seconds", [-61, 61])
def test_a_token_of_another_minute_is_not(pki: SmallPki, seconds: int) -> None:
    assert fault(pki, made(pki, at=pki.at + timedelta(seconds=seconds))) == "its time is not now"


def test_a_token_about_other_data_is_not(pki: SmallPki) -> None:
    assert fault(pki, made(pki), imprint=sha256(b"other").digest()) == "the time-stamp is about other data"


def test_a_token_with_a_wrong_signature_is_not(pki: SmallPki) -> None:
    token = made(pki)
    assert fault(pki, token[:-1] + bytes([token[-1] ^ 1])) == "the signature of the time-stamp is wrong"


def test_what_is_no_token_is_not(pki: SmallPki) -> None:
    assert fault(pki, b"\x30\x00")


def test_a_token_under_a_root_that_is_not_accepted_is_not(pki: SmallPki) -> None:
    assert fault(pki, made(pki), anchors=replace(pki.anchors(), anchors=())).startswith("no chain")


@pytest.mark.parametrize("weak", ["imprint", "signature"])
def test_a_token_with_a_digest_that_does_not_count_is_not(pki: SmallPki, weak: str) -> None:
    imprint = cms.digest("sha1", b"data") if weak == "imprint" else IMPRINT
    assert fault(pki, made(pki, **{weak: "sha1"}), imprint=imprint) == "digest sha1"


def test_a_token_by_somebody_who_is_no_time_stamp_authority_is_not(pki: SmallPki) -> None:
    assert fault(pki, cms.token_by(cms.signer(pki, "rsa2048"), b"data", pki.at))
