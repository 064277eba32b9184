"""From an applicant of a file to the person of the records: found by number and compared, or recorded as new.

Knows people and posts. Must not know certificates.
"""

from datetime import datetime

from api.db import Tx
from api.errors import CertTitleMismatch, RowHolderMismatch, RowPersonUnable, RowPersonUnknown
from api.ids import new_id
from api.records.employments import Employment, Employments
from api.records.people import People, Person, PersonStatus
from api.services import Services
from api.usecases.applicant_row import Applicant
from digitize.vietnamese import nfc, place_tones


def same_text(one: str, other: str) -> bool:
    """Whether two names or titles are the same to a reader: case, spaces and the place of a tone mark do not count."""
    return _compared(one) == _compared(other)


def citizen_of(tx: Tx, applicant: Applicant, services: Services, at: datetime) -> str:
    """The subject id of a citizen: of the record with this number, or of a new one.

    Raises:
        RowHolderMismatch: the record has another name or date of birth. RowPersonUnable: deceased, or a minor.
    """
    people = People(tx, services.sealer)
    born = applicant.date_of_birth.isoformat() if applicant.date_of_birth else None
    person = people.by_personal_id(applicant.personal_id)
    if person is None:
        person = Person(subject_id=new_id("sub", at), name=applicant.name, date_of_birth=born, sex=applicant.sex)
        people.add(person, applicant.personal_id)
        return person.subject_id
    _require_able(person)
    _require_name(person, applicant.name)
    if person.date_of_birth is not None and person.date_of_birth != born:
        raise RowHolderMismatch("Ngày sinh khác dữ liệu đã lưu.", "The date of birth differs from the record.")
    return person.subject_id


def official_of(tx: Tx, applicant: Applicant, services: Services, at: datetime) -> Employment:
    """The post that an official of a file has at that moment (I1).

    Raises:
        RowPersonUnknown: nobody has this number. RowHolderMismatch: the record has another name. RowPersonUnable.
        CertTitleMismatch: no such post in this agency.
    """
    person = People(tx, services.sealer).by_personal_id(applicant.personal_id)
    if person is None:
        raise RowPersonUnknown
    _require_able(person)
    if applicant.name:
        _require_name(person, applicant.name)
    for post in Employments(tx).of(person.subject_id, at):
        if post.org_code == applicant.org_code and same_text(post.title, applicant.title or ""):
            return post
    raise CertTitleMismatch


def _require_able(person: Person) -> None:
    if person.status is not PersonStatus.ALIVE:
        raise RowPersonUnable


def _require_name(person: Person, name: str) -> None:
    if not same_text(person.name, name):
        raise RowHolderMismatch("Họ tên khác dữ liệu đã lưu.", "The name differs from the record.")


def _compared(text: str) -> str:
    return place_tones(nfc(text).casefold())
