"""Names and numbers of people and agencies as they may stand in a certificate, and the subjects made of them.

Names come from the registration record, never from a certificate request. Knows no certificate.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from signing.errors import NameInvalid

MAX_NAME: Final = 64  # RFC 5280 appendix A.1: ub-common-name, ub-organization-name, ub-title, ub-serial-number
_OFFICE_SHORT_FORMS = (
    ("Ủy ban nhân dân", "UBND"),
    ("Hội đồng nhân dân", "HĐND"),
    ("Phục vụ hành chính công", "PVHCC"),
    ("Trung tâm", "TT"),
)
_ORG_CODE = re.compile(r"[A-Z0-9][A-Z0-9.-]{0,34}")  # Decision 20/2020/QĐ-TTg: at most 35 characters
_PERSONAL_ID = re.compile(r"[0-9]{12}")
_PROVINCES = range(1, 97)  # Circular 59/2021/TT-BCA: the first three digits are the province or country code
_COUNTRIES = range(101, 301)  # the same list: places of birth abroad


def clean_name(text: str) -> str:
    """Return a name as it may stand in a certificate: NFC, single spaces, no hidden characters.

    Raises:
        NameInvalid: empty, longer than 64 characters, without any letter, or with control, bidi or
            other invisible characters (two names that look alike must be alike).
    """
    if len(text) > 4 * MAX_NAME:  # bound the work before normalising
        message = f"a name has at most {MAX_NAME} characters"
        raise NameInvalid(message)
    name = unicodedata.normalize("NFC", text)
    for letter in name:
        # Cc, Cf (bidi marks, zero-width), Cs, Co, Cn; Zl, Zp and every space but U+0020
        if unicodedata.category(letter).startswith(("C", "Z")) and letter != " ":
            message = f"a name has no hidden characters (U+{ord(letter):04X})"
            raise NameInvalid(message)
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME or not any(letter.isalpha() for letter in name):
        message = f"a name has letters and 1-{MAX_NAME} characters"
        raise NameInvalid(message)
    return name


def clean_common_name(text: str) -> str:
    """Return a name as it may stand in a common name: clean, and at most 64 octets of UTF-8.

    X.520 counts characters; widespread readers count octets, and Vietnamese letters take up to three. An agency's
    long name is shortened the way offices do; a person's name never is.

    Raises:
        NameInvalid: not clean, or still too long.
    """
    name = clean_name(text)
    for long, short in _OFFICE_SHORT_FORMS:
        if len(name.encode()) > MAX_NAME:
            name = name.replace(long, short)
    if len(name.encode()) > MAX_NAME:
        message = f"a common name has at most {MAX_NAME} octets"
        raise NameInvalid(message)
    return name


def clean_personal_id(text: str) -> str:
    """Return a 12-digit personal identification number; the parts that can be checked are checked.

    Raises:
        NameInvalid: not 12 digits, or the place code was never given out.
    """
    if not _PERSONAL_ID.fullmatch(text) or int(text[:3]) not in (*_PROVINCES, *_COUNTRIES):
        message = "a personal number has 12 digits and starts with a place code"
        raise NameInvalid(message)
    return text


def clean_org_code(text: str) -> str:
    """Return an agency's code.

    Raises:
        NameInvalid: other characters than the code's, or more than 35.
    """
    if not _ORG_CODE.fullmatch(text):
        message = "an agency code has 1-35 characters of A-Z 0-9 . -"
        raise NameInvalid(message)
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSubject:
    """A natural person; with agency and title for an official, without for a citizen."""

    name: str
    personal_id: str
    organisation: str | None = None
    org_code: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencySubject:
    """An agency (its seal) or a service that an agency runs (then ``name`` differs from ``organisation``)."""

    organisation: str
    org_code: str
    name: str | None = None
    unit: str | None = None
    """Where this further seal is used, in words, e.g. the service centre."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthoritySubject:
    """An authority of the hierarchy, or a machine that speaks for it."""

    name: str
    organisation: str


Subject = PersonSubject | AgencySubject | AuthoritySubject
