"""Prices that are cut for some days, as a typing error or a repricer cuts them.

Planted in the product of which one account sells most units: once some weeks ago, over after three days, and again
since the last day with data. Buyers take so many more of it that its sales stay what they were; its visitors are as
many as ever, so its conversion rises and its margin falls.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_dags.sandbox.business.catalogue import Cell

CUT_ACCOUNT = "aurora_us"
LEFT_OF_PRICE = 0.60
# First and last day of each cut, in days before the first day without data.
CUTS = ((33, 31), (1, -1))


@dataclass(frozen=True, slots=True)
class PriceCut:
    """Both days are included; cents a unit."""

    first: date
    last: date
    cents: int


def cut_prices(cells: list[Cell], as_of: date) -> None:
    """Plant the cuts in one product. Not in the last one of a cell, which takes up what the others' rounding left."""
    products = [sku for cell in cells if cell.account.account_id == CUT_ACCOUNT for sku in cell.skus[:-1]]
    chosen = max(products, key=lambda sku: sku.cell.level * sku.share / sku.price)
    cents = round(chosen.price * LEFT_OF_PRICE)
    chosen.cuts = tuple(PriceCut(as_of - timedelta(days=a), as_of - timedelta(days=b), cents) for a, b in CUTS)
