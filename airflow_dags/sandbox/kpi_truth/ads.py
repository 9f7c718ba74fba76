"""Ads of all platforms: what they cost and sold after a click, in the one window of their ad product.

- Sponsored Products: sales within 7 days, from the campaign report for ad groups and above, from advertised products
  for SKUs, categories, persons and teams. Brands, Display, Walmart: within 14 days; TikTok: what its report says. They
  name no SKU (Walmart's items are nobody's SKUs in the ERP's list).
- ad_budget: daily budgets of Products and Display campaigns on days with rows of theirs, and what they cost then.
- wasted_cost: cost of targets with clicks and no order or sale in the whole month; targeted_cost: of all targets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.ads import residual
from airflow_dags.sandbox.business.ads_other import KINDS, other_ads
from airflow_dags.sandbox.business.ads_targeting import sp_targets
from airflow_dags.sandbox.business.catalogue import CURRENCY, AdGroup
from airflow_dags.sandbox.business.tiktok_ads import ads_of_day
from airflow_dags.sandbox.business.walmart_ads import walmart_ads
from airflow_dags.sandbox.kpi_truth.book import ZERO, Book, Kpi, Month, Numbers, money, ratio, summed
from airflow_dags.sandbox.kpi_truth.entities import (
    COMPANY,
    Entity,
    account_entity,
    ad_group_entities,
    platform_entity,
    sku_entities,
)

Figures = tuple[int, int, int, int, int]  # impressions, clicks, cost, purchases, sales; money in cents


def _thousands(numbers: Numbers) -> Decimal | None:
    impressions = numbers["impressions"]
    return None if impressions is None else impressions / 1000


KPIS: dict[str, Kpi] = {
    **{name: summed(name) for name in ("ad_cost", "ad_sales", "ad_purchases", "impressions", "clicks")},
    "acos": ratio("ad_cost", "ad_sales"),
    "roas": ratio("ad_sales", "ad_cost"),
    "tacos": ratio("ad_cost", "gmv"),
    "ad_sales_share": ratio("ad_sales", "gmv"),
    "ctr": ratio("clicks", "impressions"),
    "cpc": ratio("ad_cost", "clicks"),
    "cpm": Kpi(("ad_cost", "impressions"), lambda numbers: numbers["ad_cost"], _thousands),
    "ad_conversion_rate": ratio("ad_purchases", "clicks"),
    "ad_budget_use": ratio("budgeted_ad_cost", "ad_budget"),
    "wasted_ad_cost_share": ratio("wasted_cost", "targeted_cost"),
}


def add(book: Book, business: Business, month: Month) -> None:
    for account in business.catalogue.accounts:
        for day in month.days:
            _add_products(book, business, account.account_id, day, month.revision)
            _add_brands_and_display(book, business, account.account_id, day, month.revision)
        _add_waste(book, business, account.account_id, month)
    for day in month.days:
        for shop in business.shops_of("walmart"):
            for row in walmart_ads(business, shop, day, month.revision):
                entities = _above("walmart", shop.account_id, row.ad_group.campaign_id, row.ad_group.ad_group_id)
                figures = (row.impressions, row.clicks, row.cost, row.orders_14d, row.sales_14d)
                _add(book, entities, shop.currency, day, figures)
        for shop in business.shops_of("tiktok_shop"):
            for sold in ads_of_day(business, shop, day, month.revision):
                group = sold.ad_group
                entities = _above("tiktok_shop", shop.account_id, group.campaign_id, group.ad_group_id)
                _add(
                    book,
                    entities,
                    shop.currency,
                    day,
                    (sold.impressions, sold.clicks, sold.cost, sold.orders, sold.sales),
                )


def _above(platform: str, account_id: str, campaign: object, ad_group: object) -> tuple[Entity, ...]:
    return (
        ("ad_group", f"ad_group:{account_id}/{ad_group}"),
        ("campaign", f"campaign:{account_id}/{campaign}"),
        account_entity(account_id),
        platform_entity(platform),
        COMPANY,
    )


def _add(book: Book, entities: tuple[Entity, ...], currency: str, day: date, figures: Figures) -> None:
    impressions, clicks, cost, purchases, sales = figures
    book.pay(entities, currency, day, ad_cost=money(cost), ad_sales=money(sales))
    book.count(entities, impressions=impressions, clicks=clicks, ad_purchases=purchases)


def _add_products(book: Book, business: Business, account_id: str, day: date, revision: int) -> None:
    groups: set[AdGroup] = set()
    costs: dict[AdGroup, int] = defaultdict(int)
    for row in business.ads(account_id, day, revision):
        entities = (*sku_entities(row.sku), *ad_group_entities(row.ad_group))
        _add(book, entities, CURRENCY, day, (row.impressions, row.clicks, row.cost, row.purchases, row.sales))
        groups.add(row.ad_group)
        costs[row.ad_group] += row.cost
    for group in groups:
        impressions, cost = residual(group, day)
        _add(book, ad_group_entities(group), CURRENCY, day, (impressions, 0, cost, 0, 0))
        costs[group] += cost
    for campaign in {group.campaign for group in groups}:
        spent = sum(cost for group, cost in costs.items() if group.campaign is campaign)
        _add_budget(book, (account_id, campaign.campaign_id), campaign.budget, spent, day)


def _add_budget(book: Book, campaign: tuple[str, object], budget: int, spent: int, day: date) -> None:
    entities = _above("amazon_sp", *campaign, "")[1:]
    book.pay(entities, CURRENCY, day, ad_budget=money(budget), budgeted_ad_cost=money(spent))


def _add_brands_and_display(book: Book, business: Business, account_id: str, day: date, revision: int) -> None:
    for kind in KINDS:
        spent: dict[object, int] = defaultdict(int)
        rows = other_ads(business, account_id, kind, day, revision)
        for row in rows:
            entities = _above("amazon_sp", account_id, row.campaign.campaign_id, row.ad_group.ad_group_id)
            figures = (row.impressions, row.clicks, row.cost, row.clicked_purchases, row.clicked_sales)
            _add(book, entities, CURRENCY, day, figures)
            spent[row.campaign.campaign_id] += row.cost
        if kind == "SD":
            for campaign in {row.campaign for row in rows}:
                _add_budget(book, (account_id, campaign.campaign_id), campaign.budget, spent[campaign.campaign_id], day)


def _targets(business: Business, account_id: str, month: Month) -> Iterator[tuple[object, object, object, Figures]]:
    """Campaign, ad group, target, and its figures of one day."""
    for day in month.days:
        for one in sp_targets(business, account_id, day, month.revision):
            impressions, clicks, cost, purchases, sales = one.measures
            key = (one.ad_group.campaign.campaign_id, one.ad_group.ad_group_id, one.target.target_id)
            yield (*key, (impressions, clicks, cost, purchases, sales))
        for kind in KINDS:
            for row in other_ads(business, account_id, kind, day, month.revision):
                figures = (row.impressions, row.clicks, row.cost, row.clicked_purchases, row.clicked_sales)
                yield row.campaign.campaign_id, row.ad_group.ad_group_id, row.target.target_id, figures


def _add_waste(book: Book, business: Business, account_id: str, month: Month) -> None:
    sums: dict[tuple[object, object, object], list[int]] = {}
    for campaign, ad_group, target, figures in _targets(business, account_id, month):
        total = sums.setdefault((campaign, ad_group, target), [0] * len(figures))
        for place, number in enumerate(figures):
            total[place] += number
    for (campaign, ad_group, _), (_, clicks, cost, purchases, sales) in sums.items():
        is_wasted = clicks > 0 and not purchases and not sales
        entities = _above("amazon_sp", account_id, campaign, ad_group)
        wasted = money(cost) if is_wasted else ZERO
        book.pay(entities, CURRENCY, month.first, wasted_cost=wasted, targeted_cost=money(cost))
