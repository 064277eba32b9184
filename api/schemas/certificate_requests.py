"""Certificate requests on the wire."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from api.ids import parse_id
from api.schemas.certificates import ScopeBody
from api.usecases.certificate_request_draft import MAX_ORDINAL, RequestCertificate
from signing.identity import CertificateClass
from signing.registry import KeyDevice
from signing.registry_sql import CertificateRequest, RequestState, RequestType

_Id = Annotated[str, Field(max_length=40)]
_MAX_CSR: int = 24 * 1024  # characters: base64 of the largest request that is read


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CertificateRequestBody(_Body):
    """A request; names are taken from the records of people and agencies.

    `new` names class, holder and agency; every other type names the certificate that it is about and takes the rest
    from there.
    """

    type: RequestType = RequestType.NEW
    certificate_id: _Id | None = Field(default=None, description="For every type but `new`")
    reason: str | None = Field(
        default=None,
        max_length=32,
        description="`revoke`: a revocation reason; `hold`: `holder_suspended` or `key_in_doubt`; `recover_device`: "
        "`key_compromise` (lost) or `superseded` (broken); `renew` before its window: `new_key`, `algorithm`, `device`",
    )
    key_device: KeyDevice = Field(
        default=KeyDevice.SERVER, description="`token`: the holder proves a key of the own device (`…/proof`)"
    )
    certificate_class: CertificateClass | None = Field(default=None, description="For `new`")
    ordinal: int | None = Field(default=None, ge=1, le=MAX_ORDINAL, description="For `new`; default 1")
    org_code: str | None = Field(default=None, max_length=35)
    subject_id: _Id | None = Field(default=None, description="Holder; for a seal: its keeper")
    employment_id: _Id | None = Field(default=None, description="For `new` and for the post after a `change`")
    primary_certificate_id: _Id | None = Field(default=None, description="From ordinal 2 on")
    scope: ScopeBody | None = None
    evidence: list[Annotated[str, Field(min_length=1, max_length=128)]] = Field(min_length=1, max_length=20)

    def to_command(self) -> RequestCertificate:
        """The command; raises InvalidId and ScopeInvalid."""
        return RequestCertificate(
            type=self.type,
            certificate_class=self.certificate_class,
            ordinal=self.ordinal,
            org_code=self.org_code,
            subject_id=self.subject_id and parse_id("sub", self.subject_id),
            employment_id=self.employment_id and parse_id("emp", self.employment_id),
            primary_certificate_id=self.primary_certificate_id and parse_id("cert", self.primary_certificate_id),
            scope=None if self.scope is None else self.scope.to_scope(),
            evidence=tuple(self.evidence),
            certificate_id=self.certificate_id and parse_id("cert", self.certificate_id),
            reason=self.reason,
            key_device=self.key_device,
        )


class RejectionBody(_Body):
    """Why a request is turned down."""

    reason: str = Field(min_length=1, max_length=255)


class ProofBody(_Body):
    """Proof of possession of a key on the holder's own device."""

    csr: str = Field(
        min_length=1,
        max_length=_MAX_CSR,
        description="PKCS#10, PEM or base64 of DER, with the request's challenge as challengePassword",
    )


class CertificateRequestView(BaseModel):
    """A request and how far it is."""

    id: str
    type: RequestType
    state: RequestState
    certificate_class: CertificateClass
    ordinal: int
    org_code: str | None
    subject_id: str | None
    employment_id: str | None
    primary_certificate_id: str | None
    scope: ScopeBody
    evidence: list[str]
    requested_at: datetime
    decided_at: datetime | None
    rejection: str | None
    certificate_id: str | None
    """What was issued for it."""
    target_certificate_id: str | None
    """The certificate that it is about."""
    reason: str | None
    key_device: KeyDevice
    challenge: str | None
    """What the proof of possession must carry."""
    proved_at: datetime | None
    cascaded: list[str]
    """Certificates whose status changed with the target's."""

    @classmethod
    def of(cls, request: CertificateRequest) -> Self:
        """The wire form."""
        return cls(
            id=request.request_id,
            type=request.type,
            state=request.state,
            certificate_class=request.certificate_class,
            ordinal=request.ordinal,
            org_code=request.org_code,
            subject_id=request.subject_id,
            employment_id=request.employment_id,
            primary_certificate_id=request.primary_certificate_id,
            scope=ScopeBody.of(request.scope),
            evidence=list(request.evidence),
            requested_at=request.requested_at,
            decided_at=request.decided_at,
            rejection=request.rejection,
            certificate_id=request.certificate_id,
            target_certificate_id=request.target_id,
            reason=request.reason,
            key_device=request.key_device,
            challenge=request.challenge,
            proved_at=request.proof_at,
            cascaded=list(request.cascaded),
        )


class CertificateRequestPage(BaseModel):
    """A page of requests."""

    items: list[CertificateRequestView]
    next_cursor: str | None
