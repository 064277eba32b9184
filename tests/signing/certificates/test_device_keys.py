"""What the contract of key stores cannot ask of software: a token that goes away, rows that were tampered with."""

import contextlib
import ctypes
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pkcs11 import Attribute, KeyType, MechanismFlag, ObjectClass
from pkcs11.util.ec import encode_named_curve_parameters

from signing.ca import credential_of
from signing.errors import (
    AlgorithmNotSupported,
    KeyDamaged,
    KeyExists,
    KeyLoginRefused,
    KeyNotFound,
    KeyStoreError,
    KeyUnavailable,
)
from signing.keys import (
    KeyKind,
    MemoryBlobs,
    SignatureAlgorithm,
    WrappedKey,
    kind_of,
    kind_of_spki,
    require_key_of,
)
from signing.keys.device import Device, DeviceAddress
from signing.keys.mechanisms import generate_pair, hash_of, public_bytes, require_match, wrap
from signing.keys.resident import ResidentKeyStore
from signing.keys.wrapped import WrappedKeyStore
from tests.servers.softhsm import SoftHsm
from tests.signing.certificates.hierarchy import Samples

pytestmark = pytest.mark.service
SIGN = SignatureAlgorithm.ECDSA_SHA256


@dataclass
class Vault:
    """A token of this test's own with both stores."""

    hsm: SoftHsm
    token: str
    device: Device
    blobs: MemoryBlobs
    wrapped: WrappedKeyStore
    resident: ResidentKeyStore

    def row(self, key_id: str) -> WrappedKey:
        found = self.blobs.get(key_id)
        assert found is not None
        return found

    def put(self, key_id: str, row: WrappedKey) -> None:
        self.blobs.remove(key_id)
        assert self.blobs.add(key_id, row)

    def address(self, **more: object) -> DeviceAddress:
        values = {"library": self.hsm.library, "token": self.token, "pin_file": self.hsm.pin_file, "sessions": 2}
        return DeviceAddress(**(values | more))  # type: ignore[arg-type] # each test knows its fields

    def session_keys(self) -> int:
        """How many private keys lie in the token without being kept in it."""
        with self.device.seat() as seat:
            wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.TOKEN: False}
            return len(list(seat.session.get_objects(wanted)))


@pytest.fixture
def vault(softhsm: SoftHsm) -> Iterator[Vault]:
    token = softhsm.new_token()
    device = Device(
        DeviceAddress(library=softhsm.library, token=token, pin_file=softhsm.pin_file, sessions=2, wait_s=3.0)
    )
    blobs = MemoryBlobs()
    wrapped = WrappedKeyStore(device, blobs, label="test")
    wrapped.generations.make_next()
    yield Vault(softhsm, token, device, blobs, wrapped, ResidentKeyStore(device))
    wrapped.close()
    device.close()


def verify(spki: bytes, signature: bytes, data: bytes) -> None:
    key = load_der_public_key(spki)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(signature, data, ec.ECDSA(hashes.SHA256()))


def test_two_wrapped_keys_that_were_exchanged_sign_nothing(vault: Vault) -> None:
    for key_id in ("key_a", "key_b"):
        vault.wrapped.generate(key_id, KeyKind.EC_P256)
    a, b = vault.row("key_a"), vault.row("key_b")
    exchanges: tuple[tuple[WrappedKey, WrappedKey], ...] = (
        (b, a),
        (replace(a, wrapped=b.wrapped), replace(b, wrapped=a.wrapped)),
        (replace(a, wrapped=b.wrapped, spki=b.spki), replace(b, wrapped=a.wrapped, spki=a.spki)),
        (replace(a, wrapped=b.wrapped, binding=b.binding), replace(b, wrapped=a.wrapped, binding=a.binding)),
    )
    for row_a, row_b in exchanges:
        vault.put("key_a", row_a)
        vault.put("key_b", row_b)
        for key_id in ("key_a", "key_b"):
            with pytest.raises(KeyDamaged) as caught:
                vault.wrapped.sign(key_id, b"x", SIGN)
            assert caught.value.code == "KEY_DAMAGED"
            with pytest.raises(KeyDamaged):
                vault.wrapped.public_key(key_id)
    assert vault.session_keys() == 0


