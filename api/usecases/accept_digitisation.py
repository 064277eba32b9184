"""The officer who confirmed a paper signs its copy with the personal certificate; both go into the vault (grade C).

Master is the file as it came in; signed is the searchable PDF/A copy with the conversion mark (I23) and the signature.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import (
    ConfirmedByAnother,
    ExpiredAlready,
    FieldsUnconfirmed,
    Forbidden,
    OwnerMismatch,
    StateConflict,
    TimestampPending,
)
from api.ids import new_id
from api.records.digitisations import (
    COPY_SLOT,
    FIELDS_SLOT,
    SOURCE_SLOT,
    Digitisation,
    Digitisations,
    DigitisationState,
)
from api.records.dossiers import Dossier, Dossiers
from api.records.employments import Employment, Employments
from api.records.organisations import Organisations
from api.records.people import People
from api.records.procedures import Procedures
from api.rendering.typeface import MARK_FONT
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.certificate_fitness import IntendedAct, require_fit_certificate, titles_held
from api.usecases.correct_fields import missing_fields
from api.usecases.digitisation_access import digitisation_for
from api.usecases.digitisation_fields import Fields, from_bytes
from api.usecases.second_factor import require_second_factor
from api.usecases.signing_certificate import certificate_to_sign_with
from api.usecases.signing_parts import credential_of, evidence_source, time_stamper
from api.vietnam_time import VIETNAM, vietnam_day
from digitize.vietnamese import fold
from signing.errors import EvidenceUnavailable, TimestampUnavailable
from signing.keys import Credential, require_key_of
from signing.pades import SignedPdf, SigningRequest, TextMark, shown_time, sign_pdf
from vault.catalogue import StagedFile
from vault.envelope import CitizenKey
from vault.model import (
    CitizenId,
    DocumentDetails,
    DocumentDraft,
    DocumentId,
    FileRole,
    Grade,
    Origin,
    StoredDocument,
)

FIELD_NAME: Final = "Copy"
_PDF: Final = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptDigitisation:
    """Which confirmed paper, signed with which certificate."""

    digitisation_id: str
    certificate_id: str
    second_factor: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """Everything that passed the checks, ready to be signed and stored."""

    record: Digitisation
    fields: Fields = field(repr=False)
    source: bytes = field(repr=False)
    copy: bytes = field(repr=False)
    credential: Credential
    key: CitizenKey = field(repr=False)
    mark: TextMark
    title: str


def accept_digitisation(
    command: AcceptDigitisation, services: Services, caller: Caller, at: datetime
) -> StoredDocument:
    """Sign the copy and store it with the original; document, row and ledger commit together.

    1. Everything is confirmed, by this officer, at this desk (I21, I22); the paper is the owner's and not expired.
    2. The certificate may do it now (I10).
    3. The signature, with time-stamp and evidence, outside any transaction.
    4. Both files go into the vault; the working copies are forgotten.

    Raises:
        NotFound, StateConflict, FieldsUnconfirmed, ConfirmedByAnother, OwnerMismatch, ExpiredAlready; what
        `require_second_factor` and `require_fit_certificate` raise; TimestampPending: nothing was stored, try again
        (I17); DuplicateDocument: the owner holds this paper (S33); StoreUnavailable.
    """
    require_second_factor(services, caller, command.second_factor, at)
    with services.db.transaction() as tx:
        ready = _ready(tx, command, services, caller, at)
    signed = _sign(ready, services, at)
    draft = _draft(ready, caller, at)
    staged = _staged(ready, draft.document_id, signed, services)
    with services.db.transaction() as tx:
        stored = services.vault.commit(tx, draft, staged, at)
        Digitisations(tx).change(ready.record, at=at, state=DigitisationState.STORED, document_id=stored.document_id)
        garbage = services.vault.work.forget(tx, ready.record.digitisation_id)
        event = event_of(
            caller,
            "accept_digitisation",
            at,
            object_type="document",
            object_id=stored.document_id,
            owner_id=ready.record.owner_subject,
            details=(
                ("digitisation", ready.record.digitisation_id),
                ("certificate", command.certificate_id),
                ("file_sha256", signed.sha256),
            ),
        )
        services.audit.append(tx, event)
    services.vault.work.discard(garbage, at)
    return stored


def _staged(ready: _Ready, document_id: DocumentId, signed: SignedPdf, services: Services) -> tuple[StagedFile, ...]:
    """Master as it came in, signed copy; encrypted, visible once `commit` does."""
    files = (
        (FileRole.MASTER, ready.record.media_type, ready.source),
        (FileRole.SIGNED, _PDF, signed.pdf),
    )
    return tuple(
        services.vault.stage(ready.key, document_id=document_id, role=role, media_type=media_type, content=content)
        for role, media_type, content in files
    )


def _ready(tx: Tx, command: AcceptDigitisation, services: Services, caller: Caller, at: datetime) -> _Ready:
    record = digitisation_for(tx, command.digitisation_id, caller)
    if not record.state.is_open_for_correction:
        raise StateConflict
    fields = from_bytes(services.vault.work.read(tx, record.digitisation_id, FIELDS_SLOT).content)
    if missing_fields(record, fields) or record.state is not DigitisationState.CONFIRMED:
        raise FieldsUnconfirmed
    post = _require_same_officer(tx, record, fields, caller, at)
    _require_owner(tx, record, fields, services)
    _require_in_force(fields, at)
    dossier = Dossiers(tx).get(record.dossier_id)
    certificate = certificate_to_sign_with(tx, command.certificate_id, at)
    act = IntendedAct(
        certificate_class="personal",
        ordinal=None,
        org_code=record.org_code,
        place=post.place_code or post.org_code,
        procedure=dossier.procedure_code,
        document_type=record.component_type,
        titles=titles_held(tx, caller, record.org_code, at),
    )
    require_fit_certificate(certificate, act, caller, at)
    return _Ready(
        record=record,
        fields=fields,
        source=services.vault.work.read(tx, record.digitisation_id, SOURCE_SLOT).content,
        copy=services.vault.work.read(tx, record.digitisation_id, COPY_SLOT).content,
        credential=credential_of(tx, certificate),
        key=services.vault.open_vault(tx, CitizenId(record.owner_subject), at),
        mark=_conversion_mark(tx, post, certificate.common_name, at),
        title=_title(tx, dossier, record),
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


def _conversion_mark(tx: Tx, post: Employment, officer: str, at: datetime) -> TextMark:
    """I23: converted from paper, by whom, when; text at the top right of page 1."""
    agency = Organisations(tx).get(post.org_code).name
    lines = (f"BẢN SỐ HÓA TỪ BẢN GIẤY; {agency}", f"Người số hóa: {officer}", shown_time(at))
    return TextMark(lines=lines, font=MARK_FONT.read_bytes())


def _title(tx: Tx, dossier: Dossier, record: Digitisation) -> str:
    procedure = Procedures(tx).version(dossier.procedure_code, dossier.procedure_version)
    component = procedure.component(record.component_type)
    return component.name if component is not None else record.component_type


def _sign(ready: _Ready, services: Services, at: datetime) -> SignedPdf:
    request = SigningRequest(
        credential=ready.credential,
        field_name=FIELD_NAME,
        mark=ready.mark,
        reason="Bản số hóa từ bản giấy",
        certify=True,
    )
    require_key_of(ready.credential, services.keys)
    try:
        return sign_pdf(
            ready.copy,
            request,
            keys=services.keys,
            stamp=time_stamper(services, at),
            evidence=evidence_source(services, at),
            at=at,
        )
    except (TimestampUnavailable, EvidenceUnavailable) as err:
        raise TimestampPending from err  # I17: what has no time-stamp is not archived


def _draft(ready: _Ready, caller: Caller, at: datetime) -> DocumentDraft:
    fields, record = ready.fields, ready.record
    issued_on, expiry = _confirmed(fields, "date"), _confirmed(fields, "date_expiry")
    return DocumentDraft(
        document_id=DocumentId(new_id("doc", at)),
        owner=CitizenId(record.owner_subject),
        type_code=record.component_type,
        grade=Grade.C_OFFICER_COPY,
        origin=Origin.CONVERTED_FROM_PAPER,
        details=DocumentDetails(
            title=ready.title,
            document_number=_confirmed(fields, "number"),
            issued_on=date.fromisoformat(issued_on) if issued_on else None,
            signer_name=_confirmed(fields, "signer"),
            abstract=_confirmed(fields, "subject"),
            # I21: what nobody confirmed is not handed on
            fields=tuple((name, one.value) for name, one in fields.items() if one.confirmed_by is not None),
        ),
        issuing_org=None,
        custodian_org=record.org_code,
        source_dossier_id=record.dossier_id,
        digitised_by=caller.subject_id,
        valid_to=_end_of_day(expiry) if expiry else None,
    )


def _confirmed(fields: Fields, name: str) -> str | None:
    one = fields.get(name)
    return one.value if one is not None and one.confirmed_by is not None else None


def _end_of_day(day: str) -> datetime:
    """The first moment after the last day of validity, in Vietnam's time."""
    next_day = date.fromisoformat(day) + timedelta(days=1)
    return datetime.combine(next_day, time(), tzinfo=VIETNAM).astimezone(UTC)
