"""Time-stamps (RFC 3161): the authority that makes them, the requests it reads, and whether its clock may be trusted.

Also who asks several authorities in their order and believes none of them. Knows the protocol. Knows no wall clock, no
registry and no HTTP.
"""

from signing.tsa.answers import AnswerFault, AuthorityFaultError, Question, granted_token
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
from signing.tsa.rota import Authority, Call, Rota, Slots, Standing, Terms

__all__ = [
    "AnswerFault",
    "Authority",
    "AuthorityFaultError",
    "Call",
    "ClockFault",
    "ClockPolicy",
    "ClockReading",
    "ClockVerdict",
    "Failure",
    "Question",
    "ReferenceSample",
    "Rota",
    "Slots",
    "Standing",
    "Terms",
    "TimestampAuthority",
    "build_timestamp_request",
    "granted_token",
    "judge_clock",
    "parse_timestamp_request",
    "refusal",
]
