"""Sponsored Brands and Sponsored Display: campaigns, ad groups and targets of their own, and what they cost and caused.

They are beside the Sponsored Products of `ads`: nothing there changes, and their sales are not marked on orders (a sale
that a brand ad helped may be claimed by several ads). A target's day is the smallest record; ad groups and campaigns
are its sums. Cost and clicks are final at once; sales within 14 days of the click or view grow until then, so the first
pull understates the last two weeks, and one ad group's day has no rows any more at revision 1. Money is whole cents.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

from airflow_dags.sandbox.business.calendar import strength
from airflow_dags.sandbox.business.catalogue import Account, stable_number, stable_share

if TYPE_CHECKING:
    from airflow_dags.sandbox.business.simulation import Business

Kind = Literal["SB", "SD"]
KINDS: tuple[Kind, ...] = ("SB", "SD")
RESTATED_DAYS, EMPTIED_DAYS_AGO = 14, 6
_AVERAGE_PRICE = 4_500
_TARGETS = {"SB": 3, "SD": 2}


@dataclass(frozen=True, slots=True)
class Target:
    """A keyword (``match_type`` BROAD, PHRASE or EXACT) or an expression that is targeted."""

    target_id: int
    text: str
    match_type: str


@dataclass(frozen=True, slots=True)
class OtherAdGroup:
    ad_group_id: int
    name: str
    targets: tuple[Target, ...]
    cpc: int  # cents
    ctr: float
    acos: float


@dataclass(frozen=True, slots=True)
class OtherCampaign:
    campaign_id: int
    name: str
    kind: Kind
    account_id: str
    budget: int  # cents a day
    cost_type: str
    ad_groups: tuple[OtherAdGroup, ...]


@dataclass(frozen=True, slots=True)
class TargetDay:
    """One target on one day; ``sales`` and ``purchases`` within 14 days, those after a click in ``clicked_*``."""

    campaign: OtherCampaign
    ad_group: OtherAdGroup
    target: Target
    impressions: int
    clicks: int
    cost: int
    purchases: int
    sales: int
    clicked_purchases: int
    clicked_sales: int

    @property
    def measures(self) -> tuple[int, ...]:
        figures = (self.impressions, self.clicks, self.cost, self.purchases, self.sales)
        return (*figures, self.clicked_purchases, self.clicked_sales)


def other_campaigns(business: Business, account_id: str, kind: Kind | None = None) -> list[OtherCampaign]:
    """The account's campaigns of one kind or of both."""
    with _lock:
        if business not in _made:
            made = [
                _campaign(business, account, made_kind, number)
                for account in business.catalogue.accounts
                for made_kind in KINDS
                for number in range(1, 2 if business.small else 4)
            ]
            _made[business] = made
        found = [one for one in _made[business] if one.account_id == account_id]
    return [one for one in found if kind is None or one.kind == kind]


_made: WeakKeyDictionary[Business, list[OtherCampaign]] = WeakKeyDictionary()
_lock = threading.RLock()


def _campaign(business: Business, account: Account, kind: Kind, number: int) -> OtherCampaign:
    key = (business.seed, account.account_id, kind, number)
    brand = account.brands[number % 2]
    is_viewed = kind == "SD" and number == 3
    return OtherCampaign(
        campaign_id=_id(*key),
        name=f"{kind} {brand} {'brand store' if kind == 'SB' else 'remarketing'} {number:02d}",
        kind=kind,
        account_id=account.account_id,
        budget=2_000 + 500 * (stable_number(*key, "budget") % 7),
        cost_type="VCPM" if is_viewed else "CPC",
        ad_groups=tuple(_ad_group(kind, brand, (*key, part)) for part in (1, 2)),
    )


def _ad_group(kind: Kind, brand: str, key: tuple[object, ...]) -> OtherAdGroup:
    words = (f"{brand} headphones", f"best {brand}", f"{brand} store") if kind == "SB" else ()
    targets = []
    for number in range(_TARGETS[kind]):
        if words:
            text, match = words[number].lower(), ("EXACT", "PHRASE", "BROAD")[number]
        else:
            text, match = ("views=(exact-product lookback=30)", "similar-product")[number], "TARGETING_EXPRESSION"
        targets.append(Target(_id(*key, number), text, match))
    return OtherAdGroup(
        ad_group_id=_id(*key),
        name=f"{brand} {'headline' if kind == 'SB' else 'audience'} {key[-1]}",
        targets=tuple(targets),
        cpc=70 + stable_number(*key, "cpc") % 80,
        ctr=0.002 + 0.004 * stable_share(*key, "ctr"),
        acos=0.22 + 0.15 * stable_share(*key, "acos"),
    )


def _id(*parts: object) -> int:
    return 2 * 10**14 + stable_number("other ads", *parts) % (7 * 10**14)


def other_ads(business: Business, account_id: str, kind: Kind, day: date, revision: int) -> list[TargetDay]:
    """The account's results of the day by target; empty for a day without data."""
    if not business.first_day <= day <= business.last_day:
        return []
    age = (business.as_of - day).days
    rows = []
    for campaign in other_campaigns(business, account_id, kind):
        for position, group in enumerate(campaign.ad_groups):
            if revision and age == EMPTIED_DAYS_AGO and position == 1:
                continue
            rows += [_target_day(business, campaign, group, target, day) for target in group.targets]
    if revision == 0 and age <= RESTATED_DAYS:
        return [_as_first_pulled(row, age) for row in rows]
    return rows


def _target_day(
    business: Business, campaign: OtherCampaign, group: OtherAdGroup, target: Target, day: date
) -> TargetDay:
    def share(what: str) -> float:
        return stable_share(business.seed, target.target_id, day, what)

    part = len(campaign.ad_groups) * len(group.targets)
    cost = round(campaign.budget / part * min(1.0, 0.45 * strength(day)) * (0.8 + 0.4 * share("cost")))
    clicks = max(1, round(cost / group.cpc))
    sales = round(cost / group.acos * (0.6 + 0.8 * share("sales"))) if share("sold") < 0.8 else 0
    purchases = max(1, round(sales / _AVERAGE_PRICE)) if sales else 0
    clicked = 1.0 if campaign.kind == "SB" else 0.7
    return TargetDay(
        campaign=campaign,
        ad_group=group,
        target=target,
        impressions=round(clicks / group.ctr),
        clicks=clicks,
        cost=cost,
        purchases=purchases,
        sales=sales,
        clicked_purchases=round(purchases * clicked),
        clicked_sales=round(sales * clicked),
    )


def _as_first_pulled(row: TargetDay, age: int) -> TargetDay:
    known = 0.85 + 0.14 * (age - 1) / (RESTATED_DAYS - 1)
    late = (row.purchases, row.sales, row.clicked_purchases, row.clicked_sales)
    figures = (round(value * known) for value in late)
    return TargetDay(row.campaign, row.ad_group, row.target, row.impressions, row.clicks, row.cost, *figures)
