"""The entries of a worker process: checks with positional arguments, for ``signing.isolation``."""

from datetime import datetime

from signing.trust import Evidence, TrustAnchors, Want, wants_of
from signing.validation.certificate import CertificateFindings, CertificateQuestion, examine_certificate
from signing.validation.policy import ValidationPolicy
from signing.validation.report import Report
from signing.validation.verify import verify_pdf
from signing.validation.versions import ComparedPage, compared_page, signed_end
from signing.validation.wanted import wanted_by_pdf


def verify_in_worker(
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
