"""Who runs a command that opens somebody's data: the holder of a token, exactly as over HTTP."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from api.callers import Caller, Purpose, Role
from api.services import Services

TokenOption = Annotated[
    str,
    typer.Option("--token", envvar="ANSO_TOKEN", help="Mã truy cập / bearer token (anso token …)", show_envvar=True),
]


def calling(services: Services, token: str, roles: tuple[Role, ...], purpose: Purpose, at: datetime) -> Caller:
    """The caller behind a token.

    Raises:
        TokenInvalid, TokenExpired, RoleMissing: as over HTTP.
    """
    from api.bootstrap import build_authenticator

    authenticator = build_authenticator(services.settings, services.db)
    caller = authenticator.authenticate(f"Bearer {token}", roles, at)
    return replace(caller, purpose=purpose, request_id="command-line")
