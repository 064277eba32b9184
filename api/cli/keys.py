"""`anso keys`: the keys in the device, for the operator at the machine that has it.

Shows ids and counts, never a key. Needs the device and the PIN file, which in production only the signer's account has.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.output import DataOption, Format, FormatOption, write

if TYPE_CHECKING:
    from signing.keys.resident import ResidentKeyStore
    from signing.keys.wrapped import WrappedKeyStore

app = typer.Typer(no_args_is_help=True, help="Khóa trong thiết bị / keys in the device")


@app.command("list")
def list_keys(data: DataOption = None, output: FormatOption = Format.TEXT) -> None:
    """Khóa nằm trong thiết bị và các khóa bọc / resident keys and key-encryption keys."""
    with _stores(data) as (resident, wrapped):
        keys, generations = resident.ids(), wrapped.generations.ids()
    value = {"resident": list(keys), "key_encryption_keys": list(generations)}
    write(value, output, "\n".join([*keys, *generations]))


@app.command()
def rotate(data: DataOption = None, output: FormatOption = Format.TEXT) -> None:
    """Tạo khóa bọc mới, bọc lại mọi khóa / a new key-encryption key, and every key re-wrapped in the device."""
    with _stores(data) as (_, wrapped):
        newest, done = wrapped.generations.make_next(), 0
        while count := wrapped.rewrap():
            done += count
    write({"key_encryption_key": newest, "rewrapped": done}, output, f"{newest}: {done} khóa / keys")


@app.command()
def resume(data: DataOption = None, output: FormatOption = Format.TEXT) -> None:
    """Bọc tiếp phần còn lại của lần trước / carry over what an interrupted rotation left."""
    done = 0
    with _stores(data) as (_, wrapped):
        while count := wrapped.rewrap():
            done += count
    write({"rewrapped": done}, output, f"{done} khóa / keys")


@app.command()
def retire(
    generation: Annotated[str, typer.Argument(help="kek-1, kek-2 …")],
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Hủy một khóa bọc cũ không còn bọc khóa nào / destroy an old key-encryption key that wraps nothing any more."""
    with _stores(data) as (_, wrapped):
        wrapped.retire(generation)
    write({"retired": generation}, output, f"{generation}: đã hủy / destroyed")


@contextmanager
def _stores(data: Path | None) -> "Iterator[tuple[ResidentKeyStore, WrappedKeyStore]]":
    from api.bootstrap import build_database
    from api.cli.exits import Exit, fail
    from api.cli.settings import load_settings
    from api.keystores import device_stores
    from signing.errors import KeyExists, KeyNotFound, SigningError

    settings = load_settings(data)
    database = build_database(settings)
    try:
        with device_stores(settings, database) as stores:
            yield stores
    except (KeyExists, KeyNotFound) as err:
        fail(Exit.USAGE, f"{err.code}: {err}")
    except SigningError as err:
        fail(Exit.UNAVAILABLE if err.retryable else Exit.CONFIGURATION, f"{err.code}: {err}")
    finally:
        database.close()
