"""The door: what the file is, whether it may come in, and its pages one by one."""

from digitize.errors import TooManyBytes
from digitize.intake.pdf_pages import open_pdf, png_of_page
from digitize.intake.pictures import jpeg_of, open_pictures
from digitize.intake.sniff import Kind, sniff
from digitize.intake.source import Limits, Source, SourcePage

__all__ = ["Kind", "Limits", "Source", "SourcePage", "jpeg_of", "open_source", "png_of_page", "sniff"]


def open_source(data: bytes, limits: Limits) -> Source:
    """Return the file's pages after every check that does not need them decoded.

    Raises:
        UnsupportedInput, UnsafeInput, AlreadySigned: See `digitize.errors` for the leaves.
    """
    if len(data) > limits.max_bytes:
        raise TooManyBytes("the file is too large")
    kind = sniff(data)
    return open_pdf(data, limits) if kind is Kind.PDF else open_pictures(data, kind, limits)
