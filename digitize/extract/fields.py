"""Which fields each kind of paper has, and where each is found.

Names are fixed (DESIGN §3). Knows papers. Must not know pictures, files or people who confirm.
"""

from collections.abc import Callable, Mapping

from digitize.extract import places, values
from digitize.extract.agency import head_units
from digitize.extract.labels import Label, find_value
from digitize.extract.reading import Piece, Reading
from digitize.extract.signer import find_signer
from digitize.extract.witness import surest_spelling
from digitize.model import DocumentType, Field

Find = Callable[[Reading], Piece | None]
Normal = Callable[[str, Piece], Field | None]


def extract(reading: Reading, document_type: DocumentType) -> Mapping[str, Field]:
    """Return the fields found on a paper of this kind, by name."""
    if not reading.lines:
        return {}
    found: dict[str, Field] = {}
    for name, find, normal in _FIELDS.get(document_type, _GENERAL):
        piece = find(reading)
        if piece is not None and normal is values.name_field:
            piece = surest_spelling(reading, piece)
        field = normal(name, piece) if piece is not None and piece.text else None
        if field is not None and field.value:
            found[name] = field
    return values.cross_checked(found)


def mandatory_fields(document_type: DocumentType) -> tuple[str, ...]:
    """Return the fields that a person must confirm before a copy of such a paper is signed (model §3.2 CONFIRMED)."""
    return _MANDATORY.get(document_type, ())


def _behind(pattern: str, *, may_continue: bool = False, may_stand_below: bool = False) -> Find:
    label = Label(pattern=pattern, may_continue=may_continue, may_stand_below=may_stand_below)
    return lambda reading: find_value(reading, label)


def _first(*finds: Find) -> Find:
    def find(reading: Reading) -> Piece | None:
        return next((piece for piece in (one(reading) for one in finds) if piece is not None), None)

    return find


def _issuing_agency(reading: Reading) -> Piece | None:
    units = head_units(reading)
    return units[-1] if units else None


def _agency_with_superior(reading: Reading) -> Piece | None:
    """Return "PHÒNG … - SỞ …": a section is named together with its department."""
    units = head_units(reading)
    if len(units) > 1:
        return units[-1].joined(units[-2], between=" - ")
    return units[-1] if units else None


def _signer(reading: Reading) -> Piece | None:
    return find_signer(reading)[0]


def _signer_title(reading: Reading) -> Piece | None:
    return find_signer(reading)[1]


def _date_at_foot(reading: Reading) -> Piece | None:
    return places.place_and_date(reading, last=True)


_DOB = _behind(r"(ngay,? thang,? nam sinh|sinh ngay|ngay sinh|date of birth)[^:\d]{0,25}[:;.]", may_stand_below=True)
_SEX = _behind(r"gioi tinh[^:]{0,10}[:;.]")
_ID = r"(so dinh danh(?: ca nhan)?|so can cuoc(?: cong dan)?|so cccd|personal identification number)[^:\d]{0,30}[:;.]"

_FieldRule = tuple[str, Find, Normal]

