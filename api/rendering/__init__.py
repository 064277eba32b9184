"""Pages that we typeset ourselves: results, receipt slips, records and reports.

Must not know records, use-cases or HTTP: values in, PDF bytes out.
"""

from collections.abc import Mapping, Sequence


def render_result(content: Mapping[str, object]) -> bytes:
    """Give the PDF/A-2b page of a result; see `api.rendering.page.render_result`.

    A worker process finds the function under this name; the service itself, which only names it, never loads the
    typesetter.
    """
    from api.rendering import page  # noqa: PLC0415 - see above

    return page.render_result(content)


def render_record(content: Mapping[str, object]) -> bytes:
    """Give the PDF/A-2b page of a record of the service itself; see `api.rendering.page.render_record`."""
    from api.rendering import page  # noqa: PLC0415 - see above

    return page.render_record(content)


def render_receipt(content: Mapping[str, object]) -> bytes:
    """Give the PDF/A-2b pages of a receipt slip; see `api.rendering.page.render_receipt`."""
    from api.rendering import page  # noqa: PLC0415 - see above

    return page.render_receipt(content)


def render_report(report: Mapping[str, object], issuer: str) -> bytes:
    """Give the PDF/A-2b pages of a verification report; see `api.rendering.page.render_report`."""
    from api.rendering import page  # noqa: PLC0415 - see above

    return page.render_report(report, issuer)


def plain_copy(pdf: bytes, pages: Sequence[int] | None) -> bytes:
    """Give the pages of a document in a PDF/A-2b file of their own; see `api.rendering.renditions.plain_copy`."""
    from api.rendering import renditions  # noqa: PLC0415 - see above

    return renditions.plain_copy(pdf, pages)


def printed_copy(pdf: bytes, strip: Mapping[str, object]) -> bytes:
    """Give a document for a printer, with a strip below each page; see `api.rendering.renditions.printed_copy`."""
    from api.rendering import renditions  # noqa: PLC0415 - see above

    return renditions.printed_copy(pdf, strip)
