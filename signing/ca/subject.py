"""The distinguished name of a holder, in DER: cleaned, in one order, one attribute in each relative name.

Names come from the registration record. Knows no profile: whether all that is needed stands there asks the lint.
"""

from functools import lru_cache
from typing import Final

from signing.identity import (
    AgencySubject,
    PersonSubject,
    Subject,
    clean_common_name,
    clean_name,
    clean_org_code,
    clean_personal_id,
)
from signing.keys.der import SEQUENCE, SET, UTF8_STRING, oid, tlv

COUNTRY: Final = "VN"
_PRINTABLE_STRING: Final = 0x13
_SHORT: Final = 0x80
_C, _O, _OU = oid("2.5.4.6"), oid("2.5.4.10"), oid("2.5.4.11")
_ORGANISATION_ID, _TITLE = oid("2.5.4.97"), oid("2.5.4.12")
_SURNAME, _GIVEN_NAME, _SERIAL, _CN = oid("2.5.4.4"), oid("2.5.4.42"), oid("2.5.4.5"), oid("2.5.4.3")
# RFC 5280 appendix A.1: country and serial number are PrintableString, everything else UTF8String (§4.1.2.4)
_COUNTRY: Final = tlv(SET, tlv(SEQUENCE, _C, tlv(_PRINTABLE_STRING, COUNTRY.encode())))


def subject_name(subject: Subject) -> bytes:
    """Return the distinguished name (DER); every part is cleaned first (NFC, one script, no hidden characters).

    Raises:
        NameInvalid: a part cannot stand in a certificate.
    """
    if isinstance(subject, PersonSubject):
        return tlv(SEQUENCE, _COUNTRY, *_person(subject))
    if isinstance(subject, AgencySubject):
        unit = b"" if subject.unit is None else _part(_OU, clean_name(subject.unit))
        name = _part(_CN, clean_common_name(subject.name or subject.organisation))
        return tlv(SEQUENCE, _COUNTRY, _agency(subject.organisation, subject.org_code), unit, name)
    organisation = _part(_O, clean_name(subject.organisation))
    return tlv(SEQUENCE, _COUNTRY, organisation, _part(_CN, clean_common_name(subject.name)))


def _person(subject: PersonSubject) -> tuple[bytes, ...]:
    agency = b""
    if subject.organisation is not None and subject.org_code is not None:
        agency = _agency(subject.organisation, subject.org_code)
    title = b"" if subject.title is None else _part(_TITLE, clean_name(subject.title))
    name = clean_name(subject.name)
    # Vietnamese names begin with the family name; a single word is a given name
    surname, _, given = name.partition(" ")
    number = clean_personal_id(subject.personal_id, birth_year=subject.birth_year, sex=subject.sex)
    return (
        agency,
        title,
        _part(_SURNAME, surname) if given else b"",
        _part(_GIVEN_NAME, given or surname),
        # EN 319 412-1 §5.1.3: PNO, the national personal number
        _part(_SERIAL, f"PNO{COUNTRY}-{number}", _PRINTABLE_STRING),
        _part(_CN, clean_common_name(name)),
    )


@lru_cache(maxsize=1024)
def _agency(organisation: str, org_code: str) -> bytes:
    # EN 319 412-1 §5.1.4: a scheme of our country, two letters and a colon. The code of Decision 20/2020 is
    # neither a trade register number nor a tax number, so NTRVN- and VATVN- would be untrue.
    identifier = f"GO:{COUNTRY}-{clean_org_code(org_code)}"
    return _part(_O, clean_name(organisation)) + _part(_ORGANISATION_ID, identifier)


def _part(name: bytes, value: str, tag: int = UTF8_STRING) -> bytes:
    octets = value.encode()
    size = len(octets)
    if size + len(name) + 4 < _SHORT:  # the usual case, written at once
        around = size + len(name)
        return bytes((SET, around + 4, SEQUENCE, around + 2)) + name + bytes((tag, size)) + octets
    return tlv(SET, tlv(SEQUENCE, name, tlv(tag, octets)))
