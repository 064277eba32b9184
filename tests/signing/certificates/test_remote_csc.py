"""The protocol's core as a client: whatever a provider says, values are verified or none is given."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding

from signing.errors import RemoteCredentialChanged, RemoteHolderAway, RemoteSignerUnavailable, SignatureValueWrong
from signing.keys import SignatureAlgorithm
from signing.keys.identifiers import PSS_PARAMETERS, SIGNATURE_OID
from signing.keys.remote_csc import Patience, RemoteCredential, most_at_once, sign_at_provider
from tests.fakes.small_pki import SmallPki, _name

MESSAGES = (b"first attributes", b"second attributes")
PKI = SmallPki()


class Port:
    """A provider in this process; `told` replaces its answers by method."""

    def __init__(self, key: Any, *, version_2: bool = False, **told: Any) -> None:
        self.key, self.is_version_2, self.told = key, version_2, told
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        subject = _name(c="VN", cn="Nguyễn Thị Ánh")
        self.certificate = PKI.certificate(subject, key.public_key(), PKI.ca).public_bytes(Encoding.DER)

    def post(self, method: str, body: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        self.asked.append((method, body))
        name = method.rpartition("/")[2]
        if name in self.told:
            return 200, self.told[name]
        return 200, getattr(self, name)(body)

    def info(self, _: Mapping[str, Any]) -> dict[str, Any]:
        shown = [base64.b64encode(self.certificate).decode()]
        algorithm = SIGNATURE_OID[algorithm_of(self.key)]
        return {"key": {"status": "enabled", "algo": [algorithm]}, "cert": {"certificates": shown}, "multisign": 5}

    def authorize(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {"SAD": "sad"}

    def signHash(self, body: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802 - the standard's name
        given = [base64.b64decode(one) for one in body.get("hash") or body["hashes"]]
        return {"signatures": [base64.b64encode(self._signed(one)).decode() for one in given]}

    def _signed(self, value: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
            return self.key.sign(value, pss, utils.Prehashed(hashes.SHA256()))
        digest = hashes.SHA384() if self.key.curve.name == "secp384r1" else hashes.SHA256()
        return bytes(self.key.sign(value, ec.ECDSA(utils.Prehashed(digest))))


def algorithm_of(key: Any) -> SignatureAlgorithm:
    if isinstance(key, rsa.RSAPrivateKey):
        return SignatureAlgorithm.RSASSA_PSS_SHA256
    is_p384 = key.curve.name == "secp384r1"
    return SignatureAlgorithm.ECDSA_SHA384 if is_p384 else SignatureAlgorithm.ECDSA_SHA256


def credential(port: Port) -> RemoteCredential:
    return RemoteCredential(credential_id="c", certificate=port.certificate, algorithm=algorithm_of(port.key))


def signed(port: Port, **more: Any) -> tuple[bytes, ...]:
    waits: list[float] = more.pop("waits", [])
    patience = Patience(seconds=6, pause=waits.append)
    return sign_at_provider(port, credential(port), MESSAGES, code=more.pop("code", None), patience=patience)


KEYS = {
    "p256": ec.generate_private_key(ec.SECP256R1()),
    "p384": ec.generate_private_key(ec.SECP384R1()),
    "rsa": rsa.generate_private_key(65537, 3072),
}


@pytest.mark.parametrize("kind", list(KEYS))
@pytest.mark.parametrize("version_2", [False, True])
def test_every_kind_of_key_signs_a_batch_by_the_names_of_its_version(kind: str, *, version_2: bool) -> None:
    port = Port(KEYS[kind], version_2=version_2)
    assert len(signed(port, code="123")) == len(MESSAGES)
    _, authorised = port.asked[1]
    _, asked = port.asked[2]
    digest = hashlib.sha384 if kind == "p384" else hashlib.sha256
    wanted = [base64.b64encode(digest(one).digest()).decode() for one in MESSAGES]
    assert (authorised["numSignatures"], asked["hashes" if version_2 else "hash"]) == (2, wanted)
    assert ("authData" in authorised, "OTP" in authorised) == (version_2, not version_2)
    assert ("signAlgoParams" in asked) == (kind == "rsa")
    if kind == "rsa":
        assert base64.b64decode(asked["signAlgoParams"]) == PSS_PARAMETERS


def test_a_value_of_bare_numbers_is_understood() -> None:
    port = Port(KEYS["p256"])

    def bare(body: Mapping[str, Any]) -> dict[str, Any]:
        values = [port._signed(base64.b64decode(one)) for one in body["hash"]]
        pairs = [utils.decode_dss_signature(one) for one in values]
        raw = [r.to_bytes(32, "big") + s.to_bytes(32, "big") for r, s in pairs]
        return {"signatures": [base64.b64encode(one).decode() for one in raw]}

    port.signHash = bare  # type: ignore[method-assign] # what some devices behind providers give
    assert len(signed(port)) == len(MESSAGES)


def test_the_holder_is_waited_for_as_long_as_it_was_said() -> None:
    waits: list[float] = []
    port = Port(KEYS["p256"], authorize={"handle": "h"}, authorizeCheck={"handle": "h"})
    with pytest.raises(RemoteHolderAway):
        signed(port, waits=waits)
    assert sum(waits) == 6
    late = Port(KEYS["p256"], authorize={"handle": "h"}, authorizeCheck={"SAD": "s"})
    assert len(signed(late)) == len(MESSAGES)


@pytest.mark.parametrize(
    "told",
    [
        {"info": {}},
        {"info": {"key": [], "cert": {}}},
        {"info": {"key": {}, "cert": {"certificates": []}}},
        {"info": {"key": {}, "cert": {"certificates": ["*"]}}},
        {"info": {"key": {}, "cert": {"certificates": [7]}}},
        {"info": {"key": {}, "cert": {"certificates": ["ấn"]}}},
        {"info": {"key": {}, "cert": {"certificates": ["A" * 70_000]}}},
        {"authorize": {"SAD": ""}},
        {"authorize": {"SAD": 7}},
        {"authorize": {"SAD": "x" * 5000}},
        {"authorize": {}},
        {"signHash": {"signatures": ["*", "*"]}},
        {"signHash": {"signatures": [1, 2]}},
        {"signHash": {"signatures": ["A" * 4096] * 2}},
    ],
)
def test_what_cannot_be_read_is_no_answer(told: dict[str, Any]) -> None:
    with pytest.raises(RemoteSignerUnavailable):
        signed(Port(KEYS["p256"], **told))


@pytest.mark.parametrize("most", [0, -1, "5", None])
def test_a_provider_that_does_not_say_how_many_is_no_provider(most: object) -> None:
    port = Port(KEYS["p256"])
    port.told["info"] = port.info({}) | {"multisign": most}
    with pytest.raises(RemoteSignerUnavailable):
        most_at_once(port, credential(port))


@pytest.mark.parametrize(
    "key", [{"status": "disabled"}, {"algo": []}, {"algo": "1.2.840.10045.4.3.2"}, {"status": None}]
)
def test_a_key_that_does_not_sign_as_registered_is_another_one(key: dict[str, object]) -> None:
    port = Port(KEYS["p256"])
    usual = port.info({})
    port.told["info"] = usual | {"key": usual["key"] | key}
    with pytest.raises(RemoteCredentialChanged):
        signed(port)
    assert [method for method, _ in port.asked] == ["credentials/info"]


@pytest.mark.parametrize(
    "given", [None, [], [base64.b64encode(b"x").decode()], [base64.b64encode(b"x").decode()] * 2, [""] * 2]
)
def test_values_that_the_key_did_not_make_are_none(given: object) -> None:
    with pytest.raises(SignatureValueWrong):
        signed(Port(KEYS["p256"], signHash={"signatures": given}))
