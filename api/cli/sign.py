"""`anso sign FILE…`: signs here or through a service, with the own key or one that it keeps; nothing half done."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from api.cli.exits import Exit, fail
from api.cli.holder_keys import KeyOptions, open_key
from api.cli.output import DataOption, Format, FormatOption
from api.cli.sign_copies import copy_wishes
from api.cli.sign_items import (
    Item,
    certified_items,
    copy_items,
    listed_items,
    named_items,
    require_distinct,
    require_lines,
    result_items,
)
from api.cli.sign_marks import draws_picture, with_marks
from api.cli.sign_run import RunOptions, journal_place, run
from api.cli.sign_ways import KeptWay, LocalWay, RemoteWay
from api.cli.verify_inputs import names_several

app = typer.Typer(rich_markup_mode=None)

_SUFFIX: Final = "signed"
_EPILOG: Final = """
Ví dụ / examples:

  anso sign don.pdf --key khoa.pem --cert chung-thu.pem --level b-b

  anso sign ho-so/ --pkcs11 /usr/lib/libtoken.so --data anso-data --out da-ky/

  anso sign to-trinh.pdf --url https://anso.tinh.gov.vn --pkcs11 /usr/lib/libtoken.so --mark person

  anso sign to-trinh/ --url https://anso.tinh.gov.vn --out da-ky/ --jobs 4     (khóa do dịch vụ giữ / key kept there)

  anso sign --batch ky.csv --url https://… --pkcs11 … --capacity kt --continue-on-error --resume -o jsonl

  anso sign --result res_… --result res_… --seal --url https://… --pkcs11 …

  anso sign --digitisation dig_… --url https://… --pkcs11 …     (bản sao số hóa / an officer's copy)

  anso sign --copy doc_… --form sao_y --dossier dos_… --url https://… --pkcs11 …     (bản sao y / a certified copy)

Khóa không rời thiết bị; mã PIN hỏi một lần cho cả loạt, hoặc ANSO_PIN, --pin-fd; sai một lần là dừng. / The key stays
in the token; its PIN is asked once for all, or comes from ANSO_PIN or --pin-fd; one wrong PIN ends the run.

Khóa do dịch vụ giữ: --url không kèm --pkcs11, --key. Tệp ở lại máy này, chỉ giá trị băm được gửi; một lần đồng ý cho cả
loạt: mã xác thực (hỏi, hoặc ANSO_OTP, --pin-fd), hoặc khóa bảo mật tại dịch vụ, lệnh này chờ năm phút. / A key that the
service keeps: --url without --pkcs11 and --key. Files stay here, hashes go; the holder agrees once for all: by the
second factor's code (asked for, or ANSO_OTP, --pin-fd), or by a passkey at the service, waited for five minutes.

Ảnh chữ ký / the signature's picture: --mark person, đăng ký ở dịch vụ / registered there (--url --pkcs11; --data). Đặt
trong khung chữ ký tìm thấy trên trang; không tìm thấy thì nêu chỗ trống / it goes into the signer's block on the page;
where none is found, say where there is room: --mark-box 1,320,140,520,230 = trang / page 1, trái / left, dưới / bottom,
phải / right, trên / top; point (1/72 inch), từ góc dưới trái / from the lower left corner. A4: 595 x 842.

Danh sách --batch / the list: CSV UTF-8 (, hoặc / or ;), cột / columns
file,out,mark,mark_box,reason,result_id,digitisation_id,document_id,dossier_id,form,pages; mark_box, pages trong ngoặc
kép / in quotes: "1,320,140,520,230", "1,3".

Thiếu dấu thời gian, bằng chứng / without time-stamp or evidence: chữ ký không mất, không phải đồng ý lại; tệp được ghi
ở mức đã đạt, trạng thái pending, mã thoát 8; --resume hoặc anso augment thêm phần thiếu / the signature is kept, nobody
agrees again; the file is written at the level that is reached, as pending, exit code 8; --resume or anso augment adds
the rest.

