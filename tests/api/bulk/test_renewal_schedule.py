"""Renewal notices of a batch are spread over weeks, each on its own day for ever."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.usecases.renewal_schedule import DEFAULT_WINDOW, NoticeWindow, is_notice_due, notice_day
from api.vietnam_time import vietnam_day

END = datetime(2029, 11, 20, 1, 0, tzinfo=UTC)
IDS = st.text(alphabet="0123456789abcdefghjkmnpqrstvwxyz", min_size=26, max_size=26).map("cert_{}".format)
ENDS = st.integers(min_value=0, max_value=300_000).map(lambda hours: END + timedelta(hours=hours))


@given(IDS, ENDS)
def test_a_notice_lies_inside_its_window_and_never_moves(certificate_id: str, end: datetime) -> None:
    day = notice_day(certificate_id, end)
    before = vietnam_day(end) - day
    assert DEFAULT_WINDOW.last <= before <= DEFAULT_WINDOW.first
    assert day == notice_day(certificate_id, end)


@given(st.integers(min_value=0, max_value=2**63), st.integers(min_value=2, max_value=20))
def test_notices_of_one_batch_are_spread_evenly_over_any_window(seed: int, weeks: int) -> None:
    window = NoticeWindow(first=timedelta(weeks=weeks + 3), last=timedelta(weeks=3))
    batch = [f"cert_{seed}_{index}" for index in range(window.days * 40)]
    days = Counter(notice_day(one, END, window) for one in batch)
    assert len(days) >= 0.95 * window.days
    assert max(days.values()) < 2.5 * 40  # forty a day on average; a hundred would be a queue at the counter


def test_twenty_thousand_that_end_together_are_told_over_eight_weeks() -> None:
    days = Counter(notice_day(f"cert_{index:026d}", END) for index in range(20_000))
    assert len(days) == 56
    assert max(days.values()) < 1.3 * 20_000 / 56


@given(IDS)
def test_a_notice_is_due_from_its_day_to_the_end(certificate_id: str) -> None:
    day = notice_day(certificate_id, END)
    noon = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
    assert is_notice_due(certificate_id, END, noon)
    assert is_notice_due(certificate_id, END, END)
    assert not is_notice_due(certificate_id, END, noon - timedelta(days=1))
    assert not is_notice_due(certificate_id, END, END + timedelta(seconds=1))


@pytest.mark.parametrize(("first", "last"), [(5, 5), (5, 6), (5, -1)])
def test_a_window_that_ends_before_it_begins_is_refused(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="begins before it ends"):
        NoticeWindow(first=timedelta(weeks=first), last=timedelta(weeks=last))
