"""Status evidence that one job gathered a moment ago, given again for its next document.

A batch has hundreds of documents under one certificate; an answer of some seconds ago says of each what a new one would
say, for the register itself is asked about the certificate before each signature (I10). Knows no document. One job, one
thread: nothing of it is shared.
"""

from datetime import datetime, timedelta
from typing import Final

from api.services import Services
from api.usecases.gather_evidence import EvidenceSource
from api.usecases.signing_parts import evidence_source
from api.usecases.status_policy import require_provable_status
from signing.registry import CertificateRecord
from signing.trust import Evidence

LIFE: Final = timedelta(seconds=5)
"""Well below the minute in which a revocation must be seen (worker: status upkeep)."""


class RecentEvidence:
    """Evidence by certificates, each for some seconds."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._found: dict[tuple[bytes, ...], tuple[datetime, Evidence]] = {}
        self._proved: dict[str, datetime] = {}

    def require_provable_status(self, certificate: CertificateRecord, at: datetime) -> None:
        """Do nothing when the certificate's status was known a moment ago, or is now; not inside a transaction.

        Raises:
            SignerStatusUnknown, CertificateRevoked, CertificateOnHold: as `status_policy.require_provable_status`.
        """
        since = self._proved.get(certificate.certificate_id)
        if since is None or not since <= at <= since + LIFE:
            require_provable_status(certificate, self._services, at)
            self._proved[certificate.certificate_id] = at

    def source(self, at: datetime) -> EvidenceSource:
        """What `complete_step(…, evidence=…)` takes, for one moment."""
        gather = evidence_source(self._services, at)

        def evidence(certificates: tuple[bytes, ...]) -> Evidence:
            since, known = self._found.get(certificates, (None, None))
            # a clock that went back makes it as old as one that went on
            if since is None or known is None or not since <= at <= since + LIFE:
                known = gather(certificates)
                self._found[certificates] = (at, known)
            return known

        return evidence
