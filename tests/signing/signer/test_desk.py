"""The desk's own rules: who vouches, who is bound, and what is left of a digest when something breaks half-way."""

import hashlib
import itertools
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from cryptography.x509.oid import NameOID

from api.db import Database
from signing.authorisation import (
    KEPT_FOR,
    TIME_TO_FINISH,
    TIME_TO_REGISTER,
    TIME_TO_START,
    EvidenceKind,
    RelyingParty,
    SigningPurpose,
    challenge_of,
    confirmation_challenge,
)
from signing.authorisation_sql import Authorisations, Book, KeptKeys, KeyPurpose, Passkey
from signing.authorisation_sql.tables import AUTHORISED_DIGESTS
from signing.errors import (
    AuthorisationClosed,
    AuthorisationError,
    AuthorisationExpired,
    AuthorisationForeign,
    AuthorisationMalformed,
    AuthorisationReplayed,
    AuthorisationUnknown,
    AuthorisationWrong,
    KeyUnavailable,
    KeyUseNotRecorded,
    KeyUseRefused,
    PasskeyRefused,
    PasskeyUnknown,
)
from signing.key_use_sql import KEY_USE_HEAD, KeyUses, append_uses
from signing.key_use_sql import METADATA as KEY_USE_METADATA
from signing.keys import KeyKind, MemoryBlobs, SignatureAlgorithm, SoftwareKeyStore
from signing.keys.recorded import GENESIS, KeyUseEntry, KeyUseKind
from signing.signer import AuthorisedKeys, DeskPolicy, GuardedKeys, LocalDesk, Order
from tests.fakes.passkey import ORIGIN, RP_ID, SoftPasskey

AT = datetime(2026, 11, 23, tzinfo=UTC)
ALGORITHM = SignatureAlgorithm.ECDSA_SHA256
PARTY = RelyingParty(rp_id=RP_ID, origins=frozenset({ORIGIN}))
STRICT = DeskPolicy(party=PARTY, accepts=frozenset({EvidenceKind.PASSKEY}), needs_officers=True, binds_holders=True)
EASY = DeskPolicy(party=PARTY, accepts=frozenset(EvidenceKind), needs_officers=False, binds_holders=False)


class Keys(SoftwareKeyStore):
    """A software store that can be told to fail."""

    failing: Callable[[], None] = staticmethod(lambda: None)

    def sign(self, key_id: str, data: bytes, algorithm: SignatureAlgorithm) -> bytes:
        self.failing()
        return super().sign(key_id, data, algorithm)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'desk.sqlite3'}"


class Bench:
    """Two desks over one book, as two signers would be, and a holder with a key."""

    def __init__(self, url: str, policy: DeskPolicy) -> None:
        self.now = AT
        self.databases = [Database(url), Database(url)]
        books = [Book(transaction=one.transaction, reading=one.reading) for one in self.databases]
        books[0].prepare()
        self.book = books[0]
        self.keys = Keys(MemoryBlobs(), bytes(32))
        counter = itertools.count(1)
        self.desks = [
            LocalDesk(
                book=book,
                keys=self.keys,
                policy=policy,
                clock=lambda: self.now,
                new_id=lambda prefix: f"{prefix}_{next(counter)}",
                entropy=secrets.token_bytes,
            )
            for book in books
        ]
        self.desk = self.desks[0]
        spki = self.keys.generate("key_1", KeyKind.EC_P256)
        with self.book.transaction() as tx:
            KeptKeys(tx).add("key_1", spki)
            KeptKeys(tx).add("key_1", spki)
        self.certificate = self.certify(spki)

    def certify(self, spki: bytes) -> bytes:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "DEV")])
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
        builder = builder.public_key(load_der_public_key(spki))  # type: ignore[arg-type] # a key of ours
        builder = builder.not_valid_before(AT).not_valid_after(AT + timedelta(days=1))
        return builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).public_bytes(Encoding.DER)

    def open(self, *digests: str, person: str = "sub_1") -> Any:
        order = Order(
            person=person, key_id="key_1", certificate=self.certificate, digests=digests,
            purpose=SigningPurpose.SIGN_DETACHED,
        )  # fmt: skip
        return self.desk.open(order)

    def attributes(self, digest: str, moment: datetime = AT) -> bytes:
        named = tsp.SigningCertificateV2(
            {"certs": [tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(self.certificate).digest()})]}
        )
        values = (
            ("content_type", "data"),
            ("message_digest", bytes.fromhex(digest)),
            ("signing_certificate_v2", named),
            ("signing_time", cms.Time({"utc_time": moment})),
        )
        listed = [cms.CMSAttribute({"type": kind, "values": [value]}) for kind, value in values]
        return bytes(cms.CMSAttributes(listed).dump())

    def agreed(self, *digests: str) -> str:
        opened = self.open(*digests)
        self.desk.confirm(opened.terms.authorisation_id, "sub_1", EvidenceKind.SESSION)
        return str(opened.terms.authorisation_id)

    def register(self, person: str) -> tuple[Passkey, SoftPasskey]:
        passkey = SoftPasskey()
        started = self.desk.start_passkey(person, "x")
        return self.desk.register_passkey(started.passkey_id, person, *passkey.register(started.challenge)), passkey


