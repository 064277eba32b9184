"""Which certificates belong together: those of one standing, and which of them is the present one.

A standing is a holder in a class with a title in an agency (I2). Renewal and recovery change the primary's key and
SHA-256, not the standing: secondaries that were linked to the older primary stay the holder's secondaries (I5). Knows
the register. Changes nothing.
"""

from typing import Final

from signing.identity import CertificateClass
from signing.registry import CertificateRecord, CertificateStatus
from signing.registry_sql import CertificateFilter, RegistrySql

_ENOUGH: Final = 1000  # certificates of one person or one agency's seals over all years
_NEVER_ISSUED: Final = frozenset({CertificateStatus.RECORDED, CertificateStatus.VOIDED})
_MAX_STEPS: Final = 1000  # a chain of renewals has no circle; were there one, this ends it


def standing_beside(registry: RegistrySql, primary: CertificateRecord) -> tuple[CertificateRecord, ...]:
    """The other certificates of a primary's standing: its secondaries and those it took the place of.

    Of a secondary: none, because nothing hangs on it.
    """
    if primary.ordinal != 1:
        return ()
    seal = primary.certificate_class is CertificateClass.ORG_SEAL
    wanted = CertificateFilter(
        subject_id=None if seal else primary.subject_id,
        org_code=primary.org_code,
        certificate_class=primary.certificate_class,
    )
    found = {
        one.certificate_id: one
        for one in registry.page(wanted, after=None, limit=_ENOUGH)
        if seal or one.title == primary.title
    }
    # a secondary may name a title that was changed after the primary was issued: it hangs on the primary all the same
    found |= {one.certificate_id: one for one in registry.secondaries(primary.certificate_id)}
    found.pop(primary.certificate_id, None)
    return tuple(one for one in found.values() if one.status not in _NEVER_ISSUED)


def successor_of(registry: RegistrySql, record: CertificateRecord) -> CertificateRecord | None:
    """The issued certificate that took the place of this one, or None."""
    issued = [one for one in registry.successors(record.certificate_id) if one.status not in _NEVER_ISSUED]
    return issued[-1] if issued else None


def current_of(registry: RegistrySql, record: CertificateRecord) -> CertificateRecord:
    """The newest certificate in the row of those that took each other's place, beginning with this one."""
    for _ in range(_MAX_STEPS):
        following = successor_of(registry, record)
        if following is None:
            return record
        record = following
    return record


def present_primary_is_held(registry: RegistrySql, primary_id: str) -> bool:
    """Whether the holder's present primary is on hold, be it this one, its successor or one asked for anew."""
    linked = registry.get(primary_id)
    return any(
        one.ordinal == 1 and one.status is CertificateStatus.ON_HOLD and successor_of(registry, one) is None
        for one in (linked, *standing_beside(registry, linked))
    )
