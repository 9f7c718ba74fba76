"""What orders, and sales and traffic, must add up to, by account and marketplace day, from the seller's records.

- orders: `units` and `sales` by the day of the order, of orders and lines that aren't cancelled.
- sales_and_traffic: `sessions`, `units` and `sales` of the account's day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.platforms import Total


def totals(business: Business, revision: int) -> Iterator[Total]:
    sums: dict[tuple[str, date], list[int]] = defaultdict(lambda: [0, 0])
    for first in business.months:
        for order in business.orders(first, revision):
            for line in order.sold_lines():
                found = sums[order.account.account_id, order.day]
                found[0] += line.quantity
                found[1] += line.price or 0
    for (account_id, day), (units, sales) in sorted(sums.items()):
        yield Total("orders", account_id, day, "units", Decimal(units))
        yield Total("orders", account_id, day, "sales", Decimal(sales).scaleb(-2))
    for account in business.catalogue.accounts:
        for day in business.days():
            yield from _traffic(business, account.account_id, day, revision)


def _traffic(business: Business, account_id: str, day: date, revision: int) -> Iterator[Total]:
    traffic = business.traffic(account_id, day, revision)
    if traffic is None:
        return
    sessions = sum(row.sessions for row in traffic.rows) + traffic.other_sessions
    sales = sum(row.sales for row in traffic.rows)
    yield Total("sales_and_traffic", account_id, day, "sessions", Decimal(sessions))
    yield Total("sales_and_traffic", account_id, day, "units", Decimal(sum(row.units for row in traffic.rows)))
    yield Total("sales_and_traffic", account_id, day, "sales", Decimal(sales).scaleb(-2))
