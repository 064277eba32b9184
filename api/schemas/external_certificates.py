"""Certificates of other authorities on the wire."""

from datetime import datetime
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from api.records.external_certificates import ExternalCertificate, ExternalState
from api.schemas.certificates import HoldView, SubjectView
from api.usecases.certificate_status import HoldCause
from api.usecases.hold_external_certificate import LOCAL_ONLY, ExternalWithHolds
from signing.identity import CertificateClass
from signing.trust import TrustProfile

_Id = Annotated[str, Field(max_length=40)]
_Encoded = Annotated[str, Field(max_length=700_000)]
_LOCAL_ONLY_VI: Final = (
    "Chỉ tạm dừng tại hệ thống này: không ký được ở đây; trạng thái do nơi cấp công bố không thay đổi. "
    "Muốn dừng hẳn, cơ quan phải đề nghị nơi cấp thu hồi."
)
_LOCAL_ONLY_EN: Final = (
    "Held in this system only: nothing is signed with it here; the status that its issuer publishes is unchanged. "
    "To end it for everybody, the agency asks the issuer to revoke it."
)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ExternalCertificateBody(_Body):
    """A certificate of another authority; names are compared with the records, never taken over."""

    certificate: _Encoded = Field(min_length=1, description="PEM, or base64 of DER; may be followed by its chain (PEM)")
    crls: list[_Encoded] = Field(default_factory=list, max_length=8, description="PEM or base64; lists of its path")
    subject_id: _Id | None = Field(default=None, description="Holder; for a seal: its keeper")
    employment_id: _Id | None = None
    org_code: str | None = Field(default=None, max_length=35)
    key_id: str | None = Field(
        default=None, pattern=r"^[a-z0-9_.-]{1,64}$", description="A key of this service that it was issued to"
    )
    evidence: str = Field(min_length=1, max_length=128)


class ExternalHoldBody(_Body):
    """Why a certificate is held here, and the agency's request."""

    reason: HoldCause
    evidence: str | None = Field(default=None, min_length=1, max_length=128)


class NoticeView(BaseModel):
    """Something that the answer must say; Vietnamese first."""

    code: str
    text_vi: str
    text_en: str


_LOCAL_ONLY: Final = NoticeView(code=LOCAL_ONLY, text_vi=_LOCAL_ONLY_VI, text_en=_LOCAL_ONLY_EN)


class ExternalCertificateView(BaseModel):
    """One imported certificate. The identity number in it is not repeated here."""

    model_config = ConfigDict(title="ExternalCertificate")

    id: str
    source: Literal["external"] = "external"
    trust_profile: TrustProfile
    certificate_class: CertificateClass
    subject: SubjectView
    subject_id: str | None
    org_code: str | None
    employment_id: str | None
    issuer: str
    serial: str
    sha256: str
    not_before: datetime
    not_after: datetime
    state: ExternalState = Field(description="What counts here; its issuer's own status is the issuer's to tell")
    state_since: datetime
    signs_here: bool = Field(description="Its key is in this service's store")
    evidence: str
    imported_at: datetime
    confirmed_at: datetime | None

    @classmethod
    def of(cls, certificate: ExternalCertificate) -> Self:
        """The wire form."""
        return cls(
            id=certificate.certificate_id,
            trust_profile=certificate.profile,
            certificate_class=certificate.certificate_class,
            subject=SubjectView(
                common_name=certificate.common_name, organisation=certificate.organisation, title=certificate.title
            ),
            subject_id=certificate.subject_id,
            org_code=certificate.org_code,
            employment_id=certificate.employment_id,
            issuer=certificate.issuer,
            serial=certificate.serial,
            sha256=certificate.sha256,
            not_before=certificate.not_before,
            not_after=certificate.not_after,
            state=certificate.state,
            state_since=certificate.state_since,
            signs_here=certificate.key_id is not None,
            evidence=certificate.evidence,
            imported_at=certificate.imported_at,
            confirmed_at=certificate.confirmed_at,
        )


class ExternalCertificateDetail(ExternalCertificateView):
    """The same with the times in which it was held here, and what must be said about that."""

    local_holds: list[HoldView]
    notices: list[NoticeView]

    @classmethod
    def of_found(cls, found: ExternalWithHolds) -> Self:
        """The wire form; a hold never goes without its notice."""
        plain = ExternalCertificateView.of(found.certificate).model_dump()
        return cls(
            **plain,
            local_holds=[HoldView(begun_at=hold.begun_at, ended_at=hold.ended_at) for hold in found.holds],
            notices=[_LOCAL_ONLY] if found.holds else [],
        )


class ExternalCertificatePage(BaseModel):
    """Imported certificates in the order of their import."""

    items: list[ExternalCertificateView]
    next_cursor: str | None
