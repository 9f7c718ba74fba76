"""The ad health score: what each part of it costs in points, against peers, break-even and the seller's own target."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from tests.oracle.books import Books, rounded
from tests.oracle.engine import Place, Sums
from tests.oracle.kpis import Expected
from tests.oracle.missing import Exact, Number, minus, over, plus, times
from tests.oracle.oracle_ad_margin import Values, _all_ads, break_even, share, waste
from tests.oracle.oracle_commerce import ZERO
from tests.oracle.periods import start_of

KINDS = ("account", "campaign", "ad_group")
GRAINS = ("week", "month", "quarter", "year")
PRIOR_CLICKS, PRIOR_IMPRESSIONS = Exact(50), Exact(5000)
WEIGHTS = {
    "acos_target": 25,
    "acos_break_even": 20,
    "conversion": 15,
    "ctr": 10,
    "cpc": 10,
    "budget": 5,
    "waste": 15,
}
NAMES = ("impressions", "clicks", "ad_cost", "ad_purchases", "ad_sales")
ONE = Exact(1)
ENOUGH = Exact("1.25")


class Figures(NamedTuple):
    """Impressions, clicks, cost, purchases, sales."""

    seen: Number
    clicks: Number
    cost: Number
    bought: Number
    sales: Number


def capped(number: Number) -> Number:
    return None if number is None else 100 * min(ONE, max(ZERO, number))


class Scores:
    """Scores of one world; ``targets`` are ACoS targets by entity, grain and first day."""

    def __init__(self, books: Books, sums: Sums, values: Values, targets: dict[tuple[str, str, object], Exact]) -> None:
        self.books, self.sums, self.values, self.targets = books, sums, values, targets
        self.wasted = books.once(waste)
        self.even = {place: share(numbers) for place, numbers in break_even(books, sums, values).items()}
        self.parent: dict[str, str] = {}
        self.account: dict[str, str] = {}
        self.product: dict[str, str] = {}
        for fact in books.once(_all_ads):
            campaign = f"campaign:{fact.account}/{fact.campaign}"
            self.product[campaign] = fact.extra["product"]
            self.account[campaign] = f"account:{fact.account}"
            if fact.ad_group is not None:
                group = f"ad_group:{fact.account}/{fact.ad_group}"
                self.parent[group], self.account[group] = campaign, f"account:{fact.account}"
        self.peers: dict[tuple[object, ...], list[Place]] = defaultdict(list)
        for place in sums.places["ads"]:
            if place.kind in ("account", "campaign") and place.grain in GRAINS:
                self.peers[self._circle(place)].append(place)

    def _circle(self, place: Place) -> tuple[object, ...]:
        """What an entity's peers have in common."""
        if place.kind == "account":
            account = place.entity.removeprefix("account:")
            return "account", self.books.platform(account), self.books.currency(account), place.grain, place.start
        campaign = self.parent.get(place.entity, place.entity)
        return "campaign", self.account[campaign], self.product[campaign], place.grain, place.start

    def figures(self, place: Place) -> Figures:
        return Figures(*(self.sums.numbers.get((name, place)) for name in NAMES))

    def expected(self) -> Values:
        found: Values = {}
        for place in self.sums.places["ads"]:
            own = self.figures(place)
            if (
                place.kind not in KINDS
                or place.grain not in GRAINS
                or not ((own.seen or 0) > 0 or (own.clicks or 0) > 0)
            ):
                continue
            score = score_of(self.parts(place, own))
            found["ad_health_score", place.entity, place.grain, place.start] = Expected(score, None, score, None)
        return found

    def parts(self, place: Place, own: Figures) -> dict[str, Number]:
        peers = self.peers[self._circle(place)]
        all_of = Figures(*(_sum(column) for column in zip(*map(self.figures, peers), strict=True)))
        ctr0, cvr0 = over(all_of.clicks, all_of.seen), over(all_of.bought, all_of.clicks)
        cpc0, spc0 = over(all_of.cost, all_of.clicks), over(all_of.sales, all_of.clicks)
        cost, sales = plus(own.cost, times(PRIOR_CLICKS, cpc0)), plus(own.sales, times(PRIOR_CLICKS, spc0))
        rate = over(plus(own.bought, times(PRIOR_CLICKS, cvr0)), plus(own.clicks, PRIOR_CLICKS))
        shown = over(plus(own.clicks, times(PRIOR_IMPRESSIONS, ctr0)), plus(own.seen, PRIOR_IMPRESSIONS))
        return {
            "acos_target": self._target(place, cost, sales),
            "acos_break_even": self._break_even(place, cost, sales),
            # A quarter above the peers' mean is full marks; who has no peers has none.
            "conversion": capped(over(over(rate, cvr0), ENOUGH)) if _more(all_of.clicks, own.clicks) else None,
            "ctr": capped(over(over(shown, ctr0), ENOUGH)) if _more(all_of.seen, own.seen) else None,
            "cpc": self._cpc(place, own),
            "budget": self._budget(place),
            "waste": self._waste(place, peers, cpc0),
        }

    def _acos_part(self, cost: Number, sales: Number, line: Exact, limit: Exact) -> Number:
        """The sub-score of shrunk cost and sales against a line; 0 where cost brought nothing."""
        if cost is None or sales is None:
            return None
        if sales == 0:
            return ZERO if cost > 0 else None
        return capped(limit - cost / sales / line)

    def _target(self, place: Place, cost: Number, sales: Number) -> Number:
        grain, start = place.grain, place.start
        if grain == "week":
            grain, start = "month", start_of("month", start)
        campaign = self.parent.get(place.entity, place.entity)
        for entity in (place.entity, campaign, self.account.get(place.entity, place.entity)):
            line = self.targets.get((entity, grain, start))
            if line:
                return self._acos_part(cost, sales, line, Exact(2))
        return None

    def _break_even(self, place: Place, cost: Number, sales: Number) -> Number:
        line = self.even.get(place)
        if line is None:
            line = self.even.get(
                Place("account", self.account.get(place.entity, place.entity), place.grain, place.start)
            )
        # Ads that sold nothing and cost nothing, or were paid back, are neither good nor bad.
        if line is None or cost is None or sales is None or (sales == 0 and cost <= 0):
            return None
        return ZERO if line <= 0 else self._acos_part(cost, sales, line, Exact("1.5"))

    def _cpc(self, place: Place, own: Figures) -> Number:
        before = start_of(place.grain, place.start - timedelta(days=1))
        last = self.figures(place._replace(start=before))
        # Clicks that were free, or paid back, are no price that another one could be above or below.
        if last.clicks is None or last.clicks < 20 or last.cost is None or last.cost <= 0:
            return None
        each = last.cost / last.clicks
        now = over(plus(own.cost, times(PRIOR_CLICKS, each)), plus(own.clicks, PRIOR_CLICKS))
        return capped(minus(ONE, over(minus(over(now, each), ONE), Exact("0.5"))))

    def _budget(self, place: Place) -> Number:
        entity = self.parent.get(place.entity, place.entity)
        use = self.values.get(("ad_budget_use", entity, place.grain, place.start))
        if use is None or use.value is None:
            return None
        if use.value < Exact("0.6"):
            return capped(use.value / Exact("0.6"))
        return Exact(100) if use.value <= Exact("0.95") else capped((Exact("1.2") - use.value) / Exact("0.25"))

    def _waste(self, place: Place, peers: list[Place], cpc0: Number) -> Number:
        wasted, targeted = self.wasted.get(place, (None, None))
        columns = list(zip(*(self.wasted.get(peer, (None, None)) for peer in peers), strict=True))
        whole = over(_sum(columns[0]), _sum(columns[1]))
        prior = times(PRIOR_CLICKS, cpc0)
        rate = over(plus(wasted, times(prior, whole)), plus(targeted, prior))
        return capped(minus(ONE, over(rate, Exact("0.4"))))


def _more(all_of: Number, own: Number) -> bool:
    """Whether the peers have more than the entity alone."""
    return (all_of or ZERO) > (own or ZERO)


def _sum(numbers: tuple[Number, ...]) -> Number:
    there = [number for number in numbers if number is not None]
    return sum(there, ZERO) if there else None


def score_of(parts: dict[str, Number]) -> Number:
    """100 less the points that each part loses, rounded to six decimals so that they add up."""
    weights = {name: Exact(weight) for name, weight in WEIGHTS.items() if parts[name] is not None}
    if not weights:
        return None
    whole, running, lost = sum(weights.values(), ZERO), ZERO, ZERO
    for name, weight in weights.items():
        running += weight * (100 - (parts[name] or ZERO)) / whole
        lost = rounded(running, 6)
    return 100 - lost
