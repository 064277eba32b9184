"""Who may touch a result at all: somebody with a post in its agency, wherever the desk of that post stands.

Knows posts. Must not know steps or certificates. A role alone is not enough: the clerk of one agency has nothing to
number, seal or issue for another.
"""

from datetime import datetime

from api.callers import Caller
from api.db import Tx
from api.errors import Forbidden
from api.records.employments import Employment, Employments
from api.records.organisations import Organisations
from api.records.results import ResultRecord


def agency_post(tx: Tx, record: ResultRecord, caller: Caller, at: datetime) -> Employment | None:
    """The caller's post in the agency of the result at that moment, if a natural person of it asks."""
    # a sealed result of an agency that merged meanwhile is issued by its successor
    agency = Organisations(tx).heir_of(record.org_code)
    return None if caller.subject_id is None else Employments(tx).works_for(caller.subject_id, agency, at)


def require_agency_post(tx: Tx, record: ResultRecord, caller: Caller, at: datetime) -> Employment:
    """The same for a step, which somebody of another agency is told not to take.

    Raises:
        Forbidden: the caller works for another agency, or no natural person stands behind the account.
    """
    post = agency_post(tx, record, caller, at)
    if post is None:
        raise Forbidden("Kết quả thuộc cơ quan khác.", "The result belongs to another agency.")
    return post
