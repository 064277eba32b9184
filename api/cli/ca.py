"""`anso ca`: certificates of this installation: make and renew the hierarchy, list, inspect a file, write a CRL."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.ca_check import check
from api.cli.ca_import import batch, import_certificate
from api.cli.ceremony import ceremony, ceremony_check
from api.cli.output import DataOption, Format, FormatOption, write, write_items

if TYPE_CHECKING:
    from api.services import Services
    from signing.registry import CertificateRecord
    from signing.registry_sql import PublishedCrl

app = typer.Typer(no_args_is_help=True, help="Chứng thư số / certificates")
app.command()(check)
app.command()(batch)
app.command("import")(import_certificate)
app.command()(ceremony)
app.command("ceremony-check")(ceremony_check)


@app.command()
def init(data: DataOption = None, output: FormatOption = Format.TEXT) -> None:
    """Lập hoặc gia hạn hệ thống chứng thực phát triển / make what is missing of the development hierarchy."""
    from api.clock import now
    from api.usecases.establish_pki import establish_pki

    made = establish_pki(_services(data), now())
    write({"made": list(made)}, output, "\n".join(made) or "đã đủ / nothing was missing")


@app.command("list")
def list_certificates(
    data: DataOption = None,
    org: Annotated[str | None, typer.Option(help="Mã đơn vị / organisation code")] = None,
    person: Annotated[str | None, typer.Option(help="Mã người / subject id sub_…")] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Liệt kê chứng thư đã cấp / list issued certificates."""
    from signing.registry_sql import CertificateFilter, RegistrySql

    wanted = CertificateFilter(org_code=org, subject_id=person)
    services = _services(data)
    found: list[CertificateRecord] = []
    after = None
    with services.db.reading() as tx:
        while page := RegistrySql(tx).page(wanted, after=after, limit=200):
            found += page
            after = page[-1].certificate_id
    if output is not Format.TEXT:
        write_items([_described(record) for record in found], output)
        return
    for record in found:
        kind = f"{record.certificate_class}#{record.ordinal}"
        until = f"{record.not_after:%Y-%m-%d}"
        print(f"{record.certificate_id}  {record.status:<8}  {kind:<12}  {until}  {record.common_name}")


@app.command()
def inspect(
    file: Annotated[Path, typer.Argument(help="PEM hoặc DER / PEM or DER", dir_okay=False)],
    output: FormatOption = Format.TEXT,
) -> None:
    """Đọc nội dung một chứng thư (không kiểm tra tin cậy) / what a certificate says; nothing is verified."""
    from api.cli.exits import Exit, fail
    from api.usecases.inspect_certificate import inspect_certificate
    from signing.errors import CertificateMalformed

    try:
        said = inspect_certificate(file.read_bytes())
    except (CertificateMalformed, OSError) as err:
        fail(Exit.INPUT_UNREADABLE, f"không đọc được chứng thư / not a certificate: {type(err).__name__}")
    write(said, output, "\n".join(f"{name}: {value}" for name, value in said.items()))


@app.command()
def crl(  # noqa: PLR0917 - typer's way: a parameter an option
    file: Annotated[Path, typer.Option("--out", help="Tệp DER, hoặc thư mục / file, with --all a folder")],
    authority: Annotated[str | None, typer.Argument(help="root | personal | secondary")] = None,
    shard: Annotated[int | None, typer.Option(min=0, help="Một phần của danh sách / one shard")] = None,
    every: Annotated[bool, typer.Option("--all", help="Mọi danh sách / every list")] = False,  # noqa: FBT002 - a flag
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Ghi danh sách thu hồi hiện hành / write the current revocation list (DER)."""
    from api.clock import now
    from api.usecases.publish_crl import publish_crl
    from api.usecases.publish_due_lists import publish_due_lists
    from api.usecases.read_crl import current_lists

    if every == (authority is not None) or (every and (shard is not None or not file.is_dir())):
        raise typer.BadParameter("AUTHORITY [--shard N] --out FILE, --all --out FOLDER")
    services = _services(data)
    if every:
        publish_due_lists(services, now())
        for one in current_lists(services):
            name = one.issuer if one.shard is None else f"{one.issuer}-{one.shard}"
            _write_list(one, file / f"{name}.crl", output)
    else:
        _write_list(publish_crl(authority or "", services, now(), shard=shard), file, output)


def _write_list(published: "PublishedCrl", file: Path, output: Format) -> None:
    file.write_bytes(published.der)
    value = {
        "issuer": published.issuer,
        "shard": published.shard,
        "number": published.number,
        "next_update": published.next_update.isoformat(),
    }
    name = published.issuer if published.shard is None else f"{published.issuer}/{published.shard}"
    write(value, output, f"{file}: CRL {name} số / number {published.number}")


def _services(data: Path | None) -> "Services":
    from api import migrations
    from api.bootstrap import build_services
    from api.cli.settings import load_settings

    services = build_services(load_settings(data))
    migrations.require_newest(services.db)
    return services


def _described(record: "CertificateRecord") -> dict[str, object]:
    return {
        "id": record.certificate_id,
        "class": record.certificate_class,
        "ordinal": record.ordinal,
        "common_name": record.common_name,
        "org_code": record.org_code,
        "status": record.status,
        "not_after": record.not_after.isoformat(),
        "sha256": record.sha256,
    }
