"""The contract of every KeyStore: software, resident in a device, wrapped by a device, and several behind one."""

import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from api.db import Database
from signing import keys_sql
from signing.errors import AlgorithmNotSupported, KeyExists, KeyNotFound
from signing.keys import ALGORITHM_OF_KIND, KeyKind, KeyStore, MemoryBlobs, SignatureAlgorithm, SoftwareKeyStore
from signing.keys.device import Device, DeviceAddress
from signing.keys.resident import ResidentKeyStore
from signing.keys.routed import RoutedKeyStore
from signing.keys.wrapped import WrappedKeyStore
from tests.servers.softhsm import SoftHsm

IN_DEVICE = ("resident", "wrapped", "wrapped-open", "wrapped-sqlite", "wrapped-postgresql", "routed")


@dataclass(frozen=True)
class Case:
    """An implementation, and how it is opened again as by another process."""

    name: str
    reopen: Callable[[], KeyStore]


def _device(hsm: SoftHsm, *, sessions: int = 4) -> Device:
    address = DeviceAddress(library=hsm.library, token=hsm.token, pin_file=hsm.pin_file, sessions=sessions)
    return Device(address)


IN_SOFTWARE = ("software-memory", "software-sqlite", "software-postgresql")
WRAPPED = tuple(name for name in IN_DEVICE if name.startswith("wrapped"))


def stores(*names: str) -> list[Any]:
    """The implementations that a rule is for, as parameters."""
    beside_us = {"software-postgresql", *IN_DEVICE}
    return [pytest.param(name, marks=pytest.mark.service) if name in beside_us else name for name in names]


def only(*names: str) -> pytest.MarkDecorator:
    """A rule that not every implementation has."""
    return pytest.mark.parametrize("case", stores(*names), indirect=True)


@pytest.fixture(params=stores(*IN_SOFTWARE, *IN_DEVICE))
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    name = str(request.param)
    with ExitStack() as stack:
        if name.endswith(("memory", "resident", "wrapped", "open", "routed")):
            blobs: MemoryBlobs | keys_sql.KeyBlobsSql = MemoryBlobs()
        else:
            is_file = name.endswith("sqlite")
            url = f"sqlite:///{tmp_path / 'keys.sqlite3'}" if is_file else request.getfixturevalue("postgres_url")
            database = Database(url)
            stack.callback(database.close)
            keys_sql.METADATA.create_all(database.engine)
            blobs = keys_sql.KeyBlobsSql(database.transaction, database.reading)
        if name.startswith("software"):
            kek = secrets.token_bytes(32)
            yield Case(name, lambda: SoftwareKeyStore(blobs, kek))
            return
        hsm: SoftHsm = request.getfixturevalue("softhsm")
        label = secrets.token_hex(4)

        def reopen() -> KeyStore:
            device = _device(hsm)
            stack.callback(device.close)
            wrapped = WrappedKeyStore(device, blobs, label=label, open_for_s=5.0 if name == "wrapped-open" else 0.0)
            stack.callback(wrapped.close)
            if not wrapped.generations.ids():
                wrapped.generations.make_next()
            resident = ResidentKeyStore(device)
            routed = RoutedKeyStore({"key": wrapped, "hsm": resident})
            return {"resident": resident, "routed": routed}.get(name, wrapped)

        first = reopen()
        made: list[KeyStore] = [first]
        yield Case(name, lambda: made.pop() if made else reopen())


@pytest.fixture
def keys(case: Case) -> KeyStore:
    return case.reopen()


@pytest.fixture
def key_id() -> str:
    """An id that no other test's key has: the device is the session's."""
    return f"key_{secrets.token_hex(6)}"


