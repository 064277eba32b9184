"""Reads one certificate request: the roles of registration any, a holder the own, to see its challenge."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.callers import Caller, Role
from api.errors import NotFound
from api.services import Services
from api.usecases.certificate_guards import find_request
from signing.registry_sql import CertificateRequest

REQUEST_READERS: Final = (Role.RA_OFFICER, Role.APPROVER, Role.SECURITY_OFFICER, Role.AUDITOR)
"""Who reads other people's requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCertificateRequest:
    """Which request."""

    request_id: str


def read_certificate_request(
    command: ReadCertificateRequest, services: Services, caller: Caller, at: datetime
) -> CertificateRequest:
    """The request as it stands.

    Raises:
        NotFound: there is none, or it is not for this caller: from outside both look the same.
    """
    del at  # as it stands
    with services.db.reading() as tx:
        request = find_request(tx, command.request_id)
    is_own = caller.subject_id is not None and caller.subject_id == request.subject_id
    if caller.role not in REQUEST_READERS and not is_own:
        raise NotFound("Không có yêu cầu này.", "There is no such request.")
    return request
