"""What Amazon charges for a sale, a refund and a month of storage: whole cents, from the records alone.

The rates are the simulation's own, near Amazon's published ones: a referral fee by category of what the buyer pays, a
fulfilment fee a unit by size, a refund administration fee of a fifth of the referral fee (at most 5 dollars), storage a
unit and month, a subscription a month.
"""

from __future__ import annotations

from airflow_dags.sandbox.business.catalogue import Sku, stable_number
from airflow_dags.sandbox.business.records import Line

REFERRAL_RATES = {"audio": 800, "wearables": 800}  # hundredths of a per cent
DEFAULT_REFERRAL_RATE = 1500
SMALLEST_REFERRAL_FEE = 30
# Cents a unit, by size tier.
FULFILMENT_FEES = (331, 386, 477, 540, 682, 975)
STORAGE_FEES = (9, 14, 22, 38, 61, 104)
REFUND_FEE_CAP = 500
SUBSCRIPTION_FEE = 3999
MERCHANT_SHIPPING = 599
TAX_RATE = 0.08


def size_tier(sku: Sku) -> int:
    return stable_number(sku.sku, "size") % len(FULFILMENT_FEES)


def shipping(line: Line, is_merchant_fulfilled: bool) -> int:
    """What the buyer pays for shipping of the line, as the orders report states it."""
    return MERCHANT_SHIPPING if is_merchant_fulfilled and line.price is not None else 0


def tax(line: Line) -> int:
    """Sales tax of the line, which Amazon collects and remits."""
    return round((line.price or 0) * TAX_RATE)


def referral_fee(line: Line, is_merchant_fulfilled: bool) -> int:
    """Of the line: a share of price less promotion plus shipping, half a cent up, at least 30 cents a unit."""
    paid = (line.price or 0) - line.promotion + shipping(line, is_merchant_fulfilled)
    rate = REFERRAL_RATES.get(line.sku.cell.category, DEFAULT_REFERRAL_RATE)
    return max((paid * rate + 5000) // 10_000, SMALLEST_REFERRAL_FEE * line.quantity)


def fulfilment_fee(line: Line, is_merchant_fulfilled: bool) -> int:
    """Of the line; nothing where the seller ships."""
    return 0 if is_merchant_fulfilled else FULFILMENT_FEES[size_tier(line.sku)] * line.quantity


def refund_fee(returned_referral_fee: int) -> int:
    """What Amazon keeps of a referral fee that it gives back."""
    return min(REFUND_FEE_CAP, returned_referral_fee // 5)


def storage_fee(sku: Sku, units: int) -> int:
    """Of a month in which ``units`` were in stock on average."""
    return STORAGE_FEES[size_tier(sku)] * units
