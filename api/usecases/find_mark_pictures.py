"""Who may see registered pictures of marks: those who keep the register all of them, everybody else the own.

Reading a picture itself goes into the ledger: with it a signature can be imitated on paper.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.callers import Caller, Role
from api.db import Tx
from api.errors import NotFound
from api.records.employments import Employments
from api.records.mark_pictures import PICTURE_SLOT, MarkPicture, MarkPictures
from api.services import Services
from api.usecases.auditing import event_of
from signing.pades.registering import MarkPictureKind

KEEPERS: Final = (Role.RA_OFFICER, Role.APPROVER, Role.SECURITY_OFFICER)
"""Who keeps the register and stops a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindMarkPictures:
    """Which pictures, and which page of them."""

    kind: MarkPictureKind | None
    holder: str | None
    after: str | None
    """Id that the last page ended with."""
    limit: int


def find_mark_pictures(
    command: FindMarkPictures, services: Services, caller: Caller, at: datetime
) -> tuple[MarkPicture, ...]:
    """At most `limit` pictures in the order of their registration; who is no keeper names whose they are."""
    with services.db.reading() as tx:
        if not _may_see(tx, command.kind, command.holder, caller, at):
            return ()
        return MarkPictures(tx).listed(
            kind=command.kind, holder=command.holder, after=command.after, limit=command.limit
        )


def read_mark_picture(picture_id: str, services: Services, caller: Caller, at: datetime) -> MarkPicture:
    """One picture's record.

    Raises:
        NotFound: there is none, or it is no concern of the caller's.
    """
    with services.db.reading() as tx:
        return _readable(tx, picture_id, caller, at)


def read_mark_picture_content(
    picture_id: str, services: Services, caller: Caller, at: datetime
) -> tuple[MarkPicture, bytes]:
    """The picture itself, as PNG.

    Raises:
        NotFound: as above, and for auditors, who read records only. IntegrityMismatch: the stored one is damaged.
    """
    if caller.role is Role.AUDITOR:
        raise NotFound
    with services.db.transaction() as tx:
        picture = _readable(tx, picture_id, caller, at)
        png = services.vault.work.read(tx, picture.picture_id, PICTURE_SLOT).content
        owner = picture.holder if picture.kind is MarkPictureKind.SIGNATURE else None
        event = event_of(
            caller, "read_mark_picture", at, object_type="mark_picture", object_id=picture.picture_id, owner_id=owner
        )
        services.audit.append(tx, event)
    return picture, png


def _readable(tx: Tx, picture_id: str, caller: Caller, at: datetime) -> MarkPicture:
    picture = MarkPictures(tx).get(picture_id)
    if not _may_see(tx, picture.kind, picture.holder, caller, at):
        raise NotFound("Không có hình này.", "There is no such picture.")
    return picture


def _may_see(tx: Tx, kind: MarkPictureKind | None, holder: str | None, caller: Caller, at: datetime) -> bool:
    if caller.role in {*KEEPERS, Role.AUDITOR}:
        return True
    if caller.subject_id is None or holder is None:
        return False
    if kind is not MarkPictureKind.SEAL and holder == caller.subject_id:
        return True
    # a seal is the concern of the clerk of its agency
    return caller.role is Role.CLERK and Employments(tx).works_for(caller.subject_id, holder, at) is not None
