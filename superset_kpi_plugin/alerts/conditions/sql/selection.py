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


def selection(watch: Watch, alias: str, params: dict[str, Any]) -> str:
    """Conditions that leave the rule's own entities of the relation ``alias``; what they bind is put into ``params``."""
    parts = []
    if watch.entity_ids is not None:
        parts.append(f"and {alias}.entity_id in :entity_ids")
        params["entity_ids"] = list(watch.entity_ids)
    if watch.within is not None:
        parts.append(f"and {alias}.entity_id in (select subtree.entity_id from subtree)")  # noqa: S608 (an alias)
    return " ".join(parts)
