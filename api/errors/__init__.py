"""What can go wrong in the application itself.

Knows the meaning of each failure, its stable code and whether trying again helps. Must not know HTTP:
`api.problems` is the only place that pairs an error with a status.

    AnsoError
      access        TokenMissing · TokenInvalid · TokenExpired · RoleMissing · Forbidden · SamePerson
                    SecondFactorRequired · SecondFactorInvalid · SecondFactorReplayed · RateLimited↻
      input         InputInvalid · InvalidId · BodyTooLarge · MalformedRequest · MethodNotAllowed
                    MediaTypeUnsupported
      concurrency   VersionConflict · IdempotencyKeyRequired · IdempotencyKeyReused · RequestInFlight↻
      records       NotFound · AlreadyExists · OrganisationClosed · StateConflict
      certificates  CertSelfApproval · CertOrgClosed · CertDuplicateActive · CertTitleMismatch · CertPrimaryUnfit
      results       SealBeforeSignature · ContentFrozen · ContentNotPrintable · RenderingFailed
      digitisation  ComponentNotRequired · ComponentExempt · ComponentAlreadyHeld · OwnerNotApplicant
                    FieldDateImpossible · FieldIdFormat · FieldsUnconfirmed · ConfirmedByAnother · OwnerMismatch
                    ExpiredAlready
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
from api.errors.certificates import (
    CertDuplicateActive,
    CertOrgClosed,
    CertPrimaryUnfit,
    CertSelfApproval,
    CertTitleMismatch,
)
from api.errors.concurrency import IdempotencyKeyRequired, IdempotencyKeyReused, RequestInFlight, VersionConflict
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
from api.errors.input import (
    BodyTooLarge,
    FileEmpty,
    FileNotPdf,
    InputInvalid,
    InvalidId,
    MalformedRequest,
    MediaTypeUnsupported,
    MethodNotAllowed,
)
from api.errors.operation import ConfigurationInvalid, ServiceUnavailable
from api.errors.records import AlreadyExists, NotFound, OrganisationClosed, StateConflict
from api.errors.results import (
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
    SigningRightMissing,
    TimestampPending,
)

__all__ = [
    "AlreadyExists",
    "AnsoError",
    "BodyTooLarge",
    "CertDuplicateActive",
    "CertOrgClosed",
    "CertPrimaryUnfit",
    "CertSelfApproval",
    "CertTitleMismatch",
    "CertificateExpired",
    "CertificateNotYours",
    "CertificateOnHold",
    "CertificateOutOfScope",
    "CertificateRevoked",
    "CertificateWrongKind",
    "ComponentAlreadyHeld",
    "ComponentExempt",
    "ComponentNotRequired",
    "ConfigurationInvalid",
    "ConfirmedByAnother",
    "ContentFrozen",
    "ContentNotPrintable",
    "DocumentDatePassed",
    "ExpiredAlready",
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
    "MalformedRequest",
    "MarkPictureMissing",
    "MediaTypeUnsupported",
    "MethodNotAllowed",
    "NotFound",
    "NumberNotReserved",
    "OrganisationClosed",
    "OwnerMismatch",
    "OwnerNotApplicant",
    "RateLimited",
    "RenderingFailed",
    "RequestInFlight",
    "RoleMissing",
    "SamePerson",
    "SealBeforeSignature",
    "SecondFactorInvalid",
    "SecondFactorReplayed",
    "SecondFactorRequired",
    "ServiceUnavailable",
    "SigningRightMissing",
    "StateConflict",
    "TimestampPending",
    "TokenExpired",
    "TokenInvalid",
    "TokenMissing",
    "VersionConflict",
]
