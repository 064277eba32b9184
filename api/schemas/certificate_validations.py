"""Questions and answers about any certificate on the wire; fields may be added, none renamed."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.errors import InputInvalid
from api.schemas.base64_text import bytes_of
from api.schemas.text import Code
from api.usecases.certificate_entitlement import IntendedUse
from api.usecases.certificate_question import ValidateCertificate
from signing.trust import Evidence, TrustProfile

_Certificate = Annotated[str, Field(min_length=1, max_length=256 * 1024, description="PEM, or base64 of DER")]
_Evidence = Annotated[str, Field(min_length=1, description="base64 of DER")]
_Answer = Literal["yes", "no", "unknown", "not_applicable"]
_Verdict = Literal["valid", "invalid", "indeterminate"]


class CertificateValidationRequest(BaseModel):
    """A certificate and what is asked about it."""

    model_config = ConfigDict(extra="forbid")

    certificate: _Certificate
    others: list[_Certificate] = Field(default_factory=list, max_length=32, description="Its chain; its primary")
    crls: list[_Evidence] = Field(default_factory=list, max_length=16)
    ocsps: list[_Evidence] = Field(default_factory=list, max_length=16)
    at: datetime | None = Field(default=None, description="The moment asked about; default: now")
    profile: TrustProfile | None = Field(default=None, description="Accept roots of this profile only")
    policy: str | None = Field(default=None, max_length=60)
    place: Code | None = None
    procedure: Code | None = None
    document_type: Code | None = None

    def to_command(self) -> ValidateCertificate:
        """The question for the use-case.

        Raises:
            InputInvalid: evidence that is no base64.
        """
        return ValidateCertificate(
            certificate=self.certificate.encode(),
            others=tuple(one.encode() for one in self.others),
            evidence=Evidence(crls=_decoded(self.crls), ocsps=_decoded(self.ocsps)),
            then=self.at,
            profile=self.profile,
            policy_id=self.policy,
            use=IntendedUse(place=self.place, procedure=self.procedure, document_type=self.document_type),
        )


def _decoded(texts: list[str]) -> tuple[bytes, ...]:
    try:
        return tuple(bytes_of(text) for text in texts)
    except ValueError as err:
        raise InputInvalid("CRL và OCSP phải là base64 của DER.", "CRLs and OCSP answers are base64 of DER.") from err


class StatusView(BaseModel):
    """Where a certificate stood."""

    state: Literal["good", "revoked", "on_hold", "unknown", "not_applicable"]
    since: str | None
    reason: str | None
    source: Literal["register", "evidence", "root", "none"]


class MomentView(BaseModel):
    """The answer for one moment."""

    at: str
    verdict: _Verdict
    reason_code: str | None
    status: StatusView


class HoldIntervalView(BaseModel):
    """A time of suspension; it stays after release."""

    begun_at: str
    ended_at: str | None


class PrimaryView(BaseModel):
    """What became of a secondary's link to its primary."""

    sha256: str
    found_in: Literal["register", "given"] | None
    matches: bool | None
    good_then: bool | None


class HolderEntitlementView(BaseModel):
    """Could the holder sign then, in yes and no."""

    status: Literal["entitled", "not_entitled", "unknown"]
    reasons: list[str]
    post: _Answer
    agency: _Answer
    signing_right: _Answer
    scope: _Answer


class CertificateValidationReport(BaseModel):
    """The answer about one certificate."""

    model_config = ConfigDict(extra="allow")

    verdict: _Verdict
    reason_codes: list[str]
    reasons_vi: list[str]
    reasons_en: list[str]
    at: str
    checked_at: str
    certificate: dict[str, Any]
    then: MomentView
    now: MomentView
    holds: list[HoldIntervalView]
    path: dict[str, Any]
    trust: dict[str, Any]
    trust_policies: list[dict[str, Any]]
    primary: PrimaryView | None
    entitlement: HolderEntitlementView
    algorithms: dict[str, Any]
    in_register: bool | None
    policy: str
