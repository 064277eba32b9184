"""`anso signer`: the process that alone uses keys, and what its operator does at it.

Whoever vouches for other people's passkeys is admitted here, by people who stand at the machine; never over HTTP.
"""

from typing import Annotated

import typer

from api.cli.output import DataOption, Format, FormatOption, write, write_items

app = typer.Typer(help="Tiến trình giữ khóa / the process that keeps the keys")


@app.callback(invoke_without_command=True)
def signer(context: typer.Context, data: DataOption = None) -> None:
    """Giữ khóa và ký; chạy đến khi SIGTERM / keep the keys and sign, until SIGTERM or Ctrl-C."""
    if context.invoked_subcommand is not None:
        return
    from api import log
    from api.cli.settings import load_settings
    from api.signer_process import run_signer

    settings = load_settings(data)
    log.configure(settings.log_level)
    run_signer(settings, on_ready=lambda: print("anso: sẵn sàng / ready: signer", flush=True))


@app.command("passkeys")
def list_passkeys(data: DataOption = None, output: FormatOption = Format.TEXT) -> None:
    """Khóa truy cập đã đăng ký / registered passkeys, with the fingerprint to compare with what the holder sees."""
    import hashlib

    from api.cli.settings import load_settings
    from api.signer_process import open_signer

    found = [
        {
            "id": one.passkey_id,
            "person": one.person,
            "label": one.label,
            "state": one.state.value,
            "officer": one.is_officer,
            "fingerprint": hashlib.sha256(one.key.spki).hexdigest() if one.key else None,
        }
        for one in open_signer(load_settings(data)).desk.passkeys(None)
    ]
    if output is not Format.TEXT:
        write_items(found, output)
        return
    for one in found:
        officer = "officer" if one["officer"] else "-"
        print(f"{one['id']}  {one['person']}  {one['state']:<10}  {officer:<7}  {one['fingerprint']}")


@app.command("admit-officer")
def admit(
    passkey: Annotated[str, typer.Argument(help="Mã khóa truy cập / passkey id pk_…")],
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Cho người này xác nhận khóa của người khác / let this passkey vouch for other people's."""
    from api.cli.settings import load_settings
    from api.signer_process import admit_officer

    made = admit_officer(load_settings(data), passkey)
    write({"id": made.passkey_id, "person": made.person, "officer": True}, output, f"{made.passkey_id}: {made.person}")


@app.command("adopt")
def adopt(data: DataOption = None, output: FormatOption = Format.TEXT) -> None:
    """Nhận các khóa đã có chứng thư / learn from the register what keys are for that were certified elsewhere."""
    from api.cli.settings import load_settings
    from api.signer_process import adopt_certified_keys

    adopted = adopt_certified_keys(load_settings(data))
    write({"adopted": list(adopted)}, output, "\n".join(adopted) or "không có / none")


@app.command("release-holder")
def release(
    key: Annotated[str, typer.Argument(help="Mã khóa / key id")],
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Khóa con dấu đổi người giữ / a seal gets another keeper: the next who authorises is bound."""
    from api.cli.settings import load_settings
    from api.signer_process import release_holder

    release_holder(load_settings(data), key)
    write({"key": key}, output, f"{key}: đã mở / released")
