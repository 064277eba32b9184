"""What becomes of an issuance that cannot be finished: its record is void, its key destroyed, its request rejected.

Knows which errors end a decided request. Must not know how a certificate is made. A key on the holder's own device is
none of ours to destroy.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.errors import (
    CertDuplicateActive,
    CertHasSuccessor,
    CertKeyInUse,
    CertOrgClosed,
    CertPrimaryUnfit,
    CertRenewalTooEarly,
    CertSecondaryNotOffered,
    CertSecondaryPlaceWrong,
    CertTitleMismatch,
    InputInvalid,
    NotFound,
)
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.certificate_guards import require_state, take_turns
from signing.errors import (
    CertificateUnknown,
    IssuanceRefused,
    KeyUnavailable,
    NameInvalid,
    ScopeInvalid,
    StatusChangeRefused,
)
from signing.registry import CertificateStatus, KeyDevice, StatusChange
from signing.registry_sql import CertificateRequest, RegistrySql, RequestsSql, RequestState

UNFIT: Final = (
    CertDuplicateActive,
    CertHasSuccessor,
    CertKeyInUse,
    CertOrgClosed,
    CertPrimaryUnfit,
    CertRenewalTooEarly,
    CertSecondaryNotOffered,
    CertSecondaryPlaceWrong,
    CertTitleMismatch,
    CertificateUnknown,
    InputInvalid,
    NotFound,
    IssuanceRefused,
    NameInvalid,
    ScopeInvalid,
    StatusChangeRefused,
)
"""A decided request that meets one of these cannot be completed by trying again."""


def discard_key(key_id: str, request: CertificateRequest, services: Services) -> None:
    """Destroy a key that no certificate has.

    The error may have come after the commit, with only the answer lost: the record then needs its key. A commit that
    is still under way is waited for, because it holds the turn; when the database cannot tell, the key stays.
    """
    if request.key_device is KeyDevice.TOKEN:
        return
    with services.db.transaction() as tx:
        take_turns(tx, request)
        entry = RegistrySql(tx).by_request(request.request_id)
    if entry is None or entry.key_id != key_id:
        services.keys.destroy(key_id)


def void_issuance(request_id: str, reason_code: str, services: Services, caller: Caller, at: datetime) -> None:
    """End a decided request that no longer holds.

    Raises:
        StateConflict: another approval finished or ended it in the meantime.
    """
    with services.db.transaction() as tx:
        registry, requests = RegistrySql(tx), RequestsSql(tx)
        request = requests.get(request_id)
        if request is None:
            return
        take_turns(tx, request)
        rejected = replace(
            require_state(tx, request, RequestState.APPROVED),
            state=RequestState.REJECTED,
            decided_by=caller.account_id,
            decider_subject_id=caller.subject_id,
            decided_at=at,
            rejection=reason_code,
            certificate_id=None,
        )
        requests.replace(rejected, before=RequestState.APPROVED)
        entry = registry.by_request(request_id)
        if entry is not None:
            step = StatusChange(
                certificate_id=entry.certificate_id,
                before=CertificateStatus.RECORDED,
                after=CertificateStatus.VOIDED,
                at=at,
                actor=caller.account_id,
            )
            registry.change_status(step)
        event = event_of(
            caller,
            "void_certificate_request",
            at,
            object_type="certificate_request",
            object_id=request_id,
            owner_id=request.subject_id,
            reason_code=reason_code,
        )
        services.audit.append(tx, event)
    if entry is not None and entry.key_device is KeyDevice.SERVER:
        # the refusal is what the caller must hear; a store that is away keeps a key that no certificate has
        with suppress(KeyUnavailable):
            services.keys.destroy(entry.key_id)
