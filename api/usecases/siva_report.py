"""A report in the shape of SiVa 3 (Estonia's validation service): validationConclusion and what hangs on it.

Field names are SiVa's own; a field that SiVa leaves out when it has no value is left out here. Legal levels of the
European Union are given as plain AdES: qualification is not known here. The holder's identity number is not repeated.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from api.usecases.dss_words import described
from signing.identity import CertificateClass
from signing.validation import TEXTS, Reason, Report, SignatureReport
from signing.validation.foreign_text import harmless
from signing.validation.report_names import format_name, signature_identifiers, signature_uri
from signing.validation.signature_report import TimestampReport

POLICIES: Final = {
    "POLv3": "Signatures of every legal level are accepted.",
    "POLv4": "Signatures and seals of every legal level that the policy in force allows are accepted.",
}
"""SiVa's two names; both stand for the one policy in force, and the description says so."""
DEFAULT_POLICY: Final = "POLv4"
_LEVELS: Final = {"TOTAL-PASSED": "", "INDETERMINATE": "INDETERMINATE_"}
_MAX_CHAIN: Final = 10
_MAX_CERTIFICATE_BYTES: Final = 4 * 1024 * 1024
# of all signatures together: a file may name one large certificate hundreds of times, and each would come back in full


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the caller sent beside the bytes."""

    filename: str | None
    """None: hash codes were sent instead of a file."""
    policy: str = DEFAULT_POLICY
    policy_url: str = ""
    hashes: Mapping[str, tuple[tuple[str, str, str], ...]] = field(default_factory=dict)
    """By signature: name, algorithm and value (base64) of the data files that hash codes stand for."""


def siva_conclusion(report: Report, question: Question) -> dict[str, Any]:
    """The validationConclusion of a report."""
    names = signature_identifiers(report)
    pairs = list(zip(report.signatures, names, strict=True))
    told = [(one, name) for one, name in pairs if one.kind == "signature"]
    whole = sum(len(der) for one, _ in told for der in _shown_certificates(one)) <= _MAX_CERTIFICATE_BYTES
    signatures = [_signature(report, one, name, question, whole=whole) for one, name in told]
    stamps = [one for one in report.signatures if one.kind == "timestamp"]
    digest = b64encode(bytes.fromhex(report.file_sha256)).decode()
    document = {"filename": question.filename, "fileHash": digest, "hashAlgo": "SHA256"}
    return _present(
        {
            "policy": {
                "policyName": question.policy,
                "policyDescription": f"{POLICIES[question.policy]} Applied here: {report.policy_id}.",
                "policyUrl": question.policy_url,
            },
            "validationTime": _moment(report.checked_at),
            "validationWarnings": _contents(_document_warnings(report)),
            "validationLevel": "ARCHIVAL_DATA",
            "validatedDocument": document if question.filename is not None else None,
            "signatures": signatures,
            "timeStampTokens": [] if signatures else [_token(one) for one in stamps],
            "signaturesCount": len(signatures),
            "validSignaturesCount": sum(one["indication"] == "TOTAL-PASSED" for one in signatures),
        }
    )


def _document_warnings(report: Report) -> Iterable[str]:
    """What is said of the file and not of one signature; development roots first of all."""
    of_signatures = {r for one in report.signatures for r in (one.reason, *one.warnings)}
    yield from (TEXTS[reason].en for reason in report.reasons if reason not in of_signatures)
    if report.document_state not in {"unknown", "active"}:
        yield f"The document is known here as: {report.document_state}."
    told = {reason.value for reason in report.reasons}
    rights = (Reason(code) for code in report.entitlement.reasons if code not in told)
    yield from (f"Right to sign: {TEXTS[reason].en}" for reason in rights)


def _shown_certificates(one: SignatureReport) -> Iterator[bytes]:
    for chain in (one.chain, *(stamp.chain for stamp in one.timestamps)):
        yield from chain[:_MAX_CHAIN]


def _signature(report: Report, one: SignatureReport, name: str, question: Question, *, whole: bool) -> dict[str, Any]:
    passed = one.indication.value == "TOTAL-PASSED"
    errors = () if passed or one.reason is None else (TEXTS[one.reason].en, *(harmless(e) for e in one.errors))
    warnings = [TEXTS[w].en for w in one.warnings] + ([harmless(e) for e in one.errors] if passed else [])
    return _present(
        {
            "id": name,
            "signatureFormat": format_name(one).replace("-", "_"),
            "signatureMethod": signature_uri(one.signature_algorithm) if one.signature_algorithm else "",
            "signatureLevel": _legal_level(one),
            "signedBy": harmless(one.common_name),
            "subjectDistinguishedName": _subject(one),
            "indication": one.indication.value,
            "subIndication": one.sub_indication,
            "errors": _contents(errors),
            "warnings": _contents(warnings),
            "claimedSigningTime": _moment(one.claimed_time) or "",
            "info": _info(report, one),
            "signatureScopes": _scopes(one, question),
            "certificates": _certificates(one) if whole else None,
        }
    )


def _legal_level(one: SignatureReport) -> str:
    prefix = _LEVELS.get(one.indication.value)
    if prefix is None:
        return "NOT_ADES"
    match one.certificate_class:
        case CertificateClass.ORG_SEAL | CertificateClass.SERVICE:
            return f"{prefix}ADESEAL"
        case CertificateClass.PERSONAL | CertificateClass.CITIZEN:
            return f"{prefix}ADESIG"
        case _:
            return f"{prefix}ADES"


def _subject(one: SignatureReport) -> dict[str, Any] | None:
    if not one.certificate_sha256:
        return None
    leaf = described(one.chain[0]) if one.chain else None
    more = {"givenName": leaf.part("given_name"), "surname": leaf.part("surname")} if leaf is not None else {}
    return _present({"commonName": harmless(one.common_name)} | {k: harmless(v) for k, v in more.items() if v})


def _info(report: Report, one: SignatureReport) -> dict[str, Any]:
    stamp = next((s.at for s in one.timestamps if s.trusted and s.kind == "signature_timestamp"), None)
    return _present(
        {
            "bestSignatureTime": _moment(one.best_time) or "",
            "timestampCreationTime": _moment(stamp),
            "ocspResponseCreationTime": _moment(_ocsp_time(one)),
            "signingReason": harmless(one.reason_text) or None,
            "signerRole": [{"claimedRole": harmless(one.role)}] if one.role else None,
            "signatureProductionPlace": {"city": harmless(one.location)} if one.location else None,
            "archiveTimestamps": [
                *(_own_archive_stamp(stamp) for stamp in one.timestamps if stamp.kind == "archive_timestamp"),
                *(_archive_stamp(later) for later in _later_stamps(report, one)),
            ],
        }
    )


def _ocsp_time(one: SignatureReport) -> datetime | None:
    """When the answer about the signer that the document brings was made, the first of several."""
    times = (
        e.at for e in one.evidence if e.kind == "ocsp" and e.source == "document" and one.certificate_sha256 in e.about
    )
    return min((moment for moment in times if moment is not None), default=None)


def _later_stamps(report: Report, one: SignatureReport) -> list[SignatureReport]:
    end = one.revision_end
    return [
        later
        for later in report.signatures
        if later.kind == "timestamp" and end is not None and (later.revision_end or 0) > end
    ]


def _archive_stamp(stamp: SignatureReport) -> dict[str, Any]:
    indication = "PASSED" if stamp.is_valid else "FAILED"
    maker = described(stamp.chain[0]) if stamp.chain else None
    return _present(
        {
            "signedTime": _moment(stamp.best_time) or "",
            "indication": indication,
            "subIndication": stamp.sub_indication,
            "signedBy": harmless(stamp.common_name),
            "country": maker.part("country") if maker is not None else "",
            "content": "".join(b64encode(own.token).decode() for own in stamp.timestamps[:1]),
        }
    )


def _own_archive_stamp(stamp: TimestampReport) -> dict[str, Any]:
    """One that stands in the container itself (CAdES)."""
    return _present(
        {
            "signedTime": _moment(stamp.at) or "",
            "indication": "PASSED" if stamp.trusted else "FAILED",
            "signedBy": harmless(stamp.authority or ""),
            "country": described(stamp.chain[0]).part("country") if stamp.chain else "",
            "content": b64encode(stamp.token).decode(),
        }
    )


def _scopes(one: SignatureReport, question: Question) -> list[dict[str, Any]]:
    if question.filename is None:
        return [
            _present({"scope": "FULL", "name": name, "content": "Full document", "hashAlgo": algorithm, "hash": value})
            for name, algorithm, value in question.hashes.get(one.field, ())
        ]
    if not one.byte_range:
        return [{"scope": "FULL", "name": question.filename, "content": "Full document"}]
    scope, name = ("FULL", "Full PDF") if one.scope == "full" else ("PARTIAL", "Partial PDF")
    return [{"scope": scope, "name": name, "content": f"The document ByteRange : {list(one.byte_range)}"}]


def _certificates(one: SignatureReport) -> list[dict[str, Any]]:
    """The signer's with its issuers inside each other, then those of the time-stamps; the caller sent them all."""
    found = [_chained("SIGNING", one.chain)] if one.chain else []
    found += [_chained(stamp.kind.upper(), stamp.chain) for stamp in one.timestamps if stamp.chain]
    return found


