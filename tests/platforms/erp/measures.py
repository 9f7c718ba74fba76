"""What the ERP's bookings add up to in the warehouse, by selling account and day."""

from __future__ import annotations


def _booked(kind: str, column: str) -> str:
    source = f"raw.erp__sales where kind = '{kind}'"
    return f"select account_id, date as day, sum({column}) as value from {source} group by 1, 2"


def _scored(score: str, column: str) -> str:
    source = f"raw.erp__scores where score = '{score}' and entity_kind = 'account'"
    figures = f"date as day, sum({column}) as value"
    return f"select substring(entity_id, 9) as account_id, {figures} from {source} group by 1, 2"


MEASURES = {
    ("sales", "sale_amount"): _booked("sale", "amount"),
    ("sales", "sale_units"): _booked("sale", "quantity"),
    ("sales", "refund_amount"): _booked("refund", "amount"),
    ("sales", "refund_units"): _booked("refund", "quantity"),
    ("scores", "ipi_value"): _scored("ipi", "value"),
    ("scores", "nps_promoters"): _scored("nps", "promoters"),
    ("scores", "nps_detractors"): _scored("nps", "detractors"),
    ("scores", "nps_responses"): _scored("nps", "responses"),
    ("fees", "fees"): "select account_id, date as day, sum(amount) as value from raw.erp__fees group by 1, 2",
}
