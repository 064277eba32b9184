"""One error as the Cloud Signature Consortium's API tells it: `error` and `error_description`, with our code beside.

Knows the table of problems and the standard's words (CSC API 1.0.4 §10, 2.0 §10; OAuth's RFC 6749 §5.2, RFC 6750 §3.1).
Must not decide anything: the error was decided where it was raised.
"""

from collections.abc import Mapping
from typing import Final

from api import errors as e
from api.problems.document import Problem

CSC_PATH: Final = "/csc/"
"""Where the standard's API is served."""
_KINDS: Final[Mapping[str, str]] = {
    "credentialID": "string",
    "SAD": "string",
    "PIN": "string",
    "OTP": "string",
    "signAlgo": "string",
    "signAlgoParams": "string",
    "hashAlgo": "string",
    "hashAlgorithmOID": "string",
    "handle": "string",
    "userID": "string",
    "numSignatures": "integer",
    "hash": "array",
    "hashes": "array",
    "documents": "array",
    "documentDigests": "object",
    "signature_format": "string",
    "attribute_name": "string",
    "authData": "array",
}
_DISABLED: Final = "The credential identified by credentialID is disabled"
_SAID: Final[Mapping[type[Exception], tuple[str, str]]] = {
    e.SecondFactorInvalid: ("invalid_otp", "The OTP is invalid"),
    e.SecondFactorReplayed: ("invalid_otp", "The OTP is invalid"),
    e.SecondFactorRequired: ("invalid_request", "Missing (or invalid type) string parameter OTP"),
    e.CertificateExpired: ("invalid_request", "Signing certificate is expired"),
    e.CertificateRevoked: ("invalid_request", _DISABLED),
    e.CertificateOnHold: ("invalid_request", _DISABLED),
    e.CertificateSuperseded: ("invalid_request", _DISABLED),
    e.CertTitleMismatch: ("invalid_request", _DISABLED),
    e.OrganisationClosed: ("invalid_request", _DISABLED),
    e.ExternalCertUnconfirmed: ("invalid_request", _DISABLED),
    e.CertificateKeyOnToken: ("invalid_request", "Invalid parameter credentialID"),
}
_BY_STATUS: Final[Mapping[int, str]] = {
    401: "invalid_token",
    403: "access_denied",
    429: "temporarily_unavailable",
    503: "temporarily_unavailable",
}


def csc_refusal(error: Exception, problem: Problem, *, has_token: bool) -> tuple[int, Mapping[str, object]]:
    """Status and body for an error.

    Args:
        error: as it was raised.
        problem: the same as our own document; its language is English.
        has_token: whether the request carries an Authorization header.
    """
    code = problem.body["code"]
    if isinstance(error, e.CscRequestRefused):
        return problem.status, {"error": error.error, "error_description": error.detail_en, "code": code}
    if isinstance(error, e.TokenMissing) and has_token:
        return 400, {"error": "invalid_request", "error_description": "Malformed authorization header", "code": code}
    if isinstance(error, e.InputInvalid):
        return 400, {"error": "invalid_request", "error_description": _missing(problem), "code": code}
    if isinstance(error, e.RateLimited) and has_token:
        # the counter of wrong codes: the standard calls its credential locked; the time to wait is in Retry-After
        return 400, {"error": "invalid_request", "error_description": "Credential locked", "code": code}
    for kind, (word, sentence) in _SAID.items():
        if isinstance(error, kind):
            return 400, {"error": word, "error_description": sentence, "code": code}
    return _other(problem)


def _other(problem: Problem) -> tuple[int, Mapping[str, object]]:
    """RFC 6749 §5.2: what the standard has no sentence for keeps ours; a failure of ours shows its incident only."""
    body, status = problem.body, problem.status
    said = str(body.get("detail") or body["title"])
    if status == 500:  # noqa: PLR2004 - RFC 9110 §15.6.1
        return status, {"error": "server_error", "error_description": said, "incident": body.get("incident", "")}
    kept = status if status in {*_BY_STATUS, 404, 405, 413, 415} else 400
    word = _BY_STATUS.get(status, "invalid_request")
    return kept, {"error": word, "error_description": said, "code": body["code"]}


def _missing(problem: Problem) -> str:
    """The first parameter that is missing or of another type, in the standard's sentence."""
    listed = problem.body.get("errors")
    pointer = str(listed[0]["pointer"]) if isinstance(listed, list) and listed else ""
    name = next((part for part in reversed(pointer.split("/")) if part in _KINDS), None)
    if name is None:
        return "The request is missing a required parameter or is otherwise malformed"
    return f"Missing (or invalid type) {_KINDS[name]} parameter {name}"
