"""`anso verify FILE…`: the same report as `POST /v1/verifications`, offline; the worst file decides the exit code."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

from api.cli.exits import Exit, fail
from api.cli.moments import read_moment
from api.cli.output import DataOption, Format, FormatOption, write_items
from api.cli.verify_inputs import STDIN, Input, expand, names_several
from api.cli.verify_text import answer_text
from api.cli.verify_work import Answer, Question, answers
from api.usecases.report_depth import Depth, shortened
from signing.trust import TrustProfile

if TYPE_CHECKING:
    from api.settings import Settings
    from signing.trust import TrustAnchors

app = typer.Typer(rich_markup_mode=None)

_WORST_FIRST: Final = (
    Exit.INPUT_UNREADABLE, Exit.SIGNATURE_INVALID, Exit.INDETERMINATE, Exit.NO_SIGNATURE, Exit.OK,
)  # fmt: skip
_SHOW_PROGRESS_FROM: Final = 4  # files; fewer are done before anybody looks
_USUAL_JOBS: Final = 2
_EPILOG: Final = """
Ví dụ / examples:

  anso verify quyet-dinh.pdf

  anso verify "ho-so/**/*.pdf" --trust goc-tin-cay/ -o jsonl --jobs 4

  anso verify thu-muc/ --at 2026-08-05T09:00:00+07:00 --profile official

  anso verify hop-dong.docx --signature hop-dong.docx.p7s

  anso verify mat.pdf --password-file mat-khau.txt --report etsi --out bao-cao/

  curl -s https://…/tep.pdf | anso verify - -o json

Mã thoát / exit codes: 0 hợp lệ / valid; 3 không hợp lệ / invalid; 4 chưa kết luận / indeterminate; 5 không có chữ ký /
no signature; 10 không đọc được / not readable; 2 dùng sai / usage; 9 cấu hình / configuration; 130 Ctrl-C.
Nhiều tệp: kết quả xấu nhất quyết định / of several files the worst decides.
"""


@app.command(epilog=_EPILOG)
def verify(  # noqa: PLR0917 - every option of a typer command is a parameter
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE…", help="Tệp, mẫu '**/*.pdf', thư mục, - / files, patterns, folders, - stdin"),
    ],
    at: Annotated[
        str | None, typer.Option("--at", help="Kiểm tra theo thời điểm / judge at this moment: ISO 8601 + múi giờ")
    ] = None,
    trust: Annotated[
        Path | None, typer.Option("--trust", help="Gốc tin cậy: PEM, hoặc thư mục / roots: official/ public/ dev/ …")
    ] = None,
    policy: Annotated[str | None, typer.Option("--policy", help="vn.tt15-2025 | vn.tt22-2020")] = None,
    profile: Annotated[
        TrustProfile | None, typer.Option("--profile", help="Chỉ chấp nhận gốc của / roots of this profile only")
    ] = None,
    signature: Annotated[
        Path | None, typer.Option("--signature", help="Chữ ký rời .p7s của một tệp / detached CMS over one file")
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option("--password-file", help="Tệp chứa mật khẩu PDF / file with the PDF's password")
    ] = None,
    report: Annotated[
        Depth | None, typer.Option("--report", help="simple: ít; detailed: kèm chứng thư; etsi: XML TS 119 102-2")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Thư mục ghi báo cáo etsi / folder for NAME.xml", file_okay=False)
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Số tệp cùng lúc / files at a time")] = _USUAL_JOBS,
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Kiểm tra chữ ký, không cần mạng; không ghi lại gì / verify signatures, offline; nothing is kept."""
    from api.clock import now

    _require_usable(files, signature, out, report)
    moment = read_moment(at) if at else now()
    question = Question(
        anchors=_anchors(trust, data, moment).only(profile),
        at=moment,
        policy_id=_known_policy(policy),
        password=None if password_file is None else _password(password_file),
        detailed=report is Depth.DETAILED,
        etsi=report is Depth.ETSI,
    )
    inputs = expand(files, signature)
    shown = _Shown(output, report, out, is_list=names_several(files))
    try:
        with closing(answers(inputs, question, jobs)) as found:
            for answer in _with_progress(found, inputs):
                shown.show(answer)
    except KeyboardInterrupt:
        shown.finish()
        _end(Exit.INTERRUPTED)
    shown.finish()
    worst = min(shown.exits, key=_WORST_FIRST.index, default=Exit.USAGE)
    if worst is not Exit.OK:
        _end(worst)


