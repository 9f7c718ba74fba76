"""What TikTok Shop settles: one statement a UTC day, with a transaction for every order that was settled or refunded.

An order is settled `SETTLED_AFTER` after its delivery, with the refunds that it has by then; a later refund is a
transaction of its own. TikTok takes a referral fee, the affiliate's commission where an affiliate sold the order, and
the shipping that the buyer doesn't pay; now and then it adjusts. Money is whole cents and signed from the seller's
side: settlement = revenue + shipping + fees + adjustment. Instants are UTC.

Revision 1 restates the statements of the last `RESTATED_DAYS` days: an adjustment is added to each, and payments that
were under way have been made.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from airflow_dags.sandbox.business.catalogue import stable_number, stable_share
from airflow_dags.sandbox.business.shops import Shop, ShopLine, ShopOrder, ShopRefund

if TYPE_CHECKING:
    from airflow_dags.sandbox.business.simulation import Business

SETTLED_AFTER = timedelta(days=8)
RESTATED_DAYS = 3
PAID_AFTER = timedelta(days=2)
REFERRAL_RATE = 6  # per cent of net sales
REFUND_FEE_RATE, REFUND_FEE_MAX = 20, 500  # per cent of the referral fee that is given back; cents
AFFILIATE_SHARE, AFFILIATE_RATES = 0.35, (10, 12, 15)  # orders that an affiliate sold; per cent of net sales
PLATFORM_SHARE = 30  # per cent of a line's discount that the platform pays
ADJUSTMENTS = ("LOGISTICS_REIMBURSEMENT", "PLATFORM_PENALTY", "SHIPPING_FEE_ADJUSTMENT")
FIRST_ORDER_ID = 576_460_000_000_000_000


@dataclass(frozen=True, slots=True)
class TiktokTransaction:
    """One order's settlement, the refund of one that was settled before, or an adjustment; cents, signed."""

    transaction_id: str
    kind: str
    order: ShopOrder
    gross_sales: int = 0
    gross_sales_refund: int = 0
    seller_discount: int = 0
    seller_discount_refund: int = 0
    referral_fee: int = 0
    refund_administration_fee: int = 0
    affiliate_commission: int = 0
    actual_shipping_fee: int = 0
    customer_paid_shipping_fee: int = 0
    shipping_fee_discount: int = 0
    return_shipping_fee: int = 0
    adjustment: int = 0

    @property
    def revenue(self) -> int:
        return self.gross_sales + self.gross_sales_refund + self.seller_discount + self.seller_discount_refund

    @property
    def fees(self) -> int:
        return self.referral_fee + self.refund_administration_fee + self.affiliate_commission

    @property
    def shipping(self) -> int:
        paid_in = self.customer_paid_shipping_fee + self.shipping_fee_discount
        return self.actual_shipping_fee + paid_in + self.return_shipping_fee

    @property
    def settlement(self) -> int:
        return self.revenue + self.shipping + self.fees + self.adjustment


@dataclass(slots=True)
class TiktokStatement:
    """The settlements of one UTC day, made at its end; `day` is the shop's day on which it was made."""

    statement_id: str
    day: date
    made_at: datetime
    is_paid: bool
    transactions: list[TiktokTransaction] = field(default_factory=list)

    def total(self, measure: str) -> int:
        return sum(getattr(transaction, measure) for transaction in self.transactions)


def order_id(order: ShopOrder) -> str:
    """TikTok's order ids are numbers of 18 digits."""
    return str(FIRST_ORDER_ID + order.number)


def platform_discount(line: ShopLine) -> int:
    """The part of the line's discount that TikTok pays; the rest is the seller's."""
    return line.discount * PLATFORM_SHARE // 100


def seller_discount(line: ShopLine) -> int:
    return line.discount - platform_discount(line)


def statements(business: Business, shop: Shop, revision: int) -> list[TiktokStatement]:
    """All statements that TikTok has made by the end of the data, oldest first."""
    closed_at = shop.day_start(business.as_of)
    by_day: dict[date, list[TiktokTransaction]] = defaultdict(list)
    for day in business.days():
        for order in business.shop_orders(shop, day, revision):
            for at, transaction in _transactions_of(business.seed, order):
                by_day[at.astimezone(UTC).date()].append(transaction)
    found = []
    for covered in sorted(by_day):
        made_at = datetime(covered.year, covered.month, covered.day, tzinfo=UTC) + timedelta(days=1)
        if made_at > closed_at:
            continue
        is_recent = closed_at - made_at <= timedelta(days=RESTATED_DAYS)
        statement = TiktokStatement(
            statement_id=str(7_238_000_000_000_000_000 + (covered - date(2020, 1, 1)).days * 1_000_003 + shop.index),
            day=made_at.astimezone(shop.zone).date(),
            made_at=made_at,
            is_paid=closed_at - made_at > PAID_AFTER or (revision == 1 and closed_at - made_at > timedelta(days=1)),
            transactions=sorted(by_day[covered], key=lambda item: (item.order.purchased_at, item.transaction_id)),
        )
        if revision == 1 or not is_recent:
            statement.transactions += _adjustments(business.seed, statement, is_late=is_recent)
        found.append(statement)
    return found


