"""Time-stamps (RFC 3161): the authority that makes them and the requests it reads.

Knows the protocol. Knows no clock, no registry and no HTTP.
"""

from signing.tsa.authority import TimestampAuthority, refusal
from signing.tsa.request import Failure, build_timestamp_request, parse_timestamp_request

__all__ = ["Failure", "TimestampAuthority", "build_timestamp_request", "parse_timestamp_request", "refusal"]
