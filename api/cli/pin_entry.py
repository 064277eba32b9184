"""PINs and passwords of a holder: from an open file descriptor, from the environment, or asked for without an echo.

Never an argument: arguments are listed for every account of the machine. Asked for once; whoever mistypes starts again.
"""

import os
import sys
from typing import TYPE_CHECKING, Final

from api.cli.exits import Exit, fail

if TYPE_CHECKING:
    from pydantic import SecretStr

_MAX: Final = 1024


def entered(what: str, variable: str, from_environment: "SecretStr | None", descriptor: int | None) -> str:
    """The secret.

    Args:
        what: how the person is asked, in both languages.
        variable: the environment variable that may hold it.
        from_environment: what that variable holds.
        descriptor: number of an open file whose first line is the secret; it goes before the variable.

    Raises:
        SystemExit: 2 for a descriptor that cannot be read, 7 when nobody can be asked.
    """
    if descriptor is not None:
        return _read_line(descriptor)
    if from_environment is not None:
        return from_environment.get_secret_value()
    if not sys.stdin.isatty():
        fail(Exit.NOT_AUTHORISED, f"{what}: {variable}, --pin-fd, hoặc chạy ở cửa sổ lệnh / or run at a terminal")
    import getpass

    return getpass.getpass(f"{what}: ", stream=sys.stderr)


def _read_line(descriptor: int) -> str:
    try:
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return file.readline(_MAX).decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        fail(Exit.USAGE, f"--pin-fd {descriptor}: không đọc được / cannot be read")
