"""`anso ca check FILE…`: the same answer about a certificate as `POST /v1/certificate-validations`.

With an installation on this machine its register is asked; without one the answer rests on the certificate, the given
roots and the given status evidence, and is indeterminate where these say nothing. The worst file decides the exit code.
"""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.exits import Exit, fail
from api.cli.moments import read_moment
from api.cli.output import DataOption, Format, FormatOption
from signing.trust import TrustProfile

if TYPE_CHECKING:
    from api.settings import Settings
    from api.usecases.certificate_question import ValidateCertificate
    from signing.validation import CertificateReport

_WORST_FIRST = (Exit.INPUT_UNREADABLE, Exit.SIGNATURE_INVALID, Exit.INDETERMINATE, Exit.OK)
_EXITS = {"valid": Exit.OK, "invalid": Exit.SIGNATURE_INVALID, "indeterminate": Exit.INDETERMINATE}
_WORDS = {
    "valid": "HỢP LỆ / VALID",
    "invalid": "KHÔNG HỢP LỆ / INVALID",
    "indeterminate": "CHƯA KẾT LUẬN ĐƯỢC / INDETERMINATE",
}
_ANSWERS = {"yes": "có / yes", "no": "không / no", "unknown": "chưa rõ / unknown", "not_applicable": "–"}
_Judge = Callable[["ValidateCertificate"], "CertificateReport"]


def check(  # noqa: PLR0917 - every option of a typer command is a parameter
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="PEM, DER, hoặc - / PEM, DER, or - for stdin")],
    at: Annotated[str | None, typer.Option("--at", help="Thời điểm được hỏi, ISO 8601 / moment asked about")] = None,
    profile: Annotated[
        TrustProfile | None, typer.Option("--profile", help="Chỉ chấp nhận gốc của / roots of this profile only")
    ] = None,
    trust: Annotated[
        Path | None, typer.Option("--trust", help="PEM, hoặc thư mục tin cậy / PEM or trust folder")
    ] = None,
    chain: Annotated[list[Path] | None, typer.Option("--chain", help="Chứng thư khác / further certificates")] = None,
    crl: Annotated[list[Path] | None, typer.Option("--crl", help="CRL (DER)")] = None,
    ocsp: Annotated[list[Path] | None, typer.Option("--ocsp", help="Trả lời OCSP / OCSP answer (DER)")] = None,
    place: Annotated[str | None, typer.Option("--place", help="Nơi ký / place")] = None,
    procedure: Annotated[str | None, typer.Option("--procedure", help="Mã thủ tục / procedure")] = None,
    document_type: Annotated[str | None, typer.Option("--document-type", help="Loại giấy tờ / type of paper")] = None,
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Kiểm tra một chứng thư bất kỳ / judge any certificate: path, status then and now, holder's entitlement."""
    from api.cli.settings import load_settings
    from api.cli.trust import anchors_of_path
    from api.clock import now
    from api.usecases.certificate_entitlement import IntendedUse
    from api.usecases.certificate_question import ValidateCertificate
    from signing.trust import Evidence

    settings, moment = load_settings(data), now()
    asked = ValidateCertificate(
        certificate=b"",
        others=_read_all(chain),
        evidence=Evidence(crls=_read_all(crl), ocsps=_read_all(ocsp)),
        then=read_moment(at) if at else None,
        profile=profile,
        use=IntendedUse(place=place, procedure=procedure, document_type=document_type),
        anchors=None if trust is None else anchors_of_path(trust, lambda: settings, moment),
    )
    _write(_checked(files, asked, settings, moment), output)


def _checked(
    names: list[str], asked: "ValidateCertificate", settings: "Settings", at: datetime
) -> list[tuple[str, dict[str, Any], Exit]]:
    from dataclasses import replace

    from signing.errors import CertificateMalformed

    found: list[tuple[str, dict[str, Any], Exit]] = []
    judge, close = _judge(settings, at)
    try:
        for name in names:
            try:
                sent = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
                document = judge(replace(asked, certificate=sent)).document()
            except OSError as err:
                found.append((name, _failure("FILE_UNREADABLE", f"{err.strerror}"), Exit.INPUT_UNREADABLE))
            except CertificateMalformed as err:
                found.append((name, _failure(err.code, str(err)), Exit.INPUT_UNREADABLE))
            else:
                found.append((name, document, _EXITS[document["verdict"]]))
    finally:
        close()
    return found


