"""What Shopify's streams must add up to, by account and day of the shop's own zone, from the shop's records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.shops import Shop
from airflow_dags.sandbox.platforms import Total

Sums = dict[tuple[str, date, str], Decimal]


def totals(business: Business, revision: int) -> Iterator[Total]:
    """Orders that aren't cancelled by the day of purchase, refunds by the day on which they were made; products and
    stock on the day after the last one, which is when they are looked at."""
    for shop in business.shops_of("shopify"):
        sums: Sums = defaultdict(Decimal)
        for day in business.days():
            _add_orders(business, shop, day, revision, sums)
            traffic = business.shop_traffic(shop, day, revision)
            if traffic is not None:
                sums["sessions", day, "sessions"] += traffic.sessions
                sums["sessions", day, "visitors"] += traffic.visitors
        skus = business.shop_skus(shop)
        today = business.as_of
        sums["inventory_levels", today, "available"] += sum(business.shop_stock(shop, business.last_day).values())
        sums["products", today, "variants"] += len(skus)
        cost = sum(round(sku.cost_on(business.last_day) * shop.price_factor) for sku in skus)
        sums["products", today, "unit_cost"] += _money(cost)
        for (stream, day, measure), value in sorted(sums.items()):
            yield Total(stream, shop.account_id, day, measure, value)


def _add_orders(business: Business, shop: Shop, day: date, revision: int, sums: Sums) -> None:
    for order in business.shop_orders(shop, day, revision):
        if not order.is_cancelled:
            sums["orders", day, "orders"] += 1
            sums["orders", day, "shipping"] += _money(order.shipping)
            for line in order.lines:
                sums["orders", day, "units"] += line.quantity
                sums["orders", day, "gross_sales"] += _money(line.price)
                sums["orders", day, "discounts"] += _money(line.discount)
                sums["orders", day, "tax"] += _money(line.tax)
        for refund in order.refunds:
            refunded = refund.at.astimezone(shop.zone).date()
            sums["refunds", refunded, "refund_units"] += refund.quantity
            sums["refunds", refunded, "refund_amount"] += _money(refund.amount)
            sums["refunds", refunded, "refund_tax"] += _money(refund.tax)


def _money(cents: int) -> Decimal:
    return Decimal(cents) / 100
