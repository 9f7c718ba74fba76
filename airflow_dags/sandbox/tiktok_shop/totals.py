"""What TikTok Shop's streams must add up to, by the shop's day, from the records alone.

orders: by the day of purchase, without cancelled orders; `sales` before discounts. returns: by the day on which the
money went back. statements and statement_transactions: by the shop's day on which the statement was made. products:
stock at the end of the last day, dated to as_of, the day on which it is asked for. shop_performance: what TikTok's
analytics counts, cancelled orders included.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.shops import Shop
from airflow_dags.sandbox.business.tiktok_money import platform_discount, seller_discount, statements
from airflow_dags.sandbox.platforms import Total
from airflow_dags.sandbox.tiktok_shop.auth import PLATFORM
from airflow_dags.sandbox.tiktok_shop.documents import performance_of, stock_of

CENTS = frozenset(
    [
        *("sales", "seller_discount", "platform_discount", "tax", "refund_amount", "refund_tax", "gmv", "refunds"),
        *("settlement", "revenue", "shipping", "fees", "adjustment", "referral_fees", "affiliate_commission"),
    ]
)
Sums = Counter[tuple[str, date, str]]


def totals(business: Business, revision: int) -> Iterator[Total]:
    for shop in business.shops_of(PLATFORM):
        sums: Sums = Counter()
        for day in business.days():
            _add_orders(sums, business, shop, day, revision)
            for measure, value in performance_of(business, shop, day, revision).items():
                sums["shop_performance", day, measure] += value
        _add_statements(sums, business, shop, revision)
        sums["products", business.as_of, "stock"] += sum(stock_of(business, shop, revision).values())
        for (stream, day, measure), value in sums.items():
            if value:
                amount = Decimal(value).scaleb(-2) if measure in CENTS else Decimal(value)
                yield Total(stream, shop.account_id, day, measure, amount)


def _add_orders(sums: Sums, business: Business, shop: Shop, day: date, revision: int) -> None:
    for order in business.shop_orders(shop, day, revision):
        if not order.is_cancelled:
            sums["orders", day, "orders"] += 1
            for line in order.lines:
                sums["orders", day, "units"] += line.quantity
                sums["orders", day, "sales"] += line.price
                sums["orders", day, "seller_discount"] += seller_discount(line)
                sums["orders", day, "platform_discount"] += platform_discount(line)
                sums["orders", day, "tax"] += line.tax
        for refund in order.refunds:
            refunded_on = refund.at.astimezone(shop.zone).date()
            sums["returns", refunded_on, "units"] += refund.quantity
            sums["returns", refunded_on, "refund_amount"] += refund.amount
            sums["returns", refunded_on, "refund_tax"] += refund.tax


def _add_statements(sums: Sums, business: Business, shop: Shop, revision: int) -> None:
    for statement in statements(business, shop, revision):
        for measure in ("settlement", "revenue", "shipping", "fees", "adjustment"):
            for stream in ("statements", "statement_transactions"):
                sums[stream, statement.day, measure] += statement.total(measure)
        sums["statement_transactions", statement.day, "referral_fees"] += statement.total("referral_fee")
        sums["statement_transactions", statement.day, "affiliate_commission"] += statement.total("affiliate_commission")
