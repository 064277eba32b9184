"""The contract of every HashKeyStore: a hash is signed as its message would be, and nothing that is no such hash."""

import hashlib
from typing import Any

import pytest

from signing.errors import AlgorithmNotSupported, KeyNotFound
from signing.keys import ALGORITHM_OF_KIND, HashKeyStore, KeyKind, SignatureAlgorithm
from tests.contracts.test_key_store import _verify, case, key_id, keys  # noqa: F401 - fixtures of the same contract

_MAKERS = {KeyKind.EC_P256: hashlib.sha256, KeyKind.EC_P384: hashlib.sha384, KeyKind.RSA_3072: hashlib.sha256}


@pytest.mark.parametrize("kind", list(_MAKERS))
def test_a_hash_is_signed_as_its_message(keys: HashKeyStore, key_id: str, kind: KeyKind) -> None:  # noqa: F811 - as above
    spki = keys.generate(key_id, kind)
    algorithm = ALGORITHM_OF_KIND[kind]
    for message in (b"one", b"two"):
        _verify(spki, keys.sign_hash(key_id, _MAKERS[kind](message).digest(), algorithm), message, algorithm)
    keys.destroy(key_id)


def test_what_is_no_hash_of_the_key_s_kind_is_refused(keys: HashKeyStore, key_id: str) -> None:  # noqa: F811 - as above
    keys.generate(key_id, KeyKind.EC_P256)
    wrong: list[tuple[int, Any]] = [
        (31, SignatureAlgorithm.ECDSA_SHA256),
        (33, SignatureAlgorithm.ECDSA_SHA256),
        (48, SignatureAlgorithm.ECDSA_SHA256),
        (48, SignatureAlgorithm.ECDSA_SHA384),
        (32, SignatureAlgorithm.RSASSA_PSS_SHA256),
        (32, SignatureAlgorithm.ML_DSA_65),
    ]
    for size, algorithm in wrong:
        with pytest.raises(AlgorithmNotSupported):
            keys.sign_hash(key_id, bytes(size), algorithm)
    with pytest.raises(KeyNotFound):
        keys.sign_hash("key_none", bytes(32), SignatureAlgorithm.ECDSA_SHA256)
    keys.destroy(key_id)
