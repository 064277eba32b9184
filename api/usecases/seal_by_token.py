"""The clerk seals a result with its annexes by the key in an own token: all values come together, all files are kept.

The checks are those of sealing in the service, made when the seals are prepared and again when their values come (I10,
I11). One value that is wrong or missing seals nothing. No key of ours is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from api.callers import Caller
from api.db import Tx
from api.errors import ContentFrozen, PreparationMissing, PreparationStale, StateConflict, VersionConflict
from api.records.annexes import ResultAnnexes
from api.records.results import ResultRecord, Results
from api.records.signature_preparations import (
    BASE_SLOT,
    PREPARED_SLOT,
    PreparationKind,
    PreparationState,
    SignaturePreparation,
    SignaturePreparations,
)
from api.services import Services
from api.usecases.annex_sealing import keeping_annexes, prepare_annexes
from api.usecases.arrived_value import Arrived, MovedAlong
from api.usecases.complete_preparation import CompletePreparation, completion_event, value_for
from api.usecases.refusals import refusals_recorded
from api.usecases.result_events import result_event
from api.usecases.result_signing import PlannedSignature, complete_step, prepare_step
from api.usecases.seal_result import SealResult, keep_seal, plan_seal
from api.usecases.status_policy import require_provable_status
from api.usecases.token_credential import NamedCertificate, named_certificate_id
from api.usecases.waiting_signatures import Prepared, keep_waiting, require_room, stage
from signing.pades import PreparedSignature, SignedPdf
from signing.registry import KeyDevice
from vault.errors import WorkNotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareTokenSeal:
    """Which result, with which seal."""

    result_id: str
    certificate: NamedCertificate
    file_sha256: str | None = None
    """Hex, of the file that the caller looked at; None: the newest, whichever it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealByToken:
    """Which result, and what the token made of each of its preparations."""

    result_id: str
    values: tuple[CompletePreparation, ...]


def prepare_token_seal(
    command: PrepareTokenSeal, services: Services, caller: Caller, at: datetime
) -> tuple[SignaturePreparation, ...]:
    """What waits for the token's values: the result's seal first, then its annexes' in order.

    Raises:
        CertificateUnknown; what `plan_seal`, `prepare_step` and `prepare_annexes` raise; CertificateKeyHere;
        TokenKeyUnfit; TooManyPreparations; StoreUnavailable.
    """
    with services.db.reading() as tx:
        certificate_id = named_certificate_id(tx, command.certificate)
    seal = SealResult(result_id=command.result_id, certificate_id=certificate_id, file_sha256=command.file_sha256)
    planned = _planned(seal, services, caller, at)
    with refusals_recorded(result_event("seal_result", planned.record, caller, at), services):
        main, annexes = prepare_step(planned, services, at), prepare_annexes(planned, services, at)
    require_room(1 + len(annexes), services, caller)
    common = Prepared(
        kind=PreparationKind.SEAL,
        owner_subject=planned.record.owner_subject,
        certificate_id=certificate_id,
        signature=main,
        result_id=command.result_id,
    )
    others = (
        replace(
            common,
            kind=PreparationKind.ANNEX,
            signature=one.waiting.prepared,
            base=one.waiting.pdf,
            annex_id=one.annex.annex_id,
        )
        for one in annexes
    )
    staged = [stage(one, services, caller, at) for one in (common, *others)]
    keep_waiting(staged, services, caller, at)
    return tuple(one.record for one in staged)


