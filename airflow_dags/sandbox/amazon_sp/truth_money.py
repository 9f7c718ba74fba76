"""What the money streams must add up to, by account and marketplace day, from the seller's records.

- settlement: by the day on which an amount was posted, for the settlements that are closed: `amount` (everything),
  `sales` and `refunds` (principal), `fees` (Amazon's, advertising excluded), `advertising`.
- finances: `released`, `deferred` and `deferred_released` by the day on which the transaction was posted.
- economics: `units` and `sales` by the day of the order, `units_refunded` and `refunds` by the day of the refund,
  `fees` and `ads` by the day on which they arose.
- returns: `units` by the day on which Amazon received them; seller_returns: `units` and `refunds` by the day on which
  the buyer asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from airflow_dags.sandbox.amazon_sp.returns import request_day
from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.economics import sku_days
from airflow_dags.sandbox.business.money import ADVERTISING, Transaction, settlements, transactions
from airflow_dags.sandbox.business.returns import customer_returns, requested_returns
from airflow_dags.sandbox.platforms import Total

Sums = dict[tuple[str, date, str], int]
COUNTS = {"units", "units_refunded"}


def totals(business: Business, revision: int) -> Iterator[Total]:
    for account in business.catalogue.accounts:
        sums: Sums = defaultdict(int)
        for settlement in settlements(business, account.account_id, revision):
            for transaction in settlement.transactions:
                _add_settled(transaction, sums)
        for transaction in transactions(business, account.account_id, revision):
            sums["finances", transaction.day, transaction.status.lower()] += transaction.total
        _add_economics(business, account.account_id, revision, sums)
        _add_returns(business, account.account_id, revision, sums)
        for (stream, day, measure), value in sorted(sums.items()):
            exact = Decimal(value) if measure in COUNTS else Decimal(value).scaleb(-2)
            yield Total(stream, account.account_id, day, measure, exact)


def _add_settled(transaction: Transaction, sums: Sums) -> None:
    for item in transaction.items:
        for amount in item.amounts:
            measures = ["amount"]
            if (amount.amount_type, amount.description) == ("ItemPrice", "Principal"):
                measures.append("sales" if transaction.kind == "Shipment" else "refunds")
            elif amount.amount_type in ("ItemFees", "other-transaction"):
                measures.append("fees")
            elif amount.amount_type == ADVERTISING[0]:
                measures.append("advertising")
            for measure in measures:
                sums["settlement", transaction.day, measure] += amount.cents


def _add_economics(business: Business, account_id: str, revision: int, sums: Sums) -> None:
    for (day, _), facts in sku_days(business, account_id, revision).items():
        values = {
            "units": facts.units,
            "sales": facts.sales,
            "units_refunded": facts.units_refunded,
            "refunds": facts.refunds,
            "fees": sum(facts.fees.values()),
            "ads": facts.ads,
        }
        for measure, value in values.items():
            sums["economics", day, measure] += value


def _add_returns(business: Business, account_id: str, revision: int, sums: Sums) -> None:
    for day in business.days():
        for one in customer_returns(business, account_id, day, revision):
            if one.is_fba:
                sums["returns", day, "units"] += one.quantity
    for one in requested_returns(business, account_id, revision):
        sums["seller_returns", request_day(one), "units"] += one.quantity
        if one.refunded_at:
            sums["seller_returns", request_day(one), "refunds"] += one.amount
