"""On whatever day the sandbox runs, its planted breaches stand out and nothing else is beyond a breach limit.

The status here is worked out by the test itself from daily records, target and last year's shape, with none of the
code that decides it in the product.
"""

from __future__ import annotations

import os
from collections import defaultdict
from datetime import date, timedelta
from functools import lru_cache

import pytest

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.calendar import add_months, days_of_month, month_start
from airflow_dags.sandbox.business.erp_records import fx_rate
from airflow_dags.sandbox.kpi_truth import ads, commerce, kpi_rows, measures_of_month
from airflow_dags.sandbox.plan import breaches, target_months, targets

# First days of months, a leap day, both clock changes, Prime Day, BFCM, turns of the year, and days between.
AS_OF = [
    *(date(2026, 11, day) for day in (1, 2, 3, 23, 27, 30)),
    *(date(2026, 12, day) for day in (2, 31)),
    *(date(2027, month, day) for month, day in ((1, 1), (3, 14), (7, 8), (11, 26))),
    *(date(2028, month, day) for month, day in ((2, 29), (3, 1), (7, 6), (10, 31))),
]
# More of them, which `make test-oracle` takes too.
MORE = [
    *(date(2026, 11, day) for day in (4, 5, 28)),
    *(date(2027, 1, day) for day in (2, 4, 18)),
    *(date(2027, 3, day) for day in (1, 3, 15)),
    *(date(2027, 5, day) for day in (2, 21)),
    *(date(2027, 7, day) for day in (2, 10, 31)),
    *(date(2027, month, day) for month, day in ((10, 2), (10, 8), (11, 8), (11, 27))),
    *(date(2028, month, day) for month, day in ((2, 2), (3, 2), (7, 3))),
]
if os.environ.get("KPI_ORACLE") == "all":
    AS_OF += MORE
LOWER_IS_BETTER = {"acos", "tacos", "ad_cost"}
PACED = {"gmv", "net_sales", "orders", "ad_cost"}
MARGIN = 0.03  # how far every number keeps from its breach limit, as a share of the limit


def daily_gmv(business: Business, days: list[date]) -> dict[date, dict[str, float]]:
    """Cents by day and entity; foreign shops at the day's rate for all but themselves."""
    sales: dict[date, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for first in sorted({month_start(day) for day in days}):
        for order in business.orders(first, 0):
            for line in order.sold_lines():
                sku = line.sku
                entities = (
                    "company",
                    f"account:{sku.account_id}",
                    f"category:{sku.account_id}/{sku.cell.category}",
                    f"person:{sku.cell.owner.employee_id}",
                )
                for entity in entities:
                    sales[order.day][entity] += line.price
    for day in days:
        for shop in business.shops:
            rate = 1.0 if shop.currency == "USD" else float(fx_rate(business.seed, day, shop.currency))
            for order in business.shop_orders(shop, day, 0):
                for line in () if order.is_cancelled else order.lines:
                    paid = (line.price - line.discount * (shop.platform == "walmart")) * rate
                    for entity in ("company", f"person:{line.sku.cell.owner.employee_id}"):
                        sales[day][entity] += paid
    return sales


@lru_cache(maxsize=200)
def clean_month(seed: int, first: date) -> dict[date, dict[str, float]]:
    """A month's sales as the simulation of any later year remembers them: before troubles, after restatements."""
    return daily_gmv(Business(seed, add_months(first, 12)), days_of_month(first))


def pace(business: Business, entity: str, first: date) -> float:
    """Share of the month's weight that has passed, by the entity's own days 364 days before."""
    shape = {day: day - timedelta(days=364) for day in days_of_month(first)}
    weights = {day: clean_month(business.seed, month_start(before))[before][entity] for day, before in shape.items()}
    return sum(weight for day, weight in weights.items() if day <= business.last_day) / sum(weights.values())


def distances(business: Business, revision: int) -> dict[tuple[str, str, str], float]:
    """For each monthly target with data, value / breach limit so that less than 1 is a breach."""
    found = {}
    for first in target_months(business):
        if first > business.last_day:
            continue
        values = {
            (row.kpi_id, row.entity_id): row.value
            for row in kpi_rows(measures_of_month(business, first, revision, domains=(commerce, ads)), first)
        }
        for target in targets(business):
            if target["grain"] != "month" or target["period_start"] != first.isoformat():
                continue
            kpi, entity = target["kpi_id"], target["entity_id"]
            value, limit = values.get((kpi, entity)), float(target["breach_limit"])
            if value is None:
                continue
            if kpi in PACED:
                limit *= pace(business, entity, first)
            ratio = float(value) / limit
            found[kpi, entity, first.isoformat()] = 1 / ratio if kpi in LOWER_IS_BETTER else ratio
    return found


def planted(business: Business) -> set[tuple[str, str, str]]:
    return {(row["kpi_id"], row["entity_id"], row["period_start"]) for row in breaches(business)}


@pytest.mark.parametrize("as_of", AS_OF, ids=str)
def test_only_the_planted_breaches_are_beyond_their_limit(as_of: date) -> None:
    business = Business(7, as_of)
    found = distances(business, 0)
    assert {key for key, distance in found.items() if distance < 1} == planted(business)
    near = {key: distance for key, distance in found.items() if abs(distance - 1) < MARGIN}
    assert not near, "too near to the limit to be told from noise"


@pytest.mark.parametrize(("seed", "as_of"), [(7, date(2027, 7, 3)), (1, date(2026, 11, 3)), (42, date(2027, 6, 18))])
def test_the_same_holds_after_the_restatement_and_for_other_seeds(seed: int, as_of: date) -> None:
    business = Business(seed, as_of)
    found = distances(business, 1)
    assert {key for key, distance in found.items() if distance < 1} == planted(business)


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_year_targets_stay_clear_even_when_the_year_is_paced_flat(year: int) -> None:
    """There isn't a whole year of history before every day of the year, so its pace may be the share of days."""
    business = Business(7, date(year, 12, 31))
    rows = {row["entity_id"]: row for row in targets(business) if row["grain"] == "year"}
    assert set(rows) == {"company", "account:aurora_us", "account:harbor_us"}
    days = [date(year, 1, 1) + timedelta(days=n) for n in range((date(year, 12, 31) - date(year, 1, 1)).days)]
    daily = daily_gmv(business, days)
    for entity, row in rows.items():
        sold = 0.0
        for passed, day in enumerate(days, start=1):
            sold += daily[day][entity] / 100
            likely = sold * (0.93 if entity == "company" else 1.0)  # as if one account lagged all the year
            assert likely > float(row["breach_limit"]) * passed / (len(days) + 1) * 1.2
