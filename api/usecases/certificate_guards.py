"""The guards of a request that ends in a certificate, asked when it is filed and again when it is approved.

I1, I2, I4 and model §3.1. Knows agencies, people, posts and issued certificates. Must not know keys. Answers with what
the certificate will name, taken from the records and never from the request.
"""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.db import Tx
from api.errors import (
    CertDuplicateActive,
    CertOrgClosed,
    CertPrimaryUnfit,
    CertSelfApproval,
    CertTitleMismatch,
    Forbidden,
    InputInvalid,
    NotFound,
    OrganisationClosed,
    StateConflict,
)
from api.records.accounts import Accounts
from api.records.employments import Employment, Employments
from api.records.organisations import Organisations, OrgStatus, OrgUnit
from api.records.people import People, PersonStatus
from api.services import Services
from api.usecases.certificate_replacement import Replacement, require_replaceable, require_target_stands
from api.usecases.certificate_standing import successor_of
from api.usecases.secondary_reading import require_offered
from signing.errors import CertificateUnknown, ScopeInvalid
from signing.identity import AgencySubject, CertificateClass, PersonSubject, Subject
from signing.profiles import Profile, leaf_profile
from signing.registry import CertificateRecord, CertificateStatus
from signing.registry_sql import CertificateFilter, CertificateRequest, RegistrySql, RequestsSql, RequestState

_STANDING = (CertificateStatus.RECORDED, CertificateStatus.ACTIVE, CertificateStatus.ON_HOLD)
_ENOUGH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedRequest:
    """What the records say about a request that may go on."""

    profile: Profile
    subject: Subject
    title: str | None
    until: datetime | None
    """End of the post, of the primary or of what is recovered, whichever comes first; the certificate ends no later."""
    primary: CertificateRecord | None


def require_other_persons(request: CertificateRequest, caller: Caller) -> None:
    """I4: RA officer, approver and subject (or keeper of a seal) are different natural persons, not just accounts.

    Raises:
        CertSelfApproval: two of them are one person. Forbidden: nobody stands behind the account.
    """
    if caller.subject_id is None:
        raise Forbidden("Tài khoản không gắn với một người.", "No natural person stands behind the account.")
    if caller.subject_id in (request.ra_subject_id, request.subject_id):
        raise CertSelfApproval


def require_other_prover(tx: Tx, request: CertificateRequest, caller: Caller) -> None:
    """I4: who brought the key does not approve it, else one person could have a certificate in another's name.

    Raises:
        CertSelfApproval: the caller proved possession of the key, with whatever account.
    """
    if request.proof_by is None:
        return
    prover = Accounts(tx).by_id(request.proof_by)
    if request.proof_by == caller.account_id or (prover is not None and prover.subject_id == caller.subject_id):
        raise CertSelfApproval


def take_turns(tx: Tx, request: CertificateRequest) -> None:
    """Wait until nobody else decides about the same agency or citizen; a move waits for both agencies, in one order."""
    registry = RegistrySql(tx)
    holders = {request.org_code or request.subject_id or ""}
    if request.target_id is not None:
        target = registry.get(request.target_id)
        holders.add(target.org_code or target.subject_id or "")
    for holder in sorted(holders):  # two moves in opposite directions must not wait for each other
        registry.take_turn(holder)


def find_request(tx: Tx, request_id: str) -> CertificateRequest:
    """The request of that id.

    Raises:
        NotFound: there is none.
    """
    request = RequestsSql(tx).get(request_id)
    if request is None:
        raise NotFound("Không có yêu cầu này.", "There is no such request.")
    return request


def require_state(tx: Tx, request: CertificateRequest, state: RequestState) -> CertificateRequest:
    """The request as it stands now, in that state.

    Raises:
        StateConflict: somebody else decided it in the meantime.
    """
    current = find_request(tx, request.request_id)
    if current.state is not state:
        raise StateConflict
    return current


def verify_request(tx: Tx, request: CertificateRequest, services: Services, at: datetime) -> VerifiedRequest:
    """Check a request against the records at that moment, in a writing transaction: one at a time for each agency.

    Raises:
        InputInvalid, NotFound, CertOrgClosed, CertTitleMismatch, CertDuplicateActive, CertPrimaryUnfit, ScopeInvalid;
        for what takes another's place also CertificateUnknown, StatusChangeRefused, CertHasSuccessor and
        CertRenewalTooEarly.
    """
    profile = leaf_profile(request.certificate_class, request.ordinal)
    if profile is None or request.certificate_class is CertificateClass.SERVICE:
        raise InputInvalid("Không cấp loại chứng thư này.", "Certificates of this kind are not issued on request.")
    require_offered(tx, request, services.settings.secondary_reading)
    take_turns(tx, request)
    require_target_stands(tx, request, at)
    unit = _unit(tx, request, at)
    post = _post(tx, request, at)
    primary = _primary(tx, request, at)
    _require_first(tx, request, post, at)
    subject = _subject(tx, request, services, unit, post)
    replaced_end = require_replaceable(tx, Replacement(request=request, subject=subject), services, at)
    ends = [end for end in (post and post.valid_to, primary and primary.not_after, replaced_end) if end]
    return VerifiedRequest(
        profile=profile,
        subject=subject,
        title=post.title if post and request.certificate_class is CertificateClass.PERSONAL else None,
        until=min(ends, default=None),
        primary=primary,
    )


