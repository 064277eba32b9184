"""An electronic copy under the agency's seal: which form of which source, its page, its seal, its place in the vault.

I11: the one case in which a seal needs no person's signature in the same file is this one, mark E, over a page that the
service itself drew from a stored document; no caller can bring a file of their own. Must not know where the key is.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from api.callers import Caller, Role
from api.errors import CopyFormWrong, RoleMissing
from api.ids import new_id
from api.records.copies import CertifiedCopy, CopyForm
from api.rendering.typeface import MARK_FONT
from api.services import Services
from api.usecases.authorised_signing import WaitingSignature
from api.usecases.certificate_fitness import IntendedAct, require_fit_certificate
from api.usecases.copy_source import CopySource, copy_source
from api.usecases.signing_certificate import certificate_to_sign_with
from api.usecases.status_policy import require_provable_status
from api.usecases.token_credential import signing_credential
from signing.keys import Credential
from signing.pades import SigningRequest, TextMark, prepare_signature, with_room
from signing.registry import KeyDevice
from vault.catalogue import DescribedDocument
from vault.model import DocumentDetails, DocumentDraft, DocumentId, Grade, Origin

FIELD_NAME: Final = "Copy"
_DRAWING_LIMIT_S: Final = 60.0
_MAX_PAGES: Final = 100

# Decree 30/2020 Art. 25: a true copy in electronic form is made of paper (what was born digital is passed on itself), a
# copy of a copy of what is one, an extract of either kind of original.
_SOURCES: Final = {
    CopyForm.SAO_Y: frozenset({(Origin.CONVERTED_FROM_PAPER, Grade.C_OFFICER_COPY)}),
    CopyForm.SAO_LUC: frozenset(
        {
            (Origin.CONVERTED_FROM_PAPER, Grade.C_OFFICER_COPY),
            (Origin.CONVERTED_FROM_PAPER, Grade.B_CERTIFIED_COPY),
        }
    ),
    CopyForm.TRICH_SAO: frozenset(
        {
            (Origin.BORN_DIGITAL, Grade.A_ORIGINAL),
            (Origin.CONVERTED_FROM_PAPER, Grade.C_OFFICER_COPY),
        }
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRequest:
    """Which copy of which document, for which dossier, under which seal."""

    document_id: str
    dossier_id: str
    form: CopyForm
    certificate_id: str
    pages: tuple[int, ...] = ()
    """Of an extract: numbers from 1, ascending, the first page among them; empty: all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSeal:
    """A copy that may be sealed now: every check before the key was passed."""

    request: CopyRequest
    source: CopySource
    credential: Credential
    mark: TextMark = field(repr=False)


def plan_copy(
    request: CopyRequest,
    services: Services,
    caller: Caller,
    at: datetime,
    *,
    key_device: KeyDevice = KeyDevice.SERVER,
) -> PlannedSeal:
    """Every check that comes before the key (I10, I11), which must be in that device; touches none.

    Raises:
        RoleMissing: the caller acts in another role. CopyFormWrong; TokenKeyUnfit; what `copy_source`,
        `require_fit_certificate` and `require_provable_status` raise.
    """
    if caller.role is not Role.CLERK:  # a token's value comes by a route of all holders
        raise RoleMissing(
            "Cần vai trò văn thư: dùng mã truy cập cấp cho vai trò này.",
            "The role clerk is needed: use a token made for that role.",
        )
    source = copy_source(request.document_id, request.dossier_id, services, caller, at)
    _require_form(request, source)
    with services.db.reading() as tx:
        certificate = certificate_to_sign_with(tx, request.certificate_id, at)
        act = IntendedAct(
            certificate_class="org_seal",
            ordinal=None,
            org_code=source.agency.org_code,
            place=source.post.place_code or source.post.org_code,
            procedure=source.dossier.procedure_code,
            document_type=source.described.document.type_code,
        )
        require_fit_certificate(certificate, act, caller, at, key_device=key_device)
        credential = signing_credential(tx, certificate)
    require_provable_status(certificate, services, at)
    return PlannedSeal(
        request=request,
        source=source,
        credential=credential,
        mark=TextMark.for_copy(agency=source.agency.name, at=at, font=MARK_FONT.read_bytes(), kind=request.form.words),
    )


