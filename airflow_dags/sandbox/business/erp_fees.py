"""What the seller's ERP booked of the platforms' fees: those of closed settlements, but for two planted differences.

A booking is a day's sum of one kind of fee of one settlement or statement, on the day on which the platform posted it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from airflow_dags.sandbox.business import money, tiktok_money, walmart_money
from airflow_dags.sandbox.business.catalogue import CURRENCY
from airflow_dags.sandbox.business.simulation import Business

# Amazon's fees on items, and what it charges the account; advertising is a cost of its own, not a fee.
AMAZON_FEES = ("ItemFees", "other-transaction")
TIKTOK_FEES = ("referral_fee", "refund_administration_fee", "affiliate_commission")
WRONG_CENTS = 1234
SETTLED_DAYS = 21
_Key = tuple[date, str, str, str, str]  # day, account, kind of fee, settlement, currency


@dataclass(frozen=True, slots=True)
class BookedFee:
    """``amount`` is what the seller paid, in whole cents of the currency; negative where it was paid back."""

    day: date
    account_id: str
    fee_type: str
    reference: str
    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class FeeDifference:
    kind: str
    fee: BookedFee
    erp_amount: int


def platform_fees(business: Business, revision: int) -> list[BookedFee]:
    """The fees of all settlements that are closed, by day, account and kind."""
    sums: Counter[_Key] = Counter()
    for key, cents in (*_amazon(business, revision), *_walmart(business), *_tiktok(business, revision)):
        sums[key] -= cents
    return [
        BookedFee(day, account_id, fee_type, reference, currency, amount)
        for (day, account_id, fee_type, reference, currency), amount in sorted(sums.items())
        if amount
    ]


def _amazon(business: Business, revision: int) -> Iterator[tuple[_Key, int]]:
    for account in business.catalogue.accounts:
        for settlement in money.settlements(business, account.account_id, revision):
            for transaction in settlement.transactions:
                for item in transaction.items:
                    for amount in item.amounts:
                        if amount.amount_type in AMAZON_FEES:
                            key = (transaction.day, account.account_id, amount.description, settlement.settlement_id)
                            yield (*key, CURRENCY), amount.cents


def _walmart(business: Business) -> Iterator[tuple[_Key, int]]:
    for shop in business.shops_of("walmart"):
        for settlement in walmart_money.settlements(business, shop):
            reference = f"{settlement.period_start}..{settlement.period_end}"
            for line in settlement.lines:
                if line.amount_type in walmart_money.FEES:
                    yield (line.posted_on, shop.account_id, line.amount_type, reference, shop.currency), line.amount


def _tiktok(business: Business, revision: int) -> Iterator[tuple[_Key, int]]:
    for shop in business.shops_of("tiktok_shop"):
        for statement in tiktok_money.statements(business, shop, revision):
            for name in TIKTOK_FEES:
                key = (statement.day, shop.account_id, name, statement.statement_id, shop.currency)
                yield key, statement.total(name)


@lru_cache(maxsize=4)
def booked_fees(business: Business, revision: int) -> tuple[list[BookedFee], list[FeeDifference]]:
    """The ERP's bookings, and how they differ: one is missing, one is 12.34 too much, both before what is restated."""
    fees = platform_fees(business, revision)
    until = business.as_of - timedelta(days=SETTLED_DAYS)
    differences: list[FeeDifference] = []
    for kind, account in zip(("missing", "wrong amount"), business.catalogue.accounts, strict=False):
        fitting = [fee for fee in fees if fee.account_id == account.account_id and fee.amount > 0 and fee.day <= until]
        if not fitting:
            continue
        fee = fitting[-1]
        at = fees.index(fee)
        if kind == "missing":
            del fees[at]
            differences.append(FeeDifference(kind, fee, 0))
        else:
            fees[at] = replace(fee, amount=fee.amount + WRONG_CENTS)
            differences.append(FeeDifference(kind, fee, fees[at].amount))
    return fees, differences
