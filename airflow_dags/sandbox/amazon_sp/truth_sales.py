"""What the sales streams must add up to, by account and marketplace day, from the seller's records.

- orders and orders_api: `units`, `sales` and (orders) `promotions` by the day of the order, of orders and lines that
  aren't cancelled.
- sales_and_traffic: `sessions`, `units`, `sales` and `units_refunded` of the account's day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.platforms import Total


def totals(business: Business, revision: int) -> Iterator[Total]:
    sums: dict[tuple[str, date], list[int]] = defaultdict(lambda: [0, 0, 0])
    for first in business.months:
        for order in business.orders(first, revision):
            for line in order.sold_lines():
                found = sums[order.account.account_id, order.day]
                found[0] += line.quantity
                found[1] += line.price or 0
                found[2] += line.promotion
    for (account_id, day), (units, sales, promotions) in sorted(sums.items()):
        for stream in ("orders", "orders_api"):
            yield Total(stream, account_id, day, "units", Decimal(units))
            yield Total(stream, account_id, day, "sales", Decimal(sales).scaleb(-2))
        yield Total("orders", account_id, day, "promotions", Decimal(promotions).scaleb(-2))
    for account in business.catalogue.accounts:
        for day in business.days():
            yield from _traffic(business, account.account_id, day, revision)


def _traffic(business: Business, account_id: str, day: date, revision: int) -> Iterator[Total]:
    traffic = business.traffic(account_id, day, revision)
    if traffic is None:
        return
    counts = {
        "sessions": sum(row.sessions for row in traffic.rows) + traffic.other_sessions,
        "units": sum(row.units for row in traffic.rows),
        "units_refunded": sum(row.units_refunded for row in traffic.rows),
    }
    for measure, count in counts.items():
        yield Total("sales_and_traffic", account_id, day, measure, Decimal(count))
    sales = sum(row.sales for row in traffic.rows)
    yield Total("sales_and_traffic", account_id, day, "sales", Decimal(sales).scaleb(-2))