@pytest.mark.parametrize("part", ["spki", "wrapped", "binding"])
@pytest.mark.parametrize("where", [0, -1])
def test_a_changed_octet_anywhere_in_a_row_is_noticed(vault: Vault, part: str, where: int) -> None:
    vault.wrapped.generate("key_a", KeyKind.EC_P256)
    row = vault.row("key_a")
    octets = bytearray(getattr(row, part))
    octets[where] ^= 1
    vault.put("key_a", replace(row, **{part: bytes(octets)}))
    with pytest.raises(KeyDamaged):
        vault.wrapped.sign("key_a", b"x", SIGN)


@pytest.mark.parametrize(
    "change",
    [
        lambda row: replace(row, kind=KeyKind.EC_P384),
        lambda row: replace(row, kek_id="kek-7"),
        lambda row: replace(row, kek_id="../kek"),
        lambda row: replace(row, binding=b""),
        lambda row: replace(row, wrapped=b""),
        lambda row: replace(row, wrapped=row.wrapped[:-8]),
    ],
)
def test_a_row_that_is_not_what_was_written_is_refused(
    vault: Vault, change: Callable[[WrappedKey], WrappedKey]
) -> None:
    vault.wrapped.generate("key_a", KeyKind.EC_P256)
    vault.put("key_a", change(vault.row("key_a")))
    for algorithm in (SIGN, SignatureAlgorithm.ECDSA_SHA384):
        with pytest.raises((KeyDamaged, AlgorithmNotSupported)):
            vault.wrapped.sign("key_a", b"x", algorithm)


def test_a_row_of_the_token_s_own_making_with_the_wrong_public_key_gives_no_signature(vault: Vault) -> None:
    """The binding holds, the pair does not: what a fault or a defect in the token would look like."""
    vault.wrapped.generate("key_a", KeyKind.EC_P256)
    vault.wrapped.generate("key_b", KeyKind.EC_P256)
    forged = replace(vault.row("key_a"), spki=vault.row("key_b").spki)
    with vault.device.seat() as seat:
        generation = vault.wrapped.generations.newest(seat)
        forged = replace(forged, binding=generation.bind("key_a", forged))
    vault.put("key_a", forged)
    with pytest.raises(KeyDamaged):
        vault.wrapped.sign("key_a", b"x", SIGN)
    assert vault.session_keys() == 0


def test_a_blob_that_the_key_encryption_key_did_not_make_is_refused(vault: Vault) -> None:
    vault.wrapped.generate("key_a", KeyKind.EC_P256)
    forged = replace(vault.row("key_a"), wrapped=secrets.token_bytes(80))
    with vault.device.seat() as seat:
        forged = replace(forged, binding=vault.wrapped.generations.newest(seat).bind("key_a", forged))
    vault.put("key_a", forged)
    with pytest.raises((KeyDamaged, KeyUnavailable)):
        vault.wrapped.sign("key_a", b"x", SIGN)


def test_nothing_of_a_holder_s_key_stays_in_the_token(vault: Vault) -> None:
    vault.wrapped.generate("key_a", KeyKind.EC_P256)
    assert vault.session_keys() == 0
    vault.wrapped.sign("key_a", b"x", SIGN)
    assert vault.session_keys() == 0
    with pytest.raises(AlgorithmNotSupported):
        vault.wrapped.sign("key_a", b"x", SignatureAlgorithm.ECDSA_SHA384)
    assert vault.session_keys() == 0


def test_a_key_that_stays_open_for_a_batch_is_gone_soon_after(vault: Vault) -> None:
    store = WrappedKeyStore(vault.device, vault.blobs, label="test", open_for_s=0.3)
    spki = store.generate("key_a", KeyKind.EC_P256)
    store.generate("key_b", KeyKind.EC_P256)
    for number in range(3):
        verify(spki, store.sign("key_a", b"%d" % number, SIGN), b"%d" % number)
    assert vault.session_keys() == 1
    store.sign("key_b", b"x", SIGN)
    assert vault.session_keys() <= 2  # one a session, and there are two sessions
    deadline = time.monotonic() + 5
    while vault.session_keys() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert vault.session_keys() == 0
    verify(spki, store.sign("key_a", b"x", SIGN), b"x")
    store.close()
    assert vault.session_keys() == 0


