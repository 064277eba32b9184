"""Lists certificates: managers and auditors see all, everybody else the own."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from api.callers import Caller, Role
from api.services import Services
from signing.registry import CertificateRecord
from signing.registry_sql import CertificateFilter, RegistrySql

READERS: Final = (Role.RA_OFFICER, Role.APPROVER, Role.SECURITY_OFFICER, Role.ADMINISTRATOR, Role.AUDITOR)
"""Who reads other people's certificates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindCertificates:
    """Which certificates, and which page of them."""

    wanted: CertificateFilter
    after: str | None
    """Id that the last page ended with."""
    limit: int


def find_certificates(
    command: FindCertificates, services: Services, caller: Caller, at: datetime
) -> tuple[CertificateRecord, ...]:
    """At most `limit` certificates in the order of their ids."""
    del at  # the register as it stands; status at another moment is validation's question
    wanted = command.wanted
    if caller.role not in READERS:
        if caller.subject_id is None or wanted.subject_id not in (None, caller.subject_id):
            return ()
        wanted = replace(wanted, subject_id=caller.subject_id)
    with services.db.reading() as tx:
        return RegistrySql(tx).page(wanted, after=command.after, limit=command.limit)
