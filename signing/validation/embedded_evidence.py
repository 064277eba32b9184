"""Status evidence that a signature container brings along: lists, answers and certificates, none of them checked.

ETSI EN 319 102-1 §5.2.5 takes validation data from wherever it is: the container's own field, Adobe's signed attribute,
and the long-term values of CAdES. Every item is bounded by the container; what does not decode is left out.
"""

from collections.abc import Iterable
from typing import Final

from signing.keys.der import ENUMERATED, OCTET_STRING, OID, SEQUENCE, DerError, oid, tlv
from signing.trust import Evidence
from signing.validation.attributes import CERTIFICATE_VALUES, REVOCATION_ARCHIVAL, REVOCATION_VALUES, Attributes
from signing.validation.ber import Element
from signing.validation.digests import dotted

MAX_ITEMS: Final = 256
_BASIC: Final = "1.3.6.1.5.5.7.48.1.1"
_RI_OCSP: Final = "1.3.6.1.5.5.7.16.2"


def embedded_evidence(lists: Iterable[Element], signed: Attributes, unsigned: Attributes) -> Evidence:
    """What the container itself holds.

    Args:
        lists: the revocation information field (RFC 5652 §10.2.1).
        signed: signed attributes (Adobe's archival of revocation information).
        unsigned: unsigned attributes (values of CAdES).
    """
    crls: list[bytes] = []
    ocsps: list[bytes] = []
    for one in lists:
        if one.tag == SEQUENCE:
            crls.append(one.raw)
        else:
            ocsps += _other_form(one)
    for attributes in (signed, unsigned):
        for value in attributes.values(REVOCATION_ARCHIVAL):
            crls += _tagged(value, 0xA0)  # RevocationInfoArchival: [0] lists, [1] answers
            ocsps += _tagged(value, 0xA1)
    for value in unsigned.values(REVOCATION_VALUES):
        crls += _tagged(value, 0xA0)  # RFC 5126 §6.3.4: [0] lists, [1] basic answers
        ocsps += [_wrapped(basic) for basic in _tagged(value, 0xA1)]
    certificates = [c for value in unsigned.values(CERTIFICATE_VALUES) for c in _inside(value)]
    return Evidence(
        certificates=_some(certificates), ocsps=_some(ocsps), crls=_some(crls),
    )  # fmt: skip


def _some(items: list[bytes]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(items))[:MAX_ITEMS]


def _tagged(value: Element, tag: int) -> list[bytes]:
    try:
        blocks = [block for block in value.children() if block.tag == tag]
        return [item for block in blocks for sequence in block.children() for item in _inside(sequence)]
    except DerError:
        return []


def _inside(value: Element) -> list[bytes]:
    try:
        return [child.raw for child in value.children() if child.tag == SEQUENCE]
    except DerError:
        return []


def _other_form(element: Element) -> list[bytes]:
    """RFC 5940 §2: OtherRevocationInfoFormat with an OCSP response."""
    try:
        kind, info = element.children()
        number = dotted(kind.content) if kind.tag == OID else ""
    except (DerError, ValueError):
        return []
    if number == _RI_OCSP:
        return [info.raw]
    return [_wrapped(info.raw)] if number == _BASIC else []


def _wrapped(basic: bytes) -> bytes:
    """A basic answer as a whole response (RFC 6960 §4.2.1)."""
    inner = tlv(SEQUENCE, oid(_BASIC), tlv(OCTET_STRING, basic))
    return tlv(SEQUENCE, tlv(ENUMERATED, b"\0"), tlv(0xA0, inner))
