"""Sales and Traffic by SKU and day. Sessions follow from demand; the last days are understated at the first pull."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

from airflow_dags.sandbox.business.catalogue import Account, Cell, stable_share
from airflow_dags.sandbox.business.records import DayTraffic, Order, TrafficRow

RESTATED_DAYS = 3
FIRST_PULL_UNITS, FIRST_PULL_TRAFFIC = 0.96, 0.985


def traffic_of_day(
    seed: int, account: Account, day: date, demand: dict[Cell, float], *, orders: list[Order], rng: random.Random
) -> DayTraffic:
    """`demand` is each cell's cents of the day: the visitors come whether the dice make them buy or not."""
    sold: dict[str, list[int]] = {}
    for order in orders:
        for line in order.sold_lines():
            totals = sold.setdefault(line.sku.sku, [0, 0, 0])
            totals[0] += line.quantity
            totals[1] += line.price or 0
            totals[2] += 1
    rows = []
    for cell, cents in demand.items():
        for sku in cell.skus:
            units, sales, items = sold.get(sku.sku, (0, 0, 0))
            expected_units = cents * sku.share / sku.price
            sessions = max(units, round(expected_units / sku.conversion * (0.97 + 0.06 * rng.random())), 1)
            rows.append(
                TrafficRow(
                    sku=sku,
                    units=units,
                    sales=sales,
                    order_items=items,
                    sessions=sessions,
                    page_views=round(sessions * (1.25 + 0.3 * rng.random())),
                    buy_box=min(10_000, round(sku.buy_box * 100 + 200 * rng.random() - 100)),
                    units_refunded=int(units * 0.04 + rng.random()),
                    is_listed=units > 0 or stable_share(seed, sku.sku, day, "listed") < 0.5,
                )
            )
    sessions, views = sum(row.sessions for row in rows), sum(row.page_views for row in rows)
    return DayTraffic(day, rows, other_sessions=sessions // 90, other_page_views=views // 80)


def as_first_pulled(traffic: DayTraffic) -> DayTraffic:
    """The day as the report showed it while it was still incomplete."""
    rows = []
    for row in traffic.rows:
        units = int(row.units * FIRST_PULL_UNITS) if row.units > 3 else row.units
        rows.append(
            replace(
                row,
                units=units,
                sales=row.sales * units // row.units if row.units else 0,
                order_items=min(row.order_items, units),
                sessions=max(1, int(row.sessions * FIRST_PULL_TRAFFIC)),
                page_views=max(1, int(row.page_views * FIRST_PULL_TRAFFIC)),
            )
        )
    return replace(traffic, rows=rows)
