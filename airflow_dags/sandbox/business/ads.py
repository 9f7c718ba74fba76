"""Sponsored Products results by ad group, advertised SKU and day, made from the order lines that ads caused.

Cost follows the sales an ad group causes (its ACoS), so the ratio is steady although single days are uneven; three ad
groups pay far too much from the day their trouble starts. Conversions of the last 14 days are understated at the first
pull, cost and clicks are not.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from airflow_dags.sandbox.business.calendar import day_of_cycle
from airflow_dags.sandbox.business.catalogue import AdGroup, Sku
from airflow_dags.sandbox.business.demand import ACOS_OVER_LINE
from airflow_dags.sandbox.business.records import AdRow, Order

RESTATED_DAYS = 14
IDLE_COST_SHARE = 0.03  # of a normal day's cost, on a day without a sale


def ads_of_day(
    day: date,
    groups: list[AdGroup],
    *,
    expected: dict[AdGroup, float],
    orders: list[Order],
    in_trouble: bool,
    rng: random.Random,
) -> list[AdRow]:
    """`expected` is each ad group's cents of caused sales on the day; the actual ones come out of the orders."""
    sales: dict[tuple[AdGroup, Sku], list[int]] = {}
    for order in orders:
        for line in order.lines:
            if line.ad_group is not None and line.price:
                totals = sales.setdefault((line.ad_group, line.sku), [0, 0])
                totals[0] += 1
                totals[1] += line.price
    rows = []
    for group in groups:
        caused = [sales.get((group, sku), (0, 0)) for sku in group.skus]
        acos = ACOS_OVER_LINE if group.is_over_line and in_trouble else group.acos
        acos *= 0.96 + 0.08 * rng.random()
        idle = expected[group] * acos * IDLE_COST_SHARE
        cost = max(round(sum(value for _, value in caused) * acos), round(idle), 1)
        rows += _rows_of_group(group, caused, cost, rng)
    return rows


def _rows_of_group(group: AdGroup, caused: Sequence[Sequence[int]], cost: int, rng: random.Random) -> list[AdRow]:
    """Splits the ad group's cost over its advertised SKUs: mostly where the sales are, a little everywhere."""
    total = sum(value for _, value in caused)
    weights = [0.15 / len(caused) + 0.85 * (value / total if total else 1 / len(caused)) for _, value in caused]
    rows, spent, reach = [], 0, 0.0
    for sku, ad_id, (purchases, value), weight in zip(group.skus, group.ad_ids, caused, weights, strict=True):
        reach += weight
        share = round(cost * min(reach, 1.0)) - spent
        spent += share
        clicks = max(1 if share else 0, purchases, round(share / group.cpc))
        impressions = round(clicks / group.ctr * (0.9 + 0.2 * rng.random())) or round(20 + 80 * rng.random())
        rows.append(AdRow(group, sku, ad_id, impressions, clicks, share, purchases, value))
    return rows


def as_first_pulled(rows: list[AdRow], age: int) -> list[AdRow]:
    """The rows as they were `age` days after the click day (1 = yesterday's): part of the sales are still to come."""
    known = 0.88 + 0.11 * (age - 1) / (RESTATED_DAYS - 1)
    return [replace(row, sales=round(row.sales * known), purchases=round(row.purchases * known)) for row in rows]


def residual(group: AdGroup, day: date) -> tuple[int, int]:
    """(impressions, cents) that the campaign report shows for the ad group beyond its advertised products."""
    if not group.has_residual or day_of_cycle(day) % 5:
        return 0, 0
    return 11, 3
