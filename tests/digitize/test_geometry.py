"""Turning, straightening and cutting agree with each other."""

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from digitize.model import Quad
from digitize.preprocess import cut_line, rectify, side_lengths, turn, turn_quad
from digitize.preprocess.geometry import turn_point

sizes = st.integers(min_value=4, max_value=60)
turns = st.integers(min_value=0, max_value=7)


@given(sizes, sizes, turns, st.data())
def test_a_point_turns_with_its_picture(width: int, height: int, count: int, data: st.DataObject) -> None:
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    picture = np.zeros((height, width), np.uint8)
    picture[y, x] = 255
    found_y, found_x = np.argwhere(turn(picture, count) == 255)[0]
    # the middle of the pixel
    assert turn_point((x + 0.5, y + 0.5), width, height, count) == (found_x + 0.5, found_y + 0.5)


@given(sizes, sizes, turns)
def test_four_quarter_turns_are_none(width: int, height: int, count: int) -> None:
    picture = np.arange(width * height, dtype=np.uint8).reshape(height, width)
    assert (turn(turn(picture, count), 4 - count % 4) == picture).all()


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95), turns)
def test_corners_keep_their_names_through_a_turn(x: float, y: float, count: int) -> None:
    left, top = 1000 * x - 40, 1000 * y - 10
    before = Quad(corners=((left, top), (left + 80, top), (left + 80, top + 20), (left, top + 20)))
    after = turn_quad(before, 1000, 1000, count)
    upper_left, upper_right, lower_right, lower_left = after.corners
    assert upper_left[0] < upper_right[0]
    assert upper_left[1] < lower_left[1]
    assert lower_right[0] > lower_left[0]


def test_a_sheet_is_straightened_to_what_it_was() -> None:
    chance = np.random.default_rng(7)
    sheet = cv2.resize(chance.integers(0, 255, (8, 6, 3), np.uint8), (360, 480), interpolation=cv2.INTER_LINEAR)
    corners = np.array([[90, 60], [420, 85], [400, 560], [60, 540]], np.float32)
    flat = np.array([[0, 0], [360, 0], [360, 480], [0, 480]], np.float32)
    scene = cv2.warpPerspective(sheet, cv2.getPerspectiveTransform(flat, corners), (520, 640))
    quad = Quad(corners=tuple((float(x), float(y)) for x, y in corners))  # type: ignore[arg-type] # four of them
    straight = cv2.resize(rectify(scene, quad), (360, 480))
    assert np.abs(straight.astype(int) - sheet.astype(int)).mean() < 8


def test_a_slanted_line_is_cut_level() -> None:
    page = np.full((400, 600), 255, np.uint8)
    cv2.line(page, (100, 100), (500, 170), 0, 6)
    slope = 70 / 400
    quad = Quad(corners=((100, 88), (500, 158), (500 - 24 * slope, 182), (100 - 24 * slope, 112)))
    line = cut_line(page, quad, height_px=48, pad_across=0.0, pad_along=0.0)
    dark = np.argwhere(line[:, 40:-40] < 128)[:, 0]
    assert line.shape[0] == 48
    assert dark.max() - dark.min() < 20  # not the 170 rows that it crosses on the page
    width, height = side_lengths(quad)
    assert abs(width - 406) < 8
    assert abs(height - 24) < 4
