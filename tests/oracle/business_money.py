"""Fees, settlements, held-back money of a random business: provisional and final, with charges that nobody knows."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

from tests.oracle.business_commerce import ORDERS
from tests.oracle.businesses import Business
from tests.oracle.world import Account, Row

CHARGES = (
    "Referral Fees",
    "referral fee",
    "FBA Fulfillment Fees",
    "FBA Storage Fees",
    "Aged Inventory Surcharge",
    "Low Inventory Level Fees",
    "FBA Inbound Placement Service Fees",
    "Removal Fees",
    "A fee of tomorrow",
)
SETTLED = (
    ("Order", "ItemPrice", "Principal"),
    ("Order", "ItemPrice", "Tax"),
    ("Order", "ItemFees", "Commission"),
    ("Order", "ItemFees", "FBAPerUnitFulfillmentFee"),
    ("Order", "ItemFees", "LowInventoryLevelFee"),
    ("Order", "Promotion", "Shipping"),
    ("Refund", "ItemFees", "RefundCommission"),
    ("Refund", "ItemFees", "Commission"),
    ("other-transaction", "other-transaction", "Storage Fee"),
    ("other-transaction", "other-transaction", "Subscription Fee"),
    ("other-transaction", "other-transaction", "Current Reserve Amount"),
    ("other-transaction", "other-transaction", "FBAInboundConvenienceFee"),
    ("other-transaction", "other-transaction", "A charge of tomorrow"),
    ("CouponRedemptionFee", "CouponRedemptionFee", "Coupon 17"),
    ("ServiceFee", "Cost of Advertising", "TransactionTotalAmount"),
)
RECON = (
    ("Product Price", ""),
    ("Commission on Product", ""),
    ("Product tax", ""),
    ("Fee/Reimbursement", "WFS Fulfillment fee"),
    ("Fee/Reimbursement", "WFS StorageFee"),
    ("Fee/Reimbursement", "WFS LongTermStorageFee"),
    ("Fee/Reimbursement", "Walmart Connect"),
    ("Fee/Reimbursement", "Something new"),
)


def fill(found: Business) -> None:
    for account in found.of("amazon_sp"):
        _economics(found, account)
        _settlements(found, account)
        _finances(found, account)
    for account in found.of("walmart"):
        _recon(found, account)
    for account in found.of("tiktok_shop"):
        _statements(found, account)


def _economics(found: Business, account: Account) -> None:
    make = found.make
    rows: list[Row] = []
    for day in make.any_days(6, 14):
        for sku in make.some(found.skus):
            shared = {
                "start_date": day,
                "end_date": day,
                "marketplace_id": "M",
                "msku": sku,
                "currency": account.currency,
            }
            refunded = make.one((None, 0, 0, 1, 2))
            rows.append(
                {
                    **shared,
                    "row_level": "product",
                    "units_ordered": make.count(0, 5),
                    "units_refunded": refunded,
                    "refunded_product_sales": make.unkind(0, 40)
                    if refunded
                    else make.one((None, Decimal(0), Decimal(0))),
                }
            )
            for number, charge in enumerate(make.some(CHARGES)[:3]):
                # Amazon's schema has no charge without an amount.
                amount, promotion, tax = make.unkind(0, 15, null=0), make.money(0, 1), make.money(0, 1)
                whole = None if amount is None or make.chance(0.2) else amount - promotion + tax
                rows.append(
                    {
                        **shared,
                        "row_level": "fee",
                        "charge_type": charge,
                        "charge_id": str(number),
                        "amount": amount,
                        "promotion_amount": promotion,
                        "tax_amount": tax,
                        "total_amount": whole,
                    }
                )
            if make.chance(0.2):
                rows.append(
                    {**shared, "row_level": "ad", "charge_type": "Sponsored Products", "total_amount": make.money()}
                )
    if rows and make.chance(0.3):  # a month's row beside those of days
        rows.append({**rows[0], "end_date": rows[0]["start_date"] + timedelta(days=27)})
    found.load("amazon_sp__economics", account, rows)


def _settlements(found: Business, account: Account) -> None:
    """Some closed settlements in a row, their ends a minute apart at most, sometimes with a gap of days."""
    make, zone = found.make, ZoneInfo(account.time_zone or "UTC")
    first = make.days[0] + timedelta(days=make.whole(0, 9))
    begin = datetime(first.year, first.month, first.day, make.whole(0, 23), 17, tzinfo=zone).astimezone(timezone.utc)
    rows: list[Row] = []
    for _ in range(make.whole(0, 3)):
        end = begin + timedelta(days=make.whole(6, 15), hours=make.whole(0, 3))
        rows += _settlement(found, account, begin, end)
        begin = end + make.one((timedelta(0), timedelta(seconds=60), timedelta(seconds=61), timedelta(days=3)))
    if rows:
        found.load("amazon_sp__settlement", account, rows)


def _settlement(found: Business, account: Account, begin: datetime, end: datetime) -> list[Row]:
    make, seconds = found.make, int((end - begin).total_seconds())
    number = str(make.big_serial())
    shared = {
        "settlement_id": number,
        "started_at": begin,
        "ended_at": end,
        "deposited_at": None if make.chance(0.15) else end + timedelta(days=2),
        "currency": account.currency,
    }
    lines: list[Row] = []
    for line in range(1, make.whole(4, 16)):
        kind, group, charge = make.one(SETTLED)
        order = make.one(found.kept(ORDERS, account)) if found.kept(ORDERS, account) else ("X", found.sku())
        by_sku = kind != "other-transaction" and make.chance(0.9)
        lines.append(
            {
                **shared,
                "line_number": line,
                "transaction_type": kind,
                "order_id": str(order[0]) if kind != "other-transaction" else None,
                "amount_type": group,
                "amount_description": charge,
                "amount": make.money(0, 40) * make.one((1, -1, -1)),
                "posted_at": None if make.chance(0.05) else begin + timedelta(seconds=make.whole(0, seconds)),
                "sku": order[1] if by_sku else None,
            }
        )
    total = sum((row["amount"] for row in lines), Decimal(0))
    return [{**shared, "line_number": 0, "total_amount": total}, *lines]


def _finances(found: Business, account: Account) -> None:
    """Transactions, some held back, released later by another one or by nobody."""
    make, zone = found.make, account.time_zone or "UTC"
    rows: list[Row] = []

    def transaction(name: str, status: str, at: datetime, **more: object) -> None:
        for line in range(1, make.whole(2, 4)):
            rows.append(
                {
                    "transaction_id": name,
                    "line_number": line,
                    "transaction_status": status,
                    "posted_at": at,
                    "breakdown_path": make.one(("Sales/Principal", "AmazonFees/Commission")),
                    "amount": make.money(0, 50) * make.one((1, 1, -1)),
                    "currency": account.currency,
                    **more,
                }
            )

    for _ in range(make.whole(0, 9)):
        name, day = f"{make.name}-F{make.serial()}", make.day()
        at = make.instant(day, zone)
        status = make.one(("RELEASED", "DEFERRED", "DEFERRED_RELEASED", "DEFERRED_RELEASED"))
        release = f"{name}R"
        if status != "DEFERRED_RELEASED":
            transaction(name, status, at, matures_at=make.one((None, at + timedelta(days=7))))
            continue
        matures = make.one((None, at + timedelta(days=make.whole(0, 9))))
        way = make.one(("deferred", "release", "none"))
        transaction(name, status, at, matures_at=matures, release_transaction_id=release if way == "release" else None)
        if way != "none":
            later = make.instant(make.later(day, 0, 9), zone)
            transaction(
                release, "RELEASED", max(at, later), deferred_transaction_id=name if way == "deferred" else None
            )
    if rows:
        found.load("amazon_sp__finances", account, rows)


def _recon(found: Business, account: Account) -> None:
    make = found.make
    rows: list[Row] = []
    begin = make.days[0] + timedelta(days=make.whole(0, 9))
    for _ in range(make.whole(0, 3)):
        end = begin + timedelta(days=13)
        for line in range(1, make.whole(3, 14)):
            group, description = make.one(RECON)
            rows.append(
                {
                    "settlement_start": begin,
                    "settlement_end": end,
                    "line_number": line,
                    "currency": make.one((account.currency, None)),
                    "transaction_date": begin + timedelta(days=make.whole(-2, 13)),
                    "transaction_type": make.one(("SALE", "REFUNDED", "ADJMNT")),
                    "transaction_description": description,
                    "purchase_order_id": f"{make.name}-P1",
                    "amount": make.money(0, 40) * make.one((1, -1, -1)),
                    "amount_type": group,
                    "sku": found.sku() if make.chance(0.7) else None,
                }
            )
        begin = end + timedelta(days=make.one((1, 1, 4)))
    if rows:
        found.load("walmart__recon", account, rows)


def _statements(found: Business, account: Account) -> None:
    make = found.make
    statements: list[Row] = []
    transactions: list[Row] = []
    for day in make.any_days(0, 6):
        number = str(make.big_serial())
        shared = {
            "statement_id": number,
            "statement_date": day,
            "statement_time": datetime(day.year, day.month, day.day, tzinfo=timezone.utc) + timedelta(days=1),
            "currency": account.currency,
        }
        lines = [_transaction(found, shared) for _ in range(make.whole(1, 4))]
        sums = {name: sum((line[name] for line in lines), Decimal(0)) for name in SUMS}
        paid = make.chance(0.7)
        statements.append(
            {
                **shared,
                **sums,
                "payment_status": make.one(("PAID", "PAID", "FAILED", "PROCESSING")) if paid else None,
                "paid_at": make.instant(make.later(day, 0, 5), account.time_zone or "UTC") if paid else None,
            }
        )
        transactions += lines
    if statements:
        found.load("tiktok_shop__statements", account, statements)
        found.load("tiktok_shop__statement_transactions", account, transactions)


SUMS = ("settlement_amount", "revenue_amount", "shipping_amount", "fee_amount", "adjustment_amount")
NAMED = {
    "revenue_amount": ("gross_sales", "gross_sales_refund", "seller_discount", "seller_discount_refund"),
    "shipping_amount": (
        "actual_shipping_fee",
        "customer_paid_shipping_fee",
        "shipping_fee_discount",
        "return_shipping_fee",
    ),
    "fee_amount": (
        "referral_fee",
        "transaction_fee",
        "platform_commission",
        "refund_administration_fee",
        "affiliate_commission",
        "affiliate_partner_commission",
        "affiliate_ads_commission",
    ),
}


def _transaction(found: Business, shared: Row) -> Row:
    make = found.make
    row: Row = {**shared, "transaction_id": str(make.big_serial()), "order_id": f"{make.name}-T{make.serial()}"}
    row["transaction_type"] = make.one(("ORDER", "ORDER", "LOGISTICS_REIMBURSEMENT", "PLATFORM_PENALTY", "NEW"))
    for whole, names in NAMED.items():
        amounts = {name: make.unkind(0, 9, null=0.3, negative=0.4) for name in make.some(names)}
        rest = make.one((Decimal(0), Decimal(0), make.money(-3, 3)))
        row |= amounts
        row[whole] = sum((amount or Decimal(0) for amount in amounts.values()), rest)
    row["adjustment_amount"] = Decimal(0) if row["transaction_type"] == "ORDER" else make.money(-9, 9)
    row["settlement_amount"] = sum((row[name] for name in SUMS[1:]), Decimal(0))
    return row
