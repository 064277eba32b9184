"""What happens when the status of somebody else's certificate cannot be had while signing: refuse, or warn (S26).

Our own register knows the status of our own certificates; about imported ones their authority is asked, before any key
is touched (I10). Whether the signature is good is decided by whoever verifies: without status it is never valid.
"""

from datetime import datetime

from api.errors import SignerStatusUnknown
from api.records.external_certificates import ExternalCertificates
from api.services import Services
from api.settings import StatusPolicy
from api.usecases.external_evidence import require_known_status
from signing.errors import EvidenceUnavailable
from signing.registry import CertificateRecord


def require_provable_status(certificate: CertificateRecord, services: Services, at: datetime) -> None:
    """Do nothing when the certificate's status is known, or the policy lets sign without; not inside a transaction.

    Raises:
        SignerStatusUnknown: policy `strict`, and no list or answer of now could be had.
        CertificateRevoked, CertificateOnHold: its authority says so, whatever the policy.
    """
    with services.db.reading() as tx:
        found = ExternalCertificates(tx).find(certificate.certificate_id)
    if found is None:
        return
    try:
        is_known = require_known_status((found.der, *found.chain), services, at)
    except EvidenceUnavailable:
        is_known = False
    if not is_known and services.settings.status_policy is StatusPolicy.STRICT:
        raise SignerStatusUnknown
