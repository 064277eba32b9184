"""A certificate's record as a row of its table, and a scope as text.

Knows the columns of ``tables`` and the record of ``signing.registry``. Asks nothing of a database.
"""

import json
from typing import Final

import sqlalchemy as sa

from signing.identity import CertificateClass, ProfileName, Scope
from signing.registry import CertificateRecord, CertificateStatus, KeyDevice, RevocationReason
from signing.registry_sql.tables import from_micros, to_micros


def scope_to_text(scope: Scope) -> str:
    """Write a scope as JSON."""
    return json.dumps(
        {
            "places": scope.places,
            "procedures": scope.procedures,
            "document_types": scope.document_types,
        }
    )


def scope_from_text(text: str) -> Scope:
    """Read a scope that ``scope_to_text`` wrote."""
    return Scope.parse(**json.loads(text))


_PLAIN: Final = (
    "certificate_id",
    "issuer",
    "ordinal",
    "primary_id",
    "service",
    "subject_id",
    "org_code",
    "employment_id",
    "common_name",
    "organisation",
    "title",
    "key_id",
    "tbs",
    "der",
    "sha256",
    "request_id",
    "spki_sha256",
    "supersedes_id",
    "crl_shard",
)
"""Columns that are stored as they are."""


def row_of(record: CertificateRecord) -> dict[str, object]:
    """Write a record as the values of its row."""
    return {name: getattr(record, name) for name in _PLAIN} | {
        "serial": f"{record.serial:x}",
        "profile": record.profile.value,
        "certificate_class": record.certificate_class.value if record.certificate_class else None,
        "scope": scope_to_text(record.scope),
        "not_before": to_micros(record.not_before),
        "not_after": to_micros(record.not_after),
        "status": record.status.value,
        "status_since": to_micros(record.status_since),
        "reason": record.reason.value if record.reason else None,
        "key_device": record.key_device.value,
    }


def record_of(row: sa.RowMapping) -> CertificateRecord:
    """Read a record from its row."""
    kind, reason = row["certificate_class"], row["reason"]
    return CertificateRecord(
        **{name: row[name] for name in _PLAIN},
        serial=int(row["serial"], 16),
        profile=ProfileName(row["profile"]),
        certificate_class=CertificateClass(kind) if kind else None,
        scope=scope_from_text(row["scope"]),
        not_before=from_micros(row["not_before"]),
        not_after=from_micros(row["not_after"]),
        status=CertificateStatus(row["status"]),
        status_since=from_micros(row["status_since"]),
        reason=RevocationReason(reason) if reason else None,
        key_device=KeyDevice(row["key_device"]),
    )