@pytest.fixture
def bench(url: str) -> Iterator[Bench]:
    made = Bench(url, EASY)
    yield made
    for database in made.databases:
        database.close()


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(f"sqlite:///{tmp_path / 'strict.sqlite3'}", STRICT)
    yield made
    for database in made.databases:
        database.close()


DIGEST = hashlib.sha256(b"x").hexdigest()


def test_of_several_signers_over_one_book_one_uses_up_a_digest(bench: Bench) -> None:
    authorisation = bench.agreed(DIGEST)
    stores = [desk.keys_for(authorisation) for desk in bench.desks]
    outcomes: list[str] = []

    def attempt(number: int) -> None:
        data = bench.attributes(DIGEST, AT + timedelta(days=number))
        try:
            stores[number % 2].sign("key_1", data, ALGORITHM)
            outcomes.append("signed")
        except AuthorisationError as err:
            outcomes.append(err.code)

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["AUTHORISATION_REPLAYED"] * 5 + ["signed"]
    assert bench.desks[1].get(authorisation).signed == (DIGEST,)


@pytest.mark.parametrize("act", ["sign", "cancel"])
def test_who_uses_or_takes_back_an_authorisation_waits_for_who_is_at_it(bench: Bench, act: str) -> None:
    authorisation = bench.agreed(DIGEST, "a" * 64)
    keys = bench.desks[1].keys_for(authorisation)
    keys.sign("key_1", bench.attributes(DIGEST), ALGORITHM)  # its first moment is written: nothing else is to wait for
    ended = threading.Event()

    def other() -> None:
        if act == "sign":
            keys.sign("key_1", bench.attributes("a" * 64), ALGORITHM)
        else:
            bench.desks[1].cancel(authorisation, "sub_1")
        ended.set()

    waiting = threading.Thread(target=other)
    with bench.book.transaction() as tx:
        Authorisations(tx).get(authorisation, to_change=True)
        waiting.start()
        assert not ended.wait(0.3)
    waiting.join(20)
    assert ended.is_set()


def test_a_digest_is_taken_when_it_is_free_and_at_no_other_time(bench: Bench) -> None:
    authorisation = bench.desk.get(bench.agreed(DIGEST))

    def take() -> bool:
        with bench.book.transaction() as tx:
            return Authorisations(tx).take(authorisation, DIGEST, "0" * 64, AT)

    used = (authorisation.terms.authorisation_id, DIGEST)
    assert take()
    assert not take()
    with bench.book.transaction() as tx:
        Authorisations(tx).give_back(*used, "1" * 64)  # somebody else's bytes
        assert not Authorisations(tx).finish(*used, "1" * 64, b"another")
    assert not take()
    with bench.book.transaction() as tx:
        assert Authorisations(tx).finish(*used, "0" * 64, b"signature")
        assert not Authorisations(tx).finish(*used, "0" * 64, b"a second one")
        Authorisations(tx).give_back(*used, "0" * 64)  # signed: it stays used
        assert Authorisations(tx).use_of(*used).signature == b"signature"
    assert not take()


