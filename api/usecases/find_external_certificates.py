"""Lists imported certificates and reads one: managers and auditors any, everybody else the own."""

from dataclasses import dataclass, replace
from datetime import datetime

from api.callers import Caller
from api.records.external_certificates import ExternalCertificate, ExternalCertificates, ExternalFilter
from api.services import Services
from api.usecases.confirm_external_certificate import find_external
from api.usecases.find_certificates import READERS
from api.usecases.hold_external_certificate import ExternalWithHolds
from signing.errors import CertificateUnknown


@dataclass(frozen=True, slots=True, kw_only=True)
class FindExternalCertificates:
    """Which certificates, and which page of them."""

    wanted: ExternalFilter
    after: str | None
    limit: int


def find_external_certificates(
    command: FindExternalCertificates, services: Services, caller: Caller, at: datetime
) -> tuple[ExternalCertificate, ...]:
    """At most `limit` certificates in the order of their ids."""
    del at  # as they are recorded
    wanted = command.wanted
    if caller.role not in READERS:
        if caller.subject_id is None or wanted.subject_id not in (None, caller.subject_id):
            return ()
        wanted = replace(wanted, subject_id=caller.subject_id)
    with services.db.reading() as tx:
        return ExternalCertificates(tx).page(wanted, after=command.after, limit=command.limit)


def read_external_certificate(
    certificate_id: str, services: Services, caller: Caller, at: datetime
) -> ExternalWithHolds:
    """One certificate with the times in which it was held here.

    Raises:
        CertificateUnknown: there is none, or the caller may not see it.
    """
    del at  # as above
    with services.db.reading() as tx:
        found = find_external(tx, certificate_id)
        is_own = caller.subject_id is not None and caller.subject_id == found.subject_id
        if caller.role not in READERS and not is_own:
            raise CertificateUnknown(certificate_id)
        return ExternalWithHolds(certificate=found, holds=ExternalCertificates(tx).holds(certificate_id))
