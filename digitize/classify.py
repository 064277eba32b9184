"""Which kind of paper lies there, from its title line and the words around it.

Knows how Vietnamese administrative papers are headed (Decree 30/2020, annex I: the kind of paper stands alone on its
line, in capitals; an official letter has none). Must not know fields or pictures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from digitize.model import DocumentType, Page
from digitize.vietnamese import fold, is_in_capitals

_TITLES: tuple[tuple[DocumentType, str], ...] = (
    (DocumentType.CCCD, "can cuoc cong dan"),
    (DocumentType.CCCD, "can cuoc"),
    (DocumentType.GIAY_KHAI_SINH, "giay khai sinh"),
    (DocumentType.GIAY_KHAI_SINH, "trich luc khai sinh"),
    (DocumentType.GCN_DKDN, "giay chung nhan dang ky doanh nghiep"),
    (DocumentType.GCN_DKDN, "giay chung nhan dang ky ho kinh doanh"),
    (DocumentType.GCN_QSDD, "giay chung nhan quyen su dung dat"),
    (DocumentType.QUYET_DINH, "quyet dinh"),
    (DocumentType.THONG_BAO, "thong bao"),
    (DocumentType.GIAY_XAC_NHAN, "giay xac nhan"),
)
_BEGINNINGS: tuple[tuple[DocumentType, tuple[str, ...]], ...] = (
    (DocumentType.DON, ("don de nghi", "don xin", "don dang ky", "don yeu cau", "don khieu nai", "to khai", "don ")),
    (DocumentType.GIAY_XAC_NHAN, ("giay xac nhan",)),
    (DocumentType.GCN_DKDN, ("giay chung nhan dang ky doanh",)),
    (DocumentType.GCN_QSDD, ("giay chung nhan quyen su dung",)),
)
_LEAST_LIKENESS = 0.86  # one wrong letter in "quyet dinh"; two in the longer titles
_LINES_LOOKED_AT = 25
_LETTER_CONFIDENCE = 0.9
_SHORT_CARD_TITLE = "can cuoc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """The kind of paper and how sure that is (0..1)."""

    document_type: DocumentType
    confidence: float


def classify(pages: Sequence[Page]) -> Classification:
    """Return the kind of paper that these pages are; `UNKNOWN` with 0.0 when nothing speaks for any."""
    lines = [line.text for page in pages[:1] for line in page.lines[:_LINES_LOOKED_AT]]
    folded = [fold(line).strip(" .:-_'\"") for line in lines]
    best = Classification(document_type=DocumentType.UNKNOWN, confidence=0.0)
    for text, bare in zip(lines, folded, strict=True):
        if not is_in_capitals(text):
            continue
        found = _by_title(bare)
        if found.confidence > best.confidence:
            best = found
    if best.document_type is not DocumentType.UNKNOWN:
        return best
    if _is_letter(folded):
        return Classification(document_type=DocumentType.CONG_VAN, confidence=_LETTER_CONFIDENCE)
    return best


def _by_title(bare: str) -> Classification:
    best = Classification(document_type=DocumentType.UNKNOWN, confidence=0.0)
    for kind, title in _TITLES:
        likeness = SequenceMatcher(None, bare, title).ratio()
        if bare.startswith(title + " ") and title != _SHORT_CARD_TITLE:
            likeness = max(likeness, 0.9)
        if likeness >= _LEAST_LIKENESS and likeness > best.confidence:
            best = Classification(document_type=kind, confidence=likeness)
    for kind, beginnings in _BEGINNINGS:
        if bare.startswith(beginnings) and best.confidence < 0.95:  # noqa: PLR2004 - an exact title wins
            best = Classification(document_type=kind, confidence=0.95)
    return best


def _is_letter(folded: Sequence[str]) -> bool:
    has_addressee = any(line.startswith("kinh gui") for line in folded)
    has_number = any(line.startswith("so") and "/" in line for line in folded)
    has_abstract = any(line.startswith(("v/v", "ve viec")) for line in folded)
    return has_addressee and (has_number or has_abstract)


# Law on protection of state secrets 2018, Art. 8: the mark stands alone, in capitals, in a frame
_SECRET_MARKS = frozenset({"mat", "toi mat", "tuyet mat"})
_SECRET_LABEL = ("do mat:", "do mat ", "muc do mat")


def carries_secret_mark(page: Page) -> bool:
    """Tell whether the page carries the mark MẬT, TỐI MẬT or TUYỆT MẬT (I31)."""
    for line in page.lines:
        bare = fold(line.text).strip(" .:;,-_|[](){}'\"“”*~")
        if bare in _SECRET_MARKS and is_in_capitals(line.text):
            return True
        if bare.startswith(_SECRET_LABEL) and bare.endswith(tuple(_SECRET_MARKS)):
            return True
    return False
