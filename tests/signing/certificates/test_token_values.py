"""What a holder's token gives: values in either form, keys found by certificate or by public key, PINs offered once."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import AlgorithmNotSupported, KeyDamaged, KeyLoginRefused, KeyNotFound, KeyUnavailable
from signing.keys import SignatureAlgorithm
from signing.keys.holder_token import open_token, tries_are_few
from signing.keys.values import MAX_VALUE_BYTES, fitting_value
from tests.fakes.small_pki import SmallPki
from tests.servers.own_token import make_token
from tests.servers.softhsm import LIBRARY

P256, P384 = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1())
CURVES = {
    SignatureAlgorithm.ECDSA_SHA256: (P256, ec.ECDSA(hashes.SHA256()), 32),
    SignatureAlgorithm.ECDSA_SHA384: (P384, ec.ECDSA(hashes.SHA384()), 48),
}


def spki(key: Any) -> bytes:
    return bytes(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


@pytest.fixture(scope="module")
def certify() -> Callable[[Any], bytes]:
    pki = SmallPki()

    def certificate(key: Any) -> bytes:
        made = pki.certificate(pki.ca.name, key.public_key(), pki.ca)
        return bytes(made.public_bytes(Encoding.DER))

    return certificate


@pytest.mark.parametrize("algorithm", CURVES)
@given(data=st.binary(max_size=64))
def test_two_bare_numbers_and_der_are_the_same_value(algorithm: SignatureAlgorithm, data: bytes) -> None:
    key, scheme, size = CURVES[algorithm]
    der = key.sign(data, scheme)
    r, s = decode_dss_signature(der)
    raw = r.to_bytes(size, "big") + s.to_bytes(size, "big")
    assert fitting_value(spki(key), data, raw, algorithm) == der
    assert fitting_value(spki(key), data, der, algorithm) == der
    assert fitting_value(spki(key), data + b"x", raw, algorithm) is None


@given(value=st.binary(max_size=200))
def test_whatever_else_comes_is_no_value_and_no_error(value: bytes) -> None:
    for algorithm, (key, _, _) in CURVES.items():
        assert fitting_value(spki(key), b"data", value, algorithm) is None


def test_a_value_is_bound_to_its_algorithm_and_its_length() -> None:
    der = P256.sign(b"data", ec.ECDSA(hashes.SHA256()))
    assert fitting_value(spki(P256), b"data", der, SignatureAlgorithm.ECDSA_SHA384) is None
    assert fitting_value(spki(P256), b"data", b"\x00" * (MAX_VALUE_BYTES + 1), SignatureAlgorithm.ECDSA_SHA256) is None
    wide = P384.sign(b"data", ec.ECDSA(hashes.SHA256()))  # another hash than goes with the curve
    assert fitting_value(spki(P384), b"data", wide, SignatureAlgorithm.ECDSA_SHA384) is None
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    old = key.sign(b"data", padding.PKCS1v15(), hashes.SHA256())
    assert fitting_value(spki(key), b"data", old, SignatureAlgorithm.RSASSA_PSS_SHA256) is None


def test_a_token_signs_with_the_key_of_its_certificate(softhsm: Any, certify: Callable[[Any], bytes]) -> None:
    for key in (P256, P384, rsa.generate_private_key(public_exponent=65537, key_size=3072)):
        token = make_token(softhsm, key, certify(key))
        with open_token(token.library, token.label, token.pin) as opened:
            assert opened.certificates() == (token.certificate,)
            found = opened.key_of(token.certificate)
            assert fitting_value(spki(key), b"data", opened.sign(found, b"data"), found.algorithm) is not None
            assert token.pin not in repr(opened)


def test_a_key_is_found_by_its_public_key_where_the_token_has_no_certificate(
    softhsm: Any, certify: Callable[[Any], bytes]
) -> None:
    certificate = certify(P256)
    token = make_token(softhsm, P256, certificate, keeps_certificate=False)
    with open_token(token.library, token.label, token.pin) as opened:
        assert opened.certificates() == ()
        assert opened.sign(opened.key_of(certificate), b"data")
        with pytest.raises(KeyNotFound):
            opened.key_of(certify(ec.generate_private_key(ec.SECP256R1())))
        with pytest.raises(AlgorithmNotSupported):
            opened.key_of(certify(rsa.generate_private_key(public_exponent=65537, key_size=2048)))


def test_a_certificate_beside_another_ones_key_signs_nothing(softhsm: Any, certify: Callable[[Any], bytes]) -> None:
    """The token names them by one id, yet they do not belong together: found out before the value leaves."""
    certificate = certify(ec.generate_private_key(ec.SECP256R1()))
    token = make_token(softhsm, P256, certificate)
    with open_token(token.library, token.label, token.pin) as opened, pytest.raises(KeyDamaged):
        opened.sign(opened.key_of(certificate), b"data")


def test_a_wrong_pin_a_token_that_is_away_and_one_of_several_are_told_apart(
    softhsm: Any, certify: Callable[[Any], bytes]
) -> None:
    token = make_token(softhsm, P256, certify(P256))
    with pytest.raises(KeyLoginRefused) as refused, open_token(token.library, token.label, "sai"):
        pass
    assert "sai" not in str(refused.value)
    assert refused.value.__cause__ is None  # no trace that could repeat the PIN
    for label in ("none", None):
        with pytest.raises(KeyUnavailable), open_token(LIBRARY, label, token.pin):
            pass
    with pytest.raises(KeyUnavailable), open_token(LIBRARY.with_name("none.so"), None, token.pin):
        pass
    with open_token(token.library, token.label, token.pin):
        assert tries_are_few(token.library, token.label) in {True, False}
        with open_token(token.library, token.label, token.pin) as second:  # the same process is logged in already
            assert second.certificates()
