"""How much of each SKU sells on a day, and which ad group caused which line.

Quantities are spread so that a cell's sales stay within one product's price of what is expected, with what rounding
left carried to the next day of the month. So a whole is smooth although every SKU is uneven, and a shortfall of 30 % is
plain to see from the second day of a month on. Nothing here depends on the day the simulation ends, but for the planted
shortfall, which starts on a day that is the same for the whole month.
"""

from __future__ import annotations

import random
from datetime import date

from airflow_dags.sandbox.business.calendar import add_months, event_of, month_start, strength
from airflow_dags.sandbox.business.catalogue import UNDER_PACE_ACCOUNT, AdGroup, Catalogue, Cell, Sku, stable_share
from airflow_dags.sandbox.business.records import Line

SHORTFALL = 0.70  # what is left of the sales of the account that is under its pace
ACOS_OVER_LINE = 0.80


def trouble_from(as_of: date) -> date:
    """The first day of the planted troubles: so early that the month before the current one lies wholly in them."""
    return add_months(month_start(as_of), -2).replace(day=15)


def expected_sales(cell: Cell, day: date) -> float:
    """Cents that the cell sells on the day by plan: without the planted shortfall, without noise."""
    return cell.level * strength(day)


class MonthDemand:
    """The sequence of days of one month; call `day` for each day in order."""

    def __init__(self, catalogue: Catalogue, as_of: date) -> None:
        self.catalogue = catalogue
        self.trouble_from = trouble_from(as_of)
        self._carry = dict.fromkeys(catalogue.cells, 0.0)
        self._ad_deficit: dict[AdGroup, float] = dict.fromkeys(catalogue.ad_groups, 0.0)
        self._ad_groups_of = {
            sku: [group for group in sku.cell.ad_groups if sku in group.skus] for sku in catalogue.skus
        }

    def sales_today(self, cell: Cell, day: date) -> float:
        """The cell's cents of the day with the day's noise and, where planted, the shortfall."""
        noise = 0.97 + 0.06 * stable_share(self.catalogue.seed, cell.account.account_id, cell.category, day)
        in_trouble = cell.account.account_id == UNDER_PACE_ACCOUNT and day >= self.trouble_from
        return expected_sales(cell, day) * noise * (SHORTFALL if in_trouble else 1.0)

    def lines_of(self, cell: Cell, day: date, rng: random.Random) -> list[Line]:
        """The cell's sold lines of the day, in random order, each with its promotion and the ad group behind it."""
        sales = self.sales_today(cell, day)
        promoted = 0.45 if event_of(day) else 0.08
        owed, last = self._carry[cell], cell.skus[-1]
        lines: list[Line] = []
        for sku in cell.skus:
            owed += sales * sku.share
            price = sku.price_on(day)
            # Rounding up or down by chance: a dear product sells now and then, the cheapest takes up the difference.
            units = max(0, int(owed / price + (0.5 if sku is last else rng.random())))
            owed -= units * price
            self._split(sku, price, units, promoted, lines=lines, rng=rng)
        self._carry[cell] = owed
        rng.shuffle(lines)
        self._attribute(cell, sales, lines)
        return lines

    @staticmethod
    def _split(sku: Sku, each: int, units: int, promoted: float, *, lines: list[Line], rng: random.Random) -> None:
        """Append lines for the units, at the day's price of each in cents."""
        while units > 0:
            draw = rng.random()
            quantity = min(units, 1 if draw < 0.86 else 2 if draw < 0.97 else 3)
            price = quantity * each
            promotion = round(price * rng.choice((0.05, 0.10, 0.15, 0.20))) if rng.random() < promoted else 0
            lines.append(Line(sku, quantity, price, promotion))
            units -= quantity

    def _attribute(self, cell: Cell, sales: float, lines: list[Line]) -> None:
        """Gives lines to ad groups so that each keeps close to its share of the cell's sales."""
        deficit = self._ad_deficit
        for group in cell.ad_groups:
            deficit[group] += sales * group.share
        for line in lines:
            groups = self._ad_groups_of[line.sku]
            if not groups:
                continue
            neediest = max(groups, key=deficit.__getitem__)
            price = line.price or 0
            if deficit[neediest] >= price / 2:
                deficit[neediest] -= price
                line.ad_group = neediest
