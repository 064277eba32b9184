"""`signed_props` of the Cloud Signature Consortium's API (CSC API 2.0 §11.11): what a client wants signed besides.

In a PDF of ours: reason and place, as text. In a container: commitment type and media type, as DER. Everything else is
refused by name: roles and policies are nothing that a client says for a signer.
"""

import base64
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from api.errors import CscRequestRefused
from signing.keys.der import DerError
from signing.pades import claimed_attribute
from signing.pades.claims import COMMITMENT_TYPE, MEDIA_TYPE

_TEXTS: Final = frozenset({"Reason", "Location"})
_MOST_LETTERS: Final = 200


class CscAttribute(BaseModel):
    """One attribute; its value in base64."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, strict=True)

    attribute_name: Annotated[str, Field(max_length=64)]
    attribute_value: Annotated[str, Field(max_length=2048)] | None = None


def texts_of(attributes: list[CscAttribute]) -> dict[str, str]:
    """Entries of a signature dictionary (ETSI EN 319 142-1 §5.3): UTF-8 in base64.

    Raises:
        CscRequestRefused: names every attribute that is not one.
    """
    found = {one.attribute_name: _text(one) for one in attributes}
    _refuse(attributes, [name for name, text in found.items() if text is None])
    return {name: text for name, text in found.items() if text is not None}


def claims_of(attributes: list[CscAttribute], *, is_pdf: bool) -> tuple[bytes, ...]:
    """Signed attributes (DER) for a container.

    Raises:
        CscRequestRefused: names every attribute that is not one. ``mime-type`` is for files beside a container only
            (ETSI EN 319 142-1 §6.3).
    """
    offered = {COMMITMENT_TYPE} if is_pdf else {COMMITMENT_TYPE, MEDIA_TYPE}
    found = {one.attribute_name: _claim(one) if one.attribute_name in offered else None for one in attributes}
    _refuse(attributes, [name for name, der in found.items() if der is None])
    return tuple(der for der in found.values() if der is not None)


def _refuse(attributes: list[CscAttribute], names: list[str]) -> None:
    listed = [one.attribute_name for one in attributes]
    wrong = [*names, *sorted({name for name in listed if listed.count(name) > 1})]
    if wrong:
        raise CscRequestRefused(f"Invalid parameter signed_props ({', '.join(wrong)})")


def _text(one: CscAttribute) -> str | None:
    if one.attribute_name not in _TEXTS or one.attribute_value is None:
        return None
    try:
        text = base64.b64decode(one.attribute_value, validate=True).decode("utf-8")
    except ValueError:
        return None
    return text if 0 < len(text) <= _MOST_LETTERS and text.isprintable() else None


def _claim(one: CscAttribute) -> bytes | None:
    try:
        return claimed_attribute(one.attribute_name, base64.b64decode(one.attribute_value or "", validate=True))
    except (DerError, ValueError):
        return None