Mã thoát / exit codes: 0 xong / done; 1 không ghi được tệp, lỗi nội bộ / output not written, internal; 2 dùng sai /
usage; 6 một số không ký được / some failed; 7 khóa, PIN, quyền / key, PIN, authorisation; 8 dịch vụ ngoài, hoặc còn chờ
/ outside service, or pending; 9 cấu hình / configuration; 10 không đọc hoặc không ký được / input not usable; 130
Ctrl-C (tệp xong vẫn còn; --resume làm tiếp / what is done stays; --resume goes on).
"""


class Level(StrEnum):
    """ETSI EN 319 142-1 baseline levels."""

    B_B = "b-b"
    B_T = "b-t"
    B_LT = "b-lt"
    B_LTA = "b-lta"


class MarkOption(StrEnum):
    """What of the signature is seen."""

    NONE = "none"
    TEXT = "text"
    PERSON = "person"


@app.command(epilog=_EPILOG)
def sign(  # noqa: PLR0917 - every option of a typer command is a parameter
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE…]", help="Tệp, mẫu '**/*.pdf', thư mục / files, patterns, folders"),
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", help="Ký qua dịch vụ / through a service; mã truy cập / token: ANSO_TOKEN")
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", help="Khóa PEM / private key", dir_okay=False)] = None,
    cert: Annotated[
        Path | None,
        typer.Option("--cert", help="Chứng thư PEM, kèm chuỗi / certificate with its chain", dir_okay=False),
    ] = None,
    pkcs11: Annotated[
        Path | None,
        typer.Option("--pkcs11", help="Thư viện PKCS#11 của thiết bị / the token's library", dir_okay=False),
    ] = None,
    credential: Annotated[
        str | None,
        typer.Option("--credential", help="Chứng thư mà dịch vụ giữ khóa / whose key the service keeps: cert_…"),
    ] = None,
    token_label: Annotated[
        str | None, typer.Option("--token-label", help="Nhãn thiết bị, khi cắm nhiều / which token, of several")
    ] = None,
    pin_fd: Annotated[
        int | None, typer.Option("--pin-fd", min=0, help="Đọc PIN hoặc mật khẩu từ / read PIN or password from this fd")
    ] = None,
    level: Annotated[
        Level, typer.Option("--level", help="b-b: chỉ chữ ký; b-t: + dấu thời gian; b-lt: + trạng thái; b-lta: lưu trữ")
    ] = Level.B_LT,
    mark: Annotated[
        MarkOption | None,
        typer.Option("--mark", help="none; text: ai, lúc nào / who, when; person: ảnh chữ ký / picture"),
    ] = None,
    mark_box: Annotated[
        str | None,
        typer.Option("--mark-box", metavar="PAGE,LEFT,BOTTOM,RIGHT,TOP", help="Chỗ của ảnh / where the picture goes"),
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Lý do ký / why")] = None,
    batch: Annotated[
        Path | None, typer.Option("--batch", help="Danh sách CSV / a list of what to sign", dir_okay=False)
    ] = None,
    result: Annotated[
        list[str] | None, typer.Option("--result", help="Kết quả trong dịch vụ / a result in the service: res_…")
    ] = None,
    digitisation: Annotated[
        list[str] | None,
        typer.Option("--digitisation", help="Giấy tờ số hóa cần ký bản sao / a paper whose copy is signed: dig_…"),
    ] = None,
    copy: Annotated[
        list[str] | None,
        typer.Option("--copy", help="Tài liệu cần sao, đóng dấu / a document whose copy is sealed: doc_…"),
    ] = None,
    form: Annotated[str | None, typer.Option("--form", help="sao_y | sao_luc | trich_sao (--copy)")] = None,
    dossier: Annotated[str | None, typer.Option("--dossier", help="Hồ sơ cần bản sao / for which: dos_…")] = None,
    pages: Annotated[str | None, typer.Option("--pages", help="Trang trích sao / of an extract: 1,3")] = None,
    capacity: Annotated[
        str | None, typer.Option("--capacity", help="Tư cách ký kết quả / capacity: head | kt | tl | tuq | tm")
    ] = None,
    seal: Annotated[bool, typer.Option("--seal", help="Đóng dấu kết quả / seal results")] = False,  # noqa: FBT002 - typer's way of a flag
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Thư mục ghi / folder; không có: NAME.signed.pdf cạnh gốc", file_okay=False),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", min=1, max=64, help="Số tệp (--url: số yêu cầu, tối đa 8) cùng lúc / at a time")
    ] = 1,
    continue_on_error: Annotated[  # noqa: FBT002 - as above
        bool, typer.Option("--continue-on-error", help="Một tệp hỏng không dừng cả loạt / a bad one stops no other")
    ] = False,
    resume: Annotated[  # noqa: FBT002 - as above
        bool, typer.Option("--resume", help="Bỏ qua tệp đã ký trong lần trước / skip what an earlier run did")
    ] = False,
    tls_roots: Annotated[
        Path | None, typer.Option("--tls-roots", help="Gốc TLS của dịch vụ / the service's TLS roots", dir_okay=False)
    ] = None,
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Ký tệp PDF / sign PDF files: khóa trong tệp, thiết bị, hoặc dịch vụ giữ / key in a file, a token, a service."""
    copies = (*copy_items(digitisation or []), *certified_items(copy_wishes(copy or [], dossier, form, pages)))
    items = _items(files or [], batch, (*result_items(result or [], out), *copies), out, has_service=url is not None)
    items = with_marks(items, mark, mark_box)
    require_lines(items, reason)
    options = RunOptions(
        output=output,
        continue_on_error=continue_on_error,
        resume=resume,
        journal=journal_place(out, batch),
        label="Ký / signing",
        is_list=len(items) > 1 or batch is not None or names_several(files or ["-"]),
    )
    if resume and options.journal is None:
        fail(Exit.USAGE, "--resume: cần / needs --out hoặc / or --batch")
    place = KeyOptions(certificate=cert, key=key, module=pkcs11, token_label=token_label, pin_fd=pin_fd)
    is_kept = url is not None and key is None and pkcs11 is None
    if credential is not None and not is_kept:
        fail(Exit.USAGE, "--credential: đi với --url, không với / goes with --url, not with --key, --pkcs11")
    if url is not None and is_kept:
        _require_files_only(items, seal=seal or capacity is not None, cert=cert)
        kept = KeptWay(
            url=url,
            credential=credential,
            level=level,
            reason=reason,
            tls_roots=tls_roots,
            pin_fd=pin_fd,
            goes_on=continue_on_error,
            jobs=jobs,
        )
        with kept.work() as work:
            run(items, work, options)
    if url is not None:
        if level is not Level.B_LT:
            fail(Exit.USAGE, "--level: dịch vụ tự thêm đến b-lt / the service goes to b-lt by itself")
        if seal and any(item.digitisation_id is not None for item in items):
            fail(Exit.USAGE, "--seal: bản sao số hóa do người ký, không đóng dấu / an officer's copy has no seal")
        kind = "seal" if seal else "sign"
        remote = RemoteWay(url=url, reason=reason, kind=kind, capacity=capacity, tls_roots=tls_roots, jobs=jobs)
        with open_key(place) as opened, remote.work(opened) as work:
            run(items, work, options)
    local = LocalWay(data=data, level=level, with_picture=draws_picture(items), reason=reason, jobs=jobs)
    with open_key(place) as opened, local.work(opened) as work:
        run(items, work, options)