class _Shown:
    """What is written as the answers come in."""

    def __init__(self, output: Format, depth: Depth | None, out: Path | None, *, is_list: bool) -> None:
        self._output, self._depth, self._out, self._is_list = output, depth, out, is_list
        self._items: list[dict[str, Any]] = []
        self._written: set[str] = set()
        self.exits: list[Exit] = []

    def show(self, answer: Answer) -> None:
        """One answer: written now, or kept for the one document at the end."""
        self.exits.append(answer.exit)
        if answer.xml:
            self._show_xml(answer)
        if self._depth is Depth.ETSI and self._out is None:
            if not answer.xml:
                print(answer_text(answer.name, answer.document), file=sys.stderr)
            return
        document = {"input": answer.name, **answer.document}
        if self._depth is Depth.SIMPLE and "signatures" in document:
            document = shortened(document)
        if self._output is Format.TEXT:
            print(answer_text(answer.name, document), flush=True)
        elif self._output is Format.JSONL:
            write_items([document], Format.JSONL)
            sys.stdout.flush()
        else:
            self._items.append(document)

    def finish(self) -> None:
        """The one document of all that was done."""
        import json

        if self._output is not Format.JSON or (self._depth is Depth.ETSI and self._out is None):
            return
        single = self._items[0] if self._items and not self._is_list else None
        print(json.dumps(self._items if single is None else single, ensure_ascii=False, indent=2))

    def _show_xml(self, answer: Answer) -> None:
        if self._out is None:
            sys.stdout.buffer.write(answer.xml)
            sys.stdout.buffer.flush()
            return
        stem = Path(answer.name).name if answer.name != STDIN else "stdin"
        name, number = f"{stem}.xml", 1
        while name in self._written:  # two files of one name in different folders
            number += 1
            name = f"{stem}.{number}.xml"
        self._written.add(name)
        try:
            self._out.mkdir(parents=True, exist_ok=True)
            (self._out / name).write_bytes(answer.xml)
        except OSError as err:
            fail(Exit.USAGE, f"--out: {err.strerror}")


def _with_progress(found: Iterable[Answer], inputs: Sequence[Input]) -> Iterator[Answer]:
    """The answers; many of them with a bar on standard error, if somebody looks at it."""
    if len(inputs) < _SHOW_PROGRESS_FROM or not sys.stderr.isatty():
        yield from found
        return
    from rich.console import Console
    from rich.progress import track

    label = "Kiểm tra / verifying"
    yield from track(found, description=label, total=len(inputs), console=Console(stderr=True), transient=True)


def _require_usable(files: list[str], signature: Path | None, out: Path | None, report: Depth | None) -> None:
    if signature is not None and (len(files) != 1 or names_several(files)):
        fail(Exit.USAGE, "--signature: đúng một tệp / exactly one file")
    if out is not None and report is not Depth.ETSI:
        fail(Exit.USAGE, "--out: chỉ với / only with --report etsi")
    if report is Depth.ETSI and out is None and names_several(files):
        fail(Exit.USAGE, "--report etsi: nhiều tệp cần / several files need --out")
    if files.count(STDIN) > 1:
        fail(Exit.USAGE, "-: một lần / once")


def _known_policy(policy: str | None) -> str | None:
    if policy is None:
        return None
    from signing.validation import POLICIES

    if policy not in POLICIES:
        fail(Exit.USAGE, f"--policy: {', '.join(POLICIES)}")
    return policy


def _password(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        fail(Exit.USAGE, f"--password-file: không đọc được / cannot be read: {path.name}")
    return lines[0] if lines else ""


def _anchors(trust: Path | None, data: Path | None, at: datetime) -> "TrustAnchors":
    """The given roots; without any, the configured ones and the embedded installation's development root."""
    from api.cli.trust import anchors_of_installation, anchors_of_path

    def settings() -> "Settings":
        from api.cli.settings import load_settings

        return load_settings(data)

    return anchors_of_installation(settings(), at) if trust is None else anchors_of_path(trust, settings, at)


def _end(code: Exit) -> NoReturn:
    raise SystemExit(code)
