"""Time-stamps (RFC 3161): the authority that makes them, the requests it reads, and whether its clock may be trusted.

Knows the protocol. Knows no clock, no registry and no HTTP.
"""

from signing.tsa.authority import TimestampAuthority, refusal
from signing.tsa.clock import (
    ClockFault,
    ClockPolicy,
    ClockReading,
    ClockVerdict,
    ReferenceSample,
    judge_clock,
)
from signing.tsa.request import Failure, build_timestamp_request, parse_timestamp_request

__all__ = [
    "ClockFault",
    "ClockPolicy",
    "ClockReading",
    "ClockVerdict",
    "Failure",
    "ReferenceSample",
    "TimestampAuthority",
    "build_timestamp_request",
    "judge_clock",
    "parse_timestamp_request",
    "refusal",
]
