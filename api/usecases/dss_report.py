"""A report in the shape of DSS 6 (European Commission): its answer to validateSignature, and the simple report in it.

Field names are DSS's own. What belongs to European trusted lists and qualification stays empty or 'N/A'. The holder's
identity number is not repeated, and certificates go out as digest and name, as DSS does unless asked for more.
"""

from base64 import b64encode
from typing import Any

from api.usecases.dss_detailed import dss_detailed
from api.usecases.dss_diagnostic import dss_diagnostic
from api.usecases.dss_words import (
    chain_items,
    document_stamp,
    errors_of,
    moment,
    named,
    scope_of,
    stamps_of,
    total,
    warnings_of,
)
from signing.validation import Report, SignatureReport
from signing.validation.etsi_report import etsi_report
from signing.validation.foreign_text import harmless
from signing.validation.report_names import format_name


def dss_reports(report: Report, name: str | None) -> dict[str, Any]:
    """WSReportsDTO: the same findings four times; the ETSI report is unsigned, as DSS's is.

    Args:
        report: what was found out.
        name: what the caller calls the document.
    """
    shown = None if name is None else harmless(name)
    return {
        "DiagnosticData": dss_diagnostic(report, shown),
        "SimpleReport": dss_simple(report, shown),
        "DetailedReport": dss_detailed(report),
        "validationReportDataHandler": b64encode(etsi_report(report)).decode(),
    }


def dss_simple(report: Report, name: str | None) -> dict[str, Any]:
    """The simple report."""
    signatures = [{"Signature": _signature(report, key, one)} for key, one in named(report) if one.kind == "signature"]
    stamps = [{"Timestamp": _stamp(document_stamp(key, one))} for key, one in named(report) if one.kind == "timestamp"]
    valid = sum(entry["Signature"]["Indication"] == "TOTAL_PASSED" for entry in signatures)
    return {
        "ValidationPolicy": {"PolicyName": report.policy_id, "PolicyDescription": _about(report)},
        "DocumentName": name,
        "ValidSignaturesCount": valid,
        "SignaturesCount": len(signatures),
        "ContainerType": None,
        "PDFAInfo": None,
        # a document time-stamp on a signature belongs to that signature
        "signatureOrTimestampOrEvidenceRecord": signatures or stamps,
        "Semantic": None,
        "ValidationTime": moment(report.checked_at),
    }


def _about(report: Report) -> str:
    codes = ", ".join(reason.value for reason in report.reasons)
    answer = f"Verdict: {report.verdict.value}; acceptance: {report.acceptance}"
    return f"Policy {report.policy_id}. {answer}" + (f" ({codes})." if codes else ".")


def _signature(report: Report, key: str, one: SignatureReport) -> dict[str, Any]:
    scope, scope_name, description = scope_of(one)
    stamps = [_stamp(stamp) for stamp in stamps_of(report, one)]
    return {
        "SigningTime": moment(one.claimed_time),
        "BestSignatureTime": moment(one.best_time or report.checked_at),
        "SignedBy": harmless(one.common_name) or None,
        "SignatureLevel": {"value": "N/A", "description": "Not applicable"},
        "SignatureScope": [{"value": description, "name": scope_name, "scope": scope}],
        "Timestamps": {"Timestamp": stamps} if stamps else None,
        "EvidenceRecords": None,
        "Filename": None,
        "CertificateChain": {"Certificate": chain_items(one.chain)},
        "Indication": total(one),
        "SubIndication": one.sub_indication,
        "AdESValidationDetails": {"Error": errors_of(one), "Warning": warnings_of(one), "Info": []},
        "QualificationDetails": None,
        "Id": key,
        "CounterSignature": None,
        "ParentId": None,
        "SignatureFormat": format_name(one),
        "ExtensionPeriodMin": None,
        "ExtensionPeriodMax": None,
    }


def _stamp(stamp: dict[str, Any]) -> dict[str, Any]:
    return {
        "ProductionTime": moment(stamp["at"]),
        "ProducedBy": harmless(stamp["by"]) or None,
        "TimestampLevel": {"value": "N/A", "description": "Not applicable"},
        "TimestampScope": [],
        "Filename": None,
        "CertificateChain": {"Certificate": chain_items(stamp["chain"])},
        "Indication": stamp["indication"],
        "SubIndication": stamp["sub_indication"],
        "AdESValidationDetails": {"Error": stamp["errors"], "Warning": [], "Info": []},
        "QualificationDetails": None,
        "Id": stamp["id"],
        "ExtensionPeriodMin": None,
        "ExtensionPeriodMax": None,
    }
