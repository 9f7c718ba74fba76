"""What TikTok settles for the simulated shop: sums, signs, days and the restatement, worked out by hand."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from airflow_dags.platforms.tiktok_shop.finance import TRANSACTIONS, StatementTransactions, checked, signed
from airflow_dags.sandbox.business.shops import ShopLine, ShopOrder, ShopRefund
from airflow_dags.sandbox.business.tiktok_money import _transactions_of, statements
from airflow_dags.streams import StreamSettings
from tests.platforms.conftest import BOTH

NAMES = {name: name for name in ("settlement", "revenue", "shipping", "fee", "adjustment")}


@pytest.fixture
def shop(business: Any) -> Any:
    [found] = business.shops_of("tiktok_shop")
    return found


def order_of(shop: Any, sku: Any, refunds: tuple[ShopRefund, ...]) -> ShopOrder:
    """Two units of 20.00 each, 10.00 off, of which TikTok pays 3.00 and the seller 7.00."""
    bought = datetime(2026, 10, 5, 12, tzinfo=UTC)
    return ShopOrder(
        shop=shop,
        number=1,
        day=bought.date(),
        purchased_at=bought,
        updated_at=bought,
        status="delivered",
        lines=(ShopLine(1, sku, 2, 4000, 1000, 180),),
        shipping=599,
        ship_by=bought,
        deliver_by=bought,
        shipped_at=bought + timedelta(days=1),
        delivered_at=bought + timedelta(days=3),
        cancelled_by=None,
        has_tracking=True,
        destination=("Austin", "TX", "78701", "US"),
        buyer=1,
        refunds=refunds,
    )


def test_an_order_and_its_late_refund_by_hand(shop: Any, business: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airflow_dags.sandbox.business.tiktok_money._affiliate_rate", lambda seed, order: 10)
    late = datetime(2026, 10, 25, 12, tzinfo=UTC)
    sku = business.shop_skus(shop)[0]
    refund = ShopRefund(11, late, 1, 1, 1500, 90, "defective", True, late)
    [(settled_at, settled), (refunded_at, refunded)] = _transactions_of(7, order_of(shop, sku, (refund,)))
    # Delivered on the 8th, settled eight days later; net sales are 40.00 - 7.00.
    assert settled_at == datetime(2026, 10, 16, 12, tzinfo=UTC)
    assert (settled.gross_sales, settled.seller_discount, settled.revenue) == (4000, -700, 3300)
    assert (settled.referral_fee, settled.affiliate_commission) == (-198, -330)
    assert settled.shipping == settled.actual_shipping_fee + 599
    assert settled.settlement == 3300 - 198 - 330 + settled.shipping
    # One of two units comes back: 20.00 less 3.50; 0.99 of the fee is given back, of which TikTok keeps 20 per cent.
    assert refunded_at == late
    assert (refunded.gross_sales_refund, refunded.seller_discount_refund) == (-2000, 350)
    assert (refunded.referral_fee, refunded.refund_administration_fee) == (99, -20)
    assert (refunded.affiliate_commission, refunded.return_shipping_fee) == (165, -525)
    assert refunded.settlement == -2000 + 350 + 99 - 20 + 165 - 525


def test_a_refund_before_the_settlement_is_part_of_it(shop: Any, business: Any) -> None:
    early = datetime(2026, 10, 10, 12, tzinfo=UTC)
    sku = business.shop_skus(shop)[0]
    refund = ShopRefund(11, early, 1, 2, 3000, 180, "defective", False, None)
    [(_, settled)] = _transactions_of(7, order_of(shop, sku, (refund,)))
    assert settled.revenue == 0
    assert settled.referral_fee == 0
    assert settled.refund_administration_fee == -40
    assert settled.affiliate_commission == 0


@BOTH
def test_statements_are_of_one_utc_day_each_and_of_the_shops_day_before(business: Any, shop: Any) -> None:
    found = statements(business, shop, 1)
    assert len({item.statement_id for item in found}) == len(found) > 20
    for item in found:
        assert (item.made_at.hour, item.made_at.minute) == (0, 0)
        assert item.day == item.made_at.date() - timedelta(days=1)
        assert item.made_at <= shop.day_start(business.as_of)
    kinds = Counter(transaction.kind for item in found for transaction in item.transactions)
    assert kinds["ORDER"] > 50
    assert len(kinds) > 1, "there are adjustments"
    ids = [transaction.transaction_id for item in found for transaction in item.transactions]
    assert len(ids) == len(set(ids))


def test_the_restatement_adjusts_the_last_statements_and_pays_one(business: Any, shop: Any) -> None:
    before, after = (statements(business, shop, revision) for revision in (0, 1))
    pairs = zip(before, after, strict=True)
    changed = [one.day for one, two in pairs if one.total("settlement") != two.total("settlement")]
    assert changed == [date(2026, 11, day) for day in (20, 21, 22)]
    assert [item.is_paid for item in before[-3:]] != [item.is_paid for item in after[-3:]]
    assert [item.total("settlement") for item in before[:-6]] == [item.total("settlement") for item in after[:-6]]


# The check of sums that the client makes


def amounts(settlement: str, revenue: str, shipping: str, fee: str, adjustment: str = "0") -> dict[str, str]:
    return {"settlement": settlement, "revenue": revenue, "shipping": shipping, "fee": fee, "adjustment": adjustment}


def test_signed_amounts_stay_as_they_are() -> None:
    row = amounts("80", "100", "-5", "-15")
    assert signed(row, NAMES, "it") == (row, None)


def test_costs_that_are_delivered_without_a_sign_are_turned() -> None:
    found, wrong = signed(amounts("80", "100", "5", "15"), NAMES, "it")
    assert wrong is None
    assert {name: Decimal(value) for name, value in found.items()} == {
        "settlement": 80,
        "revenue": 100,
        "shipping": -5,
        "fee": -15,
        "adjustment": 0,
    }


def test_a_sum_that_does_not_hold_is_told() -> None:
    _, wrong = signed(amounts("81", "100", "-5", "-15"), NAMES, "statement 7")
    assert wrong == "statement 7 settles 81, which is not revenue 100 + shipping -5 + fees -15 + adjustment 0"


def transaction(number: str, settlement: str) -> dict[str, str]:
    return {
        "id": number,
        "type": "ORDER",
        "settlement_amount": settlement,
        "revenue_amount": "10",
        "shipping_cost_amount": "0",
        "fee_tax_amount": "-1",
        "adjustment_amount": "0",
    }


def test_one_wrong_transaction_sets_its_statement_aside_and_no_other() -> None:
    stream = StatementTransactions(StreamSettings())
    account: Any = SimpleNamespace(get=lambda name, default=None: default)
    rows = [
        {"statement_id": statement, "statement_date": "2026-11-01", "currency": "USD", **row}
        for statement, number, settlement in (("1", "11", "9"), ("1", "12", "8"), ("2", "21", "9"))
        for row in stream.rows(transaction(number, settlement), account)
    ]
    extract = checked(rows, stream.NAMES, TRANSACTIONS)
    assert extract.table.column("transaction.id").to_pylist() == ["21"]
    assert [number for number, _, _ in extract.broken] == [1, 2]
    assert "another row of the same statement_id" in extract.broken[0][1]
    assert "settles 8, which is not revenue 10" in extract.broken[1][1]


def test_amounts_of_kinds_that_nobody_knows_are_kept_unless_they_are_nothing() -> None:
    stream = StatementTransactions(StreamSettings())
    value = {**transaction("1", "9"), "fee_tax_breakdown": {"fee": {"new_fee": "-1", "other_fee": "0.00"}}}
    account: Any = SimpleNamespace(get=lambda name, default=None: default)
    [row] = stream.rows(value, account)
    assert row["fee.new_fee"] == "-1"
    assert "fee.other_fee" not in row
