"""`anso archive`: archive care by hand; what the worker does by itself every ten minutes."""

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.output import DataOption, Format, FormatOption, write

app = typer.Typer()


@app.command()
def archive(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Chỉ báo cáo, không làm gì / only say what would be renewed")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Nhiều nhất / at most so many")] = 20,
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Gia hạn dấu thời gian lưu trữ / renew what protects stored documents before it ends."""
    from api import migrations
    from api.bootstrap import build_services
    from api.callers import SYSTEM_CALLER
    from api.cli.exits import Exit
    from api.cli.settings import load_settings
    from api.clock import now
    from api.schemas.archive import ArchiveView
    from api.usecases.keep_archive import KeepArchive, keep_archive, report_archive

    services, at = build_services(load_settings(data)), now()
    try:
        migrations.require_newest(services.db)
        if dry_run:
            view = ArchiveView.of(report_archive(services, at, limit=limit))
            lines = [f"đến hạn / due: {view.due} ({view.looked_at}), trước / before {view.before:%Y-%m-%d}"]
            lines += [f"{one.document_id}  {one.until:%Y-%m-%d}  {one.reason_code or '-'}" for one in view.items]
            write(view.model_dump(mode="json"), output, "\n".join(lines))
            return
        done = keep_archive(KeepArchive(renew=limit), services, SYSTEM_CALLER, at)
        text = f"đã xem / examined {done.examined}, đã gia hạn / renewed {done.renewed}, lỗi / failed {done.failed}"
        write(asdict(done), output, text)
    finally:
        services.close()
    if done.failed:
        raise SystemExit(Exit.SOME_FAILED)
