"""Vietnamese letters, names and fixed phrases."""

from digitize.vietnamese.letters import fold, is_in_capitals, nfc, place_tones, repair, title_case
from digitize.vietnamese.names import SURNAMES, mend_surname
from digitize.vietnamese.phrases import is_document_number, mend_phrases

__all__ = [
    "SURNAMES",
    "fold",
    "is_document_number",
    "is_in_capitals",
    "mend_phrases",
    "mend_surname",
    "nfc",
    "place_tones",
    "repair",
    "title_case",
]