def test_an_open_key_does_not_outlive_its_row(vault: Vault) -> None:
    store = WrappedKeyStore(vault.device, vault.blobs, label="test", open_for_s=30.0)
    store.generate("key_a", KeyKind.EC_P256)
    store.generate("key_b", KeyKind.EC_P256)
    store.sign("key_a", b"x", SIGN)
    vault.put("key_a", vault.row("key_b"))
    with pytest.raises(KeyDamaged):
        store.sign("key_a", b"x", SIGN)
    store.destroy("key_a")
    with pytest.raises(KeyNotFound):
        store.sign("key_a", b"x", SIGN)
    store.close()


def test_a_resident_key_can_be_neither_read_nor_wrapped(vault: Vault) -> None:
    vault.resident.generate("hsm_a", KeyKind.EC_P256)
    with vault.device.seat() as seat:
        (private,) = seat.session.get_objects({Attribute.LABEL: "hsm_a", Attribute.CLASS: ObjectClass.PRIVATE_KEY})
        assert private[Attribute.SENSITIVE]
        assert not private[Attribute.EXTRACTABLE]
        assert private[Attribute.ID] == b"hsm_a"
        with pytest.raises(pkcs11.PKCS11Error):
            private[Attribute.VALUE]
        with pytest.raises(pkcs11.PKCS11Error):
            wrap(vault.wrapped.generations.newest(seat).wrapping, private)
    assert vault.resident.ids() == ("hsm_a",)


def test_a_key_encryption_key_can_be_neither_read_nor_wrapped(vault: Vault) -> None:
    with vault.device.seat() as seat:
        generation = vault.wrapped.generations.newest(seat)
        for key in (generation.wrapping, generation.binding):
            assert key[Attribute.SENSITIVE]
            with pytest.raises(pkcs11.PKCS11Error):
                key[Attribute.VALUE]
            with pytest.raises(pkcs11.PKCS11Error):
                wrap(generation.wrapping, key)


def test_a_label_with_two_key_pairs_is_no_key(vault: Vault) -> None:
    vault.resident.generate("hsm_a", KeyKind.EC_P256)
    with vault.device.seat() as seat:
        generate_pair(seat.session, KeyKind.EC_P256, label="hsm_a", resident=True)
    with pytest.raises(KeyDamaged):
        vault.resident.sign("hsm_a", b"x", SIGN)
    with pytest.raises(KeyExists):
        vault.resident.generate("hsm_a", KeyKind.EC_P256)


def test_a_key_that_could_leave_the_token_is_not_used_as_resident(vault: Vault) -> None:
    with vault.device.seat() as seat:
        parameters = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
        domain = seat.session.create_domain_parameters(KeyType.EC, parameters, local=True)
        domain.generate_keypair(
            store=True,
            label="hsm_a",
            id=b"hsm_a",
            capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
            mechanism=pkcs11.Mechanism.EC_KEY_PAIR_GEN,
            private_template={Attribute.EXTRACTABLE: True},
        )
    with pytest.raises(KeyDamaged):
        vault.resident.sign("hsm_a", b"x", SIGN)


def test_a_curve_that_is_none_of_ours_is_refused(vault: Vault) -> None:
    with vault.device.seat() as seat:
        parameters = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp521r1")}
        domain = seat.session.create_domain_parameters(KeyType.EC, parameters, local=True)
        domain.generate_keypair(
            store=True,
            label="hsm_a",
            id=b"hsm_a",
            capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
            mechanism=pkcs11.Mechanism.EC_KEY_PAIR_GEN,
            private_template={Attribute.EXTRACTABLE: False},
        )
    with pytest.raises(KeyDamaged):
        vault.resident.public_key("hsm_a")


