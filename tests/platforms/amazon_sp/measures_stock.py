"""What the raw tables of stock, account health and feedback add up to, to hold against the truth."""

from __future__ import annotations

from .measures_money import total

_RATES = (
    "orderDefectRate",
    "lateShipmentRate",
    "preFulfillmentCancellationRate",
    "validTrackingRate",
    "onTimeDeliveryRate",
)


def _health(metric: str) -> str:
    # Order defects come once for each fulfilment, with the same rate in the simulation.
    where = f"t.metric = '{metric}' and coalesce(t.fulfillment_type, 'mfn') = 'mfn'"
    return total("account_health", "t.snapshot_date", "t.rate", where)


MEASURES: dict[tuple[str, str], str] = {
    ("fba_stock_and_age", "available"): total("fba_stock_and_age", "t.snapshot_date", "t.available"),
    ("fba_stock_and_age", "aged_271_365"): total("fba_stock_and_age", "t.snapshot_date", "t.inv_age_271_to_365_days"),
    ("fba_ledger_summary", "ending_balance"): total("fba_ledger_summary", "t.date", "t.ending_balance"),
    ("fba_ledger_summary", "shipped"): total("fba_ledger_summary", "t.date", "-t.customer_shipments"),
    ("fba_ledger_summary", "returned"): total("fba_ledger_summary", "t.date", "t.customer_returns"),
    ("fba_ledger_detail", "quantity"): total("fba_ledger_detail", "t.date", "t.quantity"),
    ("fba_ledger_detail", "received"): total("fba_ledger_detail", "t.date", "t.quantity", "t.event_type = 'Receipts'"),
    **{("account_health", metric): _health(metric) for metric in _RATES},
    **{
        ("rank", kind): total("rank", "t.snapshot_date", "t.rank", f"t.rank_kind = '{kind}'")
        for kind in ("classification", "display_group")
    },
    ("feedback", "ratings"): total("feedback", "t.feedback_date", "1"),
    ("feedback", "stars"): total("feedback", "t.feedback_date", "t.rating"),
}
