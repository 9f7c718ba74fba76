"""What the money streams' raw tables add up to, to hold against the truth: SQL that gives (account_id, day, value)."""

from __future__ import annotations

ZONE = "(select time_zone from raw.accounts as a where a.account_id = t._account_id and a.platform = 'amazon')"


def total(stream: str, day: str, value: str, where: str = "true") -> str:
    """A sum by account and day."""
    return f"""
        select t._account_id as account_id, {day} as day, sum({value}) as value
        from raw.amazon_sp__{stream} as t
        where {where}
        group by 1, 2
    """


def day_of(instant: str) -> str:
    return f"(t.{instant} at time zone {ZONE})::date"


_PRINCIPAL = "t.amount_type = 'ItemPrice' and t.amount_description = 'Principal' and t.transaction_type = "

MEASURES: dict[tuple[str, str], str] = {
    ("settlement", "amount"): total("settlement", day_of("posted_at"), "t.amount", "t.amount is not null"),
    ("settlement", "sales"): total("settlement", day_of("posted_at"), "t.amount", _PRINCIPAL + "'Order'"),
    ("settlement", "refunds"): total("settlement", day_of("posted_at"), "t.amount", _PRINCIPAL + "'Refund'"),
    ("settlement", "fees"): total(
        "settlement", day_of("posted_at"), "t.amount", "t.amount_type in ('ItemFees', 'other-transaction')"
    ),
    ("settlement", "advertising"): total(
        "settlement", day_of("posted_at"), "t.amount", "t.amount_type = 'Cost of Advertising'"
    ),
    **{
        ("finances", status): total(
            "finances", day_of("posted_at"), "t.amount", f"t.transaction_status = '{status.upper()}'"
        )
        for status in ("released", "deferred", "deferred_released")
    },
    ("economics", "units"): total("economics", "t.start_date", "t.units_ordered"),
    ("economics", "sales"): total("economics", "t.start_date", "t.ordered_product_sales"),
    ("economics", "units_refunded"): total("economics", "t.start_date", "t.units_refunded"),
    ("economics", "refunds"): total("economics", "t.start_date", "t.refunded_product_sales"),
    ("economics", "fees"): total("economics", "t.start_date", "t.total_amount", "t.row_level = 'fee'"),
    ("economics", "ads"): total("economics", "t.start_date", "t.total_amount", "t.row_level = 'ad'"),
    ("returns", "units"): total("returns", "t.return_day", "t.quantity"),
    ("seller_returns", "units"): total("seller_returns", "t.return_request_date", "t.return_quantity"),
    ("seller_returns", "refunds"): total("seller_returns", "t.return_request_date", "t.refunded_amount"),
}
