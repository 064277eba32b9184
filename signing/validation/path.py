"""Is there a good certification path, by the rules of RFC 5280 alone?

``check_path`` is the one entry that production and the conformance suites (NIST PKITS) share. It never raises on
hostile input and bounds itself: a counted path search, a counted number of signature checks, a CPU budget.
Which algorithms and which trust profiles are acceptable is decided by the caller, one step later.
"""

import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from asn1crypto import algos, crl, keys, ocsp
from asn1crypto import x509 as asn1_x509
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import (
    ExpiredError,
    InsufficientRevinfoError,
    NotYetValidError,
    RevokedError,
)
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import AcceptAllAlgorithms, PKIXValidationParams
from pyhanko_certvalidator.sig_validate import (
    DEFAULT_VALIDATION_CONTEXT,
    DefaultSignatureValidator,
    SignatureValidationContext,
    SignatureValidator,
)
from pyhanko_certvalidator.validate import async_validate_path

from signing.validation.candidates import Candidates, find_paths, load_certificate, make_pool
from signing.validation.structure import structure_fault

MAX_SIGNATURE_CHECKS = 600  # of certificates, CRLs and OCSP answers together
MAX_CPU_S = 4.0
MAX_EVIDENCE_ITEMS = 64
MAX_EVIDENCE_BYTES = 16 * 1024 * 1024  # a CRL of 100,000 entries has 6 MB

_Parser = Callable[..., Any]

# The library logs subject names (personal data) with a stack trace whenever a chain fails; our outcome says it all.
for _noisy in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_noisy).addHandler(logging.NullHandler())
    logging.getLogger(_noisy).propagate = False


class PathFailure(StrEnum):
    """Why no path is good; the caller maps it to an ETSI sub-indication."""

    MALFORMED = "malformed"
    NO_CHAIN = "no_chain"
    BAD_SIGNATURE = "bad_signature"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    REVOKED = "revoked"
    ON_HOLD = "on_hold"
    STATUS_UNKNOWN = "status_unknown"
    CONSTRAINTS = "constraints"
    BUDGET = "budget"