@pytest.mark.parametrize("form", ["bare", "short", "compressed", "off the curve"])
def test_the_two_forms_of_a_point_are_read_and_no_other(form: str) -> None:
    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    raw = b"\x04" + point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")
    value = {
        "bare": raw,
        "short": b"\x04\x20" + raw[:32],
        "compressed": b"\x04\x21\x02" + raw[1:33],
        "off the curve": b"\x04\x41" + raw[:-1] + bytes((raw[-1] ^ 1,)),
    }[form]
    public = {
        Attribute.KEY_TYPE: KeyType.EC,
        Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1"),
        Attribute.EC_POINT: value,
    }
    if form == "bare":
        assert kind_of_spki(public_bytes(public)) is KeyKind.EC_P256
        return
    with pytest.raises(KeyDamaged):
        public_bytes(public)


def test_a_signature_of_another_key_is_noticed_for_rsa_too(vault: Vault) -> None:
    spki = vault.wrapped.generate("key_r", KeyKind.RSA_3072)
    signature = vault.wrapped.sign("key_r", b"x", SignatureAlgorithm.RSASSA_PSS_SHA256)
    algorithm = SignatureAlgorithm.RSASSA_PSS_SHA256
    require_match(spki, hash_of(b"x", algorithm), signature, algorithm)
    with pytest.raises(KeyDamaged):
        require_match(spki, hash_of(b"y", algorithm), signature, algorithm)


# --- the token goes away -------------------------------------------------------------------------------------------


def _close_all_sessions(vault: Vault) -> None:
    with vault.device.seat() as seat:
        slot = seat.session.token.slot.slot_id
    assert ctypes.CDLL(str(vault.hsm.library)).C_CloseAllSessions(ctypes.c_ulong(slot)) == 0


def _end_library(vault: Vault) -> None:
    assert ctypes.CDLL(str(vault.hsm.library)).C_Finalize(None) == 0


def _log_out(vault: Vault) -> None:
    with vault.device.seat() as seat:
        assert ctypes.CDLL(str(vault.hsm.library)).C_Logout(ctypes.c_ulong(seat.session.handle)) == 0


@pytest.mark.parametrize("accident", [_close_all_sessions, _end_library, _log_out])
@pytest.mark.parametrize("store", ["resident", "wrapped"])
def test_a_device_that_lost_us_while_nobody_signed_takes_us_back_unnoticed(
    vault: Vault, accident: Callable[[Vault], None], store: str
) -> None:
    keys: ResidentKeyStore | WrappedKeyStore = getattr(vault, store)
    key_id = f"{'hsm' if store == 'resident' else 'key'}_a"
    spki = keys.generate(key_id, KeyKind.EC_P256)
    keys.sign(key_id, b"x", SIGN)
    accident(vault)
    verify(spki, keys.sign(key_id, b"x", SIGN), b"x")
    accident(vault)
    assert keys.public_key(key_id) == spki
    accident(vault)
    with pytest.raises(KeyNotFound):
        keys.public_key(key_id + "2")


@pytest.mark.parametrize(
    "what", [pkcs11.DeviceRemoved, pkcs11.SessionHandleInvalid, pkcs11.TokenNotPresent, pkcs11.DeviceError]
)
def test_a_device_that_goes_away_in_the_middle_is_unavailable_once_and_then_works_again(
    vault: Vault, what: type[pkcs11.PKCS11Error]
) -> None:
    spki = vault.resident.generate("hsm_a", KeyKind.EC_P256)
    with pytest.raises(KeyUnavailable) as caught, vault.device.seat():
        raise what
    assert caught.value.code == "KEY_UNAVAILABLE"
    assert caught.value.retryable
    assert vault.hsm.pin not in str(caught.value)
    verify(spki, vault.resident.sign("hsm_a", b"x", SIGN), b"x")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # python-pkcs11 ends a dead search
def test_a_token_that_was_pulled_out_is_waited_for_and_works_when_it_is_back(vault: Vault) -> None:
    spki = vault.resident.generate("hsm_a", KeyKind.EC_P256)
    vault.wrapped.generate("key_a", KeyKind.EC_P256)
    away = vault.hsm.folder / "away"
    vault.hsm.tokens.rename(away)
    vault.hsm.tokens.mkdir()
    try:
        _end_library(vault)
        for _ in range(3):
            with pytest.raises(KeyUnavailable):
                vault.resident.sign("hsm_a", b"x", SIGN)
            with pytest.raises(KeyUnavailable):
                vault.wrapped.sign("key_a", b"x", SIGN)
    finally:
        vault.hsm.tokens.rmdir()
        away.rename(vault.hsm.tokens)
    verify(spki, vault.resident.sign("hsm_a", b"x", SIGN), b"x")
    vault.wrapped.sign("key_a", b"x", SIGN)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # as above
