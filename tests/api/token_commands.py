"""`anso sign` as somebody with a token calls it against a service that runs."""

import json
from typing import Any

from typer.testing import CliRunner

from api.cli.sign import app
from tests.api.token_holders import Holder


def sign(holder: Holder, url: str, *arguments: object, **variables: str) -> Any:
    """The command's end: the holder's token and login."""
    token = holder.installation.token(holder.role, holder.figure)
    by = ("--url", url, "--pkcs11", holder.token.library, "--token-label", holder.token.label)
    known = {"ANSO_TOKEN": token, "ANSO_PIN": holder.token.pin, **variables}
    result = CliRunner().invoke(app, [*map(str, (*arguments, *by))], env=known)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def lines_of(done: Any) -> list[dict[str, Any]]:
    """What a command that writes a line for each document told."""
    return [json.loads(line) for line in done.stdout.splitlines()]