def _transactions_of(seed: int, order: ShopOrder) -> list[tuple[datetime, TiktokTransaction]]:
    """What the order brings and takes, with the instants at which TikTok settles it."""
    if order.delivered_at is None:
        return []
    settled_at = order.delivered_at + SETTLED_AFTER
    early = [refund for refund in order.refunds if refund.at < settled_at]
    found = [(settled_at, _settlement(seed, order, early))]
    for refund in order.refunds:
        if refund.at >= settled_at:
            found.append((refund.at, _late_refund(seed, order, refund)))
    return found


def _settlement(seed: int, order: ShopOrder, refunds: list[ShopRefund]) -> TiktokTransaction:
    gross = sum(line.price for line in order.lines)
    discount = sum(seller_discount(line) for line in order.lines)
    back = [_refunded(seed, order, refund) for refund in refunds]
    actual = 480 + 40 * (stable_number(seed, order.number, "parcel") % 9)
    return TiktokTransaction(
        transaction_id=_transaction_id(order, 0),
        kind="ORDER",
        order=order,
        gross_sales=gross,
        gross_sales_refund=-sum(item["gross"] for item in back),
        seller_discount=-discount,
        seller_discount_refund=sum(item["discount"] for item in back),
        referral_fee=-_share(gross - discount, REFERRAL_RATE) + sum(item["referral"] for item in back),
        refund_administration_fee=-sum(item["administration"] for item in back),
        affiliate_commission=-_share(gross - discount, _affiliate_rate(seed, order))
        + sum(item["affiliate"] for item in back),
        actual_shipping_fee=-actual,
        customer_paid_shipping_fee=order.shipping,
        shipping_fee_discount=0 if order.shipping else actual // 2,
        return_shipping_fee=-sum(item["parcel"] for item in back),
    )


def _late_refund(seed: int, order: ShopOrder, refund: ShopRefund) -> TiktokTransaction:
    item = _refunded(seed, order, refund)
    return TiktokTransaction(
        transaction_id=_transaction_id(order, refund.line_number),
        kind="ORDER",
        order=order,
        gross_sales_refund=-item["gross"],
        seller_discount_refund=item["discount"],
        referral_fee=item["referral"],
        refund_administration_fee=-item["administration"],
        affiliate_commission=item["affiliate"],
        return_shipping_fee=-item["parcel"],
    )


def _refunded(seed: int, order: ShopOrder, refund: ShopRefund) -> dict[str, int]:
    """What a refund takes from the seller, and what of the fees it gives back; all positive."""
    line = next(line for line in order.lines if line.number == refund.line_number)
    gross = line.price * refund.quantity // line.quantity
    discount = seller_discount(line) * refund.quantity // line.quantity
    referral = _share(gross - discount, REFERRAL_RATE)
    return {
        "gross": gross,
        "discount": discount,
        "referral": referral,
        "administration": min(REFUND_FEE_MAX, _share(referral, REFUND_FEE_RATE)),
        "affiliate": _share(gross - discount, _affiliate_rate(seed, order)),
        "parcel": 525 if refund.is_return else 0,
    }


def _adjustments(seed: int, statement: TiktokStatement, is_late: bool) -> list[TiktokTransaction]:
    """One statement in eight holds an adjustment; each of the last ones gets it at the restatement."""
    if not is_late and stable_share(seed, statement.statement_id, "adjustment") >= 0.125:
        return []
    number = stable_number(seed, statement.statement_id, "adjusted")
    kind, order = ADJUSTMENTS[number % len(ADJUSTMENTS)], statement.transactions[0].order
    cents = 350 + number % 2400
    amount = cents if kind == "LOGISTICS_REIMBURSEMENT" else -cents
    return [TiktokTransaction(_transaction_id(order, 9), kind, order, adjustment=amount)]


def _affiliate_rate(seed: int, order: ShopOrder) -> int:
    """Per cent of net sales that the affiliate gets who sold the order; 0 where none did."""
    if stable_share(seed, order.shop.account_id, order.number, "affiliate") >= AFFILIATE_SHARE:
        return 0
    return AFFILIATE_RATES[stable_number(seed, order.number, "affiliate rate") % len(AFFILIATE_RATES)]


def _share(cents: int, per_cent: int) -> int:
    return (cents * per_cent + 50) // 100


def _transaction_id(order: ShopOrder, number: int) -> str:
    return str(1_636_700_000_000_000_000 + order.number * 10 + number)