def test_an_accident_between_the_signatures_of_many_threads_is_survived_by_every_one(vault: Vault) -> None:
    spki = vault.wrapped.generate("key_a", KeyKind.EC_P256)
    stop, may_begin, busy = threading.Event(), threading.Event(), threading.Semaphore(4)
    may_begin.set()

    def work(number: int) -> int:
        done = 0
        while not stop.is_set():
            may_begin.wait(timeout=20)
            data = f"{number}/{done}".encode()
            with busy, contextlib.suppress(KeyUnavailable):  # said once at most, then the device is found again
                verify(spki, vault.wrapped.sign("key_a", data, SIGN), data)
                done += 1
        return done

    with ThreadPoolExecutor(4) as threads:
        running = [threads.submit(work, number) for number in range(4)]
        for _ in range(3):
            time.sleep(0.1)
            # SoftHSM itself may crash when sessions are closed under a running call: the accident comes in between
            may_begin.clear()
            with contextlib.ExitStack() as idle:
                idle.callback(may_begin.set)
                for _seat in range(4):
                    idle.enter_context(busy)
                with vault.device.seat() as seat:
                    slot = seat.session.token.slot.slot_id
                ctypes.CDLL(str(vault.hsm.library)).C_CloseAllSessions(ctypes.c_ulong(slot))
        time.sleep(0.2)
        stop.set()
        done = [future.result(timeout=20) for future in running]
    assert all(done)
    verify(spki, vault.wrapped.sign("key_a", b"after", SIGN), b"after")


def test_a_forked_child_logs_in_for_itself_and_the_parent_goes_on(vault: Vault) -> None:
    spki = vault.resident.generate("hsm_a", KeyKind.EC_P256)
    vault.resident.sign("hsm_a", b"x", SIGN)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        try:
            os.write(writing, vault.resident.sign("hsm_a", b"child", SIGN))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        signature = answer.read()
    os.waitpid(child, 0)
    verify(spki, signature, b"child")
    verify(spki, vault.resident.sign("hsm_a", b"x", SIGN), b"x")


_OTHER_PROCESS = """
import sys
from pathlib import Path
from signing.keys import SignatureAlgorithm
from signing.keys.device import Device, DeviceAddress
from signing.keys.resident import ResidentKeyStore
library, token, pin_file, key_id = sys.argv[1:]
device = Device(DeviceAddress(library=Path(library), token=token, pin_file=Path(pin_file)))
print(ResidentKeyStore(device).sign(key_id, b"x", SignatureAlgorithm.ECDSA_SHA256).hex())
"""


def test_another_process_finds_the_key_and_sees_it_go(vault: Vault) -> None:
    spki = vault.resident.generate("hsm_a", KeyKind.EC_P256)
    arguments = [str(vault.hsm.library), vault.token, str(vault.hsm.pin_file), "hsm_a"]
    command = [sys.executable, "-W", "ignore", "-c", _OTHER_PROCESS, *arguments]
    folder = Path(__file__).parents[3]
    first = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=60, check=False)
    assert first.returncode == 0, first.stderr
    verify(spki, bytes.fromhex(first.stdout), b"x")
    vault.resident.destroy("hsm_a")
    second = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=60, check=False)
    assert "KeyNotFound" in second.stderr


# --- getting in ----------------------------------------------------------------------------------------------------


def test_a_wrong_pin_is_offered_once_and_a_new_one_in_its_file_is_taken(vault: Vault, tmp_path: Path) -> None:
    vault.resident.generate("hsm_a", KeyKind.EC_P256)
    vault.device.close()
    pin_file = tmp_path / "pin"
    pin_file.write_text("00-wrong-00")
    keys = ResidentKeyStore(Device(vault.address(pin_file=pin_file)))
    said = []
    for _ in range(5):  # a token locks after some wrong PINs: SoftHSM and every device count them
        with pytest.raises(KeyLoginRefused) as caught:
            keys.sign("hsm_a", b"x", SIGN)
        said.append(str(caught.value))
        assert caught.value.code == "KEY_LOGIN_REFUSED"
        assert not caught.value.retryable
    assert "accept" in said[0]
    assert all("still holds" in text for text in said[1:])
    assert not any("00-wrong-00" in text for text in said)
    pin_file.write_text(vault.hsm.pin)
    keys.sign("hsm_a", b"x", SIGN)


