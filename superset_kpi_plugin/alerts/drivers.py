"""The driver that moved most: which of a KPI's drivers changed most against the period before, and its share.

Changes are compared as logarithms, because KPIs are mostly products and quotients of their drivers; of an additive
driver the amount per covered day counts. This is arithmetic, not cause. Imports no framework.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

MOVES = """
with kpis as (
    select d.kpi_id, d.name_en, d.name_zh, d.is_additive, d.unit, d.number_format
    from kpi.kpi_catalogue as d
    where d.kpi_id in :drivers
),
figures as (
    select
        v.entity_id,
        v.kpi_id,
        v.period_start,
        v.value / case when k.is_additive then v.covered_through - v.period_start + 1 else 1 end as level,
        k.name_en,
        k.name_zh
    from kpi.kpi_values as v
    inner join kpis as k on v.kpi_id = k.kpi_id
    where
        v.kpi_id in :drivers
        and v.entity_id in :entity_ids
        and v.grain = :grain
        and v.period_start >= :since
        and v.covered_through >= v.period_start
)
select f.* from figures as f where f.level > 0 order by f.entity_id, f.kpi_id, f.period_start
"""


def driver_ids(text: Any) -> list[str]:
    """The ids in the catalogue's column ``drivers``."""
    return [one.strip() for one in str(text or "").split(",") if one.strip()]


def strongest(rows: Iterable[Mapping[str, Any]], periods: Mapping[str, date]) -> dict[str, dict[str, Any]]:
    """For each entity the driver that moved most between the judged period and the one before.

    :returns: entity -> kpi_id, names, ``change`` (share of the earlier level) and ``share`` (of all drivers' moves,
        0 to 1), numbers as strings.
    """
    series: defaultdict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["period_start"] <= periods[row["entity_id"]]:
            series[row["entity_id"], row["kpi_id"]].append(row)
    moves: defaultdict[str, list[tuple[float, Mapping[str, Any]]]] = defaultdict(list)
    for (entity_id, _), levels in series.items():
        if len(levels) > 1 and levels[-1]["period_start"] == periods[entity_id]:
            moves[entity_id].append((math.log(levels[-1]["level"] / levels[-2]["level"]), levels[-1]))
    return {entity_id: _told(found) for entity_id, found in moves.items() if any(move for move, _ in found)}


def _told(moves: list[tuple[float, Mapping[str, Any]]]) -> dict[str, Any]:
    total = sum(abs(move) for move, _ in moves)
    move, row = max(moves, key=lambda one: (abs(one[0]), one[1]["kpi_id"]))
    return {
        "kpi_id": row["kpi_id"],
        "name_en": row["name_en"],
        "name_zh": row["name_zh"],
        "change": str(Decimal(math.expm1(move)).quantize(Decimal("0.0001"))),
        "share": str(Decimal(abs(move) / total).quantize(Decimal("0.01"))),
    }
