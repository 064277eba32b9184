"""Status of certificates for the outside: CRLs and OCSP answers.

Knows their formats. Knows no registry, no clock and no HTTP.
"""

from signing.revocation.crl import CrlContent, RevokedEntry, build_crl
from signing.revocation.ocsp import (
    MAX_REQUEST_BYTES,
    Good,
    OcspError,
    OcspRequest,
    Responder,
    Revoked,
    Status,
    Unknown,
    build_ocsp_error,
    build_ocsp_request,
    build_ocsp_response,
    parse_ocsp_request,
)

__all__ = [
    "MAX_REQUEST_BYTES",
    "CrlContent",
    "Good",
    "OcspError",
    "OcspRequest",
    "Responder",
    "Revoked",
    "RevokedEntry",
    "Status",
    "Unknown",
    "build_crl",
    "build_ocsp_error",
    "build_ocsp_request",
    "build_ocsp_response",
    "parse_ocsp_request",
]
