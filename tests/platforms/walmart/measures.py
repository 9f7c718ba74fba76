"""What Walmart's raw tables add up to, to hold against the truth: SQL that gives (account_id, day, value)."""

from __future__ import annotations

_ZONE = "(select time_zone from raw.accounts as a where a.account_id = t._account_id and a.platform = 'walmart')"


def _sum(stream: str, day: str, value: str, where: str = "true") -> str:
    return f"""
        select t._account_id as account_id, {day} as day, sum({value}) as value
        from raw.walmart__{stream} as t
        where {where}
        group by 1, 2
    """


def _rate(metric: str) -> str:
    return f"""
        select t._account_id as account_id, t.snapshot_date as day, t.rate as value
        from raw.walmart__performance as t
        where t.metric = '{metric}'
    """


_ORDER_DAY = f"(t.ordered_at at time zone {_ZONE})::date"
_REFUND_DAY = f"(t.status_at at time zone {_ZONE})::date"
_SOLD = "t.status <> 'Cancelled'"
_FEES = "t.amount_type in ('Commission on Product', 'Fee/Reimbursement')"
METRICS = ("otd", "vtr", "srr", "lateShipment", "refunds", "returns")

MEASURES: dict[tuple[str, str], str] = {
    ("orders", "units"): _sum("orders", _ORDER_DAY, "t.quantity", _SOLD),
    ("orders", "sales"): _sum("orders", _ORDER_DAY, "t.product_amount", _SOLD),
    ("returns", "refund_units"): _sum("returns", _REFUND_DAY, "t.refunded_quantity"),
    ("returns", "refund_amount"): _sum("returns", _REFUND_DAY, "t.refund_amount"),
    ("recon", "amount"): _sum("recon", "t.transaction_date", "t.amount"),
    ("recon", "fees"): _sum("recon", "t.transaction_date", "t.amount", _FEES),
    ("inventory", "units"): _sum("inventory", "t.snapshot_date", "t.available_quantity"),
    ("wfs_inventory", "units"): _sum("wfs_inventory", "t.snapshot_date", "t.available_quantity"),
    **{("performance", metric): _rate(metric) for metric in METRICS},
}
