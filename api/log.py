"""The log: one JSON object a line, with the request id and without personal data.

Knows how a line is made and what is cut out of it. Must not know what is logged.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import structlog

REDACTED: Final = "[…]"
_OURS: Final = "anso"
"""The standard library's logger that all our lines go through; every other one is a library's."""

# Tokens, citizen numbers (12 digits, 9 before 2016), and fields whose name says that a person is in it.
_TOKEN: Final = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*|(?i:bearer)\s+\S+")
# PostgreSQL repeats the offending row or key after this word, whatever the statement's parameters do.
_DETAIL: Final = re.compile(r"(?m)^(\s*DETAIL:).*$")
_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z-])(?:[0-9]{12}|[0-9]{9})(?![0-9A-Za-z])")
_PERSONAL: Final = frozenset(
    {"name", "personal_id", "id_number", "dob", "date_of_birth", "phone", "address", "token", "password"}
    | {"secret", "authorization", "cookie", "pin", "code", "otp", "filename", "person_name"}
)


def redact(_logger: object, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Cut out what must never be in a log: tokens, identity numbers, personal fields."""
    for key, value in entry.items():
        entry[key] = REDACTED if key in _PERSONAL else _redact_value(value)
    return entry


_SHARED: Final[list[Any]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    redact,
]

# At import, because structlog's own default prints the local variables of every frame of a crash: papers,
# names and keys. Whoever forgets `configure` gets plain lines, never that.
structlog.configure(
    processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=False,
)


def configure(level: str, stream: TextIO | None = None) -> None:
    """Send our log and that of the libraries to one stream (standard error by default) as JSON."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redact,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root, ours = logging.getLogger(), logging.getLogger(_OURS)
    root.handlers = [handler]
    ours.setLevel(level.upper())
    # every library, not a list of chatty ones: at lower levels they tell what they work on (a font library
    # prints the letters of a name, a client its addresses)
    root.setLevel(max(logging.WARNING, ours.level))
    for stubborn in ("alembic", "uvicorn", "dbos"):  # these bring handlers of their own
        library = logging.getLogger(stubborn)
        library.handlers, library.propagate = [], True
        library.setLevel(root.level)


def logger(part: str) -> structlog.stdlib.BoundLogger:
    """A logger whose lines say which part they come from."""
    bound: structlog.stdlib.BoundLogger = structlog.get_logger(_OURS, part=part)
    return bound


def redact_text(text: str) -> str:
    """The text without tokens, identity numbers and values that a database complains about."""
    return _NUMBER.sub(REDACTED, _TOKEN.sub(REDACTED, _DETAIL.sub(rf"\1 {REDACTED}", text)))


def _redact_value(value: Any) -> Any:  # noqa: ANN401 - log entries hold anything
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, dict):
        return {k: REDACTED if k in _PERSONAL else _redact_value(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_redact_value(item) for item in value]
    return value
