"""What goes over the pipe between the service and a worker, and how either side reads it: carefully.

A message is its length and a pickle. A call is a message followed by its large byte strings as they are: a file of
300 MB is written and read once, not copied into a pickle and out of it. Knows no process.
"""

import io
import pickle
import struct
from collections.abc import Sequence
from dataclasses import is_dataclass
from enum import Enum
from typing import Any, BinaryIO

_MIB = 1024 * 1024
_HEADER = struct.Struct(">Q")
MAX_MESSAGE_BYTES = 1024 * _MIB
LARGE_BYTES = 64 * 1024  # from here on copying costs more than one more read
OWN_PACKAGES = ("signing", "api.rendering", "api.errors")
"""Packages and modules whose functions are run and whose values are exchanged; each with what lies below it."""

_PLAIN = {
    ("builtins", "set"), ("builtins", "frozenset"), ("builtins", "complex"), ("builtins", "bytearray"),
    ("datetime", "datetime"), ("datetime", "date"), ("datetime", "time"), ("datetime", "timedelta"),
    ("datetime", "timezone"), ("decimal", "Decimal"), ("uuid", "UUID"), ("collections", "OrderedDict"),
}  # fmt: skip


class CarefulUnpickler(pickle.Unpickler):
    """Decodes plain values, and values of our own packages: data classes, enumerations, errors; never a function."""

    def __init__(self, data: bytes, packages: Sequence[str]) -> None:
        super().__init__(io.BytesIO(data))
        self._packages = packages

    def find_class(self, module_name: str, global_name: str, /) -> Any:  # noqa: ANN401 - pickle's interface
        """Give the class that a message names, if its values may be sent."""
        if (module_name, global_name) in _PLAIN:
            return super().find_class(module_name, global_name)
        if is_within(module_name, self._packages) and "." not in global_name:
            found = super().find_class(module_name, global_name)
            if _is_own_value(found, module_name):
                return found
        raise pickle.UnpicklingError(f"{module_name}.{global_name} may not be sent")


def is_within(path: str, packages: Sequence[str]) -> bool:
    """Whether an import path (``module`` or ``module:name``) lies in one of the packages."""
    module = path.partition(":")[0]
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def send(stream: BinaryIO, message: object) -> None:
    """Write one message."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_HEADER.pack(len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: BinaryIO, packages: Sequence[str]) -> object:
    """One message from the other side, decoded with care.

    Raises:
        EOFError: the other side is gone, or announces more than is allowed.
        pickle.UnpicklingError: it sent something that is not a plain value.
    """
    (length,) = _HEADER.unpack(_read(stream, _HEADER.size))
    return CarefulUnpickler(_read(stream, length), packages).load()


def send_call(stream: BinaryIO, function: str, args: Sequence[object]) -> None:
    """Write one call."""
    large = {at: arg for at, arg in enumerate(args) if isinstance(arg, bytes) and len(arg) >= LARGE_BYTES}
    small = tuple(None if at in large else arg for at, arg in enumerate(args))
    send(stream, (function, small, tuple((at, len(data)) for at, data in large.items())))
    stream.writelines(large.values())
    stream.flush()


def receive_call(stream: BinaryIO, packages: Sequence[str]) -> object:
    """The function's import path and its arguments; what is no call is given as it came.

    Raises:
        EOFError, pickle.UnpicklingError: as for every message.
    """
    message = receive(stream, packages)
    if not isinstance(message, tuple) or len(message) != 3:  # noqa: PLR2004 - function, arguments, large ones
        return message
    function, small, large = message
    args = list(small)
    for at, length in large:
        args[at] = _read(stream, length)
    return function, tuple(args)


def _read(stream: BinaryIO, length: int) -> bytes:
    if length > MAX_MESSAGE_BYTES:
        raise EOFError
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def _is_own_value(found: object, module_name: str) -> bool:
    """Whether a name stands for a class of values that this very module defines; what it imports does not count."""
    if not isinstance(found, type) or found.__module__ != module_name:
        return False
    return is_dataclass(found) or issubclass(found, Enum | Exception)
