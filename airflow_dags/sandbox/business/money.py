"""What Amazon pays and charges the seller: sales, refunds, the transactions made of them, and the settlements.

One set of facts, seen three ways that agree to the cent: by SKU and day as they happen (`sales`, `refunds`: the
economics), by transaction as they are posted (`transactions`: the finances), and by settlement period as they are
paid out (`settlements`).

A shipped order is posted at once, or deferred until a week after its delivery: then a DEFERRED transaction becomes
DEFERRED_RELEASED and a second, RELEASED one is posted with the same amounts. Only what is released is settled. What an
account paid never changes: an order that the restatement cancels or shrinks after it shipped is a refund. At revision 0
part of the last 48 hours is still missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from airflow_dags.sandbox.business import fees
from airflow_dags.sandbox.business.ads import residual
from airflow_dags.sandbox.business.calendar import day_start, marketplace_day
from airflow_dags.sandbox.business.catalogue import Sku, stable_number, stable_share
from airflow_dags.sandbox.business.proceeds import Refund, Sale, item_id, kept, refunds, sales, storage_fees
from airflow_dags.sandbox.business.records import Order

if TYPE_CHECKING:
    from airflow_dags.sandbox.business.simulation import Business

Status = Literal["RELEASED", "DEFERRED", "DEFERRED_RELEASED"]
Kind = Literal["Shipment", "Refund", "ServiceFee", "ProductAdsPayment"]
DEFERRED_SHARE = {"aurora_us": 0.5, "harbor_us": 0.0, "cascade_us": 0.2}
LATE_HOURS, LATE_SHARE = 48, 0.4
SETTLEMENT_DAYS = 14
# A settlement is closed when nothing of its period can change any more.
SETTLED_AFTER_DAYS = 4
SUBSCRIPTION_DAY = 2
ADVERTISING = ("Cost of Advertising", "TransactionTotalAmount")


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount in the settlement report's terms; negative is paid by the seller."""

    amount_type: str
    description: str
    cents: int


@dataclass(frozen=True, slots=True)
class Item:
    """A transaction's line; ``sku`` and ``code`` are None for what concerns the whole account."""

    sku: Sku | None
    code: str | None
    quantity: int
    amounts: tuple[Amount, ...]

    @property
    def total(self) -> int:
        return sum(amount.cents for amount in self.amounts)


