"""The PKCS#11 library of a device: loaded once a process, started for many threads, restarted when it lost its device.

Knows the library as a thing that runs or does not. Knows no token, no login and no key. A C library is one for the
whole process, so everybody who uses the same file shares one ``Module``.
"""

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pkcs11

from signing.errors import KeyUnavailable

if TYPE_CHECKING:
    from pkcs11._pkcs11 import lib as Library  # noqa: N812 - a class, whatever its case

_OK: Final = 0x00
_NOT_INITIALIZED: Final = 0x190
_ALREADY_INITIALIZED: Final = 0x191
_OS_LOCKING_OK: Final = 0x02
_USER_STATES: Final = frozenset({1, 3})
"""CKS_RO_USER_FUNCTIONS and CKS_RW_USER_FUNCTIONS."""
_RESTART_WAIT_S: Final = 10.0  # a signature in a device takes milliseconds; whoever still waits has lost it


class _InitializeArguments(ctypes.Structure):
    """CK_C_INITIALIZE_ARGS (PKCS#11 2.40 §3.7): no mutexes of ours, the library uses the system's."""

    _fields_ = [
        ("CreateMutex", ctypes.c_void_p),
        ("DestroyMutex", ctypes.c_void_p),
        ("LockMutex", ctypes.c_void_p),
        ("UnlockMutex", ctypes.c_void_p),
        ("flags", ctypes.c_ulong),
        ("pReserved", ctypes.c_void_p),
    ]


class _SessionInfo(ctypes.Structure):
    """CK_SESSION_INFO (PKCS#11 2.40 §3.3)."""

    _fields_ = [
        ("slotID", ctypes.c_ulong),
        ("state", ctypes.c_ulong),
        ("flags", ctypes.c_ulong),
        ("ulDeviceError", ctypes.c_ulong),
    ]


class Module:
    """One library. Get it with ``load_module``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Condition()
        self._users = 0
        self._is_restarting = False
        self._epoch = 0
        self._pid = os.getpid()
        try:
            # python-pkcs11 starts the library for a single thread (C_Initialize without arguments), yet calls it
            # from many: it is started again, this time with locks.
            self.library: Library = pkcs11.lib(str(path))
            self._raw = ctypes.CDLL(str(path))
        except (pkcs11.PKCS11Error, OSError) as err:
            message = f"the PKCS#11 library {path.name} cannot be loaded: {type(err).__name__}"
            raise KeyUnavailable(message) from err
        self._start()

    def __repr__(self) -> str:
        return f"Module({self._path.name!r}, epoch={self._epoch})"

    @property
    def epoch(self) -> int:
        """Which start of the library this is; sessions belong to one."""
        return self._epoch

    @contextmanager
    def in_use(self) -> Iterator[int]:
        """Keep the library running inside the block; gives the epoch that its sessions belong to.

        Raises:
            KeyUnavailable: it is being restarted and does not come back in time.
        """
        self._heed_fork()
        with self._lock:
            if not self._lock.wait_for(lambda: not self._is_restarting, timeout=_RESTART_WAIT_S):
                message = "the PKCS#11 library is being restarted"
                raise KeyUnavailable(message)
            self._users += 1
            epoch = self._epoch
        try:
            yield epoch
        finally:
            with self._lock:
                self._users -= 1
                self._lock.notify_all()

    def is_logged_in(self, session: int) -> bool:
        """Say whether a session handle lives and may see private objects.

        A session that was logged out finds no private key, which would look like a key that is gone.
        """
        info = _SessionInfo()
        answer = self._raw.C_GetSessionInfo(ctypes.c_ulong(session), ctypes.byref(info))
        return answer == _OK and info.state in _USER_STATES

    def restart(self, epoch: int) -> None:
        """Start the library anew unless somebody did since ``epoch``: every session and login of before is void.

        Raises:
            KeyUnavailable: it does not start, or calls into it do not come back.
        """
        with self._lock:
            if self._epoch != epoch:
                return
            self._is_restarting = True
            try:
                if not self._lock.wait_for(lambda: self._users == 0, timeout=_RESTART_WAIT_S):
                    message = "calls into the PKCS#11 library do not come back"
                    raise KeyUnavailable(message)
                self._start()
            finally:
                self._is_restarting = False
                self._lock.notify_all()

    def _start(self) -> None:
        """End the library if it runs, and start it for many threads."""
        answer = self._raw.C_Finalize(None)
        if answer not in (_OK, _NOT_INITIALIZED):
            message = f"the PKCS#11 library does not end: CKR {answer:#x}"
            raise KeyUnavailable(message)
        arguments = _InitializeArguments(flags=_OS_LOCKING_OK)
        answer = self._raw.C_Initialize(ctypes.byref(arguments))
        if answer not in (_OK, _ALREADY_INITIALIZED):
            message = f"the PKCS#11 library does not start: CKR {answer:#x}"
            raise KeyUnavailable(message)
        self._epoch += 1

    def _heed_fork(self) -> None:
        """In a forked child: sessions and locks are the parent's; PKCS#11 2.40 §6.6.1 asks to start anew."""
        if os.getpid() == self._pid:
            return
        self._pid = os.getpid()
        self._lock = threading.Condition()
        self._users, self._is_restarting = 0, False
        self._start()


_LOADED: Final[dict[str, Module]] = {}
_LOADING: Final = threading.Lock()


def load_module(path: Path) -> Module:
    """Return the module of this file, loaded on the first call.

    Raises:
        KeyUnavailable: there is no such library, or it does not start.
    """
    name = str(path)
    with _LOADING:
        if name not in _LOADED:
            _LOADED[name] = Module(path)
        return _LOADED[name]
