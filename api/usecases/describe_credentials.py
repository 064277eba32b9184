"""Lists and describes the caller's credentials for CSC clients (CSC API 1.0.4 §11.4, §11.5; 2.0 the same).

Knows the register. Gives values; the protocol's field names are the wire model's. Uses no key.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.records.second_factors import SecondFactors
from api.services import Services
from api.usecases.csc_credential import CSC_CLASSES, CscAbilities, csc_abilities, own_certificate
from api.usecases.signing_parts import credential_of
from signing.keys import Credential
from signing.registry import CertificateRecord, CertificateStatus, KeyDevice
from signing.registry_sql import CertificateFilter, RegistrySql

_MOST_LISTED: Final = 200  # of one person; nobody has a tenth of it
_GONE: Final = frozenset({CertificateStatus.RECORDED, CertificateStatus.VOIDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class CscCredential:
    """A credential as a CSC client sees it."""

    record: CertificateRecord
    credential: Credential
    is_enabled: bool
    """Whether it signs now."""
    is_expired: bool
    needs_code: bool
    """Whether the holder's code has to come with the authorisation."""
    abilities: CscAbilities


def list_credentials(
    services: Services, caller: Caller, at: datetime, *, only_valid: bool = False
) -> tuple[CscCredential, ...]:
    """The caller's credentials whose keys are kept here; seals are not among them."""
    if caller.subject_id is None:
        return ()
    with services.db.reading() as tx:
        # of our own register only: imported ones sign no hashes (ADR 0039)
        own = RegistrySql(tx).page(CertificateFilter(subject_id=caller.subject_id), after=None, limit=_MOST_LISTED)
        found = [one for one in own if _is_offered(one)]
        needs_code = _needs_code(tx, services, caller)
        described = [_described(tx, one, services, at, needs_code=needs_code) for one in found]
    return tuple(one for one in described if one.is_enabled or not only_valid)


def describe_credential(credential_id: str, services: Services, caller: Caller, at: datetime) -> CscCredential:
    """One credential of the caller's.

    Raises:
        CscRequestRefused: there is none. SealNeedsDocument: it is a seal. CertificateKeyOnToken: its key is elsewhere.
    """
    with services.db.reading() as tx:
        record = own_certificate(tx, credential_id, caller, at)
        return _described(tx, record, services, at, needs_code=_needs_code(tx, services, caller))


def _is_offered(record: CertificateRecord) -> bool:
    is_here = record.key_device is not KeyDevice.TOKEN
    return record.certificate_class in CSC_CLASSES and is_here and record.status not in _GONE


def _described(
    tx: Tx, record: CertificateRecord, services: Services, at: datetime, *, needs_code: bool
) -> CscCredential:
    abilities = csc_abilities(services)
    return CscCredential(
        record=record,
        credential=credential_of(tx, record),
        is_enabled=abilities.authorises and record.is_active(at) and record.scope.is_unlimited,
        is_expired=at > record.not_after,
        needs_code=needs_code,
        abilities=abilities,
    )


def _needs_code(tx: Tx, services: Services, caller: Caller) -> bool:
    if csc_abilities(services).by_passkey:
        return False
    return SecondFactors(tx, services.sealer).active(caller.account_id) is not None
