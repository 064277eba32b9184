"""From lines of text to named fields in their normal forms, each with confidence, place and what speaks against it."""

from digitize.extract.fields import extract, mandatory_fields
from digitize.extract.identity_number import check_number
from digitize.extract.reading import Reading

__all__ = ["Reading", "check_number", "extract", "mandatory_fields"]
