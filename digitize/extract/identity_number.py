"""Checks of the 12-digit personal identity number: it has a structure but no check digit.

Digits 1-3: where the birth was first registered; digit 4: century and sex; digits 5-6: year of birth; the rest is
random (Circular 59/2021/TT-BCA, Art. 4). A letter that looks like a digit is reported, never replaced (I21, S20).

Knows the number. Must not know where it was read.
"""

from dataclasses import dataclass
from datetime import date

from digitize.model import Finding

LENGTH = 12
# codes of the provinces as they were when the numbers were given; a merged province's code stays on its people
# fmt: off
PROVINCES = frozenset({
    "001", "002", "004", "006", "008", "010", "011", "012", "014", "015", "017", "019", "020", "022", "024", "025",
    "026", "027", "030", "031", "033", "034", "035", "036", "037", "038", "040", "042", "044", "045", "046", "048",
    "049", "051", "052", "054", "056", "058", "060", "062", "064", "066", "067", "068", "070", "072", "074", "075",
    "077", "079", "080", "082", "083", "084", "086", "087", "089", "091", "092", "093", "094", "095", "096",
})
# fmt: on
_FIRST_CENTURY = 1900


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberCheck:
    """What speaks against a number as it was read; empty when nothing does."""

    findings: tuple[Finding, ...]

    @property
    def is_plausible(self) -> bool:
        """Nothing speaks against it. That is no proof: ten of its digits could be others."""
        return not self.findings


def check_number(number: str, *, born: date | None = None, sex: str | None = None) -> NumberCheck:
    """Check a number against its own structure and against what else the paper says.

    Args:
        number: As read, spaces removed, nothing replaced.
        born: Date of birth on the same paper, if any.
        sex: `Nam` or `Nữ` on the same paper, if any.
    """
    if len(number) != LENGTH or not (number.isascii() and number.isdigit()):
        return NumberCheck(findings=(Finding.ID_FORMAT,))
    findings: list[Finding] = []
    if number[:3] not in PROVINCES:
        findings.append(Finding.ID_FORMAT)
    if born is not None and year_of_birth(number) != born.year:
        findings.append(Finding.ID_DOB_CONFLICT)
    if sex in {"Nam", "Nữ"} and is_female(number) != (sex == "Nữ"):
        findings.append(Finding.ID_FORMAT)
    return NumberCheck(findings=tuple(dict.fromkeys(findings)))


def year_of_birth(number: str) -> int:
    """Return the year that digits 4 to 6 of a 12-digit number say."""
    return _FIRST_CENTURY + 100 * (int(number[3]) // 2) + int(number[4:6])


def is_female(number: str) -> bool:
    """Tell what digit 4 of a 12-digit number says."""
    return int(number[3]) % 2 == 1
