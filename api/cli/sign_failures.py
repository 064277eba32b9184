"""Which refusal of signing is told how, and what it means for the rest of a run.

Knows our errors and their titles. Must not know what was to be signed.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from api.cli.exits import Exit
from api.cli.sign_items import Failure

if TYPE_CHECKING:
    from signing.errors import SigningError

_OF_THE_HOLDER: Final = ("KEY_", "CERT_", "SIG_CERT", "SIG_KEY", "AUTHORISATION", "TOKEN_", "ROLE_", "FORBIDDEN")
_STOPPING: Final = frozenset({"KEY_LOGIN_REFUSED", "KEY_UNAVAILABLE", "KEY_DAMAGED", "KEY_NOT_FOUND"})
_UNREADABLE: Final = Failure(
    code="FILE_UNREADABLE",
    vi="Không đọc được tệp; kiểm tra tên và quyền đọc.",
    en="The file cannot be read; check the name and the right to read it.",
)
_NOT_WRITTEN: Final = "FILE_NOT_WRITTEN"
EXISTS: Final = Failure(
    code="OUTPUT_EXISTS",
    vi="Tệp kết quả đã có; chọn thư mục khác bằng --out hoặc chuyển tệp cũ đi.",
    en="The output exists; choose another folder with --out, or move the old file away.",
)


def of_error(error: "SigningError") -> Failure:
    """The failure behind an error of ours."""
    from api.problems import TABLE

    row = next((TABLE[kind] for kind in type(error).__mro__ if kind in TABLE), None)
    vi, en = (row.title_vi, row.title_en) if row is not None else ("Không ký được", "It cannot be signed")
    detail = str(error)
    return told(error.code, vi, f"{en}: {detail}" if detail and detail != error.code else en, retryable=error.retryable)


def of_code(code: str, detail: str) -> Failure:
    """The failure behind a code of the service's that came with an English sentence only; our table has the words."""
    from api.problems import TABLE

    row = next((row for kind, row in TABLE.items() if getattr(kind, "code", None) == code), None)
    vi, en = (row.title_vi, row.title_en) if row is not None else ("Dịch vụ không ký", "The service does not sign")
    return told(code, f"{vi}: {detail}" if row is None else vi, f"{en}: {detail}" if detail else en)


def of_problem(body: dict[str, Any], english: dict[str, Any] | None = None) -> Failure:
    """The failure behind a problem document of the service: its words as they came, in Vietnamese.

    Where no English document came beside it, our table has the English title; a code that is not in it keeps the words.
    """
    code, vi = str(body.get("code", "UNKNOWN")), _sentence(body)
    en = _english_title(code) if english is None else _sentence(english)
    return told(code, vi, en or vi, retryable=bool(body.get("retryable")))


def _sentence(body: dict[str, Any]) -> str:
    return ": ".join(str(body[name]) for name in ("title", "detail") if body.get(name))


def _english_title(code: str) -> str | None:
    from api.problems import TABLE

    return next((row.title_en for kind, row in TABLE.items() if getattr(kind, "code", None) == code), None)


def of_file(error: OSError, *, writing: bool) -> Failure:
    """The failure behind a file that cannot be read or written."""
    if not writing:
        return _UNREADABLE
    reason = error.strerror or "?"
    return Failure(
        code=_NOT_WRITTEN,
        vi=f"Không ghi được tệp kết quả ({reason}): kiểm tra thư mục, quyền ghi và chỗ trống trên đĩa, rồi chạy lại.",
        en=f"The output cannot be written ({reason}): check the folder, the right to write and the room on the disk, "
        "then run again.",
        exit=Exit.INTERNAL,
        stops=True,
    )


def service_away(what: str) -> Failure:
    """The failure of a service that does not answer, or not in its way; nothing else can be done there either.

    Args:
        what: the kind of what was met, for whoever looks for the reason; no address, no message.
    """
    found = told(
        "SERVICE_AWAY",
        f"Không gọi được dịch vụ ({what}); kiểm tra --url rồi thử lại.",
        f"The service is away ({what}); check --url and try again.",
        retryable=True,
    )
    return replace(found, stops=True)


def told(code: str, vi: str, en: str, *, retryable: bool = False) -> Failure:
    """A failure by its code: whose matter it is decides the exit code, and whether others can still be done."""
    if code.startswith(_OF_THE_HOLDER):
        return Failure(code=code, vi=vi, en=en, exit=Exit.NOT_AUTHORISED, stops=code in _STOPPING)
    if retryable:
        return Failure(code=code, vi=vi, en=en, exit=Exit.UNAVAILABLE)
    return Failure(code=code, vi=vi, en=en)
