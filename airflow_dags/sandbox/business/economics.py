"""The seller's economics by SKU and day: what was sold, refunded, charged and advertised, as it happened.

Provisional by nature: a sale counts on the day of the order with the fees that it will bear, before it ships. Over time
it agrees with what is posted and settled (`business.money`), but for what concerns the whole account: the subscription,
and the little advertising cost that no advertised product shows.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from airflow_dags.sandbox.business.catalogue import Sku
from airflow_dags.sandbox.business.proceeds import refunds, sales, storage_fees

if TYPE_CHECKING:
    from airflow_dags.sandbox.business.simulation import Business

REFERRAL, FULFILMENT, REFUND, STORAGE = (
    "Referral fees",
    "FBA fulfillment fees",
    "Refund administration fees",
    "FBA storage fees",
)


@dataclass(slots=True)
class SkuDay:
    """Whole cents; ``fees`` by type, positive is charged; ``units_charged`` are those that a fee was charged for."""

    units: int = 0
    sales: int = 0
    units_refunded: int = 0
    refunds: int = 0
    ads: int = 0
    fees: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    units_charged: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    shipping: int = 0
    promotion: int = 0


def sku_days(business: Business, account_id: str, revision: int) -> dict[tuple[date, Sku], SkuDay]:
    """Everything of the account by marketplace day and SKU; pairs without anything are missing."""
    found: dict[tuple[date, Sku], SkuDay] = defaultdict(SkuDay)
    for sale in sales(business, account_id, revision):
        facts = found[sale.day, sale.line.sku]
        facts.units += sale.line.quantity
        facts.sales += sale.principal
        facts.promotion += sale.promotion
        facts.shipping += sale.shipping
        for name, cents in ((REFERRAL, sale.referral_fee), (FULFILMENT, sale.fulfilment_fee)):
            if cents:
                facts.fees[name] += cents
                facts.units_charged[name] += sale.line.quantity
    for refund in refunds(business, account_id, revision):
        facts = found[refund.day, refund.line.sku]
        facts.units_refunded += refund.quantity
        facts.refunds += refund.principal
        facts.promotion -= refund.promotion
        facts.fees[REFERRAL] -= refund.referral_fee
        facts.fees[REFUND] += refund.refund_fee
        facts.units_charged[REFUND] += refund.quantity
    for day in business.days():
        for sku, cents in storage_fees(business, account_id, day).items():
            found[day, sku].fees[STORAGE] += cents
        for row in business.ads(account_id, day, revision):
            found[day, row.sku].ads += row.cost
    return dict(found)
