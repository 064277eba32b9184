"""Somebody who may read a stored document gets the version under one of its signatures, or sees what differs now.

The file is read as in `read_document`: the same rules, the same purpose, the same line in the ledger, before anybody
sees any of it. Must not know HTTP.
"""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.services import Services
from api.usecases.read_document import ReadDocument, read_document
from api.usecases.show_signed_version import ShowVersion, SignedVersion, compare_versions, show_signed_version
from signing.validation.versions import ComparedPage
from vault.errors import DocumentNotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSignedVersion:
    """Which document, which of its signatures, and for a comparison the page."""

    document_id: str
    field_name: str
    page: int | None = None
    dossier_id: str | None = None
    """The dossier for which somebody in office reads; owner and guardian need none."""


def read_signed_version(command: ReadSignedVersion, services: Services, caller: Caller, at: datetime) -> SignedVersion:
    """Give the version under a signature of the stored file.

    Raises:
        DocumentNotFound, AccessDenied, IntegrityMismatch: as in ``read_document``; and those of
        ``show_signed_version``.
    """
    return show_signed_version(_read(command, services, caller, at), services, caller, at)


def read_version_comparison(
    command: ReadSignedVersion, services: Services, caller: Caller, at: datetime
) -> ComparedPage:
    """Give a page of the stored file with frames around what differs from the version under a signature.

    Raises:
        DocumentNotFound, AccessDenied, IntegrityMismatch: as in ``read_document``; and those of ``compare_versions``.
    """
    return compare_versions(_read(command, services, caller, at), services, caller, at)


def _read(command: ReadSignedVersion, services: Services, caller: Caller, at: datetime) -> ShowVersion:
    wanted = ReadDocument(document_id=command.document_id, evidential=True, dossier_id=command.dossier_id)
    file = read_document(wanted, services, caller, at).file
    if file is None:  # cannot be: a role was asked for
        raise DocumentNotFound
    return ShowVersion(pdf=file.content, field_name=command.field_name, page=command.page)
