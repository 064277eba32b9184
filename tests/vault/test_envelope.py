import hashlib
import itertools
import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.envelope import (
    HEADER,
    SEGMENT,
    CitizenKey,
    Kek,
    KeyRing,
    WrappedKey,
    binding,
    decrypt_stream,
    encrypt_stream,
    encrypted_size,
)
from vault.errors import IntegrityMismatch, KeyMismatch
from vault.model import CitizenId

KEY = bytes(range(32))
BOUND = b"bound to this"
PAYLOAD = SEGMENT - 16
OWNER, OTHER = CitizenId("sub_owner"), CitizenId("sub_other")
TINK = json.loads((Path(__file__).parents[1] / "vectors" / "envelope" / "tink.json").read_text())


def encrypted(content: bytes, bound_to: bytes = BOUND) -> bytes:
    return b"".join(encrypt_stream(KEY, [content], bound_to))


def decrypted(ciphertext: bytes, bound_to: bytes = BOUND, key: bytes = KEY) -> bytes:
    return b"".join(decrypt_stream(key, [ciphertext], bound_to))


def in_pieces(content: bytes, sizes: Iterator[int]) -> Iterator[bytes]:
    start = 0
    while start < len(content):
        size = next(sizes)
        yield content[start : start + size]
        start += size


@given(st.binary(max_size=3000), st.lists(st.integers(min_value=1, max_value=700), min_size=1))
def test_decrypting_gives_back_what_was_encrypted_however_it_is_cut_up(content: bytes, sizes: list[int]) -> None:
    ciphertext = b"".join(encrypt_stream(KEY, in_pieces(content, itertools.cycle(sizes)), BOUND))
    again = b"".join(decrypt_stream(KEY, in_pieces(ciphertext, itertools.cycle(sizes)), BOUND))
    assert again == content
    assert len(ciphertext) == encrypted_size(len(content))


@pytest.mark.parametrize(
    "size", [0, 1, PAYLOAD - HEADER - 1, PAYLOAD - HEADER, PAYLOAD - HEADER + 1, 2 * PAYLOAD - HEADER, 2 * PAYLOAD]
)
def test_lengths_around_segment_borders_survive(size: int) -> None:
    content = secrets.token_bytes(size)
    ciphertext = encrypted(content)
    assert decrypted(ciphertext) == content
    assert len(ciphertext) == encrypted_size(size)


@pytest.mark.parametrize("vector", TINK["vectors"], ids=lambda vector: str(vector["length"]))
def test_an_independent_implementation_writes_the_same_bytes(vector: dict[str, object]) -> None:
    header = bytes.fromhex(str(vector["header"]))
    plaintext = hashlib.shake_128(b"anso").digest(int(str(vector["length"])))
    given_randomness = iter([header[1:33], header[33:40]])
    ours = b"".join(
        encrypt_stream(
            bytes.fromhex(TINK["key"]), [plaintext], bytes.fromhex(TINK["bound_to"]), lambda _: next(given_randomness)
        )
    )
    assert len(ours) == vector["size"]
    assert hashlib.sha256(ours).hexdigest() == vector["sha256"]
    if "ciphertext" in vector:
        theirs = bytes.fromhex(str(vector["ciphertext"]))
        assert decrypted(theirs, bytes.fromhex(TINK["bound_to"]), bytes.fromhex(TINK["key"])) == plaintext


def test_every_truncation_of_a_short_object_is_found() -> None:
    ciphertext = encrypted(b"a short paper")
    for length in range(len(ciphertext)):
        with pytest.raises(IntegrityMismatch) as refused:
            decrypted(ciphertext[:length])
        assert refused.value.code == "INTEGRITY_MISMATCH"


LONG = secrets.token_bytes(2 * PAYLOAD + 5)
LONG_ENCRYPTED = encrypted(LONG)


@settings(max_examples=25, deadline=None)
@given(st.integers(min_value=0, max_value=len(LONG_ENCRYPTED) - 1))
def test_any_truncation_of_a_long_object_is_found(length: int) -> None:
    with pytest.raises(IntegrityMismatch):
        decrypted(LONG_ENCRYPTED[:length])


@pytest.mark.parametrize("length", [HEADER, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 2 * SEGMENT + 1])
def test_truncation_at_a_segment_border_is_found(length: int) -> None:
    with pytest.raises(IntegrityMismatch):
        decrypted(LONG_ENCRYPTED[:length])


@given(st.integers(min_value=0), st.integers(min_value=0, max_value=7))
def test_every_flipped_bit_is_found(position: int, bit: int) -> None:
    ciphertext = bytearray(encrypted(b"x" * 200))
    ciphertext[position % len(ciphertext)] ^= 1 << bit
    with pytest.raises(IntegrityMismatch):
        decrypted(bytes(ciphertext))


@settings(max_examples=25, deadline=None)
@given(st.integers(min_value=0, max_value=len(LONG_ENCRYPTED) - 1), st.integers(min_value=0, max_value=7))
def test_every_flipped_bit_of_a_long_object_is_found(position: int, bit: int) -> None:
    ciphertext = bytearray(LONG_ENCRYPTED)
    ciphertext[position] ^= 1 << bit
    with pytest.raises(IntegrityMismatch):
        decrypted(bytes(ciphertext))


@given(st.binary(min_size=1, max_size=40))
def test_anything_appended_is_found(tail: bytes) -> None:
    with pytest.raises(IntegrityMismatch):
        decrypted(encrypted(b"paper") + tail)


def test_exchanged_repeated_and_dropped_segments_are_found() -> None:
    one, two, rest = LONG_ENCRYPTED[:SEGMENT], LONG_ENCRYPTED[SEGMENT : 2 * SEGMENT], LONG_ENCRYPTED[2 * SEGMENT :]
    for wrong in (two + one + rest, one + rest, one + two + two + rest, one + two + rest + rest):
        with pytest.raises(IntegrityMismatch):
            decrypted(wrong)


