"""Attributes that a signer claims besides what every signature says: commitment type and media type.

ETSI EN 319 122-1 §5.2.3 and §5.2.5. They come from a caller as DER and are taken only in the one form that they can
have; what means more than its name says (roles, policies, qualifiers) has no place here. Knows no signature.
"""

import re
from typing import Final

from signing.keys.der import OID, SEQUENCE, SET, UTF8_STRING, DerError, DerReader, oid, tlv

COMMITMENT_TYPE: Final = "commitment-type-indication"
MEDIA_TYPE: Final = "mime-type"

_NAMES: Final = {
    COMMITMENT_TYPE: oid("1.2.840.113549.1.9.16.2.16"),  # RFC 5126 §5.11.1
    MEDIA_TYPE: oid("0.4.0.1733.2.1"),
}
_COMMITMENTS: Final = frozenset(oid(f"1.2.840.113549.1.9.16.6.{number}") for number in range(1, 7))
"""RFC 5126 §5.11.1: proof of origin, receipt, delivery, sender, approval, creation."""
_MEDIA: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")
"""RFC 6838 §4.2, without parameters."""
_MOST_OCTETS: Final = 512


def claimed_attribute(name: str, value: bytes) -> bytes:
    """The attribute (DER) for a claim.

    Args:
        name: one of the names above.
        value: DER, the attribute or its one value.

    Raises:
        DerError: no such claim, or not in its one form.
    """
    kind = _NAMES.get(name)
    if kind is None or len(value) > _MOST_OCTETS:
        raise DerError("not a claim that is signed here")
    inner = _value(kind, value)
    (_require_commitment if name == COMMITMENT_TYPE else _require_media_type)(inner)
    return tlv(SEQUENCE, kind, tlv(SET, inner))


def _value(kind: bytes, given: bytes) -> bytes:
    """The value, when the whole attribute came: then its name must be right and its set have one member."""
    outer = DerReader(given)
    if outer.peek() != SEQUENCE:
        return given
    body = outer.inside(SEQUENCE)
    if body.element(OID) != kind:
        return given
    outer.end()
    inner = body.content(SET)
    body.end()
    return inner


def _require_commitment(value: bytes) -> None:
    reader = DerReader(value)
    body = reader.inside(SEQUENCE)
    reader.end()
    commitment = body.element(OID)
    body.end()  # without qualifiers: nobody here could say what they mean
    if commitment not in _COMMITMENTS:
        raise DerError("an unknown commitment")


def _require_media_type(value: bytes) -> None:
    reader = DerReader(value)
    text = reader.content(UTF8_STRING)
    reader.end()
    if _MEDIA.fullmatch(text) is None:
        raise DerError("not a media type")
