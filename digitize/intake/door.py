"""The door: whether a file may come in, and its pages one by one. Loads the libraries that decode."""

from digitize.errors import TooManyBytes
from digitize.intake.limits import Limits
from digitize.intake.pdf_pages import open_pdf
from digitize.intake.pictures import open_pictures
from digitize.intake.sniff import Kind, sniff
from digitize.intake.source import Source, SourcePage

__all__ = ["Source", "SourcePage", "open_source"]


def open_source(data: bytes, limits: Limits) -> Source:
    """Return the file's pages after every check that does not need them decoded.

    Raises:
        UnsupportedInput, UnsafeInput, AlreadySigned: See `digitize.errors` for the leaves.
    """
    if len(data) > limits.max_bytes:
        raise TooManyBytes("the file is too large")
    kind = sniff(data)
    return open_pdf(data, limits) if kind is Kind.PDF else open_pictures(data, kind, limits)
