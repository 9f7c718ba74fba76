"""The simulated seller: size, determinism, days and instants, and what it plants."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.calendar import (
    day_seconds,
    day_start,
    event_of,
    marketplace_day,
    month_start,
    strength,
)
from airflow_dags.sandbox.business.records import CANCELLED, PENDING, SHIPPED

LAST_YEAR = timedelta(days=364)


@pytest.fixture(scope="module")
def whole() -> Business:
    return Business(7, date(2026, 11, 23))


def fingerprint(business: Business, first: date, revision: int = 0) -> list[tuple]:
    return [
        (order.order_id, order.purchased_at, order.status, [(x.sku.sku, x.quantity, x.price) for x in order.lines])
        for order in business.orders(first, revision)
    ]


def test_size(whole: Business) -> None:
    started = time.process_time()
    lines = sum(len(order.lines) for first in whole.months for order in whole.orders(first, 0))
    assert time.process_time() - started < 8
    catalogue = whole.catalogue
    assert 60_000 < lines < 150_000
    assert len(whole.months) == 14
    assert (whole.first_day, whole.last_day) == (date(2025, 10, 1), date(2026, 11, 22))
    assert (len(catalogue.accounts), len(catalogue.people), len({p.team_id for p in catalogue.people})) == (3, 6, 2)
    assert (len(catalogue.skus), len({cell.category for cell in catalogue.cells})) == (198, 8)
    assert (len(catalogue.ad_groups), len(catalogue.campaigns)) == (60, 20)
    assert all(2 <= len(group.skus) <= 5 for group in catalogue.ad_groups)


def test_ids_are_unique(whole: Business) -> None:
    orders = [order.order_id for first in whole.months for order in whole.orders(first, 0)]
    catalogue = whole.catalogue
    for ids in (
        orders,
        [sku.sku for sku in catalogue.skus],
        [sku.asin for sku in catalogue.skus],
        [group.ad_group_id for group in catalogue.ad_groups],
        [ad for group in catalogue.ad_groups for ad in group.ad_ids],
    ):
        assert len(set(ids)) == len(ids)


def test_the_same_seed_gives_the_same_business_and_another_one_another() -> None:
    first = date(2026, 10, 1)
    one, same, other = (Business(seed, date(2026, 11, 3), small=True) for seed in (7, 7, 8))
    assert fingerprint(one, first, 1) == fingerprint(same, first, 1)
    assert fingerprint(one, first) != fingerprint(other, first)


def test_history_does_not_depend_on_the_day_the_simulation_ends() -> None:
    first = date(2026, 6, 1)
    assert fingerprint(Business(7, date(2026, 11, 23)), first) == fingerprint(Business(7, date(2027, 2, 1)), first)


def test_every_day_is_like_the_day_364_days_before() -> None:
    for offset in range(364):
        day = date(2026, 1, 1) + timedelta(days=offset)
        assert strength(day) == pytest.approx(strength(day - LAST_YEAR) * 1.10)
        assert event_of(day) == event_of(day - LAST_YEAR)
    assert event_of(date(2025, 7, 8)) == "Prime Day"
    assert event_of(date(2026, 11, 27)) == "Black Friday"


def test_days_of_the_clock_changes_have_23_and_25_hours() -> None:
    assert day_seconds(date(2026, 3, 8)) == 23 * 3600
    assert day_seconds(date(2026, 11, 1)) == 25 * 3600
    assert day_start(date(2026, 11, 1)) == datetime(2026, 11, 1, 7, tzinfo=UTC)
    assert day_start(date(2026, 11, 2)) == datetime(2026, 11, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize("day", [date(2025, 11, 2), date(2026, 3, 8), date(2026, 11, 1), date(2026, 11, 22)], ids=str)
def test_orders_fall_on_both_edges_of_the_marketplace_day(whole: Business, day: date) -> None:
    orders = [order for order in whole.orders(month_start(day), 0) if order.day == day]
    instants = [order.purchased_at for order in orders if order.account.account_id == "aurora_us"]
    assert min(instants) == day_start(day)
    assert max(instants) == day_start(day + timedelta(days=1)) - timedelta(seconds=1)
    assert {marketplace_day(order.purchased_at) for order in orders} == {day}


def test_orders_show_every_shape_that_amazon_has(whole: Business) -> None:
    orders = whole.orders(date(2026, 11, 1), 0)
    statuses = Counter(order.status for order in orders)
    assert {SHIPPED, PENDING, "Shipping", CANCELLED} == set(statuses)
    assert 0.01 < statuses[CANCELLED] / len(orders) < 0.04
    lines = [(order, line) for order in orders for line in order.lines]
    assert any(len(order.sold_lines()) > 1 for order in orders)
    assert any(line.quantity > 1 and line.price == line.quantity * line.sku.price for _, line in lines)
    assert any(line.promotion for _, line in lines)
    assert any(line.is_cancelled and order.status == SHIPPED for order, line in lines)
    cancelled = [line for order, line in lines if order.status == CANCELLED]
    assert {(line.quantity, line.price is None) for line in cancelled} == {(0, True), (1, False)}


def test_unit_costs_change_and_hold_without_gap(whole: Business) -> None:
    changed = 0
    for sku in whole.catalogue.skus:
        assert sku.costs[0].valid_from <= whole.first_day
        assert sku.costs[-1].valid_to is None
        for cost, following in zip(sku.costs, sku.costs[1:], strict=False):
            assert cost.valid_to == following.valid_from
            assert sku.cost_on(following.valid_from) == following.cents
            assert sku.cost_on(following.valid_from - timedelta(days=1)) == cost.cents
        changed += len(sku.costs) > 1
    assert changed > 150


def test_ads_cause_sales_that_are_in_the_orders(whole: Business) -> None:
    """The ad sales of a day are prices of order lines of that day: never more than the advertised SKU sold."""
    day = date(2026, 8, 12)
    orders = [order for order in whole.orders(month_start(day), 1) if order.day == day]
    sold: Counter[str] = Counter()
    for order in orders:
        for line in order.sold_lines():
            sold[line.sku.sku] += line.price
    advertised: Counter[str] = Counter()
    for account in whole.catalogue.accounts:
        for row in whole.ads(account.account_id, day, 1):
            advertised[row.sku.sku] += row.sales
            assert row.clicks >= row.purchases
            assert row.impressions >= row.clicks
    assert all(advertised[sku] <= sold[sku] for sku in advertised)
    share = Decimal(advertised.total()) / Decimal(sold.total())
    assert Decimal("0.25") < share < Decimal("0.45")


def test_the_second_pull_differs_where_platforms_restate(whole: Business) -> None:
    changes = whole.order_changes()
    assert len(changes) > 100
    last = whole.closed_at - timedelta(minutes=20)
    assert all(last <= order.updated_at < whole.closed_at for order in changes.values())
    before = {order.order_id: order for first in whole.months for order in whole.orders(first, 0)}
    assert all(before[order_id].updated_at < last for order_id in changes)
    oldest = min(changes.values(), key=lambda order: order.day)
    assert oldest.day == whole.as_of - timedelta(days=75)
    assert {order.status for order in changes.values()} == {SHIPPED, CANCELLED}
    fewer = [
        o for o in changes.values() if o.sold_lines() and o.lines[0].quantity < before[o.order_id].lines[0].quantity
    ]
    assert fewer

    def days_that_differ(read) -> set[int]:
        return {
            age
            for age in range(1, 31)
            for account in ("aurora_us", "harbor_us", "cascade_us")
            if read(account, whole.as_of - timedelta(days=age), 0)
            != read(account, whole.as_of - timedelta(days=age), 1)
        }

    assert days_that_differ(whole.traffic) == {1, 2, 3}
    assert days_that_differ(whole.ads) == set(range(1, 15))


def test_one_ad_group_day_becomes_empty(whole: Business) -> None:
    group, day = whole.emptied_ad_group(), whole.as_of - timedelta(days=5)
    account_id = group.campaign.account.account_id
    assert any(row.ad_group is group for row in whole.ads(account_id, day, 0))
    assert not any(row.ad_group is group for row in whole.ads(account_id, day, 1))
    assert any(row.ad_group is group for row in whole.ads(account_id, day - timedelta(days=1), 1))
