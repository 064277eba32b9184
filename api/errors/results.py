"""Results on their way from draft to issue: what can go wrong."""

from api.errors.base import AnsoError


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


class SignerStatusUnknown(AnsoError):
    """S26, policy `strict`: whether the certificate is good now cannot be found out; the key is not touched."""

    code = "STATUS_UNKNOWN"
    retryable = True


class ArchiveNotLonger(AnsoError):
    """A new archive time-stamp would not protect a document longer: the authority needs a new certificate first."""

    code = "ARCHIVE_NOT_LONGER"
    retryable = True


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
