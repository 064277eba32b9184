"""The key stores that the settings name: software (embedded) or a device behind PKCS#11.

The one place that makes a ``KeyStore``; only the process that uses keys itself calls it. Knows which settings belong
to which store. Reads no PIN: the device reads the file when it logs in.
"""

import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from api.db import Database
from api.errors import ConfigurationInvalid
from api.records.sealing import MasterSecret
from api.settings import Settings
from signing.errors import KeyUnavailable
from signing.keys import HashKeyStore, SoftwareKeyStore
from signing.keys.device import Device, DeviceAddress
from signing.keys.resident import ResidentKeyStore
from signing.keys.routed import RoutedKeyStore
from signing.keys.wrapped import WrappedKeyStore
from signing.keys_sql import KeyBlobsSql


def build_keys(settings: Settings, database: Database, master: Callable[[], MasterSecret]) -> HashKeyStore:
    """Private keys: in and under a device, or (embedded only) wrapped under a key from the master secret.

    Raises:
        ConfigurationInvalid: software keys in production; a device without library, token or PIN file.
    """
    if settings.keys == "pkcs11":
        device = open_device(settings)
        wrapped = wrapped_store(settings, database, device)
        return RoutedKeyStore({"hsm": ResidentKeyStore(device), "key": wrapped})
    if settings.is_production:
        raise ConfigurationInvalid(("ANSO_KEYS=pkcs11: software keys are refused in production",))
    return SoftwareKeyStore(_blobs(database), master().derive("signing/kek/1"))


def open_device(settings: Settings) -> Device:
    """The token that the settings name; the login waits for the first use of a key.

    Raises:
        ConfigurationInvalid: a setting is missing, the library is none, or (production) others may read the PIN.
    """
    library, token, pin_file = settings.pkcs11_module, settings.pkcs11_token, settings.pkcs11_pin_file
    if library is None or token is None or pin_file is None:
        raise ConfigurationInvalid(settings.missing_for_device())
    if settings.is_production and _others_may_read(pin_file):
        raise ConfigurationInvalid((f"ANSO_PKCS11_PIN_FILE: {pin_file.name} is open to other accounts; make it 0400",))
    address = DeviceAddress(library=library, token=token, pin_file=pin_file, sessions=settings.pkcs11_sessions)
    try:
        return Device(address)
    except KeyUnavailable as err:
        raise ConfigurationInvalid((f"ANSO_PKCS11_MODULE: {err}",)) from err


def wrapped_store(settings: Settings, database: Database, device: Device) -> WrappedKeyStore:
    """The store of holders' keys under the device's key-encryption keys; also what rotates those."""
    return WrappedKeyStore(device, _blobs(database), label=settings.pkcs11_kek, open_for_s=settings.pkcs11_open_s)


@contextmanager
def device_stores(settings: Settings, database: Database) -> Iterator[tuple[ResidentKeyStore, WrappedKeyStore]]:
    """Both stores of the device, for an operator's command at the machine that has it.

    Raises:
        ConfigurationInvalid: this installation's keys are in no device.
    """
    if settings.keys != "pkcs11":
        raise ConfigurationInvalid(("ANSO_KEYS=pkcs11: this installation keeps its keys in no device",))
    device = open_device(settings)
    wrapped = wrapped_store(settings, database, device)
    try:
        yield ResidentKeyStore(device), wrapped
    finally:
        wrapped.close()
        device.close()


def _others_may_read(pin_file: Path) -> bool:
    """Whether more than the file's owner gets at the PIN; one that is missing is told at the login."""
    try:
        return bool(pin_file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
    except OSError:
        return False


def _blobs(database: Database) -> KeyBlobsSql:
    return KeyBlobsSql(database.transaction, database.reading)
