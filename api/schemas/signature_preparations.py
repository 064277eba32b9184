"""Two-step signing with an own token, on the wire; binary values are base64."""

import hashlib
from base64 import b64encode
from datetime import datetime
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.errors import InputInvalid
from api.ids import parse_id
from api.records.employments import SigningCapacity
from api.records.signature_preparations import PreparationKind, PreparationState, SignaturePreparation
from api.schemas.copies import CopyTerms
from api.schemas.mark_box import BoxText, box_of
from api.schemas.operation import ProblemBody
from api.schemas.text import Id, Line
from api.usecases.officer_copy import CopyMark
from api.usecases.prepare_results import PrepareResults
from api.usecases.prepare_token_certified_copy import PrepareTokenCertifiedCopy
from api.usecases.prepare_token_copy import PrepareTokenCopy
from api.usecases.prepare_uploads import PrepareUploads, UploadMark
from api.usecases.seal_by_token import PrepareTokenSeal
from api.usecases.token_credential import NamedCertificate
from api.usecases.waiting_signatures import MAX_AT_ONCE
from signing.keys import SignatureAlgorithm

Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Base64 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{1,11000}={0,2}$")]


class UploadTerms(BaseModel):
    """What the signature of sent documents shall be; the texts of the form beside its files."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    certificate_id: Id | None = Field(default=None, description="An own certificate whose key is in a token")
    certificate_sha256: Fingerprint | None = Field(default=None, description="The same, by its SHA-256 (hex)")
    mark: UploadMark = Field(default=UploadMark.NONE, description="What of the signature is seen on the page")
    mark_box: BoxText | None = None
    reason: Line | None = Field(default=None, min_length=1, max_length=200)
    location: Line | None = Field(default=None, min_length=1, max_length=100)

    def to_command(self, documents: tuple[bytes, ...]) -> PrepareUploads:
        """The use-case's command."""
        return PrepareUploads(
            certificate=_certificate(self.certificate_id, self.certificate_sha256),
            documents=documents,
            mark=self.mark,
            box=box_of(self.mark_box, self.mark),
            reason=self.reason,
            location=self.location,
        )


class ResultsIn(BaseModel):
    """Which results are to be signed or sealed with a token."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: Literal["sign", "seal"] = "sign"
    certificate_id: Id | None = Field(
        default=None, description="An own certificate, or the seal in the own keeping; its key is in a token"
    )
    certificate_sha256: Fingerprint | None = Field(default=None, description="The same, by its SHA-256 (hex)")
    result_ids: list[Id] = Field(min_length=1, max_length=MAX_AT_ONCE)
    capacity: SigningCapacity | None = Field(default=None, description="As printed; a seal has none")

    def to_command(self) -> PrepareResults:
        """The use-case's command."""
        return PrepareResults(
            kind=PreparationKind(self.kind),
            certificate=_certificate(self.certificate_id, self.certificate_sha256),
            result_ids=tuple(parse_id("res", one) for one in self.result_ids),
            capacity=self.capacity,
        )


class MechanismView(BaseModel):
    """How a token makes the value: what it is asked for, and over what."""

    algorithm: str
    """OID of the signature algorithm."""
    digest_algorithm: str
    """By which `to_be_signed` is hashed; many tokens take the digest only."""
    pkcs11: str
    """Mechanism that takes the digest."""
    pkcs11_with_hash: str
    """Mechanism that takes `to_be_signed` itself, where a token knows it."""
    salt_length: int | None = None
    """RSASSA-PSS, with MGF1 over the same digest. A token that takes a longer salt says so beside its value."""
    value_forms: list[str]
    """`der`: Ecdsa-Sig-Value; `raw`: r and s one behind the other, as PKCS#11 gives them; `bare`: the RSA value."""


_MECHANISMS: Final = {
    SignatureAlgorithm.ECDSA_SHA256: MechanismView(
        algorithm="1.2.840.10045.4.3.2",
        digest_algorithm="sha256",
        pkcs11="CKM_ECDSA",
        pkcs11_with_hash="CKM_ECDSA_SHA256",
        value_forms=["der", "raw"],
    ),
    SignatureAlgorithm.ECDSA_SHA384: MechanismView(
        algorithm="1.2.840.10045.4.3.3",
        digest_algorithm="sha384",
        pkcs11="CKM_ECDSA",
        pkcs11_with_hash="CKM_ECDSA_SHA384",
        value_forms=["der", "raw"],
    ),
    SignatureAlgorithm.RSASSA_PSS_SHA256: MechanismView(
        algorithm="1.2.840.113549.1.1.10",
        digest_algorithm="sha256",
        pkcs11="CKM_RSA_PKCS_PSS",
        pkcs11_with_hash="CKM_SHA256_RSA_PKCS_PSS",
        salt_length=32,
        value_forms=["bare"],
    ),
}


