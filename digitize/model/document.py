"""What was read, as a JSON document: the shape that `anso ocr -o json` prints and that is kept, encrypted (DESIGN §3).

Names are wire names: later ones may be added, none renamed. Knows the values only.
"""

from collections.abc import Mapping

from digitize.model.values import DigitisedPages, Field, Line, Page

Document = dict[str, object]


def to_document(result: DigitisedPages) -> Document:
    """Return the reading without the PDF. Boxes are `[left, top, right, bottom]` in pixels of the page picture."""
    return {
        "document_type": result.document_type.value,
        "document_type_confidence": round(result.document_type_confidence, 4),
        "text": result.text,
        "fields": fields_document(result.fields),
        "pages": [_page(page) for page in result.pages],
        "quality": {
            "confidence": result.quality.confidence,
            "needs_human": result.quality.needs_human,
            "findings": [finding.value for finding in result.quality.findings],
        },
        "engine": result.engine,
    }


def fields_document(fields: Mapping[str, Field]) -> Document:
    """Return the fields by name."""
    return {name: _field(field) for name, field in fields.items()}


def _field(field: Field) -> Document:
    return {
        "value": field.value,
        "raw": field.raw,
        "confidence": field.confidence,
        "page": field.page,
        "box": field.box.rounded(),
        "needs_review": field.needs_review,
        "findings": [finding.value for finding in field.findings],
    }


def _page(page: Page) -> Document:
    return {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "dpi": page.dpi,
        "confidence": round(page.confidence, 4),
        "is_rectified": page.is_rectified,
        "findings": [finding.value for finding in page.findings],
        "lines": [_line(line) for line in page.lines],
    }


def _line(line: Line) -> Document:
    return {
        "text": line.text,
        "confidence": round(line.confidence, 4),
        "box": line.box.rounded(),
        "words": [
            {"text": word.text, "confidence": round(word.confidence, 4), "box": word.quad.box.rounded()}
            for word in line.words
        ],
    }
