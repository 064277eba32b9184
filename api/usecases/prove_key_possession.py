"""The holder proves possession of the key on the own device: a certification request that answers the challenge.

What the request says about names is ignored; only its key counts, and it counts once.
"""

import base64
import binascii
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from api.callers import Caller, Role
from api.errors import InputInvalid, NotFound, StateConflict
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.certificate_guards import find_request, require_state, take_turns
from api.usecases.key_possession import require_unused_key
from api.usecases.refusals import refusals_recorded
from signing.ca.proof import check_csr
from signing.profiles import leaf_profile
from signing.registry import KeyDevice
from signing.registry_sql import CertificateRequest, RequestsSql, RequestState

_PEM: Final = "-----BEGIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveKeyPossession:
    """For which request, and the proof."""

    request_id: str
    csr: str = field(repr=False)
    """PKCS#10, PEM or base64 of DER."""


def prove_key_possession(
    command: ProveKeyPossession, services: Services, caller: Caller, at: datetime
) -> CertificateRequest:
    """Keep the proved key with the request; the approval needs it.

    Raises:
        NotFound: no such request, or it is somebody else's. StateConflict: it is decided, was proved already, or the
        service makes its key. CsrMalformed, CsrProofWrong, CsrKeyRefused: the proof is none. CertKeyInUse: another
        certificate has the key. InputInvalid: not base64.
    """
    with services.db.reading() as tx:
        request = find_request(tx, command.request_id)
    if caller.role is not Role.RA_OFFICER and (caller.subject_id is None or caller.subject_id != request.subject_id):
        raise NotFound("Không có yêu cầu này.", "There is no such request.")
    event = event_of(
        caller,
        "prove_key_possession",
        at,
        object_type="certificate_request",
        object_id=request.request_id,
        owner_id=request.subject_id,
    )
    with refusals_recorded(event, services):
        spki = _proven(request, command.csr)
        with services.db.transaction() as tx:
            take_turns(tx, request)
            current = require_state(tx, request, RequestState.VERIFIED)
            if current.proof_spki is not None:
                raise StateConflict("Đã có bằng chứng sở hữu khóa.", "Possession was proved already.")
            require_unused_key(tx, current, spki)
            proved = replace(current, proof_spki=spki, proof_by=caller.account_id, proof_at=at)
            if not RequestsSql(tx).replace(proved, before=RequestState.VERIFIED):
                raise StateConflict
            services.audit.append(tx, event)
    return proved


def _proven(request: CertificateRequest, csr: str) -> bytes:
    profile = leaf_profile(request.certificate_class, request.ordinal)
    if request.key_device is not KeyDevice.TOKEN or request.challenge is None or profile is None:
        raise StateConflict("Khóa của yêu cầu này do hệ thống tạo.", "The key of this request is made by the service.")
    proven = check_csr(_bytes_of(csr), allowed=profile.key_kinds, challenge=request.challenge.encode())
    return proven.public_key_spki


def _bytes_of(csr: str) -> bytes:
    if csr.lstrip().startswith(_PEM):
        return csr.encode()
    try:
        return base64.b64decode("".join(csr.split()), validate=True)
    except (binascii.Error, ValueError) as err:
        raise InputInvalid("CSR là PEM hoặc base64 của DER.", "A CSR is PEM or base64 of DER.") from err
