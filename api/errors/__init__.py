"""What can go wrong in the application itself.

Knows the meaning of each failure, its stable code and whether trying again helps. Must not know HTTP:
`api.problems` is the only place that pairs an error with a status.

    AnsoError
      access        TokenMissing · TokenInvalid · TokenExpired · RoleMissing · Forbidden · SamePerson
                    SecondFactorRequired · SecondFactorInvalid · SecondFactorReplayed · RateLimited↻
      input         InputInvalid · InvalidId · BodyTooLarge · BodyTooSlow · MalformedRequest
                    MethodNotAllowed · MediaTypeUnsupported
      concurrency   VersionConflict · IdempotencyKeyRequired · IdempotencyKeyReused · RequestInFlight↻
      records       NotFound · AlreadyExists · OrganisationClosed · StateConflict
      certificates  CertSelfApproval · CertOrgClosed · CertDuplicateActive · CertTitleMismatch · CertPrimaryUnfit
                    CertRenewalTooEarly · CertHasSuccessor · CertReleaseNeedsApproval · CertProofMissing
                    CertKeyInUse · CertificateSuperseded · CertificateKeyOnToken
      results       SealBeforeSignature · ContentFrozen · ContentNotPrintable · RenderingFailed
      digitisation  ComponentNotRequired · ComponentExempt · ComponentAlreadyHeld · OwnerNotApplicant
                    FieldDateImpossible · FieldIdFormat · FieldsUnconfirmed · ConfirmedByAnother · OwnerMismatch
                    ExpiredAlready
      marks         DocumentChangedSincePreview
      mergers       MergerMomentPast · MergerAlreadyPlanned · MergerNotDue↻
      bulk          CsvEncodingWrong · CsvBroken · CsvHeaderWrong · CsvTooLarge · CsvWithoutRows
                    RowRefused (one leaf for each reason of a row)
      external      ExternalCert… (one leaf for each refusal of an import) · ExternalFileWrong · Campaign…
      delegations   DelegationPassedOn · DelegationInvalid
      compat        SivaRequestRefused
      csc           CscRequestRefused · SealNeedsDocument
      remote_signers RemoteProviderUnknown · RemoteCredentialMissing
      copies        PreparationMissing · SigningDeviceAway↻ · CopyImpossible · CopyFormWrong · CopySourceUnfit
                    AnnexesUnsealed
      receipts      ReceiptIncomplete · ReceiptAlreadyGiven · ReceiptOfAnother
      preparations  PreparationExpired · PreparationBlocked · PreparationWithdrawn · PreparationStale · PreparationOpen
                    SignedFileGone · TooManyPreparations · CertificateKeyHere · TokenKeyUnfit · SealOnUpload
      plans         SigningPlanUnsound
      secondaries   CertSecondaryNotOffered · CertSecondaryPlaceWrong
      batches       BatchNothingReady · BatchStateWrong · BatchListChanged · BatchPreparedAnew↻ · BatchesTooMany
                    BatchLapsed · DocumentMovedOn · ItemKillsWorkers · ItemBroken
      verification  NotAcceptable · UploadsFull↻
      operation     ServiceUnavailable↻ · ConfigurationInvalid
"""

