"""What the ERP's bookings add up to in the warehouse, by selling account and day."""

from __future__ import annotations


def _booked(kind: str, column: str) -> str:
    source = f"raw.erp__sales where kind = '{kind}'"
    return f"select account_id, date as day, sum({column}) as value from {source} group by 1, 2"


MEASURES = {
    ("sales", "sale_amount"): _booked("sale", "amount"),
    ("sales", "sale_units"): _booked("sale", "quantity"),
    ("sales", "refund_amount"): _booked("refund", "amount"),
    ("sales", "refund_units"): _booked("refund", "quantity"),
    ("fees", "fees"): "select account_id, date as day, sum(amount) as value from raw.erp__fees group by 1, 2",
}
