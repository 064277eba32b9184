"""Clause-coded findings on a certificate before it is signed.

Checks a certificate (under a throw-away signature) against its profile: the fields that outside linters check too, and
what they are blind to: too long periods, names that are not NFC or hide characters, weak keys, missing policies,
qualified claims without statements, a secondary that outlives its primary. A finding's code is its clause. Knows no
registry and asks nobody: what it compares with is handed in.
"""

from signing.lint.check import lint_certificate
from signing.lint.findings import Finding, LintInput, Primary

__all__ = ["Finding", "LintInput", "Primary", "lint_certificate"]