def seal_by_token(command: SealByToken, services: Services, caller: Caller, at: datetime) -> ResultRecord:
    """Seal the result and its annexes; all of them are kept, or none. Asked again, the result as it is sealed.

    Raises:
        NotFound: a preparation is none of the caller's. PreparationMissing: they are not those of the result and of
        each of its annexes. What `value_for` raises, for the first value that is none. PreparationStale: the result
        moved on. What says that the caller or the certificate may not seal now; StoreUnavailable.
    """
    by_id = {one.preparation_id: one for one in command.values}
    with services.db.reading() as tx:
        found = _of_result(tx, [SignaturePreparations(tx).own(one, caller.account_id) for one in by_id], command)
    with refusals_recorded(completion_event(found[0], caller, at), services):
        values = [value_for(one, by_id[one.preparation_id], services, at) for one in found]
        if all(one.state is PreparationState.COMPLETED for one in found):
            return _settled(found[0], services)
        arrived = [
            Arrived(found=one, value=value, event=completion_event(one, caller, at), caller=caller)
            for one, value in zip(found, values, strict=True)
        ]
        try:
            return _sealed(arrived, [by_id[one.preparation_id].salt_octets for one in found], services, at)
        except (ContentFrozen, PreparationStale, StateConflict, VersionConflict, WorkNotFound):
            return _settled(found[0], services)


def _of_result(tx: Tx, found: Sequence[SignaturePreparation], command: SealByToken) -> list[SignaturePreparation]:
    """The result's own first, then one for each annex, in the annexes' order."""
    by_annex = {one.annex_id: one for one in found if one.result_id == command.result_id}
    wanted = [None, *(one.annex_id for one in ResultAnnexes(tx).of_result(command.result_id))]
    is_whole = len(found) == len(command.values) == len(by_annex) and set(by_annex) == set(wanted)
    if not is_whole or by_annex[None].kind is not PreparationKind.SEAL:
        raise PreparationMissing
    if len({one.certificate_id for one in found}) != 1:
        raise PreparationMissing
    return [by_annex[one] for one in wanted]


def _sealed(arrived: Sequence[Arrived], salts: Sequence[int | None], services: Services, at: datetime) -> ResultRecord:
    main, caller = arrived[0].found, arrived[0].caller
    seal = SealResult(result_id=main.result_id or "", certificate_id=main.certificate_id)
    planned = _planned(seal, services, caller, at)
    with services.db.reading() as tx:
        read = services.vault.work.read
        kept = [read(tx, one.found.preparation_id, PREPARED_SLOT).content for one in arrived]
        pages = [planned.pdf, *(read(tx, one.found.preparation_id, BASE_SLOT).content for one in arrived[1:])]
        annexes = ResultAnnexes(tx).of_result(planned.record.result_id)
    if planned.record.file_sha256 != main.base_sha256:
        raise PreparationStale
    require_provable_status(planned.certificate, services, at)
    signed = [
        complete_step(page, replace(PreparedSignature.from_bytes(one), salt_octets=salt), value.value, services, at)
        for page, one, salt, value in zip(pages, kept, salts, arrived, strict=True)
    ]
    moved = [MovedAlong(one, services, at) for one in arrived]
    keep_annexes = keeping_annexes(planned.record, list(zip(annexes, signed[1:], strict=True)), services, at)

    def also(tx: Tx, changed: ResultRecord) -> None:
        keep_annexes(tx, changed)
        _move(tx, moved, signed)

    record = keep_seal(planned, signed[0], services, caller, at, also=also)
    for one in moved:
        services.vault.work.discard(one.garbage, at)
    return record


def _move(tx: Tx, moved: Sequence[MovedAlong], signed: Sequence[SignedPdf]) -> None:
    for preparation, file in zip(moved, signed, strict=True):
        preparation.move(tx, file.sha256, file.level)


def _planned(seal: SealResult, services: Services, caller: Caller, at: datetime) -> PlannedSignature:
    """The token and its PIN are the second factor: no code of an account stands in for them."""
    return plan_seal(seal, services, caller, at, asks_factor=False, key_device=KeyDevice.TOKEN, with_annexes=True)


def _settled(main: SignaturePreparation, services: Services) -> ResultRecord:
    """The result, if it is these values' own seal that stands on it.

    Raises:
        PreparationStale: it is not, and cannot be any more.
    """
    with services.db.reading() as tx:
        now = SignaturePreparations(tx).get(main.preparation_id)
        if now.state is not PreparationState.COMPLETED:
            raise PreparationStale
        return Results(tx).get(main.result_id or "")
