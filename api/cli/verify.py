"""`anso verify FILE…`: the same report as `POST /v1/verifications`, offline; the worst file decides the exit code."""

import sys
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.exits import Exit, fail
from api.cli.moments import read_moment
from api.cli.output import DataOption, Format, FormatOption, write_items
from signing.trust import TrustProfile

if TYPE_CHECKING:
    from signing.trust import TrustAnchors
    from signing.validation import ValidationPolicy

app = typer.Typer()

_WORST_FIRST = (
    Exit.INPUT_UNREADABLE, Exit.SIGNATURE_INVALID, Exit.INDETERMINATE, Exit.NO_SIGNATURE, Exit.OK,
)  # fmt: skip
_EXITS = {
    "valid": Exit.OK,
    "invalid": Exit.SIGNATURE_INVALID,
    "indeterminate": Exit.INDETERMINATE,
    "no_signature": Exit.NO_SIGNATURE,
}
_WORDS = {
    "valid": "HỢP LỆ / VALID",
    "invalid": "KHÔNG HỢP LỆ / INVALID",
    "indeterminate": "CHƯA KẾT LUẬN ĐƯỢC / INDETERMINATE",
    "no_signature": "KHÔNG CÓ CHỮ KÝ / NO SIGNATURE",
}


class Depth(StrEnum):
    """How much of the report is written as JSON."""

    SIMPLE = "simple"
    DETAILED = "detailed"


@app.command()
def verify(  # noqa: PLR0917 - every option of a typer command is a parameter
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="Tệp PDF, hoặc - / PDF files, or - for stdin")],
    at: Annotated[str | None, typer.Option("--at", help="Thời điểm kiểm tra, ISO 8601 / moment of checking")] = None,
    trust: Annotated[
        Path | None, typer.Option("--trust", help="PEM, hoặc thư mục official/ public/ specialised/ dev/")
    ] = None,
    policy: Annotated[str | None, typer.Option("--policy", help="vn.tt15-2025")] = None,
    profile: Annotated[
        TrustProfile | None, typer.Option("--profile", help="Chỉ chấp nhận gốc của / roots of this profile only")
    ] = None,
    report: Annotated[Depth, typer.Option("--report", help="simple | detailed")] = Depth.DETAILED,
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Kiểm tra chữ ký PDF / verify PDF signatures."""
    from api.bootstrap import now

    moment = read_moment(at) if at else now()
    rules = _rules(policy)
    anchors = _anchors(trust, data, moment).only(profile)
    exits = []
    items = []
    for name, answer, code in _checked(files, anchors, rules, moment):
        exits.append(code)
        if output is Format.TEXT:
            print(_text(name, answer))
        elif output is Format.JSONL:
            write_items([_cut({"input": name, **answer}, report)], Format.JSONL)
        else:
            items.append(_cut({"input": name, **answer}, report))
    if output is Format.JSON:
        _write_json(items)
    worst = min(exits, key=_WORST_FIRST.index, default=Exit.USAGE)
    if worst is not Exit.OK:
        raise SystemExit(worst)


def _checked(
    names: list[str], anchors: "TrustAnchors", rules: "ValidationPolicy", at: datetime
) -> Iterator[tuple[str, dict[str, Any], Exit]]:
    from api.errors import FileEmpty, FileNotPdf
    from api.usecases.verify_document import require_pdf
    from signing.isolation import Isolation, IsolationError
    from signing.trust import Evidence
    from signing.validation import Reason, unchecked_report

    with Isolation(workers=1, preload=("signing.validation.isolated",)) as workers:
        for name in names:
            try:
                pdf = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
                require_pdf(pdf)
            except OSError as err:
                yield name, _failure("FILE_UNREADABLE", "Không đọc được tệp.", f"{err.strerror}"), Exit.INPUT_UNREADABLE
                continue
            except (FileEmpty, FileNotPdf) as err:
                yield name, _failure(err.code, err.detail_vi, err.detail_en), Exit.INPUT_UNREADABLE
                continue
            call = ("signing.validation.isolated:verify_in_worker", pdf, anchors, rules, at, Evidence())
            try:
                found = workers.call(*call, timeout_s=60.0)
            except IsolationError:
                found = unchecked_report(pdf, policy=rules, at=at, fault=Reason.CHECK_FAILED)
            document = found.document()
            yield name, document, _EXITS[document["verdict"]]


def _failure(code: str, vi: str, en: str) -> dict[str, Any]:
    return {"error": {"code": code, "detail_vi": vi, "detail_en": en}}


def _rules(policy: str | None) -> "ValidationPolicy":
    from signing.validation import POLICIES, VN_TT15_2025

    if policy is None:
        return VN_TT15_2025
    if policy not in POLICIES:
        fail(Exit.USAGE, f"chính sách / policy: {', '.join(POLICIES)}")
    return POLICIES[policy]


def _anchors(trust: Path | None, data: Path | None, at: datetime) -> "TrustAnchors":
    """The given roots; without any, the configured ones and the embedded installation's development root."""
    from api.cli.settings import load_settings
    from api.cli.trust import anchors_of_installation, anchors_of_path

    settings = load_settings(data)
    return anchors_of_installation(settings, at) if trust is None else anchors_of_path(trust, settings, at)


def _cut(answer: dict[str, Any], depth: Depth) -> dict[str, Any]:
    if depth is Depth.DETAILED or "signatures" not in answer:
        return answer
    kept = ("field", "kind", "indication", "sub_indication", "level", "signer", "best_signature_time")
    return {**answer, "signatures": [{key: entry[key] for key in kept} for entry in answer["signatures"]]}


def _write_json(items: list[dict[str, Any]]) -> None:
    import json

    print(json.dumps(items[0] if len(items) == 1 else items, ensure_ascii=False, indent=2))


def verdict_words(answer: dict[str, Any]) -> str:
    """The verdict for a person; S29: what is good under a development root must not be taken for more."""
    if answer["verdict"] == "valid" and "DEVELOPMENT_NO_LEGAL_VALUE" in answer["reason_codes"]:
        return "HỢP LỆ (phát triển, không có giá trị pháp lý) / VALID (development, no legal value)"
    return _WORDS[answer["verdict"]]


def _text(name: str, answer: dict[str, Any]) -> str:
    if "error" in answer:
        error = answer["error"]
        return f"{name}: {error['code']}: {error['detail_vi']} / {error['detail_en']}"
    lines = [f"{name}: {verdict_words(answer)}"]
    lines += [f"  - {vi} / {en}" for vi, en in zip(answer["reasons_vi"], answer["reasons_en"], strict=True)]
    for entry in answer["signatures"]:
        signer = entry["signer"]
        names = (signer["common_name"], signer["title"], signer["organisation"])
        who = ", ".join(dict.fromkeys(part for part in names if part))  # a seal names its agency twice
        when = entry["best_signature_time"]["at"] or entry["claimed_time"] or "?"
        verdict = f"{entry['indication']}{'/' + entry['sub_indication'] if entry['sub_indication'] else ''}"
        lines.append(f"  [{entry['field']}] {who or '?'} | {when} | {entry['level'] or entry['kind']} | {verdict}")
    return "\n".join(lines)
