"""A token's value that fits its preparation, and the preparation that moves together with what was signed.

Knows preparations. Must not know what is signed.
"""

from dataclasses import dataclass, field
from datetime import datetime

from api.callers import Caller
from api.db import Tx
from api.errors import PreparationStale
from api.records.receipt_slips import ReceiptSlip
from api.records.results import ResultRecord
from api.records.signature_preparations import SignaturePreparation, SignaturePreparations
from api.services import Services
from vault.ledger import AuditEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A value that fits its preparation."""

    found: SignaturePreparation
    value: bytes = field(repr=False)
    event: AuditEvent
    caller: Caller


class MovedAlong:
    """The preparation, moved in the transaction of what was signed with it; what was prepared is forgotten there."""

    def __init__(self, arrived: Arrived, services: Services, at: datetime) -> None:
        self._arrived, self._services, self._at = arrived, services, at
        self.garbage: tuple[str, ...] = ()

    def __call__(self, tx: Tx, changed: ResultRecord | ReceiptSlip) -> None:
        """Move it as what was signed says; raises as ``move``."""
        self.move(tx, changed.file_sha256 or "", changed.signature_level or "")

    def move(self, tx: Tx, file_sha256: str, signature_level: str) -> None:
        """Move it, or stop the whole transaction.

        Raises:
            PreparationStale: its time was over before the signature was stored.
        """
        found = self._arrived.found
        if not SignaturePreparations(tx).complete(
            found.preparation_id,
            self._at,
            file_sha256=file_sha256,
            signature_level=signature_level,
            kept_until=None,
        ):
            raise PreparationStale
        self.garbage = self._services.vault.work.forget(tx, found.preparation_id)
        self._services.audit.append(tx, self._arrived.event)
