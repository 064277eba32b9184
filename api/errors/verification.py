"""What can go wrong around a check of documents before or beside the check itself."""

from typing import ClassVar

from api.errors.base import AnsoError


class NotAcceptable(AnsoError):
    """The caller accepts no form in which a report can be had."""

    code = "NOT_ACCEPTABLE"


class UploadsFull(AnsoError):
    """Too much of other uploads lies in memory; come back later."""

    code = "UPLOADS_FULL"
    retryable = True
    retry_after_s: ClassVar[int] = 5
