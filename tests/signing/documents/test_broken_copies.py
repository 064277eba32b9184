"""A broken copy of good evidence stands for itself only, however alike the two are in what the check asks for."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from signing.validation.path import check_path
from signing.validation.signed_parts import SignedParts

KEY_COMPROMISE = x509.ReasonFlags.key_compromise
DAY = timedelta(days=1)


def copies(der: bytes, moment: bytes) -> list[bytes]:
    """The same with another digit in a time that stands in it."""
    assert moment in der
    return [
        der.replace(moment, moment[:at] + b"%d" % (9 - int(moment[at : at + 1])) + moment[at + 1 :]) for at in (9, 11)
    ]


@pytest.mark.parametrize("order", [1, -1], ids=["first", "last"])
def test_a_list_whose_copy_is_broken_in_a_strangers_entry_still_counts(small_pki: Any, order: int) -> None:
    pki = small_pki.SmallPki()
    credential, stranger = pki.credential(), pki.credential()
    pki.revoke(stranger, pki.at - DAY, KEY_COMPROMISE)
    moment = (pki.at - DAY).strftime("%y%m%d%H%M%SZ").encode()
    lists = [pki.crl(pki.root), pki.crl(pki.ca)]
    heap = [copy for one in lists for copy in [one, *copies(one, moment)][::order]]
    outcome = check_path(credential.certificate, credential.chain, [pki.root.der], heap, pki.at)
    assert outcome.ok, outcome.reason
    broken = [one for one in heap if one not in lists]
    assert not check_path(credential.certificate, credential.chain, [pki.root.der], broken, pki.at).ok


@pytest.mark.parametrize("order", [1, -1], ids=["first", "last"])
def test_an_answer_whose_copy_is_broken_in_a_later_revocation_still_counts(small_pki: Any, order: int) -> None:
    pki = small_pki.SmallPki()
    credential = pki.credential()
    lists, revoked_at = [pki.crl(pki.root)], pki.at + DAY
    pki.revoke(credential, revoked_at, KEY_COMPROMISE)
    pki.evidence_at = pki.at + 2 * DAY
    answer = pki.ocsp(credential.certificate)
    broken = copies(answer, revoked_at.strftime("%Y%m%d%H%M%SZ").encode())

    def holds(*answers: bytes) -> bool:
        return check_path(
            credential.certificate, credential.chain, [pki.root.der], lists, pki.at, ocsps=answers, retroactive=True
        ).ok

    assert holds(answer)
    assert holds(*[answer, *broken][::order])
    assert not holds(*broken)


PARTS = st.binary(max_size=2)


@given(st.lists(st.tuples(PARTS, PARTS, PARTS)), PARTS, PARTS)
def test_what_is_shown_may_be_all_that_was_said_to_be_signed_and_itself_last(
    said: list[tuple[bytes, bytes, bytes]], value: bytes, shown: bytes
) -> None:
    first, second = SignedParts(), SignedParts()
    for number, one in enumerate(said):
        (first, second)[number % 2].add(*one)
    first.add_all(second)
    found = first.of(value, shown)
    assert set(found) == {signed for v, s, signed in said if (v, s) == (value, shown)} | {shown}
    assert len(found) == len(set(found))
