"""A certificate taken apart by its DER, without any library: what varies from holder to holder, and what does not.

A reader of our own beside the library that parses the rest: two readers of the same bytes cannot be fooled by the same
trick. Strict: whatever is not DER or does not end where it must is refused. Knows no rule of any profile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from signing.identity import OidArc
from signing.keys.der import BIT_STRING, INTEGER, OCTET_STRING, OID, SEQUENCE, DerError, oid
from signing.profiles import EXTENSION_OIDS

_VERSION: Final = 0xA0
_EXTENSIONS: Final = 0xA3
_BOOLEAN: Final = 0x01
_CRITICAL: Final = b"\x01\x01\xff"
_SHORT: Final = 0x80
_ONE_OCTET: Final = 0x81
_TWO_OCTETS: Final = 0x82
_MAX_ONE: Final = 0x100

VARYING: Final = ("subject_key_identifier", "crl_distribution_points", "private_key_usage_period")
"""Extensions whose value is another in every certificate; with ``scope`` and ``secondary`` of our own arc."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """One certificate in parts. Nothing in here has been judged."""

    fixed: bytes
    """All elements that every certificate of one kind under one issuer shares, in their order."""
    algorithms: tuple[bytes, bytes]
    """AlgorithmIdentifier inside and outside of the signed part."""
    serial: bytes
    """Content octets."""
    issuer: bytes
    validity: bytes
    """Content octets: two times."""
    subject: bytes
    """The element; ``subject_content`` is what is inside."""
    subject_content: bytes
    spki: bytes
    values: Mapping[str, bytes]
    """Of the extensions that vary, by name."""
    extensions: tuple[bytes, ...]
    """Every extension as an element."""
    repeated: bool
    """Two extensions have one identifier."""


def take_apart(certificate: bytes, arc: OidArc) -> Parts:
    """Return the parts of a certificate (DER).

    Raises:
        DerError: not the DER of a certificate with extensions.
    """
    try:
        return _take_apart(certificate, _varying(arc))
    except IndexError as err:
        message = "a certificate ends too early"
        raise DerError(message) from err


def _take_apart(der: bytes, varying: Mapping[bytes, str]) -> Parts:
    start, end = enter(der, 0, SEQUENCE, len(der))
    tbs, tbs_end = enter(der, start, SEQUENCE, end)
    _, outer_end = enter(der, tbs_end, SEQUENCE, end)
    _, signature_end = enter(der, outer_end, BIT_STRING, end)
    at = enter(der, tbs, _VERSION, tbs_end)[1] if der[tbs] == _VERSION else tbs
    serial, serial_end = enter(der, at, INTEGER, tbs_end)
    _, inner_end = enter(der, serial_end, SEQUENCE, tbs_end)
    _, issuer_end = enter(der, inner_end, SEQUENCE, tbs_end)
    validity, validity_end = enter(der, issuer_end, SEQUENCE, tbs_end)
    subject, subject_end = enter(der, validity_end, SEQUENCE, tbs_end)
    _, spki_end = enter(der, subject_end, SEQUENCE, tbs_end)
    tagged, tagged_end = enter(der, spki_end, _EXTENSIONS, tbs_end)
    first, last = enter(der, tagged, SEQUENCE, tagged_end)
    if not (end == len(der) == signature_end and tagged_end == tbs_end and last == tagged_end):
        message = "something stands behind the end of an element"
        raise DerError(message)
    fixed, values, extensions, repeated = _extensions(der, first, last, varying)
    algorithms = (der[serial_end:inner_end], der[tbs_end:outer_end])
    return Parts(
        fixed=b"".join((der[tbs:at], *algorithms, der[inner_end:issuer_end], *fixed)),
        algorithms=algorithms,
        serial=der[serial:serial_end],
        issuer=der[inner_end:issuer_end],
        validity=der[validity:validity_end],
        subject=der[validity_end:subject_end],
        subject_content=der[subject:subject_end],
        spki=der[subject_end:spki_end],
        values=values,
        extensions=extensions,
        repeated=repeated,
    )


def _extensions(
    der: bytes, at: int, last: int, varying: Mapping[bytes, str]
) -> tuple[list[bytes], dict[str, bytes], tuple[bytes, ...], bool]:
    fixed, values, elements, names = [], {}, [], set()
    while at < last:
        content, end = enter(der, at, SEQUENCE, last)
        name_end = content + 2 + der[content + 1]  # every identifier that we know is short
        identifier = der[content:name_end]
        if identifier[0] != OID:
            message = "an extension begins with its identifier"
            raise DerError(message)
        names.add(identifier)
        elements.append(der[at:end])
        name = varying.get(identifier)
        if name is None:
            fixed.append(der[at:end])
        else:
            is_critical = der[name_end : name_end + 3] == _CRITICAL
            value, value_end = enter(der, name_end + 3 * is_critical, OCTET_STRING, end)
            if value_end != end:
                message = "something stands behind the value of an extension"
                raise DerError(message)
            values[name] = der[value:end]
            fixed.append(identifier + _CRITICAL * is_critical)
        at = end
    return fixed, values, tuple(elements), len(names) != len(elements)


def enter(der: bytes, at: int, tag: int, limit: int) -> tuple[int, int]:
    """Return where the content of the element at ``at`` begins and ends.

    Raises:
        DerError: another tag, a length that is not DER (X.690 §10.1), or an end behind ``limit``.
        IndexError: there is nothing at ``at``.
    """
    size, begin = der[at + 1], at + 2
    if size >= _SHORT:
        if size == _ONE_OCTET:
            size, begin, least = der[begin], at + 3, _SHORT
        elif size == _TWO_OCTETS:
            size, begin, least = der[begin] << 8 | der[at + 3], at + 4, _MAX_ONE
        else:
            message = "a length of a form that no certificate needs"
            raise DerError(message)
        if size < least:
            message = "a length is not in its shortest form"
            raise DerError(message)
    end = begin + size
    if der[at] != tag or end > limit:
        message = "another element was expected"
        raise DerError(message)
    return begin, end


def identifier_of(extension: bytes) -> str:
    """Return the identifier (dotted) of an extension or attribute given as an element or as its OID alone."""
    content = extension if extension[0] == OID else extension[enter(extension, 0, SEQUENCE, len(extension))[0] :]
    octets = content[2 : 2 + content[1]]
    numbers, number = [], 0
    for octet in octets:
        number = number << 7 | octet & 0x7F
        if not octet & _SHORT:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


@cache
def _varying(arc: OidArc) -> Mapping[bytes, str]:
    own = {oid(arc.scope_extension): "scope", oid(arc.secondary_extension): "secondary"}
    return own | {oid(EXTENSION_OIDS[name]): name for name in VARYING}
