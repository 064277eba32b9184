"""A request as it will be filed: what the officer says, completed from the certificate that it is about.

Knows which fields and reasons each type of request has. Must not decide whether it may go on: that is the guards'
business. A field that a type does not have is refused, so that nobody believes it was heeded.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import CertTitleMismatch, InputInvalid
from api.ids import creation_id
from api.records.employments import Employments
from api.services import Services
from api.usecases.certificate_standing import current_of
from api.usecases.certificate_status import HoldCause
from signing.errors import CertificateUnknown
from signing.identity import CertificateClass, Scope
from signing.registry import CertificateRecord, KeyDevice, RevocationReason
from signing.registry_sql import CertificateRequest, RegistrySql, RequestState, RequestType

MAX_ORDINAL: Final = 99
_CHALLENGE_BYTES: Final = 16


class EarlyRenewal(StrEnum):
    """Why a certificate is renewed before its last months."""

    NEW_KEY = "new_key"
    """The rules for keys ask for another one."""
    ALGORITHM = "algorithm"
    """The algorithm is on its way out."""
    DEVICE = "device"
    """The key moves to another device, or the seal to another keeper."""


REASONS: Final = {
    RequestType.NEW: frozenset[str](),
    RequestType.RENEW: frozenset(one.value for one in EarlyRenewal),
    RequestType.CHANGE: frozenset[str](),
    RequestType.REVOKE: frozenset(one.value for one in RevocationReason if one is not RevocationReason.HOLD),
    # lost or stolen; broken
    RequestType.RECOVER_DEVICE: frozenset({RevocationReason.KEY_COMPROMISE.value, RevocationReason.SUPERSEDED.value}),
    RequestType.HOLD: frozenset(one.value for one in HoldCause),
    RequestType.RELEASE: frozenset[str](),
}
"""Reasons by type."""
_REASON_NEEDED: Final = frozenset({RequestType.REVOKE, RequestType.RECOVER_DEVICE, RequestType.HOLD})
_OWN_FIELDS: Final = {
    RequestType.NEW: frozenset(
        {"certificate_class", "ordinal", "org_code", "subject_id", "employment_id", "primary_certificate_id", "scope"}
    ),
    # a seal's keeper is not named in the certificate: another keeper is no change
    RequestType.RENEW: frozenset({"subject_id"}),
    RequestType.CHANGE: frozenset({"org_code", "subject_id", "employment_id", "scope"}),
    RequestType.RECOVER_DEVICE: frozenset({"subject_id"}),
    RequestType.REVOKE: frozenset[str](),
    RequestType.HOLD: frozenset[str](),
    RequestType.RELEASE: frozenset[str](),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCertificate:
    """What is asked for. Names are not part of it: they come from the records."""

    type: RequestType
    certificate_class: CertificateClass | None = None
    ordinal: int | None = None
    """None: 1."""
    org_code: str | None = None
    subject_id: str | None = None
    employment_id: str | None = None
    primary_certificate_id: str | None = None
    scope: Scope | None = None
    """None: not limited, or as it was."""
    evidence: tuple[str, ...]
    """References to what the officer saw (decision of appointment, identity check); no personal data."""
    certificate_id: str | None = None
    """The certificate that it is about; for every type but NEW."""
    reason: str | None = None
    key_device: KeyDevice = KeyDevice.SERVER


def draft_request(
    tx: Tx, command: RequestCertificate, services: Services, caller: Caller, at: datetime
) -> CertificateRequest:
    """The request, with class, holder and agency of the certificate that it is about.

    Raises:
        InputInvalid: a field or reason is missing, or the type has none such. CertificateUnknown: there is no such
        certificate, or it is one of the hierarchy's own. CertTitleMismatch: there is no such post.
    """
    _require_fields(command)
    is_token = command.key_device is KeyDevice.TOKEN
    target = None if command.certificate_id is None else _target(tx, command.certificate_id)
    asked = _asked_anew(command) if target is None else _asked_about(tx, command, target, at)
    return CertificateRequest(
        request_id=creation_id("req", at),
        type=command.type,
        state=RequestState.VERIFIED,
        certificate_class=asked.certificate_class,
        ordinal=asked.ordinal,
        org_code=asked.org_code,
        subject_id=asked.subject_id,
        employment_id=asked.employment_id,
        primary_certificate_id=asked.primary_id,
        scope=asked.scope,
        evidence=command.evidence,
        ra_account_id=caller.account_id,
        ra_subject_id=caller.subject_id or "",
        requested_at=at,
        target_id=command.certificate_id,
        reason=command.reason,
        key_device=command.key_device,
        # RFC 2985 §5.4.1 challengePassword: an older request for certification is worth nothing
        challenge=services.pki.room.entropy(_CHALLENGE_BYTES).hex() if is_token else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    certificate_class: CertificateClass
    ordinal: int
    org_code: str | None
    subject_id: str | None
    employment_id: str | None
    primary_id: str | None
    scope: Scope


def _require_fields(command: RequestCertificate) -> None:
    kind, own = command.type, _OWN_FIELDS[command.type]
    for name in _OWN_FIELDS[RequestType.NEW] - own:
        if getattr(command, name) is not None:
            raise InputInvalid(
                f"Loại yêu cầu này không có trường {name}.", f"A request of this type has no field {name}."
            )
    if (kind is RequestType.NEW) != (command.certificate_id is None):
        raise InputInvalid(
            "Yêu cầu cấp mới không nêu chứng thư; các loại khác phải nêu certificate_id.",
            "A new request names no certificate_id, every other one does.",
        )
    is_reason_missing = command.reason is None and kind in _REASON_NEEDED
    if is_reason_missing or command.reason not in {None, *REASONS[kind]}:
        raise InputInvalid(
            "Thiếu lý do hoặc lý do không thuộc loại yêu cầu này.", "The reason is missing or not one of this type."
        )
    if command.key_device is KeyDevice.TOKEN and not kind.issues:
        raise InputInvalid("Loại yêu cầu này không tạo khóa.", "A request of this type makes no key.")


def _asked_anew(command: RequestCertificate) -> _Asked:
    if command.certificate_class is None:
        raise InputInvalid("Thiếu loại chứng thư.", "The class of the certificate is missing.")
    ordinal = 1 if command.ordinal is None else command.ordinal
    if not 1 <= ordinal <= MAX_ORDINAL:
        raise InputInvalid("Số thứ tự chứng thư từ 1 đến 99.", "The ordinal is 1 to 99.")
    return _Asked(
        certificate_class=command.certificate_class,
        ordinal=ordinal,
        org_code=command.org_code,
        subject_id=command.subject_id,
        employment_id=command.employment_id,
        primary_id=command.primary_certificate_id,
        scope=command.scope or Scope(),
    )


def _target(tx: Tx, certificate_id: str) -> CertificateRecord:
    record = RegistrySql(tx).get(certificate_id)
    # the hierarchy's own are the ceremony's business; what was never issued does not exist for the outside
    if record.service is not None or record.certificate_class is None or record.der is None:
        raise CertificateUnknown(certificate_id)
    return record


def _asked_about(tx: Tx, command: RequestCertificate, target: CertificateRecord, at: datetime) -> _Asked:
    """What the target was issued for, with what a change or a new keeper says otherwise."""
    kind = target.certificate_class or CertificateClass.PERSONAL
    org_code, employment_id = target.org_code, target.employment_id
    if command.type is RequestType.CHANGE and command.employment_id is not None:
        org_code, employment_id = _new_post(tx, command, kind, at)
    elif command.type.issues and kind is CertificateClass.PERSONAL:
        employment_id = _same_post(tx, target, at)
    if command.org_code not in (None, org_code):
        raise InputInvalid("Đơn vị không khớp vị trí công tác.", "The agency is not that of the employment.")
    if command.subject_id not in (None, target.subject_id) and kind is not CertificateClass.ORG_SEAL:
        raise InputInvalid("Chủ chứng thư phải là cùng một người.", "The holder stays the same person.")
    registry = RegistrySql(tx)
    primary_id = target.primary_id
    if command.type.issues and primary_id is not None:
        primary_id = current_of(registry, registry.get(primary_id)).certificate_id  # I5: the renewed one
    return _Asked(
        certificate_class=kind,
        ordinal=target.ordinal,
        org_code=org_code,
        subject_id=command.subject_id or target.subject_id,
        employment_id=employment_id,
        primary_id=primary_id,
        scope=command.scope if command.scope is not None else target.scope,
    )


def _new_post(
    tx: Tx, command: RequestCertificate, kind: CertificateClass, at: datetime
) -> tuple[str | None, str | None]:
    """I7: agency and post after the move, as the records of posts say."""
    if kind is not CertificateClass.PERSONAL:
        raise InputInvalid("Chỉ chứng thư cá nhân gắn với vị trí công tác.", "Only officials hold a post.")
    post = Employments(tx).find(command.employment_id or "")
    if post is None or not post.holds_at(at):
        raise CertTitleMismatch
    return post.org_code, post.employment_id


def _same_post(tx: Tx, target: CertificateRecord, at: datetime) -> str | None:
    """The post of the certificate, or the one that goes on with it under the same title (a second appointment)."""
    posts = Employments(tx)
    own = None if target.employment_id is None else posts.find(target.employment_id)
    if own is not None and own.holds_at(at):
        return own.employment_id
    following = [
        post
        for post in posts.of(target.subject_id or "", at)
        if (post.org_code, post.title) == (target.org_code, target.title)
    ]
    return following[0].employment_id if following else target.employment_id
