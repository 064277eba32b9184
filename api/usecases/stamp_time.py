"""Answers a time-stamp request (RFC 3161) with the hierarchy's time-stamp unit.

Each answer counts a serial in the database: not to be called inside a transaction.
"""

from datetime import datetime, timedelta
from typing import Final

from api.services import Services
from signing.ca import TIMESTAMP, service_credential
from signing.errors import CertificateNotUsable
from signing.registry_sql import RegistrySql
from signing.tsa import Failure, TimestampAuthority, refusal

ACCURACY: Final = timedelta(seconds=1)
"""How far a token's time is from UTC at most; the disclosure statement says so."""
_SERIALS: Final = "tsa"


def stamp_time(request: bytes, services: Services, at: datetime) -> bytes:
    """The TimeStampResp (DER) for a TimeStampReq (DER); a refusal is an answer too.

    Args:
        request: bytes of a stranger.
        services: of this process.
        at: the moment of what the stamp is wanted for. It is stamped as long as the clock still says so within the
            accuracy; of work that took longer the moment is stamped at which the token is made.
    """
    if not services.clock_guard.verdict().is_trusted:
        return refusal(Failure.TIME_NOT_AVAILABLE)

    def next_serial() -> int:
        # RFC 3161 §2.4.2: unique, and monotone so that tokens of the same moment keep their order
        with services.db.transaction() as tx:
            return RegistrySql(tx).next_number(_SERIALS)

    try:
        with services.db.reading() as tx:
            credential = service_credential(TIMESTAMP, RegistrySql(tx), at=at)
    except CertificateNotUsable:
        return refusal(Failure.SYSTEM_FAILURE)
    authority = TimestampAuthority(
        credential=credential,
        keys=services.keys,
        policy=services.pki.room.site.arc.timestamp_policy,
        next_serial=next_serial,
        accuracy=ACCURACY,
    )
    now = services.clock()
    return authority.respond(request, at=at if abs(now - at) <= ACCURACY / 2 else now)
