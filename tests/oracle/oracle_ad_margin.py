"""What ads may cost and what targets without a sale did cost: wasted cost, break-even ACoS, profit of ads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from tests.oracle.books import Books, cell, rounded
from tests.oracle.business_ads import PRODUCTS
from tests.oracle.engine import Place, Sums
from tests.oracle.facts import Fact, currency_of, entities_of
from tests.oracle.kpis import BUSINESS, Expected, Key
from tests.oracle.missing import Exact, Number, exact, minus, over, plus, times, total
from tests.oracle.oracle_ads import _attributed, ads
from tests.oracle.oracle_commerce import ZERO
from tests.oracle.periods import GRAINS, start_of

Values = dict[Key, Expected]


@dataclass
class Target:
    """What a target did in a period, its cost in the currency of the entity that it is looked at for."""

    clicks: Exact = ZERO
    cost: Number = None
    sales: Exact = ZERO
    purchases: Exact = ZERO
    is_judged: bool = False
    # Whether some of its cost is in a currency without a rate.
    is_unknown: bool = False

    @property
    def is_wasted(self) -> bool:
        return self.clicks > 0 and self.sales <= 0 and self.purchases <= 0


def _targets(books: Books) -> Iterator[tuple[Fact, tuple[object, ...], Number, Number]]:
    """Each report row of a target as a fact with its clicks and cost; the target; its sales and purchases."""
    for product in PRODUCTS:
        for account, row in books.world.rows(f"amazon_ads__{product}_targeting"):
            sales, purchases = _attributed(row, product)
            keyword = cell(row.get("keyword_id")) or cell(row.get("targeting_id"))
            text = row.get("targeting") if product == "sp" else row.get("targeting_text")
            target = (account, product, row["campaign_id"], row["ad_group_id"], keyword, text)
            fact = Fact(
                account,
                row["date"],
                {"clicks": exact(row["clicks"]) or ZERO, "cost": exact(row["cost"])},
                currency=(cell(row["campaign_budget_currency_code"]) or "").upper() or None,
                campaign=row["campaign_id"],
                ad_group=row["ad_group_id"],
            )
            yield fact, target, sales, purchases


def waste(books: Books) -> dict[Place, tuple[Number, Number]]:
    """Wasted and targeted cost by entity and period; a day says nothing about a target."""
    found: dict[Place, dict[tuple[object, ...], Target]] = defaultdict(lambda: defaultdict(Target))
    for fact, key, sales, purchases in _targets(books):
        for kind, entity in entities_of(fact, books):
            into = currency_of(kind, entity, fact, books)
            factor = books.factor(fact.currency or books.currency(fact.account), into, fact.day)
            cost = fact.measures["cost"]
            for grain in GRAINS[1:]:
                target = found[Place(kind, entity, grain, start_of(grain, fact.day))][key]
                target.clicks += fact.measures["clicks"]
                target.cost = total((target.cost, times(cost, factor) if cost else cost))
                target.is_unknown |= bool(cost) and factor is None
                target.sales += sales or ZERO
                target.purchases += purchases or ZERO
                target.is_judged |= sales is not None or purchases is not None
    judged = {place: [target for target in targets.values() if target.is_judged] for place, targets in found.items()}
    return {place: _waste_of(targets) for place, targets in judged.items() if targets}


def _waste_of(judged: list[Target]) -> tuple[Number, Number]:
    """Cost of wasted targets (0 of the others) and of all."""
    wasted = [target for target in judged if target.is_wasted]
    others = [ZERO] if len(wasted) < len(judged) else []
    return _cost(wasted, others), _cost(judged)


def _cost(targets: list[Target], others: Sequence[Number] = ()) -> Number:
    if any(target.is_unknown for target in targets):
        return None
    return total([*(target.cost for target in targets), *others])


@dataclass
class Group:
    """An ad group's or campaign's ad sales by SKU in a period."""

    account: str
    sales: dict[str, Number] = field(default_factory=dict)


def _groups(books: Books) -> dict[Place, Group]:
    found: dict[Place, Group] = {}
    for fact in books.once(_all_ads):
        if fact.sku is None:
            continue
        factor = books.factor(fact.currency or books.currency(fact.account), books.currency(fact.account), fact.day)
        for kind, entity in entities_of(fact, books):
            if kind not in ("campaign", "ad_group"):
                continue
            for grain in GRAINS:
                place = Place(kind, entity, grain, start_of(grain, fact.day))
                group = found.setdefault(place, Group(fact.account))
                known = group.sales.setdefault(fact.sku, None)
                number = times(fact.measures["ad_sales"], factor)
                group.sales[fact.sku] = number if known is None else known + (number or ZERO)
    return found


def _all_ads(books: Books) -> list[Fact]:
    return list(ads(books))


def break_even(books: Books, sums: Sums, values: Values) -> dict[Place, tuple[Number, Number]]:
    """Margin before ads and net sales that the ads' sales brought: the ACoS at which nothing is left."""
    found: dict[Place, tuple[Number, Number]] = {}
    for place in sums.places["sales"] | sums.places["refunds"] | sums.places["fees"]:
        if place.kind in BUSINESS:
            margin, net = (
                values.get((kpi, place.entity, place.grain, place.start)) for kpi in ("margin_before_ads", "net_sales")
            )
            found[place] = _known(margin and margin.value, net and net.value)
    for place, group in _groups(books).items():
        found[place] = _known(*_of_group(place, group, values))
    return found


def _known(margin: Number, net: Number) -> tuple[Number, Number]:
    """Nothing at all where nothing was sold, or less."""
    return (margin, net) if net is not None and net > 0 else (None, None)


def _of_group(place: Place, group: Group, values: Values) -> tuple[Number, Number]:
    above: Number = ZERO
    below, some = ZERO, False
    for sku, sales in group.sales.items():
        entity = f"sku:{group.account}/{sku}"
        net = values.get(("net_sales", entity, place.grain, place.start))
        if net is None or net.value is None or net.value <= 0 or not sales:
            continue
        margin = values.get(("margin_before_ads", entity, place.grain, place.start))
        earned = margin.value if margin else None
        some, below = True, below + sales
        above = plus(above, times(sales, over(earned, net.value)))
    return (above, below) if some else (None, None)


def share(numbers: tuple[Number, Number]) -> Number:
    """The break-even ACoS; no value where nothing was sold, or less."""
    return over(*numbers) if numbers[1] is not None and numbers[1] > 0 else None


def values_of(books: Books, sums: Sums, values: Values) -> Values:
    """wasted_ad_cost_share, break_even_acos and ad_profit."""
    found: Values = {}
    for place, (wasted, targeted) in books.once(waste).items():
        key = ("wasted_ad_cost_share", place.entity, place.grain, place.start)
        found[key] = Expected(wasted, targeted, over(wasted, targeted), None)
    even = break_even(books, sums, values)
    for place, numbers in even.items():
        key = ("break_even_acos", place.entity, place.grain, place.start)
        found[key] = Expected(*numbers, share(numbers), None)
    for place in sums.places["ads"]:
        sales, cost = (sums.numbers.get((name, place)) for name in ("ad_sales", "ad_cost"))
        profit = minus(times(sales, share(even.get(place, (None, None)))), cost)
        profit = None if profit is None else rounded(profit)
        key = ("ad_profit", place.entity, place.grain, place.start)
        found[key] = Expected(profit, None, profit, sums.currencies[place.entity])
    return found


__all__ = ["break_even", "date", "share", "values_of", "waste"]
