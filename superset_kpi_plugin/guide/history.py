"""Floor, target and stretch from the last months, where no forecast knows better. Pure; imports no framework."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from statistics import median

from superset_kpi_plugin.targets.feasibility import DECIMALS


def season_factor(wanted: Decimal | None, months: Sequence[Decimal]) -> Decimal | None:
    """How much a period was above some months of the same year; None where one of them is unknown or not positive.

    :param wanted: last year's value of the period that is planned.
    :param months: last year's values of the months that the plan goes by, those that are known.
    """
    if wanted is None or wanted <= 0 or not months or min(months) <= 0:
        return None
    return wanted * len(months) / sum(months, Decimal(0))


def from_history(direction: str, unit: str, values: Sequence[Decimal]) -> dict[str, Decimal | None]:
    """Worst, median and best of some periods of the same grain, rounded by the KPI's unit; a band has its median only.

    All None without values.
    """
    if not values:
        return {"floor": None, "target": None, "stretch": None}
    places = Decimal(1).scaleb(-DECIMALS.get(unit, 2))
    low, middle, high = (
        Decimal(value).quantize(places, ROUND_HALF_EVEN) for value in (min(values), median(values), max(values))
    )
    if direction == "band":
        return {"floor": None, "target": middle, "stretch": None}
    return (
        {"floor": high, "target": middle, "stretch": low}
        if direction == "lower"
        else {
            "floor": low,
            "target": middle,
            "stretch": high,
        }
    )
