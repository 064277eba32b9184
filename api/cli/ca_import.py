"""`anso ca import` and `anso ca batch`: files from outside, in the name of the officer whose token is given."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.caller import TokenOption, calling
from api.cli.output import DataOption, Format, FormatOption, write

if TYPE_CHECKING:
    from datetime import datetime

    from api.callers import Caller
    from api.records.bulk_rows import RowResult
    from api.services import Services

_EvidenceOption = Annotated[str, typer.Option(help="Căn cứ đã xem / reference to what was seen")]


def import_certificate(
    *,
    file: Annotated[Path, typer.Argument(help="PEM hoặc DER, kèm chuỗi / with its chain", dir_okay=False)],
    evidence: _EvidenceOption,
    token: TokenOption,
    person: Annotated[str | None, typer.Option(help="Mã người / subject id sub_…")] = None,
    org: Annotated[str | None, typer.Option(help="Mã đơn vị của con dấu / the seal's agency")] = None,
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Nhập chứng thư do nơi khác cấp / import a certificate that another authority issued."""
    from api.cli.exits import Exit, fail
    from api.errors import AnsoError
    from api.usecases.external_file import one_with_evidence
    from api.usecases.external_holder import ClaimedHolder
    from api.usecases.import_external_certificate import ImportExternalCertificate, import_external_certificate
    from signing.errors import SigningError

    services, caller, at = _officer(data, token)
    try:
        certificate, came_with = one_with_evidence(_content(file), (), services)
        command = ImportExternalCertificate(
            certificate=certificate,
            came_with=came_with,
            claimed=ClaimedHolder(subject_id=person, org_code=org),
            evidence=evidence,
        )
        imported = import_external_certificate(command, services, caller, at)
    except (AnsoError, SigningError) as err:
        fail(Exit.UNAVAILABLE if err.retryable else Exit.SOME_FAILED, _told(err))
    finally:
        services.close()
    made = imported.certificate
    value = {
        "id": made.certificate_id,
        "is_new": imported.is_new,
        "state": made.state.value,
        "trust_profile": made.profile.value,
        "class": made.certificate_class.value,
        "sha256": made.sha256,
    }
    write(value, output, f"{made.certificate_id}  {made.profile.value}  {made.state.value}  {made.common_name}")


def batch(
    *,
    file: Annotated[Path, typer.Argument(help="CSV, UTF-8", dir_okay=False)],
    evidence: _EvidenceOption,
    token: TokenOption,
    kind: Annotated[str, typer.Option(help="citizens | officials")] = "citizens",
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Lập yêu cầu cấp chứng thư theo tệp / file a request for every row; rows are worked on at once."""
    from api.cli.exits import Exit, fail
    from api.errors import AnsoError
    from api.records.bulk import BatchKind
    from api.records.bulk_rows import RowState
    from api.usecases.file_request_batch import FileRequestBatch, file_request_batch
    from api.usecases.read_batch import REQUESTS, ReadBatch, read_all_rows, read_batch
    from api.usecases.work_batch import work_batch

    kinds = {one.value: one for one in REQUESTS}
    if kind not in kinds:
        fail(Exit.USAGE, "--kind: citizens | officials")
    services, caller, at = _officer(data, token)
    command = FileRequestBatch(kind=BatchKind(kind), evidence=evidence, content=_content(file))  # type: ignore[arg-type]  # two of five, asked above
    try:
        filed = file_request_batch(command, services, caller, at)
    except AnsoError as err:
        services.close()
        fail(Exit.INPUT_UNREADABLE, _told(err))
    # the queue has the job as well: whoever comes second finds nothing to do
    work_batch(services, {"batch_id": filed.batch_id}, _show_progress)
    wanted = ReadBatch(batch_id=filed.batch_id, kinds=REQUESTS)
    counts = {state.value: number for state, number in read_batch(wanted, services, caller, at).counts.items()}
    wrong = [row for row in read_all_rows(wanted, services, caller, at) if row.state is RowState.REFUSED]
    services.close()
    refused = [{"row": row.row_number, "reason_code": row.reason_code} for row in wrong]
    write({"id": filed.batch_id, "counts": counts, "refused": refused}, output, _shown(filed.batch_id, counts, wrong))
    if wrong:
        raise SystemExit(Exit.SOME_FAILED)


def _officer(data: Path | None, token: str) -> "tuple[Services, Caller, datetime]":
    """The services, the registration officer behind the token, and the moment."""
    from api.bootstrap import build_services
    from api.callers import Purpose, Role
    from api.cli.settings import load_settings
    from api.clock import now

    services, at = build_services(load_settings(data)), now()
    return services, calling(services, token, (Role.RA_OFFICER,), Purpose.REQUEST_CERTIFICATE, at), at


def _shown(batch_id: str, counts: dict[str, int], wrong: "list[RowResult]") -> str:
    """The figures, and below them every row that was refused."""
    lines = [f"{batch_id}  " + "  ".join(f"{state} {number}" for state, number in counts.items())]
    lines += [
        f"dòng / row {row.row_number}: {row.reason_code} {row.reason_vi or _title(row.reason_code)}" for row in wrong
    ]
    return "\n".join(lines)


def _content(file: Path) -> bytes:
    from api.cli.exits import Exit, fail

    try:
        return file.read_bytes()
    except OSError as err:
        fail(Exit.INPUT_UNREADABLE, f"không đọc được tệp / cannot be read: {type(err).__name__}")


def _told(err: Exception) -> str:
    from api.problems import reason_of

    code = str(getattr(err, "code", "INTERNAL"))
    detail = getattr(err, "detail_vi", "") or reason_of(code)[0]
    return f"{code}: {detail}"


def _title(code: str | None) -> str:
    from api.problems import reason_of

    return reason_of(code or "")[0]


def _show_progress(done: int, total: int, label: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{label} {done}/{total}", end="" if done < total else "\n", file=sys.stderr)
