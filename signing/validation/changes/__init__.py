"""What was changed in a document after a signature: object by object, revision by revision (ADR 0027).

``analysis`` tells it per signature; ``step`` compares two revisions by the roles that objects play in the document.
"""

from signing.validation.changes.analysis import MAX_REVISIONS, ChangeAnalysis
from signing.validation.changes.outcome import Change, ChangeLevel, Changes, is_worse, worst
from signing.validation.changes.words import Words, words_of

__all__ = [
    "MAX_REVISIONS", "Change", "ChangeAnalysis", "ChangeLevel", "Changes", "Words", "is_worse", "words_of", "worst",
]  # fmt: skip
