"""Signs whole PDFs for a CSC client: PAdES, each file one that the holder agreed to, under a SAD that is used up.

CSC API 2.0 §11.11. The client had the files' digests authorised; here the files come, are prepared in a limited worker,
and the key signs what was prepared. Only where the desk takes our word that the holder agreed: a signer of its own
would ask the holder for each prepared digest (ADR 0039).
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from api.callers import Caller
from api.errors import CscRequestRefused
from api.services import Services
from api.usecases.activated_signing import (
    Activated,
    ConformanceLevel,
    ToSign,
    activated,
    digest_for,
    tell_signed,
    used_up,
    values_over,
)
from api.usecases.signed_uploads import signed_upload, with_late_stamp, with_status
from api.usecases.signing_parts import evidence_source, time_stamper
from api.usecases.verify_document import require_pdf
from signing.errors import EvidenceUnavailable
from signing.keys import Credential, SignatureAlgorithm
from signing.pades import PreparedSignature, SignedPdf, SigningRequest, complete_signature, evidence_about
from signing.trust import Evidence

_PREPARE = "signing.pades.isolated:prepare_in_worker"
_CHAINS = "signing.pades.isolated:chains_in_worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentToSign:
    """One file and how it shall be signed."""

    content: bytes = field(repr=False)
    level: ConformanceLevel
    algorithm: SignatureAlgorithm
    certify: bool
    """`Certification`: afterwards only further signatures in fields that exist; False: a signature as any other."""
    reason: str | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignDocuments:
    """Which files shall be signed with which credential under which SAD."""

    credential_id: str
    sad: str = field(repr=False)
    documents: tuple[DocumentToSign, ...]
    wants_evidence: bool = False
    """Whether what proves the certificates' status, and is not in a file yet, comes with the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedDocuments:
    """The signed files, in the order in which they came."""

    pdfs: tuple[bytes, ...] = field(repr=False)
    evidence: Evidence | None


def sign_documents(command: SignDocuments, services: Services, caller: Caller, at: datetime) -> SignedDocuments:
    """All files are signed, or none.

    Raises:
        CscRequestRefused: SAD, files or algorithm are not those that were authorised; or nothing is signed so here.
        What `csc_certificate` raises. FileEmpty, FileNotPdf, MalformedDocument, DocumentNotSignable: a file is unfit.
        TimestampUnavailable, EvidenceUnavailable: the wanted level cannot be reached now. KeyUnavailable.
    """
    agreed = activated(command.credential_id, command.sad, services, caller, at)
    credential = agreed.credential
    if any(one.algorithm is not credential.algorithm for one in command.documents):
        raise CscRequestRefused("Invalid parameter signAlgo")
    digests = [digest_for(credential, one.content) for one in command.documents]
    with used_up(agreed, digests, services):
        signed = _signed(agreed, command.documents, services, caller, at)
        proof = _evidence(command, signed, credential, services, at) if command.wants_evidence else None
    tell_signed(agreed, services, caller, at, action="sign_documents", signed=[one.sha256 for one in signed])
    return SignedDocuments(pdfs=tuple(one.pdf for one in signed), evidence=proof)


def _signed(
    agreed: Activated, documents: tuple[DocumentToSign, ...], services: Services, caller: Caller, at: datetime
) -> tuple[SignedPdf, ...]:
    """Everything is prepared before the key is touched: one file that cannot be signed leaves no signature at all."""
    prepared = tuple(_prepared(one, agreed.credential, services, at) for one in documents)
    wanted = [ToSign(digest=one.document_digest, attributes=one.attributes) for one in prepared]
    values = values_over(agreed, wanted, services, caller, at, documents_checked=True)
    return tuple(
        _completed(document, one, value, services, at)
        for document, one, value in zip(documents, prepared, values, strict=True)
    )


def _prepared(document: DocumentToSign, credential: Credential, services: Services, at: datetime) -> PreparedSignature:
    require_pdf(document.content)
    # a name of its own: others have signed before
    name = f"Signature{at:%Y%m%d%H%M%S}{sha256(document.content).hexdigest()[:6]}"
    request = SigningRequest(
        credential=credential,
        field_name=name,
        certify=document.certify,
        reason=document.reason,
        location=document.location,
    )
    with_stamp = document.level is not ConformanceLevel.B
    made: PreparedSignature = services.workers.call(
        _PREPARE, document.content, request, with_stamp, at, timeout_s=services.verifier.timeout_s
    )
    return made


def _completed(
    document: DocumentToSign, prepared: PreparedSignature, value: bytes, services: Services, at: datetime
) -> SignedPdf:
    """The file at the wanted level, neither less nor more."""
    if document.level in (ConformanceLevel.B, ConformanceLevel.T):
        stamp = time_stamper(services, at) if document.level is ConformanceLevel.T else None
        return complete_signature(document.content, prepared, value, stamp=stamp, evidence=None)
    signed = signed_upload(document.content, prepared, value, services, at)
    if signed.level != ConformanceLevel.LT.value:
        raise EvidenceUnavailable("time-stamp or status evidence cannot be had now")
    if document.level is ConformanceLevel.LT:
        return signed
    # ETSI EN 319 142-1 §6.3 B-LTA: a time-stamp over the validation data, and what proves that one
    archived = with_late_stamp(signed, services, at, patient=False)
    return with_status(archived, len(document.content), prepared.credential.chain, services, at, level="B-LTA")


def _evidence(
    command: SignDocuments, signed: tuple[SignedPdf, ...], credential: Credential, services: Services, at: datetime
) -> Evidence:
    """About every chain of what was signed here that a file does not speak of itself."""
    timeout_s, whole = services.verifier.timeout_s, Evidence()
    for document, one in zip(command.documents, signed, strict=True):
        chains: tuple[tuple[bytes, ...], ...] = services.workers.call(
            _CHAINS, one.pdf, len(document.content), credential.chain, timeout_s=timeout_s
        )
        whole = whole.merged(evidence_about(chains, evidence_source(services, at)))
    return whole
