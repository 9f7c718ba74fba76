"""What Walmart Connect's raw table adds up to, to hold against the truth: SQL that gives (account_id, day, value)."""

from __future__ import annotations


def _sum(value: str) -> str:
    return f"""
        select t._account_id as account_id, t.date as day, sum(t.{value}) as value
        from raw.walmart_connect__ads as t
        group by 1, 2
    """


MEASURES: dict[tuple[str, str], str] = {
    ("ads", "cost"): _sum("ad_spend"),
    ("ads", "sales_14days"): _sum("attributed_sales_14days"),
    ("ads", "clicks"): _sum("clicks"),
}
