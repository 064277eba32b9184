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

from typing import ClassVar


class AnsoError(Exception):
    """The base of the application's own errors.

    Args:
        detail_vi: what happened in this case, in Vietnamese, for the person who asked; no personal data.
        detail_en: the same in English.
    """

    code: ClassVar[str] = "ANSO_ERROR"
    retryable: ClassVar[bool] = False

    def __init__(self, detail_vi: str = "", detail_en: str = "") -> None:
        super().__init__(detail_en or detail_vi or self.code)
        self.detail_vi = detail_vi
        self.detail_en = detail_en


# --- access ------------------------------------------------------------------------------------------


class TokenMissing(AnsoError):
    """The route needs a bearer token and none was sent."""

    code = "TOKEN_MISSING"


class TokenInvalid(AnsoError):
    """The token is not one that the configured issuer made for us."""

    code = "TOKEN_INVALID"


class TokenExpired(AnsoError):
    """The token was good once; its time is over."""

    code = "TOKEN_EXPIRED"


class RoleMissing(AnsoError):
    """The caller is known but holds none of the roles that the route needs."""

    code = "ROLE_MISSING"


class Forbidden(AnsoError):
    """The caller has the role, but not for this thing."""

    code = "FORBIDDEN"


class SamePerson(AnsoError):
    """A step that needs two natural persons was tried by one, perhaps with two accounts."""

    code = "SAME_PERSON"


class SecondFactorRequired(AnsoError):
    """The caller enrolled a second factor and sent no code."""

    code = "SECOND_FACTOR_REQUIRED"


class SecondFactorInvalid(AnsoError):
    """The code does not belong to the caller's factor at this moment."""

    code = "SECOND_FACTOR_INVALID"


class SecondFactorReplayed(AnsoError):
    """The code was good and has been used already. RFC 6238 §5.2: one-time only."""

    code = "SECOND_FACTOR_REPLAYED"


class RateLimited(AnsoError):
    """Too many requests from this client in the window.

    Args:
        retry_after_s: whole seconds until the next request may pass.
    """

    code = "RATE_LIMITED"
    retryable = True

    def __init__(self, detail_vi: str = "", detail_en: str = "", *, retry_after_s: int = 1) -> None:
        super().__init__(detail_vi, detail_en)
        self.retry_after_s = retry_after_s


# --- input -------------------------------------------------------------------------------------------


class InputInvalid(AnsoError):
    """A value of the request cannot be used; the detail says which one and why."""

    code = "INPUT_INVALID"


class InvalidId(AnsoError):
    """An identifier with a wrong structure: it cannot name anything of ours."""

    code = "ID_INVALID"


class BodyTooLarge(AnsoError):
    """The request body is larger than the route takes; reading stopped there."""

    code = "BODY_TOO_LARGE"


class FileEmpty(AnsoError):
    """A file was sent that has no bytes."""

    code = "FILE_EMPTY"


class FileNotPdf(AnsoError):
    """A file was sent that is no PDF (an archive, a picture, a text)."""

    code = "FILE_NOT_PDF"


class MalformedRequest(AnsoError):
    """The request breaks off or its body does not have the announced form."""

    code = "REQUEST_MALFORMED"


class MethodNotAllowed(AnsoError):
    """The address exists, but not for this method."""

    code = "METHOD_NOT_ALLOWED"


class MediaTypeUnsupported(AnsoError):
    """The body comes in a media type that the route does not take."""

    code = "MEDIA_TYPE_UNSUPPORTED"


# --- concurrency -------------------------------------------------------------------------------------


class VersionConflict(AnsoError):
    """The thing changed since the caller read it."""

    code = "VERSION"


class IdempotencyKeyRequired(AnsoError):
    """The route signs, issues, revokes, shares or stores and needs an Idempotency-Key."""

    code = "IDEMPOTENCY_KEY_REQUIRED"


class IdempotencyKeyReused(AnsoError):
    """The key was used for another request."""

    code = "IDEMPOTENCY_KEY_REUSED"


class RequestInFlight(AnsoError):
    """The first request with this key is still being worked on."""

    code = "REQUEST_IN_FLIGHT"
    retryable = True


# --- records -----------------------------------------------------------------------------------------


class NotFound(AnsoError):
    """There is no such thing, or the caller may not know that there is."""

    code = "NOT_FOUND"


class AlreadyExists(AnsoError):
    """The same thing is recorded already."""

    code = "ALREADY_EXISTS"


class OrganisationClosed(AnsoError):
    """The organisation unit does not work at that moment (closed, merged or not yet valid)."""

    code = "ORG_CLOSED"


class StateConflict(AnsoError):
    """The thing is not in a state from which this step is possible."""

    code = "STATE_CONFLICT"


# --- certificates ------------------------------------------------------------------------------------


class CertSelfApproval(AnsoError):
    """I4: RA officer, approver and subject are different natural persons."""

    code = "CERT_SELF_APPROVAL"


class CertOrgClosed(AnsoError):
    """The agency is closed or about to merge: no new certificates (model §3.5)."""

    code = "CERT_ORG_CLOSED"


