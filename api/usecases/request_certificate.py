"""An RA officer files a request about a certificate after seeing the evidence: REQUESTED → VERIFIED (model §3.1)."""

from datetime import datetime
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import CertDuplicateActive, CertSelfApproval, Forbidden, InputInvalid
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.certificate_guards import verify_request
from api.usecases.certificate_request_draft import RequestCertificate, draft_request
from api.usecases.certificate_status_request import verify_status_request
from api.usecases.evidence_reference import is_reference
from api.usecases.refusals import refusals_recorded
from signing.registry_sql import CertificateRequest, RequestsSql
from vault.ledger import AuditEvent

__all__ = ["RequestCertificate", "request_certificate"]

_MAX_EVIDENCE: Final = 20


def request_certificate(
    command: RequestCertificate, services: Services, caller: Caller, at: datetime
) -> CertificateRequest:
    """File a request that holds to every guard; what is refused leaves a line in the ledger.

    Raises:
        InputInvalid, CertSelfApproval (the officer asks for the own certificate), what `draft_request` raises, and
        what `verify_request` or `verify_status_request` does: nothing was written.
    """
    with refusals_recorded(_event(command, caller, at), services):
        if caller.subject_id is None:
            raise Forbidden("Tài khoản không gắn với một người.", "No natural person stands behind the account.")
        if not 1 <= len(command.evidence) <= _MAX_EVIDENCE or not all(map(is_reference, command.evidence)):
            raise InputInvalid("Cần 1-20 căn cứ, mỗi căn cứ 1-128 ký tự.", "1-20 references to evidence are needed.")
        with services.db.transaction() as tx:
            return _file(tx, command, services, caller, at)


def _file(tx: Tx, command: RequestCertificate, services: Services, caller: Caller, at: datetime) -> CertificateRequest:
    request, requests = draft_request(tx, command, services, caller, at), RequestsSql(tx)
    made = requests.get(request.request_id)
    if made is not None:
        return made  # by an earlier run of this request
    if caller.subject_id in (command.subject_id, request.subject_id):
        raise CertSelfApproval
    if request.type.issues:
        verify_request(tx, request, services, at)
    else:
        verify_status_request(tx, request)
    if _is_asked_already(requests, request):
        raise CertDuplicateActive
    requests.add(request)
    event = event_of(
        caller,
        "request_certificate",
        at,
        object_type="certificate_request",
        object_id=request.request_id,
        owner_id=request.subject_id,
        details=(
            ("type", request.type.value),
            ("class", request.certificate_class.value),
            ("ordinal", str(request.ordinal)),
            *((("certificate", request.target_id),) if request.target_id else ()),
        ),
    )
    services.audit.append(tx, event)
    return request


def _is_asked_already(requests: RequestsSql, request: CertificateRequest) -> bool:
    """One open request for one thing; of one certificate only one may be about to take the place."""
    if request.target_id is None:
        return bool(requests.open_like(request))
    return any(
        one.type is request.type or (one.type.issues and request.type.issues)
        for one in requests.open_about(request.target_id)
    )


def _event(command: RequestCertificate, caller: Caller, at: datetime) -> AuditEvent:
    """What is recorded of a refused filing: there is no request yet, so its type and its certificate."""
    return event_of(
        caller,
        "request_certificate",
        at,
        object_type="certificate" if command.certificate_id else "certificate_request",
        object_id=command.certificate_id or "none",
        owner_id=command.subject_id,
        details=(("type", command.type.value),),
    )
