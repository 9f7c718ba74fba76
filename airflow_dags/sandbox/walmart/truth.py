"""What Walmart's streams must add up to, by account and day, from the shop's records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.shops import Shop
from airflow_dags.sandbox.business.walmart_money import FEES, settlements, wfs_stock
from airflow_dags.sandbox.business.walmart_service import rate, snapshot_day
from airflow_dags.sandbox.platforms import Total

# The windows in which the pipeline asks for the metrics. Those that may be zero for weeks in a small business (orders
# that the seller cancelled, parcels that never came) are left out: a total of zero shows nothing.
WINDOWS = {"otd": 30, "vtr": 30, "srr": 30, "lateShipment": 30, "refunds": 60, "returns": 60}


def totals(business: Business, revision: int) -> Iterator[Total]:
    """Orders by the day of the order, refunds by the day of the refund, settlements by the transaction's day, stock
    and rates on the day after the last one."""
    for shop in business.shops_of("walmart"):
        sums: dict[tuple[str, date, str], Decimal] = defaultdict(Decimal)
        _add_orders(business, shop, revision, sums)
        _add_settlements(business, shop, sums)
        for (stream, day, measure), value in sorted(sums.items()):
            yield Total(stream, shop.account_id, day, measure, value)
        yield from _stock(business, shop)
        for metric, days in WINDOWS.items():
            found = rate(business, shop, metric, days=days, revision=revision)
            if found is not None:
                yield Total("performance", shop.account_id, snapshot_day(business), metric, found.percent)


def _add_orders(business: Business, shop: Shop, revision: int, sums: dict[tuple[str, date, str], Decimal]) -> None:
    for day in business.days():
        for order in business.shop_orders(shop, day, revision):
            if not order.is_cancelled:
                for line in order.lines:
                    sums["orders", day, "units"] += line.quantity
                    sums["orders", day, "sales"] += _money(line.price - line.discount)
            for refund in order.refunds:
                refunded = refund.at.astimezone(shop.zone).date()
                sums["returns", refunded, "refund_units"] += refund.quantity
                sums["returns", refunded, "refund_amount"] += _money(refund.amount)


def _add_settlements(business: Business, shop: Shop, sums: dict[tuple[str, date, str], Decimal]) -> None:
    for settlement in settlements(business, shop):
        for line in settlement.lines:
            sums["recon", line.posted_on, "amount"] += _money(line.amount)
            if line.amount_type in FEES:
                sums["recon", line.posted_on, "fees"] += _money(line.amount)


def _stock(business: Business, shop: Shop) -> Iterator[Total]:
    counts = business.shop_stock(shop, business.last_day).values()
    at_walmart = sum(wfs_stock(units) for units in counts)
    day = snapshot_day(business)
    yield Total("inventory", shop.account_id, day, "units", Decimal(sum(counts) - at_walmart))
    yield Total("wfs_inventory", shop.account_id, day, "units", Decimal(at_walmart))


def _money(cents: int) -> Decimal:
    return Decimal(cents) / 100
