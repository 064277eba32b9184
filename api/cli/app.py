"""Puts the commands together.

A command's module is imported when the command is used: ``_COMMANDS` names module and help, and
the help page needs nothing else.
"""

import importlib
import os
from collections.abc import Sequence
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from api.cli.exits import failures_as_exit_codes

_COMMANDS: Final = {
    "serve": ("api.cli.serve", "Chạy dịch vụ / serve HTTP"),
    "worker": ("api.cli.worker", "Chạy tiến trình xử lý nền / run a job worker"),
    "signer": ("api.cli.signer", "Tiến trình giữ khóa / the process that keeps the keys"),
    "keys": ("api.cli.keys", "Khóa trong thiết bị / keys in the device"),
    "doctor": ("api.cli.doctor", "Kiểm tra cài đặt / check the installation"),
    "token": ("api.cli.token", "Lấy mã truy cập phát triển / make a development token"),
    "sign": ("api.cli.sign", "Ký tệp PDF / sign PDF files"),
    "augment": ("api.cli.augment", "Bổ sung cho tệp đã ký / add time-stamps and evidence"),
    "verify": ("api.cli.verify", "Kiểm tra chữ ký PDF / verify PDF signatures"),
    "ocr": ("api.cli.ocr", "Số hóa giấy tờ / read scans"),
    "ca": ("api.cli.ca", "Chứng thư số / certificates"),
    "trust": ("api.cli.trust_policies", "Danh mục tin cậy / trust policies"),
    "vault": ("api.cli.vault", "Kho dữ liệu công dân / the citizens' vault"),
    "archive": ("api.cli.archive", "Gia hạn lưu trữ / renew archive time-stamps"),
    "kpi": ("api.cli.kpi", "Chỉ số tái sử dụng / reuse figures"),
    "openapi": ("api.cli.openapi", "Mô tả API / print the API description"),
    "db": ("api.cli.db", "Cơ sở dữ liệu / schema and demonstration data"),
}
"""Each module has a typer application named `app`: with one command, or with several as a group."""


_ONLY_US: Final = 0o077
"""What a command writes (database, log, a citizen's document) is for the account that runs it."""


class _LazyGroup(TyperGroup):
    """Imports a command's module when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - typer's own context class
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - as above
        """The command's name and help; the command itself only for shell completion."""
        if cmd_name not in _COMMANDS:
            return None
        if ctx.resilient_parsing:
            return _load(cmd_name)
        return TyperCommand(name=cmd_name, help=_COMMANDS[cmd_name][1], callback=None)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - as above
        """The command that is to run."""
        if args and args[0] in _COMMANDS:
            return args[0], _load(args[0]), args[1:]
        return super().resolve_command(ctx, args)


def _load(name: str) -> Any:  # noqa: ANN401 - as above
    module, help_text = _COMMANDS[name]
    command = get_command(importlib.import_module(module).app)
    command.name = name
    command.help = command.help or help_text
    return command


app = typer.Typer(
    cls=_LazyGroup,
    no_args_is_help=True,
    help="Anso (ấn số): chữ ký số, số hóa và kho dữ liệu công dân của tỉnh.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def _root() -> None:
    """Anso (ấn số): chữ ký số, số hóa và kho dữ liệu công dân / signing, digitising, citizens' vault."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with the exit code of its worst result."""
    os.umask(_ONLY_US)
    with failures_as_exit_codes():
        app(args=None if arguments is None else list(arguments), prog_name="anso")
