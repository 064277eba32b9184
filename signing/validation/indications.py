"""The two vocabularies of an answer: one word of ours, and the indication of ETSI EN 319 102-1.

Knows words only; which finding gives which of them is in ``judgement``.
"""

from enum import StrEnum


class Verdict(StrEnum):
    """The answer in one word."""

    VALID = "valid"
    INVALID = "invalid"
    INDETERMINATE = "indeterminate"
    NO_SIGNATURE = "no_signature"


class Indication(StrEnum):
    """ETSI EN 319 102-1 §5.1.3, verbatim."""

    PASSED = "TOTAL-PASSED"
    FAILED = "TOTAL-FAILED"
    INDETERMINATE = "INDETERMINATE"
