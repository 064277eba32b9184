"""I10 and I14: whether a certificate may set a signature now, asked before any key is touched.

Knows registry records, scopes and callers. Must not know documents or keys. It raises instead of answering, so that no
caller can forget to look at the answer.
"""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.errors import (
    CertificateExpired,
    CertificateNotYours,
    CertificateOnHold,
    CertificateOutOfScope,
    CertificateRevoked,
    CertificateWrongKind,
)
from signing.registry import CertificateRecord, CertificateStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class IntendedAct:
    """What the certificate is to be used for."""

    certificate_class: str
    ordinal: int | None
    """Which certificate of the holder the plan wants; None: any."""
    org_code: str
    """Agency whose document it is."""
    place: str
    """Organisation unit at whose desk it happens."""
    procedure: str
    document_type: str


def require_fit_certificate(record: CertificateRecord, act: IntendedAct, caller: Caller, at: datetime) -> None:
    """Do nothing when ``caller`` may use the certificate for ``act`` at that moment.

    Raises:
        CertificateNotYours, CertificateWrongKind, CertificateRevoked, CertificateOnHold, CertificateExpired,
        CertificateOutOfScope: the first of these that applies, in this order.
    """
    # I14: holder of a personal certificate, keeper of a seal
    if caller.subject_id is None or record.subject_id != caller.subject_id:
        raise CertificateNotYours
    if record.certificate_class is None or record.certificate_class.value != act.certificate_class:
        raise CertificateWrongKind
    if act.ordinal is not None and record.ordinal != act.ordinal:
        raise CertificateWrongKind
    # Decree 23/2025 Art. 3: valid means not expired, not suspended, not revoked
    if record.status is CertificateStatus.REVOKED:
        raise CertificateRevoked
    if record.status is CertificateStatus.ON_HOLD:
        raise CertificateOnHold
    if not record.is_active(at):
        raise CertificateExpired
    # I1: one agency; I2: the scope of a secondary
    if record.org_code != act.org_code:
        raise CertificateOutOfScope
    if not record.scope.allows(place=act.place, procedure=act.procedure, document_type=act.document_type):
        raise CertificateOutOfScope
