"""Requests for certificates: who asked for what, on which evidence, who decided.

Knows the table and the states. Must not know who may decide: that is the use-cases' business.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from signing.identity import CertificateClass, Scope
from signing.registry import KeyDevice
from signing.registry_sql.rows import scope_from_text, scope_to_text
from signing.registry_sql.tables import CERTIFICATE_REQUESTS, from_micros, to_micros


class RequestType(StrEnum):
    """What is asked for (Decree and CA forms: glossary, RequestType)."""

    NEW = "new"
    RENEW = "renew"
    """A new key and period for the same holder, title and agency."""
    CHANGE = "change"
    """Other names or another scope: a move inside the state sector, a new title (I7)."""
    REVOKE = "revoke"
    RECOVER_DEVICE = "recover_device"
    """A new key with the same names, because the device is lost or broken."""
    HOLD = "hold"
    RELEASE = "release"

    @property
    def issues(self) -> bool:
        """Whether a certificate comes out of it; the others change the status of one."""
        return self in (RequestType.NEW, RequestType.RENEW, RequestType.CHANGE, RequestType.RECOVER_DEVICE)


class RequestState(StrEnum):
    """Where a request stands (model §3.1)."""

    VERIFIED = "verified"
    """An RA officer checked identity and employment."""
    APPROVED = "approved"
    """A second person agreed; the certificate is recorded and about to be signed."""
    ACTIVE = "active"
    """The certificate exists."""
    REJECTED = "rejected"
    DONE = "done"
    """The status was changed; nothing was issued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRequest:
    """One request."""

    request_id: str
    type: RequestType
    state: RequestState
    certificate_class: CertificateClass
    ordinal: int
    org_code: str | None
    subject_id: str | None
    employment_id: str | None
    primary_certificate_id: str | None
    scope: Scope
    evidence: tuple[str, ...]
    """References to the identity and employment evidence that the RA officer saw."""
    ra_account_id: str
    ra_subject_id: str
    """Natural person behind the RA officer's account (I4)."""
    requested_at: datetime
    decided_by: str | None = None
    decider_subject_id: str | None = None
    decided_at: datetime | None = None
    rejection: str | None = None
    certificate_id: str | None = None
    """What was issued for it."""
    target_id: str | None = None
    """The certificate that it is about; None for a new one."""
    reason: str | None = None
    key_device: KeyDevice = KeyDevice.SERVER
    challenge: str | None = None
    """What a proof of possession must repeat; only for keys on the holder's device."""
    proof_spki: bytes | None = None
    """SubjectPublicKeyInfo (DER) whose private half was proved."""
    proof_by: str | None = None
    """Account that handed the proof in."""
    proof_at: datetime | None = None
    cascaded: tuple[str, ...] = ()
    """Certificates whose status changed with the target's (I5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFilter:
    """Which requests to list; None does not narrow."""

    state: RequestState | None = None
    type: RequestType | None = None
    org_code: str | None = None


class RequestsSql:
    """Requests in one transaction."""

    def __init__(self, tx: sa.Connection) -> None:
        self._tx = tx

    def add(self, request: CertificateRequest) -> None:
        """Record a new request."""
        self._tx.execute(CERTIFICATE_REQUESTS.insert().values(_row(request)))

    def get(self, request_id: str) -> CertificateRequest | None:
        """Return one request, or None."""
        query = sa.select(CERTIFICATE_REQUESTS).where(CERTIFICATE_REQUESTS.c.request_id == request_id)
        row = self._tx.execute(query).mappings().first()
        return _request(row) if row else None

    def replace(self, request: CertificateRequest, *, before: RequestState) -> bool:
        """Store a request's new state; False when it no longer stands at ``before``."""
        columns = CERTIFICATE_REQUESTS.c
        result = self._tx.execute(
            CERTIFICATE_REQUESTS.update()
            .where(columns.request_id == request.request_id, columns.state == before.value)
            .values(_row(request))
        )
        return result.rowcount == 1

    def open_like(self, request: CertificateRequest) -> tuple[CertificateRequest, ...]:
        """Return undecided requests of the same type for the same holder, class, agency and employment."""
        columns = CERTIFICATE_REQUESTS.c
        query = sa.select(CERTIFICATE_REQUESTS).where(
            columns.state.in_(_OPEN),
            columns.type == request.type.value,
            columns.certificate_class == request.certificate_class.value,
            columns.ordinal == request.ordinal,
            columns.org_code.is_not_distinct_from(request.org_code),
            columns.subject_id.is_not_distinct_from(request.subject_id),
            columns.employment_id.is_not_distinct_from(request.employment_id),
        )
        return self._all(query)

    def open_about(self, certificate_id: str) -> tuple[CertificateRequest, ...]:
        """Return undecided requests about one certificate."""
        columns = CERTIFICATE_REQUESTS.c
        return self._all(
            sa.select(CERTIFICATE_REQUESTS).where(columns.state.in_(_OPEN), columns.target_id == certificate_id)
        )

    def open_with_key(self, spki: bytes) -> tuple[CertificateRequest, ...]:
        """Return undecided requests that prove this public key (SubjectPublicKeyInfo, DER)."""
        columns = CERTIFICATE_REQUESTS.c
        return self._all(sa.select(CERTIFICATE_REQUESTS).where(columns.state.in_(_OPEN), columns.proof_spki == spki))

    def page(self, wanted: RequestFilter, *, after: str | None, limit: int) -> tuple[CertificateRequest, ...]:
        """Return requests in the order of their ids, which is that of filing, beginning behind ``after``."""
        columns = CERTIFICATE_REQUESTS.c
        pairs = ((columns.state, wanted.state), (columns.type, wanted.type), (columns.org_code, wanted.org_code))
        conditions = [column == value for column, value in pairs if value is not None]
        if after is not None:
            conditions.append(columns.request_id > after)
        return self._all(sa.select(CERTIFICATE_REQUESTS).where(*conditions).order_by(columns.request_id).limit(limit))

    def _all(self, query: sa.Select[tuple[object, ...]]) -> tuple[CertificateRequest, ...]:
        return tuple(_request(row) for row in self._tx.execute(query).mappings())


