"""The capacity is printed with the title of the head in whose place is signed; the key stays the signer's own (I14)."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from api.callers import Role
from api.db import to_micros
from api.records.demonstration import PEOPLE, WARD
from api.records.employments import SigningCapacity
from api.records.organisations import OrgLevel
from api.records.results import CONTENT_SLOT
from api.records.tables import EMPLOYMENTS, ORGANISATIONS, SIGNING_RIGHTS
from tests.api.office import Office, open_office


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    return open_office(installation)


def give_right(office: Office, capacity: SigningCapacity) -> None:
    leader, services = PEOPLE["leader"].employment_id, office.installation.services
    with services.db.transaction() as tx:
        mine = SIGNING_RIGHTS.c.employment_id == leader
        row = dict(tx.execute(SIGNING_RIGHTS.select().where(mine)).mappings().first() or {})
        tx.execute(SIGNING_RIGHTS.delete().where(mine, SIGNING_RIGHTS.c.capacity == capacity.value))
        tx.execute(SIGNING_RIGHTS.insert().values(**row | {"capacity": capacity.value}))


def printed(office: Office, capacity: SigningCapacity) -> list[str]:
    draft = office.draft(signer={"employment_id": PEOPLE["leader"].employment_id, "capacity": capacity.value})
    assert draft.status_code == 201, draft.text
    services = office.installation.services
    with services.db.reading() as tx:
        content = json.loads(services.vault.work.read(tx, draft.json()["id"], CONTENT_SLOT).content)
    return list(content["signer"]["capacity"])


@pytest.mark.parametrize(
    ("capacity", "lines"),
    [
        (SigningCapacity.KT, ["KT. CHỦ TỊCH"]),
        (SigningCapacity.TL, ["TL. CHỦ TỊCH"]),
        (SigningCapacity.Q, ["Q. CHỦ TỊCH"]),
        (SigningCapacity.TM, ["TM. ỦY BAN NHÂN DÂN"]),
        (SigningCapacity.HEAD, []),
    ],
)
def test_each_capacity_has_its_line(office: Office, capacity: SigningCapacity, lines: list[str]) -> None:
    give_right(office, capacity)
    if capacity is SigningCapacity.HEAD:  # then she heads the ward as well
        assert printed(office, capacity) == lines
        with office.installation.services.db.transaction() as tx:
            mine = SIGNING_RIGHTS.c.employment_id == PEOPLE["leader"].employment_id
            tx.execute(SIGNING_RIGHTS.delete().where(mine, SIGNING_RIGHTS.c.capacity == capacity.value))
    else:
        assert printed(office, capacity) == lines


@pytest.mark.parametrize(
    ("level", "title", "line"),
    [
        (OrgLevel.DEPARTMENT, "Giám đốc Sở", "KT. GIÁM ĐỐC SỞ"),
        (OrgLevel.DEPARTMENT, None, "KT. GIÁM ĐỐC"),
        (OrgLevel.SCHOOL, None, "KT. HIỆU TRƯỞNG"),
        (OrgLevel.COMMUNE, None, "KT. CHỦ TỊCH"),
    ],
)
def test_the_line_names_the_head_of_this_very_agency(
    office: Office, level: OrgLevel, title: str | None, line: str
) -> None:
    db, at = office.installation.services.db, office.installation.clock.at
    ward = ORGANISATIONS.c.org_code == WARD
    head = EMPLOYMENTS.c.employment_id == PEOPLE["chairman"].employment_id
    give_right(office, SigningCapacity.KT)
    with db.transaction() as tx:
        before = tx.execute(sa.select(EMPLOYMENTS.c.title).where(head)).scalar_one()
        tx.execute(ORGANISATIONS.update().where(ward).values(level=level.value))
        gone = {"valid_to": to_micros(at)} if title is None else {"title": title}
        tx.execute(EMPLOYMENTS.update().where(head).values(**gone))
    try:
        assert printed(office, SigningCapacity.KT) == [line]
    finally:
        with db.transaction() as tx:
            tx.execute(ORGANISATIONS.update().where(ward).values(level=OrgLevel.COMMUNE.value))
            tx.execute(EMPLOYMENTS.update().where(head).values(title=before, valid_to=None))


def test_of_another_capacity_than_the_printed_one_the_printed_one_is_named(office: Office) -> None:
    result = office.numbered()
    body = {"certificate_id": office.certificates["leader"], "capacity": "tl"}
    answer = office.send(Role.AUTHORISED_SIGNER, "leader", f"/v1/results/{result}/signature", body)
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert answer.json()["detail"] == "Văn bản in tư cách ký khác: hãy gửi capacity `kt`."
