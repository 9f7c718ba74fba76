"""What the plan expects of everything but Amazon's sales and Sponsored Products: a past month's figures, by season.

Shops, Sponsored Brands and Display, and the shops' ads have no demand model that a planner could ask, so the plan takes
the last month that lies before the previous one (or the first of all) and scales it by the strength of the days.
Money is US cents, at the day's rate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from airflow_dags.sandbox.business import Business, erp_records
from airflow_dags.sandbox.business.ads_other import KINDS, other_ads
from airflow_dags.sandbox.business.calendar import add_months, days_of_month, month_start, strength
from airflow_dags.sandbox.business.shops import Shop
from airflow_dags.sandbox.business.tiktok_ads import ads_of_day
from airflow_dags.sandbox.business.walmart_ads import walmart_ads


@dataclass(slots=True)
class Outlook:
    """The expectation of a span of days: sums over the shops, and ad cost that Sponsored Products leave out."""

    sales: float = 0.0
    unit_costs: float = 0.0
    orders: float = 0.0
    visits: float = 0.0
    visited_units: float = 0.0
    shop_ad_cost: float = 0.0
    sales_of: dict[str, float] = field(default_factory=lambda: defaultdict(float))  # by employee
    ad_cost_of: dict[str, float] = field(default_factory=lambda: defaultdict(float))  # by Amazon account


def outlook(business: Business, days: Sequence[date], reference: date) -> Outlook:
    """What is expected of the days, by what was in the month that starts on `reference`."""
    basis = [day for day in days_of_month(reference) if day <= business.last_day]
    scale = sum(map(strength, days)) / sum(map(strength, basis))
    found = Outlook()
    for day in basis:
        for shop in business.shops:
            _add_shop_day(found, business, shop, day, scale)
        for account in business.catalogue.accounts:
            cost = sum(row.cost for kind in KINDS for row in other_ads(business, account.account_id, kind, day, 0))
            found.ad_cost_of[account.account_id] += cost * scale
    return found


def reference_month(business: Business, month: date) -> date:
    """The last month with data that lies before the previous one, or the first of all."""
    return max(add_months(month, -2), month_start(business.first_day))


def _add_shop_day(found: Outlook, business: Business, shop: Shop, day: date, scale: float) -> None:
    rate = float(erp_records.fx_rate(business.seed, day, shop.currency)) if shop.currency != "USD" else 1.0
    orders = [order for order in business.shop_orders(shop, day, 0) if not order.is_cancelled]
    found.orders += len(orders) * scale
    units = 0
    for line in (line for order in orders for line in order.lines):
        paid = line.price - (line.discount if shop.platform == "walmart" else 0)
        sales = paid * rate * scale
        found.sales += sales
        found.sales_of[line.sku.cell.owner.employee_id] += sales
        found.unit_costs += line.quantity * line.sku.costs[-1].cents * scale
        units += line.quantity
    traffic = business.shop_traffic(shop, day, 0)
    if traffic is not None and shop.platform != "walmart":  # which shows no visits
        found.visits += (traffic.visitors if shop.platform == "tiktok_shop" else traffic.sessions) * scale
        found.visited_units += units * scale
    if shop.platform == "walmart":
        found.shop_ad_cost += sum(row.cost for row in walmart_ads(business, shop, day, 0)) * rate * scale
    elif shop.platform == "tiktok_shop":
        found.shop_ad_cost += sum(row.cost for row in ads_of_day(business, shop, day, 0)) * rate * scale
