"""The story: a file comes in, pages are straightened and read, fields found, a searchable copy written and checked.

Works in its own process; whoever lives longer than one file uses `digitize.pipeline.Digitiser` instead.

Knows the order of the steps. Must not know where files come from or what happens with the answer.
"""

from dataclasses import replace
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from digitize import ocr, pdfa, preprocess, quality, tools
from digitize.classify import carries_secret_mark, classify
from digitize.errors import SecretPaper
from digitize.extract import Reading, extract
from digitize.intake import Limits
from digitize.intake.door import SourcePage, open_source
from digitize.intake.pictures import jpeg_of
from digitize.model import DigitisedPages, Line, Page, PageImage

_LONGEST_READ_PX = 5000  # A4 at 400 dpi; letters do not become easier to read beyond
_A4_IN = (8.27, 11.69)
_CARD_IN = (2.125, 3.37)  # ISO/IEC 7810 ID-1
_SHAPE_TOLERANCE = 0.05
_CUT_LINES = 3
_TITLE = "Bản sao số hóa"
_READ_TIMEOUT_S = 120.0

Image = NDArray[np.uint8]


def digitise(source: bytes, *, limits: Limits, at: datetime, progress: tools.Progress) -> DigitisedPages:
    """Return text, fields and searchable copy of one file.

    Args:
        source: The file's bytes, from anybody.
        limits: What the file may cost.
        at: Creation time of the copy, with zone.
        progress: Told about each finished page; the labels hold no personal data.

    Raises:
        DigitizeError: Any leaf of `digitize.errors`.
    """
    opened = open_source(source, limits)
    reader = ocr.reader(timeout_s=_READ_TIMEOUT_S)
    read: list[tuple[Page, PageImage]] = []
    for index in range(opened.page_count):
        progress(index, opened.page_count + 1, "reading")
        page, picture = _read_page(opened.page(index), index + 1, reader)
        if carries_secret_mark(page):  # I31: before anything of it is kept
            raise SecretPaper("the paper carries a state-secret mark")
        read.append((page, picture))
    progress(opened.page_count, opened.page_count + 1, "writing")
    pages = tuple(page for page, _ in read)
    kind = classify(pages)
    fields = extract(Reading.of(pages), kind.document_type)
    copy = pdfa.write_pdfa(read, title=_TITLE, at=at)
    progress(opened.page_count + 1, opened.page_count + 1, "done")
    return DigitisedPages(
        pages=pages,
        fields=fields,
        document_type=kind.document_type,
        document_type_confidence=kind.confidence,
        pdf=copy,
        quality=quality.assess(pages, fields),
        engine=reader.name,
    )


def _read_page(source: SourcePage, number: int, reader: ocr.Reader) -> tuple[Page, PageImage]:
    if source.lines is not None:  # real text of a born-digital page
        return _page(number, source.picture, source.lines, source.image, source.dpi), source.picture
    sheet = preprocess.find_page_quad(source.image)
    if sheet is not None:
        straight = preprocess.rectify(source.image, sheet)
        read, turned = _read(reader, straight)
        if not _is_cut(read):
            upright = preprocess.turn(straight, turned)
            picture = _straightened(upright)
            page = _page(number, picture, read.lines, upright, picture.dpi)
            return replace(page, is_rectified=True), picture
    read, turned = _read(reader, source.image)
    upright = preprocess.turn(source.image, turned) if turned else source.image
    picture = _with_size(_turned(source.picture, turned), source.dpi)
    return _page(number, picture, read.lines, upright, source.dpi or picture.dpi), picture


def _read(reader: ocr.Reader, image: Image) -> tuple[ocr.ReadPage, int]:
    """Read a picture, a very large one at a smaller scale; boxes are those of the picture as it came."""
    factor = max(1.0, max(image.shape[:2]) / _LONGEST_READ_PX)
    if factor == 1.0:
        read = reader.read(image)
        return read, read.quarter_turns
    size = (round(image.shape[1] / factor), round(image.shape[0] / factor))
    read = reader.read(np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8))
    lines = tuple(line.scaled(factor) for line in read.lines)
    height, width = image.shape[:2] if read.quarter_turns % 2 == 0 else image.shape[1::-1]
    return replace(read, lines=lines, width=width, height=height), read.quarter_turns


def _is_cut(read: ocr.ReadPage) -> bool:
    """Tell whether lines run into the sheet's sides: then what was found was not the whole sheet."""
    cut = [line for line in read.lines if line.box.left <= 1 or line.box.right >= read.width - 1]
    return len(cut) >= _CUT_LINES


def _page(number: int, picture: PageImage, lines: tuple[Line, ...], image: Image, dpi: int | None) -> Page:
    return Page(
        number=number,
        width=picture.width,
        height=picture.height,
        dpi=picture.dpi,
        lines=lines,
        findings=quality.page_findings(image, lines, dpi=dpi),
    )


def _straightened(image: Image) -> PageImage:
    return PageImage(
        width=image.shape[1],
        height=image.shape[0],
        dpi=_dpi_of_shape(image.shape[1], image.shape[0]),
        encoding="jpeg",
        data=jpeg_of(image),
    )


def _turned(picture: PageImage, turns: int) -> PageImage:
    size = (picture.height, picture.width) if turns % 2 else (picture.width, picture.height)
    return replace(picture, width=size[0], height=size[1], quarter_turns=(picture.quarter_turns + turns) % 4)


def _with_size(picture: PageImage, declared_dpi: int | None) -> PageImage:
    """Give a picture without a declared resolution that of the paper format whose shape it has."""
    if declared_dpi is not None:
        return picture
    return replace(picture, dpi=_dpi_of_shape(picture.width, picture.height))


def _dpi_of_shape(width: int, height: int) -> int:
    short, long = min(width, height), max(width, height)
    card = _CARD_IN[1] / _CARD_IN[0]
    if abs(long / short - card) < _SHAPE_TOLERANCE * card:
        return max(1, round(long / _CARD_IN[1]))
    return max(1, round(long / _A4_IN[1]))
