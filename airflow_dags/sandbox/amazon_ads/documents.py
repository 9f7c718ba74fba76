"""The rows of Amazon Ads v3 reports: Sponsored Products by ad group or campaign and by advertised product, and all
others as `other_documents` has them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from airflow_dags.sandbox.amazon_ads.other_documents import OTHER_KINDS, other_metrics
from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.ads import residual
from airflow_dags.sandbox.business.catalogue import CURRENCY, AdGroup, Campaign
from airflow_dags.sandbox.business.records import AdRow

GROUP_BY = {
    "spCampaigns": ("campaign", "adGroup"),
    "spAdvertisedProduct": ("advertiser",),
    **{name: (kind.group_by,) for name, kind in OTHER_KINDS.items()},
}
SP_RETENTION_DAYS = 95
METRICS = (
    "impressions",
    "clicks",
    "cost",
    "spend",
    "clickThroughRate",
    "costPerClick",
    *(f"{name}{days}d" for name in ("purchases", "sales", "unitsSoldClicks") for days in (1, 7, 14, 30)),
)
CAMPAIGN_COLUMNS = (
    "campaignId",
    "campaignName",
    "campaignStatus",
    "campaignBudgetAmount",
    "campaignBudgetType",
    "campaignBudgetCurrencyCode",
)
AD_GROUP_COLUMNS = ("adGroupId", "adGroupName")
PRODUCT_COLUMNS = ("adId", "advertisedAsin", "advertisedSku", "portfolioId")


def columns_of(report_type: str, group_by: list[str], time_unit: str) -> set[str]:
    """The columns that such a report may have."""
    if kind := OTHER_KINDS.get(report_type):
        days = ("date",) if time_unit == "DAILY" else ("startDate", "endDate")
        return {*kind.columns, *days, *(METRICS if kind.is_products else ())}
    columns = {*METRICS, *CAMPAIGN_COLUMNS, *(("date",) if time_unit == "DAILY" else ("startDate", "endDate"))}
    if report_type == "spAdvertisedProduct":
        columns.update(AD_GROUP_COLUMNS, PRODUCT_COLUMNS)
    elif "adGroup" in group_by:
        columns.update(AD_GROUP_COLUMNS, ("adStatus",))
    return columns


def ad_product_of(report_type: str) -> str:
    return OTHER_KINDS[report_type].ad_product if report_type in OTHER_KINDS else "SPONSORED_PRODUCTS"


def retention_of(report_type: str) -> int:
    """Days for which Amazon keeps the figures."""
    return OTHER_KINDS[report_type].retention_days if report_type in OTHER_KINDS else SP_RETENTION_DAYS


def ads_document(business: Business, account_id: str, request: dict[str, Any], revision: int) -> list[dict[str, Any]]:
    """The report's rows, in the columns asked for. Ids are numbers, money is in dollars, as Amazon gives them."""
    configuration = request["configuration"]
    start, end = date.fromisoformat(request["startDate"]), date.fromisoformat(request["endDate"])
    is_daily = configuration["timeUnit"] == "DAILY"
    sums: dict[tuple, list[int]] = {}
    facts: dict[tuple, dict[str, Any]] = {}
    for day in (start + timedelta(days=n) for n in range((end - start).days + 1)):
        for key, measures, row_facts in _rows_of_day(business, account_id, day, configuration, revision):
            when = (day if is_daily else None, *key)
            total = sums.setdefault(when, [0] * len(measures))
            sums[when] = [a + b for a, b in zip(total, measures, strict=True)]
            facts.setdefault(when, row_facts)
    period = {"startDate": start.isoformat(), "endDate": end.isoformat()}
    kind = OTHER_KINDS.get(configuration["reportTypeId"])
    metrics_of = _metrics if kind is None or kind.is_products else other_metrics
    rows = []
    for when, total in sums.items():
        days = {"date": when[0].isoformat()} if is_daily else period
        row = {**days, **facts[when], **metrics_of(*total)}
        rows.append({name: row.get(name) for name in configuration["columns"]})
    return rows


def _rows_of_day(
    business: Business, account_id: str, day: date, configuration: dict[str, Any], revision: int
) -> Iterator[tuple[tuple, tuple[int, ...], dict[str, Any]]]:
    """(key, measures, facts) for the day: by advertised product, ad group or campaign."""
    if kind := OTHER_KINDS.get(configuration["reportTypeId"]):
        yield from kind.rows(business, account_id, day, revision)
        return
    rows = business.ads(account_id, day, revision)
    if configuration["reportTypeId"] == "spAdvertisedProduct":
        for row in rows:
            yield (row.ad_id,), _measures(row), _product_facts(row)
        return
    by_ad_group = "adGroup" in configuration["groupBy"]
    seen: set[AdGroup] = set()
    for row in rows:
        group = row.ad_group
        key = (group.ad_group_id,) if by_ad_group else (group.campaign.campaign_id,)
        row_facts = {**_campaign_facts(group.campaign), **(_ad_group_facts(group) if by_ad_group else {})}
        if group not in seen:
            seen.add(group)
            impressions, cost = residual(group, day)
            yield key, (impressions, 0, cost, 0, 0), row_facts
        yield key, _measures(row), row_facts


def _measures(row: AdRow) -> tuple[int, int, int, int, int]:
    return row.impressions, row.clicks, row.cost, row.purchases, row.sales


def _metrics(impressions: int, clicks: int, cost: int, purchases: int, sales: int) -> dict[str, Any]:
    """All metrics of a row. Within one day less is known of a sale than after seven, and a little comes later."""
    early, late = purchases * 4 // 5, purchases + purchases // 12
    by_days = {
        1: (early, sales * 4 // 5),
        7: (purchases, sales),
        14: (late, sales * 26 // 25),
        30: (late, sales * 53 // 50),
    }
    metrics: dict[str, Any] = {
        "impressions": impressions,
        "clicks": clicks,
        "cost": cost / 100,
        "spend": cost / 100,
        "clickThroughRate": round(clicks / impressions, 6) if impressions else None,
        "costPerClick": round(cost / 100 / clicks, 4) if clicks else None,
    }
    for days, (count, cents) in by_days.items():
        metrics[f"purchases{days}d"] = count
        metrics[f"unitsSoldClicks{days}d"] = count
        metrics[f"sales{days}d"] = cents / 100
    return metrics


def _campaign_facts(campaign: Campaign) -> dict[str, Any]:
    return {
        "campaignId": campaign.campaign_id,
        "campaignName": campaign.name,
        "campaignStatus": "ENABLED",
        "campaignBudgetAmount": campaign.budget / 100,
        "campaignBudgetType": "DAILY_BUDGET",
        "campaignBudgetCurrencyCode": CURRENCY,
    }


def _ad_group_facts(group: AdGroup) -> dict[str, Any]:
    return {"adGroupId": group.ad_group_id, "adGroupName": group.name, "adStatus": "ENABLED"}


def _product_facts(row: AdRow) -> dict[str, Any]:
    product = {
        "adId": row.ad_id,
        "advertisedAsin": row.sku.asin,
        "advertisedSku": row.sku.sku,
        "portfolioId": None,
    }
    return {**_campaign_facts(row.ad_group.campaign), **_ad_group_facts(row.ad_group), **product}