def _require_files_only(items: Sequence[Item], *, seal: bool, cert: Path | None) -> None:
    """What a key in the service signs from here: files; of results it signs what the service shows.

    Raises:
        SystemExit: 2 with the way that there is.
    """
    if cert is not None:
        fail(Exit.USAGE, "--cert: cần / needs --key, --pkcs11")
    if seal or any(_is_kept(item) for item in items):
        fail(
            Exit.USAGE,
            "--result, --digitisation, --copy, --capacity, --seal: với khóa do dịch vụ giữ, ký tại dịch vụ (POST "
            "/v1/signature-batches, …/acceptance, …/copies) / with a key that the service keeps, they are signed there",
        )
    if draws_picture(items):
        fail(Exit.USAGE, "--mark person: cần khóa trong thiết bị / needs a token: --pkcs11; hoặc / or --mark text")


def _is_kept(item: Item) -> bool:
    """What is signed lies in the service."""
    return item.result_id is not None or item.digitisation_id is not None or item.copy is not None


def _items(
    files: list[str], batch: Path | None, kept: Sequence[Item], out: Path | None, *, has_service: bool
) -> Sequence[Item]:
    items = (
        *named_items(files, out, _SUFFIX),
        *(() if batch is None else listed_items(batch, out, _SUFFIX)),
        *kept,
    )
    if not items:
        fail(Exit.USAGE, "không có gì để ký / nothing to sign: FILE…, --batch, --result, --digitisation, --copy")
    if not has_service and any(_is_kept(item) for item in items):
        fail(Exit.USAGE, "--result, --digitisation, --copy: cần / needs --url")
    return require_distinct(items)
