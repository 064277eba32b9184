"""The check of a document, as a numbered procedure (after ETSI EN 319 102-1, with the traps of PDF in between).

1. open the file with two readers; what they see differently nobody signed
2. per signature: byte-range geometry; one gap, filled by the container only (signature wrapping)
3. per signature: decode the container; digest and value (EN 319 102-1 §5.2.7)
4. document time-stamps, latest first: each one that holds moves the moment of proof back to its time (§5.6)
5. per signature: its own time-stamps give the best signature time (§5.5)
6. per signature: chain, period and status at that time (§5.2.6), purpose, algorithms (§5.2.8)
7. per signature: what was changed afterwards (incremental saving, shadow, overlay)
8. fold: per signature, then over the file; order of person and seal (I11)

Takes bytes, anchors, policy and a moment; does no input or output, and never raises for what a file contains.
"""

import sys
from dataclasses import dataclass
from datetime import datetime

from signing.errors import CertificateMalformed
from signing.identity import read_certificate_facts
from signing.trust import Evidence, TrustAnchors
from signing.validation.algorithms import algorithm_faults, is_legacy
from signing.validation.chains import ChainAnswer, judge_chain, purpose_fault
from signing.validation.changes import ChangeAnalysis, Changes
from signing.validation.coherence import incoherence
from signing.validation.container import Container, ContainerFaultError, digest_of, integrity, read_container
from signing.validation.document import DocumentFaultError, OpenedDocument, SignatureField, open_document
from signing.validation.entitlement import judged_entitlement
from signing.validation.geometry import Coverage, GeometryFaultError, checked_coverage
from signing.validation.judgement import (
    BROKEN_STAMP,
    CRASHED,
    INCOHERENT,
    MALFORMED,
    PASSED,
    UNSUPPORTED,
    WRAPPED,
    WRONG_ALGORITHM,
    WRONG_DIGEST,
    WRONG_PURPOSE,
    WRONG_VALUE,
    Judgement,
    of_changes,
    of_path,
)
from signing.validation.levels import reached_level
from signing.validation.policy import ValidationPolicy
from signing.validation.proofs import Proofs, collect_proofs
from signing.validation.purposes import signing_purpose
from signing.validation.reasons import Reason
from signing.validation.report import (
    EvidenceUsed,
    Report,
    SignatureReport,
    Verdict,
    file_facts,
)
from signing.validation.unsigned import is_picture, picture_report, unsigned_findings

