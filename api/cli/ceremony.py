"""`anso ca ceremony` and `anso ca ceremony-check`: a hierarchy is made from a recipe, before witnesses, in writing.

Knows files and what is printed. A ceremony is held where the keys are: on the machine of the signer, or through it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.output import DataOption, Format, FormatOption, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.services import Services
    from api.usecases.hold_ceremony import HoldCeremony
    from signing.ca import PlannedMember, Recipe


def ceremony(
    *,
    recipe: Annotated[Path, typer.Argument(help="Tệp YAML / the recipe", dir_okay=False, exists=True)],
    transcript: Annotated[Path | None, typer.Option(help="Biên bản (JSON Lines) / transcript", dir_okay=False)] = None,
    rehearsal: Annotated[bool, typer.Option("--dry-run", help="Chỉ diễn tập / show what would be made")] = False,
    plan: Annotated[str | None, typer.Option(help="SHA-256 đã thống nhất / plan digest that was agreed on")] = None,
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Lập hệ thống chứng thực theo kịch bản, có biên bản / make a hierarchy from a recipe, with a transcript."""
    from api.bootstrap import read_recipe
    from api.cli.exits import Exit, fail
    from api.clock import now
    from api.usecases.hold_ceremony import hold_ceremony
    from signing.ca import plan_digest, rehearse
    from signing.errors import SigningError

    read = read_recipe(recipe)
    services = _services(data)
    try:
        if rehearsal:
            members = rehearse(read, services.pki.room.site)
            write(_plan_value(read, members), output, _plan_text(read, members))
            return
        command, add = _command(read, recipe, transcript, plan)
        made = hold_ceremony(command, services, add, now())
        digest = plan_digest(rehearse(read, services.pki.room.site))
    except SigningError as err:
        fail(Exit.UNAVAILABLE if err.retryable else Exit.CONFIGURATION, f"{err.code}: {err}")
    finally:
        services.close()
    write({"made": list(made), "plan_sha256": digest}, output, "\n".join(made) or "đã đủ / nothing was missing")


def ceremony_check(
    transcript: Annotated[Path, typer.Argument(help="Biên bản / the transcript", dir_okay=False, exists=True)],
    certificates: Annotated[
        Path | None, typer.Option(help="Thư mục chứng thư đang dùng (PEM, DER) / certificates in use", file_okay=False)
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Kiểm tra biên bản với các chứng thư / check a transcript, and the certificates against it."""
    import hashlib

    from api.cli.exits import Exit, fail
    from signing.ca import check_transcript

    used = None if certificates is None else _certificates(certificates)
    try:
        report = check_transcript(transcript.read_text(encoding="utf-8"), used)
    except UnicodeDecodeError:
        fail(Exit.INPUT_UNREADABLE, "không phải biên bản / not a transcript")
    made = [{"service": service, "sha256": hashlib.sha256(der).hexdigest()} for service, der in report.certificates]
    value = {
        "lines": report.head.number,
        "head": report.head.digest,
        "certificates": made,
        "findings": list(report.findings),
        "ok": not report.findings,
    }
    lines = [f"{one['sha256']}  {one['service']}" for one in made]
    lines += list(report.findings) or [f"khớp / whole: {report.head.number}, {report.head.digest}"]
    write(value, output, "\n".join(lines))
    if report.findings:
        raise SystemExit(Exit.SIGNATURE_INVALID)


def _command(
    read: "Recipe", file: Path, transcript: Path | None, plan: str | None
) -> "tuple[HoldCeremony, Callable[[str], None]]":
    """What shall be held, and what adds to its transcript; a real hierarchy only as it was rehearsed."""
    import hashlib

    from api.cli.exits import Exit, fail
    from api.usecases.hold_ceremony import HoldCeremony

    if transcript is None:
        fail(Exit.USAGE, "cần --transcript / --transcript is needed")
    if not read.development and plan is None:
        fail(Exit.USAGE, "cần --plan từ buổi diễn tập / --plan from the rehearsal (--dry-run) is needed")
    lines, torn = _read_transcript(transcript)
    command = HoldCeremony(
        recipe=read,
        recipe_sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        transcript=lines,
        torn_sha256=torn,
        agreed_plan=plan,
    )
    return command, _writer(transcript, keep=len(lines.encode()))


def _services(data: Path | None) -> "Services":
    from api import migrations
    from api.bootstrap import build_services
    from api.cli.settings import load_settings

    services = build_services(load_settings(data))
    migrations.require_newest(services.db)
    return services


def _certificates(folder: Path) -> list[bytes]:
    from cryptography.hazmat.primitives.serialization import Encoding

    from api.cli.exits import Exit, fail
    from signing.errors import CertificateMalformed
    from signing.identity import load_certificate

    found = []
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        try:
            found.append(load_certificate(file.read_bytes()).public_bytes(Encoding.DER))
        except CertificateMalformed:
            fail(Exit.INPUT_UNREADABLE, f"không phải chứng thư / not a certificate: {file.name}")
    return found


def _read_transcript(path: Path) -> tuple[str, str]:
    """The whole lines, and the digest of half a line behind them that a crash left."""
    import hashlib

    from api.cli.exits import Exit, fail

    if not path.exists():
        return "", ""
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    torn = content[len(whole) :]
    try:
        return whole.decode("utf-8"), hashlib.sha256(torn).hexdigest() if torn else ""
    except UnicodeDecodeError:
        fail(Exit.INPUT_UNREADABLE, "không phải biên bản / not a transcript")


def _writer(path: Path, *, keep: int) -> "Callable[[str], None]":
    """Adds lines that are on the disk before the next step is taken."""
    import os
    import sys

    def add(line: str) -> None:
        nonlocal keep
        content = line.encode() + b"\n"
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            file.truncate(keep)
            file.seek(keep)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        keep += len(content)
        print(line, file=sys.stderr, flush=True)

    return add


def _plan_value(recipe: "Recipe", members: "tuple[PlannedMember, ...]") -> dict[str, object]:
    from signing.ca import plan_digest

    return {
        "plan_sha256": plan_digest(members),
        "attendees": [{"role": person.role, "name": person.name} for person in recipe.attendees],
        "members": [
            {"service": member.service, "form_sha256": member.form_sha256, "form": list(member.form)}
            for member in members
        ],
    }


def _plan_text(recipe: "Recipe", members: "tuple[PlannedMember, ...]") -> str:
    from signing.ca import plan_digest

    lines = [f"{person.role}: {person.name}" for person in recipe.attendees]
    for member in members:
        lines += [f"{member.service}  {member.form_sha256}", *(f"    {line}" for line in member.form)]
    return "\n".join([*lines, f"kế hoạch / plan: {plan_digest(members)}"])
