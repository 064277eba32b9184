"""The entries of a worker process: checks with positional arguments, for ``signing.isolation``."""

from datetime import datetime
from typing import Any

from signing.trust import Evidence, TrustAnchors, Want, wants_of
from signing.validation.certificate import CertificateFindings, CertificateQuestion, examine_certificate
from signing.validation.detached import verify_detached
from signing.validation.digests import ContentDigest
from signing.validation.hashes import HashedSignature, verify_hashes
from signing.validation.policies import POLICIES, VN_IN_FORCE
from signing.validation.policy import ValidationPolicy
from signing.validation.report import Report
from signing.validation.verify import verify_pdf
from signing.validation.versions import ComparedPage, compared_page, signed_end
from signing.validation.wanted import wanted_by_pdf


def verify_in_worker(  # noqa: PLR0917 - a worker's call has positional arguments only
    pdf: bytes,
    anchors: TrustAnchors,
    policy: ValidationPolicy,
    at: datetime,
    evidence: Evidence,
    password: str | None = None,
    compare_pages: bool = True,  # noqa: FBT001, FBT002 - a worker's call has positional arguments only
) -> Report:
    """``verify_pdf`` for a caller in another process."""
    return verify_pdf(
        pdf, anchors=anchors, policy=policy, at=at, evidence=evidence, password=password, compare_pages=compare_pages
    )


def tell_in_worker(  # noqa: PLR0917 - as above
    content: bytes | None,
    signature: bytes | None,
    anchors: TrustAnchors,
    policy_id: str | None,
    at: datetime,
    password: str | None,
    detailed: bool,  # noqa: FBT001 - a worker's call has positional arguments only
    etsi: bool,  # noqa: FBT001 - as above
) -> tuple[dict[str, Any], bytes]:
    """The whole answer about a file, for a caller that knows no reports: its document, and as XML if that is wanted."""
    policy, evidence = policy_named(policy_id), Evidence()
    if signature is None:
        pdf = content or b""
        report = verify_pdf(pdf, anchors=anchors, policy=policy, at=at, evidence=evidence, password=password)
    else:
        report = verify_detached(signature, content, anchors=anchors, policy=policy, at=at, evidence=evidence)
    if not etsi:
        return report.document(detailed=detailed), b""
    from signing.validation.etsi_report import etsi_report  # noqa: PLC0415 - an XML library, rarely wanted

    return report.document(detailed=detailed), etsi_report(report)


def policy_named(policy_id: str | None) -> ValidationPolicy:
    """The policy of that name; None: the one in force. A caller asks for those that there are."""
    return VN_IN_FORCE if policy_id is None else POLICIES[policy_id]


def examine_in_worker(
    question: CertificateQuestion, anchors: TrustAnchors, policy: ValidationPolicy
) -> CertificateFindings:
    """``examine_certificate`` for a caller in another process."""
    return examine_certificate(question, anchors, policy)


def wants_of_pdf_in_worker(pdf: bytes) -> tuple[Want, ...]:
    """``wanted_by_pdf`` for a caller in another process."""
    return wanted_by_pdf(pdf)


def wants_of_certificates_in_worker(certificates: tuple[bytes, ...]) -> tuple[Want, ...]:
    """``wants_of`` for a caller in another process."""
    return wants_of(certificates)


def signed_end_in_worker(pdf: bytes, name: str, password: str | None) -> int:
    """``signed_end`` for a caller in another process."""
    return signed_end(pdf, name, password)


def compared_page_in_worker(pdf: bytes, name: str, page: int | None, password: str | None) -> ComparedPage:
    """``compared_page`` for a caller in another process."""
    return compared_page(pdf, name, page, password)


def verify_detached_in_worker(  # noqa: PLR0917 - a worker's call has positional arguments only
    signature: bytes,
    content: bytes | ContentDigest | None,
    anchors: TrustAnchors,
    policy: ValidationPolicy,
    at: datetime,
    evidence: Evidence,
) -> Report:
    """``verify_detached`` for a caller in another process."""
    return verify_detached(signature, content, anchors=anchors, policy=policy, at=at, evidence=evidence)


def verify_hashes_in_worker(
    items: tuple[HashedSignature, ...],
    anchors: TrustAnchors,
    policy: ValidationPolicy,
    at: datetime,
    evidence: Evidence,
) -> Report:
    """``verify_hashes`` for a caller in another process."""
    return verify_hashes(items, anchors=anchors, policy=policy, at=at, evidence=evidence)
