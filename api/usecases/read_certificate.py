"""Reads one certificate with its life: managers and auditors any, everybody else the own."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.services import Services
from api.usecases.certificate_standing import successor_of
from api.usecases.find_certificates import READERS
from signing.errors import CertificateUnknown
from signing.registry import CertificateRecord, Hold, StatusChange, holds_of
from signing.registry_sql import RegistrySql


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCertificate:
    """Which certificate."""

    certificate_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateLife:
    """One certificate, every step of it, when it was suspended, and what took its place."""

    record: CertificateRecord
    history: tuple[StatusChange, ...]
    holds: tuple[Hold, ...]
    superseded_by: str | None


def read_certificate(command: ReadCertificate, services: Services, caller: Caller, at: datetime) -> CertificateLife:
    """The certificate as it stands.

    Raises:
        CertificateUnknown: there is none, or the caller may not see it.
    """
    del at  # the register as it stands
    with services.db.reading() as tx:
        registry = RegistrySql(tx)
        record = registry.get(command.certificate_id)
        is_own = caller.subject_id is not None and record.subject_id == caller.subject_id
        if caller.role not in READERS and not is_own:
            raise CertificateUnknown(command.certificate_id)
        history, successor = registry.history(command.certificate_id), successor_of(registry, record)
    return CertificateLife(
        record=record,
        history=history,
        holds=holds_of(history),
        superseded_by=None if successor is None else successor.certificate_id,
    )
