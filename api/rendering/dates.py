"""Dates as Vietnamese administrative papers write them: on the date line, in figures and in words.

Knows the calendar and Vietnamese numerals. Must not know pages.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

_ISO = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_MONTHS = ("một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai")
_FIRST_YEAR = 1800  # the oldest civil registers; an earlier year is a typing error


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialDate:
    """A day, or a month, or only a year, as the register knows it."""

    year: int
    """Gregorian year."""
    month: int | None = None
    """1–12, or unknown."""
    day: int | None = None
    """1–31, or unknown; known only with the month."""

    @classmethod
    def parse(cls, value: str | date) -> Self | None:
        """Read YYYY, YYYY-MM or YYYY-MM-DD; None if it is no real date."""
        match = _ISO.fullmatch(value.isoformat() if isinstance(value, date) else value)
        if match is None:
            return None
        year, month, day = (None if part is None else int(part) for part in match.groups())
        if year is None or year < _FIRST_YEAR:
            return None
        try:
            date(year, month or 1, day or 1)
        except ValueError:
            return None
        return None if month == 0 or day == 0 else cls(year=year, month=month, day=day)

    def iso(self) -> str:
        """YYYY, YYYY-MM or YYYY-MM-DD."""
        parts = [f"{part:02d}" for part in (self.month, self.day) if part is not None]
        return "-".join([f"{self.year:04d}", *parts])

    def in_figures(self) -> str:
        """02/10/2019, 10/2019 or 2019."""
        parts = [f"{part:02d}" for part in (self.day, self.month) if part is not None]
        return "/".join([*parts, str(self.year)])

    def on_the_date_line(self) -> str:
        """Ngày 02 tháng 10 năm 2019; the first letter is small, as it follows the place."""
        # Decree 30/2020, annex I, part II, 4.b: days below 10 and the months 1 and 2 get a leading zero
        month = "" if self.month is None else f"tháng {self.month:0{2 if self.month <= 2 else 1}d} "  # noqa: PLR2004 - the months 1 and 2 of the decree
        day = "" if self.day is None else f"ngày {self.day:02d} "
        return f"{day}{month}năm {self.year}"

    def in_words(self) -> str:
        """Ngày hai tháng mười năm hai nghìn không trăm mười chín."""
        day = "" if self.day is None else f"ngày {_below_hundred(self.day)} "
        month = "" if self.month is None else f"tháng {_MONTHS[self.month - 1]} "
        words = f"{day}{month}năm {_year(self.year)}"
        return words[0].upper() + words[1:]


def _below_hundred(number: int) -> str:
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    if tens == 1:
        return "mười" + ("" if ones == 0 else " lăm" if ones == 5 else f" {_DIGITS[ones]}")  # noqa: PLR2004 - năm is said lăm after a ten
    irregular = {0: "", 1: " mốt", 5: " lăm"}
    return f"{_DIGITS[tens]} mươi" + irregular.get(ones, f" {_DIGITS[ones]}")


def _year(year: int) -> str:
    thousands, rest = divmod(year, 1000)
    hundreds, tail = divmod(rest, 100)
    words = [f"{_DIGITS[thousands]} nghìn"]
    if rest:
        words.append(f"{_DIGITS[hundreds]} trăm")
    if tail:
        words.append(f"linh {_DIGITS[tail]}" if tail < 10 else _below_hundred(tail))  # noqa: PLR2004 - linh stands for the missing ten
    return " ".join(words)