MAX_SIGNATURES = 500
_DETACHED = {"/ETSI.CAdES.detached", "/adbe.pkcs7.detached"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """What stays the same for every signature of one check."""

    document: OpenedDocument
    anchors: TrustAnchors
    policy: ValidationPolicy
    evidence: Evidence
    given: Evidence
    at: datetime
    proofs: Proofs
    analysis: ChangeAnalysis


@dataclass(frozen=True, slots=True, kw_only=True)
class _Integrity:
    """Steps 2 and 3 of one signature."""

    coverage: Coverage | None = None
    container: Container | None = None
    intact: bool | None = None
    judgement: Judgement | None = None
    error: str = ""


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
    given = evidence or Evidence()

    def report(signatures: tuple[SignatureReport, ...], fault: Reason | None, *warnings: Reason) -> Report:
        return Report(
            file_sha256=digest, file_size=size, policy_id=policy.policy_id, checked_at=at, signatures=signatures,
            file_fault=fault, warnings=warnings, entitlement=judged_entitlement(signatures),
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
    whole = document.evidence.merged(given)
    integrities = {field.name: _integrity(document, field) for field in document.fields}
    setting = _Setting(
        document=document, anchors=anchors, policy=policy, evidence=whole, given=given, at=at,
        proofs=collect_proofs(
            document,
            {n: (i.coverage, i.container) for n, i in integrities.items() if i.coverage and i.container},
            anchors=anchors, policy=policy, evidence=whole, at=at,
        ),
        analysis=ChangeAnalysis(document),
    )  # fmt: skip
    in_order = sorted(document.fields, key=lambda field: _end(integrities[field.name]))  # as they were set
    signatures = tuple(_guarded(field, integrities[field.name], setting) for field in in_order)
    return report(_file_level(signatures, document), None, *warnings)


def _end(found: _Integrity) -> int:
    return found.coverage.end if found.coverage else sys.maxsize


def _guarded(field: SignatureField, found: _Integrity, setting: _Setting) -> SignatureReport:
    """One signature; its crash is its own answer and hides no other signature."""
    try:
        return _signature(field, found, setting)
    except Exception as err:  # noqa: BLE001 - DESIGN §4: a crash is never a pass
        return _report_of(field, found, CRASHED, errors=(f"{type(err).__name__}",))


def _integrity(document: OpenedDocument, field: SignatureField) -> _Integrity:
    """Steps 2 and 3 of one signature; whatever its bytes make a decoder raise is its own answer."""
    try:
        return _decoded_integrity(document, field)
    except Exception as err:  # noqa: BLE001 - asn1crypto decodes late: a part may fail wherever it is first looked at
        return _Integrity(judgement=MALFORMED, error=f"the signature does not decode ({type(err).__name__})")


def _decoded_integrity(document: OpenedDocument, field: SignatureField) -> _Integrity:
    if field.fault or field.value is None:
        return _Integrity(judgement=MALFORMED, error=field.fault or "no signature dictionary")
    try:
        coverage = checked_coverage(document.pdf, field.byte_range)
    except GeometryFaultError as err:
        return _Integrity(judgement=WRAPPED if field.byte_range else MALFORMED, error=str(err))
    if field.sub_filter not in _DETACHED and not field.is_timestamp:
        return _Integrity(coverage=coverage, judgement=UNSUPPORTED, error=f"sub-filter {field.sub_filter[:60]}")
    try:
        container = read_container(coverage.contents)
    except ContainerFaultError as err:
        judgement = UNSUPPORTED if err.unsupported else MALFORMED
        return _Integrity(coverage=coverage, judgement=judgement, error=str(err))
    if field.is_timestamp:  # step 4 does the rest
        return _Integrity(coverage=coverage, container=container)
    try:
        if container.content_type != "data" or container.signed["encap_content_info"]["content"].native is not None:
            return _Integrity(coverage=coverage, container=container, judgement=MALFORMED, error="not detached")
        digest = digest_of(coverage.digested_parts(document.pdf), container.digest)
        intact, valid = integrity(container, digest, content_type="data")
    except ContainerFaultError as err:
        judgement = UNSUPPORTED if err.unsupported else MALFORMED
        return _Integrity(coverage=coverage, container=container, judgement=judgement, error=str(err))
    wrong = None if intact and valid else WRONG_VALUE if intact else WRONG_DIGEST
    return _Integrity(coverage=coverage, container=container, intact=intact and valid, judgement=wrong)


def _signature(field: SignatureField, found: _Integrity, setting: _Setting) -> SignatureReport:
    """Steps 5 to 7 of one signature or document time-stamp."""
    if found.coverage is None or found.container is None or (found.judgement and not field.is_timestamp):
        changes = setting.analysis.after(field, found.coverage) if found.coverage else None
        return _report_of(field, found, found.judgement or CRASHED, changes=changes)
    changes = setting.analysis.after(field, found.coverage)
    if field.is_timestamp:
        answer = setting.proofs.documents[field.name]
        return _report_of(
            field, found, answer.judgement, changes=changes, intact=answer.stamp.intact, chain=answer.stamp.chain,
            setting=setting, best=(answer.stamp.stamped_time, "none"), errors=(answer.stamp.error,),
        )  # fmt: skip
    proof = setting.proofs.best(field.name)
    container = found.container
    anchors = setting.anchors.serving(signing_purpose(container.leaf), proof.time or proof.control_time)
    chain = judge_chain(
        container.leaf, container.certificates, anchors, setting.evidence,
        proven_time=proof.time, control_time=proof.control_time, require_status=setting.policy.require_status,
    )  # fmt: skip
    judgement, errors = _fold(container, chain, changes, setting, broken_stamp=proof.broken)
    warnings = list(proof.warnings)
    if proof.time is None:
        warnings.append(Reason.NO_TRUSTED_TIME)
    if is_legacy(container):
        warnings.append(Reason.LEGACY_SCHEME)
    return _report_of(
        field, found, judgement, changes=changes, chain=chain.chain, setting=setting, errors=errors,
        best=(proof.time, proof.source), warnings=tuple(warnings),
        level=reached_level(field, container, setting.proofs, setting.document.evidence, chain),
    )  # fmt: skip


def _fold(
    container: Container, chain: ChainAnswer, changes: Changes, setting: _Setting, *, broken_stamp: bool
) -> tuple[Judgement, tuple[str, ...]]:
    """Step 8 for one signature whose integrity holds: the first thing that is wrong names the answer."""
    altered = of_changes(changes, accept_form_fill=setting.policy.accept_form_fill)
    faults = algorithm_faults(container, chain.chain or (container.leaf,), setting.policy)
    purpose = purpose_fault(container.certificate)
    if altered is not None and altered.verdict is Verdict.INVALID:
        return altered, tuple(c.what for c in changes.changes)
    if faults:
        return WRONG_ALGORITHM, faults
    if not chain.ok:
        return of_path(chain.outcome.failure, proven=chain.proven_time is not None), (chain.outcome.reason,)
    if purpose:
        return WRONG_PURPOSE, (purpose,)
    if altered is not None:
        return altered, tuple(c.what for c in changes.changes)
    unfit = incoherence(container)
    if unfit:
        return INCOHERENT, (unfit,)
    return (BROKEN_STAMP, ("a time-stamp of the signature is broken",)) if broken_stamp else (PASSED, ())


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


def _report_of(
    field: SignatureField,
    found: _Integrity,
    judgement: Judgement,
    *,
    changes: Changes | None = None,
    intact: bool | None = None,
    chain: tuple[bytes, ...] = (),
    setting: _Setting | None = None,
    best: tuple[datetime | None, str] = (None, "none"),
    level: str | None = None,
    warnings: tuple[Reason, ...] = (),
    errors: tuple[str, ...] = (),
) -> SignatureReport:
    result = SignatureReport(
        field=field.name,
        kind="timestamp" if field.is_timestamp else "signature",
        verdict=judgement.verdict,
        reason=judgement.reason,
        indication=judgement.indication,
        sub_indication=judgement.sub_indication,
        intact=found.intact if intact is None else intact,
        level=level,
        best_time=best[0],
        best_time_source=best[1],
        claimed_time=(found.container.claimed_time if found.container else None) or field.claimed_time,
        warnings=warnings,
        errors=tuple(e for e in (found.error, *errors) if e),
    )
    if changes is not None:
        result = result.with_changes(changes.level, changes.changes, covers_whole_file=changes.covers_whole_file)
    if found.container is not None:
        result = _with_certificate(result, found.container)
    if setting is not None and chain:
        anchor = setting.anchors.find(chain[-1])
        result = result.with_trust(anchor, _evidence_used(setting))
    return result


def _with_certificate(report: SignatureReport, container: Container) -> SignatureReport:
    try:
        facts = read_certificate_facts(container.leaf)
    except CertificateMalformed:
        return report
    return report.with_facts(facts, issuer=str(container.certificate.issuer.human_friendly)[:300])


def _evidence_used(setting: _Setting) -> tuple[EvidenceUsed, ...]:
    own, given = setting.document.evidence, setting.given
    return tuple(
        EvidenceUsed(kind=kind, source=source, sha256=file_facts(der)[0])
        for source, evidence in (("document", own), ("given", given))
        for kind, items in (("ocsp", evidence.ocsps), ("crl", evidence.crls))
        for der in items
    )
