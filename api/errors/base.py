"""The base of the application's own errors."""

from typing import ClassVar


class AnsoError(Exception):
    """The base of the application's own errors.

    Args:
        detail_vi: what happened in this case, in Vietnamese, for the person who asked; no personal data.
        detail_en: the same in English.
    """

    code: ClassVar[str] = "ANSO_ERROR"
    retryable: ClassVar[bool] = False

    def __init__(self, detail_vi: str = "", detail_en: str = "") -> None:
        super().__init__(detail_en or detail_vi or self.code)
        self.detail_vi = detail_vi
        self.detail_en = detail_en
