"""A passkey's answer counts only for this challenge, here, by a verified holder, with this very key."""

import json
import secrets
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ed448
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from signing.authorisation import CoseAlgorithm, PasskeyKey, RelyingParty, check_assertion, read_registration
from signing.authorisation.cbor import CborError, read_cbor
from signing.authorisation.cose import require_signature
from signing.authorisation.webauthn import Assertion
from signing.errors import AuthorisationError, AuthorisationMalformed, AuthorisationWrong, PasskeyRefused
from tests.fakes.passkey import ATTESTED, BACKUP, EXTENSIONS, ORIGIN, PRESENT, RP_ID, VERIFIED, SoftPasskey, cbor

PARTY = RelyingParty(rp_id=RP_ID, origins=frozenset({ORIGIN}))
CHALLENGE = secrets.token_bytes(32)


def registered(passkey: SoftPasskey, party: RelyingParty = PARTY) -> PasskeyKey:
    return read_registration(*passkey.register(CHALLENGE), CHALLENGE, party)


@pytest.mark.parametrize("algorithm", list(CoseAlgorithm))
def test_a_registered_passkey_answers_a_challenge_with_every_algorithm_we_take(algorithm: CoseAlgorithm) -> None:
    passkey = SoftPasskey(algorithm=algorithm)
    key = registered(passkey)
    assert key.algorithm is algorithm
    assert check_assertion(passkey.answer(CHALLENGE), key, CHALLENGE, PARTY) == 1
    with pytest.raises(AuthorisationWrong):
        check_assertion(passkey.answer(CHALLENGE), key, secrets.token_bytes(32), PARTY)


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://anso.example.vn.evil.example"},
        {"rp_id": "evil.example"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"client_extra": {"crossOrigin": True}},
        {"client_extra": {"type": "webauthn.create"}},
        {"client_extra": {"challenge": 7}},
        {"client_extra": {"challenge": "\ud800"}},
        {"client_extra": {"challenge": "khóa"}},
        {"client_extra": {"origin": [ORIGIN]}},
        {"client_extra": {"origin": {ORIGIN: 1}}},
        {"client_extra": {"origin": None}},
        {"credential_id": b"another"},
    ],
)
def test_an_answer_for_another_site_ceremony_or_unverified_holder_is_wrong(change: dict[str, object]) -> None:
    passkey = SoftPasskey()
    key = registered(passkey)
    for name, value in change.items():
        setattr(passkey, name, value)
    with pytest.raises(AuthorisationWrong) as caught:
        check_assertion(passkey.answer(CHALLENGE), key, CHALLENGE, PARTY)
    assert caught.value.code == "AUTHORISATION_WRONG"


def test_a_passkey_that_can_be_copied_answers_only_as_long_as_copies_are_allowed() -> None:
    passkey, synced = SoftPasskey(flags=PRESENT | VERIFIED | BACKUP), replace(PARTY, allows_synced=True)
    key = registered(passkey, synced)
    assert check_assertion(passkey.answer(CHALLENGE), key, CHALLENGE, synced) == 1
    with pytest.raises(AuthorisationWrong):
        check_assertion(passkey.answer(CHALLENGE), key, CHALLENGE, PARTY)


def test_a_changed_byte_anywhere_makes_an_answer_worthless() -> None:
    passkey = SoftPasskey()
    key = registered(passkey)
    good = passkey.answer(CHALLENGE)
    for name in ("client_data", "authenticator_data", "signature"):
        value = getattr(good, name)
        for place in range(0, len(value), 3):
            bad = replace(good, **{name: value[:place] + bytes((value[place] ^ 1,)) + value[place + 1 :]})
            with pytest.raises(AuthorisationError):
                check_assertion(bad, key, CHALLENGE, PARTY)


@pytest.mark.parametrize("algorithm", list(CoseAlgorithm))
def test_another_passkeys_signature_does_not_count(algorithm: CoseAlgorithm) -> None:
    passkey, other = SoftPasskey(algorithm=algorithm), SoftPasskey(algorithm=algorithm)
    other.credential_id = passkey.credential_id
    with pytest.raises(AuthorisationWrong):
        check_assertion(other.answer(CHALLENGE), registered(passkey), CHALLENGE, PARTY)


def test_a_key_of_a_kind_that_no_passkey_has_verifies_nothing() -> None:
    public = ed448.Ed448PrivateKey.generate().public_key()
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(AuthorisationWrong):
        require_signature(CoseAlgorithm.EDDSA, spki, b"", b"")


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://anso.example.vn.evil.example"},
        {"client_extra": {"type": "webauthn.get"}},
        {"client_extra": {"challenge": "AAAA"}},
        {"client_extra": {"crossOrigin": True}},
    ],
)
def test_a_registration_for_another_site_ceremony_or_challenge_is_wrong(change: dict[str, object]) -> None:
    passkey = SoftPasskey()
    for name, value in change.items():
        setattr(passkey, name, value)
    with pytest.raises(AuthorisationWrong):
        registered(passkey)


