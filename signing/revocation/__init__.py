"""Status of certificates for the outside: CRLs and OCSP answers.

Knows their formats. Knows no registry, no clock and no HTTP.
"""

from signing.revocation.crl import CrlContent, Entry, build_crl, encode_entries
from signing.revocation.deltas import delta_entries
from signing.revocation.ocsp import (
    Good,
    OcspError,
    Responder,
    Revoked,
    Status,
    Unknown,
    build_ocsp_error,
    build_ocsp_response,
)
from signing.revocation.ocsp_request import (
    MAX_REQUEST_BYTES,
    AuthorityId,
    OcspRequest,
    authority_id,
    build_cert_id,
    build_ocsp_request,
    parse_cert_id,
    parse_ocsp_request,
)
from signing.revocation.shards import MAX_SHARDS, shard_for, shard_in, shard_of

__all__ = [
    "MAX_REQUEST_BYTES",
    "MAX_SHARDS",
    "AuthorityId",
    "CrlContent",
    "Entry",
    "Good",
    "OcspError",
    "OcspRequest",
    "Responder",
    "Revoked",
    "Status",
    "Unknown",
    "authority_id",
    "build_cert_id",
    "build_crl",
    "build_ocsp_error",
    "build_ocsp_request",
    "build_ocsp_response",
    "delta_entries",
    "encode_entries",
    "parse_cert_id",
    "parse_ocsp_request",
    "shard_for",
    "shard_in",
    "shard_of",
]
