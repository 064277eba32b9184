"""Whether a clock may be trusted: a majority of references, no jump, the kernel's word; a minority may lie."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.tsa import ClockFault, ClockPolicy, ClockReading, ClockVerdict, ReferenceSample, judge_clock

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
START = ClockReading(wall=AT, running_s=50.0)


def later(seconds: float, jump: float = 0.0) -> ClockReading:
    return ClockReading(wall=AT + timedelta(seconds=seconds + jump), running_s=50.0 + seconds)


def sample(number: int, offset_s: float = 0.0, uncertainty_s: float = 0.01, ran_s: float = 50.0) -> ReferenceSample:
    return ReferenceSample(name=f"r{number}", offset_s=offset_s, uncertainty_s=uncertainty_s, running_s=ran_s)


def judge(*offsets: float, configured: int | None = None, now: ClockReading = START, **more: object) -> ClockVerdict:
    policy = ClockPolicy(references=len(offsets) if configured is None else configured)
    samples = [sample(number, offset) for number, offset in enumerate(offsets)]
    kernel = more.pop("kernel", None)
    return judge_clock(replace(policy, **more), START, now, samples, kernel_synchronised=kernel)  # type: ignore[arg-type]  # as given


def test_references_that_agree_with_the_clock_make_it_trusted() -> None:
    verdict = judge(0.005, -0.005, 0.0)
    assert verdict.is_trusted
    assert verdict.offset_s == pytest.approx(0.0, abs=0.02)
    assert verdict.dissenters == ()


@pytest.mark.parametrize("offset", [1.001, -1.001, 5.0, -3600.0])
def test_beyond_one_second_nothing_is_stamped(offset: float) -> None:
    assert judge(offset, offset, offset).fault is ClockFault.OFF


def test_what_is_uncertain_counts_against_the_clock() -> None:
    samples = [sample(number, 0.0, uncertainty_s=1.2) for number in range(3)]
    verdict = judge_clock(ClockPolicy(references=3), START, START, samples, kernel_synchronised=None)
    assert verdict.fault is ClockFault.OFF


@pytest.mark.parametrize("lie", [-5.0, 0.9, 86_400.0])
def test_one_liar_of_three_is_outvoted_and_named(lie: float) -> None:
    verdict = judge(0.0, lie, 0.01)
    assert verdict.is_trusted
    assert verdict.dissenters == ("r1",)


def test_two_liars_who_agree_stop_the_clock_rather_than_move_it() -> None:
    assert judge(0.0, 5.0, 5.0).fault is ClockFault.OFF
    assert judge(0.0, 5.0, -5.0).fault is ClockFault.REFERENCES_DISAGREE


def test_of_two_references_both_must_agree() -> None:
    assert judge(0.0, 0.01).is_trusted
    assert judge(0.0, 3.0).fault is ClockFault.REFERENCES_DISAGREE
    assert judge(0.0, configured=2).fault is ClockFault.TOO_FEW_REFERENCES


def test_a_majority_is_one_of_the_configured_not_of_those_that_answered() -> None:
    assert judge(0.0, 0.0, configured=3).is_trusted
    assert judge(0.0, configured=3).fault is ClockFault.TOO_FEW_REFERENCES
    assert judge(configured=3).fault is ClockFault.TOO_FEW_REFERENCES
    # half of four could be the lying half
    assert judge(0.0, 0.0, 5.0, 5.0).fault is ClockFault.REFERENCES_DISAGREE


def test_old_samples_are_no_witnesses() -> None:
    assert judge(0.0, 0.0, 0.0, now=later(299)).is_trusted
    assert judge(0.0, 0.0, 0.0, now=later(301)).fault is ClockFault.TOO_FEW_REFERENCES


@pytest.mark.parametrize("jump", [0.6, -0.6, 3600.0, -86_400.0])
def test_a_clock_that_was_set_is_not_trusted_with_or_without_references(jump: float) -> None:
    assert judge(now=later(10, jump)).fault is ClockFault.JUMPED
    assert judge(0.0, 0.0, 0.0, now=later(10, jump)).fault is ClockFault.JUMPED


def test_a_small_step_counts_towards_the_offset() -> None:
    assert judge(0.8, 0.8, 0.8).is_trusted
    verdict = judge(-0.8, -0.8, -0.8, now=later(10, 0.4))
    assert (verdict.fault, verdict.offset_s) == (ClockFault.OFF, pytest.approx(-1.2))
    assert judge(0.8, 0.8, 0.8, now=later(10, 0.4)).offset_s == pytest.approx(0.4)


def test_without_references_only_jumps_and_the_kernel_are_looked_at() -> None:
    assert judge(now=later(86_400)).is_trusted
    assert judge(now=later(86_400)).offset_s is None


@pytest.mark.parametrize(("kernel", "is_trusted"), [(True, True), (False, False), (None, False)])
def test_where_the_kernel_must_say_so_its_silence_is_a_no(kernel: bool | None, is_trusted: bool) -> None:  # noqa: FBT001 - parametrised
    for offsets in ((), (0.0, 0.0, 0.0)):
        verdict = judge(*offsets, needs_kernel=True, kernel=kernel)
        assert verdict.is_trusted is is_trusted
        assert is_trusted or verdict.fault is ClockFault.NOT_SYNCHRONISED


HONEST = st.tuples(st.floats(-0.05, 0.05), st.floats(0.06, 0.2))
LIE = st.tuples(st.floats(-1e6, 1e6), st.floats(0, 1e6))


@given(st.integers(1, 4).flatmap(lambda n: st.tuples(
    st.lists(HONEST, min_size=n + 1, max_size=n + 1), st.lists(LIE, min_size=n, max_size=n), st.floats(-3, 3)
)))  # fmt: skip
def test_a_lying_minority_never_makes_a_wrong_clock_trusted(
    case: tuple[list[tuple[float, float]], list[tuple[float, float]], float],
) -> None:
    honest, lies, true_offset = case
    samples = [
        sample(number, offset, uncertainty)
        for number, (offset, uncertainty) in enumerate(
            [(true_offset + offset, uncertainty) for offset, uncertainty in honest] + lies
        )
    ]
    policy = ClockPolicy(references=len(samples))
    verdict = judge_clock(policy, START, START, samples, kernel_synchronised=None)
    if abs(true_offset) > 1.0:
        assert not verdict.is_trusted
    # the honest majority contains the truth, so there is always an interval that a majority allows
    assert verdict.fault is not ClockFault.REFERENCES_DISAGREE
