"""The contract of every KeyStore; the PKCS#11 stores join the parameters when they exist."""

import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

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


@pytest.fixture(
    params=["software-memory", "software-sqlite", pytest.param("software-postgresql", marks=pytest.mark.service)]
)
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeyStore]:
    if request.param == "software-memory":
        yield SoftwareKeyStore(MemoryBlobs(), secrets.token_bytes(32))
        return
    if request.param == "software-sqlite":
        database = Database(f"sqlite:///{tmp_path / 'keys.sqlite3'}")
    else:
        database = Database(request.getfixturevalue("postgres_url"))
    keys_sql.METADATA.create_all(database.engine)
    blobs = keys_sql.KeyBlobsSql(database.transaction, database.reading)
    yield SoftwareKeyStore(blobs, secrets.token_bytes(32))
    database.close()


def _verify(spki: bytes, signature: bytes, data: bytes, algorithm: SignatureAlgorithm) -> None:
    key = load_der_public_key(spki)
    if isinstance(key, ec.EllipticCurvePublicKey):
        digest = hashes.SHA384() if algorithm is SignatureAlgorithm.ECDSA_SHA384 else hashes.SHA256()
        key.verify(signature, data, ec.ECDSA(digest))
    elif isinstance(key, mldsa.MLDSA65PublicKey):
        key.verify(signature, data)
    else:
        key.verify(signature, data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


@pytest.mark.parametrize("kind", list(KeyKind))
def test_what_a_key_signs_verifies_under_its_public_key(keys: KeyStore, kind: KeyKind) -> None:
    spki = keys.generate("key_1", kind)
    algorithm = ALGORITHM_OF_KIND[kind]
    signature = keys.sign("key_1", b"du lieu", algorithm)
    assert keys.public_key("key_1") == spki
    _verify(spki, signature, b"du lieu", algorithm)
    with pytest.raises(InvalidSignature):
        _verify(spki, signature, b"du lieu khac", algorithm)


def test_an_id_is_given_once(keys: KeyStore) -> None:
    first = keys.generate("key_1", KeyKind.EC_P256)
    with pytest.raises(KeyExists) as caught:
        keys.generate("key_1", KeyKind.EC_P256)
    assert caught.value.code == "KEY_EXISTS"
    assert keys.public_key("key_1") == first


@pytest.mark.parametrize(
    "call",
    [
        lambda keys: keys.public_key("key_x"),
        lambda keys: keys.sign("key_x", b"", SignatureAlgorithm.ECDSA_SHA256),
        lambda keys: keys.destroy("key_x"),
    ],
)
def test_an_unknown_key_is_named_as_such(keys: KeyStore, call: Callable[[KeyStore], object]) -> None:
    with pytest.raises(KeyNotFound) as caught:
        call(keys)
    assert caught.value.code == "KEY_NOT_FOUND"


def test_a_destroyed_key_signs_nothing_more(keys: KeyStore) -> None:
    keys.generate("key_1", KeyKind.EC_P256)
    keys.destroy("key_1")
    with pytest.raises(KeyNotFound):
        keys.sign("key_1", b"x", SignatureAlgorithm.ECDSA_SHA256)
    with pytest.raises(KeyNotFound):
        keys.destroy("key_1")


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [
        (kind, algorithm)
        for kind in KeyKind
        for algorithm in SignatureAlgorithm
        if algorithm is not ALGORITHM_OF_KIND[kind] and kind is not KeyKind.RSA_3072
    ],
)
def test_a_key_signs_only_with_its_own_algorithm(keys: KeyStore, kind: KeyKind, algorithm: SignatureAlgorithm) -> None:
    keys.generate("key_1", kind)
    with pytest.raises(AlgorithmNotSupported) as caught:
        keys.sign("key_1", b"x", algorithm)
    assert caught.value.code == "KEY_ALGORITHM"


@pytest.mark.parametrize("key_id", ["", "Key", "../key", "key 1", "k" * 65, "khóa", ".key"])
def test_an_id_that_could_be_a_path_or_an_alias_is_refused(keys: KeyStore, key_id: str) -> None:
    with pytest.raises(ValueError, match="key id"):
        keys.generate(key_id, KeyKind.EC_P256)


def test_of_two_that_generate_under_one_id_one_wins(keys: KeyStore) -> None:
    made: list[bytes] = []
    lost: list[str] = []

    def generate() -> None:
        try:
            made.append(keys.generate("key_1", KeyKind.EC_P256))
        except KeyExists as err:
            lost.append(err.code)

    threads = [threading.Thread(target=generate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert lost == ["KEY_EXISTS"] * 3
    assert keys.public_key("key_1") == made[0]


def test_a_table_that_is_not_there_is_no_free_id(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    keys = SoftwareKeyStore(keys_sql.KeyBlobsSql(database.transaction, database.reading), b"k" * 32)
    with pytest.raises(sa.exc.OperationalError):
        keys.generate("key_1", KeyKind.EC_P256)
    database.close()
