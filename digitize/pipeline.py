"""The story: a file comes in, pages are straightened and read, fields found, a searchable copy written and checked.

`digitise` does it here; `digitise_apart` does the same in a child process with limits, which is what programs that
live longer than one file must use.

Knows the order of the steps. Must not know where files come from or what happens with the answer.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from digitize import intake, ocr, pdfa, preprocess, quality, tools
from digitize.classify import carries_secret_mark, classify
from digitize.errors import EngineFailed, SecretPaper
from digitize.extract import Reading, extract
from digitize.model import DigitisedPages, Document, Line, Page, PageImage, to_document

_LONGEST_READ_PX = 5000  # A4 at 400 dpi; letters do not become easier to read beyond
_A4_IN = (8.27, 11.69)
_CARD_IN = (2.125, 3.37)  # ISO/IEC 7810 ID-1
_SHAPE_TOLERANCE = 0.05
_CUT_LINES = 3
_TITLE = "Bản sao số hóa"
_LENGTH = struct.Struct(">Q")
_READ_TIMEOUT_S = 120.0

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitisedDocument:
    """The answer of a child process: the reading as a JSON document and the searchable copy."""

    document: Document = field(repr=False)
    pdf: bytes = field(repr=False)


def digitise(source: bytes, *, limits: intake.Limits, at: datetime, progress: tools.Progress) -> DigitisedPages:
    """Return text, fields and searchable copy of one file.

    Args:
        source: The file's bytes, from anybody.
        limits: What the file may cost.
        at: Creation time of the copy, with zone.
        progress: Told about each finished page; the labels hold no personal data.

    Raises:
        DigitizeError: Any leaf of `digitize.errors`.
    """
    opened = intake.open_source(source, limits)
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


def _read_page(source: intake.SourcePage, number: int, reader: ocr.Reader) -> tuple[Page, PageImage]:
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
        data=intake.jpeg_of(image),
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


def digitise_apart(
    source: bytes,
    *,
    limits: intake.Limits,
    tool_limits: tools.ToolLimits,
    at: datetime,
    progress: tools.Progress,
) -> DigitisedDocument:
    """Do the same as `digitise` in a child process that is killed when it oversteps its limits.

    Raises:
        DigitizeError: Any leaf of `digitize.errors`; `TimedOut` and `OutOfMemory` for the limits.
    """
    options = {**_limit_options(limits), "at": at.isoformat()}
    answer = tools.run(
        "digitize.pipeline:answer_digitise", source, options=options, limits=tool_limits, progress=progress
    )
    (length,) = _LENGTH.unpack_from(answer)
    document = json.loads(answer[_LENGTH.size : _LENGTH.size + length])
    if not isinstance(document, dict):
        raise EngineFailed("the child process answered out of turn")
    return DigitisedDocument(document=document, pdf=answer[_LENGTH.size + length :])


def inspect_apart(source: bytes, *, limits: intake.Limits, tool_limits: tools.ToolLimits) -> tuple[intake.Kind, int]:
    """Return a file's kind and number of pages after every check of the door, in a limited child process.

    Raises:
        UnsupportedInput, UnsafeInput, AlreadySigned, EngineFailed: See `digitize.errors` for the leaves.
    """
    if len(source) <= limits.max_bytes:
        intake.sniff(source)  # cheap and safe: no child for what is no accepted kind at all
    answer = tools.run(
        "digitize.pipeline:answer_inspect",
        source,
        options=_limit_options(limits),
        limits=tool_limits,
        progress=lambda _done, _total, _label: None,
    )
    kind, _, count = answer.decode("ascii").partition(" ")
    return intake.Kind(kind), int(count)


def answer_digitise(source: bytes, options: Mapping[str, str], progress: tools.Progress) -> bytes:
    """Child side of `digitise_apart`: length of the JSON document, the document, the PDF."""
    at = datetime.fromisoformat(options["at"])
    result = digitise(source, limits=_limits(options), at=at, progress=progress)
    document = json.dumps(to_document(result), ensure_ascii=False).encode()
    return _LENGTH.pack(len(document)) + document + result.pdf


def answer_inspect(source: bytes, options: Mapping[str, str], _progress: tools.Progress) -> bytes:
    """Child side of `inspect_apart`."""
    opened = intake.open_source(source, _limits(options))
    return f"{opened.kind.value} {opened.page_count}".encode("ascii")


def _limit_options(limits: intake.Limits) -> dict[str, str]:
    return {
        "max_bytes": str(limits.max_bytes),
        "max_pixels": str(limits.max_pixels),
        "max_pages": str(limits.max_pages),
    }


def _limits(options: Mapping[str, str]) -> intake.Limits:
    return intake.Limits(
        max_bytes=int(options["max_bytes"]),
        max_pixels=int(options["max_pixels"]),
        max_pages=int(options["max_pages"]),
    )
