"""Refusals of the Cloud Signature Consortium's API, in that standard's own words (CSC API 1.0.4 §10, 2.0 §10)."""

from api.errors.base import AnsoError


class CscRequestRefused(AnsoError):
    """A request in the shape of the CSC API that cannot be answered.

    Args:
        description: the standard's own sentence.
        error: its word for the kind of error.
    """

    code = "CSC_REQUEST_REFUSED"

    def __init__(self, description: str, *, error: str = "invalid_request") -> None:
        super().__init__("Yêu cầu theo giao thức CSC không hợp lệ.", description)
        self.error = error


class SealNeedsDocument(AnsoError):
    """I11: a seal is set only on a file whose person's signature was checked, never on a bare hash."""

    code = "SEAL_NEEDS_DOCUMENT"