class CertDuplicateActive(AnsoError):
    """I2: the holder has such a certificate already, or a request for it is being worked on."""

    code = "CERT_DUPLICATE_ACTIVE"


class CertTitleMismatch(AnsoError):
    """I1: the person does not have this post in this agency at this moment."""

    code = "CERT_TITLE_MISMATCH"


class CertPrimaryUnfit(AnsoError):
    """I2: a secondary hangs on an active primary of the same holder, class and agency."""

    code = "CERT_PRIMARY_UNFIT"


# --- results -----------------------------------------------------------------------------------------


class SealBeforeSignature(AnsoError):
    """I11: a seal needs the valid signature of a person with signing right in the same file."""

    code = "SEAL_BEFORE_SIGNATURE"


class ContentFrozen(AnsoError):
    """I12: number, date and text are fixed before the first signature."""

    code = "CONTENT_FROZEN"


class NumberNotReserved(AnsoError):
    """I13: the result holds no reserved number: none was taken, or it is used or void already."""

    code = "NUMBER_NOT_RESERVED"


class DocumentDatePassed(AnsoError):
    """The printed date is not today's: a signature now would contradict its own time-stamp."""

    code = "DOCUMENT_DATE_PASSED"


class SigningRightMissing(AnsoError):
    """The person holds no signing right for this agency, procedure and capacity at this moment."""

    code = "SIGNING_RIGHT_MISSING"


class CertificateNotYours(AnsoError):
    """I14: each actor signs with the own certificate, or with the seal that is in the own keeping."""

    code = "SIG_CERT_HOLDER"


class CertificateWrongKind(AnsoError):
    """The plan of the document wants another class or ordinal of certificate for this step."""

    code = "SIG_CERT_KIND"


class CertificateOutOfScope(AnsoError):
    """The certificate does not reach this agency, place, procedure or document type (S16)."""

    code = "SIG_CERT_SCOPE"


class CertificateOnHold(AnsoError):
    """I10: the certificate is suspended; the key is not touched."""

    code = "SIG_CERT_HOLD"


class CertificateRevoked(AnsoError):
    """I10: the certificate is revoked; the key is not touched."""

    code = "SIG_CERT_REVOKED"


class CertificateExpired(AnsoError):
    """I10: the certificate is not valid yet or no longer; the key is not touched."""

    code = "SIG_CERT_EXPIRED"


class MarkPictureMissing(AnsoError):
    """No scanned signature or registered seal is on file for this certificate."""

    code = "MARK_PICTURE_MISSING"


class TimestampPending(AnsoError):
    """I17: the file still waits for its time-stamp and evidence; it is not archived before."""

    code = "SIG_TSA_PENDING"
    retryable = True


class ContentNotPrintable(AnsoError):
    """A value of a result's content is missing, unknown, too long or has characters that must not be printed."""

    code = "CONTENT_NOT_PRINTABLE"


class RenderingFailed(AnsoError):
    """The page could not be typeset, or is not valid PDF/A."""

    code = "RENDERING_FAILED"


# --- digitisation ------------------------------------------------------------------------------------


class ComponentNotRequired(AnsoError):
    """The procedure does not ask for a paper of this type."""

    code = "COMP_NOT_REQUIRED"


class ComponentExempt(AnsoError):
    """I19: papers of this type are not scanned."""

    code = "COMP_EXEMPT"


class ComponentAlreadyHeld(AnsoError):
    """I33: the vault holds this paper with a sufficient grade; it is reused, not demanded again."""

    code = "COMP_ALREADY_HELD"


class OwnerNotApplicant(AnsoError):
    """The paper's owner is neither the applicant nor a minor whom the applicant represents."""

    code = "FLD_OWNER_NOT_APPLICANT"


class FieldDateImpossible(AnsoError):
    """A confirmed date is no day of the calendar in the form YYYY-MM-DD."""

    code = "FLD_DATE_IMPOSSIBLE"


class FieldIdFormat(AnsoError):
    """A confirmed personal number does not have the structure of one."""

    code = "FLD_ID_FORMAT"


class FieldsUnconfirmed(AnsoError):
    """I21: a mandatory field has not been confirmed by a person."""

    code = "CNF_UNCONFIRMED"


class ConfirmedByAnother(AnsoError):
    """I22: the officer who signs the copy is the one who confirmed it, at the desk where it was received."""

    code = "CNF_OTHER_OFFICER"


class OwnerMismatch(AnsoError):
    """The paper names somebody else than the owner of the vault."""

    code = "CNF_OWNER_MISMATCH"


class ExpiredAlready(AnsoError):
    """The paper's own validity is over."""

    code = "CNF_EXPIRED_ALREADY"


# --- operation ---------------------------------------------------------------------------------------


class ServiceUnavailable(AnsoError):
    """A part that we need does not answer now."""

    code = "SERVICE_UNAVAILABLE"
    retryable = True


class ConfigurationInvalid(AnsoError):
    """The service cannot start with these settings; `missing` lists every finding at once."""

    code = "CONFIGURATION_INVALID"

    def __init__(self, missing: tuple[str, ...]) -> None:
        text = "; ".join(missing)
        super().__init__(text, text)
        self.missing = missing
