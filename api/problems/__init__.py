"""Errors as RFC 9457 problem documents: one table from error class to status and titles.

The only place that knows both an error and an HTTP status. Must not know routes or use-cases.
"""

from api.problems.document import LANGUAGES, Problem, choose_language, describe, is_refusal, reason_of
from api.problems.table import TABLE, Row

__all__ = ["LANGUAGES", "TABLE", "Problem", "Row", "choose_language", "describe", "is_refusal", "reason_of"]
