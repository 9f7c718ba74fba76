"""Sponsored Search of the shop on Walmart: campaigns by category that cause a part of its sales.

An item's caused sales come out of the shop's order lines; cost follows them. Sales of the last 14 days are understated
at the first pull, and one ad group's day that had rows then has none any more at revision 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from airflow_dags.sandbox.business.catalogue import Sku, stable_number, stable_share
from airflow_dags.sandbox.business.shops import Shop
from airflow_dags.sandbox.business.simulation import Business

CAUSED_SHARE = 0.22  # of the shop's order lines
RESTATED_DAYS = 14
EMPTIED_DAYS_AGO = 5
GROUPS_PER_CAMPAIGN = 3


@dataclass(frozen=True, slots=True)
class WalmartAdGroup:
    """One ad group advertises the shop's items of one category."""

    ad_group_id: int
    name: str
    campaign_id: int
    campaign_name: str
    skus: tuple[Sku, ...]
    acos: float
    cpc: int  # cents a click
    ctr: float


@dataclass(frozen=True, slots=True)
class WalmartAdRow:
    """An item's day: money in cents, sales and units within 14 and within 30 days of the click."""

    ad_group: WalmartAdGroup
    sku: Sku
    impressions: int
    clicks: int
    cost: int
    orders_14d: int
    units_14d: int
    sales_14d: int
    units_30d: int
    sales_30d: int


def item_id(sku: Sku) -> int:
    """Walmart's own number of the item."""
    return 10**8 + stable_number("walmart item", sku.sku) % (9 * 10**8)


@lru_cache(maxsize=4)
def ad_groups(business: Business, shop: Shop) -> tuple[WalmartAdGroup, ...]:
    by_category: dict[str, list[Sku]] = defaultdict(list)
    for sku in business.shop_skus(shop):
        by_category[sku.cell.category].append(sku)
    found = []
    for position, (category, skus) in enumerate(sorted(by_category.items())):
        campaign = position // GROUPS_PER_CAMPAIGN
        found.append(
            WalmartAdGroup(
                ad_group_id=10**6 + stable_number(shop.account_id, "walmart ad group", category) % (9 * 10**6),
                name=f"{category.capitalize()} items",
                campaign_id=10**5 + stable_number(shop.account_id, "walmart campaign", campaign) % (9 * 10**5),
                campaign_name=f"Walmart auto {campaign + 1:02d}",
                skus=tuple(skus),
                acos=0.14 + 0.12 * stable_share(business.seed, category, "walmart acos"),
                cpc=45 + stable_number(business.seed, category, "walmart cpc") % 50,
                ctr=0.004 + 0.004 * stable_share(business.seed, category, "walmart ctr"),
            )
        )
    return tuple(found)


def emptied_ad_group(business: Business, shop: Shop) -> WalmartAdGroup:
    """The ad group whose day, EMPTIED_DAYS_AGO days before as_of, has no rows any more at revision 1."""
    return ad_groups(business, shop)[0]


def walmart_ads(business: Business, shop: Shop, day: date, revision: int) -> list[WalmartAdRow]:
    """The day's rows by ad group and item; empty for a day without data."""
    if not business.first_day <= day <= business.last_day:
        return []
    age = (business.as_of - day).days
    known = 1.0
    if revision == 0 and age <= RESTATED_DAYS:
        known = 0.88 + 0.11 * (age - 1) / (RESTATED_DAYS - 1)
    emptied = emptied_ad_group(business, shop) if revision == 1 and age == EMPTIED_DAYS_AGO else None
    return [row for row in _rows(business, shop, day, known) if row.ad_group is not emptied]


def _rows(business: Business, shop: Shop, day: date, known: float) -> Iterator[WalmartAdRow]:
    caused: dict[Sku, list[int]] = defaultdict(lambda: [0, 0, 0])
    for order in business.shop_orders(shop, day, 0):
        if order.is_cancelled:
            continue
        for line in order.lines:
            if stable_share(business.seed, shop.account_id, order.number, line.number, "ad") < CAUSED_SHARE:
                totals = caused[line.sku]
                totals[0] += 1
                totals[1] += line.quantity
                totals[2] += line.price - line.discount
    for group in ad_groups(business, shop):
        for sku in group.skus:
            orders, units, cents = caused.get(sku, (0, 0, 0))
            noise = stable_share(business.seed, day, sku.sku, "walmart ad noise")
            if not cents and noise < 0.5:  # not every item is shown every day
                continue
            cost = round(cents * group.acos * (0.9 + 0.2 * noise)) + round(40 * noise)
            clicks = max(orders, 1 if cost else 0, round(cost / group.cpc))
            yield WalmartAdRow(
                ad_group=group,
                sku=sku,
                impressions=max(clicks, round(clicks / group.ctr)) + round(30 * noise),
                clicks=clicks,
                cost=cost,
                orders_14d=round(orders * known),
                units_14d=round(units * known),
                sales_14d=round(cents * known),
                units_30d=round(units * known),
                sales_30d=round(cents * known * 1.03),
            )
