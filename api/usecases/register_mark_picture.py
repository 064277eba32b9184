"""An RA officer registers the picture of a person's signature or of an agency's seal; a second person confirms it.

1. The upload is read in a limited worker process: size, format, paper taken away, colour, shape.
2. The picture goes encrypted into the work area of the person or the agency, as a new version beside the old ones.
3. It counts once another natural person, who is not its holder, has compared it with the paper (four eyes).
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import Forbidden, InputInvalid, SamePerson, StateConflict
from api.ids import creation_id
from api.records.mark_pictures import PICTURE_SLOT, MarkPicture, MarkPictures
from api.records.organisations import Organisations
from api.records.people import People
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.evidence_reference import require_reference
from api.usecases.two_persons import require_other_person
from signing.pades.registering import MAX_UPLOAD_BYTES, CleanPicture, MarkPictureKind
from vault.catalogue import WorkEntry
from vault.model import CitizenId

_CLEAN: Final = "signing.pades.registering:clean_picture"
_TIMEOUT_S: Final = 20.0
_DIAMETERS_MM: Final = (15.0, 60.0)
MAX_PICTURE_BYTES: Final = MAX_UPLOAD_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterMarkPicture:
    """A picture, and whose it is."""

    kind: MarkPictureKind
    holder: str
    """`sub_…` of the person whose signature it is, or the code of the agency whose seal it is."""
    upload: bytes = field(repr=False)
    """PNG or JPEG."""
    evidence: str
    """Number of the paper by which it is registered."""
    diameter_mm: float | None = None
    """Real size of a seal."""
    valid_from: datetime | None = None
    """None: from its registration on."""
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideMarkPicture:
    """Which picture is confirmed or withdrawn."""

    picture_id: str


def register_mark_picture(
    command: RegisterMarkPicture, services: Services, caller: Caller, at: datetime
) -> MarkPicture:
    """Record a new version, which waits for its confirmation.

    Raises:
        InputInvalid; MarkPictureUnfit, IsolationError: the picture. NotFound, OrganisationClosed: the holder.
        Forbidden: a system. SamePerson: nobody registers the own signature (I4). VersionConflict.
    """
    _require_complete(command, at)
    require_reference(command.evidence)
    if caller.subject_id is None:
        raise Forbidden("Cần một người thực hiện.", "A natural person has to do this.")
    if caller.subject_id == command.holder:
        raise SamePerson
    picture_id = creation_id("mpic", at)
    with services.db.reading() as tx:
        made = MarkPictures(tx).find(picture_id)
        if made is not None:
            return made  # by an earlier run of this request
        _require_holder(tx, command, services, at)
    clean: CleanPicture = services.workers.call(_CLEAN, command.upload, command.kind.value, timeout_s=_TIMEOUT_S)
    staged = _staged(command, picture_id, clean, services, at)
    with services.db.transaction() as tx:
        picture = _picture(command, picture_id, clean, MarkPictures(tx), caller=caller, at=at)
        MarkPictures(tx).add(picture)
        services.vault.work.keep(tx, staged)
        _log(tx, "register_mark_picture", picture, services, caller=caller, at=at)
    return picture


def confirm_mark_picture(command: DecideMarkPicture, services: Services, caller: Caller, at: datetime) -> MarkPicture:
    """Let a picture count from now on, in place of the version before.

    Raises:
        NotFound; SamePerson: who registered it, or its holder, decides. StateConflict: decided before, or its time ran
        out while it waited.
    """
    with services.db.transaction() as tx:
        picture = MarkPictures(tx).get(command.picture_id)
        require_other_person(tx, caller, (picture.uploaded_by,))
        if caller.subject_id == picture.holder:
            raise SamePerson
        if picture.valid_to is not None and picture.valid_to <= at:
            raise StateConflict("Hình này đã hết hiệu lực.", "The picture's time is over.")
        confirmed = MarkPictures(tx).confirm(picture, caller.account_id, at)
        _log(tx, "confirm_mark_picture", confirmed, services, caller=caller, at=at)
    return confirmed


def withdraw_mark_picture(command: DecideMarkPicture, services: Services, caller: Caller, at: datetime) -> MarkPicture:
    """Let a picture count no longer, at once; one person is enough to stop something.

    Raises:
        NotFound; StateConflict: withdrawn before.
    """
    with services.db.transaction() as tx:
        withdrawn = MarkPictures(tx).withdraw(MarkPictures(tx).get(command.picture_id), caller.account_id, at)
        _log(tx, "withdraw_mark_picture", withdrawn, services, caller=caller, at=at)
    return withdrawn


def vault_owner(kind: MarkPictureKind, holder: str) -> CitizenId:
    """In whose work area a picture lies: the person's, or the agency's."""
    return CitizenId(holder if kind is MarkPictureKind.SIGNATURE else f"org_{holder}")


def _require_complete(command: RegisterMarkPicture, at: datetime) -> None:
    if command.kind is MarkPictureKind.SEAL:
        low, high = _DIAMETERS_MM
        if command.diameter_mm is None or not low <= command.diameter_mm <= high:
            raise InputInvalid(
                f"Cần đường kính thật của con dấu, từ {low:.0f} đến {high:.0f} mm.",
                f"The real diameter of the seal is needed, from {low:.0f} to {high:.0f} mm.",
            )
    elif command.diameter_mm is not None:
        raise InputInvalid("Chữ ký không có đường kính.", "A signature has no diameter.")
    if command.valid_to is not None and command.valid_to <= max(at, command.valid_from or at):
        raise InputInvalid("Thời hạn kết thúc trước khi bắt đầu.", "The validity ends before it begins.")


def _require_holder(tx: Tx, command: RegisterMarkPicture, services: Services, at: datetime) -> None:
    if command.kind is MarkPictureKind.SIGNATURE:
        People(tx, services.sealer).get(command.holder)
    else:
        Organisations(tx).require_working(command.holder, at)


def _staged(
    command: RegisterMarkPicture, picture_id: str, clean: CleanPicture, services: Services, at: datetime
) -> WorkEntry:
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, vault_owner(command.kind, command.holder), at)
    return services.vault.work.stage(
        key, record_id=picture_id, slot=PICTURE_SLOT, media_type="image/png", content=clean.png, at=at
    )


def _picture(
    command: RegisterMarkPicture,
    picture_id: str,
    clean: CleanPicture,
    pictures: MarkPictures,
    *,
    caller: Caller,
    at: datetime,
) -> MarkPicture:
    return MarkPicture(
        picture_id=picture_id,
        kind=command.kind,
        holder=command.holder,
        version=pictures.next_version(command.kind, command.holder),
        sha256=hashlib.sha256(clean.png).hexdigest(),
        width_px=clean.width,
        height_px=clean.height,
        diameter_mm=None if command.diameter_mm is None else round(command.diameter_mm, 1),
        evidence=command.evidence,
        valid_from=command.valid_from or at,
        valid_to=command.valid_to,
        uploaded_by=caller.account_id,
        uploaded_at=at,
    )


def _log(tx: Tx, action: str, picture: MarkPicture, services: Services, *, caller: Caller, at: datetime) -> None:
    event = event_of(
        caller,
        action,
        at,
        object_type="mark_picture",
        object_id=picture.picture_id,
        owner_id=picture.holder if picture.kind is MarkPictureKind.SIGNATURE else None,
        details=(("kind", picture.kind.value), ("version", str(picture.version)), ("sha256", picture.sha256)),
    )
    services.audit.append(tx, event)
