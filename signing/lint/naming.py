"""The subject of a certificate, attribute by attribute, as its profile wants it.

Knows the rules for names and numbers (`signing.identity`). Knows no person and no register.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

from signing.errors import NameInvalid
from signing.identity import MAX_NAME, clean_name, clean_org_code, clean_personal_id
from signing.keys.der import OID, SEQUENCE, SET, UTF8_STRING, DerError, oid
from signing.lint.parts import enter, identifier_of
from signing.profiles import PROFILES, AttributeRule, Profile

_PRINTABLE_STRING: Final = 0x13
_PRINTABLE: Final = frozenset({"country", "serial_number"})  # RFC 5280 appendix A.1: PrintableString only
_RULES: Final = {oid(rule.oid): rule.name for profile in PROFILES.values() for rule in profile.attributes}


def name_findings(subject: bytes, profile: Profile) -> Iterator[str]:
    """Judge the content octets of a subject name (DER)."""
    rules = {rule.name: rule for rule in profile.attributes}
    seen: set[str] = set()
    for identifier, tag, octets in _attributes(subject):
        rule = rules.get(_RULES.get(identifier, ""))
        if rule is None:
            yield f"anso.profile.attribute_not_allowed:{identifier_of(identifier)}"
            continue
        if rule.name in seen:
            yield f"{rule.clause}.{rule.name}_repeated"
        seen.add(rule.name)
        yield from _value(rule, tag, octets)
    for rule in profile.attributes:
        if rule.required and rule.name not in seen:
            yield f"{rule.clause}.{rule.name}_missing"


def _attributes(subject: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    """Identifier, string type and octets of each attribute; one attribute in each relative name.

    Raises:
        DerError, IndexError: not the DER of a name. Two attributes in one relative name count as that, too: readers
            disagree about their order.
    """
    at = 0
    while at < len(subject):
        one, end = enter(subject, at, SET, len(subject))
        pair, pair_end = enter(subject, one, SEQUENCE, end)
        _, name_end = enter(subject, pair, OID, pair_end)
        tag = subject[name_end]
        value, value_end = enter(subject, name_end, tag, pair_end)
        if not value_end == pair_end == end:
            message = "a relative name holds more than one attribute"
            raise DerError(message)
        yield subject[pair:name_end], tag, subject[value:value_end]
        at = end


def _value(rule: AttributeRule, tag: int, octets: bytes) -> Iterator[str]:
    name = rule.name
    if tag != (_PRINTABLE_STRING if name in _PRINTABLE else UTF8_STRING):
        yield f"rfc5280.4.1.2.4.{name}_string_type"
    try:
        value = octets.decode()
    except UnicodeDecodeError:
        yield f"{rule.clause}.{name}_malformed"
        return
    if _is_wrong(name, value):
        yield f"{rule.clause}.{name}_malformed"
        if not unicodedata.is_normalized("NFC", value):
            yield f"anso.names.{name}_not_nfc"
    if len(octets) > MAX_NAME:
        if len(value) > MAX_NAME:
            yield f"rfc5280.appendix-a.{name}_too_long"
        if name == "common_name":
            yield "anso.names.common_name_too_many_octets"


def _is_wrong(name: str, value: str) -> bool:
    try:
        if name == "country":
            return value != "VN"
        if name == "serial_number":
            return not value.startswith("PNOVN-") or not clean_personal_id(value.removeprefix("PNOVN-"))
        if name == "organisation_identifier":
            return not value.startswith("GO:VN-") or not clean_org_code(value.removeprefix("GO:VN-"))
        return clean_name(value) != value
    except NameInvalid:
        return True
