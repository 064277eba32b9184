"""Answers a time-stamp request from outside: whatever keeps the authority from stamping is said in its protocol.

Our own signing asks `stamp_time`, which tells the error apart. Not to be called inside a transaction. Knows no HTTP.
"""

from datetime import datetime

from api.services import Services
from api.usecases.stamp_time import stamp_time
from signing.errors import KeyUnavailable, KeyUseNotRecorded
from signing.tsa import Failure, refusal


def answer_timestamp(request: bytes, services: Services, at: datetime) -> bytes:
    """The TimeStampResp (DER); a key that cannot be used now is a system failure (RFC 3161 §2.4.2)."""
    try:
        return stamp_time(request, services, at)
    except (KeyUnavailable, KeyUseNotRecorded):
        return refusal(Failure.SYSTEM_FAILURE)
