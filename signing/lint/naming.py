"""The subject of a certificate, attribute by attribute, as its profile wants it.

Knows the rules for names and numbers (`signing.identity`). Knows no person and no register.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from signing.errors import NameInvalid
from signing.identity import MAX_NAME, clean_name, clean_org_code, clean_personal_id
from signing.keys.der import OID, SEQUENCE, SET, UTF8_STRING, DerError, oid
from signing.lint.parts import enter, identifier_of
from signing.profiles import AttributeRule, Profile

_PRINTABLE_STRING: Final = 0x13
_PRINTABLE: Final = frozenset({"country", "serial_number"})  # RFC 5280 appendix A.1: PrintableString only


@lru_cache(maxsize=64)
def _rules(profile: Profile) -> Mapping[bytes, AttributeRule]:
    return {oid(rule.oid): rule for rule in profile.attributes}


def name_findings(subject: bytes, profile: Profile) -> Iterator[str]:
    """Judge the content octets of a subject name (DER): one attribute in each relative name.

    Raises:
        DerError, IndexError: not the DER of a name. Two attributes in one relative name count as that, too: readers
            disagree about their order.
    """
    rules = _rules(profile)
    seen: set[str] = set()
    at, end = 0, len(subject)
    while at < end:
        one, at = enter(subject, at, SET, end)
        pair, pair_end = enter(subject, one, SEQUENCE, at)
        name_end = enter(subject, pair, OID, pair_end)[1]
        tag = subject[name_end]
        value, value_end = enter(subject, name_end, tag, pair_end)
        if not value_end == pair_end == at:
            message = "a relative name holds more than one attribute"
            raise DerError(message)
        rule = rules.get(subject[pair:name_end])
        if rule is None:
            yield f"anso.profile.attribute_not_allowed:{identifier_of(subject[pair:name_end])}"
            continue
        if rule.name in seen:
            yield f"{rule.clause}.{rule.name}_repeated"
        seen.add(rule.name)
        octets = subject[value:value_end]
        if not _is_right(rule.name, tag, octets):
            yield from _faults(rule, tag, octets)
    for rule in profile.attributes:
        if rule.required and rule.name not in seen:
            yield f"{rule.clause}.{rule.name}_missing"


def _is_right(name: str, tag: int, octets: bytes) -> bool:
    """Whether there is nothing to find fault with."""
    try:
        return (
            tag == (_PRINTABLE_STRING if name in _PRINTABLE else UTF8_STRING)
            and _is_well_formed(name, octets.decode())
            and (name != "common_name" or len(octets) <= MAX_NAME)
        )
    except (NameInvalid, UnicodeDecodeError):
        return False


def _is_well_formed(name: str, value: str) -> bool:
    if name == "country":
        return value == "VN"
    if name == "serial_number":
        return value[:6] == "PNOVN-" and clean_personal_id(value[6:]) != ""
    if name == "organisation_identifier":
        return value[:6] == "GO:VN-" and clean_org_code(value[6:]) != ""
    return clean_name(value) == value


def _faults(rule: AttributeRule, tag: int, octets: bytes) -> Iterator[str]:
    name = rule.name
    if tag != (_PRINTABLE_STRING if name in _PRINTABLE else UTF8_STRING):
        yield f"rfc5280.4.1.2.4.{name}_string_type"
    try:
        value = octets.decode()
        is_well_formed = _is_well_formed(name, value)
    except UnicodeDecodeError:
        yield f"{rule.clause}.{name}_malformed"
        return
    except NameInvalid:
        is_well_formed = False
    if not is_well_formed:
        yield f"{rule.clause}.{name}_malformed"
    if not unicodedata.is_normalized("NFC", value):
        yield f"anso.names.{name}_not_nfc"
    if len(value) > MAX_NAME:
        yield f"rfc5280.appendix-a.{name}_too_long"
    if name == "common_name" and len(octets) > MAX_NAME:
        yield "anso.names.common_name_too_many_octets"
