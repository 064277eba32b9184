"""From a piece of text to a field in its normal form, with what speaks against it.

Knows normal forms. Must not know where on a paper a value stands.
"""

import re
from datetime import date

from digitize.extract.dates import find_date
from digitize.extract.identity_number import LENGTH, check_number
from digitize.extract.reading import Piece, fold_in_place
from digitize.extract.signer import has_known_surname, is_name, normal_name, office_title, strip_marks
from digitize.model import Field, Finding
from digitize.vietnamese import nfc

SURE = 0.75  # least word confidence of a value that needs no special look
_SEX = {"nam": "Nam", "nu": "Nữ"}
_ENTERPRISE_NUMBER = re.compile(r"\d{10}(-\d{3})?")
_NUMBER_SHAPE = re.compile(r"\d{1,6}[A-Za-z]?(/\d{4})?/[A-ZĐƯÔÂ][A-ZĐƯÔÂ0-9&]*(-[A-ZĐƯÔÂ0-9&]+)*")
_BOOK_NUMBER_SHAPE = re.compile(r"\d{1,6}(/\d{4})?(/TLKS[\w-]*)?")


def text_field(name: str, piece: Piece) -> Field:
    """Return free text as it stands."""
    return _field(name, piece, nfc(strip_marks(piece.text)))


def capital_field(name: str, piece: Piece) -> Field:
    """Return text that is printed in capitals and stays so."""
    return _field(name, piece, nfc(strip_marks(piece.text)).upper())


def title_field(name: str, piece: Piece) -> Field:
    """Return a signer's title with the marks it has in offices; one that is misread or no title is reported."""
    stood = nfc(strip_marks(piece.text)).upper()
    known = office_title(stood)
    return _field(name, piece, known or stood, () if known == stood else (Finding.FIELD_UNSURE,))


def name_field(name: str, piece: Piece) -> Field:
    """Return a person's name in title case; anything else than letters in it is reported."""
    value = normal_name(piece.text)
    findings: tuple[Finding, ...] = ()
    was_mended = value.casefold() != nfc(strip_marks(piece.text)).casefold()  # then a person looks
    if was_mended or not is_name(value) or not has_known_surname(value):
        findings = (Finding.FIELD_UNSURE,)
    return _field(name, piece, value, findings)


def date_field(name: str, piece: Piece) -> Field | None:
    """Return the first date in the piece; one with letters for digits stays as it stands and is reported."""
    found = find_date(fold_in_place(piece.text))
    if found is None:
        return None
    if found.day is not None:
        return _field(name, piece, found.day.isoformat())
    finding = Finding.FIELD_UNSURE if found.has_lookalike else Finding.DATE_IMPOSSIBLE
    return _field(name, piece, piece.text[found.start : found.end], (finding,))


def identity_field(name: str, piece: Piece) -> Field:
    """Return a personal number without spaces; a letter in it is kept and reported (S20)."""
    value = re.sub(r"[\s.]", "", strip_marks(piece.text))[: LENGTH + 4]
    return _field(name, piece, value, check_number(value).findings)


def document_number_field(name: str, piece: Piece) -> Field:
    """Return number and symbol of a document: 1445/QĐ-UBND."""
    value = re.sub(r"\s*([/\-–])\s*", r"\1", strip_marks(piece.text)).replace("–", "-").split(" ")[0]
    return _field(name, piece, value, _unless(_NUMBER_SHAPE, value))


def decision_number_field(name: str, piece: Piece) -> Field:
    """Return a decision's number: its symbol begins with QĐ, anything else is reported."""
    field = document_number_field(name, piece)
    return field if "/QĐ-" in field.value else _noted(field, (Finding.NUMBER_FORMAT,))


def book_number_field(name: str, piece: Piece) -> Field:
    """Return the number in a register: 360/2019."""
    value = re.sub(r"\s", "", strip_marks(piece.text))
    return _field(name, piece, value, _unless(_BOOK_NUMBER_SHAPE, value))


def enterprise_number_field(name: str, piece: Piece) -> Field:
    """Return an enterprise's ten-digit number."""
    value = re.sub(r"[\s.]", "", strip_marks(piece.text))
    return _field(name, piece, value, _unless(_ENTERPRISE_NUMBER, value))


def sex_field(name: str, piece: Piece) -> Field | None:
    """Return `Nam` or `Nữ`."""
    first = fold_in_place(strip_marks(piece.text)).split(" ")[0]
    return _field(name, piece, _SEX[first]) if first in _SEX else None


def cross_checked(fields: dict[str, Field]) -> dict[str, Field]:
    """Return the fields with the identity number checked against date of birth and sex (FLD_ID_DOB_CONFLICT)."""
    number, born = fields.get("id_number"), fields.get("dob")
    if number is None:
        return fields
    day = _as_date(born.value) if born else None
    sex = fields["sex"].value if "sex" in fields else None
    findings = check_number(number.value, born=day, sex=sex).findings
    checked = dict(fields)
    checked["id_number"] = _noted(number, findings)
    if born is not None and Finding.ID_DOB_CONFLICT in findings:
        checked["dob"] = _noted(born, (Finding.ID_DOB_CONFLICT,))
    return checked


def _as_date(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _unless(shape: re.Pattern[str], value: str) -> tuple[Finding, ...]:
    return () if shape.fullmatch(value) else (Finding.NUMBER_FORMAT,)


def _noted(field: Field, findings: tuple[Finding, ...]) -> Field:
    merged = tuple(dict.fromkeys((*field.findings, *findings)))
    return Field(
        name=field.name,
        value=field.value,
        raw=field.raw,
        confidence=field.confidence,
        page=field.page,
        box=field.box,
        needs_review=bool(merged),
        findings=merged,
    )


def _field(name: str, piece: Piece, value: str, findings: tuple[Finding, ...] = ()) -> Field:
    plain = Field(
        name=name,
        value=value,
        raw=piece.text,
        confidence=round(piece.confidence, 4),
        page=piece.page,
        box=piece.box,
        needs_review=False,
    )
    return _noted(plain, (*findings, Finding.FIELD_UNSURE) if piece.confidence < SURE else findings)
