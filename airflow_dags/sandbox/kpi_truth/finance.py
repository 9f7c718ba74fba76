"""Finance: what is left of the sales, what the platforms take of them, and what arrives at the bank.

- costs (cogs, freight, tariff) are those of the sold units, laid down with the sales (commerce).
- fees: on a day that Amazon's closed settlements hold wholly, what they charge, on the day on which it was posted;
  storage, which they charge the account as a whole, by SKU as it arose. On other days what the day's orders and refunds
  will bear. Walmart: of closed periods. TikTok Shop: of the day's statement, for the shop as a whole; what the buyer
  pays for shipping is no fee.
- deposits by the day on which the money arrives; the deferred balance at the end of the last day.
- reconciliation_difference: what was planted in the ERP's books.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from airflow_dags.sandbox.business import Business, money, tiktok_money, walmart_money
from airflow_dags.sandbox.business.calendar import day_start, marketplace_day, month_start
from airflow_dags.sandbox.business.catalogue import CURRENCY, Sku
from airflow_dags.sandbox.business.economics import FULFILMENT, REFERRAL, REFUND, STORAGE, sku_days
from airflow_dags.sandbox.business.erp_books import books
from airflow_dags.sandbox.business.erp_fees import AMAZON_FEES, booked_fees
from airflow_dags.sandbox.business.proceeds import storage_fees
from airflow_dags.sandbox.business.shops import Shop
from airflow_dags.sandbox.kpi_truth.book import Book, Kpi, Month, Numbers, of, summed, zero
from airflow_dags.sandbox.kpi_truth.book import money as amount_of
from airflow_dags.sandbox.kpi_truth.commerce import SALES, net_sales
from airflow_dags.sandbox.kpi_truth.entities import COMPANY, Entity, account_entity, platform_entity, sku_entities

LINES = ("referral", "fulfilment", "storage", "aged_stock", "low_inventory", "inbound_placement", "other")
COSTS = ("cogs", "freight_cost", "tariff_cost")
# The lines of the platforms' charges, by the simulation's names for them.
SETTLED = {
    "Commission": "referral",
    "FBAPerUnitFulfillmentFee": "fulfilment",
    "RefundCommission": "other",
    "Subscription Fee": "other",
}
EXPECTED = {REFERRAL: "referral", FULFILMENT: "fulfilment", REFUND: "other", STORAGE: "storage"}
WALMART = {"Purchase": "referral", "Return Refund": "referral", "WFS StorageFee": "storage"}
TIKTOK = {
    "referral_fee": "referral",
    "refund_administration_fee": "other",
    "affiliate_commission": "other",
    "actual_shipping_fee": "fulfilment",
    "shipping_fee_discount": "fulfilment",
    "return_shipping_fee": "fulfilment",
}
ADJUSTED = {"SHIPPING_FEE_ADJUSTMENT": "fulfilment"}


def _gross_margin(numbers: Numbers) -> Decimal:
    return net_sales(numbers) - numbers.zero("cogs")


def _margin_before_ads(numbers: Numbers) -> Decimal:
    return net_sales(numbers) - numbers.zero("all_fees") - sum((numbers.zero(cost) for cost in COSTS), Decimal(0))


def _contribution(numbers: Numbers) -> Decimal:
    return _margin_before_ads(numbers) - numbers.zero("ad_cost")


_MARGIN = (*SALES, *COSTS, "all_fees")
# Campaigns and ad groups have ads, but no margin.
_HAS_MARGIN = ("has_margin",)
_WITHOUT_MARGIN = ("campaign", "ad_group")
KPIS: dict[str, Kpi] = {
    **{cost: Kpi((cost,), of(cost)) for cost in COSTS},
    **{f"{line}_fees": Kpi(("all_fees",), zero(f"{line}_fees")) for line in LINES},
    "gross_margin": Kpi(("cogs", *SALES), _gross_margin),
    "gross_margin_rate": Kpi(("cogs", *SALES), _gross_margin, net_sales),
    "fee_rate": Kpi(("all_fees", "gmv"), zero("all_fees"), of("gmv")),
    "provisional_fee_share": Kpi(("all_fees",), zero("provisional_fees"), of("all_fees")),
    "margin_before_ads": Kpi(_MARGIN, _margin_before_ads),
    "margin_before_ads_rate": Kpi(_MARGIN, _margin_before_ads, net_sales),
    "contribution_margin": Kpi(_HAS_MARGIN, _contribution),
    "contribution_margin_rate": Kpi(_HAS_MARGIN, _contribution, net_sales),
    "settlement_deposits": summed("settlement_deposits"),
    "deferred_balance": summed("deferred_balance"),
    "reconciliation_difference": summed("reconciliation_difference"),
}


def add(book: Book, business: Business, month: Month) -> None:
    for account in business.catalogue.accounts:
        payer = _Payer(book, account.account_id, "amazon_sp", CURRENCY)
        for charge in _amazon_fees(business, account.account_id, month):
            payer.charge(charge)
        _add_amazon_cash(payer, business, month)
    for shop in business.shops:
        payer = _Payer(book, shop.account_id, shop.platform, shop.currency)
        if shop.platform == "walmart":
            _add_walmart(payer, business, shop, month)
        elif shop.platform == "tiktok_shop":
            _add_tiktok(payer, business, shop, month)
    _add_differences(book, business, month)
    for (kind, _), measures in book.sums.items():
        if kind not in _WITHOUT_MARGIN and any(name in measures for name in (*_MARGIN, "ad_cost")):
            measures["has_margin"] = Decimal(1)


@dataclass(frozen=True, slots=True)
class Charge:
    """What a platform charges on a day, in cents; no SKU: the account as a whole."""

    day: date
    sku: Sku | None
    line: str
    cents: int
    is_final: bool = True


@dataclass(frozen=True, slots=True)
class _Payer:
    """An account, and the book that its fees and its money go to."""

    book: Book
    account_id: str
    platform: str
    currency: str

    @property
    def above(self) -> tuple[Entity, ...]:
        return COMPANY, platform_entity(self.platform), account_entity(self.account_id)

    def of(self, sku: Sku) -> tuple[Entity, ...]:
        return *self.above, *sku_entities(sku, self.account_id)

    def charge(self, charge: Charge) -> None:
        amount = amount_of(charge.cents)
        entities = self.of(charge.sku) if charge.sku else self.above
        provisional = Decimal(0) if charge.is_final else amount
        measures = {"all_fees": amount, "provisional_fees": provisional, f"{charge.line}_fees": amount}
        self.book.pay(entities, self.currency, charge.day, **measures)

    def pay(self, day: date, **amounts: Decimal) -> None:
        self.book.pay(self.above, self.currency, day, **amounts)


# -- Amazon --------------------------------------------------------------------------------------------------------


def final_until(business: Business, account_id: str, revision: int) -> date:
    """The first day that the account's closed settlements, which follow one another, don't hold wholly."""
    found = money.settlements(business, account_id, revision)
    if not found:
        return business.first_day
    end = found[-1].end
    day = marketplace_day(end)
    return day + timedelta(days=1) if day_start(day + timedelta(days=1)) <= end else day


def _amazon_fees(business: Business, account_id: str, month: Month) -> Iterator[Charge]:
    until = final_until(business, account_id, month.revision)
    for transaction, item, amount in _settled(business, account_id, month.revision):
        line = SETTLED.get(amount.description)
        if line and amount.amount_type in AMAZON_FEES and transaction.day < until and month.holds(transaction.day):
            yield Charge(transaction.day, item.sku, line, -amount.cents)
    for day in month.days:
        if day < until:
            for sku, cents in storage_fees(business, account_id, day).items():
                yield Charge(day, sku, "storage", cents)
    for (day, sku), facts in sku_days(business, account_id, month.revision).items():
        if day >= until and month.holds(day):
            for name, cents in facts.fees.items():
                if cents:
                    yield Charge(day, sku, EXPECTED[name], cents, is_final=False)


def _settled(
    business: Business, account_id: str, revision: int
) -> Iterator[tuple[money.Transaction, money.Item, money.Amount]]:
    for settlement in money.settlements(business, account_id, revision):
        for transaction in settlement.transactions:
            for item in transaction.items:
                for amount in item.amounts:
                    yield transaction, item, amount


def _add_amazon_cash(payer: _Payer, business: Business, month: Month) -> None:
    for settlement in money.settlements(business, payer.account_id, month.revision):
        day = marketplace_day(settlement.deposited_at)
        if month_start(day) == month.first:
            payer.pay(day, settlement_deposits=amount_of(settlement.total))
    posted = money.transactions(business, payer.account_id, month.revision)
    released = {one.related_id: one.day for one in posted if one.status == "RELEASED" and one.related_id}
    held = [one for one in posted if one.status != "RELEASED" and one.day <= month.last]
    still = [one for one in held if one.transaction_id not in released or released[one.transaction_id] > month.last]
    payer.pay(month.last, deferred_balance=amount_of(sum(one.total for one in still)))


# -- shops ---------------------------------------------------------------------------------------------------------


def _add_walmart(payer: _Payer, business: Business, shop: Shop, month: Month) -> None:
    for settlement in walmart_money.settlements(business, shop):
        for line in settlement.lines:
            if line.amount_type in walmart_money.FEES and month.holds(line.posted_on):
                sku = line.line.sku if line.line else None
                payer.charge(Charge(line.posted_on, sku, WALMART.get(line.description, "fulfilment"), -line.amount))
        if month.holds(settlement.report_date):
            payer.pay(settlement.report_date, settlement_deposits=amount_of(settlement.total))


def _add_tiktok(payer: _Payer, business: Business, shop: Shop, month: Month) -> None:
    for statement in tiktok_money.statements(business, shop, month.revision):
        if month.holds(statement.day):
            for transaction in statement.transactions:
                charged = [(line, getattr(transaction, name)) for name, line in TIKTOK.items()]
                charged.append((ADJUSTED.get(transaction.kind, "other"), transaction.adjustment))
                for line, cents in charged:
                    if cents:
                        payer.charge(Charge(statement.day, None, line, -cents))
        paid_on = (statement.made_at + tiktok_money.PAID_AFTER).astimezone(shop.zone).date()
        day = paid_on if statement.is_paid else statement.day
        if month_start(day) == month.first:
            cents = statement.total("settlement") if statement.is_paid else 0
            payer.pay(day, settlement_deposits=amount_of(cents))


# -- the books -----------------------------------------------------------------------------------------------------


def _add_differences(book: Book, business: Business, month: Month) -> None:
    """An account has the KPI where books and platform can be compared at all: where something was booked."""
    lines, planted = books(business, month.revision)
    found = [(one.day, one.account_id, one.erp_amount - one.platform_amount) for one in planted]
    for fee in booked_fees(business, month.revision)[1]:
        found.append((fee.fee.day, fee.fee.account_id, fee.erp_amount - fee.fee.amount))
    booked = {line.account_id for line in lines if month.holds(line.day)}
    payers = [_Payer(book, account.account_id, "amazon_sp", CURRENCY) for account in business.catalogue.accounts]
    payers += [_Payer(book, shop.account_id, shop.platform, shop.currency) for shop in business.shops]
    for payer in payers:
        if payer.account_id in booked:
            payer.pay(month.first, reconciliation_difference=Decimal(0))
        for day, account_id, cents in found:
            if account_id == payer.account_id and month.holds(day):
                payer.pay(day, reconciliation_difference=amount_of(abs(cents)))
