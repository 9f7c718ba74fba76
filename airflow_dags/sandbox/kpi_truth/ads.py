"""Ads: cost and sales within 7 days of a click, from the campaign report for ad groups and above, from the advertised
products for SKUs, categories, persons and teams.
"""

from __future__ import annotations

from datetime import date

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.ads import residual
from airflow_dags.sandbox.business.catalogue import CURRENCY, AdGroup
from airflow_dags.sandbox.kpi_truth.book import Book, Kpi, Month, money, ratio, summed
from airflow_dags.sandbox.kpi_truth.entities import Entity, ad_group_entities, sku_entities

KPIS: dict[str, Kpi] = {
    "ad_cost": summed("ad_cost"),
    "ad_sales": summed("ad_sales"),
    "acos": ratio("ad_cost", "ad_sales"),
    "tacos": ratio("ad_cost", "gmv"),
    "roas": ratio("ad_sales", "ad_cost"),
    "ctr": ratio("clicks", "impressions"),
    "cpc": ratio("ad_cost", "clicks"),
}


def add(book: Book, business: Business, month: Month) -> None:
    for day in month.days:
        for account in business.catalogue.accounts:
            groups: set[AdGroup] = set()
            for row in business.ads(account.account_id, day, month.revision):
                entities = (*sku_entities(row.sku), *ad_group_entities(row.ad_group))
                _add(book, entities, day, row.cost, row.sales, row.impressions, row.clicks)
                groups.add(row.ad_group)
            for group in groups:
                impressions, cost = residual(group, day)
                _add(book, ad_group_entities(group), day, cost, 0, impressions, 0)


def _add(book: Book, entities: tuple[Entity, ...], day: date, *measures: int) -> None:
    cost, sales, impressions, clicks = measures
    book.pay(entities, CURRENCY, day, ad_cost=money(cost), ad_sales=money(sales))
    book.count(entities, impressions=impressions, clicks=clicks)
