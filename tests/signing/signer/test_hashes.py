"""Hashes under an authorisation: the desk, the guard and what keeps a hash and a document apart."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509.oid import NameOID

from signing.authorisation import EvidenceKind, RelyingParty, SigningPurpose
from signing.authorisation_sql import KeptKeys, KeyPurpose
from signing.errors import (
    AlgorithmNotSupported,
    AuthorisationClosed,
    AuthorisationExpired,
    AuthorisationForeign,
    AuthorisationRequired,
    KeyUnavailable,
    KeyUseRefused,
)
from signing.keys import SignatureAlgorithm
from signing.keys.der import oid
from signing.keys.recorded import KeyUse, KeyUseKind, RecordedKeyStore
from signing.signer import DeskPolicy, GuardedKeys, Order, operations, wire
from tests.signing.signer.test_desk import AT, Bench

PERSON = "1.3.6.1.4.1.99999.1"
SEAL = "1.3.6.1.4.1.99999.2"
P256 = SignatureAlgorithm.ECDSA_SHA256


def certificate(bench: Bench, *policies: str) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "DEV")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(2)
    builder = builder.public_key(load_der_public_key(bench.keys.public_key("key_1")))  # type: ignore[arg-type] # ours
    builder = builder.not_valid_before(AT).not_valid_after(AT + timedelta(days=1))
    if policies:
        listed = [x509.PolicyInformation(x509.ObjectIdentifier(one), None) for one in policies]
        builder = builder.add_extension(x509.CertificatePolicies(listed), critical=False)
    return builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).public_bytes(Encoding.DER)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    policy = DeskPolicy(
        party=RelyingParty(rp_id="a.example", origins=frozenset({"https://a.example"}), allows_synced=False),
        accepts=frozenset(EvidenceKind),
        needs_officers=False,
        binds_holders=False,
        hash_policies=frozenset({oid(PERSON)}),
    )
    return Bench(f"sqlite:///{tmp_path / 'desk.sqlite3'}", policy)


def order(bench: Bench, *values: bytes, **changes: Any) -> Order:
    given = {
        "person": "sub_1",
        "key_id": "key_1",
        "certificate": certificate(bench, PERSON),
        "digests": tuple(one.hex() for one in values),
        "purpose": SigningPurpose.SIGN_HASH,
    }
    return Order(**{**given, **changes})


def agreed(bench: Bench, *values: bytes, **changes: Any) -> str:
    opened = bench.desk.open(order(bench, *values, **changes))
    bench.desk.confirm(opened.terms.authorisation_id, "sub_1", EvidenceKind.SESSION)
    return str(opened.terms.authorisation_id)


def some() -> bytes:
    return hashlib.sha256(secrets.token_bytes(8)).digest()


def test_a_hash_that_was_agreed_to_is_signed_once_and_given_again(bench: Bench) -> None:
    value = some()
    keys = bench.desk.keys_for(agreed(bench, value))
    first = keys.sign_hash("key_1", value, P256)
    assert keys.sign_hash("key_1", value, P256) == first
    key = load_der_public_key(bench.keys.public_key("key_1"))
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(first, value, ec.ECDSA(utils.Prehashed(hashes.SHA256())))


@pytest.mark.parametrize("policies", [(), (SEAL,)])
def test_credentials_of_other_kinds_agree_to_no_hash(bench: Bench, policies: tuple[str, ...]) -> None:
    value = some()
    with pytest.raises(KeyUseRefused):
        bench.desk.open(order(bench, value, certificate=certificate(bench, *policies)))
    # documents are another matter
    other = order(bench, value, certificate=certificate(bench, *policies), purpose=SigningPurpose.SEAL_RESULT)
    assert bench.desk.open(other).terms.digests == (value.hex(),)


def test_a_document_s_authorisation_signs_no_hash_and_a_hash_s_no_document(bench: Bench) -> None:
    value = some()
    for_document = bench.desk.keys_for(agreed(bench, value, purpose=SigningPurpose.SIGN_DETACHED))
    with pytest.raises(AuthorisationForeign):
        for_document.sign_hash("key_1", value, P256)
    # the same certificate, named in the attributes: only what it was agreed to for keeps them apart
    bench.certificate = certificate(bench, PERSON)
    for_hash = bench.desk.keys_for(agreed(bench, value, certificate=bench.certificate))
    with pytest.raises(AuthorisationForeign):
        for_hash.sign("key_1", bench.attributes(value.hex()), P256)


def test_nothing_is_signed_before_after_or_beside_what_was_agreed(bench: Bench) -> None:
    value = some()
    opened = bench.desk.open(order(bench, value)).terms.authorisation_id
    with pytest.raises(AuthorisationRequired):
        bench.desk.keys_for(opened).sign_hash("key_1", value, P256)
    confirmed = agreed(bench, value)
    keys = bench.desk.keys_for(confirmed)
    with pytest.raises(AuthorisationForeign):
        keys.sign_hash("key_1", some(), P256)
    with pytest.raises(AuthorisationForeign):
        keys.sign_hash("key_2", value, P256)
    with pytest.raises(AlgorithmNotSupported):
        keys.sign_hash("key_1", value[:31], P256)
    bench.desk.cancel(confirmed, "sub_1")
    with pytest.raises(AuthorisationClosed):
        keys.sign_hash("key_1", value, P256)
    late = bench.desk.keys_for(agreed(bench, value))
    bench.now = AT + timedelta(minutes=6)
    with pytest.raises(AuthorisationExpired):
        late.sign_hash("key_1", value, P256)


def test_a_key_that_is_away_leaves_the_hash_free(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    value = some()
    keys = bench.desk.keys_for(agreed(bench, value))
    usual: Callable[..., bytes] = bench.keys.sign_hash

    def away(*_: object) -> bytes:
        raise KeyUnavailable("away")

    monkeypatch.setattr(bench.keys, "sign_hash", away)
    with pytest.raises(KeyUnavailable):
        keys.sign_hash("key_1", value, P256)
    monkeypatch.setattr(bench.keys, "sign_hash", usual)
    assert keys.sign_hash("key_1", value, P256)


def test_a_hash_that_was_being_signed_when_the_signer_died_is_signed_once_after_all(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = some()
    keys = bench.desk.keys_for(agreed(bench, value))

    def dies(*_: object) -> bytes:
        raise SystemExit  # nothing runs behind it: the digest stays taken

    monkeypatch.setattr(bench.keys, "sign_hash", dies)
    with pytest.raises(SystemExit):
        keys.sign_hash("key_1", value, P256)
    monkeypatch.undo()
    signature = keys.sign_hash("key_1", value, P256)
    assert keys.sign_hash("key_1", value, P256) == signature


@pytest.fixture
def guard(bench: Bench) -> GuardedKeys:
    return GuardedKeys(keys=bench.keys, book=bench.book, clock=lambda: bench.now, service_policies=frozenset())


def test_the_guard_lets_holders_keys_sign_hashes_under_an_authorisation_only(bench: Bench, guard: GuardedKeys) -> None:
    value = some()
    with pytest.raises(KeyUseRefused):  # nobody knows yet what the key is for
        guard.sign_hash("key_1", value, P256, None)
    with bench.book.transaction() as tx:
        KeptKeys(tx).learn("key_1", KeyPurpose.HOLDER, b"name", certifies_authorities=False)
    with pytest.raises(AuthorisationRequired):
        guard.sign_hash("key_1", value, P256, None)
    confirmed = agreed(bench, value)
    with pytest.raises(AuthorisationForeign):  # the key is bound to no person yet
        guard.sign_hash("key_1", value, P256, confirmed)
    with bench.book.transaction() as tx:
        KeptKeys(tx).bind_holder("key_1", "sub_1")
    assert guard.sign_hash("key_1", value, P256, confirmed)


@pytest.mark.parametrize("purpose", [one for one in KeyPurpose if one is not KeyPurpose.HOLDER])
def test_no_other_key_signs_a_hash(bench: Bench, guard: GuardedKeys, purpose: KeyPurpose) -> None:
    value = some()
    confirmed = agreed(bench, value)
    with bench.book.transaction() as tx:
        KeptKeys(tx).learn("key_1", purpose, b"name", certifies_authorities=False)
    with pytest.raises(KeyUseRefused):
        guard.sign_hash("key_1", value, P256, confirmed)


def test_a_certificate_that_no_authority_of_ours_signed_is_not_believed(bench: Bench, guard: GuardedKeys) -> None:
    with pytest.raises(KeyUseRefused):
        guard.require_issued_here(certificate(bench, PERSON))
    asked = wire.order_to(order(bench, some()))
    signer: Any = SimpleNamespace(desk=bench.desk, guard=guard)
    with pytest.raises(KeyUseRefused):  # neither by the request that comes over the socket
        operations._open(signer, asked, b"")


def test_the_use_of_a_key_for_a_hash_is_recorded_as_such(bench: Bench) -> None:
    kept: list[KeyUse] = []

    class Log:
        def append(self, use: KeyUse) -> None:
            kept.append(use)

    value = some()
    recorded = RecordedKeyStore(bench.keys, Log(), lambda: AT)
    signature = recorded.sign_hash("key_1", value, P256)
    (use,) = kept
    assert (use.kind, use.data_sha256, use.key_id) == (KeyUseKind.HASH, value.hex(), "key_1")
    assert use.signature_sha256 == hashlib.sha256(signature).hexdigest()
