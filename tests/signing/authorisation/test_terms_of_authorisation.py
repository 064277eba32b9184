"""The challenge stands for exactly the terms; an authorisation is used by its holder, in time, digest by digest."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.authorisation import (
    MAX_DIGESTS,
    Authorisation,
    AuthorisationState,
    DigestState,
    EvidenceKind,
    SigningPurpose,
    Terms,
    canonical_bytes,
    challenge_of,
    confirmation_challenge,
    confirmed,
    require_not_begun,
    require_usable,
)
from signing.errors import (
    AuthorisationClosed,
    AuthorisationError,
    AuthorisationExpired,
    AuthorisationForeign,
    AuthorisationMalformed,
    AuthorisationReplayed,
    AuthorisationRequired,
)
from signing.keys.shapes import DATA, TST_INFO, SignedAttributes

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CERTIFICATE = b"a certificate"
DIGESTS = tuple(hashlib.sha256(bytes((number,))).hexdigest() for number in range(3))
TERMS = Terms(
    authorisation_id="sad_1",
    person="sub_1",
    key_id="key_1",
    certificate_sha256=hashlib.sha256(CERTIFICATE).hexdigest(),
    digests=DIGESTS,
    purpose=SigningPurpose.SIGN_DETACHED,
    capacity="kt",
    issued_at=AT,
    nonce="00" * 32,
)
OPEN = Authorisation(terms=TERMS, certificate=CERTIFICATE, state=AuthorisationState.OPEN)
AGREED = confirmed(OPEN, "sub_1", EvidenceKind.PASSKEY, AT)


def attributes(digest: str = DIGESTS[0], **changes: object) -> SignedAttributes:
    values = {
        "content_type": DATA,
        "message_digest": bytes.fromhex(digest),
        "certificate_hashes": (("sha256", hashlib.sha256(CERTIFICATE).digest()),),
    } | changes
    return SignedAttributes(**values)  # type: ignore[arg-type] # a test's own mapping


@pytest.mark.parametrize(
    "change",
    [
        {"authorisation_id": "sad_2"},
        {"person": "sub_2"},
        {"key_id": "key_2"},
        {"certificate_sha256": "0" * 64},
        {"digests": DIGESTS[:2]},
        {"digests": (DIGESTS[1], DIGESTS[0], DIGESTS[2])},
        {"purpose": SigningPurpose.SEAL_RESULT},
        {"capacity": None},
        {"issued_at": AT + timedelta(microseconds=1)},
        {"nonce": "01" * 32},
    ],
)
def test_whatever_is_changed_in_the_terms_gives_another_challenge(change: dict[str, object]) -> None:
    assert challenge_of(replace(TERMS, **change)) != challenge_of(TERMS)  # type: ignore[arg-type] # as above


def test_the_challenge_is_the_digest_of_bytes_that_name_the_count_and_the_expiry() -> None:
    text = canonical_bytes(TERMS)
    assert challenge_of(TERMS) == hashlib.sha256(text).digest()
    assert b'"count":3' in text
    assert b"expires_at_us" in text
    assert TERMS.expires_at == AT + timedelta(minutes=5)


def test_vouching_for_another_person_or_key_is_another_challenge() -> None:
    given_values = {"passkey_id": "pk_1", "person": "sub_1", "credential_id": b"c", "spki": b"k"}
    made = {confirmation_challenge(**given_values)}  # type: ignore[arg-type] # as above
    for name, value in (("passkey_id", "pk_2"), ("person", "sub_2"), ("credential_id", b"d"), ("spki", b"l")):
        made.add(confirmation_challenge(**given_values | {name: value}))  # type: ignore[arg-type] # as above
    assert len(made) == 5


@pytest.mark.parametrize(
    "change",
    [
        {"digests": ()},
        {"digests": ("a" * 63,)},
        {"digests": ("A" * 64,)},
        {"digests": (DIGESTS[0], DIGESTS[0])},
        {"digests": (DIGESTS[0], "0" * 96)},
        {"digests": tuple(f"{number:064x}" for number in range(MAX_DIGESTS + 1))},
        {"person": "sub 1"},
        {"key_id": ""},
        {"capacity": "a" * 65},
        {"nonce": "00"},
        {"certificate_sha256": "xyz"},
    ],
)
def test_terms_that_nobody_could_agree_to_are_malformed(change: dict[str, object]) -> None:
    with pytest.raises(AuthorisationMalformed) as caught:
        replace(TERMS, **change)  # type: ignore[arg-type] # as above
    assert caught.value.code == "AUTHORISATION_MALFORMED"


def test_the_holder_agrees_once_and_within_five_minutes() -> None:
    late = AT + timedelta(minutes=5)
    assert confirmed(OPEN, "sub_1", EvidenceKind.PASSKEY, late).confirmed_at == late
    for at in (late + timedelta(microseconds=1), AT - timedelta(microseconds=1)):
        with pytest.raises(AuthorisationExpired):
            confirmed(OPEN, "sub_1", EvidenceKind.PASSKEY, at)
    with pytest.raises(AuthorisationForeign):
        confirmed(OPEN, "sub_2", EvidenceKind.PASSKEY, AT)
    for state in (AuthorisationState.CONFIRMED, AuthorisationState.CANCELLED):
        with pytest.raises(AuthorisationClosed):
            confirmed(replace(OPEN, state=state), "sub_1", EvidenceKind.PASSKEY, AT)


def test_every_digest_of_the_list_may_be_used_and_no_other() -> None:
    assert [require_usable(AGREED, "key_1", attributes(one), AT) for one in DIGESTS] == list(DIGESTS)
    with pytest.raises(AuthorisationForeign) as caught:
        require_usable(AGREED, "key_1", attributes("f" * 64), AT)
    assert caught.value.code == "AUTHORISATION_FOREIGN"


@pytest.mark.parametrize(
    ("key_id", "change"),
    [
        ("key_2", {}),
        ("key_1", {"content_type": TST_INFO}),
        ("key_1", {"certificate_hashes": ()}),
        ("key_1", {"certificate_hashes": (("sha256", bytes(32)),)}),
        ("key_1", {"certificate_hashes": (("sha256", bytes(32)), ("sha256", hashlib.sha256(CERTIFICATE).digest()))}),
    ],
)
def test_another_key_kind_of_content_or_certificate_is_foreign(key_id: str, change: dict[str, object]) -> None:
    with pytest.raises(AuthorisationForeign):
        require_usable(AGREED, key_id, attributes(**change), AT)  # type: ignore[arg-type] # as above


def test_a_certificate_may_be_named_by_a_longer_digest() -> None:
    named = attributes(certificate_hashes=(("sha512", hashlib.sha512(CERTIFICATE).digest()),))
    assert require_usable(AGREED, "key_1", named, AT) == DIGESTS[0]


def test_nothing_is_signed_before_the_holder_agreed_or_after_it_was_taken_back() -> None:
    with pytest.raises(AuthorisationRequired):
        require_usable(OPEN, "key_1", attributes(), AT)
    with pytest.raises(AuthorisationClosed):
        require_usable(replace(AGREED, state=AuthorisationState.CANCELLED), "key_1", attributes(), AT)


def test_a_batch_starts_within_five_minutes_and_may_be_resumed_for_thirty() -> None:
    with pytest.raises(AuthorisationExpired):
        require_usable(AGREED, "key_1", attributes(), AT + timedelta(minutes=5, microseconds=1))
    started = replace(AGREED, started_at=AT + timedelta(minutes=5))
    assert require_usable(started, "key_1", attributes(), AT + timedelta(minutes=35))
    for at in (AT + timedelta(minutes=35, microseconds=1), AT):
        with pytest.raises(AuthorisationExpired):
            require_usable(started, "key_1", attributes(), at)


def test_a_digest_that_was_begun_is_not_begun_again() -> None:
    require_not_begun(DigestState.FREE)
    for state in (DigestState.TAKEN, DigestState.SIGNED):
        with pytest.raises(AuthorisationReplayed) as caught:
            require_not_begun(state)
        assert caught.value.code == "AUTHORISATION_REPLAYED"
        assert isinstance(caught.value, AuthorisationError)


@given(st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex), min_size=1, max_size=5, unique=True))
def test_two_lists_have_one_challenge_only_if_they_are_the_same_list(digests: list[str]) -> None:
    one, two = replace(TERMS, digests=tuple(digests)), replace(TERMS, digests=tuple(reversed(digests)))
    assert (challenge_of(one) == challenge_of(two)) == (digests == digests[::-1])
