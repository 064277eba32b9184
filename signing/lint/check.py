"""The lint itself: every certificate is taken apart; what varies is judged each time, its form once.

Knows the order of the questions. The rules are in the modules beside.
"""

from collections.abc import Iterator

from signing.keys.der import DerError
from signing.lint.findings import Finding, LintInput
from signing.lint.forms import form_findings
from signing.lint.links import link_findings
from signing.lint.naming import name_findings
from signing.lint.parts import Parts, take_apart
from signing.lint.pointers import list_findings
from signing.lint.varying import key_findings, period_findings, serial_findings

_UNREADABLE = "rfc5280.4.1.certificate_unreadable"


def lint_certificate(subject: LintInput) -> tuple[Finding, ...]:
    """Return what is wrong with a certificate; empty when nothing is."""
    try:
        parts = take_apart(subject.certificate, subject.site.arc)
        codes = list(_codes(parts, subject))
    except (DerError, IndexError):
        codes = [_UNREADABLE]
    return tuple(Finding(code=code) for code in dict.fromkeys(codes))


def _codes(parts: Parts, subject: LintInput) -> Iterator[str]:
    yield from serial_findings(parts.serial)
    yield from period_findings(parts, subject)
    yield from name_findings(parts.subject_content, subject.profile)
    yield from key_findings(parts, subject)
    lists = parts.values.get("crl_distribution_points")
    if lists is not None:
        yield from list_findings(lists, subject.site, subject.profile)
    yield from link_findings(parts, subject)
    yield from form_findings(parts, subject)
