"""A device's library that does not end, does not start, or is not given back: told in time, and used again after."""

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from signing.errors import KeyUnavailable
from signing.keys import KeyKind, SignatureAlgorithm
from signing.keys import module as library
from signing.keys.device import Device, DeviceAddress
from signing.keys.module import Module, load_module
from signing.keys.resident import ResidentKeyStore
from tests.servers.softhsm import SoftHsm

pytestmark = pytest.mark.service
SIGN = SignatureAlgorithm.ECDSA_SHA256


class Failing:
    """The vendor's library, with one call that answers an error."""

    def __init__(self, real: Any, **answers: int) -> None:
        self._real, self._answers = real, answers

    def __getattr__(self, name: str) -> Any:
        if name in self._answers:
            return lambda *_: self._answers[name]
        return getattr(self._real, name)


@pytest.fixture
def module(softhsm: SoftHsm) -> Module:
    return load_module(softhsm.library)


@pytest.fixture
def store(softhsm: SoftHsm) -> Iterator[ResidentKeyStore]:
    token = softhsm.new_token()
    device = Device(DeviceAddress(library=softhsm.library, token=token, pin_file=softhsm.pin_file))
    yield ResidentKeyStore(device)
    device.close()


def require_it_signs(store: ResidentKeyStore, spki: bytes) -> None:
    key = load_der_public_key(spki)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(store.sign("hsm_a", b"x", SIGN), b"x", ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize(
    ("answers", "told"),
    [({"C_Finalize": 0x05}, "does not end: CKR 0x5"), ({"C_Initialize": 0x30}, "not start: CKR 0x30")],
)
def test_a_library_that_fails_to_restart_is_unavailable_and_comes_back(
    module: Module, store: ResidentKeyStore, monkeypatch: pytest.MonkeyPatch, answers: dict[str, int], told: str
) -> None:
    spki = store.generate("hsm_a", KeyKind.EC_P256)
    epoch = module.epoch
    with monkeypatch.context() as patch:
        patch.setattr(module, "_raw", Failing(module._raw, **answers))
        with pytest.raises(KeyUnavailable, match=told) as caught:
            module.restart(epoch)
    assert caught.value.retryable
    assert module.epoch == epoch
    require_it_signs(store, spki)  # the next use starts what was ended


def test_a_library_that_cannot_be_started_at_all_is_not_kept(
    softhsm: SoftHsm, store: ResidentKeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    spki = store.generate("hsm_a", KeyKind.EC_P256)
    with monkeypatch.context() as patch:
        real = library.ctypes.CDLL
        patch.setattr(library.ctypes, "CDLL", lambda name: Failing(real(name), C_Initialize=0x05))
        with pytest.raises(KeyUnavailable, match="does not start"):
            Module(softhsm.library)
    require_it_signs(store, spki)


def test_a_call_that_does_not_come_back_holds_a_restart_up_only_so_long(
    module: Module, store: ResidentKeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    spki = store.generate("hsm_a", KeyKind.EC_P256)
    monkeypatch.setattr(library, "_RESTART_WAIT_S", 0.05)
    with module.in_use() as epoch, pytest.raises(KeyUnavailable, match="do not come back"):
        module.restart(epoch)
    assert module.epoch == epoch
    require_it_signs(store, spki)


def test_who_comes_during_a_restart_waits_only_so_long(
    module: Module, store: ResidentKeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    spki = store.generate("hsm_a", KeyKind.EC_P256)
    with module.in_use() as epoch:
        restarting = threading.Thread(target=module.restart, args=(epoch,))
        restarting.start()
        while not module._is_restarting:
            pass
        monkeypatch.setattr(library, "_RESTART_WAIT_S", 0.05)
        with pytest.raises(KeyUnavailable, match="is being restarted"), module.in_use():
            pass
    restarting.join(timeout=20)
    assert module.epoch == epoch + 1
    require_it_signs(store, spki)


def test_of_two_who_saw_the_same_accident_one_restarts(module: Module) -> None:
    epoch = module.epoch
    module.restart(epoch)
    module.restart(epoch)
    assert module.epoch == epoch + 1


def test_a_forked_child_whose_library_does_not_start_hears_it(module: Module, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, "_pid", os.getpid() + 1)  # as a child finds it
        patch.setattr(module, "_raw", Failing(module._raw, C_Initialize=0x05))
        patch.setattr(module, "_lock", threading.Condition())
        with pytest.raises(KeyUnavailable, match="does not start"), module.in_use():
            pass
    module.restart(module.epoch)
    with module.in_use() as epoch:
        assert epoch == module.epoch
