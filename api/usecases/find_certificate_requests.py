"""Lists certificate requests: the work queues of registration officers and approvers."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.services import Services
from signing.registry_sql import CertificateRequest, RequestFilter, RequestsSql


@dataclass(frozen=True, slots=True, kw_only=True)
class FindCertificateRequests:
    """Which requests, and which page of them."""

    wanted: RequestFilter
    after: str | None
    """Id that the last page ended with."""
    limit: int


def find_certificate_requests(
    command: FindCertificateRequests, services: Services, caller: Caller, at: datetime
) -> tuple[CertificateRequest, ...]:
    """At most `limit` requests in the order in which they were filed."""
    del caller, at  # the roles of registration may read every request
    with services.db.reading() as tx:
        return RequestsSql(tx).page(command.wanted, after=command.after, limit=command.limit)
