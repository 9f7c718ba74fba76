"""The one ShopifyQL question that is simulated: a shop's sessions by day."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.shops import Shop

METRICS = ("sessions", "online_store_visitors", "pageviews", "sessions_that_completed_checkout")
_QUERY = re.compile(
    r"^\s*FROM\s+sessions\s+SHOW\s+(?P<show>.+?)\s+(?:GROUP\s+BY|TIMESERIES)\s+day\s+SINCE\s+(?P<since>\S+)"
    r"\s+UNTIL\s+(?P<until>\S+)(?:\s+ORDER\s+BY\s+day)?(?:\s+LIMIT\s+(?P<limit>\d+))?\s*$",
    re.IGNORECASE | re.DOTALL,
)


def answer(business: Business, shop: Shop, query: str, revision: int) -> tuple[list[dict[str, str]], list[str]]:
    """The rows by day, all values as text; and what is wrong with the query."""
    found = _QUERY.match(query)
    if not found:
        return [], ["Line 1 Column 1: syntax error, unexpected input, expecting FROM"]
    wanted = [name.strip() for name in found["show"].split(",")]
    if unknown := [name for name in wanted if name not in METRICS]:
        return [], [f"Column Not Found: Line 1 Column 20: '{unknown[0]}' column not found"]
    try:
        day, last = date.fromisoformat(found["since"]), date.fromisoformat(found["until"])
    except ValueError:
        return [], ["Line 1: a date is expected after SINCE and UNTIL"]
    rows = []
    while day <= last:
        traffic = business.shop_traffic(shop, day, revision)
        if traffic is not None:
            values = (traffic.sessions, traffic.visitors, traffic.page_views, traffic.orders)
            held = {name: str(value) for name, value in zip(METRICS, values, strict=True)}
            rows.append({"day": day.isoformat(), **{name: held[name] for name in wanted}})
        day += timedelta(days=1)
    return rows[: int(found["limit"] or 1000)], []


def columns(rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    names = list(rows[0]) if rows else []
    return [
        {
            "__typename": "ShopifyqlTableDataColumn",
            "name": name,
            "dataType": "DAY_TIMESTAMP" if name == "day" else "INTEGER",
            "displayName": name.replace("_", " ").capitalize(),
        }
        for name in names
    ]
