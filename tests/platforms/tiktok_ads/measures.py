"""What TikTok Ads' raw table adds up to, to hold against the truth: SQL that gives (account_id, day, value)."""

from __future__ import annotations

COLUMNS = {
    "cost": "spend",
    "sales": "shop_purchase_value",
    "clicks": "clicks",
    "impressions": "impressions",
    "orders": "shop_purchases",
}
MEASURES: dict[tuple[str, str], str] = {
    ("ad_groups", measure): f"""
        select t._account_id as account_id, t.date as day, sum(t.{name}) as value
        from raw.tiktok_ads__ad_groups as t
        group by 1, 2
    """
    for measure, name in COLUMNS.items()
}
