"""Anybody who scanned a QR code learns what it belongs to, without personal data beyond a masked name (S08, I30)."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from api.callers import Caller
from api.errors import NotFound
from api.records.organisations import Organisations
from api.records.people import People
from api.records.result_types import result_type
from api.records.results import ResultRecord, Results, ResultState
from api.services import Services
from vault.catalogue_sql import Documents
from vault.model import DocumentState

_CODE: Final = re.compile(r"[A-Za-z0-9_-]{20,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FindVerificationCode:
    """The code as it stands in the address `/v/{code}`."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRecord:
    """What the public may know of a result."""

    code: str
    result_type: str
    """Title in Vietnamese."""
    result_type_en: str
    document_number: str
    issuer_name: str
    issued_on: date
    state: str
    """A `DocumentState` value, `not_issued` while signatures are missing, or `voided`."""
    masked_holder: str
    sha256: str | None
    """SHA-256 (hex) of the stored original; None before it is sealed."""


def find_verification_code(
    command: FindVerificationCode, services: Services, caller: Caller, at: datetime
) -> PublicRecord:
    """Give what belongs to a code.

    Raises:
        NotFound: no document of ours carries it; a wrong structure looks the same as an unknown code.
    """
    del caller, at  # the same answer for everybody, at any time
    if not _CODE.fullmatch(command.code):
        raise NotFound
    with services.db.reading() as tx:
        record = Results(tx).find_by_code(command.code)
        if record is None or record.document_number is None or record.document_date is None:
            raise NotFound
        kind = result_type(record.result_type)
        state = _state(record)
        if record.document_id is not None:
            state = Documents(tx).get(record.document_id).state.value
        return PublicRecord(
            code=command.code,
            result_type=kind.title_vi,
            result_type_en=kind.title_en,
            document_number=record.document_number,
            issuer_name=Organisations(tx).get(record.org_code).name,
            issued_on=record.document_date,
            state=state,
            masked_holder=masked_name(People(tx, services.sealer).get(record.owner_subject).name),
            sha256=record.file_sha256 if record.state in {ResultState.SEALED, ResultState.ISSUED} else None,
        )


def masked_name(name: str) -> str:
    """The first letter of every word, the rest as stars of a fixed number: `Nguyễn Văn An` → `N*** V*** A***`."""
    return " ".join(word[0] + "***" for word in name.split())


def _state(record: ResultRecord) -> str:
    match record.state:
        case ResultState.ISSUED:
            return DocumentState.ACTIVE.value
        case ResultState.VOIDED:
            return "voided"
        case _:
            return "not_issued"
