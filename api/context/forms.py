"""Reads a body that carries files, in memory only and within a limit of its own.

The framework would write the larger files of a form to a temporary file; what is sent to be checked is never written
anywhere. Knows HTTP's bodies. Must not know what a file means.
"""

import io
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any, Final, Self

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from api.context.call import JSON_BODY_BYTES
from api.errors import BodyTooLarge, MalformedRequest

_MAX_FIELDS: Final = 40
_MIB: Final = 1024 * 1024
_BASE64: Final = (4, 3)  # RFC 4648 §4: four characters for three bytes


class _MemoryParser(MultiPartParser):
    """Starlette's parser, whose files never leave memory."""

    spool_max_size = 0  # `tempfile.SpooledTemporaryFile`: 0 is "never roll over to disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """One file of a form."""

    name: str
    """As the client says it; for its own answer only, never a path."""
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentForm:
    """A form as it came: files and texts by field."""

    files: tuple[tuple[str, SentFile], ...] = field(repr=False)
    texts: tuple[tuple[str, str], ...] = field(repr=False)

    def files_of(self, name: str) -> tuple[SentFile, ...]:
        """The files in the fields of that name."""
        return tuple(file for one, file in self.files if one == name)

    def filled(self) -> dict[str, str]:
        """The texts that are not empty, by name; of several of one name the last."""
        return {name: text for name, text in self.texts if text}

    @classmethod
    async def of(cls, form: FormData) -> Self:
        """The values of a parsed form."""
        files, texts = [], []
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                files.append((name, SentFile(name=value.filename or "", content=_whole(value))))
                await value.close()
            else:
                texts.append((name, value))
        return cls(files=tuple(files), texts=tuple(texts))


def _whole(file: UploadFile) -> bytes:
    """All of a parsed file; `read` would copy it, and a large one would lie in memory twice."""
    spooled: Any = file.file
    memory: io.BytesIO = spooled._file  # noqa: SLF001 - of a `tempfile.SpooledTemporaryFile` that never rolls over
    return memory.getvalue()


def media_type(request: Request) -> str:
    """The body's media type without parameters, in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_form(request: Request, *, max_bytes: int, max_files: int = 4) -> SentForm:
    """The form of a multipart request.

    Args:
        request: whose body nobody has read yet.
        max_bytes: of all files together; boundaries and small fields come on top.
        max_files: how many files it may hold.

    Raises:
        BodyTooLarge: it is larger. MalformedRequest: it is no form, or has too many parts.
    """
    stream = _bounded(request, max_bytes, max_bytes + JSON_BODY_BYTES)
    parser = _MemoryParser(
        request.headers, stream, max_files=max_files, max_fields=_MAX_FIELDS, max_part_size=JSON_BODY_BYTES
    )
    try:
        return await SentForm.of(await parser.parse())
    except MultiPartException as err:
        raise MalformedRequest(
            f"Biểu mẫu bị hỏng, hoặc có quá nhiều phần: nhiều nhất {max_files} tệp và {_MAX_FIELDS} trường.",
            f"The form is broken or has too many parts: {max_files} files and {_MAX_FIELDS} fields at most.",
        ) from err
    finally:
        await stream.aclose()


async def read_json_body(request: Request, *, max_bytes: int) -> bytes:
    """The body of a JSON request that carries files in base64, `max_bytes` of them together.

    Raises:
        BodyTooLarge: it is larger.
    """
    longer, than = _BASE64
    return b"".join([c async for c in _bounded(request, max_bytes, max_bytes * longer // than + JSON_BODY_BYTES)])


async def _bounded(request: Request, told_bytes: int, max_bytes: int) -> AsyncGenerator[bytes, None]:
    """The body's parts as they come, no more than `max_bytes`; a refusal tells `told_bytes`, what files may have."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > max_bytes:
        raise _too_large(told_bytes)
    seen = 0
    try:
        async for chunk in request.stream():
            seen += len(chunk)
            if seen > max_bytes:
                raise _too_large(told_bytes)
            yield chunk
    except ClientDisconnect as err:  # nobody hears the answer; without one it would be an incident
        raise MalformedRequest from err


def _too_large(max_bytes: int) -> BodyTooLarge:
    most = f"{max_bytes // _MIB} MB" if max_bytes >= _MIB else f"{max_bytes} byte"
    return BodyTooLarge(f"Lớn nhất {most}.", f"{most} at most.")
