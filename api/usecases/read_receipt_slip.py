"""Receipt slips for whom the dossier concerns: the applicant or guardian, and officers of its agency or centre.

A draft is the desk's own business: the applicant sees what was signed.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from api.callers import Caller, Role
from api.errors import NotFound
from api.records.receipt_slips import PAGE_SLOT, SIGNED_SLOT, ReceiptSlip, ReceiptSlips, SlipState, slip_unknown
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.receive_dossier import read_dossier
from vault.errors import IntegrityMismatch


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipFile:
    """A slip and its file: signed, or the page as it was drawn."""

    slip: ReceiptSlip
    pdf: bytes = field(repr=False)
    sha256: str
    """Hex."""


def list_receipt_slips(dossier_id: str, services: Services, caller: Caller, at: datetime) -> tuple[ReceiptSlip, ...]:
    """The signed slips of a dossier, the first one first; the last one counts.

    Raises:
        NotFound: no such dossier, or not for this caller.
    """
    dossier = read_dossier(dossier_id, services, caller, at)
    with services.db.reading() as tx:
        return ReceiptSlips(tx).of_dossier(dossier.dossier_id)


def read_receipt_slip(slip_id: str, services: Services, caller: Caller, at: datetime) -> ReceiptSlip:
    """One slip.

    Raises:
        NotFound: none, or not for this caller: both look the same.
    """
    with services.db.reading() as tx:
        slip = ReceiptSlips(tx).get(slip_id)
    try:
        read_dossier(slip.dossier_id, services, caller, at)
    except NotFound:
        raise slip_unknown() from None
    if slip.state is SlipState.DRAFT and caller.role is not Role.RECEPTION_OFFICER:
        raise slip_unknown()
    return slip


def fetch_receipt_slip(slip_id: str, services: Services, caller: Caller, at: datetime) -> SlipFile:
    """The file of a slip; every look is in the ledger (I28).

    Raises:
        As `read_receipt_slip`; IntegrityMismatch, StoreUnavailable.
    """
    read_receipt_slip(slip_id, services, caller, at)
    with services.db.transaction() as tx:
        slip = ReceiptSlips(tx).get(slip_id)  # row and file of the same moment: a job may complete it meanwhile
        is_draft = slip.file_sha256 is None
        expected = slip.file_sha256 or slip.page_sha256
        pdf = services.vault.work.read(tx, slip.slip_id, PAGE_SLOT if is_draft else SIGNED_SLOT).content
        if hashlib.sha256(pdf).hexdigest() != expected:
            raise IntegrityMismatch("receipt slip")
        event = event_of(
            caller,
            "read_receipt_slip",
            at,
            object_type="receipt_slip",
            object_id=slip.slip_id,
            owner_id=slip.owner_subject,
            details=(("file_sha256", expected),),
        )
        services.audit.append(tx, event)
    return SlipFile(slip=slip, pdf=pdf, sha256=expected)
