"""`anso db`: bring the schema to the newest step, write the demonstration's records."""

import typer

from api.cli.output import DataOption, Format, FormatOption, write

app = typer.Typer(no_args_is_help=True, help="Cơ sở dữ liệu / schema and demonstration data")


@app.command()
def upgrade(data: DataOption = None, output: FormatOption = Format.TEXT) -> None:
    """Nâng cấp lược đồ / bring the schema to the newest step."""
    from api import migrations
    from api.bootstrap import build_database
    from api.cli.settings import load_settings

    db = build_database(load_settings(data))
    before = migrations.current(db)
    migrations.upgrade(db)
    after = migrations.current(db)
    write({"before": before, "after": after}, output, f"{before or '-'} -> {after}")


@app.command()
def seed(data: DataOption = None, output: FormatOption = Format.TEXT) -> None:
    """Ghi dữ liệu minh họa / write the demonstration's places, people, procedures and accounts."""
    from api import migrations
    from api.bootstrap import build_services
    from api.cli.settings import load_settings
    from api.clock import now
    from api.usecases.seed_demonstration import describe_demonstration, seed_demonstration

    services = build_services(load_settings(data))
    migrations.upgrade(services.db)
    seeded = seed_demonstration(services, now())
    value = describe_demonstration(seeded)
    text = "\n".join(
        f"{account.role:18} {account.org_code or '-':12} {account.subject_id or '-':31} {account.account_id}"
        for account in seeded.accounts
    )
    write(value, output, text)
