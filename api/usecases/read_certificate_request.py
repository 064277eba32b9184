"""Reads one certificate request."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.services import Services
from api.usecases.approve_certificate_request import find_request
from signing.registry_sql import CertificateRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCertificateRequest:
    """Which request."""

    request_id: str


def read_certificate_request(
    command: ReadCertificateRequest, services: Services, caller: Caller, at: datetime
) -> CertificateRequest:
    """The request as it stands.

    Raises:
        NotFound: there is none.
    """
    del caller, at  # the roles of registration may read every request
    with services.db.reading() as tx:
        return find_request(tx, command.request_id)
