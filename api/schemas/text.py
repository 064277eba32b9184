"""Texts that come in: codes and identifiers of a strict form. Nothing else of theirs is let in."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

OrgCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.\-]{0,34}$")]
"""Code of an organisation unit (Decision 20/2020: at most 35 characters)."""
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,63}$")]
"""Code of a procedure, a type or the like."""
Id = Annotated[str, StringConstraints(min_length=1, max_length=40)]
"""An identifier of ours; its structure is checked by `api.ids.parse_id`."""


def _one_line(text: str) -> str:
    if not text.isprintable() or not text.strip():
        raise ValueError("one line of characters that print")
    return text


Line = Annotated[str, AfterValidator(_one_line)]
"""Words that people will read in a file: one line, and nothing that turns, hides or breaks it (CVE-2021-42574)."""
