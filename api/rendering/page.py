"""Typesets the page of a result and makes it PDF/A-2b.

Knows templates, the QR code and the typesetter. Must not know who calls it: a pure function of its argument (plain
values in, bytes out), so that it can run in a worker process that may be killed.
"""

import io
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pikepdf
import segno
import typst
from pikepdf import pdfa

from api.errors import RenderingFailed
from api.rendering.content import page_content, record_content
from api.rendering.embedded_fonts import forget_cid_sets
from api.rendering.receipt_content import receipt_content
from api.rendering.report_content import report_content
from api.rendering.typeface import TYPEFACE_DIR

TEMPLATES = Path(__file__).parent / "templates"


def render_result(content: Mapping[str, object]) -> bytes:
    """Give the page of an administrative result: number, date and QR code already on it, room for the marks.

    The same content always gives the same bytes (no clock, no random identifier), so a page that was lost between
    two steps can be made again.

    Args:
        content: plain values as `api.rendering.content` lists them.

    Returns:
        A PDF/A-2b file, validated after it was written.

    Raises:
        ContentNotPrintable: a value is missing, unknown, too long or not printable.
        RenderingFailed: the typesetter or the PDF/A check refused the page.
    """
    result_type, values = page_content(content)
    values["qr"] = _qr_svg(str(values["verification_url"]))
    return _archival(_typeset(result_type.value, json.dumps(values, ensure_ascii=False)))


def render_record(content: Mapping[str, object]) -> bytes:
    """Give the pages of a record that the service itself makes: a heading, named values, and a list.

    Raises:
        ContentNotPrintable, RenderingFailed: as for a result.
    """
    values = record_content(content)
    return _archival(_typeset("record", json.dumps(values, ensure_ascii=False)))


def render_receipt(content: Mapping[str, object]) -> bytes:
    """Give the pages of a receipt slip, with room for the officer's text mark above the heading.

    The same content always gives the same bytes.

    Raises:
        ContentNotPrintable, RenderingFailed: as for a result.
    """
    values = receipt_content(content)
    values["qr"] = _qr_svg(str(values["verification_url"]))
    return _archival(_typeset("receipt_slip", json.dumps(values, ensure_ascii=False)))


def render_report(report: Mapping[str, object], issuer: str) -> bytes:
    """Give the pages of a verification report for a person, Vietnamese first, then English.

    Args:
        report: the document of the report; what strangers wrote in it is shown as text, whatever it is.
        issuer: who checked.

    Raises:
        RenderingFailed: the typesetter or the PDF/A check refused the pages.
    """
    return _archival(_typeset("report", json.dumps(report_content(report, issuer), ensure_ascii=False)))


def typeset(template: str, values: Mapping[str, object]) -> bytes:
    """Give the pages of a template of ours as the typesetter leaves them; ``qr_address`` becomes a code to scan.

    Raises:
        RenderingFailed: the typesetter refused the pages.
    """
    content = dict(values)
    if "qr_address" in content:
        content["qr"] = _qr_svg(str(content["qr_address"]))
    return _typeset(template, json.dumps(content, ensure_ascii=False))


def _qr_svg(address: str) -> str:
    """Draw the QR code; level M survives a stamp or a fold over a tenth of it."""
    code = segno.make_qr(address, error="m", boost_error=False)
    return str(code.svg_inline(border=4, omitsize=True))


@cache
def _fonts() -> typst.Fonts:
    # only our typeface: a missing letter must be refused, not drawn with whatever the machine has
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(TYPEFACE_DIR)])


def _typeset(template: str, content: str) -> bytes:
    try:
        compiler = typst.Compiler(
            input=str(TEMPLATES / f"{template}.typ"),
            root=str(TEMPLATES),
            font_paths=_fonts(),
            sys_inputs={"content": content},
        )
        # untagged and stamped with a fixed moment: no clock and no identifier of the machine in the file
        pdf, warnings = compiler.compile_with_warnings(format="pdf", pdf_standards="a-2b", timestamp=0)
    except typst.TypstError as err:
        raise RenderingFailed("Không dàn được trang.", "The page could not be typeset.") from err

    if warnings or not isinstance(pdf, bytes):
        raise RenderingFailed("Không dàn được trang.", "The page could not be typeset.")
    return pdf


def _archival(pdf: bytes) -> bytes:
    """Write PDF/A-2b and validate what was written."""
    out = io.BytesIO()
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            forget_cid_sets(document)
            pdfa.prepare(document, "2b")
            _forget_the_clock(document)
            pdfa.save(document, out, "2b", repair=False, deterministic_id=True)
    except pdfa.PdfaError as err:
        raise RenderingFailed("Trang không đạt PDF/A-2b.", "The page is not valid PDF/A-2b.") from err
    return out.getvalue()


def _forget_the_clock(document: pikepdf.Pdf) -> None:
    """Take the moment of the metadata from the document: `prepare` wrote the machine's time there."""
    metadata = document.Root.Metadata.read_bytes()
    modified = re.search(rb"<xmp:ModifyDate>([^<]+)</xmp:ModifyDate>", metadata)
    if modified is None:
        raise RenderingFailed("Trang thiếu siêu dữ liệu.", "The page has no metadata.")
    moment = b"<xmp:MetadataDate>" + modified[1] + b"</xmp:MetadataDate>"
    document.Root.Metadata.write(re.sub(rb"<xmp:MetadataDate>[^<]+</xmp:MetadataDate>", moment, metadata))
