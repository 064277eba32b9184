"""Is there a good certification path, by the rules of RFC 5280 alone?

``check_path`` is the one entry that production and the conformance suites (NIST PKITS) share. It never raises on
hostile input and bounds itself by counting its work. Which algorithms and which trust profiles are acceptable is
decided by the caller, one step later.

The story: form of the leaf -> heap sorted by outlines -> what the leaf leads to, signature by signature -> status
evidence that can matter -> each path, shortest first, through the procedure of RFC 5280 §6.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from signing.validation.candidates import (
    Candidate,
    Search,
    add_helpers,
    find_paths,
    in_period,
    status_signers,
)
from signing.validation.later_revocations import as_of
from signing.validation.path_memory import PathMemory
from signing.validation.path_outcome import PathFailure, PathOutcome, failed, told
from signing.validation.procedure import Question, follow, read_parameters
from signing.validation.status_evidence import StatusEvidence
from signing.validation.structure import Role
from signing.validation.work import MAX_WORK, PaidVerifier, Work, WorkSpent

__all__ = ["PathFailure", "PathOutcome", "check_path"]


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
    memory: PathMemory | None = None,
) -> PathOutcome:
    """Looks for a path from the leaf to a root that holds at a moment.

    Args:
        leaf: DER of the certificate in question.
        others: DER certificates that may stand in between; untrusted, any number, any quality.
        roots: DER of the anchors. A root with extensions is taken at its word: period, path length, name constraints.
        crls: DER certificate lists; untrusted.
        at: the moment for which the path must hold, time zone given.
        params: the inputs of RFC 5280 §6.1.1 (c)-(g) by their certvalidator names.
        revocation: True asks for positive status evidence on every certificate below the anchor; False asks only that
            what was given about one of them is of use and does not say revoked.
        ocsps: DER OCSP responses; untrusted.
        retroactive: accept evidence that was produced after ``at`` (the moment is proved by a time-stamp).
        memory: what earlier questions about the same document found out; None: this is the only one.

    Returns:
        An outcome; never an exception for whatever the bytes contain.
    """
    work, memory = Work(MAX_WORK), PathMemory() if memory is None else memory
    roots = tuple(dict.fromkeys(roots))
    try:
        candidate = memory.candidate(leaf, Role.LEAF, work)
    except WorkSpent:
        return _too_much()
    except Exception as err:  # noqa: BLE001 - hostile bytes: whatever the decoder raises means "cannot be read"
        return failed(PathFailure.MALFORMED, told(err), leaf=True)
    if leaf in roots:
        return _trusted_by_itself(candidate, at)
    try:
        pool = memory.pool(others, frozenset((leaf, *roots)))
        anchors, refused = _anchors(roots, memory, work)
        search = Search(
            work=work, verifier=PaidVerifier(work, memory.signatures), at=at, pool=pool, anchors=anchors,
            dropped={*pool.dropped, *refused}, decoded=memory.authorities,
        )  # fmt: skip
        found = memory.evidence(crls, ocsps, candidate, pool, work)
        enough = found.fitting(at) if revocation else None  # without a demand, useless evidence counts too
        for evidence in (found.evidence,) if enough is None else (enough, found.evidence):
            question = _question(candidate, search, evidence, params=params, retroactive=retroactive)
            outcome = _best(candidate, search, replace(question, status_required=revocation))
            if outcome.ok:
                break
        return replace(outcome, names_withdrawn=found.names_withdrawn)
    except WorkSpent:
        return _too_much()
    except Exception as err:  # noqa: BLE001 - DESIGN §4: a crash is never a pass, and never a crash of the caller
        return failed(PathFailure.MALFORMED, told(err))


def _anchors(roots: tuple[bytes, ...], memory: PathMemory, work: Work) -> tuple[dict[Any, list[Candidate]], list[str]]:
    by_subject: dict[Any, list[Candidate]] = {}
    refused = []
    for root in roots:
        try:
            anchor = memory.candidate(root, Role.ANCHOR, work)
        except WorkSpent:
            raise
        except Exception as err:  # noqa: BLE001 - a root that cannot be read anchors nothing; the others still do
            refused.append(f"a root is left out: {told(err)}")
            continue
        by_subject.setdefault(anchor.outline.subject, []).append(anchor)
    return by_subject, refused


def _question(
    leaf: Candidate,
    search: Search,
    evidence: StatusEvidence,
    *,
    params: Mapping[str, Any] | None,
    retroactive: bool,
) -> Question:
    answers, signed_parts = as_of(evidence.answers, search.at)
    evidence = replace(evidence, answers=answers)  # what is remembered holds for every moment
    search.verifier.signed_parts.add_all(evidence.signed_parts)
    search.verifier.signed_parts.add_all(signed_parts)
    add_helpers((outline for outline in evidence.helpers if outline.der != leaf.outline.der), search)
    return Question(
        at=search.at, parameters=read_parameters(params), status_required=True, retroactive=retroactive,
        evidence=evidence, helpers=status_signers(search), verifier=search.verifier,
        anchors=[a.certificate for group in search.anchors.values() for a in group],
    )  # fmt: skip


def _best(leaf: Candidate, search: Search, question: Question) -> PathOutcome:
    """The first good path, or the failure that says most about the leaf."""
    best: PathOutcome | None = None
    try:
        for anchor, candidates in find_paths(leaf, search):
            outcome = follow(anchor, candidates, question)
            if outcome.ok:
                return outcome
            best = outcome if best is None else min(best, outcome, key=lambda o: o.rank)
    except WorkSpent:
        if best is None:
            raise
    return best or _nothing_found(leaf, search)


def _too_much() -> PathOutcome:
    return failed(PathFailure.BUDGET, "the check needs more work than is allowed")


def _trusted_by_itself(candidate: Candidate, at: datetime) -> PathOutcome:
    chain = (candidate.outline.der,)
    if in_period(candidate.certificate, at):
        return PathOutcome(ok=True, reason="", chain=chain)
    if at > candidate.certificate.not_valid_after:
        return failed(PathFailure.EXPIRED, "expired", chain=chain)
    return failed(PathFailure.NOT_YET_VALID, "not valid yet", chain=chain)


def _nothing_found(leaf: Candidate, search: Search) -> PathOutcome:
    if search.bad_signature:
        return failed(PathFailure.BAD_SIGNATURE, "an issuer has the right name, but not the right key")
    left_out = f" (left out: {'; '.join(sorted(search.dropped))})" if search.dropped else ""
    issuer = leaf.certificate.issuer.human_friendly[:200]
    return failed(PathFailure.NO_CHAIN, f"no chain to a known root; issuer: {issuer}{left_out}")
