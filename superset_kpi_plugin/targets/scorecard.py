"""Scores from attainment and weights, as pure rules; imports no framework.

    score = sum(weight x min(max(attainment, 0), cap)) / sum(weight)

over the KPIs whose attainment is known. 1 is "all targets met". A weight that is left out counts 1, a weight of 0 takes
the KPI out of the score. What has no value is left out of both sums, never counted as 0, and shown: ``covered`` is the
share of the weights that the score rests on. Attainment is that of kpi_status: it is above 1 where the target is
exceeded, also where lower is better.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

#: Attainment beyond this counts no more, so that one KPI can't make up for all others.
CAP = Decimal("1.5")
FORMULA = "sum(weight x min(max(attainment, 0), cap)) / sum(weight)"
PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class Score:
    """``score`` is None where nothing is known, ``covered`` where nothing has a weight."""

    score: Decimal | None
    covered: Decimal | None


def weight_of(part: dict[str, Any]) -> Decimal:
    """A part's weight; one that is left out is 1."""
    return Decimal(1) if part["weight"] is None else Decimal(part["weight"])


def capped(attainment: Decimal | None, cap: Decimal | int = CAP) -> Decimal | None:
    """Attainment as it counts; None stays None."""
    return None if attainment is None else min(max(Decimal(attainment), Decimal(0)), Decimal(cap))


def score(parts: Iterable[dict[str, Any]], cap: Decimal | int = CAP) -> Score:
    """The weighted score of parts with ``attainment`` and ``weight``."""
    listed = list(parts)
    known = [(weight_of(part), capped(part["attainment"], cap)) for part in listed]
    total = sum((weight for weight, _ in known), Decimal(0))
    used = sum((weight for weight, attained in known if attained is not None), Decimal(0))
    if not total:
        return Score(None, None)
    if not used:
        return Score(None, Decimal(0))
    earned = sum((weight * attained for weight, attained in known if attained is not None), Decimal(0))
    return Score((earned / used).quantize(PLACES), (used / total).quantize(PLACES))
