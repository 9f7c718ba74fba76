"""The simulated Amazon Ads API."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from airflow_dags.sandbox.amazon_ads.api import blueprint
from airflow_dags.sandbox.amazon_ads.campaigns import budgets_of
from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.ads import residual
from airflow_dags.sandbox.business.ads_other import other_ads
from airflow_dags.sandbox.business.ads_targeting import sp_search_terms, sp_targets
from airflow_dags.sandbox.platforms import SandboxPlatform, Total
from airflow_dags.sandbox.state import SandboxState

EVERYTHING_DAYS = 3650
_OTHERS = {"SB": ("sb_campaigns", "sb_ad_group", "sb_targeting"), "SD": ("sd_campaigns", "sd_ad_group", "sd_targeting")}


def _connections(state: SandboxState) -> dict[str, dict[str, Any]]:
    """Without the option of a retention the sandbox answers for all of its days, and its connections say so."""
    found = state.credentials.amazon_ads_connections(state.base_url)
    if state.options.ads_retention_days is None:
        for connection in found.values():
            connection["extra"]["history_days"] = str(EVERYTHING_DAYS)
    return found


def _totals(business: Business, revision: int) -> Iterable[Total]:
    """`cost`, `sales` and `clicks` of every stream by day, and the daily `budget` of all campaigns as of today. Sales
    are those within 7 days for Sponsored Products, within 14 days for Brands and Display."""
    for account in business.catalogue.accounts:
        account_id = account.account_id
        for day in business.days():
            sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
            groups = set()
            for row in business.ads(account_id, day, revision):
                groups.add(row.ad_group)
                for stream in ("sp_campaigns", "sp_advertised_product"):
                    _add(sums[stream], row.cost, row.sales, row.clicks)
            for group in groups:
                _add(sums["sp_campaigns"], residual(group, day)[1], 0, 0)
            for stream, found in (("sp_targeting", sp_targets), ("sp_search_term", sp_search_terms)):
                for one in found(business, account_id, day, revision):
                    _, clicks, cost, _, sales = one.measures
                    _add(sums[stream], cost, sales, clicks)
            for kind, streams in _OTHERS.items():
                for other in other_ads(business, account_id, kind, day, revision):  # type: ignore[arg-type]
                    for stream in streams:
                        _add(sums[stream], other.cost, other.sales, other.clicks)
            for stream, (cost, sales, clicks) in sums.items():
                yield Total(stream, account_id, day, "cost", Decimal(cost).scaleb(-2))
                yield Total(stream, account_id, day, "sales", Decimal(sales).scaleb(-2))
                yield Total(stream, account_id, day, "clicks", Decimal(clicks))
        budgets = budgets_of(business, account_id, revision).values()
        total = sum(cents for budget in budgets for cents in budget.values())
        yield Total("budgets", account_id, business.as_of, "budget", Decimal(total).scaleb(-2))


def _add(sums: list[int], *values: int) -> None:
    for place, value in enumerate(values):
        sums[place] += value


PLATFORM = SandboxPlatform("amazon_ads", blueprint, _connections, _totals)
