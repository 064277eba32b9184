"""Faces of fields and notes, operator by operator: what is seen is what is said, and nothing else."""

import pytest

from signing.validation.changes import ChangeLevel
from tests.fakes.revised_pdf import FACE, change, edited, stream
from tests.signing.documents.test_changes_forms import filled, told

SEEN = {"form_values": ChangeLevel.FORM_FILL}
DOUBTED = {"form_values_unread": ChangeLevel.FORM_FILL}


@pytest.mark.parametrize(
    "content",
    [
        b"BT /F1 9 Tf 2 5 Td (one) Tj ET",
        b"BT /F1 9 Tf 12 TL 2 20 Td (o) Tj T* (n) Tj (e) ' ET",
        b"BT /F1 9 Tf 2 20 Td (o) Tj 0 -9 TD (n) Tj T* (e) Tj ET",
        b"BT /F1 1 Tf 9 0 0 9 2 5 Tm (one) Tj ET",
        b"q 1 0 0 1 2 5 cm BT /F1 9 Tf (one) Tj ET Q",
        b"q 2 0 0 2 0 0 cm BT /F1 4 Tf 1 2 Td (one) Tj ET Q",
        b"BT /F1 9 Tf 80 Tz .5 Tc 0 Tr 2 5 Td [(o) 120 (ne)] TJ ET",
        b"1 g 0 0 100 20 re f 0 g BT /F1 9 Tf 2 5 Td (one) Tj ET",
        b"0 g 0 0 100 20 re f 1 g BT /F1 9 Tf 2 5 Td (one) Tj ET",
        b"1 1 98 18 re W n BT /F1 9 Tf 2 5 Td (one) Tj ET",
        b"/DeviceRGB cs 1 0 0 sc BT /F1 9 Tf 2 5 Td (one) Tj ET",
        b"BT /F1 9 Tf 2 5 Td (one) Tj ( ) Tj ET 0 0 m 100 0 l 100 20 l 0 20 l s",
        b"BT /F1 9 Tf 2 5 Td (o) Tj 10 0 Td (n) Tj 10 0 Td (e) Tj ET 10 0 m 10 20 l S 20 0 m 20 20 l S",
        b"Q BT /F1 9 Tf 2 5 Td (one) Tj ET",
    ],
)
def test_a_plain_face_is_read(content: bytes) -> None:
    assert told(change(filled(b"one", stream(content, FACE)))) == SEEN


@pytest.mark.parametrize(
    "content",
    [
        b"BT /F1 9 Tf 3 Tr 2 5 Td (one) Tj ET",
        b"BT /F1 9 Tf 7 Tr 2 5 Td (one) Tj ET",
        b"BT /F1 .5 Tf 2 5 Td (one) Tj ET",
        b"BT /F1 9 Tf .1 0 0 .1 2 5 Tm (one) Tj ET",
        b"q .1 0 0 .1 2 5 cm BT /F1 9 Tf (one) Tj ET Q",
        b"BT /F1 9 Tf 0 1 -1 0 2 5 Tm (one) Tj ET",
        b"BT /F1 9 Tf -1 0 0 1 90 5 Tm (one) Tj ET",
        b"q 0 1 -1 0 2 5 cm BT /F1 9 Tf (one) Tj ET Q",
        b"BT /F1 9 Tf 1 Tz 2 5 Td (one) Tj ET",
        b"BT /F1 9 Tf -9 Tc 2 5 Td (one) Tj ET",
        b"BT /F1 9 Tf 90 Ts 2 5 Td (one) Tj ET",
        b"BT /F1 9 Tf 2 5 Td [(o) 3000 (ne)] TJ ET",
        b"BT /F1 9 Tf 20 5 Td (o) Tj -9 0 Td (ne) Tj ET",
        b"BT /F1 9 Tf 2 5 Td (o) Tj 0 12 Td (ne) Tj ET",
        b"BT /F1 9 Tf 900 5 Td (one) Tj ET",
        b"BT /F1 9 Tf 2 900 Td (one) Tj ET",
        b"0 0 4 4 re W n BT /F1 9 Tf 40 5 Td (one) Tj ET",
        b"1 g BT /F1 9 Tf 2 5 Td (one) Tj ET",
        b"1 0 0 rg 0 0 100 20 re f BT /F1 9 Tf 2 5 Td (one) Tj ET",
        b"/DeviceGray cs 1 scn BT /F1 9 Tf 2 5 Td (one) Tj ET",
        b"/Pattern cs /P1 scn BT /F1 9 Tf 2 5 Td (one) Tj ET",
        b"/G1 gs BT /F1 9 Tf 2 5 Td (one) Tj ET",
        b"BT /F1 9 Tf 2 5 Td (one) Tj ET 50 6 3 8 re f",
        b"BT /F1 9 Tf 2 5 Td (one) Tj ET 50 8 m 60 8 l S",
        b"BT /F1 9 Tf 2 5 Td (one) Tj ET 50 8 m 50 8 60 8 60 8 c S",
        b"BT /F1 9 Tf Td (one) Tj ET",
        b"BT /F1 9 Tf 2 5 Td (one) Tj ET " + b"q Q " * 12_000,
    ],
)
def test_a_face_that_may_show_something_else_leaves_a_doubt(content: bytes) -> None:
    assert told(change(filled(b"one", stream(content, FACE)))) == DOUBTED


@pytest.mark.parametrize("entries", [b"/BBox [0 0 0 0]", b"/BBox [0 0 100 20] /Matrix [0 0 0 0 0 0]", b"/BBox 5"])
def test_a_face_without_room_leaves_a_doubt(entries: bytes) -> None:
    own = FACE.replace(b"/BBox [0 0 100 20]", entries)
    assert own != FACE
    assert told(change(filled(b"one", stream(b"BT /F1 9 Tf 2 5 Td (one) Tj ET", own)))) == DOUBTED


def test_a_long_value_may_stand_in_a_stream() -> None:
    objects = edited(7, b" /F 4", b" /V 21 0 R /AP << /N 20 0 R >> /F 4") | {21: stream(b"one")}
    shown = stream(b"BT /F1 9 Tf 2 5 Td (one) Tj ET", FACE)
    assert told(change(objects | {20: shown})) == SEEN
    other = stream(b"BT /F1 9 Tf 2 5 Td (two) Tj ET", FACE)
    assert told(change(objects | {20: other})) == {"form_overlay": ChangeLevel.FORBIDDEN}


def test_a_text_with_several_faces_leaves_a_doubt() -> None:
    states = edited(7, b" /F 4", b" /V (one) /AS /A /AP << /N << /A 20 0 R >> >> /F 4")
    shown = stream(b"BT /F1 9 Tf 2 5 Td (one) Tj ET", FACE)
    assert told(change(states | {20: shown})) == DOUBTED


def test_an_empty_place_to_sign_that_changes_is_told() -> None:
    assert told(change(edited(6, b"/T (Sign)", b"/T (Sign) /H /N"))) == {"signature_field": ChangeLevel.PERMITTED}