def test_a_registration_says_that_it_holds_a_key_and_names_it_within_the_limit() -> None:
    passkey = SoftPasskey()
    data = passkey.attested()
    unannounced = data[:32] + bytes((data[32] & ~ATTESTED,)) + data[33:]
    with pytest.raises(AuthorisationMalformed):
        read_registration(*passkey.register(CHALLENGE, authData=unannounced), CHALLENGE, PARTY)
    for size in (0, 1024):
        passkey.credential_id = bytes(size)
        with pytest.raises(AuthorisationMalformed):
            registered(passkey)
    passkey.credential_id = bytes(1023)
    assert registered(passkey).credential_id == bytes(1023)
    start = len(passkey.header(0)) + 16
    too_long = data[:start] + (2000).to_bytes(2, "big") + data[start + 2 :]
    cut_off = data[:start] + (1023).to_bytes(2, "big") + data[start + 2 :]
    for wrong in (too_long, cut_off, data[: start + 1]):
        with pytest.raises(AuthorisationMalformed):
            read_registration(*passkey.register(CHALLENGE, authData=wrong), CHALLENGE, PARTY)


def test_a_counter_that_does_not_grow_means_a_copy() -> None:
    passkey = SoftPasskey()
    key = registered(passkey)
    answer = passkey.answer(CHALLENGE)
    count = check_assertion(answer, key, CHALLENGE, PARTY)
    with pytest.raises(AuthorisationWrong):
        check_assertion(answer, replace(key, sign_count=count), CHALLENGE, PARTY)
    silent = replace(passkey, step=0, count=0)  # it counted once, and says zero now
    silent.key = passkey.key
    with pytest.raises(AuthorisationWrong):
        check_assertion(silent.answer(CHALLENGE), replace(key, sign_count=count), CHALLENGE, PARTY)
    without = SoftPasskey(step=0)  # synced and many platform passkeys count nothing: always zero
    key = registered(without)
    assert [check_assertion(without.answer(CHALLENGE), key, CHALLENGE, PARTY) for _ in range(2)] == [0, 0]


def test_authenticator_data_has_exactly_the_length_that_its_flags_say() -> None:
    passkey = SoftPasskey()
    key = registered(passkey)
    passkey.flags |= EXTENSIONS
    with pytest.raises(AuthorisationMalformed):
        check_assertion(passkey.answer(CHALLENGE), key, CHALLENGE, PARTY)
    passkey.flags = PRESENT | VERIFIED | ATTESTED
    with pytest.raises(AuthorisationMalformed):
        check_assertion(passkey.answer(CHALLENGE), key, CHALLENGE, PARTY)
    for size in (0, 36):
        short = replace(passkey.answer(CHALLENGE), authenticator_data=bytes(size))
        with pytest.raises(AuthorisationMalformed):
            check_assertion(short, key, CHALLENGE, PARTY)


def test_what_is_larger_than_any_answer_is_not_looked_at() -> None:
    good = {"credential_id": b"x", "client_data": b"{}", "authenticator_data": b"", "signature": b""}
    sizes = {"credential_id": 1024, "client_data": 4097, "authenticator_data": 8193, "signature": 1025}
    for name, size in sizes.items():
        with pytest.raises(AuthorisationMalformed):
            Assertion(**good | {name: bytes(size)})
    with pytest.raises(AuthorisationMalformed):
        Assertion(**good | {"credential_id": b""})
    for name, size in sizes.items():
        assert Assertion(**good | {name: bytes(size - 1)})
    passkey = SoftPasskey()
    fitting = 4096 - len(passkey.client_data("webauthn.create", CHALLENGE)) - len(', "x": ""')
    passkey.client_extra = {"x": "a" * fitting}
    assert registered(passkey).spki
    passkey.client_extra = {"x": "a" * (fitting + 1)}
    with pytest.raises(AuthorisationMalformed):
        registered(passkey)


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b"7", b"[" * 4000])
def test_client_data_that_is_no_object_is_malformed(raw: bytes) -> None:
    passkey = SoftPasskey()
    with pytest.raises(AuthorisationMalformed):
        check_assertion(replace(passkey.answer(CHALLENGE), client_data=raw), registered(passkey), CHALLENGE, PARTY)


def test_a_passkey_that_can_be_copied_is_taken_only_where_that_is_allowed() -> None:
    passkey = SoftPasskey(flags=PRESENT | VERIFIED | BACKUP)
    with pytest.raises(PasskeyRefused):
        registered(passkey)
    assert registered(passkey, replace(PARTY, allows_synced=True)).credential_id == passkey.credential_id


