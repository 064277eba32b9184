"""Words and small parts that the three reports in the shape of DSS share. Must not judge anything."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from signing.trust import TrustProfile
from signing.validation import TEXTS, Reason, Report, SignatureReport
from signing.validation.building_blocks import basic_indication
from signing.validation.certificate_description import CertificateDescription, describe_certificate
from signing.validation.etsi_objects import signed_file
from signing.validation.foreign_text import harmless
from signing.validation.report_document import moment_text
from signing.validation.report_names import certificate_identifier, identifier, signature_identifiers
from signing.validation.signature_report import TimestampReport

_DOCUMENT_STAMP: Final = "DOCUMENT_TIMESTAMP"
MAX_CERTIFICATES: Final = 300
"""So many are described in one answer: a stranger decides how many are in a file."""
_MAX_DESCRIBED_BYTES: Final = 64 * 1024


def named(report: Report) -> list[tuple[str, SignatureReport]]:
    """Every signature and document time-stamp with its identifier, in the report's order."""
    return list(zip(signature_identifiers(report), report.signatures, strict=True))


def stamps_of(report: Report, one: SignatureReport) -> list[dict[str, Any]]:
    """The time-stamps of a signature: those in its container, and the document's that were set on it later."""
    own = [_own_stamp(stamp) for stamp in one.timestamps if stamp.token_sha256 and stamp.kind != "document_timestamp"]
    end = one.revision_end
    later = (
        document_stamp(name, stamp)
        for name, stamp in named(report)
        if stamp.kind == "timestamp" and end is not None and (stamp.revision_end or 0) > end
    )
    return [*own, *later]


def document_stamp(name: str, stamp: SignatureReport) -> dict[str, Any]:
    """A document time-stamp in our own words, as the reports need it."""
    token = next(iter(stamp.timestamps), None)
    return {
        "id": name,
        "type": _DOCUMENT_STAMP,
        "at": stamp.best_time,
        "by": stamp.common_name,
        "chain": stamp.chain,
        "indication": basic_indication(stamp),
        "sub_indication": stamp.sub_indication,
        "errors": errors_of(stamp),
        "intact": stamp.intact,
        "digest": None if token is None else bytes.fromhex(token.token_sha256),
        "algorithm": "SHA256",
    }


def _own_stamp(stamp: TimestampReport) -> dict[str, Any]:
    return {
        "id": identifier("T", stamp.token_sha256),
        "type": stamp.kind.upper(),
        "at": stamp.at,
        "by": stamp.authority,
        "chain": stamp.chain,
        "indication": "PASSED" if stamp.trusted else "INDETERMINATE" if stamp.intact else "FAILED",
        "sub_indication": None if stamp.trusted else "NO_CERTIFICATE_CHAIN_FOUND" if stamp.intact else "HASH_FAILURE",
        "errors": [] if not stamp.error else [{"Key": "TIMESTAMP_NOT_TRUSTED", "value": harmless(stamp.error)}],
        "intact": stamp.intact,
        "digest": bytes.fromhex(stamp.token_sha256),
        "algorithm": "SHA256",
    }


def errors_of(one: SignatureReport) -> list[dict[str, str]]:
    """Why a signature has not passed: its reason in words, then the details."""
    if one.is_valid or one.reason is None:
        return []
    details = ({"Key": one.reason.value, "value": harmless(text)} for text in one.errors)
    return [{"Key": one.reason.value, "value": TEXTS[one.reason].en}, *details]


def warnings_of(one: SignatureReport) -> list[dict[str, str]]:
    """What is to be noted about a signature, whatever became of it."""
    trial = (Reason.DEVELOPMENT_NO_LEGAL_VALUE,) if one.trust_profile is TrustProfile.DEV else ()
    return [{"Key": warning.value, "value": TEXTS[warning].en} for warning in (*trial, *one.warnings)]


def conclusion(indication: str, sub_indication: str | None, errors: Sequence[dict[str, str]] = ()) -> dict[str, Any]:
    """DSS's Conclusion."""
    return {
        "Indication": indication,
        "SubIndication": sub_indication,
        "Errors": list(errors),
        "Warnings": [],
        "Infos": [],
    }


def total(one: SignatureReport) -> str:
    """The indication of a signature as DSS writes it in JSON."""
    return one.indication.value.replace("-", "_")


@lru_cache(maxsize=MAX_CERTIFICATES)
def described(der: bytes) -> CertificateDescription:
    """The standard fields of a certificate, read once for all places; of a huge one its digest only."""
    if len(der) > _MAX_DESCRIBED_BYTES:
        return CertificateDescription(sha256=sha256(der).hexdigest(), size=len(der))
    return describe_certificate(der)


def chain_items(chain: Iterable[bytes]) -> list[dict[str, str]]:
    """A chain as the simple report names it."""
    return [
        {
            "id": certificate_identifier(der),
            "qualifiedName": harmless(described(der).part("common_name")),
        }
        for der in chain
    ]


def signed_data(one: SignatureReport, report: Report) -> tuple[str, bytes, str]:
    """Identifier, digest and algorithm of what a signature is over; of the file where that is not known."""
    if one.signed_digest:
        return identifier("D", sha256(one.signed_digest).hexdigest()), one.signed_digest, one.digest_algorithm
    name, algorithm, digest = signed_file(report)
    return name, digest, algorithm


def scope_of(one: SignatureReport) -> tuple[str, str, str]:
    """Scope, name and description of what a signature covers."""
    if not one.byte_range:
        return "FULL", "Full document", "Full document"
    scope, name = ("FULL", "Full PDF") if one.scope == "full" else ("PARTIAL", "Partial PDF")
    return scope, name, f"The document ByteRange : {list(one.byte_range)}"


def base64_text(data: bytes) -> str:
    """Bytes as JSON carries them."""
    return b64encode(data).decode()


def moment(value: datetime | None) -> str | None:
    """A moment as our other DSS answers write it."""
    return moment_text(value)
