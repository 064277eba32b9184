"""Where this machine's clock stands: references over SNTP, the kernel's word, and the guard that decides from both.

Knows sockets and the kernel. Must not know what the time is used for.
"""

from api.timekeeping.guard import ClockGuard
from api.timekeeping.kernel import kernel_synchronised, running_s
from api.timekeeping.sntp import Reference, ask_references, parse_references

__all__ = ["ClockGuard", "Reference", "ask_references", "kernel_synchronised", "parse_references", "running_s"]
