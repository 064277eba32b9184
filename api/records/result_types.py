"""The kinds of results that the service can produce, as data: page and number series.

Must not know any single result, nor who signs it: that is the signing plan's (`api.records.signing_plans`).
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from api.errors import InputInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultType:
    """One kind of result."""

    code: str
    """Also the type code of the document in the vault."""
    template: str
    """Which page is typeset (`api.rendering`)."""
    title_vi: str
    title_en: str
    number_symbol: str
    """The part of the document number behind the slash (Decree 30/2020 annex I)."""


_TYPES: Final = MappingProxyType(
    {
        kind.code: kind
        for kind in (
            ResultType(
                code="trich_luc_khai_sinh",
                template="birth_extract",
                title_vi="Trích lục khai sinh",
                title_en="Birth extract",
                number_symbol="TLKS-UBND",
            ),
            ResultType(
                code="quyet_dinh",
                template="decision",
                title_vi="Quyết định",
                title_en="Decision",
                number_symbol="QĐ-UBND",
            ),
        )
    }
)


def result_type(code: str) -> ResultType:
    """The kind of result named ``code``.

    Raises:
        InputInvalid: there is no such kind.
    """
    found = find_result_type(code)
    if found is None:
        raise InputInvalid("Không có loại kết quả này.", "There is no such type of result.")
    return found


def find_result_type(code: str) -> ResultType | None:
    """The kind of result named ``code``; None: the code names another paper."""
    return _TYPES.get(code)
