"""What was sent cannot be taken: what can go wrong before any rule of the domain is asked."""

from api.errors.base import AnsoError


class InputInvalid(AnsoError):
    """A value of the request cannot be used; the detail says which one and why."""

    code = "INPUT_INVALID"


class InvalidId(AnsoError):
    """An identifier with a wrong structure: it cannot name anything of ours."""

    code = "ID_INVALID"


class BodyTooLarge(AnsoError):
    """The request body is larger than the route takes; reading stopped there."""

    code = "BODY_TOO_LARGE"


class BodyTooSlow(AnsoError):
    """The request body does not arrive; what was waiting for it is free again (RFC 9110 §15.5.9)."""

    code = "BODY_TOO_SLOW"
    retryable = True
    closes_connection = True


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
