"""The date that a document prints as its own: "Yên Giang, ngày 01 tháng 8 năm 2024".

Decree 30/2020/NĐ-CP, annex I, part II, no. 4: place and date stand on one line of the first page, the date as a
Vietnamese calendar day. Read from the text of the signed revision; a page without text, without such a line or with two
different ones prints no date that could be compared. Knows text of pages, no signatures.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta, timezone
from typing import Final

import pypdfium2 as pdfium

from signing.validation.drawing import DrawingFailedError, opened

MAX_BYTES: Final = 64 * 1024 * 1024  # larger files are not opened a second time for their date
MAX_LETTERS: Final = 20_000
VIETNAM: Final = timezone(timedelta(hours=7))
_PLACE_AND_DATE: Final = re.compile(
    r"^.{1,120}[^\W\d],\s*ngày\s*(\d{1,2})\s*tháng\s*(\d{1,2})\s*năm\s*(\d{4})\s*\.?\s*$", re.MULTILINE | re.IGNORECASE
)


def printed_date(pdf: bytes, end: int, password: str | None = None) -> date | None:
    """The date printed on the first page of a revision; None if there is no single one. Never raises.

    Args:
        pdf: the file.
        end: first byte behind the revision.
        password: for an encrypted file.
    """
    if len(pdf) > MAX_BYTES:
        return None
    try:
        with opened(pdf, end, password) as document:
            text = _first_page(document)
    except (DrawingFailedError, pdfium.PdfiumError, ValueError, IndexError):
        return None
    found = {_day(*match.groups()) for match in _PLACE_AND_DATE.finditer(text)}
    return found.pop() if len(found) == 1 else None


def is_printed_day(printed: date, moment: datetime) -> bool:
    """Whether a moment lies on the printed day in Vietnam."""
    return moment.astimezone(VIETNAM).date() == printed


def _first_page(document: pdfium.PdfDocument) -> str:
    """Its text, NFC, one blank between words."""
    page = document[0]
    text = page.get_textpage()
    try:
        lines = text.get_text_range(count=min(text.count_chars(), MAX_LETTERS)).splitlines()
    finally:
        text.close()
    return "\n".join(" ".join(unicodedata.normalize("NFC", line).split()) for line in lines)


def _day(day: str, month: str, year: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
