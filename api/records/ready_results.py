"""Results that wait for their agency's seal and are in no open batch yet.

Knows two tables. Whether each may be sealed is asked for each of them later.
"""

import sqlalchemy as sa

from api.db import Tx
from api.records.results import RESULTS, ResultState
from api.records.signature_batch_tables import SIGNATURE_BATCH_ITEMS, SIGNATURE_BATCHES


def ready_to_seal(tx: Tx, *, org_code: str, certificate_id: str, limit: int) -> tuple[str, ...]:
    """Signed results of an agency, the longest waiting first; not those that a batch with this seal already holds."""
    items, batches = SIGNATURE_BATCH_ITEMS.c, SIGNATURE_BATCHES.c
    in_work = (
        sa.select(items.result_id)
        .join(SIGNATURE_BATCHES, batches.batch_id == items.batch_id)
        .where(
            batches.certificate_id == certificate_id,
            batches.state.in_(("preparing", "prepared", "signing")),
            items.state.in_(("waiting", "prepared", "signing")),
        )
    )
    columns = RESULTS.c
    found = tx.execute(
        sa.select(columns.result_id)
        .where(
            columns.org_code == org_code,
            columns.state == ResultState.APPROVED.value,
            columns.result_id.not_in(in_work),
        )
        .order_by(columns.changed_at, columns.result_id)
        .limit(limit)
    )
    return tuple(found.scalars())
