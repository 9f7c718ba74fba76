"""TikTok Ads of a shop: what each ad group cost and sold on each day, from the shop's own sales of the day.

A campaign has three ad groups. Each causes a share of the shop's sales; its cost follows a return on ad spend that
wavers from day to day. Sales of the last `RESTATED_DAYS` days are understated at revision 0; at revision 1 one ad
group's day, `EMPTIED_DAYS_AGO` days before as_of, has no row any more. Money is whole cents of the shop's currency.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from airflow_dags.sandbox.business.catalogue import stable_number, stable_share
from airflow_dags.sandbox.business.shops import Shop

if TYPE_CHECKING:
    from airflow_dags.sandbox.business.simulation import Business

RESTATED_DAYS = 7
EMPTIED_DAYS_AGO = 4
CAMPAIGNS = ("Product shopping ads", "Video shopping ads", "LIVE shopping ads")
AUDIENCES = ("Broad", "Lookalike 2%", "Retargeting – 30 days")


@dataclass(frozen=True, slots=True)
class TiktokAdGroup:
    """`share` is its part of the shop's sales, `roas` what it sells for each cent that it costs."""

    ad_group_id: str
    name: str
    campaign_id: str
    campaign_name: str
    share: float
    roas: float


@dataclass(frozen=True, slots=True)
class TiktokAdRow:
    """One ad group's day; `sales` are the gross revenue of the shop's orders that its clicks led to."""

    ad_group: TiktokAdGroup
    day: date
    cost: int
    impressions: int
    clicks: int
    orders: int
    sales: int


def ad_groups(business: Business, shop: Shop) -> list[TiktokAdGroup]:
    """The shop's ad groups: 9, or 2 of the small business."""
    names = [(campaign, audience) for campaign in CAMPAIGNS for audience in AUDIENCES]
    groups = []
    for number, (campaign, audience) in enumerate(names[:2] if business.small else names):
        key = (business.seed, shop.account_id, "tiktok ads", number)
        groups.append(
            TiktokAdGroup(
                ad_group_id=str(17 * 10**14 + stable_number(*key) % 10**14),
                name=f"{campaign} / {audience}",
                campaign_id=str(16 * 10**14 + stable_number(*key[:3], number // 3) % 10**14),
                campaign_name=f"{shop.name} – {campaign}",
                share=(0.16 if business.small else 0.04) * (0.6 + 0.8 * stable_share(*key, "share")),
                roas=3.0 + 2.5 * stable_share(*key, "roas"),
            )
        )
    return groups


def ads_of_day(business: Business, shop: Shop, day: date, revision: int) -> list[TiktokAdRow]:
    """The day's rows, one an ad group; none for a day without data."""
    if not business.first_day <= day <= business.last_day:
        return []
    placed = [order for order in business.shop_orders(shop, day, 0) if not order.is_cancelled]
    sold = sum(line.price - line.discount for order in placed for line in order.lines)
    age = (business.as_of - day).days
    rows = []
    for number, group in enumerate(ad_groups(business, shop)):
        if revision == 1 and number == 0 and age == EMPTIED_DAYS_AGO:
            continue
        row = _row(business.seed, group, day, sold)
        rows.append(_as_first_pulled(row, age) if revision == 0 and age <= RESTATED_DAYS else row)
    return rows


def _row(seed: int, group: TiktokAdGroup, day: date, sold: int) -> TiktokAdRow:
    rng = random.Random(f"{seed}/{group.ad_group_id}/{day.isoformat()}")  # noqa: S311
    sales = round(sold * group.share * rng.uniform(0.5, 1.5))
    cost = max(100, round(sales / (group.roas * rng.uniform(0.8, 1.25))))
    clicks = max(1, round(cost / rng.uniform(35, 80)))
    return TiktokAdRow(
        ad_group=group,
        day=day,
        cost=cost,
        impressions=round(clicks / rng.uniform(0.008, 0.02)),
        clicks=clicks,
        orders=min(clicks, max(1, round(sales / 2_800))) if sales else 0,
        sales=sales,
    )


def _as_first_pulled(row: TiktokAdRow, age: int) -> TiktokAdRow:
    """The row as it was `age` days after its day: part of the sales are still to come, the cost is known."""
    known = 0.82 + 0.16 * (age - 1) / (RESTATED_DAYS - 1)
    return replace(row, sales=round(row.sales * known), orders=round(row.orders * known))
