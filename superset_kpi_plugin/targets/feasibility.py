"""How likely a target is to be attained, and which targets have a wanted likelihood. Pure; imports no framework.

A forecast states three quantiles: 20 % of outcomes lie below p20, half below p50, 80 % below p80. Between and beyond
them a two-piece normal distribution is assumed: its median is p50, and each half has the spread that its quantile
says, so that it meets all three exactly and may be lopsided. Far out (below 1 %, above 99 %) that is a guess at best;
probabilities are cut to 0.01 .. 0.99 for that reason, unless the forecast leaves no doubt at all (p20 = p80).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from statistics import NormalDist
from typing import Any

#: Standard score of the 80 % quantile.
Z80 = NormalDist().inv_cdf(0.8)
LEAST, MOST = 0.01, 0.99
#: How likely floor, target and stretch are to be attained.
WANTED = {"floor": Decimal("0.8"), "target": Decimal("0.5"), "stretch": Decimal("0.2")}
#: Decimals to which proposed targets are rounded, by unit.
DECIMALS = {"money": 2, "count": 0, "rank": 0, "ratio": 4, "days": 1, "hours": 1, "score": 2}


@dataclass(frozen=True)
class Forecast:
    """Quantiles of a period's outcome, in the KPI's unit."""

    p20: Decimal
    p50: Decimal
    p80: Decimal

    @classmethod
    def from_row(cls, row: Mapping[str, Any] | None) -> Forecast | None:
        """From kpi_forecast's columns; None without a row."""
        if not row or row.get("p50") is None:
            return None
        return cls(Decimal(row["p20"]), Decimal(row["p50"]), Decimal(row["p80"]))

    def below(self, value: Decimal) -> float:
        """The probability that the outcome is at most ``value``."""
        spread = float(self.p50 - self.p20 if value < self.p50 else self.p80 - self.p50) / Z80
        distance = float(value - self.p50)
        if spread <= 0:
            return (0.5 if self.p20 < self.p80 else 1.0) if distance == 0 else float(distance > 0)
        return min(max(NormalDist().cdf(distance / spread), LEAST), MOST)


def probability(
    value: Decimal | None, direction: str, forecast: Forecast | None, tolerance: Decimal | None = None
) -> Decimal | None:
    """The probability of attaining ``value``, to four decimals; None without a value or a forecast.

    `higher`: the outcome reaches it; `lower`: the outcome stays at or below it; `band`: it ends within the tolerance.
    """
    if value is None or forecast is None:
        return None
    if direction == "band":
        if not tolerance:
            return None
        reach = abs(value) * tolerance
        found = forecast.below(value + reach) - forecast.below(value - reach)
    elif direction == "lower":
        found = forecast.below(value)
    elif forecast.p20 == forecast.p80 == value:
        found = 1.0  # no doubt: exactly this value is reached
    else:
        found = 1 - forecast.below(value)
    return Decimal(repr(round(max(found, 0.0), 4)))


def proposal(direction: str, unit: str, forecast: Forecast | None) -> dict[str, Decimal | None]:
    """Floor, target and stretch that are attained with 80, 50 and 20 %: p20, p50, p80, mirrored where lower is better.

    A band has no floor or stretch. All None without a forecast.
    """
    if forecast is None:
        return dict.fromkeys(WANTED, None)
    places = Decimal(1).scaleb(-DECIMALS.get(unit, 2))
    easy, middle, hard = (
        value.quantize(places, ROUND_HALF_EVEN) for value in (forecast.p20, forecast.p50, forecast.p80)
    )
    if direction == "lower":
        easy, hard = hard, easy
    if direction == "band":
        return {"floor": None, "target": middle, "stretch": None}
    return {"floor": easy, "target": middle, "stretch": hard}
