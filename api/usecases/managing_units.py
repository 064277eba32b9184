"""Which agency manages the certificates on a file (Circular 15/2025/TT-BKHCN): a report says it, no certificate does.

Knows the register and the organisations. Must not judge anything.
"""

from dataclasses import replace

from api.db import Tx
from api.records.organisations import Organisations
from signing.registry_sql import RegistrySql
from signing.validation import Report, SignatureReport


def with_managing_units(report: Report, tx: Tx) -> Report:
    """The report, with the agency that asked for each certificate of ours; of a stranger's nothing is known here."""
    signatures = tuple(_named(one, tx) for one in report.signatures)
    return report if signatures == report.signatures else replace(report, signatures=signatures)


def _named(one: SignatureReport, tx: Tx) -> SignatureReport:
    record = RegistrySql(tx).by_sha256(one.certificate_sha256) if one.certificate_sha256 else None
    unit = None if record is None or record.org_code is None else Organisations(tx).find(record.org_code)
    return one if unit is None else replace(one, managing_unit=unit.name)
