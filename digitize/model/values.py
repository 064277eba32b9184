"""Pages, lines, words, boxes and fields as plain frozen values.

Units: every coordinate is in pixels of the *upright page image* (the picture that the PDF copy shows), origin at the
upper left, x to the right, y down. Confidences run from 0.0 to 1.0. Texts are NFC.

Knows nothing of how a value was found, and nothing of files or processes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median

Point = tuple[float, float]
_LINES_FOR_SLOPE = 3


class DocumentType(StrEnum):
    """Which kind of paper this is (wire value)."""

    QUYET_DINH = "quyet_dinh"
    GIAY_KHAI_SINH = "giay_khai_sinh"
    GCN_DKDN = "gcn_dkdn"
    GCN_QSDD = "gcn_qsdd"
    DON = "don"
    CONG_VAN = "cong_van"
    CCCD = "cccd"
    GIAY_XAC_NHAN = "giay_xac_nhan"
    THONG_BAO = "thong_bao"
    UNKNOWN = "unknown"


class Finding(StrEnum):
    """What an officer must look at before the paper goes on (model §3.2)."""

    LOW_CONFIDENCE = "OCR_LOW_CONFIDENCE"
    WRONG_LANGUAGE = "OCR_LANG"
    BLANK = "SCAN_BLANK"
    BLUR = "SCAN_BLUR"
    LOW_DPI = "SCAN_LOW_DPI"
    FIELD_UNSURE = "FLD_UNSURE"
    ID_FORMAT = "FLD_ID_FORMAT"
    ID_DOB_CONFLICT = "FLD_ID_DOB_CONFLICT"
    DATE_IMPOSSIBLE = "FLD_DATE_IMPOSSIBLE"
    NUMBER_FORMAT = "FLD_NUMBER_FORMAT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Rectangle with sides parallel to the page's; `right` and `bottom` are exclusive."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.bottom - self.top

    @property
    def centre(self) -> Point:
        """Middle of the rectangle."""
        return ((self.left + self.right) / 2, (self.top + self.bottom) / 2)

    def union(self, other: "Box") -> "Box":
        """Return the smallest rectangle around both."""
        return Box(
            left=min(self.left, other.left),
            top=min(self.top, other.top),
            right=max(self.right, other.right),
            bottom=max(self.bottom, other.bottom),
        )

    def rounded(self) -> list[int]:
        """Return `[left, top, right, bottom]` in whole pixels."""
        return [round(self.left), round(self.top), round(self.right), round(self.bottom)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quad:
    """Four corners of a text run in reading order: upper left, upper right, lower right, lower left."""

    corners: tuple[Point, Point, Point, Point]

    @property
    def box(self) -> Box:
        """Smallest rectangle around the four corners."""
        xs = [x for x, _ in self.corners]
        ys = [y for _, y in self.corners]
        return Box(left=min(xs), top=min(ys), right=max(xs), bottom=max(ys))

    def part(self, start: float, end: float) -> "Quad":
        """Return the piece between two fractions (0..1) of the run's length."""
        upper_left, upper_right, lower_right, lower_left = self.corners
        return Quad(
            corners=(
                _between(upper_left, upper_right, start),
                _between(upper_left, upper_right, end),
                _between(lower_left, lower_right, end),
                _between(lower_left, lower_right, start),
            )
        )

    @property
    def slope(self) -> float:
        """Rise of the lower edge to the right, downwards positive: 0.05 is about three degrees."""
        _, _, lower_right, lower_left = self.corners
        along = lower_right[0] - lower_left[0]
        return (lower_right[1] - lower_left[1]) / along if along else 0.0

    def levelled(self, slope: float) -> Box:
        """Return the box that the run would have if its page were not slanted by `slope`."""
        turned = [(x + slope * y, y - slope * x) for x, y in self.corners]  # exact enough for a few degrees
        return Quad(corners=(turned[0], turned[1], turned[2], turned[3])).box

    def scaled(self, factor: float) -> "Quad":
        """Return the run in a picture that is `factor` times as large."""
        upper_left, upper_right, lower_right, lower_left = ((x * factor, y * factor) for x, y in self.corners)
        return Quad(corners=(upper_left, upper_right, lower_right, lower_left))


