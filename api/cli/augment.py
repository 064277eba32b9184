"""`anso augment FILE…`: what a signed file still lacks is added behind it; its signatures keep every byte."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from api.cli.exits import Exit, fail
from api.cli.file_augmenting import FileAugmenting, file_workers, need_of
from api.cli.output import DataOption, Format, FormatOption
from api.cli.proofs import Proofs, proofs_of
from api.cli.sign_failures import EXISTS, of_error, of_file, told
from api.cli.sign_files import OutputExists, copied, digest_of, new_file
from api.cli.sign_items import Done, Item, Note, named_items, require_distinct
from api.cli.sign_run import RunOptions, journal_place, run
from api.cli.sign_ways import address_and_login, installation, proving_service
from api.cli.verify_inputs import names_several

if TYPE_CHECKING:
    from signing.isolation import Isolation

Sources = tuple[Callable[[], datetime], Callable[[datetime], Proofs]]
"""A clock, and what proves one of its moments."""

app = typer.Typer(rich_markup_mode=None)

_SUFFIX: Final = "augmented"
_EPILOG: Final = """
Ví dụ / examples:

  anso augment quyet-dinh.pdf --data anso-data

  anso augment luu-tru/ --level b-lta --out luu-tru-moi/ --continue-on-error

  anso augment luu-tru/ --dry-run -o json

  anso augment da-ky/ --url https://anso.tinh.gov.vn --out du/     (mã truy cập / token: ANSO_TOKEN)

b-lt: thêm dấu thời gian và bằng chứng trạng thái còn thiếu / adds the missing time-stamp and status evidence.
--data: dấu thời gian và bằng chứng của thư mục dữ liệu; --url: của dịch vụ, chỉ gửi giá trị băm / time-stamps and
evidence of a data folder, or of a service, to which hashes go and no files.
b-lta: thêm bằng chứng, rồi dấu thời gian lưu trữ lên tất cả / evidence, then an archive time-stamp over everything.

Mã thoát / exit codes: 0 xong / done; 1 không ghi được tệp, lỗi nội bộ / output not written, internal; 2 dùng sai /
usage; 6 một số không được / some failed; 8 dịch vụ dấu thời gian / time-stamp service; 10 không đọc hoặc không thêm
được / input not usable; 130 Ctrl-C.
"""


@app.command(epilog=_EPILOG)
def augment(  # noqa: PLR0917 - every option of a typer command is a parameter
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="Tệp, mẫu, thư mục / files, patterns, folders")],
    level: Annotated[str, typer.Option("--level", help="b-lt | b-lta")] = "b-lt",
    out: Annotated[
        Path | None, typer.Option("--out", help="Thư mục ghi; không có: NAME.augmented.pdf / folder", file_okay=False)
    ] = None,
    continue_on_error: Annotated[  # noqa: FBT002 - typer's way of a flag
        bool, typer.Option("--continue-on-error", help="Một tệp hỏng không dừng cả loạt / a bad one stops no other")
    ] = False,
    resume: Annotated[  # noqa: FBT002 - as above
        bool, typer.Option("--resume", help="Bỏ qua tệp đã xong trong lần trước / skip what an earlier run did")
    ] = False,
    dry_run: Annotated[  # noqa: FBT002 - as above
        bool, typer.Option("--dry-run", help="Chỉ báo đến bao giờ phải gia hạn / only tell until when each lasts")
    ] = False,
    url: Annotated[
        str | None, typer.Option("--url", help="Dấu thời gian của dịch vụ / a service's time-stamps; ANSO_TOKEN")
    ] = None,
    tls_roots: Annotated[
        Path | None, typer.Option("--tls-roots", help="Gốc TLS của dịch vụ / the service's TLS roots", dir_okay=False)
    ] = None,
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Bổ sung dấu thời gian và bằng chứng cho tệp đã ký / add time-stamps and evidence to signed files."""
    if level not in {"b-lt", "b-lta"}:
        fail(Exit.USAGE, "--level: b-lt | b-lta")
    items = require_distinct(named_items(files, out, _SUFFIX))
    if resume and out is None:
        fail(Exit.USAGE, "--resume: cần / needs --out")
    options = RunOptions(
        output=output,
        continue_on_error=continue_on_error or dry_run,
        resume=resume and not dry_run,
        journal=None if dry_run else journal_place(out, None),
        label="Bổ sung / augmenting",
        is_list=names_several(files),
    )
    if dry_run:
        with file_workers() as workers:
            run(items, partial(_told, workers=workers), options)
    if url is not None and data is not None:
        fail(Exit.USAGE, "--url, --data: chỉ một / only one of them")
    with _folder(data) if url is None else _service(url, tls_roots) as sources, file_workers() as workers:
        run(items, partial(_augmented, sources=sources, workers=workers, archive=level == "b-lta"), options)


@contextmanager
def _folder(data: Path | None) -> Iterator[Sources]:
    """What proves a moment, of a data folder.

    Raises:
        SystemExit: 2 without an installation.
    """
    services = installation(data)
    try:
        yield services.clock, partial(proofs_of, services)
    finally:
        services.close()


@contextmanager
def _service(url: str, tls_roots: Path | None) -> Iterator[Sources]:
    """The same of a service.

    Raises:
        SystemExit: 2 for an address that no token is sent to, 7 without a token.
    """
    from api.clock import now

    with proving_service(*address_and_login(url), tls_roots) as (_, proofs):
        yield now, proofs


def _augmented(
    items: Sequence[Item], note: Note, sources: Sources, workers: "Isolation", *, archive: bool
) -> Generator[Done]:
    """One answer for each item, in their order; each at its own moment."""
    clock, proofs = sources
    for item in items:
        at = clock()
        augmenting = FileAugmenting(proofs=proofs(at), workers=workers, at=at)
        yield _each(item, partial(_write, note=note, augmenting=augmenting, archive=archive))


def _told(items: Sequence[Item], _: Note, workers: "Isolation") -> Generator[Done]:
    """Until when each file's proof lasts; nothing is written."""
    for item in items:
        yield _each(item, partial(_lasts, workers=workers))


def _each(item: Item, action: Callable[[Item, Path], Done]) -> Done:
    from signing.errors import SigningError

    if item.missing is not None or item.source is None:
        return Done(item=item, state="failed", failure=told(*(item.missing or ("NO_FILE", "", ""))))
    try:
        with item.source.open("rb"):
            pass
    except OSError as err:
        return Done(item=item, state="failed", failure=of_file(err, writing=False))
    try:
        done = action(item, item.source)
    except SigningError as err:
        return Done(item=item, state="failed", failure=of_error(err))
    except OutputExists:
        return Done(item=item, state="failed", failure=EXISTS)
    except OSError as err:
        return Done(item=item, state="failed", failure=of_file(err, writing=True))
    return done


def _write(item: Item, source: Path, *, note: Note, augmenting: FileAugmenting, archive: bool) -> Done:
    if item.target is None or item.target.exists():
        raise OutputExists
    with new_file(item.target) as file:
        given = copied(source, file)
        level = augmenting.augment(file, archive=archive)
        file.flush()
        digest = digest_of(Path(file.name))
        done = Done(item=item, state="augmented", level=level, sha256=digest, source_sha256=given)
        note(done)
    return done


def _lasts(item: Item, source: Path, *, workers: "Isolation") -> Done:
    need = need_of(source, workers)
    return Done(item=item, state="told", lasts_until=None if need.until is None else need.until.isoformat())
