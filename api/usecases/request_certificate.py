"""An RA officer files a request for a certificate after seeing the evidence: REQUESTED → VERIFIED (model §3.1)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.errors import CertDuplicateActive, CertSelfApproval, Forbidden, InputInvalid
from api.ids import creation_id
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.certificate_guards import verify_request
from signing.identity import CertificateClass, Scope
from signing.registry_sql import CertificateRequest, RequestsSql, RequestState, RequestType

_EVIDENCE: Final = re.compile(r"[\w.:/()-][\w .:/()-]{0,127}")
_MAX_EVIDENCE: Final = 20
_MAX_ORDINAL: Final = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCertificate:
    """What is asked for. Names are not part of it: they come from the records."""

    type: RequestType
    certificate_class: CertificateClass
    ordinal: int
    org_code: str | None
    subject_id: str | None
    employment_id: str | None
    primary_certificate_id: str | None
    scope: Scope
    evidence: tuple[str, ...]
    """References to what the officer saw (decision of appointment, identity check); no personal data."""


def request_certificate(
    command: RequestCertificate, services: Services, caller: Caller, at: datetime
) -> CertificateRequest:
    """File a request that holds to every guard.

    Raises:
        InputInvalid, CertSelfApproval (the officer asks for the own certificate), and what `verify_request` raises:
        nothing was written.
    """
    if caller.subject_id is None:
        raise Forbidden("Tài khoản không gắn với một người.", "No natural person stands behind the account.")
    if caller.subject_id == command.subject_id:
        raise CertSelfApproval
    if not 1 <= command.ordinal <= _MAX_ORDINAL:
        raise InputInvalid("Số thứ tự chứng thư từ 1 đến 99.", "The ordinal is 1 to 99.")
    if not 1 <= len(command.evidence) <= _MAX_EVIDENCE or not all(map(_EVIDENCE.fullmatch, command.evidence)):
        raise InputInvalid("Cần 1-20 căn cứ, mỗi căn cứ 1-128 ký tự.", "1-20 references to evidence are needed.")
    request = CertificateRequest(
        request_id=creation_id("req", at),
        type=command.type,
        state=RequestState.VERIFIED,
        certificate_class=command.certificate_class,
        ordinal=command.ordinal,
        org_code=command.org_code,
        subject_id=command.subject_id,
        employment_id=command.employment_id,
        primary_certificate_id=command.primary_certificate_id,
        scope=command.scope,
        evidence=command.evidence,
        ra_account_id=caller.account_id,
        ra_subject_id=caller.subject_id,
        requested_at=at,
    )
    with services.db.transaction() as tx:
        requests = RequestsSql(tx)
        made = requests.get(request.request_id)
        if made is not None:
            return made  # by an earlier run of this request
        verify_request(tx, request, services, at)
        if requests.open_like(request):
            raise CertDuplicateActive
        requests.add(request)
        services.audit.append(
            tx,
            event_of(
                caller,
                "request_certificate",
                at,
                object_type="certificate_request",
                object_id=request.request_id,
                owner_id=request.subject_id,
                details=(("class", request.certificate_class.value), ("ordinal", str(request.ordinal))),
            ),
        )
    return request
