"""The simulated money agrees with itself to the cent: what is sold, charged, posted, released and settled."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

pytest.importorskip("flask", reason="the sandbox needs the extra [demo]: its money is NOT tested")

from airflow_dags.sandbox.business import fees
from airflow_dags.sandbox.business.ads import residual
from airflow_dags.sandbox.business.economics import sku_days
from airflow_dags.sandbox.business.money import ADVERTISING, settlements, transactions
from airflow_dags.sandbox.business.proceeds import sales
from airflow_dags.sandbox.business.records import Line
from airflow_dags.sandbox.business.returns import customer_refunds, customer_returns

from ..conftest import BOTH


def accounts(business: Any) -> list[str]:
    return [account.account_id for account in business.catalogue.accounts]


def line_of(business: Any, category: str, price: int, promotion: int = 0, quantity: int = 1) -> Line:
    sku = next(sku for sku in business.catalogue.skus if sku.cell.category == category)
    return Line(sku, quantity, price, promotion)


def test_fees_by_hand(business: Any) -> None:
    charger = line_of(business, "charging", 2999, promotion=300)
    assert fees.referral_fee(charger, is_merchant_fulfilled=False) == 405  # 15 % of 26.99 = 4.0485
    assert fees.referral_fee(charger, is_merchant_fulfilled=True) == 495  # 15 % of 32.98, shipping included = 4.947
    assert fees.referral_fee(line_of(business, "audio", 2999), is_merchant_fulfilled=False) == 240  # 8 % = 2.3992
    assert fees.referral_fee(line_of(business, "charging", 199, quantity=2), is_merchant_fulfilled=False) == 60
    assert fees.fulfilment_fee(charger, is_merchant_fulfilled=True) == 0
    assert [fees.refund_fee(cents) for cents in (405, 2500, 4000)] == [81, 500, 500]
    assert fees.tax(charger) == 240  # 8 % of 29.99 = 2.3992


@BOTH
def test_a_settlement_is_what_was_released_in_its_period(business: Any) -> None:
    for account_id in accounts(business):
        released = [one for one in transactions(business, account_id, 1) if one.status == "RELEASED"]
        found = settlements(business, account_id, 1)
        assert found, "nothing was settled"
        assert found == settlements(business, account_id, 0), "what is settled doesn't change"
        for settlement, following in zip(found, [*found[1:], None], strict=True):
            total = sum(one.total for one in released if settlement.start <= one.posted_at < settlement.end)
            assert settlement.total == total
            assert following is None or following.start == settlement.end


@BOTH
def test_fees_are_the_same_by_sku_and_day_as_by_transaction(business: Any) -> None:
    """Economics charge open orders too, and hold nothing of the whole account's but storage."""
    for account_id in accounts(business):
        by_sku = sku_days(business, account_id, 1).values()
        still_open = [sale for sale in sales(business, account_id, 1) if sale.posted_at is None]
        expected = sum(sum(facts.fees.values()) for facts in by_sku) - sum(
            sale.referral_fee + sale.fulfilment_fee for sale in still_open
        )
        # A deferred transaction that was released is posted twice.
        posted = [one for one in transactions(business, account_id, 1) if one.status != "DEFERRED_RELEASED"]
        charged = -sum(
            amount.cents
            for one in posted
            for item in one.items
            for amount in item.amounts
            if amount.amount_type == "ItemFees" or amount.description == "Storage Fee"
        )
        assert charged == expected


@BOTH
def test_advertising_is_the_same_by_sku_as_charged(business: Any) -> None:
    """But for what no advertised product shows, and the last day, which is charged on the next one."""
    for account_id in accounts(business):
        last = business.last_day
        by_sku = {key: facts.ads for key, facts in sku_days(business, account_id, 1).items()}
        hidden = sum(
            residual(group, day)[1]
            for day in business.days()
            if day != last
            for group in {row.ad_group for row in business.ads(account_id, day, 1)}
        )
        charged = -sum(
            amount.cents
            for one in transactions(business, account_id, 1)
            for item in one.items
            for amount in item.amounts
            if amount.amount_type == ADVERTISING[0]
        )
        assert charged == sum(cents for (day, _), cents in by_sku.items() if day != last) + hidden


@BOTH
def test_a_deferral_is_over_when_its_copy_is_posted(business: Any) -> None:
    for account_id in accounts(business):
        known = {one.transaction_id: one for one in transactions(business, account_id, 0)}
        assert len(known) == len(transactions(business, account_id, 0)), "ids are unique"
        for one in known.values():
            if one.status == "DEFERRED_RELEASED":
                copy = known[str(one.related_id)]
                assert (copy.status, copy.related_id, copy.total) == ("RELEASED", one.transaction_id, one.total)
                assert copy.posted_at > one.posted_at + timedelta(days=7)
    states = Counter(one.status for account_id in accounts(business) for one in transactions(business, account_id, 0))
    assert set(states) == {"RELEASED", "DEFERRED", "DEFERRED_RELEASED"}


def test_revision_0_lacks_only_what_is_recent(business: Any) -> None:
    lacking = 0
    for account_id in accounts(business):
        first = {one.transaction_id for one in transactions(business, account_id, 0)}
        new = [one for one in transactions(business, account_id, 1) if one.transaction_id not in first]
        assert first <= {one.transaction_id for one in transactions(business, account_id, 1)}
        assert all(one.posted_at > business.closed_at - timedelta(days=3) for one in new)
        lacking += len(new)
    assert lacking > 0


@BOTH
def test_a_return_is_of_a_shipped_line_and_never_of_more_than_it(business: Any) -> None:
    for account_id in accounts(business):
        found = [one for day in business.days() for one in customer_returns(business, account_id, day, 1)]
        assert found
        cancelled = {order_id for order_id, order in business.order_changes().items() if order.is_cancelled}
        for one in found:
            assert 1 <= one.quantity <= one.line.quantity
            assert one.order.updated_at < one.returned_at
            assert one.order.order_id not in cancelled
            assert one.refunded_at is None or one.refunded_at > one.returned_at
        refunded = [one for day in business.days() for one in customer_refunds(business, account_id, day, 1)]
        assert {one.number for one in refunded} == {one.number for one in found if one.refunded_at}
        assert len({one.number for one in found}) == len(found)


def test_returns_before_the_last_days_are_known_at_once(business: Any) -> None:
    old: list[date] = [day for day in business.days() if (business.as_of - day).days > 3]
    for account_id in accounts(business):
        for day in old:
            assert customer_returns(business, account_id, day, 0) == customer_returns(business, account_id, day, 1)