def _unit(tx: Tx, request: CertificateRequest, at: datetime) -> OrgUnit | None:
    if request.certificate_class is CertificateClass.CITIZEN:
        return None
    if request.org_code is None:
        raise InputInvalid("Thiếu mã đơn vị.", "The agency's code is missing.")
    try:
        unit = Organisations(tx).require_working(request.org_code, at)
    except OrganisationClosed as err:
        raise CertOrgClosed(err.detail_vi, err.detail_en) from err
    if unit.status is not OrgStatus.ACTIVE:  # §3.5: merging means signing goes on, new certificates do not
        raise CertOrgClosed
    return unit


def _post(tx: Tx, request: CertificateRequest, at: datetime) -> Employment | None:
    """The holder's or keeper's post in the agency."""
    if request.certificate_class is CertificateClass.CITIZEN:
        return None
    if request.certificate_class is CertificateClass.PERSONAL and None in (request.subject_id, request.employment_id):
        raise InputInvalid("Thiếu người hoặc vị trí công tác.", "The person or the employment is missing.")
    posts = Employments(tx)
    if request.employment_id is not None:
        post = posts.find(request.employment_id)
    elif request.subject_id is not None:
        post = posts.works_for(request.subject_id, request.org_code or "", at)
    else:
        return None  # a seal whose keeper is named later
    if (
        post is None
        or not post.holds_at(at)
        or (post.subject_id, post.org_code) != (request.subject_id, request.org_code)
    ):
        raise CertTitleMismatch
    return post


def _primary(tx: Tx, request: CertificateRequest, at: datetime) -> CertificateRecord | None:
    if request.ordinal == 1:
        if request.primary_certificate_id is not None:
            raise InputInvalid("Chứng thư thứ nhất không gắn với chứng thư khác.", "A primary names no other primary.")
        return None
    if request.primary_certificate_id is None:
        raise InputInvalid("Thiếu chứng thư thứ nhất.", "A secondary names its primary certificate.")
    try:
        primary = RegistrySql(tx).get(request.primary_certificate_id)
    except CertificateUnknown as err:
        raise CertPrimaryUnfit from err
    same_holder = request.certificate_class is CertificateClass.ORG_SEAL or primary.subject_id == request.subject_id
    if (
        not primary.is_active(at)
        or not same_holder
        or (primary.certificate_class, primary.ordinal) != (request.certificate_class, 1)
        or primary.org_code != request.org_code
    ):
        raise CertPrimaryUnfit
    if not request.scope.lies_within(primary.scope):
        message = "wider than the primary's scope"
        raise ScopeInvalid(message)
    return primary


def _require_first(tx: Tx, request: CertificateRequest, post: Employment | None, at: datetime) -> None:
    """I2: one standing primary per holder, class, title and agency; one standing secondary per ordinal.

    The certificate whose place the asked one takes does not count: the two overlap only until the new one is active.
    Nor does one that was superseded and is held now: it goes back to being superseded at best.
    """
    seal = request.certificate_class is CertificateClass.ORG_SEAL
    wanted = CertificateFilter(
        subject_id=None if seal else request.subject_id,
        org_code=request.org_code,
        certificate_class=request.certificate_class,
        ordinal=request.ordinal,
    )
    registry = RegistrySql(tx)
    for record in registry.page(wanted, after=None, limit=_ENOUGH):
        same_title = seal or post is None or record.title == post.title
        standing = record.status in _STANDING and at <= record.not_after
        mine = record.request_id == request.request_id or record.certificate_id == request.target_id
        if standing and same_title and not mine and successor_of(registry, record) is None:
            raise CertDuplicateActive


def _subject(
    tx: Tx, request: CertificateRequest, services: Services, unit: OrgUnit | None, post: Employment | None
) -> Subject:
    if request.certificate_class is CertificateClass.ORG_SEAL and unit is not None:
        return AgencySubject(organisation=unit.name, org_code=unit.org_code, unit=_desk(tx, request))
    if request.subject_id is None:
        raise InputInvalid("Thiếu người.", "The person is missing.")
    people = People(tx, services.sealer)
    person = people.get(request.subject_id)
    number = people.personal_id(request.subject_id)
    if number is None or person.status is PersonStatus.DECEASED:
        raise InputInvalid("Chưa có số định danh của người này.", "The person's number is not recorded.")
    return PersonSubject(
        name=person.name,
        personal_id=number,
        organisation=unit.name if unit else None,
        org_code=unit.org_code if unit else None,
        title=post.title if post else None,
        birth_year=int(person.date_of_birth[:4]) if person.date_of_birth else None,
        sex=person.sex,
    )


def _desk(tx: Tx, request: CertificateRequest) -> str | None:
    """Where a further seal is used, in words, when its scope names exactly one place."""
    if request.ordinal == 1 or len(request.scope.places) != 1:
        return None
    try:
        return Organisations(tx).get(request.scope.places[0]).name
    except NotFound:
        return None
