import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import InvalidName
from vault.naming import Area, ObjectName, checkpoint_name, checkpoint_sequence, opaque_name

HOSTILE = (
    "",
    "worm",
    "worm/",
    "worm/../../etc/passwd",
    "worm/ab/cd/../" + "0" * 64,
    "WORM/00/00/" + "0" * 64,
    "worm/00/00/" + "0" * 63,
    "worm/00/00/" + "0" * 65,
    "worm/00/00/" + "G" * 64,
    "worm/00/00/" + "A" * 64,
    "worm/00/01/" + "0" * 64,
    "worm/" + "0" * 64,
    "worm//00/00/" + "0" * 64,
    "worm/00/00/" + "0" * 64 + "\n",
    "worm/00/00/" + "0" * 64 + "\x00",
    "worm/00/00/" + "٠" * 64,
    "log/checkpoint-1",
    "log/checkpoint-" + "0" * 15 + "١",
    "work/checkpoint-" + "0" * 16,
    "/worm/00/00/" + "0" * 64,
    "x" * 5000,
    "worm/079200001234",
)


@given(st.sampled_from([Area.WORM, Area.WORK]), st.binary(min_size=32, max_size=32))
def test_a_name_and_its_text_are_the_same_thing(area: Area, token: bytes) -> None:
    name = opaque_name(area, token)
    assert ObjectName.parse(str(name)) == name
    assert str(name).endswith(token.hex())


@given(st.integers(min_value=0, max_value=10**16 - 1))
def test_a_checkpoint_name_says_its_sequence_and_sorts_by_it(sequence: int) -> None:
    name = checkpoint_name(sequence)
    assert checkpoint_sequence(ObjectName.parse(str(name))) == sequence


@pytest.mark.parametrize("text", HOSTILE)
def test_any_other_text_is_no_name(text: str) -> None:
    with pytest.raises(InvalidName) as refused:
        ObjectName.parse(text)
    assert refused.value.code == "STORE_NAME_INVALID"
    assert not text or text not in str(refused.value)


@given(st.text(max_size=120))
def test_no_text_makes_a_name_that_is_written_differently(text: str) -> None:
    try:
        name = ObjectName.parse(text)
    except InvalidName:
        return
    assert str(name) == text


@pytest.mark.parametrize("token", [b"", b"x" * 31, b"x" * 33])
def test_an_opaque_name_needs_exactly_32_bytes(token: bytes) -> None:
    with pytest.raises(InvalidName):
        opaque_name(Area.WORM, token)


def test_the_log_area_has_counted_names_only() -> None:
    with pytest.raises(InvalidName):
        opaque_name(Area.LOG, b"x" * 32)
    with pytest.raises(InvalidName):
        checkpoint_name(-1)
    with pytest.raises(InvalidName):
        checkpoint_sequence(opaque_name(Area.WORM, b"x" * 32))
