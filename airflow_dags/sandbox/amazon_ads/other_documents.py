"""The rows of Amazon Ads v3 reports of Sponsored Brands and Display, and of targets and search terms of all kinds.

Sponsored Brands and Display name their figures without days: `sales` and `purchases` are those within 14 days of a
click or (Display) a view, `salesClicks` and `purchasesClicks` those after a click.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.ads_other import Kind, TargetDay, other_ads
from airflow_dags.sandbox.business.ads_targeting import SpTargetDay, sp_search_terms, sp_targets
from airflow_dags.sandbox.business.catalogue import CURRENCY

Key = tuple[Any, ...]
Row = tuple[Key, tuple[int, ...], dict[str, Any]]

_CAMPAIGN = ("campaignBudgetCurrencyCode", "campaignId", "campaignName")
_BUDGET = ("campaignBudgetAmount", "campaignStatus", "costType")
_GROUP = ("adGroupId", "adGroupName")
_SHARED = (
    "impressions",
    "clicks",
    "cost",
    "purchases",
    "purchasesClicks",
    "sales",
    "salesClicks",
    "unitsSold",
    "newToBrandPurchases",
    "newToBrandPurchasesClicks",
    "newToBrandSalesClicks",
    "newToBrandUnitsSold",
    "newToBrandUnitsSoldClicks",
    "detailPageViews",
    "detailPageViewsClicks",
    "brandedSearches",
)
_SB = (*_SHARED, "purchasesPromoted", "salesPromoted", "newToBrandSales", "campaignBudgetType", *_BUDGET)
_SD = (
    *_SHARED,
    "unitsSoldClicks",
    "purchasesPromotedClicks",
    "salesPromotedClicks",
    "impressionsViews",
    "viewabilityRate",
    "viewClickThroughRate",
)
_SB_TARGET = ("keywordId", "keywordText", "keywordType", "keywordBid", "matchType", "adKeywordStatus")
_TARGET = ("targetingId", "targetingText", "targetingExpression")
_SP_TARGET = (
    "keywordId",
    "keyword",
    "keywordType",
    "keywordBid",
    "matchType",
    "targeting",
    "adKeywordStatus",
    "campaignStatus",
    "campaignBudgetType",
    "campaignBudgetAmount",
    "portfolioId",
    *_CAMPAIGN,
    *_GROUP,
)


@dataclass(frozen=True)
class OtherKind:
    """One report type: its ad product, groupBy, columns (but the dates and, for Products, the figures), and rows."""

    ad_product: str
    group_by: str
    columns: tuple[str, ...]
    rows: Callable[[Business, str, date, int], Iterator[Row]]
    retention_days: int

    @property
    def is_products(self) -> bool:
        return self.ad_product == "SPONSORED_PRODUCTS"


def _other(
    kind: Kind, key: Callable[[TargetDay], Key], *parts: Callable[[TargetDay], dict[str, Any]]
) -> Callable[[Business, str, date, int], Iterator[Row]]:
    def rows(business: Business, account_id: str, day: date, revision: int) -> Iterator[Row]:
        for row in other_ads(business, account_id, kind, day, revision):
            facts = {name: value for part in (_campaign_facts, *parts) for name, value in part(row).items()}
            yield key(row), row.measures, facts

    return rows


def _campaign_facts(row: TargetDay) -> dict[str, Any]:
    campaign = row.campaign
    return {
        "campaignId": campaign.campaign_id,
        "campaignName": campaign.name,
        "campaignStatus": "ENABLED",
        "campaignBudgetAmount": campaign.budget / 100,
        "campaignBudgetType": "DAILY_BUDGET",
        "campaignBudgetCurrencyCode": CURRENCY,
        "costType": campaign.cost_type,
    }


def _group_facts(row: TargetDay) -> dict[str, Any]:
    group = row.ad_group
    return {
        "adGroupId": group.ad_group_id,
        "adGroupName": group.name,
        "adStatus": "ENABLED",
        "bidOptimization": "clicks",
    }


def _target_facts(row: TargetDay) -> dict[str, Any]:
    target = row.target
    is_keyword = not target.match_type.startswith("TARGETING")
    return {
        "keywordId": target.target_id,
        "keywordText": target.text if is_keyword else None,
        "keywordType": target.match_type,
        "keywordBid": row.ad_group.cpc / 100,
        "matchType": target.match_type if is_keyword else None,
        "adKeywordStatus": "ENABLED",
        "targetingId": target.target_id,
        "targetingText": target.text,
        "targetingExpression": target.text,
        "targetingType": target.match_type,
    }


def _campaign_key(row: TargetDay) -> Key:
    return (row.campaign.campaign_id,)


def _group_key(row: TargetDay) -> Key:
    return (row.ad_group.ad_group_id,)


def _target_key(row: TargetDay) -> Key:
    return (row.target.target_id,)


def _sp_rows(
    found: Callable[[Business, str, date, int], Iterator[SpTargetDay]],
) -> Callable[[Business, str, date, int], Iterator[Row]]:
    def rows(business: Business, account_id: str, day: date, revision: int) -> Iterator[Row]:
        for one in found(business, account_id, day, revision):
            yield (one.target.target_id, one.search_term), one.measures, _sp_facts(one)

    return rows


def _sp_facts(one: SpTargetDay) -> dict[str, Any]:
    campaign, target = one.ad_group.campaign, one.target
    is_keyword = not target.match_type.startswith("TARGETING")
    return {
        "campaignId": campaign.campaign_id,
        "campaignName": campaign.name,
        "campaignStatus": "ENABLED",
        "campaignBudgetAmount": campaign.budget / 100,
        "campaignBudgetType": "DAILY_BUDGET",
        "campaignBudgetCurrencyCode": CURRENCY,
        "adGroupId": one.ad_group.ad_group_id,
        "adGroupName": one.ad_group.name,
        "keywordId": target.target_id,
        "keyword": target.text,
        "keywordType": target.match_type,
        "keywordBid": target.bid / 100,
        "matchType": target.match_type if is_keyword else "TARGETING_EXPRESSION_PREDEFINED",
        "targeting": target.text,
        "adKeywordStatus": "ENABLED",
        "searchTerm": one.search_term,
    }


def other_metrics(*measures: int) -> dict[str, Any]:
    """The figures of Sponsored Brands and Display, money in dollars."""
    impressions, clicks, cost, purchases, sales, clicked, clicked_sales = measures
    new = purchases // 2
    return {
        "impressions": impressions,
        "impressionsViews": impressions * 7 // 10,
        "viewabilityRate": 0.7,
        "viewClickThroughRate": round(clicks / max(1, impressions), 6),
        "clicks": clicks,
        "cost": cost / 100,
        "purchases": purchases,
        "purchasesClicks": clicked,
        "purchasesPromoted": clicked,
        "purchasesPromotedClicks": clicked,
        "sales": sales / 100,
        "salesClicks": clicked_sales / 100,
        "salesPromoted": clicked_sales / 100,
        "salesPromotedClicks": clicked_sales / 100,
        "unitsSold": purchases,
        "unitsSoldClicks": clicked,
        "newToBrandPurchases": new,
        "newToBrandPurchasesClicks": min(new, clicked),
        "newToBrandSales": sales // 2 / 100,
        "newToBrandSalesClicks": clicked_sales // 2 / 100,
        "newToBrandUnitsSold": new,
        "newToBrandUnitsSoldClicks": min(new, clicked),
        "detailPageViews": clicks + purchases,
        "detailPageViewsClicks": clicks,
        "brandedSearches": purchases,
    }


BRANDS, DISPLAY, PRODUCTS = "SPONSORED_BRANDS", "SPONSORED_DISPLAY", "SPONSORED_PRODUCTS"
OTHER_KINDS = {
    "sbCampaigns": OtherKind(
        BRANDS, "campaign", (*_SB, *_CAMPAIGN, "unitsSoldClicks"), _other("SB", _campaign_key), retention_days=60
    ),
    "sbAdGroup": OtherKind(
        BRANDS,
        "adGroup",
        (*_SB, *_CAMPAIGN, *_GROUP, "adStatus", "unitsSoldClicks"),
        _other("SB", _group_key, _group_facts),
        retention_days=60,
    ),
    "sbTargeting": OtherKind(
        BRANDS,
        "targeting",
        (*_SB, *_CAMPAIGN, *_GROUP, *_SB_TARGET, *_TARGET, "targetingType"),
        _other("SB", _target_key, _group_facts, _target_facts),
        retention_days=60,
    ),
    "sdCampaigns": OtherKind(
        DISPLAY,
        "campaign",
        (*_SD, *_CAMPAIGN, *_BUDGET, "newToBrandSales"),
        _other("SD", _campaign_key),
        retention_days=65,
    ),
    "sdAdGroup": OtherKind(
        DISPLAY,
        "adGroup",
        (*_SD, *_CAMPAIGN, *_GROUP, "bidOptimization", "newToBrandSales"),
        _other("SD", _group_key, _group_facts),
        retention_days=65,
    ),
    "sdTargeting": OtherKind(
        DISPLAY,
        "targeting",
        (*_SD, *_CAMPAIGN, *_GROUP, *_TARGET, "adKeywordStatus", "newToBrandSales"),
        _other("SD", _target_key, _group_facts, _target_facts),
        retention_days=65,
    ),
    "spTargeting": OtherKind(PRODUCTS, "targeting", _SP_TARGET, _sp_rows(sp_targets), retention_days=95),
    "spSearchTerm": OtherKind(
        PRODUCTS, "searchTerm", (*_SP_TARGET, "searchTerm"), _sp_rows(sp_search_terms), retention_days=65
    ),
}
