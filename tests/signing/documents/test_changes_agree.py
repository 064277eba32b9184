"""Two ways to write the same must give the same answer; no single replacement of what is used passes unseen."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from signing.validation.changes import ChangeLevel
from tests.fakes.revised_pdf import BASE, document, edited, found, level_of, packed, revised, stream

GOOD = {ChangeLevel.NONE, ChangeLevel.PERMITTED}
USED = sorted(set(BASE) - {6})
"""Every object of the base document is used; only the empty signature field may be signed."""

UPDATES = st.sampled_from([
    {}, {4: stream(b"BT (x) Tj ET")}, edited(7, b" /F 4", b" /V (one) /F 4"), {10: None}, {97: b"<< >>"},
    {3: BASE[3].replace(b"9 0 R]", b"]")}, {11: BASE[11].replace(b"Helvetica", b"Courier")},
])  # fmt: skip
VALUES = st.one_of(
    st.just(None),
    st.sampled_from([b"null", b"[]", b"<< >>", b"(text)", b"17", b"/Name", stream(b"0 0 9 9 re f")]),
    st.sampled_from(USED).map(lambda n: BASE[n]),
    st.builds(lambda n, key: BASE[n].replace(b"<<", b"<< /%s 3" % key, 1), st.sampled_from(USED), st.sampled_from([
        b"OC", b"Rotate", b"UserUnit", b"SMask", b"Matrix", b"AA", b"Group", b"Extra",
    ])),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(update=UPDATES, again=st.sets(st.sampled_from(sorted(BASE))), spaces=st.booleans(), as_stream=st.booleans())
def test_objects_written_again_beside_a_change_never_change_the_answer(
    update: dict[int, bytes | None],
    again: set[int],
    spaces: bool,  # noqa: FBT001 - drawn
    as_stream: bool,  # noqa: FBT001 - drawn
) -> None:
    def spelt(value: bytes) -> bytes:
        return (
            value
            if not spaces or b"stream" in value or b"(" in value
            else re.sub(rb" ", b"\n ", value.replace(b"0 R", b"0  R"))
        )

    plain = found(revised(document(), update))
    more = {n: spelt(BASE[n]) for n in sorted(again) if n not in update}
    assert level_of(found(revised(document(), more | update))) is level_of(plain) or not update
    if not update and as_stream:
        rest = {n: value for n, value in more.items() if b"stream" not in value}
        assert level_of(found(packed(document(), rest or {80: b"<< >>"}))) in GOOD


@settings(max_examples=150, deadline=None)
@given(number=st.sampled_from(USED), value=VALUES)
def test_a_used_object_is_never_exchanged_unseen(number: int, value: bytes | None) -> None:
    if value == BASE[number]:
        return
    if number == 2 and value is not None and b"/Kids [3 0 R]" in value and b"/Rotate" not in value:
        return  # a node above pages hands down four attributes and nothing else
    level = level_of(found(revised(document(), {number: value})))
    if number == 14 and value is not None:
        return
    assert level not in GOOD, (number, value)
