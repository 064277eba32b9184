"""From the holder that a foreign certificate names to the person, agency and post of our records (I1, I2).

Knows people, agencies, posts and imported certificates. Must not know trust: whether the certificate is good was found
out before. A name is compared with the record's, never taken over from a certificate.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.db import Tx
from api.errors import (
    CertDuplicateActive,
    CertificateOnHold,
    CertOrgClosed,
    CertTitleMismatch,
    ExternalCertHolder,
    NotFound,
    OrganisationClosed,
)
from api.records.employments import Employment, Employments
from api.records.external_certificates import (
    ExternalCertificate,
    ExternalCertificates,
    ExternalFilter,
    ExternalState,
)
from api.records.organisations import Organisations, OrgUnit
from api.records.people import People, Person, PersonStatus
from api.services import Services
from api.usecases.applicant_person import same_text
from signing.identity import CertificateClass
from signing.registry_sql import RegistrySql
from signing.trust import TrustProfile
from signing.validation.foreign import ForeignHolder

_STANDING: Final = (ExternalState.PENDING, ExternalState.ACTIVE, ExternalState.ON_HOLD)
_ENOUGH: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedHolder:
    """Whom the officer says the certificate names; None: by what stands in it."""

    subject_id: str | None = None
    """Holder; for a seal: its keeper."""
    employment_id: str | None = None
    org_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedHolder:
    """Who it is in our records."""

    certificate_class: CertificateClass
    subject_id: str | None
    org_code: str | None
    employment_id: str | None
    organisation: str
    title: str | None


def match_holder(
    tx: Tx, holder: ForeignHolder, claimed: ClaimedHolder, services: Services, at: datetime
) -> MatchedHolder:
    """The person or agency of our records that the certificate names.

    Raises:
        ExternalCertHolder: nobody of ours, or not the one whom the officer says. CertTitleMismatch: the post, title or
        agency is another one, or none is named (I1). CertOrgClosed: the agency no longer exists.
    """
    if holder.certificate_class is CertificateClass.ORG_SEAL:
        return _agency(tx, holder, claimed, at)
    person = _person(tx, holder, claimed, services)
    if holder.certificate_class is CertificateClass.CITIZEN:
        return MatchedHolder(
            certificate_class=holder.certificate_class,
            subject_id=person.subject_id,
            org_code=None,
            employment_id=None,
            organisation="",
            title=None,
        )
    if holder.certificate_class is not CertificateClass.PERSONAL:
        raise ExternalCertHolder("Không nhập chứng thư cho máy.", "Certificates of machines are not imported.")
    return _official(tx, holder, claimed, person, at)


def standing_beside(
    tx: Tx, matched: MatchedHolder, profile: TrustProfile, *, but: str | None, at: datetime
) -> tuple[ExternalCertificate, ...]:
    """The other imported certificates of the same holder, class, title, agency and profile that still stand (I2)."""
    is_seal = matched.certificate_class is CertificateClass.ORG_SEAL
    wanted = ExternalFilter(
        subject_id=None if is_seal else matched.subject_id,
        org_code=matched.org_code,
        certificate_class=matched.certificate_class,
        profile=profile,
    )
    return tuple(
        one
        for one in ExternalCertificates(tx).page(wanted, after=None, limit=_ENOUGH)
        if one.state in _STANDING
        and at <= one.not_after
        and (is_seal or one.title == matched.title)
        and one.certificate_id != but
    )


def require_successor(others: tuple[ExternalCertificate, ...], not_after: datetime) -> None:
    """I2: a second certificate of one standing is taken only in the place of an active one that ends earlier.

    Raises:
        CertificateOnHold: the older one is on hold; a new certificate is no way around that.
        CertDuplicateActive: it waits for confirmation, or ends no earlier.
    """
    for one in others:
        if one.state is ExternalState.ON_HOLD:
            raise CertificateOnHold
        if one.state is ExternalState.PENDING or one.not_after >= not_after:
            raise CertDuplicateActive


def take_turn(tx: Tx, matched: MatchedHolder) -> None:
    """Wait until nobody else decides about this agency or person."""
    RegistrySql(tx).take_turn(matched.org_code or matched.subject_id or "")


def _person(tx: Tx, holder: ForeignHolder, claimed: ClaimedHolder, services: Services) -> Person:
    people = People(tx, services.sealer)
    by_number = None if holder.personal_id is None else people.by_personal_id(holder.personal_id)
    person = by_number if claimed.subject_id is None else people.find(claimed.subject_id)
    if person is None or person.status is PersonStatus.DECEASED:
        raise ExternalCertHolder("Không có người này trong dữ liệu.", "Nobody of our records is named.")
    # the number is what counts; two persons may have one name
    if holder.personal_id is not None and (by_number is None or by_number.subject_id != person.subject_id):
        raise ExternalCertHolder("Số định danh là của người khác.", "The number is another person's.")
    if not same_text(person.name, holder.common_name):
        raise ExternalCertHolder("Họ tên khác dữ liệu đã lưu.", "The name differs from the record.")
    return person


def _official(tx: Tx, holder: ForeignHolder, claimed: ClaimedHolder, person: Person, at: datetime) -> MatchedHolder:
    post = _post(tx, holder, claimed, person, at)
    unit = _unit(tx, post.org_code, at)
    if not _names_unit(holder, unit):
        raise CertTitleMismatch("Chứng thư ghi cơ quan khác.", "The certificate names another agency.")
    if holder.title is None or not same_text(holder.title, post.title):
        raise CertTitleMismatch("Chứng thư ghi chức danh khác.", "The certificate names another title.")
    return MatchedHolder(
        certificate_class=CertificateClass.PERSONAL,
        subject_id=person.subject_id,
        org_code=post.org_code,
        employment_id=post.employment_id,
        organisation=unit.name,
        title=unicodedata.normalize("NFC", " ".join(post.title.split())),  # as a guard of signing compares it
    )


def _post(tx: Tx, holder: ForeignHolder, claimed: ClaimedHolder, person: Person, at: datetime) -> Employment:
    """The post that the officer names, or the one post with this agency and title."""
    for post in Employments(tx).of(person.subject_id, at):
        if claimed.employment_id is not None:
            if post.employment_id == claimed.employment_id:
                return post
        elif _names_unit(holder, Organisations(tx).get(post.org_code)) and same_text(holder.title or "", post.title):
            return post
    raise CertTitleMismatch("Không có vị trí công tác như chứng thư ghi.", "No post as the certificate names it.")


def _agency(tx: Tx, holder: ForeignHolder, claimed: ClaimedHolder, at: datetime) -> MatchedHolder:
    code = claimed.org_code or holder.org_code
    if code is None:
        raise ExternalCertHolder("Cần mã đơn vị của con dấu.", "The seal's agency must be named.")
    unit = _unit(tx, code, at)
    if not _names_unit(holder, unit):
        raise ExternalCertHolder("Chứng thư ghi cơ quan khác.", "The certificate names another agency.")
    keeper = claimed.subject_id
    if keeper is not None and Employments(tx).works_for(keeper, unit.org_code, at) is None:
        raise CertTitleMismatch("Người giữ dấu không làm việc ở cơ quan này.", "The keeper has no post in the agency.")
    return MatchedHolder(
        certificate_class=CertificateClass.ORG_SEAL,
        subject_id=keeper,
        org_code=unit.org_code,
        employment_id=None,
        organisation=unit.name,
        title=None,
    )


def _unit(tx: Tx, org_code: str, at: datetime) -> OrgUnit:
    try:
        return Organisations(tx).require_working(org_code, at)
    except OrganisationClosed as err:
        raise CertOrgClosed(err.detail_vi, err.detail_en) from err
    except NotFound as err:
        raise ExternalCertHolder("Không có cơ quan này trong dữ liệu.", "No agency of our records is named.") from err


def _names_unit(holder: ForeignHolder, unit: OrgUnit) -> bool:
    """By code where the certificate has one, else by name."""
    if holder.org_code is not None:
        return holder.org_code == unit.org_code
    names = [holder.organisation]
    if holder.certificate_class is CertificateClass.ORG_SEAL:
        names.append(holder.common_name)
    return any(same_text(name, unit.name) for name in names)
