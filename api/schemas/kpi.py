"""Reuse figures on the wire."""

from decimal import Decimal
from typing import Self

from pydantic import BaseModel, Field

from vault.reuse import ReuseFigures


class Rate(BaseModel):
    """Part, whole and percent with two decimals; no percent without a whole."""

    numerator: int
    denominator: int
    rate: float | None

    @classmethod
    def of(cls, numerator: int, denominator: int, rate: Decimal | None) -> Self:
        """The wire form of a rate."""
        return cls(numerator=numerator, denominator=denominator, rate=None if rate is None else float(rate))


class ReuseRates(BaseModel):
    """The rates of one slice."""

    official: Rate = Field(description="Dossiers that reuse digitised data, of all dossiers received")
    strict: Rate = Field(description="Dossiers with a verified reuse event, of those that the vault could have served")
    components: Rate = Field(description="Components reused, of components that the vault could have served")

    @classmethod
    def of(cls, figures: ReuseFigures) -> Self:
        """The rates of counted figures."""
        reusing = figures.dossiers_reusing
        return cls(
            official=Rate.of(reusing, figures.dossiers_received, figures.official_rate),
            strict=Rate.of(reusing, figures.dossiers_eligible, figures.strict_rate),
            components=Rate.of(figures.components_reused, figures.components_eligible, figures.component_rate),
        )


class ReuseGroup(ReuseRates):
    """The rates of one group."""

    key: str


class ReuseMeasuredView(ReuseRates):
    """The whole and its groups."""

    groups: list[ReuseGroup]
