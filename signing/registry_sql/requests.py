"""Requests for certificates: who asked for what, on which evidence, who decided.

Knows the table and the states. Must not know who may decide: that is the use-cases' business.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from signing.identity import CertificateClass, Scope
from signing.registry_sql.certificates import scope_from_text, scope_to_text
from signing.registry_sql.tables import CERTIFICATE_REQUESTS, from_micros, to_micros


class RequestType(StrEnum):
    """What is asked for. Renewal, change and device recovery follow the same steps later."""

    NEW = "new"


class RequestState(StrEnum):
    """Where a request stands (model §3.1)."""

    VERIFIED = "verified"
    """An RA officer checked identity and employment."""
    APPROVED = "approved"
    """A second person agreed; the certificate is recorded and about to be signed."""
    ACTIVE = "active"
    """The certificate exists."""
    REJECTED = "rejected"


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
            columns.state.in_((RequestState.VERIFIED.value, RequestState.APPROVED.value)),
            columns.type == request.type.value,
            columns.certificate_class == request.certificate_class.value,
            columns.ordinal == request.ordinal,
            columns.org_code.is_not_distinct_from(request.org_code),
            columns.subject_id.is_not_distinct_from(request.subject_id),
            columns.employment_id.is_not_distinct_from(request.employment_id),
        )
        return tuple(_request(row) for row in self._tx.execute(query).mappings())


_PLAIN = (
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
    }


def _request(row: sa.RowMapping) -> CertificateRequest:
    decided_at = row["decided_at"]
    return CertificateRequest(
        **{name: row[name] for name in _PLAIN},
        type=RequestType(row["type"]),
        state=RequestState(row["state"]),
        certificate_class=CertificateClass(row["certificate_class"]),
        scope=scope_from_text(row["scope"]),
        evidence=tuple(json.loads(row["evidence"])),
        requested_at=from_micros(row["requested_at"]),
        decided_at=from_micros(decided_at) if decided_at is not None else None,
    )
