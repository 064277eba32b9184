"""The stored document that a copy or a conversion is made of: read for a dossier, in force, its signatures good now.

Knows the vault's rules of reading and the agency that answers for the document. Must not know what is made of it.
"""

from dataclasses import dataclass, field
from datetime import datetime

from api.callers import Caller
from api.errors import CopySourceUnfit, Forbidden
from api.records.dossiers import Dossier, Dossiers
from api.records.employments import Employment, Employments
from api.records.organisations import Organisations, OrgUnit
from api.services import Services
from api.usecases.read_document import ReadDocument, read_document
from api.usecases.verify_document import verify_file
from signing.validation import Verdict
from vault.catalogue import DescribedDocument
from vault.catalogue_sql import Documents
from vault.errors import DocumentNotFound
from vault.model import DocumentState, Grade

_PDF = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class CopySource:
    """A document fit to be copied, and who copies it."""

    described: DescribedDocument
    pdf: bytes = field(repr=False)
    sha256: str
    agency: OrgUnit
    post: Employment
    dossier: Dossier


def copy_source(document_id: str, dossier_id: str, services: Services, caller: Caller, at: datetime) -> CopySource:
    """Read the file with the legal value, and check it.

    Raises:
        DocumentNotFound, AccessDenied, IntegrityMismatch, StoreUnavailable: as for reading it, with the ledger's line.
        Forbidden: the caller has no post in the agency that answers for the document.
        OrganisationClosed: that agency ended. CopySourceUnfit: not in force, the citizen's own upload, no PDF, or its
        signatures are not valid now.
    """
    with services.db.reading() as tx:
        file = Documents(tx).get(document_id).evidential_file
    if file is None:
        raise DocumentNotFound("the document has no file")
    wanted = ReadDocument(document_id=document_id, role=file.role, dossier_id=dossier_id)
    read = read_document(wanted, services, caller, at)
    document = read.described.document
    if read.file is None:  # a role was asked for, so there is a file
        raise DocumentNotFound
    with services.db.reading() as tx:
        # I32: the agency that answers for the document now, whoever issued it
        agency = Organisations(tx).require_working(document.custodian_org, at)
        subject = caller.subject_id
        post = None if subject is None else Employments(tx).works_for(subject, agency.org_code, at)
        dossier = Dossiers(tx).get(dossier_id)
    if post is None or caller.org_code != agency.org_code:
        raise Forbidden("Văn bản do cơ quan khác lưu giữ.", "Another agency answers for the document.")
    if document.state is not DocumentState.ACTIVE or not document.is_valid_at(at):
        raise CopySourceUnfit
    if document.grade is Grade.D_UNVERIFIED or read.file.media_type != _PDF:
        raise CopySourceUnfit("Tệp do công dân tự tải lên.", "Nobody certified the uploaded file.")
    if verify_file(read.file.content, services, at).verdict is not Verdict.VALID:
        raise CopySourceUnfit("Chữ ký trên bản nguồn không hợp lệ.", "The source's signatures are not valid now.")
    return CopySource(
        described=read.described,
        pdf=read.file.content,
        sha256=read.file.sha256.hex(),
        agency=agency,
        post=post,
        dossier=dossier,
    )
