"""Reads kpi_catalogue, kpi_entities and kpi_freshness."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta, timezone
from typing import Any

from superset_kpi_plugin.redaction import redact
from superset_kpi_plugin.warehouse import Reader, Warehouse

Source = Warehouse | Reader
Row = dict[str, Any]

CATALOGUE_SQL = """
select kpi_id, name_en, name_zh, description_en, description_zh, formula_en, formula_zh, domain, stage, unit,
    direction, is_additive, is_ratio, numerator, denominator, entity_kinds, drivers, counter_kpis, source,
    days_until_settled, owner_role, display_order, number_format
from kpi.kpi_catalogue
order by display_order, kpi_id
"""
FRESHNESS_SQL = """
select platform, account_id, stream, loaded_at, covered_through, settled_through, lag_days, state, last_error
from kpi.kpi_freshness
order by platform, account_id, stream
"""
ACCOUNTS_SQL = "select distinct account_id from kpi.kpi_entities where entity_id in :seen"
ENTITY_COLUMNS = """entity_id, entity_kind, entity_name, parent_id, platform, account_id, account_name, category, sku,
    product_name, campaign_id, campaign_name, ad_group_id, ad_group_name, owner_id, owner_name, team_id, team_name,
    currency, time_zone, is_active"""


def catalogue(warehouse: Source) -> list[Row]:
    """The catalogue's rows in display order."""
    return warehouse.read(CATALOGUE_SQL)


def catalogue_by_id(warehouse: Source) -> dict[str, Row]:
    """The catalogue keyed by kpi_id."""
    return {row["kpi_id"]: row for row in catalogue(warehouse)}


def freshness(warehouse: Source, seen: Collection[str] | None = None) -> list[Row]:
    """One row per account and stream; only of the accounts of the entities ``seen``, where that is not None.

    What a source answered stands in ``last_error`` without addresses, keys and the like.
    """
    rows = warehouse.read(FRESHNESS_SQL)
    for row in rows:
        row["last_error"] = redact(row["last_error"])
    if seen is None:
        return rows
    found = warehouse.read(ACCOUNTS_SQL, {"seen": sorted(seen)})
    accounts = {row["account_id"] for row in found}
    return [row for row in rows if row["account_id"] in accounts]


def latest_day(rows: Iterable[Row]) -> date:
    """The day that half of the streams cover, today at most: on the first of a month the one that just ended is shown.

    A stock count that is a day ahead of the sales would begin a month without figures, and one stream that failed
    weeks ago would hold all the others back.
    """
    today = datetime.now(timezone.utc).date()
    covered = sorted((row["covered_through"] for row in rows if row["covered_through"]), reverse=True)
    return min(today, covered[(len(covered) - 1) // 2]) if covered else today


def freshness_summary(rows: list[Row]) -> Row:
    """The page's stamp: the day that every loading stream has reached (one that is behind by its nature holds nothing
    back), the latest load, and the worst state."""
    covered: list[date] = [
        row["covered_through"] + timedelta(days=row["lag_days"] or 0) for row in rows if row["covered_through"]
    ]
    newest = max((row["covered_through"] for row in rows if row["covered_through"]), default=None)
    loaded: list[datetime] = [row["loaded_at"] for row in rows if row["loaded_at"]]
    states = {row["state"] for row in rows}
    worst = next((state for state in ("failed", "stale", "never", "fresh") if state in states), "never")
    return {
        "covered_through": min(*covered, newest) if newest else None,
        "loaded_at": max(loaded) if loaded else None,
        "state": worst,
    }


def entities(
    warehouse: Source,
    *,
    kind: str | None,
    search: str | None,
    page: int,
    page_size: int,
    seen: Collection[str] | None = None,
) -> tuple[list[Row], int]:
    """A page of entities by kind and name, and how many there are in all; ``seen`` None is no limit."""
    where = ["true"]
    params: dict[str, Any] = {"limit": page_size, "offset": page * page_size}
    if kind:
        where.append("entity_kind = :kind")
        params["kind"] = kind
    if search:
        where.append("(lower(entity_name) like :pattern escape '!' or lower(entity_id) like :pattern escape '!')")
        params["pattern"] = like_pattern(search)
    if seen is not None:
        where.append("entity_id in :seen")
        params["seen"] = sorted(seen)
    condition = " and ".join(where)
    found = warehouse.read(
        f"""
        select {ENTITY_COLUMNS}, count(*) over () as total_count
        from kpi.kpi_entities
        where {condition}
        order by entity_kind, entity_name, entity_id
        limit :limit offset :offset
        """,  # noqa: S608 (built from constants; values are bound)
        params,
    )
    total = int(found[0]["total_count"]) if found else 0
    for row in found:
        row.pop("total_count")
    return found, total


def entities_by_id(warehouse: Source, ids: Collection[str]) -> dict[str, Row]:
    """The named entities keyed by id; unknown ids are left out."""
    if not ids:
        return {}
    rows = warehouse.read(
        f"select {ENTITY_COLUMNS} from kpi.kpi_entities where entity_id in :ids",  # noqa: S608
        {"ids": sorted(set(ids))},
    )
    return {row["entity_id"]: row for row in rows}


def people_by_id(warehouse: Source, owners: Collection[str]) -> dict[str, str]:
    """Names of the owners whom the people's tree knows, keyed by owner (an employee's id)."""
    found = entities_by_id(warehouse, {f"person:{owner}" for owner in owners})
    return {key.removeprefix("person:"): row["entity_name"] for key, row in found.items() if row["entity_name"]}


def entities_of_kind(warehouse: Source, kind: str) -> list[Row]:
    """All entities of one kind."""
    return warehouse.read(
        f"select {ENTITY_COLUMNS} from kpi.kpi_entities where entity_kind = :kind",  # noqa: S608
        {"kind": kind},
    )


def like_pattern(text: str) -> str:
    """The pattern for a lower-case column that holds ``text``, with ``!`` as its escape."""
    escaped = text.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"
