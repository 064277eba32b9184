"""Certificates on the wire."""

from datetime import datetime
from typing import Annotated, Literal, Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import BaseModel, ConfigDict, Field

from api.usecases.certificate_status import HoldCause, StatusChanged
from api.usecases.read_certificate import CertificateLife
from signing.identity import CertificateClass, Scope
from signing.registry import CertificateRecord, CertificateStatus, KeyDevice, RevocationReason, StatusChange

_Code = Annotated[str, Field(min_length=1, max_length=64)]
_Id = Annotated[str, Field(max_length=40)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ScopeBody(_Body):
    """Where and for what; an empty list does not limit."""

    places: list[_Code] = Field(default_factory=list, max_length=1000)
    procedures: list[_Code] = Field(default_factory=list, max_length=1000)
    document_types: list[_Code] = Field(default_factory=list, max_length=1000)

    def to_scope(self) -> Scope:
        """The scope itself; raises ScopeInvalid when a value is no code."""
        return Scope.parse(places=self.places, procedures=self.procedures, document_types=self.document_types)

    @classmethod
    def of(cls, scope: Scope) -> Self:
        """The wire form."""
        return cls(
            places=list(scope.places), procedures=list(scope.procedures), document_types=list(scope.document_types)
        )


class EmptyBody(_Body):
    """Nothing beyond the address."""


class RevocationBody(_Body):
    """Why a certificate ends."""

    reason: Literal[
        RevocationReason.KEY_COMPROMISE,
        RevocationReason.AFFILIATION_CHANGED,
        RevocationReason.SUPERSEDED,
        RevocationReason.CESSATION,
        RevocationReason.ORG_CLOSED,
        RevocationReason.PRIVILEGE_WITHDRAWN,
    ]


class SuspensionBody(_Body):
    """Why a certificate is suspended."""

    reason: HoldCause


class SubjectView(BaseModel):
    """Whom a certificate names. The identity number in the certificate is not repeated here."""

    common_name: str
    organisation: str
    title: str | None


class HoldView(BaseModel):
    """A time of suspension; it stays after release."""

    begun_at: datetime
    ended_at: datetime | None


class CertificateView(BaseModel):
    """One certificate."""

    id: str
    certificate_class: CertificateClass | None
    ordinal: int
    primary_certificate_id: str | None
    subject: SubjectView
    subject_id: str | None
    org_code: str | None
    issuer: str
    serial: str
    sha256: str | None
    scope: ScopeBody
    not_before: datetime
    not_after: datetime
    status: CertificateStatus
    status_since: datetime
    reason: RevocationReason | None
    trust_profile: Literal["dev"] = "dev"
    key_device: KeyDevice

    @classmethod
    def of(cls, record: CertificateRecord) -> Self:
        """The wire form."""
        return cls(
            id=record.certificate_id,
            certificate_class=record.certificate_class,
            ordinal=record.ordinal,
            primary_certificate_id=record.primary_id,
            subject=SubjectView(common_name=record.common_name, organisation=record.organisation, title=record.title),
            subject_id=record.subject_id,
            org_code=record.org_code,
            issuer=record.issuer,
            serial=f"{record.serial:x}",
            sha256=record.sha256,
            scope=ScopeBody.of(record.scope),
            not_before=record.not_before,
            not_after=record.not_after,
            status=record.status,
            status_since=record.status_since,
            reason=record.reason,
            key_device=record.key_device,
        )


class StatusStepView(BaseModel):
    """One step in the life of a certificate. Who took it stands in the audit ledger."""

    before: CertificateStatus | None
    after: CertificateStatus
    at: datetime
    reason: RevocationReason | None
    because_of: str | None
    """Certificate whose change carried over to this one, or that took its place."""

    @classmethod
    def of(cls, step: StatusChange) -> Self:
        """The wire form."""
        return cls(before=step.before, after=step.after, at=step.at, reason=step.reason, because_of=step.because_of)


class CertificateDetail(CertificateView):
    """One certificate with its life: every step, the times of suspension, what it replaced and what replaced it."""

    holds: list[HoldView]
    history: list[StatusStepView]
    supersedes: str | None
    superseded_by: str | None
    request_id: str | None

    @classmethod
    def of_found(cls, found: CertificateLife) -> Self:
        """The wire form."""
        return cls(
            **CertificateView.of(found.record).model_dump(),
            holds=[HoldView(begun_at=hold.begun_at, ended_at=hold.ended_at) for hold in found.holds],
            history=[StatusStepView.of(step) for step in found.history],
            supersedes=found.record.supersedes_id,
            superseded_by=found.superseded_by,
            request_id=found.record.request_id,
        )


class CertificatePage(BaseModel):
    """A page of certificates."""

    items: list[CertificateView]
    next_cursor: str | None


class StatusChangeView(BaseModel):
    """A certificate after its change, and the secondaries that changed with it."""

    certificate: CertificateView
    cascaded: list[str]

    @classmethod
    def of(cls, changed: StatusChanged) -> Self:
        """The wire form."""
        return cls(certificate=CertificateView.of(changed.certificate), cascaded=list(changed.cascaded))


def to_pem(der: bytes) -> str:
    """A certificate as PEM text."""
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode()
