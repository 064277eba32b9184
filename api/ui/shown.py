"""How values that come from outside are shown: without tricks, and times as people in Viet Nam read them."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.vietnam_time import VIETNAM

Report = Mapping[str, Any]
"""The document of `POST /v1/verifications`, or a part of it."""


def visible(value: object) -> str:
    """Give a foreign text so that nothing in it can reorder, hide or break what stands around it."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
        else character
        for character in str(value)
    )


def local_time(text: str | None) -> str:
    """Give an ISO 8601 moment as people in Viet Nam read it."""
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return visible(text)
    return moment.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S (+07:00)")
