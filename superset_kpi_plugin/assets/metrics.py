"""Superset metrics out of kpi_catalogue rows: a KPI is defined once, in the SQL layer, and only spelled out here.

Every expression is plain, portable SQL over a dataset of KPI rows, and refuses to answer rather than answer wrongly: a
ratio is sum over sum; an additive KPI is a sum; any other KPI is given for one entity and period only; money of two
currencies is null. Two styles, as the dataset's YAML asks for (``extra.kpi_metrics.style``):

``plain``
    rows of one entity kind and grain with ``value``, ``numerator``, ``denominator``.
``levels``
    rows of several kinds with ``level_rank``, ``amount`` and ``base``; only the highest level that the filters leave is
    read, so that filters by account, category or owner narrow the figure without counting anything twice. An additive
    amount is null where a row of that level lacks it (no target), so a sum is never a part of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

#: Marks a metric as taken from the catalogue: re-installing may replace or remove it, unlike a user's own.
CERTIFIED_BY = "KPI catalogue"
#: level_rank in the datasets of style ``levels``.
LEVELS = {"company": 5, "account": 4, "category": 3, "person": 2, "sku": 1}

Row = Mapping[str, Any]


def catalogue_metrics(
    catalogue: Iterable[Row], style: str, entity_kinds: Iterable[str], language: str = "en"
) -> list[dict[str, Any]]:
    """Metrics of Superset's YAML for each KPI that exists for one of ``entity_kinds``, in the catalogue's order."""
    wanted = list(entity_kinds)
    ordered = sorted(catalogue, key=lambda kpi: (kpi["display_order"] or 0, kpi["kpi_id"]))
    return [_metric(kpi, style, kinds, language) for kpi in ordered if (kinds := _kinds(kpi, wanted))]


def is_from_catalogue(metric: Row) -> bool:
    """True for a metric that an earlier installation made."""
    extra = metric.get("extra")
    certification = extra.get("certification") if isinstance(extra, Mapping) else None
    return bool(certification and certification.get("certified_by") == CERTIFIED_BY)


def _kinds(kpi: Row, wanted: list[str]) -> list[str]:
    offered = {kind.strip() for kind in (kpi["entity_kinds"] or "").split(",")}
    return [kind for kind in wanted if kind in offered]


def _metric(kpi: Row, style: str, kinds: list[str], language: str) -> dict[str, Any]:
    make = {"plain": _plain, "levels": _levels}[style]
    name, text, formula = (
        kpi.get(f"{part}_{language}") or kpi[f"{part}_en"] for part in ("name", "description", "formula")
    )
    description = ". ".join(str(part).rstrip(". 。") for part in (text, formula and f"= {formula}") if part)
    return {
        "metric_name": kpi["kpi_id"],
        "verbose_name": name,
        "metric_type": None,
        "expression": make(kpi, kinds),
        "description": f"{description}." if description else None,
        "d3format": kpi["number_format"],
        "extra": {"certification": {"certified_by": CERTIFIED_BY, "details": f"KPI {kpi['kpi_id']}"}},
        "warning_text": None,
    }


def _plain(kpi: Row, _kinds: list[str]) -> str:
    chosen = f"kpi_id = {_text(kpi['kpi_id'])}"
    if kpi["is_ratio"]:
        return _one_currency(kpi, _ratio(chosen, "numerator", "denominator"), chosen)
    if kpi["is_additive"]:
        return _one_currency(kpi, f"sum({_when(chosen, 'value')})", chosen)
    return _one_currency(kpi, _single(chosen, "value"), chosen)


def _levels(kpi: Row, kinds: list[str]) -> str:
    chosen = f"kpi_id = {_text(kpi['kpi_id'])}"
    branches = []
    for rank in sorted((LEVELS[kind] for kind in kinds), reverse=True):
        at_level = f"{chosen} and level_rank = {rank}"
        if kpi["is_ratio"]:
            figure = _ratio(at_level, "amount", "base")
        elif kpi["is_additive"]:
            complete = f"count({_when(at_level, '1')}) = count({_when(at_level, 'amount')})"
            figure = f"case when {complete} then sum({_when(at_level, 'amount')}) end"
        else:
            figure = _single(at_level, "amount")
        branches.append(f"when {rank} then {_one_currency(kpi, figure, at_level)}")
    return f"case max({_when(chosen, 'level_rank')})\n    " + "\n    ".join(branches) + "\nend"


def _ratio(condition: str, upper: str, lower: str) -> str:
    # A row without its upper part (no target) must not count in the lower part either.
    counted = f"{condition} and {upper} is not null"
    top = f"cast(sum({_when(condition, upper)}) as double precision)"
    return f"{top} / nullif(sum({_when(counted, lower)}), 0)"


def _single(condition: str, column: str) -> str:
    """A figure that can't be added up: given only where the rows are of one entity and one period."""
    same = " and ".join(
        f"min({_when(condition, name)}) = max({_when(condition, name)})" for name in ("entity_id", "period_start")
    )
    return f"case when {same} then max({_when(condition, column)}) end"


def _one_currency(kpi: Row, expression: str, condition: str) -> str:
    if kpi["unit"] != "money":
        return expression
    currency = _when(condition, "currency")
    return f"case when min({currency}) = max({currency}) then {expression} end"


def _when(condition: str, result: str) -> str:
    return f"case when {condition} then {result} end"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