def test_a_device_that_refuses_leaves_the_digest_free(bench: Bench) -> None:
    keys = bench.desk.keys_for(bench.agreed(DIGEST))

    def away() -> None:
        raise KeyUnavailable("away")

    bench.keys.failing = away  # type: ignore[method-assign] # the fake fails on purpose
    with pytest.raises(KeyUnavailable):
        keys.sign("key_1", bench.attributes(DIGEST), ALGORITHM)
    bench.keys.failing = lambda: None  # type: ignore[method-assign] # as above
    assert keys.sign("key_1", bench.attributes(DIGEST), ALGORITHM)


def die_while_signing(bench: Bench, authorisation: str) -> None:
    """The digest is taken, and nothing of ours runs any more, as after SIGKILL."""

    def killed() -> None:
        raise SystemExit

    bench.keys.failing = killed  # type: ignore[method-assign] # the fake fails on purpose
    with pytest.raises(SystemExit):
        bench.desk.keys_for(authorisation).sign("key_1", bench.attributes(DIGEST), ALGORITHM)
    bench.keys.failing = lambda: None  # type: ignore[method-assign] # as above


def test_after_a_signer_that_died_while_it_signed_the_same_bytes_are_signed_and_no_others(bench: Bench) -> None:
    authorisation = bench.agreed(DIGEST)
    die_while_signing(bench, authorisation)
    after = bench.desks[1].keys_for(authorisation)
    with pytest.raises(AuthorisationReplayed):
        after.sign("key_1", bench.attributes(DIGEST, AT + timedelta(seconds=1)), ALGORITHM)
    signature = after.sign("key_1", bench.attributes(DIGEST), ALGORITHM)
    assert bench.desk.keys_for(authorisation).sign("key_1", bench.attributes(DIGEST), ALGORITHM) == signature


def test_what_was_taken_is_signed_after_a_death_only_while_the_authorisation_is_in_force(bench: Bench) -> None:
    late, taken_back = bench.agreed(DIGEST), bench.agreed(DIGEST)
    for authorisation in (late, taken_back):
        die_while_signing(bench, authorisation)
    bench.desk.cancel(taken_back, "sub_1")
    with pytest.raises(AuthorisationClosed):
        bench.desk.keys_for(taken_back).sign("key_1", bench.attributes(DIGEST), ALGORITHM)
    bench.now = AT + TIME_TO_FINISH + timedelta(seconds=1)
    with pytest.raises(AuthorisationExpired):
        bench.desk.keys_for(late).sign("key_1", bench.attributes(DIGEST), ALGORITHM)


def test_of_two_who_sign_the_same_bytes_at_once_the_first_signature_is_everybodys(bench: Bench) -> None:
    authorisation = bench.agreed(DIGEST)
    one, two = (desk.keys_for(authorisation) for desk in bench.desks)
    data = bench.attributes(DIGEST)
    inner: list[bytes] = []

    def meanwhile() -> None:
        bench.keys.failing = lambda: None  # type: ignore[method-assign] # as below
        inner.append(two.sign("key_1", data, ALGORITHM))

    bench.keys.failing = meanwhile  # type: ignore[method-assign] # the fake works on purpose
    assert [one.sign("key_1", data, ALGORITHM)] == inner


def test_who_gives_a_digest_back_takes_nothing_from_another_who_signs_the_same_bytes(bench: Bench) -> None:
    authorisation = bench.agreed(DIGEST)
    one, two = (desk.keys_for(authorisation) for desk in bench.desks)
    data, inner = bench.attributes(DIGEST), []

    def fails_after_the_other_began() -> None:
        def fails_first() -> None:
            bench.keys.failing = lambda: None  # type: ignore[method-assign] # as below
            with bench.book.transaction() as tx:  # what the first one does when its key refuses
                Authorisations(tx).give_back(authorisation, DIGEST, hashlib.sha256(data).hexdigest())

        bench.keys.failing = fails_first  # type: ignore[method-assign] # as below
        inner.append(two.sign("key_1", data, ALGORITHM))
        raise KeyUnavailable("away")

    bench.keys.failing = fails_after_the_other_began  # type: ignore[method-assign] # the fake fails on purpose
    with pytest.raises(KeyUnavailable):
        one.sign("key_1", data, ALGORITHM)
    assert [two.sign("key_1", data, ALGORITHM)] == inner