@dataclass(frozen=True, slots=True)
class Transaction:
    """``related_id`` is the released transaction of a deferred one, and the other way round."""

    transaction_id: str
    kind: Kind
    description: str
    status: Status
    posted_at: datetime
    items: tuple[Item, ...]
    order: Order | None = None
    matures_at: datetime | None = None
    related_id: str | None = None

    @property
    def total(self) -> int:
        return sum(item.total for item in self.items)

    @property
    def day(self) -> date:
        return marketplace_day(self.posted_at)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What was released from ``start`` to before ``end``, paid out as one."""

    settlement_id: str
    account_id: str
    start: datetime
    end: datetime
    deposited_at: datetime
    transactions: tuple[Transaction, ...]

    @property
    def total(self) -> int:
        return sum(transaction.total for transaction in self.transactions)


# -- transactions --------------------------------------------------------------------------------------------------


def transactions(business: Business, account_id: str, revision: int) -> list[Transaction]:
    """Everything that is posted to the account, oldest first, as the revision shows it."""

    def make() -> list[Transaction]:
        found = list(_all_transactions(business, account_id, revision))
        return sorted(found, key=lambda one: (one.posted_at, one.transaction_id))

    return kept(business, ("transactions", account_id, revision), make)


def _all_transactions(business: Business, account_id: str, revision: int) -> Iterator[Transaction]:
    for transaction in _shipments(business, account_id, revision):
        if _is_known(business, transaction, revision):
            yield from _with_release(business, transaction, revision)
    others = (*_refunds(business, account_id, revision), *_charges(business, account_id, revision))
    yield from (transaction for transaction in others if _is_known(business, transaction, revision))


def _is_known(business: Business, transaction: Transaction, revision: int) -> bool:
    if revision or transaction.posted_at < business.closed_at - timedelta(hours=LATE_HOURS):
        return True
    return stable_share(business.seed, transaction.transaction_id, "late") >= LATE_SHARE


def _with_release(business: Business, shipment: Transaction, revision: int) -> Iterator[Transaction]:
    """The transaction itself; or, if it was deferred, its deferral and (when it is over) its release."""
    matures_at = shipment.matures_at
    if matures_at is None:
        yield shipment
        return
    release = replace(
        shipment,
        transaction_id=_transaction_id(business, shipment.transaction_id, "release"),
        posted_at=matures_at,
        related_id=shipment.transaction_id,
    )
    if matures_at < business.closed_at and _is_known(business, release, revision):
        yield replace(shipment, status="DEFERRED_RELEASED", related_id=release.transaction_id)
        yield release
    else:
        yield replace(shipment, status="DEFERRED")


def _shipments(business: Business, account_id: str, revision: int) -> Iterator[Transaction]:
    by_order: dict[str, list[Sale]] = defaultdict(list)
    for sale in sales(business, account_id, revision):
        if sale.posted_at is not None:
            by_order[sale.order.order_id].append(sale)
    for order_id, some in by_order.items():
        order, posted_at = some[0].order, some[0].posted_at or business.closed_at
        is_deferred = stable_share(business.seed, order_id, "deferred") < DEFERRED_SHARE[account_id]
        days = 9 + 3 * stable_share(business.seed, order_id, "delivered")
        yield Transaction(
            transaction_id=_transaction_id(business, order_id, "shipment"),
            kind="Shipment",
            description="Order Payment",
            status="RELEASED",
            posted_at=posted_at,
            items=tuple(_sold(sale) for sale in some),
            order=order,
            matures_at=(posted_at + timedelta(days=days)).replace(microsecond=0) if is_deferred else None,
        )


def _sold(sale: Sale) -> Item:
    amounts = (
        Amount("ItemPrice", "Principal", sale.principal),
        Amount("ItemPrice", "Tax", sale.tax),
        Amount("ItemPrice", "Shipping", sale.shipping),
        Amount("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", -sale.tax),
        Amount("Promotion", "Principal", -sale.promotion),
        Amount("ItemFees", "Commission", -sale.referral_fee),
        Amount("ItemFees", "FBAPerUnitFulfillmentFee", -sale.fulfilment_fee),
    )
    return _item(sale, sale.line.quantity, amounts)


def _refunds(business: Business, account_id: str, revision: int) -> Iterator[Transaction]:
    for refund in refunds(business, account_id, revision):
        amounts = (
            Amount("ItemPrice", "Principal", -refund.principal),
            Amount("ItemPrice", "Tax", -refund.tax),
            Amount("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", refund.tax),
            Amount("Promotion", "Principal", refund.promotion),
            Amount("ItemFees", "Commission", refund.referral_fee),
            Amount("ItemFees", "RefundCommission", -refund.refund_fee),
        )
        number = refund.line_number
        yield Transaction(
            transaction_id=_transaction_id(business, refund.order.order_id, number, refund.refunded_at, "refund"),
            kind="Refund",
            description="Refund Order",
            status="RELEASED",
            posted_at=refund.refunded_at,
            items=(_item(refund, refund.quantity, amounts),),
            order=refund.order,
        )


def _item(source: Sale | Refund, quantity: int, amounts: tuple[Amount, ...]) -> Item:
    code = item_id(source.order, source.line_number)
    return Item(source.line.sku, code, quantity, tuple(amount for amount in amounts if amount.cents))


def _charges(business: Business, account_id: str, revision: int) -> Iterator[Transaction]:
    """What concerns the whole account: each day's advertising on the day after it, storage and subscription a month."""
    for day in business.days():
        noon = day_start(day) + timedelta(hours=12, minutes=stable_number(account_id, day) % 240)
        cost = ad_cost(business, account_id, day - timedelta(days=1), 0)
        if cost:
            yield _charge(business, account_id, noon, Amount(*ADVERTISING, -cost))
        if stored := sum(storage_fees(business, account_id, day).values()):
            yield _charge(business, account_id, noon, Amount("other-transaction", "Storage Fee", -stored))
        if day.day == SUBSCRIPTION_DAY:
            fee = Amount("other-transaction", "Subscription Fee", -fees.SUBSCRIPTION_FEE)
            yield _charge(business, account_id, noon, fee)
    if revision:
        restated = sum(
            ad_cost(business, account_id, day, 0) - ad_cost(business, account_id, day, 1) for day in business.days()
        )
        if restated:
            at = business.closed_at - timedelta(minutes=5)
            yield _charge(business, account_id, at, Amount(*ADVERTISING, restated))


def ad_cost(business: Business, account_id: str, day: date, revision: int) -> int:
    """What Sponsored Products cost the account on the day, with what no advertised product shows."""
    rows = business.ads(account_id, day, revision)
    groups = {row.ad_group for row in rows}
    return sum(row.cost for row in rows) + sum(residual(group, day)[1] for group in groups)


def _charge(business: Business, account_id: str, at: datetime, amount: Amount) -> Transaction:
    is_ads = amount.amount_type == ADVERTISING[0]
    return Transaction(
        transaction_id=_transaction_id(business, account_id, at, amount.description),
        kind="ProductAdsPayment" if is_ads else "ServiceFee",
        description="Sponsored Products" if is_ads else amount.description,
        status="RELEASED",
        posted_at=at,
        items=(Item(None, None, 0, (amount,)),),
    )


def _transaction_id(business: Business, *parts: object) -> str:
    return f"{stable_number(business.seed, *parts):016x}{stable_number(business.seed, *parts, 'id'):016x}"


# -- settlements ---------------------------------------------------------------------------------------------------


def settlements(business: Business, account_id: str, revision: int) -> list[Settlement]:
    """The account's closed settlements, oldest first."""
    return kept(
        business, ("settlements", account_id, revision), lambda: list(_settlements(business, account_id, revision))
    )


def _settlements(business: Business, account_id: str, revision: int) -> Iterator[Settlement]:
    index = business.catalogue.account_by_id[account_id].index
    released = [one for one in transactions(business, account_id, revision) if one.status == "RELEASED"]
    start = day_start(business.first_day)
    end = day_start(business.first_day + timedelta(days=4 + 3 * index)) + timedelta(hours=20, minutes=17 + index)
    number = 0
    while end <= day_start(business.as_of - timedelta(days=SETTLED_AFTER_DAYS)):
        some = tuple(one for one in released if start <= one.posted_at < end)
        yield Settlement(
            settlement_id=str(20_000_000_000 + index * 10**9 + (start.date() - date(2020, 1, 1)).days * 1000 + number),
            account_id=account_id,
            start=start,
            end=end,
            deposited_at=end + timedelta(days=2),
            transactions=some,
        )
        number += 1
        start, end = end, end + timedelta(days=SETTLEMENT_DAYS)
