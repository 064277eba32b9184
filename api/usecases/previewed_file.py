"""Who looked at a file before signing signs that file and no other."""

from api.errors import DocumentChangedSincePreview
from api.records.results import ResultRecord


def require_previewed(record: ResultRecord, file_sha256: str | None) -> None:
    """Do nothing when the result's file is still the one that the caller looked at, or the caller named none.

    Raises:
        DocumentChangedSincePreview: it is another one.
    """
    if file_sha256 is not None and file_sha256 != record.file_sha256:
        raise DocumentChangedSincePreview
