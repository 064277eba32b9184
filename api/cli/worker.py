"""`anso worker`: runs durable jobs; as many as wanted on PostgreSQL."""

from typing import Annotated

import typer

from api.cli.output import DataOption

app = typer.Typer()


@app.command()
def worker(
    data: DataOption = None,
    parent: Annotated[int | None, typer.Option(hidden=True, help="end with this process")] = None,
) -> None:
    """Chạy tiến trình xử lý nền / run jobs until SIGTERM or Ctrl-C."""
    from api import log, migrations
    from api.bootstrap import build_database
    from api.cli.settings import load_settings
    from api.worker import run_worker

    settings = load_settings(data)
    log.configure(settings.log_level)
    db = build_database(settings)
    migrations.require_newest(db)
    db.close()
    run_worker(settings, parent_pid=parent)