def _between(a: Point, b: Point, share: float) -> Point:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word as it was read."""

    text: str
    confidence: float
    quad: Quad


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One run of words on one text line of one column."""

    words: tuple[Word, ...]
    quad: Quad

    def scaled(self, factor: float) -> "Line":
        """Return the line in a picture that is `factor` times as large."""
        words = tuple(
            Word(text=word.text, confidence=word.confidence, quad=word.quad.scaled(factor)) for word in self.words
        )
        return Line(words=words, quad=self.quad.scaled(factor))

    @property
    def text(self) -> str:
        """Words with single spaces between them."""
        return " ".join(word.text for word in self.words)

    @property
    def confidence(self) -> float:
        """Mean over the letters, so that a long word counts more than a dash."""
        letters = sum(len(word.text) for word in self.words)
        return sum(word.confidence * len(word.text) for word in self.words) / letters if letters else 0.0

    @property
    def box(self) -> Box:
        """Smallest rectangle around the line."""
        return self.quad.box


def slope_of(lines: Sequence[Line]) -> float:
    """Return how slanted a page is, from its longer lines; 0.0 for a page with few."""
    longer = sorted(lines, key=lambda line: line.box.width, reverse=True)[: max(3, len(lines) // 2)]
    slopes = [line.quad.slope for line in longer]
    return median(slopes) if len(slopes) >= _LINES_FOR_SLOPE else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One read page. `width` and `height` are those of the upright page image, in pixels."""

    number: int
    width: int
    height: int
    dpi: int
    """Resolution that the page's physical size in the PDF is computed from."""
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...] = ()
    is_rectified: bool = False
    """The picture was straightened from a photo; otherwise it is the source picture, turned at most."""

    @property
    def text(self) -> str:
        """The lines in reading order."""
        return "\n".join(line.text for line in self.lines)

    @property
    def confidence(self) -> float:
        """Mean over the page's letters; 0.0 for a page without text."""
        letters = sum(len(line.text) for line in self.lines)
        return sum(line.confidence * len(line.text) for line in self.lines) / letters if letters else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value found on the paper. Not usable by anybody before a person confirmed it (I21)."""

    name: str
    value: str
    """Normal form: dates ISO, names in title case, spaces single, NFC."""
    raw: str
    """As it stood on the paper."""
    confidence: float
    page: int
    box: Box
    needs_review: bool
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageImage:
    """The picture of one page as it goes into the PDF copy."""

    width: int
    height: int
    dpi: int
    encoding: str
    """`jpeg` (file bytes), `png` (file bytes, not interlaced, 8 bits, no alpha) or `g4` (bare CCITT group 4 rows)."""
    data: bytes = field(repr=False)
    quarter_turns: int = 0
    """Clockwise quarter turns that make the stored picture upright; `width`/`height` are those of the upright one."""
    is_mirrored: bool = False
    """The stored picture is to be mirrored left-right before it is turned (EXIF orientations 2, 4, 5, 7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How far the reading can be trusted, and whether a person must look at the paper."""

    confidence: float
    needs_human: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitisedPages:
    """Everything that one run of the pipeline made of one file."""

    pages: tuple[Page, ...]
    fields: Mapping[str, Field]
    document_type: DocumentType
    document_type_confidence: float
    pdf: bytes = field(repr=False)
    """PDF/A-2b with the page pictures and an invisible text layer; passed validation."""
    quality: Quality
    engine: str
    """What read the text, with versions."""

    @property
    def text(self) -> str:
        """Text of all pages, a blank line between pages."""
        return "\n\n".join(page.text for page in self.pages)
