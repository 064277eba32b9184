"""`anso vault`: documents for whoever holds a token, and the care of the store for its operator.

An operator's commands never open a document: `check`, `probe` and `upkeep` work on ciphertext.
"""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from api.cli.caller import TokenOption, calling
from api.cli.output import DataOption, Format, FormatOption, write, write_items

app = typer.Typer(no_args_is_help=True, help="Kho dữ liệu công dân / the citizens' vault")


@app.command("ls")
def list_vault(
    owner: Annotated[str, typer.Argument(help="Mã công dân / subject id sub_…")],
    token: TokenOption,
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Giấy tờ trong kho / the documents that the token's holder may see."""
    from api.bootstrap import build_services
    from api.callers import Purpose, Role
    from api.cli.settings import load_settings
    from api.clock import now
    from api.ids import parse_id
    from api.schemas.vault import DocumentView
    from api.usecases.list_documents import ListDocuments, list_documents
    from api.usecases.vault_readers import OFFICERS

    services, at = build_services(load_settings(data)), now()
    caller = calling(services, token, (Role.CITIZEN, *OFFICERS), Purpose.READ_OWN_DOCUMENTS, at)
    command = ListDocuments(owner=parse_id("sub", owner), limit=200)
    found = [DocumentView.of(each) for each in list_documents(command, services, caller, at).documents]
    if output is Format.TEXT:
        for view in found:
            print(f"{view.id}  {view.grade:17}  {view.state:10}  {view.type_code:24}  {view.title}")
    else:
        write_items((view.model_dump(mode="json") for view in found), output)


@app.command("get")
def get_file(
    *,
    document: Annotated[str, typer.Argument(help="Mã giấy tờ / document id doc_…")],
    out: Annotated[Path, typer.Option("--out", help="Tệp đích, chưa tồn tại / a new file", dir_okay=False)],
    token: TokenOption,
    role: Annotated[str, typer.Option(help="master | access | signed")] = "signed",
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Lấy một tệp / one file of a document, after every check."""
    from api.bootstrap import build_services
    from api.callers import Purpose, Role
    from api.cli.exits import Exit, fail
    from api.cli.settings import load_settings
    from api.clock import now
    from api.ids import parse_id
    from api.usecases.read_document import ReadDocument, read_document
    from api.usecases.vault_readers import OFFICERS
    from vault.model import FileRole

    if role not in {each.value for each in FileRole}:
        fail(Exit.USAGE, "--role: master | access | signed")
    if out.exists():
        fail(Exit.USAGE, f"tệp đã tồn tại / the file exists: {out}")
    services, at = build_services(load_settings(data)), now()
    caller = calling(services, token, (Role.CITIZEN, *OFFICERS), Purpose.READ_DOCUMENT, at)
    command = ReadDocument(document_id=parse_id("doc", document), role=FileRole(role))
    file = read_document(command, services, caller, at).file
    if file is not None:
        out.write_bytes(file.content)
        value = {
            "document_id": document,
            "role": role,
            "media_type": file.media_type,
            "size": len(file.content),
            "sha256": file.sha256.hex(),
            "path": str(out),
        }
        write(value, output, f"{out}  {len(file.content)} B  sha256 {file.sha256.hex()}")


@app.command()
def probe(data: DataOption = None, output: FormatOption = Format.TEXT) -> None:
    """Thử kho lưu trữ / try every promise that the configured object store must keep."""
    from api.bootstrap import build_store
    from api.cli.exits import Exit
    from api.cli.settings import load_settings
    from api.clock import now
    from vault.stores.probe import probe_store

    settings = load_settings(data)
    findings = probe_store(build_store(settings), now())
    good = all(finding.is_kept for finding in findings)
    value = {
        "ok": good,
        "store": settings.store,
        "findings": [{"promise": one.promise, "ok": one.is_kept, "detail": one.detail} for one in findings],
    }
    lines = (f"{'✓' if one.is_kept else '✗'} {one.promise} {one.detail}".rstrip() for one in findings)
    write(value, output, "\n".join(lines))
    if not good:
        raise SystemExit(Exit.CONFIGURATION)


@app.command()
def check(data: DataOption = None, output: FormatOption = Format.TEXT) -> None:
    """Đối chiếu mọi tệp với sổ / compare every stored file with its record; opens none."""
    from api.bootstrap import build_services
    from api.cli.exits import Exit
    from api.cli.settings import load_settings

    services = build_services(load_settings(data))
    looked_at, damaged = 0, []
    with services.db.reading() as tx:
        for finding in services.vault.upkeep.scrub(tx):
            looked_at += 1
            if finding.reason is not None:
                damaged.append(
                    {
                        "document_id": finding.file.document_id,
                        "role": finding.file.role.value,
                        "reason": finding.reason,
                    }
                )
    lines = [f"{looked_at} tệp / files, {len(damaged)} sai lệch / damaged"]
    lines += [f"✗ {one['document_id']} {one['role']} {one['reason']}" for one in damaged]
    write({"ok": not damaged, "files": looked_at, "damaged": damaged}, output, "\n".join(lines))
    if damaged:
        raise SystemExit(Exit.SOME_FAILED)


@app.command()
def upkeep(data: DataOption = None, output: FormatOption = Format.TEXT) -> None:
    """Bảo trì / protect what is committed, remove orphans, record the audit ledger's head in the store."""
    from api.bootstrap import build_services
    from api.callers import SYSTEM_CALLER
    from api.cli.settings import load_settings
    from api.clock import now
    from api.usecases.maintain_vault import MaintainVault, maintain_vault

    services = build_services(load_settings(data))
    caller = replace(SYSTEM_CALLER, request_id="command-line")
    done = maintain_vault(MaintainVault(), services, caller, now())
    value = {
        "protected": done.protected,
        "objects": done.swept.looked_at,
        "removed": done.swept.removed,
        "ledger_head": done.recorded_head.sequence,
    }
    write(value, output, "\n".join(f"{name}: {number}" for name, number in value.items()))
