"""The file that a person sends with a form: taken within the limit, or refused with a sentence.

Knows what a browser sends when nothing, too much or something else was chosen. Must not look into the PDF: that is
for the use-case, in a process that may be killed.
"""

from fastapi import UploadFile

from api.ui.shown import visible
from signing.validation import is_picture

MIB = 1024 * 1024
_HEADER_WINDOW = 1024  # PDF readers accept the header within the first 1,024 bytes
_NAME_LIMIT = 120


class UploadRefused(Exception):
    """The form cannot be used as it came; `key` names the sentence to show."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def read_pdf(upload: UploadFile | None, limit_bytes: int) -> bytes:
    """Give the chosen file's bytes.

    Raises:
        UploadRefused: nothing chosen, empty, larger than the limit, or neither a PDF nor a picture by its first bytes.
    """
    if upload is None or not upload.filename:
        raise UploadRefused("file.empty")
    content = upload.file.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise UploadRefused("file.too_large")
    if not content:
        raise UploadRefused("file.empty_bytes")
    if b"%PDF-" not in content[:_HEADER_WINDOW] and not is_picture(content):
        raise UploadRefused("file.not_pdf")
    return content


def shown_name(upload: UploadFile | None) -> str:
    """Give the file's name for the page: without folders, without characters that play tricks, not endless."""
    name = visible((upload.filename or "") if upload else "").replace("\\", "/").rpartition("/")[2]
    return name if len(name) <= _NAME_LIMIT else f"{name[:_NAME_LIMIT]}…"
