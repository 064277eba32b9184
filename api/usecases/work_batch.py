"""The job that works on a batch's rows: what is done with each row, by the kind of the batch."""

from collections.abc import Mapping
from typing import Final

from api.records.bulk import Batches, BatchKind
from api.services import Services
from api.usecases.add_applicants import applicant_row
from api.usecases.batch_work import Progress, RowBody, work_rows
from api.usecases.file_request_batch import file_row
from api.usecases.import_certificate_batch import certificate_row, examine_row

_IMPORT: Final = RowBody(make=certificate_row, examine=examine_row)
_BODIES: Final[Mapping[BatchKind, RowBody]] = {
    BatchKind.CITIZENS: RowBody(make=file_row),
    BatchKind.OFFICIALS: RowBody(make=file_row),
    BatchKind.CAMPAIGN: RowBody(make=applicant_row),
    BatchKind.EXTERNAL: _IMPORT,
    BatchKind.CAMPAIGN_CERTIFICATES: _IMPORT,
}


def work_batch(services: Services, payload: Mapping[str, str], progress: Progress) -> None:
    """The job's body; done twice, it does nothing the second time."""
    with services.db.reading() as tx:
        kind = Batches(tx).get(payload["batch_id"]).kind
    work_rows(payload["batch_id"], _BODIES[kind], services, progress)
