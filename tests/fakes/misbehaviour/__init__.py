"""Work that goes wrong in every way that isolated work can go wrong."""

import os
import time
from dataclasses import dataclass
from typing import Any, Never


class OwnError(Exception):
    """Counts as one of our packages' errors in the test."""


class StubbornError(Exception):
    """Cannot be rebuilt from its pickle."""

    def __init__(self, one: Any, two: Any) -> None:
        super().__init__("secret text")
        self.numbers = (one, two)


@dataclass(frozen=True)
class Value:
    number: int


class Grabber:
    """What a worker that was taken over would send: an instruction to run something in the parent."""

    def __reduce__(self):
        return (os.system, ("touch anso-taken-over",))


def double(value: Any) -> Any:
    return Value(value.number * 2)


def sleep(seconds: Any) -> None:
    time.sleep(seconds)


def wait_for(path: str) -> None:
    """Until there is such a file."""
    while not os.path.exists(path):  # noqa: PTH110 - as little as possible is imported here
        time.sleep(0.01)


def burn() -> None:
    while True:
        pass


def eat() -> Any:
    return len(bytearray(8 * 1024**3))


def die() -> None:
    os._exit(3)


def own_error() -> Never:
    raise OwnError("told")


def stubborn() -> Never:
    raise StubbornError(1, 2)


def foreign_error() -> Never:
    raise ValueError("personal data 022190000001")


def chatter() -> int:
    print("a library prints to standard output")  # noqa: T201 - the misbehaviour itself
    os.write(1, b"\0" * 64)
    return 7


def grab() -> Any:
    return Grabber()


def environment() -> Any:
    return sorted(os.environ)


def keep_in_a_circle(data: Any) -> None:
    """As readers of documents do: what refers to itself is freed by the collector only."""
    held: list[Any] = [data]
    held.append(held)


def held_mib() -> int:
    """What this process has in memory."""
    with open("/proc/self/statm") as file:  # noqa: PTH123 - as above
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024**2


def echo(data: Any) -> Any:
    return len(data)
