from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.errors import KeyDamaged
from signing.keys import KeyKind, MemoryBlobs, SignatureAlgorithm, SoftwareKeyStore, WrappedKey

KEK = b"k" * 32
SIGN = SignatureAlgorithm.ECDSA_SHA256


class OpenBlobs(MemoryBlobs):
    """Somebody with write access to the table."""

    def put(self, key_id: str, row: WrappedKey) -> None:
        self._rows[key_id] = row


@pytest.fixture
def blobs() -> OpenBlobs:
    made = OpenBlobs()
    store = SoftwareKeyStore(made, KEK)
    store.generate("key_a", KeyKind.EC_P256)
    store.generate("key_b", KeyKind.EC_P256)
    return made


def row(blobs: MemoryBlobs, key_id: str) -> WrappedKey:
    found = blobs.get(key_id)
    assert found is not None
    return found


def test_two_rows_exchanged_in_the_table_are_noticed_before_a_signature_leaves(blobs: OpenBlobs) -> None:
    a, b = row(blobs, "key_a"), row(blobs, "key_b")
    blobs.put("key_a", b)
    blobs.put("key_b", a)
    with pytest.raises(KeyDamaged) as caught:
        SoftwareKeyStore(blobs, KEK).sign("key_a", b"x", SIGN)
    assert caught.value.code == "KEY_DAMAGED"


@pytest.mark.parametrize("part", ["spki", "wrapped"])
def test_a_row_with_another_rows_part_is_noticed(blobs: OpenBlobs, part: str) -> None:
    blobs.put("key_a", replace(row(blobs, "key_a"), **{part: getattr(row(blobs, "key_b"), part)}))
    with pytest.raises(KeyDamaged):
        SoftwareKeyStore(blobs, KEK).public_key("key_a")


def test_a_row_said_to_be_of_another_kind_is_noticed(blobs: OpenBlobs) -> None:
    blobs.put("key_a", replace(row(blobs, "key_a"), kind=KeyKind.EC_P384))
    with pytest.raises(KeyDamaged):
        SoftwareKeyStore(blobs, KEK).sign("key_a", b"x", SIGN)


def test_another_key_encryption_key_opens_nothing(blobs: OpenBlobs) -> None:
    with pytest.raises(KeyDamaged, match="another key-encryption key"):
        SoftwareKeyStore(blobs, b"o" * 32).sign("key_a", b"x", SIGN)


def test_a_key_encryption_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SoftwareKeyStore(MemoryBlobs(), b"short")


@settings(max_examples=30, deadline=None)
@given(position=st.integers(min_value=0, max_value=10_000), bit=st.integers(min_value=0, max_value=7))
def test_one_flipped_bit_of_a_wrapped_key_is_noticed(position: int, bit: int) -> None:
    blobs = OpenBlobs()
    store = SoftwareKeyStore(blobs, KEK)
    store.generate("key_a", KeyKind.EC_P256)
    damaged = bytearray(row(blobs, "key_a").wrapped)
    damaged[position % len(damaged)] ^= 1 << bit
    blobs.put("key_a", replace(row(blobs, "key_a"), wrapped=bytes(damaged)))
    with pytest.raises(KeyDamaged):
        store.sign("key_a", b"x", SIGN)


def test_what_is_stored_holds_no_readable_private_key_and_shows_no_secret(blobs: OpenBlobs) -> None:
    stored = row(blobs, "key_a")
    assert b"\x30" + b"\x81" not in stored.wrapped[:2]
    assert "wrapped=" not in repr(stored)
    assert KEK.hex() not in repr(SoftwareKeyStore(blobs, KEK))


def test_a_blob_that_unwraps_to_something_else_is_no_key(blobs: OpenBlobs) -> None:

    store = SoftwareKeyStore(blobs, KEK)
    stored = row(blobs, "key_a")
    wrapped = aes_key_wrap_with_padding(store._wrapping_key, b"no PKCS#8 at all")
    binding = store._bind("key_a", stored.kind, stored.spki, wrapped)
    blobs.put("key_a", replace(stored, wrapped=wrapped, binding=binding))
    with pytest.raises(KeyDamaged, match="cannot be unwrapped"):
        store.sign("key_a", b"x", SIGN)


def test_a_wrapped_key_of_a_kind_that_is_never_made_is_no_key(blobs: OpenBlobs) -> None:

    store = SoftwareKeyStore(blobs, KEK)
    stored = row(blobs, "key_a")
    plain = Ed25519PrivateKey.generate().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    wrapped = aes_key_wrap_with_padding(store._wrapping_key, plain)
    binding = store._bind("key_a", stored.kind, stored.spki, wrapped)
    blobs.put("key_a", replace(stored, wrapped=wrapped, binding=binding))
    with pytest.raises(KeyDamaged, match="unknown kind"):
        store.sign("key_a", b"x", SIGN)
