"""A second person confirms an imported certificate, or turns it down: only then does it count here (four eyes)."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.db import Tx
from api.errors import CertSelfApproval, Forbidden, StateConflict
from api.records.external_certificates import ExternalCertificate, ExternalCertificates, ExternalState
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.external_holder import (
    ClaimedHolder,
    match_holder,
    require_successor,
    standing_beside,
    take_turn,
)
from api.usecases.import_external_certificate import examined_certificate, require_key, supersede
from api.usecases.refusals import refusals_recorded
from signing.errors import CertificateUnknown
from signing.trust import Evidence
from signing.validation.foreign import ForeignCertificate
from vault.ledger import AuditEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmExternalCertificate:
    """Which certificate, and what the second person decides."""

    certificate_id: str
    accepted: bool = True


def confirm_external_certificate(
    command: ConfirmExternalCertificate, services: Services, caller: Caller, at: datetime
) -> ExternalCertificate:
    """Let the certificate count, if everything still holds; or turn it down.

    Raises:
        CertificateUnknown; StateConflict: decided already. CertSelfApproval: the importer or the holder decides (I4).
        What the import raises, asked again at this moment.
    """
    with services.db.reading() as tx:
        found = find_external(tx, command.certificate_id)
    action = "confirm_certificate" if command.accepted else "reject_certificate"
    event = event_of(
        caller,
        action,
        at,
        object_type="certificate",
        object_id=found.certificate_id,
        owner_id=found.subject_id,
    )
    with refusals_recorded(event, services):
        _require_other_person(found, caller)
        if found.state is not ExternalState.PENDING:
            raise StateConflict("Chứng thư này đã được quyết định.", "The certificate was decided before.")
        if not command.accepted:
            return _decide(found, ExternalState.REJECTED, event, services, caller, at=at)
        examined = examined_certificate(found.der, Evidence(certificates=found.chain), services, at)
        require_key(found.key_id, examined, services)
        return _decide(found, ExternalState.ACTIVE, event, services, caller, at=at, examined=examined)


def find_external(tx: Tx, certificate_id: str) -> ExternalCertificate:
    """The imported certificate of that id.

    Raises:
        CertificateUnknown: there is none.
    """
    found = ExternalCertificates(tx).find(certificate_id)
    if found is None:
        raise CertificateUnknown(certificate_id)
    return found


def _require_other_person(found: ExternalCertificate, caller: Caller) -> None:
    if caller.subject_id is None:
        raise Forbidden("Tài khoản không gắn với một người.", "No natural person stands behind the account.")
    if caller.subject_id in (found.importer_subject_id, found.subject_id):
        raise CertSelfApproval


def _decide(
    found: ExternalCertificate,
    state: ExternalState,
    event: AuditEvent,
    services: Services,
    caller: Caller,
    *,
    at: datetime,
    examined: ForeignCertificate | None = None,
) -> ExternalCertificate:
    with services.db.transaction() as tx:
        if examined is not None:
            _require_still_right(tx, found, examined, services, at)
        records = ExternalCertificates(tx)
        decided = records.move(
            found.certificate_id, before=ExternalState.PENDING, after=state, at=at, confirmed_by=caller.account_id
        )
        if not decided:
            raise StateConflict  # somebody else decided it in the meantime
        services.audit.append(tx, event)
        return find_external(tx, found.certificate_id)


def _require_still_right(
    tx: Tx, found: ExternalCertificate, examined: ForeignCertificate, services: Services, at: datetime
) -> None:
    """The holder's post, title and agency are asked again; earlier certificates of the standing step back."""
    if examined.profile is not found.profile:
        raise StateConflict("Chứng thư gốc nay thuộc hồ sơ tin cậy khác.", "The root has another trust profile now.")
    claimed = ClaimedHolder(subject_id=found.subject_id, employment_id=found.employment_id, org_code=found.org_code)
    matched = match_holder(tx, examined.holder, claimed, services, at)
    take_turn(tx, matched)
    others = standing_beside(tx, matched, found.profile, but=found.certificate_id, at=at)
    require_successor(others, found.not_after)
    supersede(tx, others, at)
