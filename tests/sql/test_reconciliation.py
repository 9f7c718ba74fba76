"""What becomes of a difference between platform and books over time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from tests.sql.dbt_project import run_dbt
from tests.sql.raw_rows import Warehouse
from tests.sql.worlds import money

FIRST, SECOND = datetime(2026, 11, 23, 20, tzinfo=timezone.utc), datetime(2026, 11, 24, 20, tzinfo=timezone.utc)
ID = "money_us/day/2026-08-10/sales//USD"


@pytest.fixture
def books(module_database: str) -> Iterator[Warehouse]:
    warehouse = Warehouse(module_database)
    warehouse.create_raw_tables()
    money.fill(warehouse)
    run_dbt(module_database, "seed")
    yield warehouse
    warehouse.close()


def _build(warehouse: Warehouse, at: datetime) -> None:
    as_of = {"as_of": at.isoformat()}
    run_dbt(warehouse.uri, "run", "--select", "+kpi_reconciliation_items", "+kpi_reconciliation", variables=as_of)


def _history(warehouse: Warehouse, reconciliation_id: str) -> list[tuple[Any, ...]]:
    return warehouse.query(
        "select state, difference, first_seen_at, last_seen_at, is_current from kpi.kpi_reconciliation "
        "where reconciliation_id = %s order by first_seen_at",
        reconciliation_id,
    )


def test_a_mended_difference_stays_as_history(books: Warehouse) -> None:
    _build(books, FIRST)
    assert _history(books, ID) == [("different", Decimal("-1.00"), FIRST, FIRST, True)]
    month = (
        "select state, different_items, absolute_difference from kpi.kpi_reconciliation where reconciliation_id = %s"
    )
    assert books.query(month, "money_us/month/2026-08-01/sales//USD") == [("different", 3, Decimal("28.00"))]
    assert books.query(month, "money_us/day/2026-08-02/fees/Subscription Fee/USD") == [
        ("within_tolerance", 0, Decimal("0.01"))
    ]
    items = (
        "select state, platform_amount, erp_amount from kpi.kpi_reconciliation_items "
        "where grain = 'month' and reference = %s"
    )
    assert books.query(items, "MO3") == [("missing_in_erp", Decimal("20.00"), None)]
    assert books.query(items, "MO9") == [("missing_on_platform", None, Decimal("7.00"))]

    # The bookkeeper mends one booking, and moves another to the day after: a difference of two days, none of the month.
    books.execute("update raw.erp__sales set amount = 30 where order_id = 'MO2'")
    books.execute("update raw.erp__sales set date = '2026-08-04' where order_id = 'MO1' and kind = 'sale'")
    books.load("erp", "sales", "erp_money", [], money.AUGUST)
    _build(books, SECOND)
    assert _history(books, ID) == [
        ("different", Decimal("-1.00"), FIRST, FIRST, False),
        ("matched", Decimal("0.00"), SECOND, SECOND, True),
    ]
    assert [row[0] for row in _history(books, "money_us/day/2026-08-04/sales//USD")] == ["missing_on_platform"]
    assert not books.query(items, "MO1")
    assert not books.query(items, "MO2")
    # What was not touched keeps the day on which it was first seen.
    assert _history(books, "money_us/day/2026-08-20/sales//USD")[0][2] == FIRST
