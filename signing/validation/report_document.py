"""One signature in the shape that CLI, HTTP and reports show (DESIGN §3).

Fields may be added, none renamed. Certificates go out as digest and name only, unless the caller asks for everything:
their subjects may hold a citizen's number.
"""

from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from asn1crypto import x509 as asn1_x509

from signing.validation.changes import Change, words_of
from signing.validation.reasons import Reason
from signing.validation.signature_report import EvidenceUsed, SignatureReport, TimestampReport

_MAX_NAME = 200
_NAMES_KEPT = 512  # authorities come back in every report; certificates are bounded in size where they are read
_INTEGRITY = {True: "intact", False: "broken", None: "unknown"}
_BAD_THEN = frozenset(
    {Reason.CERT_REVOKED_AT_SIGNING, Reason.CERT_ON_HOLD_AT_SIGNING, Reason.CERT_NOT_VALID_AT_SIGNING}
)


def signature_document(signature: SignatureReport, *, detailed: bool = False) -> dict[str, Any]:
    """One signature; with certificates, tokens and values in base64 if detailed."""
    return (
        _answer(signature)
        | _identity(signature)
        | _form(signature)
        | {
            "policy": signature.policy_id or None,
            "legal_minimum": legal_minimum(signature),
            "timestamps": [_timestamp(t, detailed=detailed) for t in signature.timestamps],
            "chain": _certificates(signature.chain, detailed=detailed),
            "certificates": _certificates(signature.certificates, detailed=detailed),
            "evidence": [_evidence(e) for e in signature.evidence],
            "warnings": [w.value for w in signature.warnings],
            "errors": list(signature.errors),
        }
        | ({"signature_value": b64encode(signature.signature_value).decode()} if detailed else {})
    )


def moment_text(moment: datetime | None) -> str | None:
    """A moment as documents show it: ISO 8601, UTC as Z."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def _evidence(used: EvidenceUsed) -> dict[str, Any]:
    return {
        "kind": used.kind,
        "source": used.source,
        "sha256": used.sha256,
        "at": moment_text(used.at),
        "about": list(used.about),
    }


def legal_minimum(signature: SignatureReport) -> dict[str, Any]:
    """The seven things that a report on a signature says at least (Circular 15/2025/TT-BKHCN, annex II)."""
    stamped = signature.best_time is not None
    source = signature.best_time_source if stamped else "claimed" if signature.claimed_time else "none"
    return {
        "issuer": signature.issuer or "unknown",
        "signer": signature.common_name or "unknown",
        "certificate_managing_unit": signature.managing_unit or _issuing_organisation(signature) or "unknown",
        "signing_time": {
            "at": moment_text(signature.best_time if stamped else signature.claimed_time),
            "source": source,
        },
        "integrity": _INTEGRITY[signature.intact],
        "validity_at_signing_time": _validity_then(signature),
        "certificate_period": {
            "not_before": moment_text(signature.not_before),
            "not_after": moment_text(signature.not_after),
        },
    }


def _validity_then(signature: SignatureReport) -> str:
    """Whether the certificate was good when it was used; a signature refused for something else leaves that open."""
    if signature.is_valid or signature.reason is Reason.CONTENT_NOT_GIVEN:  # only the content is not known then
        return "valid"
    return "invalid" if signature.reason in _BAD_THEN else "unknown"


def _answer(signature: SignatureReport) -> dict[str, Any]:
    return {
        "field": signature.field,
        "kind": signature.kind,
        "indication": signature.indication.value,
        "sub_indication": signature.sub_indication,
        "reason_code": signature.reason.value if signature.reason else None,
        "intact": signature.intact,
        "covers_whole_file": signature.covers_whole_file,
        "changes_after": signature.changes_after.value,
        "changes": [_change(c) for c in signature.changes],
        "level": signature.level,
        "best_signature_time": {"at": moment_text(signature.best_time), "source": signature.best_time_source},
        "claimed_time": moment_text(signature.claimed_time),
    }


def _change(change: Change) -> dict[str, Any]:
    words = words_of(change.what)
    return {"revision": change.revision, "what": change.what, "vi": words.vi, "en": words.en}


def _identity(signature: SignatureReport) -> dict[str, Any]:
    anchor_policy = signature.trust_policy
    return {
        "signer": {
            "common_name": signature.common_name,
            "organisation": signature.organisation,
            "title": signature.title,
            "serial": signature.serial,
        },
        "certificate": {
            "class": signature.certificate_class.value if signature.certificate_class else None,
            "ordinal": signature.ordinal,
            "sha256": signature.certificate_sha256 or None,
            "issuer": signature.issuer or None,
            "not_before": moment_text(signature.not_before),
            "not_after": moment_text(signature.not_after),
        },
        "trust": {
            "profile": signature.trust_profile.value if signature.trust_profile else None,
            "anchor": signature.trust_anchor or None,
            "policy": anchor_policy.document() if anchor_policy else None,
        },
    }


def _form(signature: SignatureReport) -> dict[str, Any]:
    digest = signature.signed_digest
    return {
        "sub_filter": signature.sub_filter.removeprefix("/") or None,
        "byte_range": list(signature.byte_range),
        "revision_end": signature.revision_end,
        "scope": signature.scope,
        "digest_algorithm": signature.digest_algorithm or None,
        "signature_algorithm": signature.signature_algorithm or None,
        "signed_digest": None if digest is None else digest.hex(),
        "role": signature.role or None,
        "policy_oid": signature.policy_oid,
        "reason_text": signature.reason_text or None,
        "location": signature.location or None,
        "contact": signature.contact or None,
    }


def _timestamp(stamp: TimestampReport, *, detailed: bool) -> dict[str, Any]:
    return {
        "kind": stamp.kind,
        "at": moment_text(stamp.at),
        "intact": stamp.intact,
        "trusted": stamp.trusted,
        "authority": stamp.authority or None,
        "token_sha256": stamp.token_sha256 or None,
        "error": stamp.error or None,
    } | ({"token": b64encode(stamp.token).decode()} if detailed else {})


def _certificates(chain: Iterable[bytes], *, detailed: bool) -> list[dict[str, Any]]:
    return [
        {"sha256": sha256(der).hexdigest(), "subject": _common_name(der)}
        | ({"der": b64encode(der).decode()} if detailed else {})
        for der in chain
    ]


@lru_cache(maxsize=_NAMES_KEPT)
def _common_name(der: bytes) -> str | None:
    """The name alone: the rest of a subject may hold a citizen's number. A stranger wrote it: it may not decode."""
    try:
        names = asn1_x509.Certificate.load(der).subject.native
        return str(names.get("common_name") or names.get("organization_name") or "")[:_MAX_NAME] or None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _issuing_organisation(signature: SignatureReport) -> str:
    """Whose authority issued the signer's certificate: who answers for it where no register of ours does."""
    held = (d for d in (*signature.chain[:1], *signature.certificates) if _is_of(d, signature))
    found = next(held, None)
    return "" if found is None else _organisation_above(found)


@lru_cache(maxsize=_NAMES_KEPT)
def _organisation_above(der: bytes) -> str:
    try:
        names = asn1_x509.Certificate.load(der).issuer.native
        return str(names.get("organization_name") or names.get("common_name") or "")[:_MAX_NAME]
    except (ValueError, TypeError, KeyError, AttributeError):
        return ""


def _is_of(der: bytes, signature: SignatureReport) -> bool:
    return sha256(der).hexdigest() == signature.certificate_sha256