def test_a_device_that_refuses_who_goes_on_for_a_dead_one_frees_nothing_for_other_bytes(bench: Bench) -> None:
    authorisation = bench.agreed(DIGEST)
    die_while_signing(bench, authorisation)
    keys = bench.desk.keys_for(authorisation)

    def away() -> None:
        raise KeyUnavailable("away")

    bench.keys.failing = away  # type: ignore[method-assign] # the fake fails on purpose
    with pytest.raises(KeyUnavailable):
        keys.sign("key_1", bench.attributes(DIGEST), ALGORITHM)
    bench.keys.failing = lambda: None  # type: ignore[method-assign] # as above
    with pytest.raises(AuthorisationReplayed):
        keys.sign("key_1", bench.attributes(DIGEST, AT + timedelta(seconds=1)), ALGORITHM)


def test_a_signature_whose_digest_went_to_other_bytes_meanwhile_is_thrown_away(bench: Bench) -> None:
    authorisation = bench.agreed(DIGEST)
    one, two = (desk.keys_for(authorisation) for desk in bench.desks)
    data, other = bench.attributes(DIGEST), bench.attributes(DIGEST, AT + timedelta(seconds=1))

    def given_away() -> None:
        bench.keys.failing = lambda: None  # type: ignore[method-assign] # as below
        with bench.book.transaction() as tx:
            Authorisations(tx).give_back(authorisation, DIGEST, hashlib.sha256(data).hexdigest())
        two.sign("key_1", other, ALGORITHM)

    bench.keys.failing = given_away  # type: ignore[method-assign] # the fake works on purpose
    with pytest.raises(AuthorisationReplayed):
        one.sign("key_1", data, ALGORITHM)


@pytest.fixture
def chained(bench: Bench) -> AuthorisedKeys:
    """Keys that write the chain of key uses themselves, in the book's database."""
    with bench.book.transaction() as tx:
        KEY_USE_METADATA.create_all(tx)
        tx.execute(KEY_USE_HEAD.insert().values(id=1, sequence=0, entry_hash=GENESIS))
    return AuthorisedKeys(
        authorisation_id=bench.agreed(DIGEST),
        book=bench.book,
        keys=bench.keys,
        clock=lambda: bench.now,
        chain=append_uses,
    )


def test_the_signature_and_its_entry_in_the_chain_are_kept_together(bench: Bench, chained: AuthorisedKeys) -> None:
    data = bench.attributes(DIGEST)
    signature = chained.sign("key_1", data, ALGORITHM)
    assert chained.sign("key_1", data, ALGORITHM) == signature
    with bench.book.reading() as tx:
        (entry,) = KeyUses(tx).rows()
        assert KeyUses(tx).check().is_whole
    assert isinstance(entry, KeyUseEntry)
    assert (entry.use.key_id, entry.use.kind) == ("key_1", KeyUseKind.DOCUMENT)
    assert entry.use.data_sha256 == hashlib.sha256(data).hexdigest()
    assert entry.use.signature_sha256 == hashlib.sha256(signature).hexdigest()


def test_a_chain_that_cannot_be_written_releases_nothing_and_frees_the_digest(
    bench: Bench, chained: AuthorisedKeys
) -> None:
    def breaks(*_: Any) -> Any:
        raise OSError("the disk is full")

    with pytest.raises(KeyUseNotRecorded) as caught:
        replace(chained, chain=breaks).sign("key_1", bench.attributes(DIGEST), ALGORITHM)
    assert caught.value.retryable
    assert chained.sign("key_1", bench.attributes(DIGEST, AT + timedelta(seconds=1)), ALGORITHM)
    with bench.book.reading() as tx:
        assert len(list(KeyUses(tx).rows())) == 1