# What says most about the leaf wins when several paths fail in different ways.
_TELLING = (
    PathFailure.REVOKED,
    PathFailure.ON_HOLD,
    PathFailure.STATUS_UNKNOWN,
    PathFailure.EXPIRED,
    PathFailure.NOT_YET_VALID,
    PathFailure.CONSTRAINTS,
    PathFailure.BAD_SIGNATURE,
    PathFailure.BUDGET,
    PathFailure.MALFORMED,
    PathFailure.NO_CHAIN,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathOutcome:
    """What the path check found out."""

    ok: bool
    reason: str
    """Empty when ok; otherwise English for the log and the detailed report."""

    failure: PathFailure | None = None
    chain: tuple[bytes, ...] = ()
    """DER, leaf first, anchor last; of the failing path too, so that a report can show it."""

    failed_leaf: bool = False
    """The failure concerns the leaf itself, not one of its authorities."""

    revoked_at: datetime | None = None


class _BudgetSpentError(Exception):
    """The check used up its signature checks or its CPU time."""


class _CountingVerifier(SignatureValidator):
    """The library's verifier with a count: every loop of the library passes through here sooner or later."""

    def __init__(self) -> None:
        self._inner = DefaultSignatureValidator()
        self._left = MAX_SIGNATURE_CHECKS
        self._deadline = time.thread_time() + MAX_CPU_S

    def validate_signature(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: keys.PublicKeyInfo,
        signature_algorithm: algos.SignedDigestAlgorithm,
        context: SignatureValidationContext = DEFAULT_VALIDATION_CONTEXT,
    ) -> None:
        """Verifies one signature, or stops everything when the budget is spent."""
        self._left -= 1
        if self._left < 0 or time.thread_time() > self._deadline:
            raise _BudgetSpentError
        self._inner.validate_signature(signature, signed_data, public_key_info, signature_algorithm, context)


def check_path(
    leaf: bytes,
    others: Iterable[bytes],
    roots: Iterable[bytes],
    crls: Iterable[bytes],
    at: datetime,
    *,
    params: Mapping[str, Any] | None = None,
    revocation: bool = True,
    ocsps: Iterable[bytes] = (),
    retroactive: bool = False,
) -> PathOutcome:
    """Looks for a path from the leaf to a root that holds at a moment.

    Args:
        leaf: DER of the certificate in question.
        others: DER certificates that may stand in between; untrusted, any number, any quality.
        roots: DER of the anchors; their own extensions are not applied (RFC 5280 §6.1.1 (d)).
        crls: DER certificate lists; untrusted.
        at: the moment for which the path must hold, time zone given.
        params: the inputs of RFC 5280 §6.1.1 (c)-(g) by their certvalidator names.
        revocation: True asks for positive status evidence on every certificate below the anchor; False only uses
            evidence where a certificate points to some and it was given.
        ocsps: DER OCSP responses; untrusted.
        retroactive: accept evidence that was produced after ``at`` (the moment is proved by a time-stamp).

    Returns:
        An outcome; never an exception for whatever the bytes contain.
    """
    verifier = _CountingVerifier()
    try:
        certificate = load_certificate(leaf)
        fault = structure_fault(certificate, is_leaf=True)
        roots = tuple(roots)
        anchors = [load_certificate(root) for root in roots]
    except Exception as err:  # noqa: BLE001 - hostile bytes: whatever the decoder raises means "cannot be read"
        return PathOutcome(ok=False, failure=PathFailure.MALFORMED, reason=_told(err), failed_leaf=True)
    if fault:
        return PathOutcome(ok=False, failure=PathFailure.MALFORMED, reason=fault, failed_leaf=True)
    if leaf in roots:
        return _trusted_by_itself(certificate, leaf, at)
    try:
        pool = make_pool(others)
        candidates = find_paths(certificate, pool, anchors, verifier=verifier, at=at)
        if not candidates.paths:
            return _nothing_found(certificate, candidates, pool.dropped)
        context = _context(
            pool.certificates, anchors, _parsed(crl.CertificateList.load, crls), _parsed(ocsp.OCSPResponse.load, ocsps),
            at=at, revocation=revocation, retroactive=retroactive, verifier=verifier,
        )  # fmt: skip
        parameters = _parameters(params)
        originals = {id(c): der for c, der in zip(pool.certificates, pool.originals, strict=True)}
        originals |= {id(anchor): der for anchor, der in zip(anchors, roots, strict=True)} | {id(certificate): leaf}
        outcomes = [_checked(path, originals, context, parameters) for path in candidates.paths]
    except _BudgetSpentError:
        return PathOutcome(ok=False, failure=PathFailure.BUDGET, reason="the check needs more work than is allowed")
    except Exception as err:  # noqa: BLE001 - DESIGN §4: a crash is never a pass, and never a crash of the caller
        return PathOutcome(ok=False, failure=PathFailure.MALFORMED, reason=_told(err))
    return next((o for o in outcomes if o.ok), min(outcomes, key=_rank))


def _rank(outcome: PathOutcome) -> int:
    return _TELLING.index(outcome.failure) if outcome.failure else 0


def _told(err: Exception) -> str:
    return f"{type(err).__name__}: {str(err)[:200]}"


def _trusted_by_itself(certificate: asn1_x509.Certificate, leaf: bytes, at: datetime) -> PathOutcome:
    if at < certificate.not_valid_before:
        return PathOutcome(ok=False, failure=PathFailure.NOT_YET_VALID, reason="not valid yet", chain=(leaf,))
    if at > certificate.not_valid_after:
        return PathOutcome(ok=False, failure=PathFailure.EXPIRED, reason="expired", chain=(leaf,))
    return PathOutcome(ok=True, reason="", chain=(leaf,))


def _nothing_found(certificate: asn1_x509.Certificate, found: Candidates, dropped: tuple[str, ...]) -> PathOutcome:
    issuer = certificate.issuer.human_friendly[:200]
    if found.exhausted:
        return PathOutcome(ok=False, failure=PathFailure.BUDGET, reason="too many certificates with the same names")
    if found.bad_signature:
        return PathOutcome(
            ok=False, failure=PathFailure.BAD_SIGNATURE, reason="an issuer has the right name, but not the right key"
        )
    left_out = f" (left out: {'; '.join(sorted(set(dropped)))})" if dropped else ""
    return PathOutcome(
        ok=False, failure=PathFailure.NO_CHAIN, reason=f"no chain to a known root; issuer: {issuer}{left_out}"
    )


def _parsed(parse: _Parser, items: Iterable[bytes]) -> list[Any]:
    """Evidence that decodes, within bounds; the rest is as good as not there."""
    result: list[Any] = []
    size = 0
    for der in dict.fromkeys(items):
        size += len(der)
        if len(result) >= MAX_EVIDENCE_ITEMS or size > MAX_EVIDENCE_BYTES:
            break
        try:
            value = parse(der, strict=True)
            if isinstance(value, crl.CertificateList):
                _ = value.issuer.hashable, value["tbs_cert_list"]["this_update"].native
            else:
                _ = value["response_status"].native
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
            continue
        result.append(value)
    return result


def _context(
    certificates: Iterable[asn1_x509.Certificate],
    anchors: list[asn1_x509.Certificate],
    crls: list[Any],
    ocsps: list[Any],
    *,
    at: datetime,
    revocation: bool,
    retroactive: bool,
    verifier: SignatureValidator,
) -> ValidationContext:
    return ValidationContext(
        trust_roots=anchors,
        other_certs=list(certificates),
        crls=crls,
        ocsps=ocsps,
        moment=at,
        best_signature_time=at,
        revocation_mode="require" if revocation else "hard-fail" if crls or ocsps else "soft-fail",
        retroactive_revinfo=retroactive,
        time_tolerance=timedelta(0),  # one second late is late (x509-limbo: critical)
        algorithm_usage_policy=AcceptAllAlgorithms(),
        signature_validator=verifier,
        allow_fetching=False,
    )


def _parameters(params: Mapping[str, Any] | None) -> PKIXValidationParams | None:
    if not params:
        return None
    flags = ("initial_explicit_policy", "initial_policy_mapping_inhibit", "initial_any_policy_inhibit")
    values: dict[str, Any] = {name: bool(params.get(name)) for name in flags}
    if "user_initial_policy_set" in params:
        values["user_initial_policy_set"] = frozenset(params["user_initial_policy_set"])
    return PKIXValidationParams(**values)


def _checked(
    path: ValidationPath,
    originals: Mapping[int, bytes],
    context: ValidationContext,
    parameters: PKIXValidationParams | None,
) -> PathOutcome:
    chain = tuple(originals[id(c)] for c in reversed([*path.iter_certs(include_root=True)]))
    try:
        _run(async_validate_path(context, path, parameters=parameters))
    except RevokedError as err:
        held = err.reason.native == "certificate_hold"
        return PathOutcome(
            ok=False, failure=PathFailure.ON_HOLD if held else PathFailure.REVOKED, reason=str(err)[:300], chain=chain,
            failed_leaf=bool(err.is_ee_cert and not err.is_side_validation), revoked_at=err.revocation_dt,
        )  # fmt: skip
    except ExpiredError as err:
        return _failed(PathFailure.EXPIRED, err, chain, leaf=err.is_ee_cert)
    except NotYetValidError as err:
        return _failed(PathFailure.NOT_YET_VALID, err, chain, leaf=err.is_ee_cert)
    except InsufficientRevinfoError as err:
        return _failed(PathFailure.STATUS_UNKNOWN, err, chain, leaf=err.is_ee_cert)
    except _BudgetSpentError:
        raise
    except Exception as err:  # noqa: BLE001 - measured: ValueError, TypeError, KeyError on crafted certificates
        return _failed(PathFailure.CONSTRAINTS, err, chain, leaf=bool(getattr(err, "is_ee_cert", False)))
    return PathOutcome(ok=True, reason="", chain=chain)


def _failed(failure: PathFailure, err: Exception, chain: tuple[bytes, ...], *, leaf: bool) -> PathOutcome:
    return PathOutcome(ok=False, failure=failure, reason=_told(err), chain=chain, failed_leaf=leaf)


def _run(work: Coroutine[Any, Any, object]) -> None:
    """Drives a coroutine that never waits (nothing is fetched), so that a caller's event loop does not matter."""
    try:
        work.send(None)
    except StopIteration:
        return
    work.close()
    raise RuntimeError("the path check tried to wait for something outside")
