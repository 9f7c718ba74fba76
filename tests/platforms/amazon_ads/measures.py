"""What Amazon Ads' raw tables add up to, to hold against the truth: SQL that gives (account_id, day, value).

Days are those of the reports: the profile's own.
"""

from __future__ import annotations

_PRODUCTS = ("sp_campaigns", "sp_advertised_product", "sp_targeting", "sp_search_term")
_OTHERS = ("sb_campaigns", "sb_ad_group", "sb_targeting", "sd_campaigns", "sd_ad_group", "sd_targeting")


def _sum(stream: str, value: str, day: str = "date") -> str:
    return f"""
        select t._account_id as account_id, t.{day} as day, sum(t.{value}) as value
        from raw.amazon_ads__{stream} as t
        group by 1, 2
    """


MEASURES: dict[tuple[str, str], str] = {
    **{(stream, measure): _sum(stream, measure) for stream in (*_PRODUCTS, *_OTHERS) for measure in ("cost", "clicks")},
    **{(stream, "sales"): _sum(stream, "sales_7d") for stream in _PRODUCTS},
    **{(stream, "sales"): _sum(stream, "sales") for stream in _OTHERS},
    ("budgets", "budget"): _sum("budgets", "budget", "snapshot_date"),
}
