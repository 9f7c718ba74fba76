"""What TikTok Shop's raw tables add up to, to hold against the truth: SQL that gives (account_id, day, value)."""

from __future__ import annotations

_ACCOUNT = "a.account_id = t._account_id and a.platform = 'tiktok_shop'"


def _sum(stream: str, day: str, value: str, where: str = "true") -> str:
    return f"""
        select t._account_id as account_id, {day} as day, {value} as value
        from raw.tiktok_shop__{stream} as t
        inner join raw.accounts as a on {_ACCOUNT}
        where {where}
        group by 1, 2
    """


def _orders(value: str) -> str:
    return _sum("orders", "(t.created_at at time zone a.time_zone)::date", value, "t.order_status <> 'CANCELLED'")


def _returns(value: str) -> str:
    granted = "t.return_status = 'RETURN_OR_REFUND_REQUEST_COMPLETE'"
    return _sum("returns", "(t.updated_at at time zone a.time_zone)::date", value, granted)


SETTLED = ("settlement", "revenue", "shipping", "fee", "adjustment")
COUNTED = {
    "gmv": "gmv",
    "orders": "orders",
    "sku_orders": "sku_orders",
    "units": "units_sold",
    "buyers": "buyers",
    "refunds": "refunds",
    "cancelled": "cancellations_and_returns",
    "visitors": "visitors",
    "page_views": "product_page_views",
}
MEASURES: dict[tuple[str, str], str] = {
    ("orders", "orders"): _orders("count(distinct t.order_id)"),
    ("orders", "units"): _orders("sum(t.quantity)"),
    ("orders", "sales"): _orders("sum(t.original_price)"),
    ("orders", "seller_discount"): _orders("sum(t.seller_discount)"),
    ("orders", "platform_discount"): _orders("sum(t.platform_discount)"),
    ("orders", "tax"): _orders("sum(t.item_tax)"),
    ("returns", "units"): _returns("count(*)"),
    ("returns", "refund_amount"): _returns("sum(t.refund_subtotal)"),
    ("returns", "refund_tax"): _returns("sum(t.refund_tax)"),
    ("products", "stock"): _sum("products", "t.snapshot_date", "sum(t.stock)"),
    **{
        (stream, "fees" if part == "fee" else part): _sum(stream, "t.statement_date", f"sum(t.{part}_amount)")
        for stream in ("statements", "statement_transactions")
        for part in SETTLED
    },
    ("statement_transactions", "referral_fees"): _sum(
        "statement_transactions", "t.statement_date", "sum(t.referral_fee)"
    ),
    ("statement_transactions", "affiliate_commission"): _sum(
        "statement_transactions", "t.statement_date", "sum(t.affiliate_commission)"
    ),
    **{
        ("shop_performance", measure): _sum("shop_performance", "t.date", f"sum(t.{name})")
        for measure, name in COUNTED.items()
    },
}
