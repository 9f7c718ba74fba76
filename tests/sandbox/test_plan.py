"""On whatever day the sandbox runs, its planted breaches stand out and nothing else is beyond a breach limit.

The status here is worked out by the test itself from daily records, target and last year's shape, with none of the
code that decides it in the product.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from functools import lru_cache

import pytest

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.calendar import add_months, days_of_month, month_start
from airflow_dags.sandbox.business.demand import expected_sales
from airflow_dags.sandbox.kpi_truth import kpi_rows, measures_of_month
from airflow_dags.sandbox.plan import breaches, target_months, targets

AS_OF = [
    # first days of months, a leap day, both clock changes, Prime Day, BFCM, turns of the year, and days between
    *(date(2026, 11, day) for day in (1, 2, 3, 4, 5, 23, 27, 28, 30)),
    *(date(2026, 12, day) for day in (1, 2, 31)),
    *(date(2027, 1, day) for day in (1, 2, 4, 18)),
    *(date(2027, 3, day) for day in (1, 3, 14, 15)),
    *(date(2027, 5, day) for day in (2, 21)),
    *(date(2027, 7, day) for day in (2, 8, 10, 31)),
    *(date(2027, 10, day) for day in (2, 8)),
    *(date(2027, 11, day) for day in (8, 26, 27)),
    *(date(2028, 2, day) for day in (2, 29)),
    *(date(2028, 3, day) for day in (1, 2)),
    *(date(2028, 7, day) for day in (3, 6)),
    date(2028, 10, 31),
]
LOWER_IS_BETTER = {"acos", "tacos", "ad_cost"}
PACED = {"gmv", "net_sales", "orders", "ad_cost"}
MARGIN = 0.03  # how far every number keeps from its breach limit, as a share of the limit


def daily_gmv(business: Business, first: date) -> dict[date, dict[str, int]]:
    sales: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
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
    return sales


@lru_cache(maxsize=200)
def clean_month(seed: int, first: date) -> dict[date, dict[str, int]]:
    """A month's sales as the simulation of any later year remembers them: before troubles, after restatements."""
    return daily_gmv(Business(seed, add_months(first, 12)), first)


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
            for row in kpi_rows(measures_of_month(business, first, revision), first)
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
    days = [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    for entity, row in rows.items():
        cells = [
            cell for cell in business.catalogue.cells if entity in ("company", f"account:{cell.account.account_id}")
        ]
        sold = 0.0
        for passed, day in enumerate(days, start=1):
            sold += sum(expected_sales(cell, day) for cell in cells) / 100
            likely = sold * (0.93 if entity == "company" else 1.0)  # as if one account lagged all the year
            assert likely > float(row["breach_limit"]) * passed / len(days) * 1.2
