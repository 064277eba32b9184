"""`anso doctor`: what stands, what is missing, one line each. Exit 0 when everything needed is there."""

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.exits import Exit
from api.cli.output import DataOption, Format, FormatOption, write

app = typer.Typer()


@app.command()
def doctor(
    audit: Annotated[  # noqa: FBT002 - a command-line flag
        bool, typer.Option("--audit", help="Kiểm tra chuỗi nhật ký / check the audit chain")
    ] = False,
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Kiểm tra cài đặt / check the installation."""
    from api.cli.checkup import examine
    from api.cli.settings import load_settings

    findings = examine(load_settings(data), audit=audit)
    good = all(finding.is_good for finding in findings)
    lines = (f"{'✓' if one.is_good else '✗'} {one.name:<12} {one.detail}" for one in findings)
    write({"ok": good, "findings": [asdict(one) for one in findings]}, output, "\n".join(lines))
    if not good:
        raise SystemExit(Exit.CONFIGURATION)
