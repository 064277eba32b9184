"""A holder prepares own documents for the key in an own token: officials their papers, a citizen an e-form (step 1b).

What a stranger made is parsed in a limited worker. A document that cannot be signed fails alone. Uses no key.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from api.callers import Caller
from api.db import Tx
from api.errors import (
    AnsoError,
    CertificateKeyHere,
    CertificateNotYours,
    CertificateOutOfScope,
    SealOnUpload,
)
from api.records.signature_preparations import PreparationKind
from api.rendering.typeface import MARK_FONT
from api.services import Services
from api.usecases.certificate_fitness import require_in_force, require_post
from api.usecases.marks import person_mark
from api.usecases.signing_certificate import certificate_to_sign_with
from api.usecases.status_policy import require_provable_status
from api.usecases.token_credential import NamedCertificate, named_certificate_id, token_credential
from api.usecases.verify_document import require_pdf
from api.usecases.waiting_signatures import (
    Preparation,
    Prepared,
    Staged,
    keep_waiting,
    require_room,
    stage,
)
from signing.errors import SigningError
from signing.identity import CertificateClass
from signing.pades import Box, Mark, PreparedSignature, SigningRequest, TextMark, shown_time
from signing.registry import CertificateRecord, KeyDevice


class UploadMark(StrEnum):
    """What of the signature is seen on the page."""

    NONE = "none"
    PERSON = "person"
    """Mark A: the holder's picture, in the printed signer's block."""
    TEXT = "text"
    """Who signed and when, at the top right of the first page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareUploads:
    """Which documents, for which certificate, and what is to be seen."""

    certificate: NamedCertificate
    documents: tuple[bytes, ...] = field(repr=False)
    mark: UploadMark = UploadMark.NONE
    box: Box | None = None
    """Where mark A stands; None: found from the page."""
    reason: str | None = None
    location: str | None = None


def prepare_uploads(
    command: PrepareUploads, services: Services, caller: Caller, at: datetime
) -> tuple[Preparation, ...]:
    """One outcome for each document, in their order; those that can be signed wait for their values.

    Raises:
        CertificateUnknown, ExternalCertUnconfirmed, CertificateNotYours, CertificateRevoked, CertificateOnHold,
        CertificateSuperseded, CertificateExpired, CertTitleMismatch, CertificateOutOfScope, OrganisationClosed (I7,
        I10); SignerStatusUnknown (S26); CertificateKeyHere, TokenKeyUnfit, SealOnUpload; TooManyPreparations;
        MarkPictureMissing. Nothing waits.
    """
    owner = require_room(len(command.documents), services, caller)
    with services.db.reading() as tx:
        certificate = upload_certificate(tx, named_certificate_id(tx, command.certificate), caller, at)
        credential = token_credential(tx, certificate)
    require_provable_status(certificate, services, at)
    request = SigningRequest(
        credential=credential,
        field_name="",
        mark=upload_mark(command.mark, certificate, services, at, box=command.box),
        reason=command.reason,
        location=command.location,
    )
    outcomes: list[Preparation] = []
    staged: list[Staged] = []
    for document in command.documents:
        try:
            signature = _prepared(document, request, services, at)
        except (AnsoError, SigningError) as refused:
            outcomes.append(Preparation(refusal=refused))
            continue
        prepared = Prepared(
            kind=PreparationKind.DOCUMENT,
            owner_subject=owner,
            certificate_id=certificate.certificate_id,
            signature=signature,
            base=document,
        )
        staged.append(stage(prepared, services, caller, at))
        outcomes.append(Preparation(record=staged[-1].record))
    if staged:
        keep_waiting(staged, services, caller, at)
    return tuple(outcomes)


def upload_certificate(tx: Tx, certificate_id: str, caller: Caller, at: datetime) -> CertificateRecord:
    """The certificate, when the caller may sign an own document with its token now.

    Raises:
        As `prepare_uploads`.
    """
    certificate = certificate_to_sign_with(tx, certificate_id, at)
    if caller.subject_id is None or certificate.subject_id != caller.subject_id:
        raise CertificateNotYours
    if certificate.certificate_class is CertificateClass.ORG_SEAL:
        raise SealOnUpload
    require_in_force(certificate, at)
    require_post(tx, certificate, caller, at)
    if not certificate.scope.is_unlimited:
        raise CertificateOutOfScope  # I2: a document of no procedure lies outside every limit
    if certificate.key_device is not KeyDevice.TOKEN:
        raise CertificateKeyHere
    return certificate


def _prepared(document: bytes, request: SigningRequest, services: Services, at: datetime) -> PreparedSignature:
    require_pdf(document)
    # a name of its own: the same person may sign twice, and others have signed before
    named = replace(request, field_name=f"Signature{at:%Y%m%d%H%M%S}{_few_digits(document)}")
    prepared: PreparedSignature = services.workers.call(
        "signing.pades.isolated:prepare_in_worker",
        document,
        named,
        True,
        at,
        timeout_s=services.verifier.timeout_s,
    )
    return prepared


def _few_digits(document: bytes) -> str:
    return sha256(document).hexdigest()[:6]


def upload_mark(
    wanted: UploadMark, certificate: CertificateRecord, services: Services, at: datetime, *, box: Box | None = None
) -> Mark | None:
    """The mark of a document of the holder's own."""
    if wanted is UploadMark.PERSON:
        mark = person_mark(certificate, services, at=at, signer_name=certificate.common_name)
        return mark if box is None else replace(mark, block=box)
    if wanted is UploadMark.TEXT:
        lines = (f"Ký bởi: {certificate.common_name}", shown_time(at))
        return TextMark(lines=lines, font=MARK_FONT.read_bytes())
    return None