def _chained(kind: str, chain: Sequence[bytes]) -> dict[str, Any]:
    inner: dict[str, Any] | None = None
    for der in reversed(chain[1:_MAX_CHAIN]):
        inner = _certificate(der) | ({"issuer": inner} if inner is not None else {})
    leaf = _certificate(chain[0])
    return {"commonName": leaf["commonName"], "type": kind, "content": leaf["content"]} | (
        {"issuer": inner} if inner is not None else {}
    )


def _certificate(der: bytes) -> dict[str, Any]:
    return {
        "commonName": harmless(described(der).part("common_name")),
        "content": b64encode(der).decode(),
    }


def _token(stamp: SignatureReport) -> dict[str, Any]:
    """A document time-stamp of a file without signatures; SiVa knows passed and failed only."""
    reasons = () if stamp.reason is None else (TEXTS[stamp.reason].en,)
    return _present(
        {
            "indication": "TOTAL-PASSED" if stamp.is_valid else "TOTAL-FAILED",
            "subIndication": stamp.sub_indication,
            "signedBy": harmless(stamp.common_name),
            "signedTime": _moment(stamp.best_time) or "",
            "certificates": [
                {"commonName": one["commonName"], "type": "CONTENT_TIMESTAMP", "content": one["content"]}
                for one in map(_certificate, stamp.chain[:_MAX_CHAIN])
            ],
            "error": _contents((*reasons, *(harmless(e) for e in stamp.errors))),
            "timestampLevel": "TSA",
        }
    )


def _contents(texts: Iterable[str]) -> list[dict[str, str]]:
    return [{"content": text} for text in dict.fromkeys(texts)]


def _present(values: dict[str, Any]) -> dict[str, Any]:
    """Without what has no value; empty texts and zeros are values."""
    return {key: value for key, value in values.items() if value is not None and value != []}


def _moment(moment: datetime | None) -> str | None:
    """Whole seconds of UTC, as SiVa writes them."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
