"""What makes a secondary certificate one: its link to the primary, and a scope inside the primary's (I2).

Knows our two extensions. What it compares with is handed in.
"""

from collections.abc import Iterator

from signing.errors import CertificateMalformed
from signing.identity import Scope, decode_scope, decode_secondary
from signing.lint.findings import LintInput
from signing.lint.parts import Parts


def link_findings(parts: Parts, subject: LintInput) -> Iterator[str]:
    """Judge scope and link; the period is compared where periods are judged."""
    scope, link = parts.values.get("scope"), parts.values.get("secondary")
    try:
        own_scope = decode_scope(scope) if scope is not None else Scope()
        linked = decode_secondary(link) if link is not None else None
    except CertificateMalformed:
        yield "anso.I2.extension_malformed"
        return
    if not subject.profile.secondary:
        return
    primary = subject.primary
    if primary is None or linked is None or linked[1] != primary.sha256:
        yield "anso.I2.primary_is_another"
        return
    if not own_scope.lies_within(primary.scope):
        yield "anso.I2.scope_wider_than_primary"
