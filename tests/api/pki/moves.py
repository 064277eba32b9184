"""What happens to people and agencies outside the service's own routes: posts begin and end, agencies close."""

from datetime import datetime
from typing import Any

from api.db import to_micros
from api.ids import fixed_id
from api.records.demonstration import PEOPLE
from api.records.employments import Employment, Employments, SigningRight
from api.records.tables import EMPLOYMENTS, ORGANISATIONS


def end_post(installation: Any, figure: str, at: datetime) -> None:
    post = EMPLOYMENTS.c.employment_id == PEOPLE[figure].employment_id
    with installation.services.db.transaction() as tx:
        tx.execute(EMPLOYMENTS.update().where(post).values(valid_to=to_micros(at)))


def begin_post(
    installation: Any, figure: str, *, org_code: str, title: str, at: datetime, rights: tuple[SigningRight, ...] = ()
) -> str:
    """A further post of a person; its id."""
    employment_id = fixed_id("emp", f"{figure}:{org_code}:{title}", at)
    post = Employment(
        employment_id=employment_id,
        subject_id=PEOPLE[figure].subject_id,
        org_code=org_code,
        title=title,
        place_code=None,
        valid_from=at,
    )
    with installation.services.db.transaction() as tx:
        Employments(tx).add(post, rights)
    return employment_id


def set_agency(installation: Any, org_code: str, **values: object) -> None:
    with installation.services.db.transaction() as tx:
        tx.execute(ORGANISATIONS.update().where(ORGANISATIONS.c.org_code == org_code).values(**values))
