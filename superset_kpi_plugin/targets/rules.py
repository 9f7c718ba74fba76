"""What a target may say: periods, numbers and their order. Pure; imports no framework.

A refusal is a `Problem`: the row, the field and an English sentence with placeholders (translated where it's shown).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal, InvalidOperation
from typing import Any

GRAINS = ("day", "week", "month", "quarter", "year")
VALUE_FIELDS = ("floor_value", "target_value", "stretch_value", "warn_limit", "breach_limit", "tolerance", "weight")
#: What is to be spent and who is to work for a target: planned beside it, not published.
MEANS_FIELDS = ("budget", "headcount")
NUMBER_FIELDS = (*VALUE_FIELDS, *MEANS_FIELDS)
INTEGER_DIGITS, DECIMALS = 18, 6
#: Takes any number that is let in, so that nothing is rounded on the way.
EXACT = Context(prec=100)
_CURRENCY = re.compile(r"[A-Z]{3}")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)


@dataclass(frozen=True)
class Problem:
    """Why a row is refused."""

    index: int
    field: str
    message: str
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Kpi:
    """What the rules need to know of a KPI: a row of kpi_catalogue."""

    kpi_id: str
    unit: str
    direction: str
    entity_kinds: frozenset[str]

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Kpi:
        """From kpi_catalogue's columns."""
        kinds = str(row.get("entity_kinds") or "")
        return cls(
            kpi_id=row["kpi_id"],
            unit=row["unit"],
            direction=row["direction"],
            entity_kinds=frozenset(kind.strip() for kind in kinds.split(",") if kind.strip()),
        )


def exact_number(value: Any, decimals: int = DECIMALS) -> Decimal | None:
    """The number that a JSON value stands for, exactly; None for null and the empty string.

    :param decimals: how many digits after the point the column keeps.
    :raises ValueError: with an English sentence, when it's no plain number or has too many digits.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError("Must be a number.")
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and not _NUMBER.fullmatch(text):
        raise ValueError("Must be a number, written with digits and at most one point.")
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError("Must be a number.") from error
    if not number.is_finite():
        raise ValueError("Must be a finite number.")
    if number and (number.adjusted() >= INTEGER_DIGITS or _decimals(number) > decimals):
        if decimals != DECIMALS:
            raise ValueError("Has too many digits.")
        raise ValueError("Has too many digits: at most 18 before the point and 6 after it.")
    return EXACT.plus(number)  # no negative zero


def _decimals(number: Decimal) -> int:
    exponent = number.normalize(EXACT).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def first_day(grain: str, day: date) -> date:
    """The first day of the period of ``grain`` that holds ``day`` (weeks begin on Monday, as in ISO 8601)."""
    if grain == "day":
        return day
    if grain == "week":
        return day - timedelta(days=day.weekday())
    if grain == "month":
        return day.replace(day=1)
    if grain == "quarter":
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    if grain == "year":
        return day.replace(month=1, day=1)
    raise ValueError(f"unknown grain {grain}")


def key_problems(
    index: int, row: Mapping[str, Any], kpis: Mapping[str, Kpi], entities: Mapping[str, Mapping[str, Any]]
) -> list[Problem]:
    """What is wrong with a row's key: KPI, entity, their fit, and the period."""
    problems: list[Problem] = []
    kpi, entity = kpis.get(row["kpi_id"]), entities.get(row["entity_id"])
    if kpi is None:
        problems.append(Problem(index, "kpi_id", "There is no KPI {kpi}.", {"kpi": row["kpi_id"]}))
    if entity is None:
        problems.append(Problem(index, "entity_id", "There is no entity {entity}.", {"entity": row["entity_id"]}))
    if kpi and entity and entity["entity_kind"] not in kpi.entity_kinds:
        values = {"kpi": kpi.kpi_id, "kind": entity["entity_kind"]}
        problems.append(Problem(index, "entity_id", "The KPI {kpi} is not measured per {kind}.", values))
    first = first_day(row["grain"], row["period_start"])
    if first != row["period_start"]:
        message = "Is not the first day of a {grain}; did you mean {first}?"
        problems.append(Problem(index, "period_start", message, {"grain": row["grain"], "first": first.isoformat()}))
    return problems


