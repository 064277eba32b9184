"""What a child process can do wrong, as functions that one can ask it for."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from digitize.errors import SecretPaper, UnsupportedInput

Progress = Callable[[int, int, str], None]
Options = Mapping[str, str]


def echo(source: bytes, options: Options, _progress: Progress) -> bytes:
    Path("page.tif").write_bytes(source)
    return options["colour"].encode() + b":" + source


def steps(_source: bytes, _options: Options, progress: Progress) -> bytes:
    progress(0, 2, "one")
    progress(1, 2, "two")
    return b""


def surroundings(_source: bytes, _options: Options, _progress: Progress) -> bytes:
    lines = [f"{name}={value}" for name, value in os.environ.items()]
    return "\n".join([*lines, oct(Path.cwd().stat().st_mode)]).encode()


def sleeps(_source: bytes, _options: Options, _progress: Progress) -> bytes:
    Path("page.tif").write_bytes(b"a paper")
    subprocess.Popen(["sleep", "987654"])
    time.sleep(600)
    return b""


def computes(_source: bytes, _options: Options, _progress: Progress) -> bytes:
    number = 1
    while number:
        number += 1
    return b""


def grows(_source: bytes, _options: Options, _progress: Progress) -> bytes:
    return b"x" * (4 * 1024**3)


def has_no_memory(_source: bytes, _options: Options, _progress: Progress) -> bytes:
    raise MemoryError


def exits(_source: bytes, _options: Options, _progress: Progress) -> bytes:
    os._exit(3)


def raises(_source: bytes, _options: Options, _progress: Progress) -> bytes:
    raise RuntimeError("text of the paper")


def aborts(_source: bytes, _options: Options, _progress: Progress) -> bytes:
    os.abort()


def prints(_source: bytes, _options: Options, _progress: Progress) -> bytes:
    sys.stdout.write("R" * 10_000)
    sys.stdout.flush()
    os.write(1, b"R\x00\x00\x00\x02no")
    return b"quiet"


def lies(_source: bytes, _options: Options, _progress: Progress) -> bytes:
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, b"X\xff\xff\xff\xff")
        except OSError:
            continue
    time.sleep(30)
    return b""


def refuses(_source: bytes, _options: Options, _progress: Progress) -> bytes:
    raise UnsupportedInput("text of the paper")


def finds_a_secret(_source: bytes, _options: Options, _progress: Progress) -> bytes:
    raise SecretPaper("text of the paper")
