"""What Shopify's raw tables add up to, to hold against the truth: SQL that gives (account_id, day, value)."""

from __future__ import annotations

_ZONE = "(select time_zone from raw.accounts as a where a.account_id = t._account_id and a.platform = 'shopify')"


def _sum(stream: str, day: str, value: str, where: str = "true") -> str:
    return f"""
        select t._account_id as account_id, {day} as day, {value} as value
        from raw.shopify__{stream} as t
        where {where}
        group by 1, 2
    """


_ORDER_DAY = f"(t.created_at at time zone {_ZONE})::date"
_REFUND_DAY = f"(t.refunded_at at time zone {_ZONE})::date"
_SOLD = "t.cancelled_at is null"

MEASURES: dict[tuple[str, str], str] = {
    ("orders", "orders"): _sum("orders", _ORDER_DAY, "count(distinct t.order_id)", _SOLD),
    ("orders", "units"): _sum("orders", _ORDER_DAY, "sum(t.quantity)", _SOLD),
    ("orders", "gross_sales"): _sum("orders", _ORDER_DAY, "sum(t.gross_amount)", _SOLD),
    ("orders", "discounts"): _sum("orders", _ORDER_DAY, "sum(t.discount_amount)", _SOLD),
    ("orders", "tax"): _sum("orders", _ORDER_DAY, "sum(t.tax_amount)", _SOLD),
    ("orders", "shipping"): _sum("orders", _ORDER_DAY, "sum(t.order_shipping_amount)", _SOLD),
    ("refunds", "refund_units"): _sum("refunds", _REFUND_DAY, "sum(t.quantity)"),
    ("refunds", "refund_amount"): _sum("refunds", _REFUND_DAY, "sum(t.amount)"),
    ("refunds", "refund_tax"): _sum("refunds", _REFUND_DAY, "sum(t.tax_amount)"),
    ("products", "variants"): _sum("products", "t.snapshot_date", "count(*)"),
    ("products", "unit_cost"): _sum("products", "t.snapshot_date", "sum(t.unit_cost)"),
    ("inventory_levels", "available"): _sum("inventory_levels", "t.snapshot_date", "sum(t.available)"),
    ("sessions", "sessions"): _sum("sessions", "t.day", "sum(t.sessions)"),
    ("sessions", "visitors"): _sum("sessions", "t.day", "sum(t.visitors)"),
}
