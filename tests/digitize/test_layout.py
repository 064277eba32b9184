"""Reading order: down, and column by column where a gutter divides the rows."""

import random

from hypothesis import given
from hypothesis import strategies as st

from digitize.model import Box, Line, Quad, Word, slope_of
from digitize.ocr.layout import in_reading_order


def box(left: float, top: float, right: float, bottom: float) -> Box:
    return Box(left=left, top=top, right=right, bottom=bottom)


HEAD = [
    ("left 1", box(100, 0, 400, 40)),
    ("left 2", box(100, 50, 400, 90)),
    ("left 3", box(120, 100, 380, 140)),
    ("right 1", box(600, 5, 1200, 45)),
    ("right 2", box(700, 57, 1100, 97)),
    ("title", box(300, 200, 1000, 250)),
    ("body 1", box(80, 260, 1250, 300)),
    ("body 2", box(80, 310, 1240, 350)),
    ("foot left", box(80, 400, 380, 440)),
    ("foot right", box(800, 402, 1100, 442)),
    ("name", box(820, 600, 1080, 640)),
]
ORDER = [name for name, _ in HEAD]


@given(st.randoms(use_true_random=False))
def test_the_head_is_read_left_block_first_in_whatever_order_lines_were_found(chance: random.Random) -> None:
    shuffled = HEAD.copy()
    chance.shuffle(shuffled)
    assert [name for name, _ in in_reading_order(shuffled, lambda item: item[1])] == ORDER


@given(
    st.lists(
        st.tuples(st.integers(0, 1500), st.integers(0, 2000), st.integers(10, 900), st.integers(10, 60)),
        max_size=30,
    )
)
def test_every_line_is_read_exactly_once(places: list[tuple[int, int, int, int]]) -> None:
    items = [(n, box(x, y, x + w, y + h)) for n, (x, y, w, h) in enumerate(places)]
    ordered = in_reading_order(items, lambda item: item[1])
    assert sorted(n for n, _ in ordered) == list(range(len(items)))


def test_three_columns_are_read_one_after_the_other() -> None:
    items = [
        (f"{column}{row}", box(400 * column, 60 * row, 400 * column + 250, 60 * row + 40))
        for row in range(3)
        for column in range(3)
    ]
    assert [name for name, _ in in_reading_order(items, lambda item: item[1])] == [
        "00", "01", "02", "10", "11", "12", "20", "21", "22",
    ]  # fmt: skip


def test_a_slanted_page_is_read_line_by_line() -> None:
    slope = 0.06
    straight = [(f"{n}", 100.0, 50.0 * n, 1100.0 if n % 2 else 300.0) for n in range(8)]
    lines = []
    for name, left, top, right in straight:
        rise = slope * left, slope * right
        corners = (
            (left, top + rise[0]),
            (right, top + rise[1]),
            (right, top + 40 + rise[1]),
            (left, top + 40 + rise[0]),
        )
        place = Quad(corners=corners)
        lines.append(Line(words=(Word(text=name, confidence=0.9, quad=place),), quad=place))
    lines.reverse()
    found = slope_of(lines)
    assert abs(found - slope) < 0.001
    ordered = in_reading_order(lines, lambda line: line.quad.levelled(found))
    assert [line.text for line in ordered] == [name for name, _, _, _ in straight]
    assert slope_of(lines[:2]) == 0.0  # two lines are no evidence
