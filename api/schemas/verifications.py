"""The verification report on the wire: the document of DESIGN §3; fields may be added, none renamed."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from signing.trust import TrustProfile


class VerificationRequest(BaseModel):
    """A file inside JSON."""

    model_config = ConfigDict(extra="forbid")

    document: str = Field(min_length=1, description="PDF, base64 (RFC 4648 §4)")
    policy: str | None = Field(default=None, max_length=60)
    profile: TrustProfile | None = Field(default=None, description="Accept roots of this profile only")


class FileView(BaseModel):
    """The file that was checked."""

    sha256: str
    size: int


class StampedTime(BaseModel):
    """A moment and what proves it."""

    at: str | None
    source: Literal["signature_timestamp", "document_timestamp", "none"]


class SignerView(BaseModel):
    """The signer as the certificate names it."""

    common_name: str
    organisation: str
    title: str
    serial: str


class SignatureView(BaseModel):
    """One signature or document time-stamp."""

    model_config = ConfigDict(extra="allow")

    field: str
    kind: Literal["signature", "timestamp"]
    indication: Literal["TOTAL-PASSED", "TOTAL-FAILED", "INDETERMINATE"]
    sub_indication: str | None
    reason_code: str | None
    intact: bool | None
    covers_whole_file: bool
    changes_after: Literal["none", "permitted", "form_fill", "annotations", "forbidden", "unknown"]
    changes: list[dict[str, Any]]
    level: str | None
    best_signature_time: StampedTime
    claimed_time: str | None
    signer: SignerView
    certificate: dict[str, Any]
    trust: dict[str, Any]
    evidence: list[dict[str, Any]]
    warnings: list[str]
    errors: list[str]


class EntitlementView(BaseModel):
    """Was the signer entitled."""

    status: Literal["entitled", "not_entitled", "unknown"]
    reasons: list[str]


class DocumentStatusView(BaseModel):
    """Is the document in force."""

    state: str
    vault_match: Literal["identical", "none", "not_checked"]


class VerificationReport(BaseModel):
    """The answer about one file."""

    model_config = ConfigDict(extra="allow")

    verdict: Literal["valid", "invalid", "indeterminate", "no_signature"]
    acceptance: Literal["accept", "refuse", "ask"]
    reason_codes: list[str]
    reasons_vi: list[str]
    reasons_en: list[str]
    file: FileView
    signatures: list[SignatureView]
    entitlement: EntitlementView
    document_status: DocumentStatusView
    policy: str
    trust_policies: list[dict[str, Any]]
    checked_at: str
