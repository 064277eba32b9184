"""What was good then and is not now, and the other way round: which of both answers counts, and why."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509 import ReasonFlags

from signing.trust import Evidence, TrustAnchors
from signing.validation.chains import ChainAnswer, judge_chain, judge_stamper
from signing.validation.path import PathFailure
from tests.fakes import cms_builder as cms
from tests.fakes.small_pki import SmallPki

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def own() -> SmallPki:
    return SmallPki()


class Known:
    """By when each object existed; what is not named, since now."""

    def __init__(self, at: datetime, since: Mapping[bytes, datetime]) -> None:
        self.at, self.since = at, since

    def of(self, der: bytes) -> datetime:
        return self.since.get(der, self.at)


def lists(pki: SmallPki, at: datetime) -> tuple[bytes, bytes]:
    pki.evidence_at = at
    return pki.crl(pki.root), pki.crl(pki.ca)


def judged(pki: SmallPki, leaf: bytes, at: datetime, *crls: bytes, **more: Any) -> ChainAnswer:
    values: dict[str, Any] = {"proven_time": pki.at, "require_status": True, "anchors": pki.anchors()} | more
    evidence = Evidence(crls=crls, ocsps=values.pop("ocsps", ()))
    return judge_chain(leaf, (pki.ca.der,), evidence=evidence, control_time=at, **values)


def serial(der: bytes) -> int:
    return x509.load_der_x509_certificate(der).serial_number


def test_that_nobody_tells_a_status_is_not_made_an_end_that_came_later(own: SmallPki) -> None:
    leaf = own.credential().certificate
    found = judged(own, leaf, own.at + 400 * DAY)
    assert (found.outcome.failure, found.proven_time) == (PathFailure.STATUS_UNKNOWN, own.at)


@pytest.mark.parametrize("held", [True, False])
def test_a_hold_that_was_released_still_stands_for_what_was_signed_inside(own: SmallPki, *, held: bool) -> None:
    """I6, S12: a list of today forgets it, one of then does not."""
    leaf, later = own.credential().certificate, own.at + 9 * DAY  # the list of then has ended
    if held:
        own.revoked[serial(leaf)] = (own.at - HOUR, ReasonFlags.certificate_hold)
    then = lists(own, own.at)
    own.revoked.clear()
    found = judged(own, leaf, later + HOUR, *then, *lists(own, later))
    assert (found.ok, found.outcome.failure) == ((False, PathFailure.ON_HOLD) if held else (True, None))


def test_a_revocation_after_the_proved_time_is_told_and_changes_nothing(own: SmallPki) -> None:
    """EN 319 102-1 §5.6.2: the leaf alone is concerned, so nobody could have written the evidence of then later."""
    leaf, later = own.credential().certificate, own.at + 2 * DAY
    then = lists(own, own.at)
    own.revoked[serial(leaf)] = (own.at + DAY, ReasonFlags.key_compromise)
    found = judged(own, leaf, later + HOUR, *then, *lists(own, later))
    assert found.withdrawn_since is not None
    assert (found.ok, found.proven_time, found.withdrawn_since.failure) == (True, own.at, PathFailure.REVOKED)


@pytest.mark.parametrize(("earliest", "after"), [(None, False), (-2 * HOUR, False), (-HOUR / 2, True)])
@pytest.mark.parametrize("proven", [True, False])
def test_only_what_was_certainly_signed_after_the_end_is_so_for_ever(
    own: SmallPki, earliest: timedelta | None, *, after: bool, proven: bool
) -> None:
    """EN 319 102-1 §5.3.4 (6)."""
    leaf = own.credential(end=own.at - HOUR).certificate
    bound = None if earliest is None else own.at + earliest
    time = own.at if proven else None
    found = judged(own, leaf, own.at + HOUR, *lists(own, own.at), earliest=bound, proven_time=time)
    assert (found.outcome.failure, found.made_after_end) == (PathFailure.EXPIRED, after)


@pytest.mark.parametrize(("earliest", "after"), [(None, False), (-2 * HOUR, False), (-HOUR / 2, True)])
@pytest.mark.parametrize("proven", [True, False])
def test_only_what_was_certainly_signed_after_a_revocation_is_so_for_ever(
    own: SmallPki, earliest: timedelta | None, *, after: bool, proven: bool
) -> None:
    """EN 319 102-1 §5.3.4 (5)."""
    leaf = own.credential().certificate
    own.revoked[serial(leaf)] = (own.at - HOUR, ReasonFlags.key_compromise)
    bound = None if earliest is None else own.at + earliest
    time = own.at if proven else None
    found = judged(own, leaf, own.at + HOUR, *lists(own, own.at), earliest=bound, proven_time=time)
    assert (found.outcome.failure, found.made_after_end) == (PathFailure.REVOKED, after)


def test_an_unknown_root_is_told_before_an_end(own: SmallPki) -> None:
    leaf = own.credential().certificate
    found = judged(own, leaf, own.at + 400 * DAY, anchors=TrustAnchors(), proven_time=None)
    assert found.outcome.failure is PathFailure.NO_CHAIN


@pytest.mark.parametrize("early", [True, False])
def test_an_answer_of_an_authority_that_was_withdrawn_counts_if_it_existed_before(
    own: SmallPki, *, early: bool
) -> None:
    """EN 319 102-1 §5.6.2.2."""
    leaf, later = own.credential().certificate, own.at + 2 * DAY
    answer, then = own.ocsp(leaf), lists(own, own.at)
    own.revoked[own.ca.certificate.serial_number] = (own.at + DAY, ReasonFlags.key_compromise)
    now = lists(own, later)
    known = Known(later + HOUR, {then[0]: own.at} | ({answer: own.at} if early else {}))
    found = judged(own, leaf, later + HOUR, then[0], now[0], ocsps=(answer,), existed=known)
    assert (found.ok, found.outcome.failure) == ((True, None) if early else (False, PathFailure.REVOKED))
    assert (found.proven_time is None) is not early  # who had the authority's key wrote what suited


@pytest.mark.parametrize(
    ("whose", "reason", "good"),
    [
        (None, ReasonFlags.key_compromise, True),
        ("clock", ReasonFlags.key_compromise, False),
        ("clock", ReasonFlags.unspecified, False),
        ("clock", ReasonFlags.superseded, True),
        ("clock", ReasonFlags.cessation_of_operation, True),
        ("clock", ReasonFlags.affiliation_changed, True),
        ("authority", ReasonFlags.key_compromise, True),  # what existed before is not touched by that
    ],
)
def test_a_clock_whose_key_was_stolen_afterwards_proves_nothing_any_more(
    own: SmallPki, whose: str | None, reason: ReasonFlags, *, good: bool
) -> None:
    """RFC 3161 §4; EN 319 102-1 §5.6.2.2 for its authority."""
    clock, later = cms.clock(own).certificate, own.at + 2 * DAY
    then = lists(own, own.at)
    serials = {"clock": serial(clock), "authority": own.ca.certificate.serial_number}
    if whose is not None:
        own.revoked[serials[whose]] = (own.at + DAY, reason)
    found = judge_stamper(
        clock, (own.ca.der,), own.anchors(), Evidence(crls=(*then, *lists(own, later))), stamped_time=own.at,
        control_time=later + HOUR, require_status=True, existed=Known(later + HOUR, dict.fromkeys(then, own.at)),
    )  # fmt: skip
    assert (found.ok, found.outcome.failure) == ((True, None) if good else (False, PathFailure.REVOKED))
