"""Exit codes, the same for every command, and which failure gets which."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import NoReturn

from api.errors import AnsoError, ConfigurationInvalid, InputInvalid, InvalidId, NotFound
from vault.errors import AccessError, ConsentNotFound, VaultError


class Exit(IntEnum):
    """What a command's exit code says; the worst item of a batch wins."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    SIGNATURE_INVALID = 3
    INDETERMINATE = 4
    NO_SIGNATURE = 5
    SOME_FAILED = 6
    NOT_AUTHORISED = 7
    UNAVAILABLE = 8
    CONFIGURATION = 9
    INPUT_UNREADABLE = 10
    INTERRUPTED = 130


@contextmanager
def failures_as_exit_codes() -> Iterator[None]:
    """Turn our errors into a line on standard error and an exit code."""
    try:
        yield
    except ConfigurationInvalid as err:
        for line in err.missing:
            print(f"anso: thiếu cấu hình / missing: {line}", file=sys.stderr)
        raise SystemExit(Exit.CONFIGURATION) from err
    except AnsoError as err:
        fail(_code_of(err), f"{err.code}: {err.detail_vi} / {err.detail_en}" if err.detail_vi else err.code)
    except VaultError as err:
        fail(_code_of_vault(err), err.code)
    except KeyboardInterrupt as err:
        raise SystemExit(Exit.INTERRUPTED) from err
    except Exception as err:  # noqa: BLE001 - the command's outermost frame: a fault of ours, told without data
        from api.log import redact_text

        print(redact_text("".join(traceback.format_exception(err))), file=sys.stderr)
        fail(Exit.INTERNAL, f"lỗi nội bộ / internal error: {type(err).__name__}")


def _code_of(err: AnsoError) -> Exit:
    if isinstance(err, InputInvalid | InvalidId | NotFound):
        return Exit.USAGE
    return Exit.UNAVAILABLE if err.retryable else Exit.INTERNAL


def _code_of_vault(err: VaultError) -> Exit:
    if isinstance(err, AccessError | ConsentNotFound):
        return Exit.USAGE  # not there, or not for this caller: no difference is shown
    return Exit.UNAVAILABLE if err.retryable else Exit.INTERNAL


def fail(code: Exit, message: str) -> NoReturn:
    """End the command with a line on standard error."""
    print(f"anso: {message}", file=sys.stderr)
    raise SystemExit(code)
