"""One row of the table of problems."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """How one error class looks from outside."""

    status: int
    title_vi: str
    title_en: str


Rows = dict[type[Exception], Row]
