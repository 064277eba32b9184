"""The check of a document, as a numbered procedure (after ETSI EN 319 102-1, with the traps of PDF in between).

1. open the file with two readers; what they see differently nobody signed
2. per signature: is it one of these bytes? Format (§5.2.2), signer's certificate (§5.2.3), digest and value (§5.2.7)
3. per signature: what was changed afterwards, object by object and, where something was added, picture by picture
4. the time-stamps of the document, each once (§5.4): by when each object existed (§5.6.2.3), best signature time (§5.5)
5. per signature: chain, period and status at that time (§5.2.6, freshness §5.2.5, past validation §5.6.2), purpose
6. per signature: acceptance (§5.2.8): algorithms at that time, later changes, coherence, order of the time-stamps
7. fold: the first thing that is wrong names the answer; then what is wrong with the file; person and seal (I11)

Steps 2 and 3 are told whatever the later steps say. The indications are those of §5.1.3 (``judgement``). Takes bytes,
anchors, policy and a moment; does no input or output, and never raises for what a file contains.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from signing.identity import CertificateClass
from signing.trust import Evidence, TrustAnchors
from signing.validation.acceptance import signer_fault
from signing.validation.algorithms import is_legacy
from signing.validation.chains import ChainAnswer, judge_chain
from signing.validation.changes import ChangeAnalysis, Changes
from signing.validation.claimed_time import is_claim_doubtful
from signing.validation.coherence import incoherence
from signing.validation.container import Container
from signing.validation.described import described
from signing.validation.document import DocumentFaultError, OpenedDocument, SignatureField, open_document
from signing.validation.entitlement import NOT_JUDGED, judged_entitlement
from signing.validation.evidence_at_hand import EvidenceAtHand
from signing.validation.geometry import Coverage
from signing.validation.integrity import Examined, examined
from signing.validation.judgement import (
    BROKEN_STAMP,
    CRASHED,
    INCOHERENT,
    PAGES_DIFFER,
    PASSED,
    STAMPS_OUT_OF_ORDER,
    Judgement,
    of_changes,
    warning_of,
)
from signing.validation.levels import DocumentStanding, document_standing, reached_level
from signing.validation.page_comparison import PageComparison
from signing.validation.path_memory import PathMemory
from signing.validation.policy import ValidationPolicy
from signing.validation.printed_date import is_printed_day, printed_date
from signing.validation.proofs import Proof, Proofs, collect_proofs, shown_stamp
from signing.validation.purposes import signing_purpose
from signing.validation.reasons import Reason
from signing.validation.report import Report, SignatureReport, Verdict, file_facts
from signing.validation.signature_reading import CADES
from signing.validation.unsigned import is_picture, picture_report, unsigned_findings

MAX_SIGNATURES: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """What stays the same for every signature of one check."""

    document: OpenedDocument
    anchors: TrustAnchors
    policy: ValidationPolicy
    at: datetime
    bag: tuple[bytes, ...]
    """Certificates of the whole document: any of them may help any chain."""

    evidence: Evidence
    at_hand: EvidenceAtHand
    proofs: Proofs
    analysis: ChangeAnalysis
    pages: PageComparison
    memory: PathMemory
    standing: DocumentStanding


def verify_pdf(
    pdf: bytes,
    *,
    anchors: TrustAnchors,
    policy: ValidationPolicy,
    at: datetime,
    evidence: Evidence | None = None,
    password: str | None = None,
    compare_pages: bool = True,
) -> Report:
    """Checks every signature of a PDF.

    Args:
        pdf: the file; hostile until shown otherwise. The caller bounds its size and works in a limited process.
        anchors: the accepted roots with their profiles.
        policy: algorithms and strictness.
        at: the moment of checking.
        evidence: status evidence that the caller has beside the document's own.
        password: opens an encrypted document; kept nowhere.
        compare_pages: whether pages are drawn and compared when something was appended to a signed revision.

    Returns:
        A report, whatever the bytes are; what could not be checked is never VALID.
    """
    digest, size = file_facts(pdf)

    def report(signatures: tuple[SignatureReport, ...], fault: Reason | None, *warnings: Reason) -> Report:
        return Report(
            file_sha256=digest, file_size=size, policy_id=policy.policy_id, checked_at=at, signatures=signatures,
            file_fault=fault, warnings=warnings,
            entitlement=judged_entitlement(signatures) if fault is None else NOT_JUDGED,
            trust_policies=anchors.policies,
        )  # fmt: skip

    if is_picture(pdf):
        return picture_report(pdf, policy=policy, at=at)
    try:  # step 1
        document = open_document(pdf, password)
    except DocumentFaultError as err:
        return report((), Reason(err.code))
    except Exception:  # noqa: BLE001 - a crash of a reader is an answer, never a pass (DESIGN §4)
        return report((), Reason.DOCUMENT_DAMAGED)
    warnings = (Reason.ACTIVE_CONTENT,) if document.active_content else ()
    if len(document.fields) > MAX_SIGNATURES:
        return report((), Reason.CHECK_TOO_COSTLY, *warnings)
    if not any(not field.is_timestamp for field in document.fields):  # S10: what the file is instead
        warnings = (*unsigned_findings(document, password), *warnings)
    found = {field.name: examined(document, field) for field in document.fields}  # step 2
    pages = PageComparison(document, password, compare_pages)
    setting = _setting(document, found, pages, anchors, policy, at, evidence or Evidence())
    in_order = sorted(document.fields, key=lambda field: _end(found[field.name]))  # as they were set
    signatures = tuple(_guarded(field, found[field.name], setting) for field in in_order)
    return report(_dated(_file_level(signatures, document), document, password), None, *warnings)  # step 7


def _setting(  # noqa: PLR0917 - what one check consists of
    document: OpenedDocument,
    found: dict[str, Examined],
    pages: PageComparison,
    anchors: TrustAnchors,
    policy: ValidationPolicy,
    at: datetime,
    given: Evidence,
) -> _Setting:
    """Everything that is worked out once for the whole document: certificates, evidence, time-stamps (step 4)."""
    containers = [one.container for one in found.values() if one.container is not None]
    own = document.evidence
    for container in containers:
        own = own.merged(container.evidence)
    whole = own.merged(given)
    bag = tuple(dict.fromkeys((*(c for k in containers for c in k.certificates), *whole.certificates)))
    memory = PathMemory()
    proofs = collect_proofs(
        document, found, bag=bag, anchors=anchors, policy=policy, evidence=whole, at=at, memory=memory
    )
    return _Setting(
        document=document, standing=document_standing(document, proofs), anchors=anchors, policy=policy, at=at,
        bag=bag, evidence=whole, pages=pages, memory=memory, at_hand=EvidenceAtHand(own, given), proofs=proofs,
        analysis=ChangeAnalysis(document, password=pages.password),
    )  # fmt: skip


def _end(found: Examined) -> int:
    return found.coverage.end if found.coverage else sys.maxsize


def _guarded(field: SignatureField, found: Examined, setting: _Setting) -> SignatureReport:
    """One signature; its crash is its own answer and hides no other signature."""
    try:
        return _signature(field, found, setting)
    except Exception as err:  # noqa: BLE001 - DESIGN §4: a crash is never a pass
        # what could not be judged is not described either: its container may be what broke the check
        return described(field, replace(found, container=None, error=type(err).__name__), CRASHED)


def _signature(field: SignatureField, found: Examined, setting: _Setting) -> SignatureReport:
    """Steps 3 to 6 of one signature or document time-stamp."""
    coverage, container = found.coverage, found.container
    if coverage is None:
        return described(field, found, found.judgement or CRASHED)
    changes = setting.analysis.after(field, coverage)  # step 3
    if container is None:
        return described(field, found, found.judgement or CRASHED, changes)
    if field.is_timestamp:
        return _document_timestamp(field, found, changes, coverage, setting)
    proof = setting.proofs.best(field.name)  # step 4
    chain = _chain(container, proof, setting)  # step 5
    if found.judgement is None:
        judgement, errors, warnings = _accepted(container, coverage, chain, changes, proof, setting)  # step 6
    else:
        judgement, errors, warnings = found.judgement, (), ()
    draft = described(field, found, judgement, changes)
    if chain.chain:
        rests_on = setting.at_hand.about((chain.chain, *(stamp.chain for stamp in proof.stamps)))
        draft = draft.with_trust(setting.anchors.find(chain.chain[-1]), rests_on)
    return replace(
        draft,
        best_time=proof.time,
        best_time_source=proof.source,
        timestamps=proof.stamps,
        chain=chain.chain,
        level=reached_level(field, container, coverage, setting.standing),
        policy_id=setting.policy.judging(chain.proven_time or setting.at).policy_id,
        warnings=tuple(dict.fromkeys((*proof.warnings, *warnings, *_of_claims(container, draft, proof, setting.at)))),
        errors=(*draft.errors, *errors),
    )


def _document_timestamp(
    field: SignatureField, found: Examined, changes: Changes, coverage: Coverage, setting: _Setting
) -> SignatureReport:
    """§5.4 was done in step 4; here its answer is written down."""
    answer = setting.proofs.documents[field.name]
    stamp = answer.stamp
    draft = described(field, replace(found, intact=stamp.intact), answer.judgement, changes)
    if stamp.chain:
        draft = draft.with_trust(setting.anchors.find(stamp.chain[-1]), setting.at_hand.about((stamp.chain,)))
    errors = (*draft.errors, stamp.error) if stamp.error else draft.errors
    told = shown_stamp("document_timestamp", coverage.contents, stamp)
    return replace(draft, best_time=stamp.stamped_time, chain=stamp.chain, errors=errors, timestamps=(told,))


def _chain(container: Container, proof: Proof, setting: _Setting) -> ChainAnswer:
    """Step 5. §5.2.4: the validation context is the proven time, or the moment up to which everything is proved."""
    anchors = setting.anchors.serving(signing_purpose(container.leaf), proof.time or proof.control_time)
    return judge_chain(
        container.leaf, setting.bag, anchors, setting.evidence, proven_time=proof.time,
        control_time=proof.control_time, require_status=setting.policy.require_status, earliest=proof.earliest,
        existed=setting.proofs.existence, memory=setting.memory,
    )  # fmt: skip


def _accepted(  # noqa: PLR0917 - everything that was found out about one signature
    container: Container, coverage: Coverage, chain: ChainAnswer, changes: Changes, proof: Proof, setting: _Setting
) -> tuple[Judgement, tuple[str, ...], tuple[Reason, ...]]:
    """Step 6 and the fold of one signature whose integrity holds: judgement, details, warnings."""
    altered = of_changes(changes, accept_form_fill=setting.policy.accept_form_fill)
    what = tuple(change.what for change in changes.changes)
    warnings = list(_warnings(container, proof))
    told = warning_of(changes)
    if told is not None and altered is None:
        warnings.append(told)
    if altered is not None and altered.verdict is Verdict.INVALID:
        return altered, what, tuple(warnings)
    picture = setting.pages.after(coverage, changes) if altered is None else None
    if picture is not None and picture.same is False:
        return PAGES_DIFFER, tuple(f"page_looks_different:{p.page + 1}" for p in picture.pages), tuple(warnings)
    if picture is not None and picture.same is None:
        warnings.append(Reason.PAGES_NOT_COMPARED)
    return (*_fold(container, chain, proof, setting, (altered, what)), tuple(warnings))


def _fold(
    container: Container,
    chain: ChainAnswer,
    proof: Proof,
    setting: _Setting,
    doubt: tuple[Judgement | None, tuple[str, ...]],
) -> tuple[Judgement, tuple[str, ...]]:
    """The first thing that is wrong names the answer; what makes it invalid comes before what leaves it open."""
    fault = signer_fault(container, chain, setting.policy, proven=chain.proven_time, at=setting.at)
    if fault is not None:
        return fault
    altered, what = doubt
    if altered is not None:
        return altered, what
    unfit = incoherence(container, setting.bag)
    if unfit:
        return INCOHERENT, (unfit,)
    if proof.out_of_order:
        return STAMPS_OUT_OF_ORDER, ("time-stamps contradict each other in their order",)
    return (BROKEN_STAMP, ("a time-stamp of the signature is broken",)) if proof.broken else (PASSED, ())


def _warnings(container: Container, proof: Proof) -> Iterable[Reason]:
    if proof.time is None:
        yield Reason.NO_TRUSTED_TIME
    if is_legacy(container):
        yield Reason.LEGACY_SCHEME


def _of_claims(container: Container, draft: SignatureReport, proof: Proof, at: datetime) -> Iterable[Reason]:
    if draft.sub_filter == CADES and not container.bound_certificate:
        yield Reason.CERT_NOT_BOUND  # ISO 32000-2 §12.8.3.4.3 wants the attribute; real programs leave it out
    if is_claim_doubtful(draft.claimed_time, proven=proof.time, earliest=proof.earliest, begin=draft.not_before, at=at):
        yield Reason.CLAIMED_TIME_DOUBTFUL


def _dated(
    signatures: tuple[SignatureReport, ...], document: OpenedDocument, password: str | None
) -> tuple[SignatureReport, ...]:
    """Whether the first person signed on the day that the paper prints; a seal may come later (I11)."""
    for number, one in enumerate(signatures):
        is_person = one.kind == "signature" and one.certificate_class is not CertificateClass.ORG_SEAL
        if is_person and one.intact and one.best_time is not None and one.revision_end is not None:
            printed = printed_date(document.pdf, one.revision_end, password)
            if printed is None or is_printed_day(printed, one.best_time):
                return signatures
            told = replace(one, warnings=(*one.warnings, Reason.PRINTED_DATE_DIFFERS))
            return (*signatures[:number], told, *signatures[number + 1 :])
    return signatures


def _file_level(signatures: tuple[SignatureReport, ...], document: OpenedDocument) -> tuple[SignatureReport, ...]:
    """What is wrong with the file as a whole weighs on every signature: at best INDETERMINATE."""
    reason = None
    if document.disagreement is not None:
        reason = Reason.READERS_DISAGREE
    elif document.repaired:
        reason = Reason.DOCUMENT_DAMAGED
    if reason is None:
        return signatures
    return tuple(s.doubted(reason) if s.verdict is Verdict.VALID else s for s in signatures)
