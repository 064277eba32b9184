"""The copy of a paper that the officer signs: who may, what is printed on it, and how it is described in the vault.

Knows I21-I23 and grade C. Must not know where the key is or when the signature is completed.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal

from api.callers import Caller
from api.db import Tx
from api.errors import (
    ConfirmedByAnother,
    ExpiredAlready,
    FieldsUnconfirmed,
    Forbidden,
    OwnerMismatch,
    StateConflict,
)
from api.ids import new_id
from api.records.digitisations import COPY_SLOT, FIELDS_SLOT, Digitisation, DigitisationState
from api.records.dossiers import Dossier, Dossiers
from api.records.employments import Employment, Employments
from api.records.organisations import Organisations
from api.records.people import People
from api.records.procedures import Procedures
from api.rendering.typeface import MARK_FONT
from api.services import Services
from api.usecases.certificate_fitness import IntendedAct, require_fit_certificate, titles_held
from api.usecases.correct_fields import missing_fields
from api.usecases.digitisation_access import digitisation_for
from api.usecases.digitisation_fields import Fields, from_bytes
from api.usecases.signing_certificate import certificate_to_sign_with
from api.usecases.token_credential import signing_credential
from api.vietnam_time import VIETNAM, vietnam_day
from digitize.vietnamese import fold
from signing.keys import Credential
from signing.pades import SigningRequest, TextMark, print_mark, shown_time
from signing.registry import CertificateRecord, KeyDevice
from vault.errors import DuplicateDocument, VaultNotFound
from vault.model import CitizenId, DocumentDetails, DocumentDraft, DocumentId, Grade, Origin

FIELD_NAME: Final = "Copy"
CopyMark = Literal["text", "none"]
"""What is seen of the officer's signature: a line of text at the top right, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyOrder:
    """Which confirmed paper, signed with which certificate, and what is seen of the signature."""

    digitisation_id: str
    certificate_id: str
    mark: CopyMark = "text"
    key_device: KeyDevice = KeyDevice.SERVER
    """Where the key must be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerCopy:
    """A copy that its officer may sign now: every check before the key was passed."""

    record: Digitisation
    pdf: bytes = field(repr=False)
    """The searchable PDF/A copy as it was read."""
    certificate: CertificateRecord
    credential: Credential
    conversion: TextMark
    """I23: from paper, by whom, when; printed on the page before the signature."""
    seen: TextMark | None
    """What is seen of the signature."""


def officer_copy(tx: Tx, order: CopyOrder, services: Services, caller: Caller, at: datetime) -> OfficerCopy:
    """The copy, when this officer may sign it now with this certificate.

    1. Everything is confirmed, by this officer, at this desk (I21, I22); the paper is the owner's and not expired.
    2. The owner does not hold this paper already (S33).
    3. The certificate may do it now (I10); what its authority says is asked outside this transaction.

    Raises:
        NotFound, StateConflict, FieldsUnconfirmed, ConfirmedByAnother, Forbidden, OwnerMismatch, ExpiredAlready;
        DuplicateDocument; what `require_fit_certificate` raises.
    """
    record = digitisation_for(tx, order.digitisation_id, caller)
    if not record.state.is_open_for_correction:
        raise StateConflict
    fields = from_bytes(services.vault.work.read(tx, record.digitisation_id, FIELDS_SLOT).content)
    if missing_fields(record, fields) or record.state is not DigitisationState.CONFIRMED:
        raise FieldsUnconfirmed
    post = _require_same_officer(tx, record, fields, caller, at)
    _require_owner(tx, record, fields, services)
    _require_in_force(fields, at)
    _require_new(tx, record, fields, services)
    certificate = certificate_to_sign_with(tx, order.certificate_id, at)
    act = IntendedAct(
        certificate_class="personal",
        ordinal=None,
        org_code=record.org_code,
        place=post.place_code or post.org_code,
        procedure=Dossiers(tx).get(record.dossier_id).procedure_code,
        document_type=record.component_type,
        titles=titles_held(tx, caller, record.org_code, at),
    )
    require_fit_certificate(certificate, act, caller, at, key_device=order.key_device)
    agency, font = Organisations(tx).get(post.org_code).name, MARK_FONT.read_bytes()
    return OfficerCopy(
        record=record,
        pdf=services.vault.work.read(tx, record.digitisation_id, COPY_SLOT).content,
        certificate=certificate,
        credential=signing_credential(tx, certificate),
        conversion=_conversion_mark(agency, certificate.common_name, font, at),
        seen=TextMark(lines=(f"BẢN SỐ HÓA; {agency}", shown_time(at)), font=font) if order.mark == "text" else None,
    )


def page_to_sign(copy: OfficerCopy) -> bytes:
    """The copy with its conversion mark on page 1: fixed before the signature (I12, I23)."""
    return print_mark(copy.pdf, copy.conversion, then=copy.seen)


def request_of(copy: OfficerCopy) -> SigningRequest:
    """The officer's signature: the first and the last one of the copy."""
    return SigningRequest(
        credential=copy.credential,
        field_name=FIELD_NAME,
        mark=copy.seen,
        reason="Bản số hóa từ bản giấy",
        certify=True,
        closes=True,
    )


