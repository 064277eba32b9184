"""The agency that certified a copy asks what became of it: which number, which document, or that it still waits.

Knows posts. Must not show the page: that is read as a document of its owner's, with every rule of reading.
"""

from datetime import datetime

from api.callers import Caller
from api.records.copies import CertifiedCopies, CertifiedCopy, no_such_copy
from api.records.employments import Employments
from api.records.organisations import Organisations
from api.services import Services


def read_certified_copy(copy_id: str, services: Services, caller: Caller, at: datetime) -> CertifiedCopy:
    """The copy as it stands.

    Raises:
        NotFound: there is none, or another agency's: both look the same.
    """
    with services.db.reading() as tx:
        record = CertifiedCopies(tx).get(copy_id)
        # what an agency certified before it merged is its successor's to look after (I32)
        agency = Organisations(tx).heir_of(record.org_code)
        post = None if caller.subject_id is None else Employments(tx).works_for(caller.subject_id, agency, at)
    if post is None:
        raise no_such_copy()
    return record