class PreparationView(BaseModel):
    """One prepared signature as it stands."""

    id: str
    kind: PreparationKind
    state: PreparationState
    certificate_id: str
    result_id: str | None
    receipt_slip_id: str | None = None
    annex_id: str | None = None
    """Of an annex, which is sealed together with its result: `/v1/results/{id}/token-seal`."""
    digitisation_id: str | None = None
    """Of an officer's copy; once signed, `/v1/digitisations/{id}` says where it is."""
    certified_copy_id: str | None = None
    """Of an agency's copy; once sealed, `/v1/certified-copies/{id}` says its number and where it is."""
    document_sha256: str
    """Hex, of the document as it was sent or stands in the result."""
    digest: str
    """Hex, over the byte range of the file that will be signed."""
    to_be_signed: str
    """DER SET OF signed attributes (RFC 5652 §5.4): what the key signs."""
    to_be_signed_digest: str
    """The same, hashed: for tokens that take a digest."""
    mechanism: MechanismView
    created_at: datetime
    expires_at: datetime
    """The last moment for the value."""
    completed_at: datetime | None
    level: str | None
    """`B-B` while time-stamp and evidence are pending; they are added behind the signature later."""
    file_sha256: str | None
    file: str | None
    """Where the signed file is fetched."""
    kept_until: datetime | None
    """Until when, for a file that was sent."""

    @classmethod
    def of(cls, record: SignaturePreparation) -> Self:
        """The view of a record."""
        mechanism = _MECHANISMS[SignatureAlgorithm(record.algorithm)]
        return cls(
            id=record.preparation_id,
            kind=record.kind,
            state=record.state,
            certificate_id=record.certificate_id,
            result_id=record.result_id,
            receipt_slip_id=record.slip_id,
            annex_id=record.annex_id,
            digitisation_id=record.digitisation_id,
            certified_copy_id=record.copy_id,
            document_sha256=record.base_sha256,
            digest=record.document_digest,
            to_be_signed=b64encode(record.attributes).decode(),
            to_be_signed_digest=b64encode(hashlib.new(mechanism.digest_algorithm, record.attributes).digest()).decode(),
            mechanism=mechanism,
            created_at=record.created_at,
            expires_at=record.expires_at,
            completed_at=record.completed_at,
            level=record.signature_level,
            file_sha256=record.file_sha256,
            file=_file_of(record),
            kept_until=record.kept_until,
        )


class PreparationItemView(BaseModel):
    """What came of one document: a preparation, or the problem that it has."""

    index: int
    """Its place in the request, from 0."""
    name: str | None = None
    """The file's name as it was sent; it is not kept."""
    preparation: PreparationView | None = None
    error: ProblemBody | None = None


class PreparationListView(BaseModel):
    """One item for each document, in their order."""

    items: list[PreparationItemView]


class ValueIn(BaseModel):
    """What the token made over `to_be_signed`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    value: Base64 = Field(description="Base64 of the signature value; ECDSA as DER or as r and s")
    salt_length: int | None = Field(
        default=None, ge=0, le=1024, description="Of an RSASSA-PSS value with another salt than asked for: at least 32"
    )


class CompletionIn(ValueIn):
    """A value and the preparation that it belongs to."""

    id: Id


class CompletionsIn(BaseModel):
    """Values of several preparations."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    items: list[CompletionIn] = Field(min_length=1, max_length=MAX_AT_ONCE)


class TokenSealPreparationIn(BaseModel):
    """The seals of a result and its annexes that are prepared for a token."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    certificate_id: Id | None = Field(default=None, description="The seal in the own keeping; its key is in a token")
    certificate_sha256: Fingerprint | None = Field(default=None, description="The same, by its SHA-256 (hex)")
    file_sha256: Fingerprint | None = Field(default=None, description="Of the file that the caller looked at")

    def to_command(self, result_id: str) -> PrepareTokenSeal:
        """The use-case's command."""
        return PrepareTokenSeal(
            result_id=parse_id("res", result_id),
            certificate=_certificate(self.certificate_id, self.certificate_sha256),
            file_sha256=self.file_sha256,
        )


class TokenCopyPreparationIn(BaseModel):
    """The officer's copy of a paper that is prepared for a token."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    certificate_id: Id | None = Field(default=None, description="An own certificate whose key is in a token")
    certificate_sha256: Fingerprint | None = Field(default=None, description="The same, by its SHA-256 (hex)")
    mark: CopyMark = "text"

    def to_command(self, digitisation_id: str) -> PrepareTokenCopy:
        """The use-case's command."""
        return PrepareTokenCopy(
            digitisation_id=parse_id("dig", digitisation_id),
            certificate=_certificate(self.certificate_id, self.certificate_sha256),
            mark=self.mark,
        )


class TokenCertifiedCopyIn(CopyTerms):
    """The agency's copy of a document that is prepared for a token."""

    certificate_id: Id | None = Field(default=None, description="The seal in the own keeping; its key is in a token")
    certificate_sha256: Fingerprint | None = Field(default=None, description="The same, by its SHA-256 (hex)")

    def to_command(self, document_id: str) -> PrepareTokenCertifiedCopy:
        """The use-case's command."""
        return PrepareTokenCertifiedCopy(
            document_id=parse_id("doc", document_id),
            dossier_id=parse_id("dos", self.dossier_id),
            form=self.form,
            certificate=_certificate(self.certificate_id, self.certificate_sha256),
            pages=tuple(self.pages),
        )


class TokenSealIn(BaseModel):
    """The values of a result's seal and of its annexes' seals, all of them."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    items: list[CompletionIn] = Field(min_length=1, max_length=MAX_AT_ONCE)


def _certificate(certificate_id: str | None, sha256: str | None) -> NamedCertificate:
    if (certificate_id is None) == (sha256 is None):
        raise InputInvalid(
            "Nêu đúng một: `certificate_id` hoặc `certificate_sha256`.",
            "Name exactly one of `certificate_id`, `certificate_sha256`.",
        )
    return NamedCertificate(
        certificate_id=None if certificate_id is None else parse_id("cert", certificate_id), sha256=sha256
    )


def _file_of(record: SignaturePreparation) -> str | None:
    if record.state is not PreparationState.COMPLETED:
        return None
    if record.annex_id is not None:
        return f"/v1/annexes/{record.annex_id}/content"
    if record.result_id is not None:
        return f"/v1/results/{record.result_id}/content"
    if record.slip_id is not None:
        return f"/v1/receipt-slips/{record.slip_id}/content"
    return f"/v1/signature-preparations/{record.preparation_id}/file" if record.kept_until else None