_SIGNED: tuple[_FieldRule, ...] = (
    ("signer", _signer, values.name_field),
    ("signer_title", _signer_title, values.title_field),
)
_GENERAL: tuple[_FieldRule, ...] = (
    ("number", places.number_line, values.document_number_field),
    ("date", places.place_and_date, values.date_field),
    ("agency", _issuing_agency, values.capital_field),
    ("subject", places.abstract, values.text_field),
    ("person_name", places.person_in_text, values.name_field),
    ("id_number", places.identity_in_text, values.identity_field),
    *_SIGNED,
)
_DECISION: tuple[_FieldRule, ...] = (
    ("number", places.number_line, values.decision_number_field),
    *(rule for rule in _GENERAL if rule[0] != "number"),
)
_LETTER = tuple(rule for rule in _GENERAL if rule[0] not in {"person_name", "id_number"})
_BIRTH: tuple[_FieldRule, ...] = (
    ("number", places.number_line, values.book_number_field),
    ("date", _behind(r"(ngay[,.]? thang[,.]? nam dang ky( khai sinh)?|dang ky ngay)\s*[:;.]?"), values.date_field),
    ("agency", _behind(r"(noi|co quan) dang ky( khai sinh)?\s*[:;.]", may_continue=True), values.text_field),
    ("person_name", _behind(r"ho,? (chu dem,?|ten dem)( va)? ten( khai sinh)?\s*[:;.]"), values.name_field),
    ("dob", _DOB, values.date_field),
    ("sex", _SEX, values.sex_field),
    ("place_of_birth", _behind(r"noi sinh\s*[:;.]", may_continue=True), values.text_field),
    ("id_number", _behind(_ID), values.identity_field),
    ("mother", _behind(r"(ten )?nguoi me\s*[:;.]"), values.name_field),
    ("father", _behind(r"(ten )?nguoi cha\s*[:;.]"), values.name_field),
    *_SIGNED,
)
_ENTERPRISE: tuple[_FieldRule, ...] = (
    ("number", _behind(r"ma so (doanh nghiep|ho kinh doanh)\s*[:;.]"), values.enterprise_number_field),
    ("date", _behind(r"dang ky lan dau\s*[:;.,]?"), values.date_field),
    ("agency", _agency_with_superior, values.capital_field),
    ("company", _behind(r"bang tieng viet\s*[:;.]", may_continue=True), values.capital_field),
    ("person_name", _behind(r"ho va ten\s*[:;.]"), values.name_field),
    ("dob", _DOB, values.date_field),
    ("sex", _SEX, values.sex_field),
    ("id_number", _first(_behind(r"so giay to phap ly[^:]{0,20}[:;.]"), _behind(_ID)), values.identity_field),
    *_SIGNED,
)
_REQUEST: tuple[_FieldRule, ...] = (
    ("date", _date_at_foot, values.date_field),
    ("agency", _behind(r"kinh gui\s*[:;.]", may_continue=True), values.text_field),
    ("subject", places.request_title, values.capital_field),
    (
        "person_name",
        _behind(r"((toi )?ten( toi)? la|ho va ten( nguoi \w+ \w+)?|ho,? chu dem,? ten( nguoi yeu cau)?)\s*[:;.]"),
        values.name_field,
    ),
    ("dob", _DOB, values.date_field),
    ("id_number", _first(_behind(_ID), places.identity_in_text), values.identity_field),
    ("signer", _signer, values.name_field),
)
_CARD: tuple[_FieldRule, ...] = (
    (
        "person_name",
        _behind(r"(full name|ho(,? chu dem)? va ten( khai sinh)?)[^:]{0,14}[:;.]", may_stand_below=True),
        values.name_field,
    ),
    (
        "id_number",
        _first(_behind(r"(so|s0)?\W{0,4}n[o0][.:;\s]{1,4}"), _behind(_ID, may_stand_below=True)),
        values.identity_field,
    ),
    ("dob", _DOB, values.date_field),
    ("sex", _behind(r"(sex|gioi tinh)\s*[:;.]"), values.sex_field),
    (
        "date_expiry",
        _behind(r"(co gia tri den|date of expiry)[^:\d]{0,20}[:;.]?", may_stand_below=True),
        values.date_field,
    ),
)

_FIELDS: Mapping[DocumentType, tuple[_FieldRule, ...]] = {
    DocumentType.QUYET_DINH: _DECISION,
    DocumentType.CONG_VAN: _LETTER,
    DocumentType.GIAY_KHAI_SINH: _BIRTH,
    DocumentType.GCN_DKDN: _ENTERPRISE,
    DocumentType.DON: _REQUEST,
    DocumentType.CCCD: _CARD,
}
_MANDATORY: Mapping[DocumentType, tuple[str, ...]] = {
    DocumentType.QUYET_DINH: ("number", "date", "agency", "subject"),
    DocumentType.CONG_VAN: ("number", "date", "agency", "subject"),
    DocumentType.GIAY_KHAI_SINH: ("number", "date", "agency", "person_name", "dob"),
    DocumentType.GCN_DKDN: ("number", "date", "agency", "company"),
    DocumentType.DON: ("date", "subject", "person_name"),
    DocumentType.CCCD: ("person_name", "id_number", "dob"),
    DocumentType.GCN_QSDD: ("number", "date", "agency"),
    DocumentType.GIAY_XAC_NHAN: ("number", "date", "agency"),
    DocumentType.THONG_BAO: ("number", "date", "agency"),
}
