"""What a slow authority left open in a signed upload is added behind its signatures, as a durable job (I17, S25).

Only while the file is kept for its sender: who fetched it before completes it by `anso augment`. The file is parsed in
a limited worker. Knows that no signed byte changes.
"""

from datetime import datetime
from typing import Final

from api.db import Tx
from api.services import Services

JOB_KIND: Final = "late_upload"
COMPLETE: Final = "B-LT"


def enqueue_if_incomplete(tx: Tx, preparation_id: str, level: str, services: Services, at: datetime) -> None:
    """Have time-stamp or evidence added later, if something is missing."""
    if level != COMPLETE:
        services.jobs.enqueue(tx, JOB_KIND, {"preparation_id": preparation_id}, at)