def test_a_pin_file_that_cannot_be_read_is_said_without_its_content(vault: Vault, tmp_path: Path) -> None:
    vault.device.close()
    for content in (None, b"\xff\xfe\x00"):
        pin_file = tmp_path / "pin"
        pin_file.unlink(missing_ok=True)
        if content is not None:
            pin_file.write_bytes(content)
        keys = ResidentKeyStore(Device(vault.address(pin_file=pin_file)))
        with pytest.raises(KeyUnavailable, match="PIN file"):
            keys.ids()


def test_two_stores_on_one_token_share_its_login(vault: Vault) -> None:
    vault.resident.generate("hsm_a", KeyKind.EC_P256)
    other = ResidentKeyStore(Device(vault.address()))
    other.sign("hsm_a", b"x", SIGN)
    vault.resident.sign("hsm_a", b"x", SIGN)


def test_more_callers_than_sessions_wait_and_then_are_told(vault: Vault) -> None:
    device = Device(vault.address(sessions=1, wait_s=0.1))
    with device.seat(), pytest.raises(KeyUnavailable, match="every session"), device.seat():
        pass
    with device.seat():
        pass


def test_a_library_that_is_none_is_said_at_once(tmp_path: Path, softhsm: SoftHsm) -> None:
    for path in (tmp_path / "none.so", Path("/lib/x86_64-linux-gnu/libc.so.6"), Path(__file__)):
        with pytest.raises(KeyUnavailable, match="PKCS#11 library"):
            Device(DeviceAddress(library=path, token="x", pin_file=softhsm.pin_file))


def test_a_token_that_is_not_there_is_unavailable(softhsm: SoftHsm) -> None:
    address = DeviceAddress(library=softhsm.library, token="nobody", pin_file=softhsm.pin_file)
    with pytest.raises(KeyUnavailable, match="NoSuchToken"):
        ResidentKeyStore(Device(address)).ids()


def test_a_device_shows_no_pin(vault: Vault) -> None:
    shown = repr((vault.device, vault.wrapped, vault.resident, vault.device._module, vault.address()))
    assert vault.hsm.pin not in shown


def test_a_device_says_which_mechanisms_it_has(vault: Vault) -> None:
    known = vault.device.mechanisms()
    assert {int(pkcs11.Mechanism.ECDSA), int(pkcs11.Mechanism.AES_KEY_WRAP_PAD)} <= known
    assert int(pkcs11.Mechanism.ML_DSA) not in known


# --- generations of the key-encryption key -------------------------------------------------------------------------


def test_a_rotation_carries_every_key_over_and_the_old_generation_can_go(vault: Vault) -> None:
    public = {f"key_{n}": vault.wrapped.generate(f"key_{n}", KeyKind.EC_P256) for n in range(5)}
    public["key_r"] = vault.wrapped.generate("key_r", KeyKind.RSA_3072)
    assert vault.wrapped.generations.make_next() == "kek-2"
    fresh = vault.wrapped.generate("key_new", KeyKind.EC_P256)
    assert vault.row("key_new").kek_id == "kek-2"
    with pytest.raises(KeyExists):
        vault.wrapped.retire("kek-1")
    assert [vault.wrapped.rewrap(limit=4), vault.wrapped.rewrap(limit=4), vault.wrapped.rewrap(limit=4)] == [4, 2, 0]
    assert {vault.row(key_id).kek_id for key_id in public} == {"kek-2"}
    vault.wrapped.retire("kek-1")
    assert vault.wrapped.generations.ids() == ("kek-2",)
    for key_id in ("key_0", "key_4"):
        verify(public[key_id], vault.wrapped.sign(key_id, b"x", SIGN), b"x")
    require_match(
        public["key_r"],
        hash_of(b"x", SignatureAlgorithm.RSASSA_PSS_SHA256),
        vault.wrapped.sign("key_r", b"x", SignatureAlgorithm.RSASSA_PSS_SHA256),
        SignatureAlgorithm.RSASSA_PSS_SHA256,
    )
    verify(fresh, vault.wrapped.sign("key_new", b"x", SIGN), b"x")
    assert vault.session_keys() == 0


