"""Officials prepare results for the key in an own token: the leader to sign them, the clerk to seal them.

The checks are those of signing in the service (I10, I11, I14); a result that may not be signed fails alone. A seal is
prepared only behind a person's signature that was checked here, and completes nothing else. Uses no key.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.callers import Caller, Role
from api.db import DatabaseUnreachable
from api.errors import AnsoError, InputInvalid, RoleMissing
from api.records.employments import SigningCapacity
from api.records.signature_preparations import PreparationKind
from api.services import Services
from api.usecases.result_signing import PlannedSignature, prepare_step
from api.usecases.seal_result import SealResult, plan_seal
from api.usecases.sign_result import SignResult, plan_signature
from api.usecases.token_credential import NamedCertificate, named_certificate_id
from api.usecases.waiting_signatures import Preparation, Prepared, Staged, keep_waiting, require_room, stage
from signing.errors import SigningError
from signing.registry import KeyDevice
from vault.errors import VaultError

_ROLES: Final = {PreparationKind.SIGN: Role.AUTHORISED_SIGNER, PreparationKind.SEAL: Role.CLERK}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareResults:
    """Which results, for which certificate."""

    kind: PreparationKind
    """`SIGN` or `SEAL`."""
    certificate: NamedCertificate
    result_ids: tuple[str, ...]
    capacity: SigningCapacity | None = None
    """As printed; a seal has none."""


def prepare_results(
    command: PrepareResults, services: Services, caller: Caller, at: datetime
) -> tuple[Preparation, ...]:
    """One outcome for each result, in their order; those that may be signed wait for their values.

    Raises:
        RoleMissing: the caller acts in another role. InputInvalid: a signature without capacity, or one result twice.
        CertificateUnknown; CertificateNotYours: a system. TooManyPreparations.
    """
    _require_sound(command, caller)
    require_room(len(command.result_ids), services, caller)
    with services.db.reading() as tx:
        certificate_id = named_certificate_id(tx, command.certificate)
    outcomes: list[Preparation] = []
    staged: list[Staged] = []
    for result_id in command.result_ids:
        wanted = ResultToSign(
            kind=command.kind, result_id=result_id, certificate_id=certificate_id, capacity=command.capacity
        )
        try:
            prepared = _prepared(wanted, services, caller, at)
            staged.append(stage(prepared, services, caller, at))
        except DatabaseUnreachable:
            raise
        except (AnsoError, SigningError, VaultError) as refused:
            outcomes.append(Preparation(refusal=refused))
            continue
        outcomes.append(Preparation(record=staged[-1].record))
    if staged:
        keep_waiting(staged, services, caller, at)
    return tuple(outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultToSign:
    """One result and how it is to be signed or sealed."""

    kind: PreparationKind
    result_id: str
    certificate_id: str
    capacity: SigningCapacity | None


def planned_result(wanted: ResultToSign, services: Services, caller: Caller, at: datetime) -> PlannedSignature:
    """The signature or seal of a result by a key in a token, when the caller may set it now.

    Raises:
        What `plan_signature` and `plan_seal` raise; CertificateKeyHere.
    """
    if wanted.kind is PreparationKind.SEAL:
        seal = SealResult(result_id=wanted.result_id, certificate_id=wanted.certificate_id)
        # the token and its PIN are the second factor: no code of an account stands in for them
        return plan_seal(seal, services, caller, at, asks_factor=False, key_device=KeyDevice.TOKEN)
    if wanted.capacity is None:
        raise InputInvalid("Thiếu tư cách ký (`capacity`).", "The capacity is missing.")
    sign = SignResult(result_id=wanted.result_id, certificate_id=wanted.certificate_id, capacity=wanted.capacity)
    return plan_signature(sign, services, caller, at, key_device=KeyDevice.TOKEN)


def _require_sound(command: PrepareResults, caller: Caller) -> None:
    role = _ROLES[command.kind]
    if caller.role is not role:
        raise RoleMissing(
            f"Cần vai trò {role}: dùng mã truy cập cấp cho vai trò này.",
            f"The role {role} is needed: use a token made for that role.",
        )
    if command.kind is PreparationKind.SIGN and command.capacity is None:
        raise InputInvalid("Thiếu tư cách ký (`capacity`).", "The capacity is missing.")
    if len(set(command.result_ids)) != len(command.result_ids):
        raise InputInvalid("Một kết quả được nêu hai lần.", "A result is named twice.")


def _prepared(wanted: ResultToSign, services: Services, caller: Caller, at: datetime) -> Prepared:
    planned = planned_result(wanted, services, caller, at)
    return Prepared(
        kind=wanted.kind,
        owner_subject=planned.record.owner_subject,
        certificate_id=wanted.certificate_id,
        signature=prepare_step(planned, services, at),
        result_id=wanted.result_id,
        capacity=None if wanted.capacity is None else wanted.capacity.value,
    )
