"""A page of a paper as it will stand in the copy, straightened, for the officer who compares it with the fields."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.errors import NotFound
from api.records.digitisations import COPY_SLOT
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.digitisation_access import digitisation_for


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPageImage:
    """Which page, counted from 1."""

    digitisation_id: str
    page: int


def read_page_image(command: ReadPageImage, services: Services, caller: Caller, at: datetime) -> bytes:
    """Give the page as a JPEG.

    Raises:
        NotFound: no such digitisation or page, or it is not read yet. EngineFailed: the page cannot be drawn.
    """
    with services.db.transaction() as tx:
        record = digitisation_for(tx, command.digitisation_id, caller)
        if not record.state.is_open_for_correction or not 1 <= command.page <= record.page_count:
            raise NotFound("Không có trang này.", "There is no such page.")
        pdf = services.vault.work.read(tx, record.digitisation_id, COPY_SLOT).content
        event = event_of(
            caller,
            "read_page_image",
            at,
            object_type="digitisation",
            object_id=record.digitisation_id,
            owner_id=record.owner_subject,
            details=(("page", str(command.page)),),
        )
        services.audit.append(tx, event)
    return services.digitiser.page_picture(pdf, command.page)
