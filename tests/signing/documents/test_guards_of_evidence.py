"""Of evidence that says the same, one item is enough to look at; what says something of somebody always is."""

from datetime import timedelta
from typing import Any

import pytest
from asn1crypto import crl as asn1_crl
from cryptography import x509

from signing.validation.fitting_evidence import SortedEvidence, sorted_claims
from signing.validation.outline import name_key
from signing.validation.status_evidence import StatusEvidence
from tests.fakes import odd_certificates as odd
from tests.fakes.small_pki import Authority, SmallPki

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def own() -> SmallPki:
    return SmallPki()


def made(pki: SmallPki, days: int, by: Authority | None = None, *, revoking: bool = False) -> Any:
    """A list of that day, counted from the moment in question; it lasts a week."""
    pki.evidence_at = pki.at + days * DAY
    pki.revoked = {5: (pki.at - 30 * DAY, x509.ReasonFlags.unspecified)} if revoking else {}
    return asn1_crl.CertificateList.load(pki.crl(by or pki.ca))


def claims(*lists: Any) -> SortedEvidence:
    return sorted_claims(StatusEvidence(lists=list(lists)))


@pytest.mark.parametrize(
    ("days", "best"),
    [
        ((-1, -2), -1),
        ((-2, -1), -1),
        ((-2, 1), -2),  # current before what was made later
        ((1, 3), 1),
        ((-20, 9), 9),  # made later before what was over
        ((-20, -9), -9),
        ((-20, -2, 9, 0), 0),
    ],
)
def test_of_lists_that_say_nothing_against_anybody_the_nearest_current_one_is_enough(
    own: SmallPki, days: tuple[int, ...], best: int
) -> None:
    lists = {day: made(own, day) for day in days}
    found = claims(*lists.values()).fitting(own.at)
    assert found is not None
    assert [one.dump() for one in found.lists] == [lists[best].dump()]


def test_what_revokes_anybody_is_looked_at_however_old_it_is(own: SmallPki) -> None:
    clean, older, revoking = made(own, -1), made(own, -2), made(own, -20, revoking=True)
    other = made(own, -3, own.root)
    found = claims(clean, older, revoking, other).fitting(own.at)
    assert found is not None
    assert {one.dump() for one in found.lists} == {clean.dump(), revoking.dump(), other.dump()}


CA = odd.authority(odd.root())


def of_part(address: str) -> tuple[str, bool, bytes]:
    """RFC 5280 §5.2.5: the list is about the certificates of one distribution point."""
    return odd.DISTRIBUTION, True, odd.seq(odd.tlv(0xA0, odd.tlv(0xA0, odd.uri(address))))


def test_lists_about_other_certificates_do_not_stand_for_each_other_and_a_delta_for_none(own: SmallPki) -> None:
    """Our own authorities publish their lists in parts."""
    kinds = [(), (of_part("http://a"),), (of_part("http://b"),), ((odd.DELTA, True, odd.number(1)),)]
    lists = [
        asn1_crl.CertificateList.load(odd.ListPlan(CA.subject, "ca", extensions=kind, this_update=odd.utc(day)).der)
        for kind in kinds
        for day in (own.at - 3 * DAY, own.at - 2 * DAY)
    ]
    found = claims(*lists).fitting(own.at)
    assert found is not None
    assert {one.dump() for one in found.lists} == {lists[n].dump() for n in (1, 3, 5, 6, 7)}


def test_where_nothing_can_be_left_out_there_is_nothing_to_ask_twice(own: SmallPki) -> None:
    assert claims().fitting(own.at) is None
    assert claims(made(own, -1), made(own, -1, own.root), made(own, -2, revoking=True)).fitting(own.at) is None


def test_evidence_names_somebody_withdrawn_if_it_says_so_or_cannot_be_read(own: SmallPki) -> None:
    assert not claims(made(own, -1)).names_withdrawn
    assert claims(made(own, -1), made(own, -1, revoking=True)).names_withdrawn
    clean = made(own, -1)
    unread = sorted_claims(StatusEvidence(lists=[clean], refused={name_key(clean.issuer.dump()): "it does not decode"}))
    assert unread.names_withdrawn