from api.errors.access import (
    Forbidden,
    RateLimited,
    RoleMissing,
    SamePerson,
    SecondFactorInvalid,
    SecondFactorReplayed,
    SecondFactorRequired,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
)
from api.errors.base import AnsoError
from api.errors.bulk import (
    CsvBroken,
    CsvEncodingWrong,
    CsvHeaderWrong,
    CsvTooLarge,
    CsvWithoutRows,
    RowBirthConflict,
    RowBirthInvalid,
    RowCellUnsafe,
    RowEvidenceInvalid,
    RowHolderMismatch,
    RowNameInvalid,
    RowNumberInvalid,
    RowPersonUnable,
    RowPersonUnknown,
    RowRefused,
    RowShapeWrong,
)
from api.errors.certificate_life import (
    CertHasSuccessor,
    CertificateKeyOnToken,
    CertificateSuperseded,
    CertKeyInUse,
    CertProofMissing,
    CertReleaseNeedsApproval,
    CertRenewalTooEarly,
)
from api.errors.certificates import (
    CertDuplicateActive,
    CertOrgClosed,
    CertPrimaryUnfit,
    CertSelfApproval,
    CertTitleMismatch,
)
from api.errors.compat import SivaRequestRefused
from api.errors.concurrency import IdempotencyKeyRequired, IdempotencyKeyReused, RequestInFlight, VersionConflict
from api.errors.copies import (
    AnnexesUnsealed,
    CopyFormWrong,
    CopyImpossible,
    CopySourceUnfit,
    PreparationMissing,
    SigningDeviceAway,
)
from api.errors.csc import CscRequestRefused, SealNeedsDocument
from api.errors.delegations import DelegationInvalid, DelegationPassedOn
from api.errors.digitisation import (
    ComponentAlreadyHeld,
    ComponentExempt,
    ComponentNotRequired,
    ConfirmedByAnother,
    ExpiredAlready,
    FieldDateImpossible,
    FieldIdFormat,
    FieldsUnconfirmed,
    OwnerMismatch,
    OwnerNotApplicant,
)
from api.errors.external import (
    CampaignEntryMissing,
    CampaignKeyMismatch,
    ExternalCertExpired,
    ExternalCertHolder,
    ExternalCertKey,
    ExternalCertNotYetValid,
    ExternalCertProfile,
    ExternalCertPurpose,
    ExternalCertRevoked,
    ExternalCertUnconfirmed,
    ExternalCertUntrusted,
    ExternalCertWeak,
    ExternalFileWrong,
)
from api.errors.input import (
    BodyTooLarge,
    BodyTooSlow,
    FileEmpty,
    FileNotPdf,
    InputInvalid,
    InvalidId,
    MalformedRequest,
    MediaTypeUnsupported,
    MethodNotAllowed,
)
from api.errors.marks import DocumentChangedSincePreview
from api.errors.mergers import MergerAlreadyPlanned, MergerMomentPast, MergerNotDue
from api.errors.operation import ConfigurationInvalid, ServiceUnavailable
from api.errors.preparations import (
    CertificateKeyHere,
    PreparationBlocked,
    PreparationExpired,
    PreparationOpen,
    PreparationStale,
    PreparationWithdrawn,
    SealOnUpload,
    SignedFileGone,
    TokenKeyUnfit,
    TooManyPreparations,
)
from api.errors.receipts import ReceiptAlreadyGiven, ReceiptIncomplete, ReceiptOfAnother
from api.errors.records import AlreadyExists, NotFound, OrganisationClosed, StateConflict
from api.errors.remote_signers import RemoteCredentialMissing, RemoteProviderUnknown
from api.errors.results import (
    ArchiveNotLonger,
    CertificateExpired,
    CertificateNotYours,
    CertificateOnHold,
    CertificateOutOfScope,
    CertificateRevoked,
    CertificateWrongKind,
    ContentFrozen,
    ContentNotPrintable,
    DocumentDatePassed,
    MarkPictureMissing,
    NumberNotReserved,
    RenderingFailed,
    SealBeforeSignature,
    SignerStatusUnknown,
    SigningRightMissing,
    TimestampPending,
)
from api.errors.secondaries import CertSecondaryNotOffered, CertSecondaryPlaceWrong
from api.errors.signature_batches import (
    BatchesTooMany,
    BatchLapsed,
    BatchListChanged,
    BatchNothingReady,
    BatchPreparedAnew,
    BatchStateWrong,
    DocumentMovedOn,
    ItemBroken,
    ItemKillsWorkers,
)
from api.errors.signing_plans import SigningPlanUnsound
from api.errors.verification import NotAcceptable, UploadsFull

