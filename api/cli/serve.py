"""`anso serve`: the HTTP service; in the embedded profile also one worker, watched and started again."""

from typing import Annotated

import typer

from api.cli.output import DataOption

app = typer.Typer()


@app.command()
def serve(
    data: DataOption = None,
    port: Annotated[int | None, typer.Option(help="Cổng / port; 0: any free one (ANSO_PORT)")] = None,
    host: Annotated[str | None, typer.Option(help="Địa chỉ / address (ANSO_HOST)")] = None,
    demo: Annotated[  # noqa: FBT002 - a command-line flag
        bool, typer.Option("--demo", help="Ghi dữ liệu minh họa / with demonstration data")
    ] = False,
) -> None:
    """Chạy dịch vụ / serve HTTP until SIGTERM or Ctrl-C."""
    from api.cli.server import run_server
    from api.cli.settings import load_settings

    run_server(load_settings(data, port=port, host=host, demo_data=demo or None))
