"""The verification report on the wire: the document of DESIGN §3; fields may be added, none renamed."""

from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.errors import InputInvalid
from api.schemas.operation import ProblemBody
from api.schemas.text import Id
from api.usecases.judge_signatures import Terms
from api.usecases.report_depth import Depth
from api.usecases.verify_digests import MAX_DIGESTS
from api.usecases.verify_submission import MAX_BATCH
from signing.trust import TrustProfile
from signing.validation import POLICIES
from signing.validation.hashes import HashedKind
from vault.model import FileRole


class TermsRequest(BaseModel):
    """What the caller wants judged by what, and told how; the same in a form's fields and in JSON."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    policy: str | None = Field(default=None, max_length=60)
    profile: TrustProfile | None = Field(default=None, description="Accept roots of this profile only")
    validation_time: str | None = Field(
        default=None,
        max_length=40,
        description="ISO 8601 with a time zone, not in the future: the moment at which signatures are judged; "
        "`document_status` is always that of now",
        json_schema_extra={"format": "date-time"},
    )
    password: str | None = Field(
        default=None, max_length=1000, repr=False, description="Opens an encrypted PDF; not kept, not logged"
    )
    report: Depth | None = Field(
        default=None, description="simple: less; detailed: with certificates and tokens; etsi: XML of TS 119 102-2"
    )

    def terms(self) -> Terms:
        """The use-case's value.

        Raises:
            InputInvalid: there is no such policy, or the moment is none or has no time zone.
        """
        if self.policy is not None and self.policy not in POLICIES:
            raise InputInvalid("Không có chính sách kiểm tra này.", "There is no such validation policy.")
        then = None if self.validation_time is None else _moment(self.validation_time)
        return Terms(policy_id=self.policy, profile=self.profile, then=then, password=self.password)


class VerificationRequest(TermsRequest):
    """A file inside JSON, or the name of one in the vault."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"required": ["document"]}, {"required": ["document_id"]}, {"required": ["signature"]}]
        }
    )

    document: str = Field(default="", min_length=1, description="PDF, base64 (RFC 4648 §4)")
    signature: str | None = Field(
        default=None,
        min_length=1,
        description="CMS or CAdES over `document`, which may be any file then; base64. No `document`: it is inside",
    )
    document_id: Id | None = Field(default=None, description="A document of the vault; needs a login that may read it")
    role: FileRole | None = Field(
        default=None, description="Which of that document's files; without it the one that carries the legal value"
    )
    dossier_id: Id | None = Field(default=None, description="With `document_id`: the dossier at hand, for officials")


class VerificationBatchRequest(TermsRequest):
    """Documents of the vault, several at a time."""

    document_ids: list[Id] = Field(min_length=1, max_length=MAX_BATCH)
    role: FileRole | None = None
    dossier_id: Id | None = None


class HashedItem(BaseModel):
    """One digest and the signature over it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: str = Field(default="", max_length=200, description="How the caller calls it")
    digest_algorithm: Literal["sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "sha224", "sha1"]
    digest: str = Field(min_length=4, max_length=200, description="base64")
    signature: str = Field(min_length=4, description="CMS, base64")
    kind: HashedKind = HashedKind.FILE


class HashesRequest(TermsRequest):
    """Only digests and signatures: the documents stay where they are."""

    items: list[HashedItem] = Field(min_length=1, max_length=MAX_DIGESTS)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise InputInvalid("Thời điểm phải có múi giờ.", "The moment needs a time zone.")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as err:
        raise InputInvalid("`validation_time` không phải ISO 8601.", "`validation_time` is not ISO 8601.") from err


class FileView(BaseModel):
    """The file that was checked."""

    sha256: str
    size: int


class StampedTime(BaseModel):
    """A moment and what proves it."""

    at: str | None
    source: Literal["signature_timestamp", "document_timestamp", "archive_timestamp", "none"]


class SignerView(BaseModel):
    """The signer as the certificate names it."""

    common_name: str
    organisation: str
    title: str
    serial: str


class SignatureView(BaseModel):
    """One signature or document time-stamp; with `report=simple` what has no place on a screen is left out."""

    model_config = ConfigDict(extra="allow")

    field: str
    kind: Literal["signature", "timestamp"]
    indication: Literal["TOTAL-PASSED", "TOTAL-FAILED", "INDETERMINATE"]
    sub_indication: str | None
    reason_code: str | None
    intact: bool | None
    covers_whole_file: bool = False
    changes_after: Literal["none", "permitted", "form_fill", "annotations", "forbidden", "unknown"]
    changes: list[dict[str, Any]] = []
    level: str | None
    best_signature_time: StampedTime
    claimed_time: str | None = None
    signer: SignerView
    certificate: dict[str, Any] = {}
    trust: dict[str, Any] = {}
    evidence: list[dict[str, Any]] = []
    warnings: list[str] = []
    errors: list[str] = []


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


class BatchEntry(BaseModel):
    """One member of a batch: its report, or the problem why there is none."""

    index: int = Field(description="Its place among what was sent, from 0")
    name: str = Field(description="The file's name, or the document's id")
    report: VerificationReport | None = None
    error: ProblemBody | None = None


class VerificationBatch(BaseModel):
    """The answers about all members, in the order in which they were sent."""

    items: list[BatchEntry]


class PolicyList(BaseModel):
    """What judges here now."""

    default: str
    validation: list[dict[str, Any]]
    trust: list[dict[str, Any]]
