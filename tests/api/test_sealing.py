import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.records.sealing import MasterSecret, SealBroken, Sealer

MASTER = MasterSecret(key=bytes(range(32)))
SEALER = Sealer(MASTER, "records")


@given(st.binary(max_size=200), st.text(max_size=40))
def test_what_was_sealed_for_a_place_opens_there(value: bytes, place: str) -> None:
    assert SEALER.unseal(SEALER.seal(value, place), place) == value


@given(st.binary(max_size=60), st.data())
def test_a_sealed_value_with_any_changed_or_missing_byte_does_not_open(value: bytes, data: st.DataObject) -> None:
    sealed = bytearray(SEALER.seal(value, "p"))
    position = data.draw(st.integers(0, len(sealed) - 1))
    with pytest.raises(SealBroken):
        SEALER.unseal(bytes(sealed[:position]), "p")
    sealed[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken) as caught:
        SEALER.unseal(bytes(sealed), "p")
    assert caught.value.code == "SEAL_BROKEN"


def test_a_sealed_value_cannot_be_moved_to_another_place_or_use() -> None:
    sealed = SEALER.seal(b"022193900013", "people/a/personal_id")
    with pytest.raises(SealBroken):
        SEALER.unseal(sealed, "people/b/personal_id")
    with pytest.raises(SealBroken):
        Sealer(MASTER, "other").unseal(sealed, "people/a/personal_id")
    with pytest.raises(SealBroken):
        Sealer(MasterSecret(key=bytes(32)), "records").unseal(sealed, "people/a/personal_id")


def test_sealing_twice_gives_different_bytes_and_the_index_stays_the_same() -> None:
    assert SEALER.seal(b"x", "p") != SEALER.seal(b"x", "p")
    assert SEALER.index(b"x") == SEALER.index(b"x")
    assert SEALER.index(b"x") != Sealer(MASTER, "other").index(b"x")


def test_the_master_secret_is_not_shown_and_has_32_bytes() -> None:
    assert "0102" not in repr(MASTER)
    assert "\\x01" not in repr(MASTER)
    with pytest.raises(ValueError, match="32 bytes"):
        MasterSecret(key=b"short")


def test_derived_keys_differ_by_label() -> None:
    assert MASTER.derive("a") != MASTER.derive("b")
    assert len(MASTER.derive("a")) == 32
