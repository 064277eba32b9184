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
_CENTURIES = {0: 1900, 1: 1900, 2: 2000, 3: 2000}
"""Circular 59/2021/TT-BCA Art. 4: digit 4 is century of birth and sex; nobody is born after 2099 yet."""
# One script only: a Cyrillic or Greek letter among Latin ones looks the same and is another name. Vietnamese and
# foreign Latin letters; left out are those that look like others: Ð (it is not Đ), ı, ĸ, ſ, and ligatures.
_LETTERS = (
    "A-Za-z\u00c0-\u00cf\u00d1-\u00d6\u00d8-\u00f6\u00f8-\u0130\u0134-\u0137\u0139-\u013e\u0141-\u0148\u014a-\u017e"
    "\u01a0\u01a1\u01af\u01b0\u01cd-\u01dc\u1e00-\u1e99\u1ea0-\u1ef9"
)
_FOREIGN = re.compile(f"[^{_LETTERS}0-9 '’“”\"&()+,./:;–-]")  # with the signs that agencies' names have
_LETTER = re.compile(f"[{_LETTERS}]")
_PROVINCES = range(1, 97)  # Circular 59/2021/TT-BCA: the first three digits are the province or country code
_COUNTRIES = range(101, 301)  # the same list: places of birth abroad


def clean_name(text: str) -> str:
    """Return a name as it may stand in a certificate: NFC, single spaces, Latin letters only, nothing hidden.

    Raises:
        NameInvalid: empty, longer than 64 characters, without any letter, or with control, bidi or other invisible
            characters, letters of other scripts or look-alikes (two names that look alike must be alike).
    """
    if len(text) > 4 * MAX_NAME:  # bound the work before normalising
        message = f"a name has at most {MAX_NAME} characters"
        raise NameInvalid(message)
    # combining marks, control and bidi characters, other spaces, other scripts: whatever is not listed (UTS #39 §5.1)
    name, stranger = text, _FOREIGN.search(text)
    if stranger is not None:  # what is listed is composed already
        name = unicodedata.normalize("NFC", text)
        stranger = _FOREIGN.search(name)
    if stranger is not None:
        message = f"a name has no such character (U+{ord(stranger[0]):04X})"
        raise NameInvalid(message)
    if name[:1] == " " or name[-1:] == " " or "  " in name:
        name = " ".join(name.split())
    if not name or len(name) > MAX_NAME or _LETTER.search(name) is None:
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


def clean_personal_id(text: str, *, birth_year: int | None = None, sex: str | None = None) -> str:
    """Return a 12-digit personal identification number; the parts that can be checked are checked.

    Args:
        text: the number.
        birth_year: where the record knows it, the number must say the same year.
        sex: ``male`` or ``female``, where the record knows it, likewise.

    Raises:
        NameInvalid: not 12 digits, a place code that was never given out, a century that has not come, or another
            year of birth or sex than the record's.
    """
    place = int(text[:3]) if _PERSONAL_ID.fullmatch(text) else 0
    if place not in _PROVINCES and place not in _COUNTRIES:
        message = "a personal number has 12 digits and starts with a place code"
        raise NameInvalid(message)
    digit = int(text[3])
    if digit not in _CENTURIES:
        message = "a personal number names no century to come"
        raise NameInvalid(message)
    if birth_year is not None and _CENTURIES[digit] + int(text[4:6]) != birth_year:
        message = "the personal number names another year of birth"
        raise NameInvalid(message)
    if sex in ("male", "female") and (sex == "female") != bool(digit % 2):
        message = "the personal number names another sex"
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
    birth_year: int | None = None
    """From the record; stands in no certificate, but the number must agree with it."""
    sex: str | None = None
    """``male`` or ``female``, likewise."""


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
