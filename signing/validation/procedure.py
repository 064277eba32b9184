"""The certification path procedure of RFC 5280 §6 on one path, with the library and with what the library leaves out.

Knows how the library is driven and how its exceptions are read. Must not know how paths are found.
"""

import logging
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.authority import AuthorityWithCert, CertTrustAnchor
from pyhanko_certvalidator.errors import (
    CRLNoMatchesError,
    CRLValidationError,
    ExpiredError,
    InsufficientRevinfoError,
    NotYetValidError,
    OCSPNoMatchesError,
    OCSPValidationError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import AcceptAllAlgorithms, PKIXValidationParams
from pyhanko_certvalidator.revinfo.validate_crl import verify_crl
from pyhanko_certvalidator.revinfo.validate_ocsp import verify_ocsp_response
from pyhanko_certvalidator.validate import async_validate_path

from signing.validation.candidates import Candidate, in_period
from signing.validation.name_constraints import naming_fault
from signing.validation.path_outcome import PathFailure, PathOutcome, failed, told
from signing.validation.rightful_lists import rightful_lists
from signing.validation.status_evidence import StatusEvidence
from signing.validation.work import PaidVerifier, WorkSpent

# The library logs subject names (personal data) with a stack trace whenever a chain fails; our outcome says it all.
for _noisy in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_noisy).addHandler(logging.NullHandler())
    logging.getLogger(_noisy).propagate = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked about every path of one check."""

    at: datetime
    parameters: PKIXValidationParams | None
    status_required: bool
    retroactive: bool
    evidence: StatusEvidence
    helpers: Sequence[Any]
    """Certificates (asn1crypto) that may have signed status evidence."""

    anchors: Sequence[Any]
    verifier: PaidVerifier


def read_parameters(params: Mapping[str, Any] | None) -> PKIXValidationParams | None:
    """The inputs of RFC 5280 §6.1.1 (c)-(g) by their certvalidator names."""
    if not params:
        return None
    flags = ("initial_explicit_policy", "initial_policy_mapping_inhibit", "initial_any_policy_inhibit")
    values: dict[str, Any] = {name: bool(params.get(name)) for name in flags}
    if "user_initial_policy_set" in params:
        values["user_initial_policy_set"] = frozenset(params["user_initial_policy_set"])
    return PKIXValidationParams(**values)


def follow(anchor: CertTrustAnchor, candidates: tuple[Candidate, ...], question: Question) -> PathOutcome:
    """Checks one path (the anchor's certificate first, the leaf last).

    Raises:
        WorkSpent: the whole check has cost what it may.
    """
    chain = tuple(candidate.outline.der for candidate in reversed(candidates))
    fault = _anchor_fault(candidates, question.at, chain)
    if fault is not None:
        return fault
    breach = naming_fault([(candidate.outline, candidate.naming) for candidate in candidates])
    if breach:
        return failed(PathFailure.CONSTRAINTS, breach, chain=chain)
    *above, leaf = (candidate.certificate for candidate in candidates[1:])
    path = _AnchoredPath(anchor, above, leaf)
    try:
        unknown = _library_step(path, question, chain)
        return _status_fault(path, candidates, question, chain, unknown) or PathOutcome(ok=True, reason="", chain=chain)
    except RevokedError as err:
        return _revoked(err, chain)
    except ExpiredError as err:
        return failed(PathFailure.EXPIRED, told(err), chain=chain, leaf=err.is_ee_cert)
    except NotYetValidError as err:
        return failed(PathFailure.NOT_YET_VALID, told(err), chain=chain, leaf=err.is_ee_cert)
    except WorkSpent:
        raise
    except Exception as err:  # noqa: BLE001 - measured: ValueError, TypeError, KeyError on crafted certificates
        leaf_failed = bool(getattr(err, "is_ee_cert", False))
        return failed(PathFailure.CONSTRAINTS, told(err), chain=chain, leaf=leaf_failed)


class _AnchoredPath(ValidationPath):
    """A path whose anchor may be any authority: EN 319 102-1 §5.1.4 asks for no root.

    The library takes an anchor for the signer of its own lists only if it issued itself.
    """

    def truncate_to_issuer_and_append(self, cert: Any) -> ValidationPath:  # noqa: ANN401 - asn1crypto ships no types
        """The way to a signer of status evidence."""
        authority = self.trust_anchor.authority
        if isinstance(authority, AuthorityWithCert) and authority.certificate.dump() == cert.dump():
            return ValidationPath(self.trust_anchor, [], None)
        found: ValidationPath = super().truncate_to_issuer_and_append(cert)
        return found


def _library_step(path: ValidationPath, question: Question, chain: tuple[bytes, ...]) -> PathOutcome | None:
    """The library's procedure; what it says if it misses nothing but status evidence.

    It looks for OCSP answers only where a certificate says who gives them. Whoever put one into the document asked all
    the same, so all answers are asked again afterwards.

    Raises:
        Whatever else the library finds wrong.
    """
    evidence = question.evidence if question.status_required else StatusEvidence()
    try:
        context = _context(question, path, crls=evidence.lists, ocsps=evidence.answers)
        _run(async_validate_path(context, path, parameters=question.parameters))
    except InsufficientRevinfoError as err:
        unknown = failed(PathFailure.STATUS_UNKNOWN, told(err), chain=chain, leaf=err.is_ee_cert)
        if evidence.answers:
            plain = replace(question, status_required=False)
            _run(async_validate_path(_context(plain, path), path, parameters=question.parameters))
        return unknown
    return None


def _anchor_fault(candidates: tuple[Candidate, ...], at: datetime, chain: tuple[bytes, ...]) -> PathOutcome | None:
    """What the anchor's own certificate says (RFC 5937): a period and a path length hold for the root as for others."""
    root, *below = candidates
    if not in_period(root.certificate, at):
        late = at > root.certificate.not_valid_after
        return failed(PathFailure.EXPIRED if late else PathFailure.NOT_YET_VALID, "the root, at this time", chain=chain)
    limit = root.certificate.max_path_length
    if limit is not None and sum(not c.outline.self_issued for c in below[:-1]) > limit:
        return failed(PathFailure.CONSTRAINTS, "more authorities than the root's path length allows", chain=chain)
    return None


def _status_fault(
    path: ValidationPath,
    candidates: tuple[Candidate, ...],
    question: Question,
    chain: tuple[bytes, ...],
    unknown: PathOutcome | None,
) -> PathOutcome | None:
    """What evidence says that the library's own step did not ask, or took from somebody without the right.

    That step stops at the first good OCSP answer; here every answer and every list may say "revoked" or "on hold", so
    that a good answer kept in a file hides no later revocation and no hold of that time (I6).

    Raises:
        RevokedError: one of them says so.
    """
    evidence = question.evidence
    if evidence.is_empty() or (unknown is not None and not evidence.answers):
        return unknown
    answers = [(_serials_in(answer), answer) for answer in evidence.answers]
    for position, candidate in enumerate(candidates[1:], start=1):
        leaf = position == len(candidates) - 1
        own = [answer for serials, answer in answers if candidate.certificate.serial_number in serials]
        contexts = (_status_context(question, path, candidates, ocsps=[answer]) for answer in own)
        said = {_answered(verify_ocsp_response, OCSPNoMatchesError, candidate, path, one) for one in contexts}
        lists = rightful_lists(candidate, candidates[:position], evidence.lists)
        listed = None
        if lists:
            context = _status_context(question, path, candidates, crls=lists)
            listed = _answered(verify_crl, CRLNoMatchesError, candidate, path, context)
        if True in said or listed:
            continue
        if question.status_required:
            return unknown or failed(
                PathFailure.STATUS_UNKNOWN, "no status from whom may give it", chain=chain, leaf=leaf
            )
        refused = evidence.refused.get(candidate.outline.issuer, "") if listed is None else ""
        if refused or listed is False or False in said:
            return failed(PathFailure.STATUS_UNKNOWN, refused or "status evidence of no use", chain=chain, leaf=leaf)
    return None


def _serials_in(answer: Any) -> set[int]:  # noqa: ANN401 - asn1crypto ships no types
    """The serial numbers that an answer is about; it says nothing of any other."""
    statements = answer.basic_ocsp_response["tbs_response_data"]["responses"]
    return {one["cert_id"]["serial_number"].native for one in statements}


def _status_context(
    question: Question,
    path: ValidationPath,
    candidates: tuple[Candidate, ...],
    *,
    crls: Sequence[Any] = (),
    ocsps: Sequence[Any] = (),
) -> ValidationContext:
    context = _context(question, path, crls=crls or question.evidence.lists, ocsps=ocsps)
    for candidate in candidates[1:-1]:
        # The library's own step has just found them good.
        context.record_validation(candidate.certificate, path)  # type: ignore[no-untyped-call]  # it has no types
    return context


def _answered(ask: Any, nothing: type[Exception], candidate: Candidate, path: Any, context: Any) -> bool | None:  # noqa: ANN401 - functions and values of the library
    """True: good; False: evidence about it is there, but of no use; None: there is none.

    Raises:
        RevokedError: it says revoked.
    """
    try:
        _run(ask(candidate.certificate, path, context))
    except RevokedError:
        raise
    except nothing:
        return None
    except (ValidationError, CRLValidationError, OCSPValidationError):
        return False
    return True


def _revoked(err: RevokedError, chain: tuple[bytes, ...]) -> PathOutcome:
    held = err.reason.native == "certificate_hold"
    return PathOutcome(
        ok=False, failure=PathFailure.ON_HOLD if held else PathFailure.REVOKED, reason=str(err)[:300], chain=chain,
        failed_leaf=bool(err.is_ee_cert and not err.is_side_validation), revoked_at=err.revocation_dt,
        revocation_reason=str(err.reason.native),
    )  # fmt: skip


def _context(
    question: Question, path: ValidationPath, *, crls: Sequence[Any] = (), ocsps: Sequence[Any] = ()
) -> ValidationContext:
    authorities = list(path.iter_certs(include_root=True))[:-1]  # all but the leaf
    return ValidationContext(
        trust_roots=list(question.anchors),
        # Of certificates with the same issuer and number the library knows the first: no stranger's for one of these.
        other_certs=[*authorities, *question.helpers],
        crls=crls,
        ocsps=ocsps,
        moment=question.at,
        best_signature_time=question.at,
        revocation_mode="require" if question.status_required or crls or ocsps else "soft-fail",
        retroactive_revinfo=question.retroactive,
        time_tolerance=timedelta(0),  # one second late is late (x509-limbo: critical)
        algorithm_usage_policy=AcceptAllAlgorithms(),
        signature_validator=question.verifier,
        allow_fetching=False,
    )


def _run(work: Coroutine[Any, Any, object]) -> None:
    """Drives a coroutine that never waits (nothing is fetched), so that a caller's event loop does not matter."""
    try:
        work.send(None)
    except StopIteration:
        return
    work.close()
    raise RuntimeError("the path check tried to wait for something outside")
