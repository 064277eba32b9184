"""Signs whole PDFs for a CSC client: PAdES, each file one that the holder agreed to, under a SAD that is used up.

CSC API 2.0 §11.11. The client had the files' digests authorised; here the files come, are prepared in a limited worker,
and the key signs what was prepared. Only where the desk takes our word that the holder agreed: a signer of its own
would ask the holder for each prepared digest (ADR 0039).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256, sha384

from api.callers import Caller
from api.errors import AnsoError, CscRequestRefused
from api.records.csc_activations import Activation
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.authorise_signature import OpenAuthorisation, open_authorisation, own_authorisation, person_of
from api.usecases.csc_activation import give_back, own_activation, use_activation
from api.usecases.csc_credential import csc_abilities, csc_certificate
from api.usecases.signed_uploads import signed_upload
from api.usecases.signing_parts import credential_of, time_stamper
from api.usecases.verify_document import require_pdf
from signing.authorisation import SigningPurpose
from signing.errors import AuthorisationRequired, EvidenceUnavailable, SigningError
from signing.isolation import IsolationError
from signing.keys import Credential, SignatureAlgorithm, require_key_of
from signing.keys.identifiers import HASH_OID
from signing.pades import PreparedSignature, SignedPdf, SigningRequest, complete_signature

_PREPARE = "signing.pades.isolated:prepare_in_worker"
_SHA384 = HASH_OID[SignatureAlgorithm.ECDSA_SHA384]


class ConformanceLevel(StrEnum):
    """How much the finished file proves by itself (ETSI EN 319 142-1 §6)."""

    B = "B-B"
    T = "B-T"
    LT = "B-LT"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentToSign:
    """One file and how it shall be signed."""

    content: bytes = field(repr=False)
    level: ConformanceLevel
    algorithm: SignatureAlgorithm
    certify: bool
    """`Certification`: afterwards only further signatures in fields that exist; False: a signature as any other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignDocuments:
    """Which files shall be signed with which credential under which SAD."""

    credential_id: str
    sad: str = field(repr=False)
    documents: tuple[DocumentToSign, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Agreed:
    """With what is signed, and under what the holder agreed."""

    credential: Credential
    activation: Activation


def sign_documents(command: SignDocuments, services: Services, caller: Caller, at: datetime) -> tuple[bytes, ...]:
    """The signed files, in the order in which they came; all or none are given.

    Raises:
        CscRequestRefused: SAD, files or algorithm are not those that were authorised; or nothing is signed so here.
        What `csc_certificate` raises. FileEmpty, FileNotPdf, MalformedDocument, DocumentNotSignable: a file is unfit.
        TimestampUnavailable, EvidenceUnavailable: the wanted level cannot be reached now. KeyUnavailable.
    """
    if not csc_abilities(services).signs_documents:
        raise CscRequestRefused("This service does not sign documents so", error="unsupported_operation")
    activation = own_activation(command.sad, command.credential_id, services, caller, at)
    with services.db.reading() as tx:
        credential = credential_of(tx, csc_certificate(tx, command.credential_id, caller, at))
    if any(one.algorithm is not credential.algorithm for one in command.documents):
        raise CscRequestRefused("Invalid parameter signAlgo")
    use_activation(activation, _authorised(command, credential, activation), services)
    try:
        agreed = _Agreed(credential=credential, activation=activation)
        signed = _signed(agreed, command.documents, services, caller, at)
    except (AnsoError, SigningError, IsolationError):
        give_back(activation, services)
        raise
    event = event_of(
        caller,
        "sign_documents",
        at,
        object_type="signature_authorisation",
        object_id=activation.authorisation_id,
        details=tuple((f"signed_{number}", one.sha256) for number, one in enumerate(signed, start=1)),
    )
    with services.db.transaction() as tx:
        services.audit.append(tx, event)
    return tuple(one.pdf for one in signed)


def _authorised(command: SignDocuments, credential: Credential, activation: Activation) -> tuple[str, ...]:
    make = sha384 if HASH_OID[credential.algorithm] == _SHA384 else sha256
    digests = tuple(make(one.content).hexdigest() for one in command.documents)
    if not set(digests) <= set(activation.hashes) or len(set(digests)) != len(digests):
        raise CscRequestRefused("documentDigests or documents are not authorized by the SAD")
    return digests


def _signed(
    agreed: _Agreed, documents: tuple[DocumentToSign, ...], services: Services, caller: Caller, at: datetime
) -> tuple[SignedPdf, ...]:
    """Everything is prepared before the key is touched: one file that cannot be signed leaves no signature at all."""
    credential = agreed.credential
    prepared = tuple(_prepared(one, credential, services, at) for one in documents)
    evidence = own_authorisation(agreed.activation.authorisation_id, services, caller).evidence
    if evidence is None:
        raise AuthorisationRequired("the authorisation was not confirmed")
    order = OpenAuthorisation(
        certificate_id=agreed.activation.certificate_id,
        digests=tuple(one.document_digest.hex() for one in prepared),
        purpose=SigningPurpose.SIGN_DOCUMENT,
    )
    opened = open_authorisation(order, services, caller, at, documents_checked=True).authorisation
    services.desk.confirm(opened.terms.authorisation_id, person_of(caller), evidence)
    keys = services.desk.keys_for(opened.terms.authorisation_id)
    require_key_of(credential, keys)
    values = [keys.sign(credential.key_id, one.attributes, credential.algorithm) for one in prepared]
    return tuple(
        _completed(document, one, value, services, at)
        for document, one, value in zip(documents, prepared, values, strict=True)
    )


def _prepared(document: DocumentToSign, credential: Credential, services: Services, at: datetime) -> PreparedSignature:
    require_pdf(document.content)
    # a name of its own: others have signed before
    name = f"Signature{at:%Y%m%d%H%M%S}{sha256(document.content).hexdigest()[:6]}"
    request = SigningRequest(credential=credential, field_name=name, certify=document.certify)
    with_stamp = document.level is not ConformanceLevel.B
    made: PreparedSignature = services.workers.call(
        _PREPARE, document.content, request, with_stamp, at, timeout_s=services.verifier.timeout_s
    )
    return made


def _completed(
    document: DocumentToSign, prepared: PreparedSignature, value: bytes, services: Services, at: datetime
) -> SignedPdf:
    """The file at the wanted level, neither less nor more."""
    if document.level is ConformanceLevel.LT:
        signed = signed_upload(document.content, prepared, value, services, at)
        if signed.level != ConformanceLevel.LT.value:
            raise EvidenceUnavailable("time-stamp or status evidence cannot be had now")
        return signed
    stamp = time_stamper(services, at) if document.level is ConformanceLevel.T else None
    return complete_signature(document.content, prepared, value, stamp=stamp, evidence=None)