_OPEN: Final = (RequestState.VERIFIED.value, RequestState.APPROVED.value)
_PLAIN: Final = (
    "request_id",
    "ordinal",
    "org_code",
    "subject_id",
    "employment_id",
    "primary_certificate_id",
    "ra_account_id",
    "ra_subject_id",
    "decided_by",
    "decider_subject_id",
    "rejection",
    "certificate_id",
    "target_id",
    "reason",
    "challenge",
    "proof_spki",
    "proof_by",
)
"""Columns that are stored as they are."""


def _row(request: CertificateRequest) -> dict[str, object]:
    return {name: getattr(request, name) for name in _PLAIN} | {
        "type": request.type.value,
        "state": request.state.value,
        "certificate_class": request.certificate_class.value,
        "scope": scope_to_text(request.scope),
        "evidence": json.dumps(request.evidence),
        "requested_at": to_micros(request.requested_at),
        "decided_at": to_micros(request.decided_at) if request.decided_at else None,
        "key_device": request.key_device.value,
        "cascaded": json.dumps(request.cascaded) if request.cascaded else None,
        "proof_at": to_micros(request.proof_at) if request.proof_at else None,
    }


def _request(row: sa.RowMapping) -> CertificateRequest:
    decided_at, proof_at = row["decided_at"], row["proof_at"]
    return CertificateRequest(
        **{name: row[name] for name in _PLAIN},
        type=RequestType(row["type"]),
        state=RequestState(row["state"]),
        certificate_class=CertificateClass(row["certificate_class"]),
        scope=scope_from_text(row["scope"]),
        evidence=tuple(json.loads(row["evidence"])),
        requested_at=from_micros(row["requested_at"]),
        decided_at=from_micros(decided_at) if decided_at is not None else None,
        key_device=KeyDevice(row["key_device"]),
        cascaded=tuple(json.loads(row["cascaded"])) if row["cascaded"] else (),
        proof_at=from_micros(proof_at) if proof_at is not None else None,
    )
