"""Anybody asks whether a certificate is good: any certificate, at a moment and now.

The hostile bytes are parsed in a limited worker process; the register is asked by digest only, so what it knows is told
only to who holds the very certificate. Nothing is kept; of the addresses that somebody else's certificate names only
listed hosts are asked. Must not know how the certificate came in or how the answer is shown.
"""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from api.callers import Caller
from api.db import Tx
from api.records.external_certificates import ExternalCertificates, ExternalState
from api.services import Services
from api.usecases.certificate_entitlement import IntendedUse, held_locally, holder_entitlement
from api.usecases.certificate_question import ValidateCertificate, examine, policy_of, question_of
from api.usecases.fetch_evidence import fetched_for_certificates
from api.usecases.trusted_roots import trusted_roots
from signing.profiles import AuthorityName
from signing.registry import CertificateRecord
from signing.registry_sql import RegistrySql
from signing.validation import (
    CertificateFindings,
    CertificateQuestion,
    CertificateReason,
    CertificateReport,
    HolderEntitlement,
    KnownPrimary,
    Register,
    broken_certificate_report,
    certificate_report,
    known_primary,
)


def validate_certificate(
    command: ValidateCertificate, services: Services, caller: Caller, at: datetime
) -> CertificateReport:
    """The answer about a certificate; a check that broke off is an answer too, never a pass.

    Raises:
        CertificateMalformed: the input is no certificate in any form. InputInvalid: too much of something, a moment
            in the future, no such policy. WorkersBusy: too many checks at once; come back later.
    """
    del caller  # the same answer for everybody
    policy = policy_of(command.policy_id, services.verifier.policy)
    roots = trusted_roots(services, at) if command.anchors is None else command.anchors
    anchors = roots.only(command.profile)
    question = _with_help(question_of(command, at), services, at)
    findings = examine(question, anchors, policy, services.workers, services.verifier.timeout_s)
    if isinstance(findings, CertificateReason):
        return broken_certificate_report(question, findings, anchors, policy, command.profile)
    with services.db.reading() as tx:
        registry = RegistrySql(tx)
        primary = _primary(findings, registry)
        return certificate_report(
            findings,
            _register(findings, primary, registry),
            primary=primary,
            entitlement=_entitlement(findings, command.use, question.then, tx),
            anchors=anchors,
            policy=policy,
            profile=command.profile,
        )


def _entitlement(findings: CertificateFindings, use: IntendedUse, at: datetime, tx: Tx) -> HolderEntitlement:
    """By our records, for our own certificates and for those of others that were imported and confirmed."""
    digest, scope = findings.description.sha256, None if findings.facts is None else findings.facts.scope
    record = RegistrySql(tx).by_sha256(digest)
    imported = None if record is not None else ExternalCertificates(tx).by_sha256(digest)
    if imported is None or imported.state in {ExternalState.PENDING, ExternalState.REJECTED}:
        return holder_entitlement(record, scope, use, at, tx)
    judged = holder_entitlement(imported.as_record(), scope, use, at, tx)
    return held_locally(judged, ExternalCertificates(tx).holds(imported.certificate_id), at)


def _with_help(question: CertificateQuestion, services: Services, at: datetime) -> CertificateQuestion:
    """Our own authorities stand by to build a path; for somebody else's certificate, what listed hosts say of it."""
    with services.db.reading() as tx:
        registry = RegistrySql(tx)
        own = [record.der for name in AuthorityName for record in registry.by_service(f"ca:{name.value}")]
        digest = sha256(question.certificate).hexdigest()
        is_own = registry.by_sha256(digest) is not None
        imported = ExternalCertificates(tx).by_sha256(digest)
    own += () if imported is None else imported.chain
    evidence = question.evidence
    if not is_own:
        evidence = evidence.merged(fetched_for_certificates((question.certificate, *question.others), services, at))
    known = set(question.others)
    others = question.others + tuple(der for der in own if der and der not in known)
    return replace(question, others=others, evidence=evidence)


def _primary(findings: CertificateFindings, registry: RegistrySql) -> KnownPrimary | None:
    wanted = None if findings.facts is None else findings.facts.primary_sha256
    record = None if wanted is None else registry.by_sha256(wanted)
    return None if record is None or record.der is None else known_primary(record.der)


def _register(findings: CertificateFindings, primary: KnownPrimary | None, registry: RegistrySql) -> Register:
    digests = [findings.description.sha256, *(one.sha256 for one in findings.above)]
    if primary is not None:
        digests.append(primary.facts.sha256)
    found: dict[str, CertificateRecord | None] = {digest: registry.by_sha256(digest) for digest in digests}
    return Register(
        histories={d: registry.history(r.certificate_id) for d, r in found.items() if r is not None}
    )  # fmt: skip
