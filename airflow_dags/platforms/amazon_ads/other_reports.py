"""Contracts of the reports beyond campaigns and advertised products of Sponsored Products.

Sponsored Brands and Display have one attribution window, 14 days, and name it nowhere: ``purchases`` and ``sales``
count those after a click or (Display, and Brands paid by view) a view, ``purchases_clicks`` and ``sales_clicks`` those
after a click. Targeting holds keywords and targeting expressions alike. Search terms are reported only with a click, so
their sums are less than their ad group's. Amounts are in the currency of the budget; days are the profile's.
"""

from __future__ import annotations

from airflow_dags.contracts import Column, Contract
from airflow_dags.platforms.amazon_ads.reports import column, figures

_DAY = column("date", "date", required=True, nullable=False)
_CAMPAIGN = (
    column("campaign_id", required=True, nullable=False),
    column("campaign_name"),
    column("campaign_budget_currency_code"),
)
_GROUP = (column("ad_group_id", required=True, nullable=False), column("ad_group_name"))
_FIGURES = (
    column("impressions", "bigint", required=True),
    column("clicks", "bigint", required=True),
    column("cost", "numeric", required=True),
    column("purchases", "integer", required=True),
    column("purchases_clicks", "integer"),
    column("sales", "numeric", required=True),
    column("sales_clicks", "numeric"),
    column("units_sold", "integer"),
    column("new_to_brand_purchases", "integer"),
    column("detail_page_views", "bigint"),
)
_BUDGET = (column("campaign_status"), column("campaign_budget_amount", "numeric"), column("cost_type"))
_VIEWS = (column("impressions_views", "bigint"),)
_SP_TARGET = (
    column("keyword_id", required=True, nullable=False),
    column("keyword"),
    column("keyword_type"),
    column("match_type"),
    column("targeting", required=True),
    column("ad_keyword_status"),
    column("keyword_bid", "numeric"),
)


def _contract(stream: str, report: str, unique: tuple[str, ...], *parts: tuple[Column, ...]) -> Contract:
    return Contract(
        platform="amazon_ads",
        stream=stream,
        mode="window",
        report_name=report,
        window_column="date",
        unique=("date", "campaign_id", *unique),
        owned=("campaign_id",),
        columns=(_DAY, *_CAMPAIGN, *(one for part in parts for one in part)),
    )


OTHER_CONTRACTS = (
    _contract("sb_campaigns", "sbCampaigns", (), _BUDGET, _FIGURES),
    _contract("sd_campaigns", "sdCampaigns", (), _BUDGET, _FIGURES, _VIEWS),
    _contract("sb_ad_group", "sbAdGroup", ("ad_group_id",), _GROUP, _FIGURES),
    _contract("sd_ad_group", "sdAdGroup", ("ad_group_id",), _GROUP, _FIGURES, _VIEWS),
    _contract("sp_targeting", "spTargeting", ("ad_group_id", "keyword_id", "targeting"), _GROUP, _SP_TARGET, figures()),
    _contract(
        "sb_targeting",
        "sbTargeting",
        ("ad_group_id", "keyword_id", "targeting_id"),
        _GROUP,
        (
            column("keyword_id", required=True),
            column("keyword_text"),
            column("keyword_type"),
            column("match_type"),
            column("ad_keyword_status"),
            column("keyword_bid", "numeric"),
            column("targeting_id"),
            column("targeting_text"),
            column("targeting_expression"),
        ),
        _FIGURES,
    ),
    _contract(
        "sd_targeting",
        "sdTargeting",
        ("ad_group_id", "targeting_id"),
        _GROUP,
        (
            column("targeting_id", required=True, nullable=False),
            column("targeting_text"),
            column("targeting_expression"),
        ),
        _FIGURES,
        _VIEWS,
    ),
    _contract(
        "sp_search_term",
        "spSearchTerm",
        ("ad_group_id", "keyword_id", "targeting", "search_term"),
        _GROUP,
        _SP_TARGET,
        (column("search_term", required=True, nullable=False),),
        figures(),
    ),
)
