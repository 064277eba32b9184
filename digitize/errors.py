"""What can go wrong while paper becomes text.

DigitizeError
├── UnsupportedInput            SCAN_UNSUPPORTED     not one of the accepted kinds of file
│   ├── EmptyInput              SCAN_EMPTY
│   └── DamagedInput            SCAN_DAMAGED         truncated or broken
├── UnsafeInput                                      goes to quarantine, not to the reader
│   ├── ActiveContent           SCAN_ACTIVE_CONTENT  JavaScript, launch actions, attachments
│   ├── EncryptedInput          SCAN_PASSWORD
│   ├── TooManyPixels           SCAN_TOO_MANY_PIXELS
│   ├── TooManyPages            SCAN_TOO_MANY_PAGES
│   └── TooManyBytes            SCAN_TOO_MANY_BYTES
├── AlreadySigned               SCAN_ALREADY_SIGNED  its bytes must stay as they are
├── SecretPaper                 COMP_SECRET          I31: refused before any text is kept
├── NotArchivable               SCAN_NOT_PDFA        the written copy failed its PDF/A check
├── EngineMissing               OCR_ENGINE_MISSING   a program or model is not installed
└── EngineFailed ↻              OCR_ENGINE_FAILED
    ├── TimedOut ↻              OCR_TIMEOUT
    └── OutOfMemory             OCR_MEMORY

The module knows codes and whether trying again can help. It must not know HTTP or any wording for people.
"""

from typing import ClassVar


class DigitizeError(Exception):
    """Base of this package's errors; the message never holds text that was read from a paper."""

    code: ClassVar[str] = "DIGITIZE"
    retryable: ClassVar[bool] = False


class UnsupportedInput(DigitizeError):
    """The bytes are none of JPEG, PNG, TIFF, HEIC or PDF."""

    code = "SCAN_UNSUPPORTED"


class EmptyInput(UnsupportedInput):
    """The file has no bytes."""

    code = "SCAN_EMPTY"


class DamagedInput(UnsupportedInput):
    """The file starts like an accepted kind but cannot be read to its end."""

    code = "SCAN_DAMAGED"


class UnsafeInput(DigitizeError):
    """The file could harm the reader or a later person; it is kept apart and not read."""

    code = "SCAN_UNSAFE"


class ActiveContent(UnsafeInput):
    """A PDF that carries JavaScript, a launch action or another thing that acts by itself."""

    code = "SCAN_ACTIVE_CONTENT"


class EncryptedInput(UnsafeInput):
    """A PDF that wants a password or restricts its reader."""

    code = "SCAN_PASSWORD"


class TooManyPixels(UnsafeInput):
    """A page declares more pixels than any office scanner makes."""

    code = "SCAN_TOO_MANY_PIXELS"


class TooManyPages(UnsafeInput):
    """The file declares more pages than one component may have."""

    code = "SCAN_TOO_MANY_PAGES"


class TooManyBytes(UnsafeInput):
    """The file is larger than the limit."""

    code = "SCAN_TOO_MANY_BYTES"


class AlreadySigned(DigitizeError):
    """A signed PDF: making a copy with a text layer would destroy its signatures."""

    code = "SCAN_ALREADY_SIGNED"


class SecretPaper(DigitizeError):
    """The paper carries a state-secret mark; nothing that was read from it leaves the reader (I31)."""

    code = "COMP_SECRET"


class NotArchivable(DigitizeError):
    """The searchable copy did not pass its own PDF/A check; it is never handed out."""

    code = "SCAN_NOT_PDFA"


class EngineMissing(DigitizeError):
    """Tesseract, its Vietnamese data or the text detector's model is not installed."""

    code = "OCR_ENGINE_MISSING"


class EngineFailed(DigitizeError):
    """The reader stopped without an answer."""

    code = "OCR_ENGINE_FAILED"
    retryable = True


class TimedOut(EngineFailed):
    """The reader was killed because it used more time than it was given."""

    code = "OCR_TIMEOUT"


class OutOfMemory(EngineFailed):
    """The reader asked for more memory than it was given; the same file would do so again."""

    code = "OCR_MEMORY"
    retryable = False


def by_code(code: str) -> type[DigitizeError]:
    """Return the error class with this code; `EngineFailed` for a code that is not ours."""
    waiting: list[type[DigitizeError]] = [DigitizeError]
    while waiting:
        error = waiting.pop()
        if error.code == code:
            return error
        waiting.extend(error.__subclasses__())
    return EngineFailed
