"""Certificates' records for the registry's contract suites: made up, and taken through their life."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from signing.identity import CertificateClass, ProfileName, Scope
from signing.registry import CertificateRecord, CertificateStatus, Registry, StatusChange

AT = datetime(2026, 11, 23, 2, 0, 0, 123456, tzinfo=UTC)
RECORDED, ACTIVE, ON_HOLD, REVOKED, VOIDED, SUPERSEDED = (
    CertificateStatus.RECORDED,
    CertificateStatus.ACTIVE,
    CertificateStatus.ON_HOLD,
    CertificateStatus.REVOKED,
    CertificateStatus.VOIDED,
    CertificateStatus.SUPERSEDED,
)


_NUMBERS = itertools.count(1)


def entry(**changes: Any) -> CertificateRecord:
    number = next(_NUMBERS)
    record = CertificateRecord(
        certificate_id=f"cert_{number:04d}",
        issuer="personal",
        serial=(1 << 126) + number,
        profile=ProfileName.PERSONAL,
        certificate_class=CertificateClass.PERSONAL,
        ordinal=1,
        primary_id=None,
        service=None,
        subject_id="sub_1",
        org_code="H49.61.07",
        employment_id="emp_1",
        common_name="Nguyễn Thị Ánh",
        organisation="Ủy ban nhân dân phường Yên Giang",
        title="Phó Chủ tịch",
        scope=Scope.parse(places=["H49.61.90"]),
        key_id=f"key_{number:04d}",
        not_before=AT.replace(microsecond=0),
        not_after=AT.replace(microsecond=0) + timedelta(days=365),
        tbs=b"tbs",
        der=None,
        sha256=None,
        status=RECORDED,
        status_since=AT,
        reason=None,
        request_id=None,
    )
    return replace(record, **changes)


def change(
    record: CertificateRecord, before: CertificateStatus, after: CertificateStatus, **more: object
) -> StatusChange:
    values = {"at": AT + timedelta(hours=1), "actor": "acc_1", "reason": None} | more
    return StatusChange(certificate_id=record.certificate_id, before=before, after=after, **values)  # type: ignore[arg-type]  # as above


def active(registry: Registry, **changes: Any) -> CertificateRecord:
    record = entry(**changes)
    registry.record(record, actor="acc_1")
    registry.activate(
        record.certificate_id,
        b"der" + record.key_id.encode(),
        f"{record.serial:064x}",
        change(record, RECORDED, ACTIVE, at=AT),
    )
    return registry.get(record.certificate_id)
