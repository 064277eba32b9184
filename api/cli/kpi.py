"""`anso kpi`: the reuse rates, official and strict side by side."""

from datetime import datetime, time, timedelta
from typing import Annotated

import typer

from api.cli.output import DataOption, Format, FormatOption, write
from api.vietnam_time import VIETNAM
from vault.reuse import ReuseFigures

app = typer.Typer()

_DAY = ["%Y-%m-%d"]


@app.command()
def kpi(
    since: Annotated[datetime | None, typer.Option("--from", formats=_DAY, help="Từ ngày / first day")] = None,
    to: Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="Đến hết ngày / last day")] = None,
    group_by: Annotated[str, typer.Option(help="none | unit | procedure | month | channel")] = "none",
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Chỉ số tái sử dụng giấy tờ số hóa / how much of what is digitised is used again."""
    from api import migrations
    from api.bootstrap import build_services
    from api.callers import SYSTEM_CALLER
    from api.cli.exits import Exit, fail
    from api.cli.settings import load_settings
    from api.clock import now
    from api.records.reuse_figures import Grouping, Period
    from api.schemas.kpi import ReuseRates
    from api.usecases.measure_reuse import MeasureReuse, measure_reuse

    if group_by not in {each.value for each in Grouping}:
        fail(Exit.USAGE, "--group-by: none | unit | procedure | month | channel")
    command = MeasureReuse(
        period=Period(since=_midnight(since, 0), until=_midnight(to, 1)), grouping=Grouping(group_by)
    )
    services = build_services(load_settings(data))
    migrations.require_newest(services.db)
    found = measure_reuse(command, services, SYSTEM_CALLER, now())
    groups = [{"key": key, **ReuseRates.of(figures).model_dump()} for key, figures in found.groups]
    value = {**ReuseRates.of(found.total).model_dump(), "groups": groups}
    lines = [_line("tất cả / all", found.total), *(_line(key, figures) for key, figures in found.groups)]
    write(value, output, "\n".join(lines))


def _midnight(day: datetime | None, later: int) -> datetime | None:
    return None if day is None else datetime.combine(day.date() + timedelta(days=later), time(), VIETNAM)


def _line(name: str, figures: ReuseFigures) -> str:
    parts = (
        ("R1", figures.dossiers_reusing, figures.dossiers_received, figures.official_rate),
        ("R2", figures.dossiers_reusing, figures.dossiers_eligible, figures.strict_rate),
        ("R3", figures.components_reused, figures.components_eligible, figures.component_rate),
    )
    shown = (f"{label} {'-' if rate is None else f'{rate} %'} ({part}/{whole})" for label, part, whole, rate in parts)
    return f"{name:24} {'  '.join(shown)}"
