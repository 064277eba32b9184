"""How results are written: data on standard output as text, one JSON document, or one JSON object a line."""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """The three forms of output."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


FormatOption = Annotated[Format, typer.Option("--output", "-o", help="text | json | jsonl")]
DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="Thư mục dữ liệu / data folder (ANSO_DATA)", file_okay=False),
]


def write(value: Mapping[str, object], output: Format, text: str) -> None:
    """One result: the text for people, or the value for machines."""
    if output is Format.TEXT:
        print(text)
    else:
        indent = 2 if output is Format.JSON else None
        print(json.dumps(value, ensure_ascii=False, indent=indent))


def write_items(items: Iterable[Mapping[str, object]], output: Format) -> None:
    """Many results: a JSON list, or one line each."""
    if output is Format.JSON:
        print(json.dumps(list(items), ensure_ascii=False, indent=2))
        return
    for item in items:
        print(json.dumps(item, ensure_ascii=False))
