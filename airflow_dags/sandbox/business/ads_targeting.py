"""What Sponsored Products' ad groups target, and which search terms customers typed: the results of `ads`, broken down.

Each ad group's day is split over its three targets: impressions, clicks, cost, purchases and sales of the targets add
up to those of the advertised products, which is the campaign report less what it shows beyond them (`ads.residual`).
A target's results are split over search terms again, but terms without a click are not reported, and one part of each
target's cost belongs to terms that Amazon doesn't name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from airflow_dags.sandbox.business.catalogue import AdGroup, stable_number, stable_share

if TYPE_CHECKING:
    from airflow_dags.sandbox.business.simulation import Business

WEIGHTS = (5, 3, 2)
TERM_WEIGHTS = (5, 3, 2)  # the last one isn't reported
_EXTRAS = ("", "with case", "for home")


@dataclass(frozen=True, slots=True)
class SpTarget:
    """A keyword (match type EXACT, PHRASE, BROAD) or an automatic target (TARGETING_EXPRESSION_PREDEFINED)."""

    target_id: int
    text: str
    match_type: str
    bid: int  # cents


@dataclass(frozen=True, slots=True)
class SpTargetDay:
    """``measures`` are impressions, clicks, cost (cents), purchases and sales (cents) within 7 days."""

    ad_group: AdGroup
    target: SpTarget
    measures: tuple[int, ...]
    search_term: str | None = None


def targets_of(group: AdGroup) -> tuple[SpTarget, ...]:
    noun = group.skus[0].name.split(",")[0].lower()
    kinds = (("EXACT", noun), ("BROAD", group.cell.category), ("TARGETING_EXPRESSION_PREDEFINED", "close-match"))
    return tuple(
        SpTarget(
            3 * 10**14 + stable_number("target", group.ad_group_id, match) % (6 * 10**14), text, match, round(group.cpc)
        )
        for match, text in kinds
    )


def sp_targets(business: Business, account_id: str, day: date, revision: int) -> Iterator[SpTargetDay]:
    """The day's results by target, only of targets that were shown."""
    totals: dict[int, tuple[AdGroup, list[int]]] = {}
    for row in business.ads(account_id, day, revision):
        _, sums = totals.setdefault(row.ad_group.ad_group_id, (row.ad_group, [0] * 5))
        for place, value in enumerate((row.impressions, row.clicks, row.cost, row.purchases, row.sales)):
            sums[place] += value
    for group, sums in totals.values():
        turn = int(stable_share(business.seed, group.ad_group_id, day, "turn") * 3)
        weights = WEIGHTS[turn:] + WEIGHTS[:turn]
        parts = zip(*(split(value, weights) for value in sums), strict=True)
        for target, measures in zip(targets_of(group), parts, strict=True):
            if any(measures):
                yield SpTargetDay(group, target, measures)


def sp_search_terms(business: Business, account_id: str, day: date, revision: int) -> Iterator[SpTargetDay]:
    """The day's results by search term: terms with a click, and a name."""
    for one in sp_targets(business, account_id, day, revision):
        parts = list(zip(*(split(value, TERM_WEIGHTS) for value in one.measures), strict=True))
        for extra, measures in zip(_EXTRAS, parts[:-1], strict=False):
            if measures[1]:
                is_automatic = one.target.match_type.startswith("TARGETING")
                words = one.ad_group.skus[-1].name.split(",")[0].lower() if is_automatic else one.target.text
                yield SpTargetDay(one.ad_group, one.target, measures, f"{words} {extra}".strip())


def split(total: int, weights: tuple[int, ...]) -> list[int]:
    """Whole parts of ``total`` by weight that add up to it."""
    parts, reach, given = [], 0, 0
    for weight in weights:
        reach += weight
        part = total * reach // sum(weights) - given
        given += part
        parts.append(part)
    return parts
