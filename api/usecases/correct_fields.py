"""An officer compares fields with the picture and confirms or corrects them; before and after are kept (I21, S20)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from api.callers import Caller
from api.errors import FieldDateImpossible, FieldIdFormat, Forbidden, InputInvalid, StateConflict, VersionConflict
from api.records.digitisations import FIELDS_SLOT, Digitisation, Digitisations, DigitisationState
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.digitisation_access import digitisation_for
from api.usecases.digitisation_fields import ADDED, Fields, from_bytes, to_bytes
from digitize.extract import check_number, mandatory_fields
from digitize.model import DocumentType
from digitize.vietnamese import nfc
from vault.model import CitizenId

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DATES: Final = frozenset({"date", "dob", "date_expiry"})
_NUMBERS: Final = frozenset({"id_number"})
_LONGEST_VALUE: Final = 500
_MOST_FIELDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectFields:
    """Values as the officer sees them on the paper; an unchanged value is a confirmation."""

    digitisation_id: str
    fields: Mapping[str, str] = field(repr=False)
    version: int | None = None
    """Version that the officer looked at; None: the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldsCorrected:
    """The record and all its fields afterwards."""

    record: Digitisation
    fields: Fields = field(repr=False)


def correct_fields(command: CorrectFields, services: Services, caller: Caller, at: datetime) -> FieldsCorrected:
    """Record the values with the officer and the moment; the record is CONFIRMED once no mandatory field is open.

    Raises:
        NotFound. Forbidden: no natural person behind the account. StateConflict: not read yet, or signed already.
        VersionConflict: somebody changed it since it was looked at. InputInvalid, FieldDateImpossible,
        FieldIdFormat: a value cannot stand on such a paper; nothing was written.
    """
    officer = caller.subject_id
    if officer is None:
        raise Forbidden
    values = {_checked_name(name): _checked(name, value) for name, value in command.fields.items()}
    with services.db.transaction() as tx:
        record = digitisation_for(tx, command.digitisation_id, caller)
        if not record.state.is_open_for_correction:
            raise StateConflict
        if command.version is not None and command.version != record.version:
            raise VersionConflict
        before = from_bytes(services.vault.work.read(tx, record.digitisation_id, FIELDS_SLOT).content)
        key = services.vault.open_vault(tx, CitizenId(record.owner_subject), at)
    after = _after(before, values, caller.account_id, officer, at)
    staged = services.vault.work.stage(
        key,
        record_id=record.digitisation_id,
        slot=FIELDS_SLOT,
        media_type="application/json",
        content=to_bytes(after),
        at=at,
    )
    is_complete = not missing_fields(record, after)
    state = DigitisationState.CONFIRMED if is_complete else DigitisationState.EXTRACTED
    with services.db.transaction() as tx:
        changed = Digitisations(tx).change(record, at=at, state=state, confirmed_by=officer)
        services.vault.work.keep(tx, staged)
        event = event_of(
            caller,
            "correct_fields",
            at,
            object_type="digitisation",
            object_id=record.digitisation_id,
            owner_id=record.owner_subject,
            # how many only: what stood where is in the encrypted record
            details=(("confirmed_fields", str(len(values))),),
        )
        services.audit.append(tx, event)
    return FieldsCorrected(record=changed, fields=after)


def _after(before: Fields, values: Mapping[str, str], account_id: str, officer: str, at: datetime) -> Fields:
    after = dict(before)
    for name, value in values.items():
        after[name] = after.get(name, ADDED).confirmed(value, subject_id=officer, account_id=account_id, at=at)
    if len(after) > _MOST_FIELDS:
        raise InputInvalid("Quá nhiều trường.", "Too many fields.")
    return after


def missing_fields(record: Digitisation, fields: Fields) -> tuple[str, ...]:
    """The mandatory fields that no person has confirmed yet."""
    wanted = mandatory_fields(_kind(record))
    return tuple(name for name in wanted if name not in fields or fields[name].confirmed_by is None)


def _kind(record: Digitisation) -> DocumentType:
    """What the paper is by the dossier; if that is no kind we know, what was recognised."""
    for code in (record.component_type, record.document_type):
        if code in set(DocumentType):
            return DocumentType(code)
    return DocumentType.UNKNOWN


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InputInvalid("Tên trường không hợp lệ.", "A field's name is not valid.")
    return name


def _checked(name: str, value: str) -> str:
    value = nfc(value)
    if not 0 < len(value) <= _LONGEST_VALUE:
        raise InputInvalid("Giá trị trống hoặc quá dài.", "A value is empty or too long.")
    if name in _DATES:
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError as err:
            raise FieldDateImpossible from err
    if name in _NUMBERS and not check_number(value).is_plausible:
        raise FieldIdFormat
    return value