def prepared_copy(planned: PlannedSeal, services: Services, at: datetime) -> WaitingSignature:
    """The copy's page, drawn from the source in a limited process, and the seal on it up to its value.

    Raises:
        CopyImpossible: no such pages, or no PDF/A can be made of them. DocumentNotSignable.
    """
    pages = list(planned.request.pages) or None
    drawn: bytes = services.workers.call(
        "api.rendering:plain_copy", planned.source.pdf, pages, timeout_s=_DRAWING_LIMIT_S
    )
    page = with_room(drawn, planned.mark)
    request = SigningRequest(
        credential=planned.credential,
        field_name=FIELD_NAME,
        mark=planned.mark,
        reason=f"{planned.request.form.words}; SHA-256 {planned.source.sha256}",
        location=planned.source.agency.name,
        certify=True,
        closes=True,
    )
    return WaitingSignature(pdf=page, prepared=prepare_signature(page, request, with_stamp=True, at=at))


def draft_of_copy(record: CertifiedCopy, source: DescribedDocument, at: datetime) -> DocumentDraft:
    """How the copy is described in the vault: what its source says, and whose copy it is; its number comes last."""
    document, details = source.document, source.details
    of_source = (
        ("copy_form", record.form.words),
        ("copy_of_document", record.source_document_id),
        ("copy_of_sha256", record.source_sha256),
        ("copy_of_number", details.document_number or ""),
    )
    kept = tuple((name, value) for name, value in details.fields if not name.startswith("copy_"))
    return DocumentDraft(
        document_id=DocumentId(new_id("doc", at)),
        owner=document.owner,
        type_code=document.type_code,
        grade=Grade.B_CERTIFIED_COPY,
        origin=document.origin,
        details=DocumentDetails(
            title=f"{details.title} ({record.form.words})",
            issued_on=details.issued_on,
            signer_name=details.signer_name,
            abstract=details.abstract,
            fields=(*kept, *((name, value) for name, value in of_source if value)),
        ),
        issuing_org=record.org_code,
        custodian_org=record.org_code,
        source_dossier_id=record.dossier_id,
        digitised_by=document.digitised_by,
        valid_from=document.valid_from,
        valid_to=document.valid_to,
    )


def numbered(draft: DocumentDraft, number: str) -> DocumentDraft:
    """The draft with number and symbol of the copy, by which it is told from every other copy of the same source."""
    return replace(draft, details=replace(draft.details, document_number=number))


def _require_form(request: CopyRequest, source: CopySource) -> None:
    document = source.described.document
    if (document.origin, document.grade) not in _SOURCES[request.form]:
        raise CopyFormWrong(
            "Văn bản điện tử gốc được gửi nguyên tệp, trích sao, hoặc chuyển sang giấy (Nghị định 30/2020 Điều 25).",
            "An electronic original is passed on itself, extracted, or converted to paper (Decree 30/2020 Art. 25).",
        )
    if request.pages and request.form is not CopyForm.TRICH_SAO:
        raise CopyFormWrong("Chỉ trích sao mới chọn trang.", "Only an extract names pages.")
    ascending = tuple(sorted(set(request.pages))) == request.pages
    if request.form is CopyForm.TRICH_SAO and (
        not ascending or not request.pages or request.pages[0] != 1 or len(request.pages) > _MAX_PAGES
    ):
        raise CopyFormWrong(
            "Trích sao gồm trang 1 và các trang cần trích, theo thứ tự tăng dần.",
            "An extract names page 1 and the pages wanted, in ascending order.",
        )
