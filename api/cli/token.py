"""`anso token`: a bearer token of the development identity."""

from typing import Annotated

import typer

from api.callers import Role
from api.cli.output import DataOption, Format, FormatOption, write

app = typer.Typer()


@app.command()
def token(
    role: Annotated[Role, typer.Option(help="Vai trò / role")],
    person: Annotated[str | None, typer.Option(help="Mã người / subject id sub_…")] = None,
    org: Annotated[str | None, typer.Option(help="Mã đơn vị / organisation code")] = None,
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Lấy mã truy cập phát triển (bị từ chối ở chế độ production) / a development token for one role."""
    from api import migrations
    from api.bootstrap import build_services, development_identity
    from api.cli.settings import load_settings
    from api.clock import now
    from api.ids import parse_id
    from api.usecases.open_development_account import OpenDevelopmentAccount, open_development_account

    settings = load_settings(data)
    identity = development_identity(settings)
    services = build_services(settings)
    migrations.require_newest(services.db)
    command = OpenDevelopmentAccount(
        role=role, subject_id=None if person is None else parse_id("sub", person), org_code=org
    )
    at = now()
    account = open_development_account(command, services, at)
    text = identity.issue(
        account.external_id,
        audience=settings.oidc_audience,
        role=role.value,
        org_code=account.org_code,
        at=at,
    )
    value = {
        "token": text,
        "account_id": account.account_id,
        "subject_id": account.subject_id,
        "role": role.value,
        "org_code": account.org_code,
    }
    write(value, output, text)
