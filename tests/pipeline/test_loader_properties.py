"""Properties of the modes: the order of arrival doesn't matter, twice is once, money adds up to the cent."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_dags.contracts import Window
from airflow_dags.loader import ensure_schema
from airflow_dags.registry import contracts

from .conftest import Warehouse
from .samples import ad_row, ads_file, order, orders_file

FIRST = datetime(2026, 11, 1, tzinfo=timezone.utc)
PROPERTY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
state = st.tuples(
    st.sampled_from(["A", "B", "C", "D"]),
    st.integers(0, 5),
    st.lists(st.tuples(st.sampled_from(["X", "Y"]), st.integers(1, 9999)), min_size=1, max_size=3),
)


@pytest.fixture
def emptied(warehouse: Warehouse) -> Iterator[Any]:
    def empty(*tables: str) -> None:
        with psycopg.connect(warehouse.uri) as connection:
            for table in tables:
                connection.execute(f"truncate raw.{table}, raw.load_ledger, raw.quarantine")

    ensure_schema(warehouse.uri, contracts())
    return empty


def lines_of(order_id: str, version: int, lines: list[tuple[str, int]]) -> list[dict[str, Any]]:
    updated = (FIRST + timedelta(hours=version)).isoformat()
    return [
        order(order_id, last_updated_date=updated, sku=sku, item_price=f"{Decimal(cents) / 100:.2f}")
        for sku, cents in lines
    ]


@PROPERTY
@given(history=st.lists(state, min_size=1, max_size=12), seed=st.integers(0, 2**16), size=st.integers(1, 4))
def test_changes_end_in_the_newest_states_in_any_order(
    warehouse: Warehouse, emptied: Any, history: list[Any], seed: int, size: int
) -> None:
    """Documents of a few orders each, shuffled and repeated, leave exactly the newest state of every order."""
    newest: dict[str, tuple[int, Any]] = {}
    unique = {(order_id, version): lines for order_id, version, lines in history}
    for (order_id, version), lines in unique.items():
        newest[order_id] = max(newest.get(order_id, (-1, [])), (version, lines), key=lambda known: known[0])
    states = [(order_id, version, lines) for (order_id, version), lines in unique.items()]
    shuffled = states + states
    random.Random(seed).shuffle(shuffled)
    emptied("amazon_sp__orders")
    for start in range(0, len(shuffled), size):
        part = {(o, v): lines for o, v, lines in shuffled[start : start + size]}
        warehouse.load(
            "amazon_sp", "orders", orders_file([line for (o, v), ls in part.items() for line in lines_of(o, v, ls)])
        )
    rows = warehouse.rows("select amazon_order_id, sku, item_price from raw.amazon_sp__orders")
    found = sorted((row["amazon_order_id"], row["sku"], row["item_price"]) for row in rows)
    expected = sorted((o, sku, Decimal(cents) / 100) for o, (_, lines) in newest.items() for sku, cents in lines)
    assert found == expected


@PROPERTY
@given(
    pulls=st.lists(
        st.tuples(
            st.integers(0, 9), st.integers(0, 9), st.dictionaries(st.integers(0, 9), st.integers(1, 99999), max_size=6)
        ),
        min_size=1,
        max_size=6,
    )
)
def test_windows_hold_the_last_pull_of_every_day(warehouse: Warehouse, emptied: Any, pulls: list[Any]) -> None:
    """After any sequence of overlapping pulls, each loaded twice, every day has what the last pull of that day said."""
    expected: dict[date, Decimal] = {}
    emptied("amazon_ads__sp_campaigns")
    for first, last, by_day in pulls:
        window = Window(*(FIRST.date() + timedelta(days=offset) for offset in sorted((first, last))))
        days = {FIRST.date() + timedelta(days=offset): Decimal(cents) / 100 for offset, cents in by_day.items()}
        inside = {day: cost for day, cost in days.items() if window.start <= day <= window.end}
        content = ads_file([ad_row(str(day), cost=str(cost)) for day, cost in inside.items()])
        for _ in range(2):
            warehouse.load("amazon_ads", "sp_campaigns", content, window=window)
        expected = {day: cost for day, cost in expected.items() if not window.start <= day <= window.end} | inside
    rows = warehouse.rows("select date, cost from raw.amazon_ads__sp_campaigns")
    assert {row["date"]: row["cost"] for row in rows} == expected
    assert len(rows) == len(expected)