def _judge(settings: "Settings", at: datetime) -> tuple[_Judge, Callable[[], None]]:
    """How a question is answered here: by the installation with its register, or by the files alone."""
    if settings.database_url is None and not (settings.data / "anso.sqlite3").is_file():
        return _offline(settings, at)
    from api import migrations
    from api.bootstrap import build_services
    from api.callers import SYSTEM_CALLER
    from api.usecases.validate_certificate import validate_certificate

    services = build_services(settings)
    migrations.require_newest(services.db)
    return lambda command: validate_certificate(command, services, SYSTEM_CALLER, at), services.close


def _offline(settings: "Settings", at: datetime) -> tuple[_Judge, Callable[[], None]]:
    from api.cli.trust import anchors_of_installation
    from api.usecases.certificate_question import judge_without_register
    from signing.isolation import Isolation

    workers = Isolation(workers=1, preload=("signing.validation.isolated",))

    def judge(command: "ValidateCertificate") -> "CertificateReport":
        roots = anchors_of_installation(settings, at) if command.anchors is None else command.anchors
        return judge_without_register(command, roots, workers, settings.verify_timeout_s, at)

    return judge, workers.close


def _write(found: list[tuple[str, dict[str, Any], Exit]], output: Format) -> None:
    import json

    items = [{"input": name, **document} for name, document, _ in found]
    if output is Format.TEXT:
        print("\n".join(_text(name, document) for name, document, _ in found))
    elif output is Format.JSONL:
        print("\n".join(json.dumps(item, ensure_ascii=False) for item in items))
    else:
        print(json.dumps(items[0] if len(items) == 1 else items, ensure_ascii=False, indent=2))
    worst = min((code for *_, code in found), key=_WORST_FIRST.index, default=Exit.USAGE)
    if worst is not Exit.OK:
        raise SystemExit(worst)


def _text(name: str, answer: dict[str, Any]) -> str:
    if "error" in answer:
        error = answer["error"]
        return f"{name}: {error['code']}: {error['detail_vi']} / {error['detail_en']}"
    lines = [f"{name}: {_verdict(answer)}"]
    lines += [f"  - {vi} / {en}" for vi, en in zip(answer["reasons_vi"], answer["reasons_en"], strict=True)]
    said, entitlement, trust = answer["certificate"], answer["entitlement"], answer["trust"]
    who = ", ".join(dict.fromkeys(part for part in said["subject"].values() if part))
    lines.append(f"  {who or '?'} | {said['class'] or '?'}#{said['ordinal'] or '?'} | {said['not_after'] or '?'}")
    for word, moment in (("lúc đó / then", answer["then"]), ("hiện nay / now", answer["now"])):
        status = moment["status"]
        since = f" ({status['reason'] or '?'}, {status['since']})" if status["since"] else ""
        lines.append(f"  {word}: {moment['at']} {moment['verdict']} | {status['state']}{since}")
    policy = trust["policy"]["id"] + " " + trust["policy"]["sha256"] if trust["policy"] else "–"
    lines.append(f"  {trust['profile'] or '?'} | {trust['anchor'] or '?'} | {policy}")
    asked = ("post", "agency", "signing_right", "scope")
    lines.append("  " + " | ".join(f"{name}: {_ANSWERS[entitlement[name]]}" for name in asked))
    return "\n".join(lines)


def _verdict(answer: dict[str, Any]) -> str:
    if answer["verdict"] == "valid" and "DEVELOPMENT_NO_LEGAL_VALUE" in answer["reason_codes"]:
        return "HỢP LỆ (phát triển, không có giá trị pháp lý) / VALID (development, no legal value)"
    return _WORDS[answer["verdict"]]


def _failure(code: str, detail: str) -> dict[str, Any]:
    return {"error": {"code": code, "detail_vi": "Không đọc được chứng thư.", "detail_en": detail}}


def _read_all(paths: list[Path] | None) -> tuple[bytes, ...]:
    try:
        return tuple(path.read_bytes() for path in paths or ())
    except OSError as err:
        fail(Exit.INPUT_UNREADABLE, f"{err.filename}: {err.strerror}")
