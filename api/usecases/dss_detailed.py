"""The detailed report in the shape of DSS: the conclusion of every signature, and its building blocks.

Only the process with archival data is told (ETSI EN 319 102-1 §5.6): it is the one that every signature goes through
here, and what the shorter ones would have ended with is not worked out. A block that has no answer is left out.
"""

from typing import Any, Final

from api.usecases.dss_words import (
    chain_items,
    conclusion,
    document_stamp,
    errors_of,
    moment,
    named,
    stamps_of,
    total,
)
from signing.validation import Report, SignatureReport
from signing.validation.building_blocks import Block, BlockAnswer, basic_indication, building_blocks

_TITLES: Final = {
    Block.FORMAT: "Format Checking",
    Block.CERTIFICATE_FOUND: "Identification of the Signing Certificate",
    Block.CONTEXT: "Validation Context Initialization",
    Block.CHAIN: "X509 Certificate Validation",
    Block.INTEGRITY: "Cryptographic Verification",
    Block.ACCEPTANCE: "Signature Acceptance Validation",
}


def dss_detailed(report: Report) -> dict[str, Any]:
    """The detailed report."""
    signatures = [(key, one) for key, one in named(report) if one.kind == "signature"]
    alone = [(key, one) for key, one in named(report) if one.kind == "timestamp"] if not signatures else []
    return {
        "signatureOrTimestampOrEvidenceRecord": [
            *({"Signature": _signature(report, key, one)} for key, one in signatures),
            *({"Timestamp": _stamp(document_stamp(key, one))} for key, one in alone),
        ],
        "BasicBuildingBlocks": [_blocks(report, key, one) for key, one in named(report)],
        "TLAnalysis": [],
        "ValidationTime": moment(report.checked_at),
    }


def _signature(report: Report, key: str, one: SignatureReport) -> dict[str, Any]:
    stamps = stamps_of(report, one)
    proof = next((stamp["id"] for stamp in stamps if stamp["at"] == one.best_time), None) if one.best_time else None
    return {
        "ValidationProcessBasicSignature": None,
        "Timestamp": [_stamp(stamp) for stamp in stamps],
        "ValidationProcessLongTermData": None,
        "ValidationProcessArchivalData": {
            "Constraint": [],
            "Conclusion": conclusion(basic_indication(one), one.sub_indication, errors_of(one)),
            "Title": "Validation Process for Signatures with Archival Data",
            "ProofOfExistence": {"Time": moment(one.best_time or report.checked_at), "TimestampId": proof},
        },
        "ValidationSignatureQualification": None,
        "Conclusion": conclusion(total(one), one.sub_indication, errors_of(one)),
        "Id": key,
        "CounterSignature": None,
    }


def _stamp(stamp: dict[str, Any]) -> dict[str, Any]:
    told = conclusion(stamp["indication"], stamp["sub_indication"], stamp["errors"])
    return {
        "ValidationProcessBasicTimestamp": {
            "Constraint": [],
            "Conclusion": told,
            "Title": "Validation Process for Timestamps",
            "Type": stamp["type"],
            "ProductionTime": moment(stamp["at"]),
        },
        "ValidationTimestampQualification": None,
        "Conclusion": told,
        "Id": stamp["id"],
    }


def _blocks(report: Report, key: str, one: SignatureReport) -> dict[str, Any]:
    answers = building_blocks(one)
    chain = {"ChainItem": [{"Source": "SIGNATURE", "Id": item["id"]} for item in chain_items(one.chain)]}
    blocks = {block.value: _block(report, block, answers[block], one) if block in answers else None for block in Block}
    return {
        **blocks,
        "PSV": None,
        "PCV": None,
        "VTS": None,
        "CertificateChain": chain if one.chain else None,
        "Conclusion": conclusion(basic_indication(one), one.sub_indication, errors_of(one)),
        "Id": key,
        "Type": "TIMESTAMP" if one.kind == "timestamp" else "SIGNATURE",
    }


def _block(report: Report, block: Block, answer: BlockAnswer, one: SignatureReport) -> dict[str, Any]:
    errors = errors_of(one) if answer.indication != "PASSED" else []
    told: dict[str, Any] = {
        "Constraint": [],
        "Conclusion": conclusion(answer.indication, answer.sub_indication, errors),
        "Title": _TITLES[block],
    }
    if block is Block.ACCEPTANCE:
        told["ValidationTime"] = moment(one.best_time or report.checked_at)
    if block is Block.CHAIN:
        told["SubXCV"] = []
    return told