def _verify(spki: bytes, signature: bytes, data: bytes, algorithm: SignatureAlgorithm) -> None:
    key = load_der_public_key(spki)
    if isinstance(key, ec.EllipticCurvePublicKey):
        digest = hashes.SHA384() if algorithm is SignatureAlgorithm.ECDSA_SHA384 else hashes.SHA256()
        key.verify(signature, data, ec.ECDSA(digest))
    elif isinstance(key, mldsa.MLDSA65PublicKey):
        key.verify(signature, data)
    else:
        key.verify(signature, data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


KINDS = [
    pytest.param(
        *values,
        id=f"{values[0]}-{values[1].value}",
        marks=pytest.mark.service if values[0] not in IN_SOFTWARE[:2] else (),
    )
    for values in [(name, kind) for name in (*IN_SOFTWARE, *IN_DEVICE) for kind in KeyKind]
    if values[1] is not KeyKind.ML_DSA_65 or values[0] in IN_SOFTWARE
]
"""Every implementation with every kind of key that it makes; that a device refuses ML-DSA is a rule of its own."""


@pytest.mark.parametrize(("case", "kind"), KINDS, indirect=["case"])
def test_what_a_key_signs_verifies_under_its_public_key(keys: KeyStore, kind: KeyKind, key_id: str) -> None:
    spki = keys.generate(key_id, kind)
    algorithm = ALGORITHM_OF_KIND[kind]
    for data in (b"du lieu", b"", b"\x00" * 100_000):
        signature = keys.sign(key_id, data, algorithm)
        _verify(spki, signature, data, algorithm)
        with pytest.raises(InvalidSignature):
            _verify(spki, signature, data + b" khac", algorithm)
    assert keys.public_key(key_id) == spki


@only(*IN_DEVICE)
def test_a_kind_that_the_device_does_not_know_is_refused(keys: KeyStore, key_id: str) -> None:
    with pytest.raises(AlgorithmNotSupported) as caught:
        keys.generate(key_id, KeyKind.ML_DSA_65)
    assert caught.value.code == "KEY_ALGORITHM"
    with pytest.raises(KeyNotFound):
        keys.public_key(key_id)


def test_an_id_is_given_once(keys: KeyStore, key_id: str) -> None:
    first = keys.generate(key_id, KeyKind.EC_P256)
    with pytest.raises(KeyExists) as caught:
        keys.generate(key_id, KeyKind.EC_P256)
    assert caught.value.code == "KEY_EXISTS"
    assert keys.public_key(key_id) == first


@pytest.mark.parametrize("key_id", ["key_x", "", "khóa", "../key", "none_x"])
@pytest.mark.parametrize(
    "call",
    [
        lambda keys, key_id: keys.public_key(key_id),
        lambda keys, key_id: keys.sign(key_id, b"", SignatureAlgorithm.ECDSA_SHA256),
        lambda keys, key_id: keys.destroy(key_id),
    ],
)
def test_an_unknown_key_is_named_as_such(keys: KeyStore, call: Callable[[KeyStore, str], object], key_id: str) -> None:
    with pytest.raises(KeyNotFound) as caught:
        call(keys, key_id)
    assert caught.value.code == "KEY_NOT_FOUND"


def test_a_destroyed_key_signs_nothing_more(case: Case, keys: KeyStore, key_id: str) -> None:
    other = case.reopen()
    keys.generate(key_id, KeyKind.EC_P256)
    for store in (keys, other):
        store.sign(key_id, b"x", SignatureAlgorithm.ECDSA_SHA256)
    keys.destroy(key_id)
    for store in (keys, other):
        with pytest.raises(KeyNotFound):
            store.sign(key_id, b"x", SignatureAlgorithm.ECDSA_SHA256)
    with pytest.raises(KeyNotFound):
        keys.public_key(key_id)
    with pytest.raises(KeyNotFound):
        keys.destroy(key_id)


@pytest.mark.parametrize(
    ("case", "kind"), [one for one in KINDS if one.values[1] is not KeyKind.RSA_3072], indirect=["case"]
)
def test_a_key_signs_only_with_its_own_algorithm(keys: KeyStore, kind: KeyKind, key_id: str) -> None:
    keys.generate(key_id, kind)
    for algorithm in SignatureAlgorithm:
        if algorithm is ALGORITHM_OF_KIND[kind]:
            continue
        with pytest.raises(AlgorithmNotSupported) as caught:
            keys.sign(key_id, b"x", algorithm)
        assert caught.value.code == "KEY_ALGORITHM"


@pytest.mark.parametrize("key_id", ["", "Key", "../key", "key 1", "k" * 65, "khóa", ".key", "key_a\n", "key_%"])
def test_an_id_that_could_be_a_path_or_an_alias_is_refused(keys: KeyStore, key_id: str) -> None:
    with pytest.raises(ValueError, match="key id"):
        keys.generate(key_id, KeyKind.EC_P256)


def test_of_four_that_generate_under_one_id_one_wins(keys: KeyStore, key_id: str) -> None:
    made: list[bytes] = []
    lost: list[str] = []

    def generate() -> None:
        try:
            made.append(keys.generate(key_id, KeyKind.EC_P256))
        except KeyExists as err:
            lost.append(err.code)

    threads = [threading.Thread(target=generate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert lost == ["KEY_EXISTS"] * 3
    assert keys.public_key(key_id) == made[0]


def test_sixteen_threads_get_signatures_of_the_key_they_asked_for(keys: KeyStore, key_id: str) -> None:
    ids = [f"{key_id}.{number}" for number in range(4)]
    public = {name: keys.generate(name, KeyKind.EC_P256) for name in ids}

    def work(number: int) -> None:
        for turn in range(8):
            name, data = ids[(number + turn // 2) % len(ids)], f"{number}/{turn}".encode()
            signature = keys.sign(name, data, SignatureAlgorithm.ECDSA_SHA256)
            _verify(public[name], signature, data, SignatureAlgorithm.ECDSA_SHA256)

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(work, range(16)))


def test_a_store_that_is_opened_again_finds_its_keys(case: Case, keys: KeyStore, key_id: str) -> None:
    spki = keys.generate(key_id, KeyKind.EC_P256)
    again = case.reopen()
    assert again is not keys
    assert again.public_key(key_id) == spki
    signature = again.sign(key_id, b"x", SignatureAlgorithm.ECDSA_SHA256)
    _verify(spki, signature, b"x", SignatureAlgorithm.ECDSA_SHA256)


@only(*WRAPPED)
def test_a_rotation_of_the_key_encryption_key_keeps_every_key(case: Case, keys: WrappedKeyStore, key_id: str) -> None:
    public = {f"{key_id}.{number}": keys.generate(f"{key_id}.{number}", KeyKind.EC_P256) for number in range(3)}
    keys.generations.make_next()
    assert [keys.rewrap(limit=2), keys.rewrap(limit=2), keys.rewrap(limit=2)] == [2, 1, 0]
    keys.retire("kek-1")
    for store in (keys, case.reopen()):
        for name, spki in public.items():
            _verify(
                spki, store.sign(name, b"x", SignatureAlgorithm.ECDSA_SHA256), b"x", SignatureAlgorithm.ECDSA_SHA256
            )


@only("routed")
def test_a_router_makes_no_key_that_no_store_keeps(keys: KeyStore) -> None:
    with pytest.raises(ValueError, match="no store keeps"):
        keys.generate("other_x", KeyKind.EC_P256)
    keys.generate(f"hsm_{secrets.token_hex(6)}", KeyKind.EC_P256)


def test_a_store_shows_no_secret_of_its_own(case: Case, keys: KeyStore, request: pytest.FixtureRequest) -> None:
    shown = repr(keys)
    if case.name.startswith("software"):
        assert "kek_id" in shown
    else:
        assert request.getfixturevalue("softhsm").pin not in shown


def test_a_table_that_is_not_there_is_no_free_id(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    keys = SoftwareKeyStore(keys_sql.KeyBlobsSql(database.transaction, database.reading), b"k" * 32)
    with pytest.raises(sa.exc.OperationalError):
        keys.generate("key_1", KeyKind.EC_P256)
    database.close()