def test_under_an_authorisation_documents_are_signed_and_nothing_else_is_done(bench: Bench) -> None:
    keys = bench.desk.keys_for(bench.agreed(DIGEST))
    assert keys.public_key("key_1") == bench.keys.public_key("key_1")
    for call in (
        lambda: keys.sign("key_1", b"bytes", ALGORITHM),
        lambda: keys.generate("key_2", KeyKind.EC_P256),
        lambda: keys.destroy("key_1"),
    ):
        with pytest.raises(KeyUseRefused):
            call()
    assert bench.desk.answers()
    bench.desk.close()


def test_an_authorisation_is_for_the_certificate_of_the_key(bench: Bench) -> None:
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    bench.certificate = bench.certify(other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(AuthorisationForeign):
        bench.open(DIGEST)


def test_a_strict_desk_takes_passkeys_only_that_an_officer_vouched_for(strict: Bench) -> None:
    desk = strict.desk
    officer, officers_key = strict.register("sub_9")
    with pytest.raises(PasskeyRefused):
        desk.confirm_passkey(officer.passkey_id, "sub_8", None)
    assert desk.admit_officer(officer.passkey_id, "operator").is_officer
    with pytest.raises(PasskeyRefused):
        desk.admit_officer(officer.passkey_id, "operator")
    made, passkey = strict.register("sub_1")
    assert made.key is not None
    challenge = confirmation_challenge(
        passkey_id=made.passkey_id, person="sub_1", credential_id=made.key.credential_id, spki=made.key.spki
    )
    for by, answer in (
        ("sub_9", None),
        ("sub_9", officers_key.answer(secrets.token_bytes(32))),
        ("sub_8", officers_key.answer(challenge)),
        ("sub_9", SoftPasskey().answer(challenge)),
        ("sub_1", officers_key.answer(challenge)),
    ):
        with pytest.raises((PasskeyRefused, PasskeyUnknown, AuthorisationWrong)):
            desk.confirm_passkey(made.passkey_id, by, answer)
    confirmed = desk.confirm_passkey(made.passkey_id, "sub_9", officers_key.answer(challenge))
    assert (confirmed.confirmed_by, confirmed.is_officer) == ("sub_9", False)
    second, _ = strict.register("sub_2")
    assert second.key is not None
    mine = confirmation_challenge(
        passkey_id=second.passkey_id, person="sub_2", credential_id=second.key.credential_id, spki=second.key.spki
    )
    with pytest.raises(PasskeyRefused):  # who is no officer vouches for nobody
        desk.confirm_passkey(second.passkey_id, "sub_1", passkey.answer(mine))


def test_a_strict_desk_binds_a_key_to_who_first_authorised_its_use(strict: Bench) -> None:
    people = {}
    for person in ("sub_1", "sub_2"):
        made, people[person] = strict.register(person)
        strict.desk.admit_officer(made.passkey_id, "operator")
    first = strict.open(DIGEST)
    for kind in (EvidenceKind.SESSION, EvidenceKind.CODE, EvidenceKind.PASSKEY):
        with pytest.raises(AuthorisationWrong):
            strict.desk.confirm(first.terms.authorisation_id, "sub_1", kind)
    strict.desk.confirm(first.terms.authorisation_id, "sub_1", people["sub_1"].answer(challenge_of(first.terms)))
    second = strict.open(DIGEST, person="sub_2")
    with pytest.raises(AuthorisationForeign):
        strict.desk.confirm(second.terms.authorisation_id, "sub_2", people["sub_2"].answer(challenge_of(second.terms)))


def test_another_persons_passkey_agrees_to_nothing_and_what_was_taken_back_stays_so(strict: Bench) -> None:
    people = {}
    for person in ("sub_1", "sub_2"):
        made, people[person] = strict.register(person)
        strict.desk.admit_officer(made.passkey_id, "operator")
    opened = strict.open(DIGEST)
    with pytest.raises(AuthorisationForeign):
        strict.desk.confirm(opened.terms.authorisation_id, "sub_1", people["sub_2"].answer(challenge_of(opened.terms)))
    agreed = strict.desk.confirm(
        opened.terms.authorisation_id, "sub_1", people["sub_1"].answer(challenge_of(opened.terms))
    )
    with strict.book.transaction() as tx, pytest.raises(AuthorisationClosed):
        Authorisations(tx).confirm(agreed)  # somebody else was faster


def test_only_the_holder_agrees_once_and_in_time(bench: Bench) -> None:
    first, late = (bench.open(digest).terms.authorisation_id for digest in (DIGEST, "a" * 64))
    with pytest.raises(AuthorisationForeign):
        bench.desk.confirm(first, "sub_2", EvidenceKind.SESSION)
    bench.desk.confirm(first, "sub_1", EvidenceKind.SESSION)
    with pytest.raises(AuthorisationClosed):
        bench.desk.confirm(first, "sub_1", EvidenceKind.SESSION)
    bench.desk.cancel(first, "sub_1")
    with pytest.raises(AuthorisationClosed):
        bench.desk.cancel(first, "sub_1")
    bench.now = AT + TIME_TO_START + timedelta(microseconds=1)
    with pytest.raises(AuthorisationExpired):
        bench.desk.confirm(late, "sub_1", EvidenceKind.SESSION)


def test_nobody_takes_another_persons_authorisation_back(bench: Bench) -> None:
    opened = bench.open(DIGEST)
    with pytest.raises(AuthorisationError):
        bench.desk.cancel(opened.terms.authorisation_id, "sub_2")
    assert bench.agreed(DIGEST)
    assert bench.desk.confirm(opened.terms.authorisation_id, "sub_1", EvidenceKind.SESSION).confirmed_at


def test_a_registration_is_answered_once(bench: Bench) -> None:
    passkey, started = SoftPasskey(), bench.desk.start_passkey("sub_1", "x")
    bench.desk.register_passkey(started.passkey_id, "sub_1", *passkey.register(started.challenge))
    with pytest.raises(PasskeyRefused):
        bench.desk.register_passkey(started.passkey_id, "sub_1", *SoftPasskey().register(started.challenge))
    (kept,) = bench.desk.passkeys("sub_1")
    assert kept.key is not None
    assert kept.key.credential_id == passkey.credential_id


def test_registrations_are_bounded_and_each_key_is_registered_once(bench: Bench) -> None:
    desk = bench.desk
    for label in ("", "x" * 65):
        with pytest.raises(AuthorisationMalformed):
            desk.start_passkey("sub_1", label)
    passkey = SoftPasskey()
    one, two = desk.start_passkey("sub_1", "a"), desk.start_passkey("sub_2", "b")
    desk.register_passkey(one.passkey_id, "sub_1", *passkey.register(one.challenge))
    with pytest.raises(PasskeyRefused):
        desk.register_passkey(two.passkey_id, "sub_2", *passkey.register(two.challenge))
    with pytest.raises(PasskeyRefused):
        desk.confirm_passkey(two.passkey_id, "sub_9", None)
    for call in (lambda: desk.remove_passkey("pk_none"), lambda: desk.confirm_passkey("pk_none", "sub_1", None)):
        with pytest.raises(PasskeyUnknown):
            call()
    for _ in range(19):
        desk.start_passkey("sub_1", "x")
    with pytest.raises(PasskeyRefused):
        desk.start_passkey("sub_1", "one too many")
    assert len(desk.passkeys("sub_1")) == 20
    assert len(desk.passkeys(None)) == 21


def test_a_registration_is_answered_within_ten_minutes_or_begun_again(bench: Bench) -> None:
    desk, passkey = bench.desk, SoftPasskey()
    late, in_time = desk.start_passkey("sub_1", "late"), desk.start_passkey("sub_1", "in time")
    bench.now = AT + TIME_TO_REGISTER
    made = desk.register_passkey(in_time.passkey_id, "sub_1", *SoftPasskey().register(in_time.challenge))
    assert made.key is not None
    for moment in (AT + TIME_TO_REGISTER + timedelta(microseconds=1), AT - timedelta(seconds=1)):
        bench.now = moment
        with pytest.raises(PasskeyRefused) as caught:
            desk.register_passkey(late.passkey_id, "sub_1", *passkey.register(late.challenge))
        assert caught.value.code == "PASSKEY_REFUSED"


def test_registrations_that_nobody_finished_lock_nobody_out(bench: Bench) -> None:
    made, _ = bench.register("sub_1")
    for _ in range(19):
        bench.desk.start_passkey("sub_1", "never finished")
    with pytest.raises(PasskeyRefused):
        bench.desk.start_passkey("sub_1", "one too many")
    bench.now = AT + TIME_TO_REGISTER + timedelta(seconds=1)
    begun = bench.desk.start_passkey("sub_1", "again")
    left = [one.passkey_id for one in bench.desk.passkeys("sub_1")]
    assert made.passkey_id in left  # what was registered stays
    assert begun.passkey_id in left
    assert len(left) == 11  # ten at a time


@pytest.mark.parametrize("person", ["", "s" * 41])
def test_a_passkey_belongs_to_somebody(bench: Bench, person: str) -> None:
    with pytest.raises(AuthorisationMalformed):
        bench.desk.start_passkey(person, "x")


def test_old_authorisations_go_as_new_ones_come_and_no_younger_one_does(bench: Bench) -> None:
    digests = [hashlib.sha256(bytes((number,))).hexdigest() for number in range(3)]
    old = [bench.open(*digests).terms.authorisation_id for _ in range(12)]
    bench.now = AT + KEPT_FOR
    kept = bench.open(DIGEST).terms.authorisation_id
    assert all(bench.desk.get(one) for one in (*old, kept))
    bench.now += timedelta(microseconds=1)
    for left in (2, 0):  # ten at a time
        bench.open(DIGEST)
        assert sum(_is_known(bench, one) for one in old) == left
    assert _is_known(bench, kept)
    with bench.book.reading() as tx:
        orphans = sa.select(AUTHORISED_DIGESTS.c.digest).where(AUTHORISED_DIGESTS.c.authorisation_id.in_(old))
        assert not tx.execute(orphans).all()


def test_an_authorisation_is_kept_longer_than_anything_is_signed_under_it() -> None:
    assert TIME_TO_START + TIME_TO_FINISH < KEPT_FOR


def _is_known(bench: Bench, authorisation_id: str) -> bool:
    try:
        bench.desk.get(authorisation_id)
    except AuthorisationUnknown:
        return False
    return True


def test_what_a_former_keeper_agreed_to_is_not_signed_for_the_next(strict: Bench) -> None:
    people = {}
    for person in ("sub_1", "sub_2"):
        made, people[person] = strict.register(person)
        strict.desk.admit_officer(made.passkey_id, "operator")

    def agreed(person: str) -> str:
        opened = strict.open(DIGEST, person=person)
        strict.desk.confirm(opened.terms.authorisation_id, person, people[person].answer(challenge_of(opened.terms)))
        return str(opened.terms.authorisation_id)

    guard = GuardedKeys(keys=strict.keys, book=strict.book, clock=lambda: AT, service_policies=frozenset())
    with strict.book.transaction() as tx:
        KeptKeys(tx).learn("key_1", KeyPurpose.HOLDER, b"", certifies_authorities=False)
    before = agreed("sub_1")
    guard.release_holder("key_1")
    with pytest.raises(AuthorisationForeign):  # nobody keeps it now
        guard.sign("key_1", strict.attributes(DIGEST), ALGORITHM, before)
    after = agreed("sub_2")
    with pytest.raises(AuthorisationForeign):
        guard.sign("key_1", strict.attributes(DIGEST), ALGORITHM, before)
    assert guard.sign("key_1", strict.attributes(DIGEST), ALGORITHM, after)
