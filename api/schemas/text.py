"""Texts that come in: codes of a strict form, short lines without control characters, in NFC."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints


def _plain(text: str) -> str:
    # Cc: NUL and other controls; Cf: writing-direction overrides that make a text look like another
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"} for character in text):
        raise ValueError("control characters are not taken")
    return unicodedata.normalize("NFC", text).strip()


OrgCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.\-]{0,34}$")]
"""Code of an organisation unit (Decision 20/2020: at most 35 characters)."""
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,63}$")]
"""Code of a procedure, a type or the like."""
Id = Annotated[str, StringConstraints(min_length=1, max_length=40)]
"""An identifier of ours; its structure is checked by `api.ids.parse_id`."""
Line = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_plain)]
"""One line that a person wrote."""