def value_problems(index: int, kpi: Kpi, values: Mapping[str, Decimal | None]) -> list[Problem]:
    """What is wrong with a target's numbers: signs, and the order that the KPI's direction asks for."""
    problems: list[Problem] = []
    if values["target_value"] is None:
        problems.append(Problem(index, "target_value", "Required."))
    for name in ("weight", "tolerance"):
        number = values[name]
        if number is not None and number < 0:
            problems.append(Problem(index, name, "Must not be negative."))
    tolerance = values["tolerance"]
    if tolerance is not None and tolerance >= 1:
        problems.append(Problem(index, "tolerance", "Is a share: 0.05 means 5%. It must be below 1."))
    if kpi.unit in ("count", "days", "hours", "rank"):
        for name in ("floor_value", "target_value", "stretch_value", "warn_limit", "breach_limit"):
            number = values[name]
            if number is not None and number < 0:
                problems.append(Problem(index, name, "Must not be negative."))
    return problems + order_problems(index, kpi.direction, values)


def means_problems(index: int, values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with budget, its currency and headcount."""
    problems = [
        Problem(index, name, "Must not be negative.")
        for name in MEANS_FIELDS
        if values[name] is not None and values[name] < 0
    ]
    currency = values["budget_currency"]
    if values["budget"] is not None and currency is None:
        problems.append(Problem(index, "budget_currency", "Say in which currency the budget is."))
    if currency is not None and not _CURRENCY.fullmatch(currency):
        problems.append(Problem(index, "budget_currency", "Must be a currency's three letters, such as USD."))
    return problems


def order_problems(index: int, direction: str, values: Mapping[str, Decimal | None]) -> list[Problem]:
    """`higher`: floor <= target <= stretch and breach <= warn <= target; `lower`: all mirrored; `band`: free."""
    if direction not in ("higher", "lower"):
        return []
    relation = "below" if direction == "higher" else "above"
    problems = []
    for name, other in (
        ("floor_value", "target_value"),
        ("target_value", "stretch_value"),
        ("breach_limit", "warn_limit"),
        ("warn_limit", "target_value"),
        ("breach_limit", "target_value"),
    ):
        worse, better = values[name], values[other]
        if worse is None or better is None:
            continue
        if (worse > better) if direction == "higher" else (worse < better):
            blamed = name if other == "target_value" else other
            problems.append(Problem(index, blamed, ORDER_MESSAGES[name, other, relation]))
    if values["warn_limit"] is not None and values["breach_limit"] is not None:
        # breach against target says nothing new where warn stands between them.
        problems = [
            item for item in problems if item.message != ORDER_MESSAGES["breach_limit", "target_value", relation]
        ]
    return problems


ORDER_MESSAGES: dict[tuple[str, str, str], str] = {
    ("floor_value", "target_value", "below"): "The floor must not be above the target.",
    ("floor_value", "target_value", "above"): "The floor must not be below the target (lower is better here).",
    ("target_value", "stretch_value", "below"): "The stretch goal must not be below the target.",
    ("target_value", "stretch_value", "above"): "The stretch goal must not be above the target (lower is better here).",
    ("breach_limit", "warn_limit", "below"): "The warning limit must not be below the breach limit.",
    (
        "breach_limit",
        "warn_limit",
        "above",
    ): "The warning limit must not be above the breach limit (lower is better here).",
    ("warn_limit", "target_value", "below"): "The warning limit must not be above the target.",
    ("warn_limit", "target_value", "above"): "The warning limit must not be below the target (lower is better here).",
    ("breach_limit", "target_value", "below"): "The breach limit must not be above the target.",
    ("breach_limit", "target_value", "above"): "The breach limit must not be below the target (lower is better here).",
}