__all__ = [
    "AlreadyExists",
    "AnnexesUnsealed",
    "AnsoError",
    "ArchiveNotLonger",
    "BatchLapsed",
    "BatchListChanged",
    "BatchNothingReady",
    "BatchPreparedAnew",
    "BatchStateWrong",
    "BatchesTooMany",
    "BodyTooLarge",
    "BodyTooSlow",
    "CampaignEntryMissing",
    "CampaignKeyMismatch",
    "CertDuplicateActive",
    "CertHasSuccessor",
    "CertKeyInUse",
    "CertOrgClosed",
    "CertPrimaryUnfit",
    "CertProofMissing",
    "CertReleaseNeedsApproval",
    "CertRenewalTooEarly",
    "CertSecondaryNotOffered",
    "CertSecondaryPlaceWrong",
    "CertSelfApproval",
    "CertTitleMismatch",
    "CertificateExpired",
    "CertificateKeyHere",
    "CertificateKeyOnToken",
    "CertificateNotYours",
    "CertificateOnHold",
    "CertificateOutOfScope",
    "CertificateRevoked",
    "CertificateSuperseded",
    "CertificateWrongKind",
    "ComponentAlreadyHeld",
    "ComponentExempt",
    "ComponentNotRequired",
    "ConfigurationInvalid",
    "ConfirmedByAnother",
    "ContentFrozen",
    "ContentNotPrintable",
    "CopyFormWrong",
    "CopyImpossible",
    "CopySourceUnfit",
    "CscRequestRefused",
    "CsvBroken",
    "CsvEncodingWrong",
    "CsvHeaderWrong",
    "CsvTooLarge",
    "CsvWithoutRows",
    "DelegationInvalid",
    "DelegationPassedOn",
    "DocumentChangedSincePreview",
    "DocumentDatePassed",
    "DocumentMovedOn",
    "ExpiredAlready",
    "ExternalCertExpired",
    "ExternalCertHolder",
    "ExternalCertKey",
    "ExternalCertNotYetValid",
    "ExternalCertProfile",
    "ExternalCertPurpose",
    "ExternalCertRevoked",
    "ExternalCertUnconfirmed",
    "ExternalCertUntrusted",
    "ExternalCertWeak",
    "ExternalFileWrong",
    "FieldDateImpossible",
    "FieldIdFormat",
    "FieldsUnconfirmed",
    "FileEmpty",
    "FileNotPdf",
    "Forbidden",
    "IdempotencyKeyRequired",
    "IdempotencyKeyReused",
    "InputInvalid",
    "InvalidId",
    "ItemBroken",
    "ItemKillsWorkers",
    "MalformedRequest",
    "MarkPictureMissing",
    "MediaTypeUnsupported",
    "MergerAlreadyPlanned",
    "MergerMomentPast",
    "MergerNotDue",
    "MethodNotAllowed",
    "NotAcceptable",
    "NotFound",
    "NumberNotReserved",
    "OrganisationClosed",
    "OwnerMismatch",
    "OwnerNotApplicant",
    "PreparationBlocked",
    "PreparationExpired",
    "PreparationMissing",
    "PreparationOpen",
    "PreparationStale",
    "PreparationWithdrawn",
    "RateLimited",
    "ReceiptAlreadyGiven",
    "ReceiptIncomplete",
    "ReceiptOfAnother",
    "RemoteCredentialMissing",
    "RemoteProviderUnknown",
    "RenderingFailed",
    "RequestInFlight",
    "RoleMissing",
    "RowBirthConflict",
    "RowBirthInvalid",
    "RowCellUnsafe",
    "RowEvidenceInvalid",
    "RowHolderMismatch",
    "RowNameInvalid",
    "RowNumberInvalid",
    "RowPersonUnable",
    "RowPersonUnknown",
    "RowRefused",
    "RowShapeWrong",
    "SamePerson",
    "SealBeforeSignature",
    "SealNeedsDocument",
    "SealOnUpload",
    "SecondFactorInvalid",
    "SecondFactorReplayed",
    "SecondFactorRequired",
    "ServiceUnavailable",
    "SignedFileGone",
    "SignerStatusUnknown",
    "SigningDeviceAway",
    "SigningPlanUnsound",
    "SigningRightMissing",
    "SivaRequestRefused",
    "StateConflict",
    "TimestampPending",
    "TokenExpired",
    "TokenInvalid",
    "TokenKeyUnfit",
    "TokenMissing",
    "TooManyPreparations",
    "UploadsFull",
    "VersionConflict",
]
