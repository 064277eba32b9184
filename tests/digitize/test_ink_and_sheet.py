"""Light evened out, stamps taken off, sheets found on tables and nowhere else."""

import cv2
import numpy as np
from PIL import Image, ImageDraw

from digitize.preprocess import even_out, find_page_quad, line_ink, without_stamps
from digitize.preprocess.ink import stamp_boxes
from tests.digitize.papers import LETTER, drawn, photographed

RED, BLACK, BLUE = (200, 30, 45), (25, 25, 30), (40, 60, 190)


def stamped() -> Image.Image:
    page = drawn(LETTER)
    pen = ImageDraw.Draw(page)
    for radius, width in ((90, 5), (76, 2)):
        pen.ellipse((640 - radius, 560 - radius, 640 + radius, 560 + radius), outline=RED, width=width)
    pen.text((300, 230), "ĐỎ", fill=RED, font_size=40)
    return page


def test_paper_becomes_white_in_shadow_and_light_alike() -> None:
    page = np.full((300, 400, 3), (240, 230, 205), np.float32) * np.linspace(1, 0.45, 400)[None, :, None]
    even = even_out(page.astype(np.uint8))
    assert even.min() > 235


def test_a_round_stamp_is_taken_off_and_red_letters_stay() -> None:
    even = even_out(np.asarray(stamped(), np.uint8))
    assert len(stamp_boxes(even)) == 1
    cleaned = without_stamps(even)
    ring = cleaned[470:474, 636:644]
    assert ring.min() > 200
    assert cleaned[225:280, 295:370].min() < 120  # the red word is still there


def test_black_print_under_a_stamp_stays() -> None:
    page = np.full((400, 400, 3), 255, np.uint8)
    cv2.circle(page, (200, 200), 120, RED, 6)
    cv2.line(page, (40, 200), (360, 200), BLACK, 6)
    cleaned = without_stamps(even_out(page))
    assert (cleaned[200, 60:340].max(axis=1) < 120).all()


def test_a_blue_stroke_across_black_print_disappears_and_blue_handwriting_stays() -> None:
    printed = np.full((48, 400, 3), 255, np.uint8)
    printed[10:38, 20:300:8] = BLACK
    crossed = printed.copy()
    cv2.line(crossed, (310, 5), (390, 45), BLUE, 3)
    assert line_ink(crossed)[:, 305:].min() > 150
    handwriting = np.full((48, 400, 3), 255, np.uint8)
    cv2.line(handwriting, (10, 10), (390, 40), BLUE, 4)
    assert line_ink(handwriting).min() < 130


def test_a_sheet_on_a_table_is_found_at_its_corners() -> None:
    quad = find_page_quad(photographed(drawn(LETTER)))
    assert quad is not None
    wanted = [(120, 90), (1400, 130), (1350, 930), (70, 890)]
    for (x, y), (wanted_x, wanted_y) in zip(quad.corners, wanted, strict=True):
        assert abs(x - wanted_x) < 15
        assert abs(y - wanted_y) < 15


def test_a_flatbed_scan_shows_no_sheet() -> None:
    assert find_page_quad(np.asarray(drawn(LETTER), np.uint8)) is None


def test_a_printed_frame_is_not_the_edge_of_a_sheet() -> None:
    page = drawn(LETTER)
    ImageDraw.Draw(page).rectangle((30, 30, 1210, 750), outline=BLACK, width=5)
    assert find_page_quad(np.asarray(page, np.uint8)) is None


def test_patterned_paper_without_background_is_left_alone() -> None:
    page = np.full((800, 600, 3), 245, np.uint8)
    for row in range(0, 800, 14):
        cv2.line(page, (0, row), (600, row + 5), (215, 232, 225), 2)
    assert find_page_quad(page) is None


def test_noise_and_tiny_pictures_show_no_sheet() -> None:
    noise = np.random.default_rng(3).integers(0, 255, (500, 400, 3), np.uint8)
    assert find_page_quad(noise) is None
    assert find_page_quad(np.zeros((3, 2, 3), np.uint8)) is None
