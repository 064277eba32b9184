"""Which officer may work on which digitisation: those of the agency at whose desk the paper was received.

Knows callers and records. From outside, another agency's paper and no paper look the same.
"""

from api.callers import Caller
from api.db import Tx
from api.errors import NotFound
from api.records.digitisations import Digitisation, Digitisations


def digitisation_for(tx: Tx, digitisation_id: str, caller: Caller) -> Digitisation:
    """The digitisation, for an officer of its agency.

    Raises:
        NotFound: there is none, or it is another agency's.
    """
    record = Digitisations(tx).get(digitisation_id)
    if caller.org_code is None or caller.org_code != record.org_code:
        raise NotFound("Không có lượt số hóa này.", "There is no such digitisation.")
    return record