@pytest.mark.parametrize(
    "change", [{"fmt": "packed"}, {"attStmt": {"sig": b"x"}}, {"fmt": 3}, {"authData": "text"}, {"authData": None}]
)
def test_only_attestation_none_is_taken(change: dict[str, object]) -> None:
    passkey = SoftPasskey()
    with pytest.raises((PasskeyRefused, AuthorisationMalformed)):
        read_registration(*passkey.register(CHALLENGE, **change), CHALLENGE, PARTY)


@pytest.mark.parametrize(
    "change",
    [
        {3: -36},
        {3: None},
        {1: 3},
        {-1: 2},
        {-2: b"short"},
        {-2: bytes(32), -3: bytes(32)},
        {-2: 5},
        {3: -257},
        {3: -257, 1: 3, -1: b"\xff" * 64, -2: b"\x01\x00\x01"},
        {3: -257, 1: 3, -1: b"\xff" * 256, -2: b"\x03"},
        {3: -8},
    ],
)
def test_weak_strange_and_contradictory_keys_are_refused(change: dict[int, object]) -> None:
    passkey = SoftPasskey()
    key = passkey.cose() | change
    passkey.cose = lambda: key  # type: ignore[method-assign] # the fake lies on purpose
    with pytest.raises(PasskeyRefused) as caught:
        registered(passkey)
    assert caught.value.code == "PASSKEY_REFUSED"


def test_a_key_that_is_no_map_is_refused() -> None:
    passkey = SoftPasskey()
    passkey.cose = lambda: [1, 2]  # type: ignore[method-assign,assignment,return-value] # the fake lies on purpose
    with pytest.raises(PasskeyRefused):
        registered(passkey)


def test_nothing_may_stand_behind_the_key_unless_it_is_announced() -> None:
    passkey = SoftPasskey()
    for extra in (b"\x00", cbor({"credProtect": 1})):
        with pytest.raises(AuthorisationMalformed):
            read_registration(*passkey.register(CHALLENGE, authData=passkey.attested(extra)), CHALLENGE, PARTY)
    passkey.flags |= EXTENSIONS
    made = passkey.register(CHALLENGE, authData=passkey.attested(cbor({"credProtect": 1})))
    assert read_registration(*made, CHALLENGE, PARTY).spki


def test_every_truncation_of_a_registration_is_refused() -> None:
    passkey = SoftPasskey()
    client_data, attestation = passkey.register(CHALLENGE)
    for size in range(len(attestation)):
        with pytest.raises(AuthorisationMalformed):
            read_registration(client_data, attestation[:size], CHALLENGE, PARTY)
    data = passkey.attested()
    for size in range(len(data)):
        with pytest.raises(AuthorisationError):
            read_registration(*passkey.register(CHALLENGE, authData=data[:size]), CHALLENGE, PARTY)
    with pytest.raises(AuthorisationMalformed):
        read_registration(client_data, attestation + b"\x00", CHALLENGE, PARTY)
    with pytest.raises(AuthorisationMalformed):
        read_registration(*passkey.register(CHALLENGE, authData=passkey.header(passkey.flags)), CHALLENGE, PARTY)


@given(st.binary(max_size=300))
def test_no_bytes_of_a_stranger_break_the_reader(raw: bytes) -> None:
    try:
        value, used = read_cbor(raw)
    except CborError:
        return
    assert 0 < used <= len(raw)
    assert cbor(value) == raw[:used]  # canonical: one form for each value


VALUES = st.recursive(
    st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=40) | st.text(max_size=20) | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.integers(-99, 99) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_written_is_read_again(value: object) -> None:
    encoded = cbor(value)
    try:
        assert read_cbor(encoded) == (value, len(encoded))
    except CborError:
        assert json.dumps(value, default=str).count("[") + json.dumps(value, default=str).count("{") > 4  # too deep


@pytest.mark.parametrize(
    "raw",
    [
        b"\x9f\xff", b"\xc0\x00", b"\xf9\x3c\x00", b"\x18\x17", b"\x19\x00\xff", b"\x1c", b"\xa2\x01\x00\x01\x00",
        b"\xa1\xf5\x00", b"\x61\xff", b"\x81" * 5 + b"\x00", b"\x99\xff\xff", b"\xa1\x41a\x00", bytes(17000),
        b"\x1c" + b"\xff" * 16, b"\x99\x01\x00" + bytes(256), b"\x9b" + b"\xff" * 8 + bytes(300),
    ],
)  # fmt: skip
def test_cbor_that_no_passkey_sends_is_refused(raw: bytes) -> None:
    with pytest.raises(CborError):
        read_cbor(raw)


@pytest.mark.parametrize(
    ("raw", "used"),
    [
        (bytes(16 * 1024), 1),
        (b"\x81" * 4 + b"\x00", 5),
        (b"\x98\xff" + bytes(255), 257),
        (b"\x1b" + b"\xff" * 8, 9),
    ],
)
def test_cbor_at_its_limits_is_read(raw: bytes, used: int) -> None:
    assert read_cbor(raw)[1] == used
