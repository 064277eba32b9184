"""Pages, lines, words, boxes and fields as plain frozen values, and their form on the wire."""

from digitize.model.document import Document, to_document
from digitize.model.values import (
    Box,
    DigitisedPages,
    DocumentType,
    Field,
    Finding,
    Line,
    Page,
    PageImage,
    Point,
    Quad,
    Quality,
    Word,
    slope_of,
)

__all__ = [
    "Box",
    "DigitisedPages",
    "Document",
    "DocumentType",
    "Field",
    "Finding",
    "Line",
    "Page",
    "PageImage",
    "Point",
    "Quad",
    "Quality",
    "Word",
    "slope_of",
    "to_document",
]
