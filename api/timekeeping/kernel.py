"""The kernel's part: whether it holds the clock to be synchronised, and the running time that nobody can set."""

import ctypes
import time
from typing import Final

_STA_UNSYNC: Final = 0x0040
_TIME_ERROR: Final = 5
_LONG, _INT = ctypes.c_long, ctypes.c_int


class _Timex(ctypes.Structure):
    """`struct timex` of adjtimex(2); with `modes` zero the call only reads."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", _LONG),
        ("freq", _LONG),
        ("maxerror", _LONG),
        ("esterror", _LONG),
        ("status", _INT),
        ("constant", _LONG),
        ("precision", _LONG),
        ("tolerance", _LONG),
        ("time", _LONG * 2),
        ("tick", _LONG),
        ("ppsfreq", _LONG),
        ("jitter", _LONG),
        ("shift", _INT),
        ("stabil", _LONG),
        ("jitcnt", _LONG),
        ("calcnt", _LONG),
        ("errcnt", _LONG),
        ("stbcnt", _LONG),
        ("tai", _INT),
        ("reserved", _INT * 11),
    )


def kernel_synchronised() -> bool | None:
    """What the kernel says about its clock (chrony, ntpd and systemd-timesyncd tell it); None: it cannot be asked."""
    try:
        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError):  # another system, or a C library without it
        return None
    state = _Timex()
    answer = adjtimex(ctypes.byref(state))
    if answer < 0:  # a sandbox may forbid even reading
        return None
    return answer != _TIME_ERROR and not state.status & _STA_UNSYNC


def running_s() -> float:
    """Seconds since the machine was started, sleep included: a laptop that woke up has not had its clock set."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