def draft_of(tx: Tx, record: Digitisation, services: Services, at: datetime) -> DocumentDraft:
    """How the signed copy is described in the vault; what nobody confirmed is not handed on (I21)."""
    fields = from_bytes(services.vault.work.read(tx, record.digitisation_id, FIELDS_SLOT).content)
    issued_on, expiry = _confirmed(fields, "date"), _confirmed(fields, "date_expiry")
    return DocumentDraft(
        document_id=DocumentId(new_id("doc", at)),
        owner=CitizenId(record.owner_subject),
        type_code=record.component_type,
        grade=Grade.C_OFFICER_COPY,
        origin=Origin.CONVERTED_FROM_PAPER,
        details=DocumentDetails(
            title=_title(tx, Dossiers(tx).get(record.dossier_id), record),
            document_number=_confirmed(fields, "number"),
            issued_on=date.fromisoformat(issued_on) if issued_on else None,
            signer_name=_confirmed(fields, "signer"),
            abstract=_confirmed(fields, "subject"),
            fields=tuple((name, one.value) for name, one in fields.items() if one.confirmed_by is not None),
        ),
        issuing_org=None,
        custodian_org=Organisations(tx).heir_of(record.org_code),
        source_dossier_id=record.dossier_id,
        digitised_by=record.confirmed_by,
        valid_to=_end_of_day(expiry) if expiry else None,
    )


def _require_same_officer(tx: Tx, record: Digitisation, fields: Fields, caller: Caller, at: datetime) -> Employment:
    """I22: who signs is who confirmed, and works at the agency that received the paper."""
    officer = caller.subject_id
    confirmers = {one.confirmed_by for one in fields.values() if one.confirmed_by is not None}
    if officer is None or confirmers != {officer}:
        raise ConfirmedByAnother
    post = Employments(tx).works_for(officer, record.org_code, at)
    if post is None:
        raise Forbidden
    return post


def _require_owner(tx: Tx, record: Digitisation, fields: Fields, services: Services) -> None:
    """The paper names the owner: by number where both have one, else by name and date of birth.

    A paper that names nobody (a decision, a letter) is the owner's because the officer says so.
    """
    people = People(tx, services.sealer)
    owner = people.get(record.owner_subject)
    number, known = _confirmed(fields, "id_number"), people.personal_id(record.owner_subject)
    if number is not None and known is not None:
        if number != known:
            raise OwnerMismatch
        return
    name, born = _confirmed(fields, "person_name"), _confirmed(fields, "dob")
    is_other_name = name is not None and fold(name) != fold(owner.name)
    is_other_day = born is not None and owner.date_of_birth is not None and born != owner.date_of_birth
    if is_other_name or is_other_day:
        raise OwnerMismatch


def _require_in_force(fields: Fields, at: datetime) -> None:
    expiry = _confirmed(fields, "date_expiry")
    if expiry is not None and date.fromisoformat(expiry) < vietnam_day(at):
        raise ExpiredAlready


def _require_new(tx: Tx, record: Digitisation, fields: Fields, services: Services) -> None:
    """S33: asked before the key is used; the catalogue refuses it once more when the copy is stored."""
    number = _confirmed(fields, "number")
    if number is None:
        return
    try:
        held = services.vault.find_number(tx, CitizenId(record.owner_subject), record.component_type, number)
    except VaultNotFound:
        return
    if held is not None:
        raise DuplicateDocument(held)


def _conversion_mark(agency: str, officer: str, font: bytes, at: datetime) -> TextMark:
    lines = ("CHUYỂN ĐỔI TỪ BẢN GIẤY", agency, f"Người chuyển đổi: {officer}", shown_time(at))
    return TextMark(lines=lines, font=font)


def _title(tx: Tx, dossier: Dossier, record: Digitisation) -> str:
    procedure = Procedures(tx).version(dossier.procedure_code, dossier.procedure_version)
    component = procedure.component(record.component_type)
    return component.name if component is not None else record.component_type


def _confirmed(fields: Fields, name: str) -> str | None:
    one = fields.get(name)
    return one.value if one is not None and one.confirmed_by is not None else None


def _end_of_day(day: str) -> datetime:
    """The first moment after the last day of validity, in Vietnam's time."""
    next_day = date.fromisoformat(day) + timedelta(days=1)
    return datetime.combine(next_day, time(), tzinfo=VIETNAM).astimezone(UTC)
