"""The kinds of results that the service can produce, as data: page, number series, and who signs in which order.

Knows model.md §4 (five steps). Must not know any single result: each keeps its own copy of the plan, so that a change
here never touches one in flight.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from api.callers import Role
from api.errors import InputInvalid
from api.records.results import PlanStep
from api.settings import SecondaryReading


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
    plans: Mapping[SecondaryReading, tuple[PlanStep, ...]]
    """Who signs in which order, by the reading of "second certificate"."""


# model.md §4, on the spot: the leader with a personal certificate (mark A), then the clerk with the seal (mark B).
# I11: in this order only. Which of the two is "the second certificate" is the installation's reading (ADR 0014).
_ON_THE_SPOT: Final = MappingProxyType(
    {
        SecondaryReading.ORG_SEAL: (
            PlanStep(no=3, role=Role.AUTHORISED_SIGNER, certificate_class="personal", ordinal=None, mark="A"),
            PlanStep(no=4, role=Role.CLERK, certificate_class="org_seal", ordinal=2, mark="B"),
        ),
        SecondaryReading.PERSON: (
            PlanStep(no=3, role=Role.AUTHORISED_SIGNER, certificate_class="personal", ordinal=2, mark="A"),
            PlanStep(no=4, role=Role.CLERK, certificate_class="org_seal", ordinal=1, mark="B"),
        ),
    }
)

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
                plans=_ON_THE_SPOT,
            ),
            ResultType(
                code="quyet_dinh",
                template="decision",
                title_vi="Quyết định",
                title_en="Decision",
                number_symbol="QĐ-UBND",
                plans=_ON_THE_SPOT,
            ),
        )
    }
)


def result_type(code: str) -> ResultType:
    """The kind of result named ``code``.

    Raises:
        InputInvalid: there is no such kind.
    """
    found = _TYPES.get(code)
    if found is None:
        raise InputInvalid("Không có loại kết quả này.", "There is no such type of result.")
    return found
