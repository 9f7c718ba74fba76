"""Which entities and periods a rule's statement looks at: parts of it that several conditions share."""

from __future__ import annotations

from typing import Any

from superset_kpi_plugin.alerts.conditions import Watch

# The limits of official standards: each bad side with its limit, tightened to the share that may be used up.
STANDARDS = """
standards as (
    select
        t.platform,
        t.valid_from,
        t.valid_to,
        case when t.comparison = 'at_least' then 1 else -1 end as bad_side,
        case
            when t.comparison in ('below', 'at_most') then t.limit_value * :share
            when t.limit_value <= 1 then 1 - (1 - t.limit_value) * :share
            else t.limit_value / :share
        end as limit_value,
        t.comparison = 'below' and :share = 1 as is_exclusive
    from kpi.kpi_standards as t
    where t.kpi_id = :kpi_id and t.is_limit and t.comparison in ('below', 'at_most', 'at_least')
),
"""

# The periods whose value rests on enough cases to be judged.
ENOUGH = """
enough as materialized (
    select
        w.entity_id,
        w.period_start
    from kpi.kpi_values as w
    where
        w.kpi_id = :volume_kpi_id
        and w.entity_kind = :entity_kind
        and w.grain = :grain
        {since}
        and {volume} >= :minimum_volume
),
"""


def selection(watch: Watch, alias: str, params: dict[str, Any]) -> str:
    """Conditions that leave the rule's own entities of the relation ``alias``; ``params`` gets what they bind."""
    parts = []
    if watch.entity_ids is not None:
        parts.append(f"and {alias}.entity_id in :entity_ids")
        params["entity_ids"] = list(watch.entity_ids)
    if watch.within is not None:
        parts.append(f"and {alias}.entity_id in (select subtree.entity_id from subtree)")  # noqa: S608 (an alias)
    return " ".join(parts)


def enough(watch: Watch, params: dict[str, Any]) -> str:
    """The relation of the periods that rest on enough cases; nothing where the rule asks for none."""
    if watch.minimum_volume is None:
        return ""
    params["volume_kpi_id"] = watch.volume_kpi_id or watch.kpi_id
    params["minimum_volume"] = watch.minimum_volume
    return ENOUGH.format(
        volume="w.value" if watch.volume_kpi_id else "w.denominator",
        since="and w.period_start >= :since" if "since" in params else "",
    )


def is_enough(watch: Watch, alias: str) -> str:
    """A condition that leaves only such periods of the relation ``alias``."""
    if watch.minimum_volume is None:
        return ""
    return f"and ({alias}.entity_id, {alias}.period_start) in (select w.entity_id, w.period_start from enough as w)"  # noqa: S608 (an alias)