def test_what_is_newest_or_unknown_is_not_retired(vault: Vault) -> None:
    with pytest.raises(KeyExists):
        vault.wrapped.retire("kek-1")
    with pytest.raises(KeyNotFound):
        vault.wrapped.retire("kek-9")


def test_a_rotation_does_not_make_a_tampered_row_good(vault: Vault) -> None:
    for key_id in ("key_a", "key_b"):
        vault.wrapped.generate(key_id, KeyKind.EC_P256)
    vault.put("key_a", replace(vault.row("key_b")))
    vault.wrapped.generations.make_next()
    with pytest.raises(KeyDamaged):
        vault.wrapped.rewrap()
    assert vault.row("key_a").kek_id == "kek-1"
    with pytest.raises(KeyExists):
        vault.wrapped.retire("kek-1")


def test_a_token_without_a_key_encryption_key_says_what_to_do(vault: Vault) -> None:
    store = WrappedKeyStore(vault.device, MemoryBlobs(), label="none")
    with pytest.raises(KeyUnavailable, match="anso keys rotate"):
        store.generate("key_a", KeyKind.EC_P256)


@pytest.mark.parametrize("weak", ["test.kek-2", "test.kek-2.mac"])
def test_a_key_encryption_key_that_could_leave_the_token_wraps_and_binds_nothing(vault: Vault, weak: str) -> None:
    uses = {"test.kek-2": (KeyType.AES, MechanismFlag.WRAP | MechanismFlag.UNWRAP)}
    uses["test.kek-2.mac"] = (KeyType.GENERIC_SECRET, MechanismFlag.SIGN | MechanismFlag.VERIFY)
    with vault.device.seat() as seat:
        for label, (kind, capabilities) in uses.items():
            template = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: label == weak, Attribute.PRIVATE: True}
            seat.session.generate_key(
                kind, 256, label=label, id=label.encode(), store=True, capabilities=capabilities, template=template
            )
    with pytest.raises(KeyDamaged, match="could leave"):
        vault.wrapped.generate("key_a", KeyKind.EC_P256)
    assert vault.blobs.get("key_a") is None


def test_two_generations_of_one_name_are_refused(vault: Vault) -> None:
    vault.wrapped.generate("key_a", KeyKind.EC_P256)
    with vault.device.seat() as seat:
        seat.session.generate_key(
            KeyType.AES, 256, label="test.kek-1", store=True, capabilities=MechanismFlag.WRAP | MechanismFlag.UNWRAP
        )
        seat.objects.clear()
    with pytest.raises(KeyDamaged):
        vault.wrapped.generate("key_b", KeyKind.EC_P256)


def test_every_error_of_a_device_is_one_of_ours(vault: Vault) -> None:
    with pytest.raises(KeyStoreError), vault.device.seat():
        raise pkcs11.DeviceRemoved
    assert vault.resident.ids() == ()


def test_a_public_key_of_no_kind_of_ours_is_named_so() -> None:
    assert kind_of(object()) is None
    for spki in (b"", b"\x30\x00", ec.generate_private_key(ec.SECP521R1()).public_key()):
        if isinstance(spki, bytes):
            with pytest.raises(AlgorithmNotSupported):
                kind_of_spki(spki)
        else:
            assert kind_of(spki) is None


def test_a_key_that_its_certificate_does_not_name_is_not_used(samples: Samples) -> None:
    registry, keys = samples.hierarchy.registry, samples.hierarchy.room.keys
    own = credential_of(samples.records["personal"], registry)
    require_key_of(own, keys)
    exchanged = replace(own, key_id=samples.records["org_seal"].key_id)
    with pytest.raises(KeyDamaged) as caught:
        require_key_of(exchanged, keys)
    assert caught.value.code == "KEY_DAMAGED"
