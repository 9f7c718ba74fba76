"""The simulated business's own figures, and from when on the running demo can know them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from demo.http import JsonClient
from demo.stack import RECENT_DAYS

# What rests on settlements, held transactions and reports by target, of which the demo loads the last weeks alone
# (demo.stack.RECENT): the months that begin in them are judged. All else is judged in every month.
OF_LATE = (
    "ad_profit",
    "break_even_acos",
    "contribution_margin",
    "contribution_margin_rate",
    "deferred_balance",
    "fee_rate",
    "fulfilment_fees",
    "margin_before_ads",
    "margin_before_ads_rate",
    "other_fees",
    "provisional_fee_share",
    "referral_fees",
    "settlement_deposits",
    "wasted_ad_cost_share",
)


def truth(sandbox: JsonClient) -> list[dict]:
    """The simulated business's own figures, at the revision that the platforms serve now."""
    return _truth(sandbox, sandbox.call("GET", "/sandbox/health")["revision"])


@lru_cache(maxsize=1)  # the sandbox takes minutes to add them up
def _truth(sandbox: JsonClient, revision: int) -> list[dict]:
    return sandbox.call("GET", f"/sandbox/truth/values?revision={revision}", seconds=900)


def truth_after_regular_runs(sandbox: JsonClient) -> list[dict]:
    """The same, once the DAGs' regular runs have loaded each account's days up to its own yesterday.

    Between midnight in New York and in Los Angeles the shops' yesterday is a day of which the simulated business, which
    lives by Los Angeles, has nothing yet: covered, without sales. Their stock of the month has lasted a day longer.
    """
    rows, health = truth(sandbox), sandbox.call("GET", "/sandbox/health")
    last_day, now = date.fromisoformat(health["last_day"]), datetime.now(timezone.utc)
    east, west = (now.astimezone(ZoneInfo(f"America/{city}")).date() for city in ("New_York", "Los_Angeles"))
    if east == west or (last_day + timedelta(days=1)).month != last_day.month:
        return rows
    shops = {f"account:{account}" for account in health["platforms"]["shopify"]} | {"platform:shopify"}
    return [_a_day_longer(row, last_day) if _is_stock_of(row, shops, last_day) else row for row in rows]


def _is_stock_of(row: dict, shops: set[str], last_day: date) -> bool:
    kind, _, name = row["entity_id"].partition(":")
    holder = f"account:{name.partition('/')[0]}" if kind in ("category", "sku") else row["entity_id"]
    is_running = row["period_start"] == str(last_day.replace(day=1))
    return row["kpi_id"] == "days_inventory" and is_running and holder in shops


def _a_day_longer(row: dict, last_day: date) -> dict:
    longer = {
        name: None if row[name] is None else str(Decimal(row[name]) * (last_day.day + 1) / last_day.day)
        for name in ("numerator", "value")
    }
    return {**row, **longer}


def judged_since(sandbox: JsonClient) -> dict[str, str]:
    """The first month in which each KPI is judged, where that isn't the first of all."""
    last_day = date.fromisoformat(sandbox.call("GET", "/sandbox/health")["last_day"])
    return dict.fromkeys(OF_LATE, str(last_day - timedelta(days=RECENT_DAYS)))