@pytest.mark.parametrize(
    "elsewhere",
    [
        binding(OTHER, "doc_1/signed", 1, "application/pdf"),
        binding(OWNER, "doc_2/signed", 1, "application/pdf"),
        binding(OWNER, "doc_1/signed", 2, "application/pdf"),
        binding(OWNER, "doc_1/signed", 1, "text/html"),
        binding(OWNER, "doc_1/signed1", 1, "application/pdf"),
    ],
)
def test_an_object_moved_to_another_owner_place_version_or_type_does_not_decrypt(elsewhere: bytes) -> None:
    here = binding(OWNER, "doc_1/signed", 1, "application/pdf")
    ciphertext = encrypted(b"paper", here)
    assert decrypted(ciphertext, here) == b"paper"
    with pytest.raises(IntegrityMismatch):
        decrypted(ciphertext, elsewhere)


@given(st.lists(st.text(max_size=8), min_size=3, max_size=3), st.lists(st.text(max_size=8), min_size=3, max_size=3))
def test_two_bindings_are_equal_only_if_all_their_parts_are(one: list[str], two: list[str]) -> None:
    made = [binding(CitizenId(each[0]), each[1], 1, each[2]) for each in (one, two)]
    assert (made[0] == made[1]) == (one == two)


def test_equal_contents_give_different_ciphertexts() -> None:
    assert encrypted(b"the same form") != encrypted(b"the same form")


def test_a_number_of_segments_beyond_the_counter_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vault.envelope._MAX_SEGMENTS", 1)
    with pytest.raises(IntegrityMismatch):
        encrypted(secrets.token_bytes(SEGMENT))


# --- keys ---------------------------------------------------------------------------------------------


def ring(*versions: int) -> KeyRing:
    return KeyRing(keks=tuple(Kek(version=version, key=bytes([version]) * 32) for version in versions))


def test_a_wrapped_key_opens_with_its_kek_also_after_a_newer_one_came() -> None:
    key = CitizenKey.generate(OWNER)
    wrapped = ring(1).wrap(key)
    assert ring(1, 2).unwrap(OWNER, wrapped) == key
    assert ring(2, 1).wrap(key).kek_version == 2


def test_the_wrong_or_a_missing_kek_is_said_clearly() -> None:
    wrapped = ring(1).wrap(CitizenKey.generate(OWNER))
    with pytest.raises(KeyMismatch) as refused:
        ring(2).unwrap(OWNER, wrapped)
    assert refused.value.code == "VAULT_KEY_MISMATCH"
    with pytest.raises(KeyMismatch):
        KeyRing(keks=(Kek(version=1, key=b"w" * 32),)).unwrap(OWNER, wrapped)
    for damaged in (b"", wrapped.wrapped[:-1], wrapped.wrapped[:-1] + bytes((wrapped.wrapped[-1] ^ 1,))):
        with pytest.raises(KeyMismatch):
            ring(1).unwrap(OWNER, WrappedKey(kek_version=1, wrapped=damaged))


def test_keys_of_another_length_and_ambiguous_rings_are_refused() -> None:
    for make in (
        lambda: Kek(version=1, key=b"short"),
        lambda: CitizenKey(owner=OWNER, dek=b"short"),
        lambda: KeyRing(keks=()),
        lambda: ring(1, 1),
    ):
        with pytest.raises(KeyMismatch):
            make()


def test_check_values_tell_keys_apart() -> None:
    assert len({Kek(version=1, key=bytes([each]) * 32).check_value for each in range(20)}) == 20


def test_no_key_shows_in_a_repr() -> None:
    key = CitizenKey.generate(OWNER, lambda count: b"\xab" * count)
    for text in (repr(key), repr(ring(7)), repr(ring(7).wrap(key))):
        assert "xab" not in text
        assert "x07" not in text


def test_a_wrapped_key_moved_to_another_citizen_opens_nothing() -> None:
    key = CitizenKey.generate(OWNER)
    moved = ring(1).unwrap(OTHER, ring(1).wrap(key))
    bound = binding(OWNER, "doc_1/signed", 1, "application/pdf")
    ciphertext = b"".join(key.encrypt([b"paper"], bound))
    with pytest.raises(IntegrityMismatch):
        b"".join(moved.decrypt([ciphertext], bound))
    with pytest.raises(IntegrityMismatch):
        moved.unseal("doc_1.details", key.seal("doc_1.details", b"title"))
    assert key.tag("content", b"x") != moved.tag("content", b"x")


@given(st.binary(max_size=200))
def test_a_sealed_field_opens_in_its_own_place_only(plaintext: bytes) -> None:
    key = CitizenKey(owner=OWNER, dek=KEY)
    sealed = key.seal("doc_1.details", plaintext)
    assert key.unseal("doc_1.details", sealed) == plaintext
    for wrong in (sealed[:-1], sealed + b"x", b"\x02" + sealed[1:], b"", sealed[:5]):
        with pytest.raises(IntegrityMismatch):
            key.unseal("doc_1.details", wrong)
    with pytest.raises(IntegrityMismatch):
        key.unseal("doc_2.details", sealed)


def test_tags_are_equal_for_equal_data_and_differ_by_label_and_citizen() -> None:
    key = CitizenKey(owner=OWNER, dek=KEY)
    assert key.tag("content", b"x") == key.tag("content", b"x")
    other_citizen = CitizenKey(owner=OTHER, dek=KEY)
    tags = {
        key.tag("content", b"x"),
        key.tag("number", b"x"),
        key.tag("content", b"y"),
        other_citizen.tag("content", b"x"),
    }
    assert len(tags) == 4
